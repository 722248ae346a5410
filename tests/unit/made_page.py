"""Made-up cohorts and the pages made of them, for the tests of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from strikelean.formats.hdf5 import Waveform, write_waveforms
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.report.page import write_report
from strikelean.report.page_files import PageFiles
from strikelean.report.plans import PLANS
from strikelean.report.tables import KEY_METRICS
from strikelean.studies.claims import ClaimOutputs, judge_claims
from strikelean.studies.compare import CompareOutputs, compare_conditions
from strikelean.studies.inputs import StudyInputs, primary_metrics, read_cohort, read_definitions
from strikelean.studies.published import compare_studies
from strikelean.studies.waveform_files import write_waveform_tests
from study_cohorts import CLAIMS_FILE, ROOT, STUDY_FILES

METRICS_LIST = ROOT / "config/schemas/metrics.yaml"
BASE = np.sin(np.linspace(0.0, np.pi, 101))


def settings(**kinematics: Any) -> dict[str, Any]:
    """Return the project's own configuration, without its tables."""
    own = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    own["kinematics"] |= kinematics
    return {key: value for key, value in own.items() if key not in ("tables", "data_root")}


def metric_rows(
    subject: str, trial: str, condition: str, angle: float, seed: int
) -> list[dict[str, Any]]:
    """Return two steps a side of the metrics that the page asks for first."""
    rng = np.random.default_rng(seed)
    values = {name: rng.normal(3.0, 0.3) for name in KEY_METRICS}
    values |= {"foot_strike_angle_contact": angle, "strike_index_contact": 50.0 - angle}
    values |= {"running_speed": 3.5, "lumbar_extension_moment_peak": 20.0}
    units = read_metrics_list(METRICS_LIST)
    rows = []
    for name, value in values.items():
        for side in ("right", "left"):
            for step in (1, 2):
                basis = "assumed" if name.startswith("lumbar") else "measured"
                cells = (subject, trial, condition, side, step, name, value, np.nan, np.nan)
                rows.append(
                    dict(zip(METRIC_COLUMNS, (*cells, units[name].unit, basis), strict=True))
                )
    return rows


def page_files(at: Path, **more: Any) -> PageFiles:
    """Return the files of a folder that a page is made of, the project's own studies with them."""
    names = (
        "quality", "metrics", "comparisons", "regressions", "studies", "claims", "claim_tests",
        "waveform_tests",
    )  # fmt: skip
    return PageFiles(
        waveforms=at / "cohort.h5",
        study_files=STUDY_FILES,
        claims_file=CLAIMS_FILE,
        metrics_list=METRICS_LIST,
        **{name: at / f"{name}.csv" for name in names} | more,
    )


class Cohort:
    """A cohort's files in a folder, and the page made of them."""

    def __init__(
        self, folder: Path, runs: list[tuple[str, str, str, float]], *, virtual: bool = False
    ) -> None:
        """Write the files of runs ``(subject, trial, condition, angle)``."""
        self.folder = folder
        self.virtual = virtual
        self.runs = runs
        self.quality = pd.DataFrame(
            [
                {"subject": s, "trial": t, "included": "yes", "reason": "", "mass_kg": 70.0}
                for s, t, _, _ in runs
            ],
            columns=["subject", "trial", "included", "reason", "warnings", "mass_kg"],
        )
        rows = [row for seed, run in enumerate(runs) for row in metric_rows(*run, seed)]
        self.metrics = pd.DataFrame(rows, columns=list(METRIC_COLUMNS))
        self.waveforms = {
            f"{subject}/{trial}/{side}/{panel.quantity}": Waveform(
                1000.0 * np.array([BASE, 1.1 * BASE]), "N", "", "", "measured"
            )
            for subject, trial, _, _ in runs
            for side in ("right", "left")
            for plan in PLANS
            for panel in plan.panels
        }

    def write_studies(self) -> None:
        """Write the five tables about studies and the store of curves."""
        at = self.folder
        inputs = StudyInputs(
            metrics=at / "metrics.csv",
            quality=at / "quality.csv",
            studies=STUDY_FILES,
            claims=CLAIMS_FILE,
            techniques=(),
            schemas=METRICS_LIST.parent,
            virtual=self.virtual,
            runners={run[0]: {"mass_kg": 70.0, "height_m": 1.75} for run in self.runs},
        )
        studies, claims = read_definitions(inputs)
        cohort = read_cohort(inputs)
        outputs = CompareOutputs(at / "comparisons.csv", at / "regressions.csv")
        compare_conditions(cohort, primary_metrics(studies, claims), outputs)
        compare_studies(cohort, studies, at / "studies.csv")
        judge_claims(cohort, claims, ClaimOutputs(at / "claims.csv", at / "claim_tests.csv"))
        stores = at / "waveform_tests.csv", at / "waveform_tests.h5"
        write_waveform_tests(cohort, at / "cohort.h5", *stores)

    def page(self, **kinematics: Any) -> str:
        """Return the page's text."""
        at = self.folder
        self.quality.to_csv(at / "quality.csv", index=False)
        self.metrics.to_csv(at / "metrics.csv", index=False)
        write_waveforms(at / "cohort.h5", self.waveforms, {"opensim": "4.6", "code": "abc123"})
        self.write_studies()
        write_report(
            page_files(at), at / "report.html", "made", settings(**kinematics), virtual=self.virtual
        )
        return (at / "report.html").read_text(encoding="utf-8")


def alone(folder: Path) -> Cohort:
    """Return one runner in five conditions, one of them slower; their steps scatter by 1 %."""
    angles = {"usual": 15.0, "forefoot_upright": -3.0, "lean": 14.0, "cadence": 15.0, "slow": 16.0}
    made = Cohort(folder, [("ANNA", name, name, angle) for name, angle in angles.items()])
    rng = np.random.default_rng(5)
    scatter = 1.0 + 0.01 * rng.standard_normal(len(made.metrics))
    slower = (made.metrics["condition"] == "slow") & (made.metrics["metric"] == "running_speed")
    made.metrics["value"] *= scatter * np.where(slower, 2.5 / 3.5, 1.0)
    return made


def classes(count: int = 3) -> list[tuple[str, str, str, float]]:
    """Return runs of so many rearfoot and so many forefoot strikers, names like numbers."""
    heel = [(f"{n:03}", "run1", "", 12.0 + n) for n in range(count)]
    return heel + [(f"1{n:02}", "run1", "", -5.0 - n) for n in range(count)]
