"""Made-up cohorts for the tests of studies: tables of metrics with planted effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.declarations import Declaration
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.loads.runner_size import RunnerSize
from strikelean.studies.cohort import STRIKE_ANGLE, Cohort, build_cohort
from strikelean.studies.definitions import ClaimTest, ContrastSpec, Dose, metric_units
from strikelean.studies.inputs import StudyInputs

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "config" / "schemas"
CLAIMS_FILE = ROOT / "config" / "studies" / "claims.yaml"
STUDY_FILES = sorted(set((ROOT / "config" / "studies").glob("*.yaml")) - {CLAIMS_FILE})
UNITS = metric_units(SCHEMAS)
KNEE = "knee_extension_moment_peak"
STRESS = "patellofemoral_stress_net_moment_powers_peak"
LEAN = "trunk_lean_torso_axis_angle_mean"
BOTH = ("right", "left")

FOREFOOT = ContrastSpec(
    "forefoot", "forefoot against heel strike", "heel_strike", "forefoot_upright",
    between="strike_class",
)  # fmt: skip
LEANING = ContrastSpec(
    "lean", "trunk 6 deg further forward", "heel_strike", "lean", dose=Dose(LEAN, 6.0)
)
# what a technique may declare; the real declarations are not the tests' business
TECHNIQUES = {
    "forefoot_upright": Declaration(
        "forefoot_upright", ("foot_strike_angle_contact", "ankle_dorsiflexion_angle_*"),
        ("contact_time", "ground_*loading_rate*"),
    ),
    "lean": Declaration("lean", ("trunk_lean_*",), ("contact_time", "ground_*")),
}  # fmt: skip


def steps(
    subject: str,
    trial: str,
    condition: str,
    values: Mapping[str, float | Sequence[float]],
    *,
    basis: str = "measured",
    low: Mapping[str, float] | None = None,
    high: Mapping[str, float] | None = None,
    sides: Sequence[str] = BOTH,
) -> list[dict[str, object]]:
    """Return table rows: each metric's values are its steps, the same on every side."""
    rows = []
    for metric, given in values.items():
        for side in sides:
            for step, value in enumerate(np.atleast_1d(np.asarray(given, dtype=float))):
                rows.append(
                    {
                        "subject": subject,
                        "trial": trial,
                        "condition": condition,
                        "side": side,
                        "step": step,
                        "metric": metric,
                        "value": value,
                        "value_low": (low or {}).get(metric, np.nan),
                        "value_high": (high or {}).get(metric, np.nan),
                        "unit": UNITS.get(metric, "1"),
                        "basis": basis,
                    }
                )
    return rows


def table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return rows as a metrics table."""
    return pd.DataFrame(rows, columns=list(METRIC_COLUMNS))


def strikers(values: Mapping[str, Sequence[float]], angles: Sequence[float]) -> pd.DataFrame:
    """Return one recording a runner, with foot-strike angles and other metrics."""
    rows = []
    for number, angle in enumerate(angles):
        own = {metric: column[number] for metric, column in values.items()} | {STRIKE_ANGLE: angle}
        rows += steps(f"P{number}", "run1", "habitual", own)
    return table(rows)


def pairs(
    metric: str, a: Sequence[float], b: Sequence[float], conditions: tuple[str, str]
) -> pd.DataFrame:
    """Return two recordings a runner."""
    rows = []
    for number, (first, second) in enumerate(zip(a, b, strict=True)):
        rows += steps(f"P{number}", "run1", conditions[0], {metric: first})
        rows += steps(f"P{number}", "run2", conditions[1], {metric: second})
    return table(rows)


def predicted(
    metric: str,
    base: Sequence[float],
    change: float,
    *,
    trial: str = "run1~forefoot",
    condition: str = "forefoot_upright",
    band: float | None = None,
    own_condition: str = "heel_strike",
    extra: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return recordings and one derived trial a runner, ``band`` wide to either side."""
    rows = []
    for number, value in enumerate(base):
        rows += steps(f"P{number}", "run1", own_condition, {metric: value})
        after = value + change
        ends = ({metric: after - band}, {metric: after + band}) if band is not None else ({}, {})
        rows += steps(
            f"P{number}", trial, condition, {metric: after, **(extra or {})},
            basis="predicted", low=ends[0], high=ends[1],
        )  # fmt: skip
    return table(rows)


def choices_of(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return two choices that move predictions to the ends of the band in the table."""
    own = metrics[metrics["value_low"].notna()]
    key = ["subject", "trial", "side", "metric"]
    means = own.groupby(key)[["value", "value_low", "value_high"]].mean().reset_index()
    return means[key].assign(
        **{
            f"technique: {name}": means[end] - means["value"]
            for name, end in (("less", "value_low"), ("more", "value_high"))
        }
    )


def cohort(metrics: pd.DataFrame, *, virtual: bool = False, **more: object) -> Cohort:
    """Return a cohort, the test techniques declared, predictions banded as the table says."""
    given: dict[str, object] = {"techniques": TECHNIQUES, "choices": choices_of(metrics), **more}
    return build_cohort(metrics, virtual=virtual, **given)  # type: ignore[arg-type]


def claim_test(
    *metrics: str, expected: str = "decrease", contrast: ContrastSpec = FOREFOOT
) -> ClaimTest:
    """Return one test of a claim."""
    return ClaimTest(contrast, metrics, expected)


def inputs(folder: Path, metrics: pd.DataFrame, **more: object) -> StudyInputs:
    """Write a cohort's tables and return what rules about studies read."""
    metrics.to_csv(folder / "metrics.csv", index=False)
    quality = metrics[["subject", "trial"]].drop_duplicates()
    quality = quality.assign(included="yes", reason="")
    quality.to_csv(folder / "quality.csv", index=False)
    subjects = dict.fromkeys(metrics["subject"])
    values: dict[str, object] = {
        "metrics": folder / "metrics.csv",
        "quality": folder / "quality.csv",
        "studies": STUDY_FILES,
        "claims": CLAIMS_FILE,
        "techniques": (),
        "schemas": SCHEMAS,
        "runners": {s: {"mass_kg": 70.0, "height_m": 1.75} for s in subjects},
    }
    return StudyInputs(**(values | more))  # type: ignore[arg-type]


def sizes(subjects: Sequence[str], seed: int = 0) -> dict[str, RunnerSize]:
    """Return runners of different mass and stature."""
    rng = np.random.default_rng(seed)
    return {
        subject: RunnerSize(float(mass), float(height))
        for subject, mass, height in zip(
            subjects, rng.normal(70, 10, len(subjects)), rng.normal(1.75, 0.08, len(subjects)),
            strict=True,
        )
    }  # fmt: skip
