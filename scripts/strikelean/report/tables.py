"""Tables of the page: comparisons, slopes and published effects from the cohort's CSV files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from strikelean.loads.patellofemoral import METHODS
from strikelean.report.digits import (
    UNKNOWN,
    count,
    interval,
    interval_decimals,
    known,
    number,
    probability,
    rounded,
)
from strikelean.report.groups import words
from strikelean.studies.cohort import PREDICTED
from strikelean.studies.compare import STATUSES
from strikelean.studies.one_runner import ONE_RUNNER
from strikelean.studies.statistics import SMALL_GROUP, detectable_effect
from strikelean.techniques import TECHNIQUE_CONDITIONS

METHOD_SHORT = {
    "net_moment": "net moment",
    "quadriceps_sum": "quadriceps",
    "joint_reaction": "joint reaction",
}

# What a reader looks for first, as printed; everything else is in the CSV files.
KEY_METRICS: dict[str, str] = {
    "foot_strike_angle_contact": "foot-strike angle",
    "contact_time": "contact time",
    "step_rate": "step rate",
    "heel_hip_distance_contact": "heel ahead of hip at contact",
    "knee_flexion_angle_contact": "knee flexion at contact",
    "ground_vertical_force_peak_bw": "peak vertical force",
    "ground_vertical_force_loading_rate_average_bw": "average loading rate",
    "ground_vertical_force_loading_rate_instantaneous_bw": "peak loading rate",
    "knee_extension_moment_peak_per_kg": "peak knee extension moment",
    "ankle_plantarflexion_moment_peak_per_kg": "peak ankle plantarflexion moment",
    **{
        f"patellofemoral_stress_{method}_{curve}_peak": (
            f"peak patellofemoral stress: {METHOD_SHORT[method]}, {curve.capitalize()}"
        )
        for method in METHODS
        for curve in ("connolly", "powers")
    },
    "tibiofemoral_contact_force_peak_bw": "peak tibiofemoral force",
    "ankle_contact_force_peak_bw": "peak ankle joint force",
    "achilles_force_peak_bw": "peak Achilles force",
    "achilles_force_cumulative_per_km_bw": "Achilles load per kilometre",
    "knee_sagittal_work_negative_per_kg": "knee work absorbed (negative)",
    "ankle_sagittal_work_negative_per_kg": "ankle work absorbed (negative)",
}
NO_FINDING = dict(
    zip(
        STATUSES,
        ("the technique sets it", "the technique keeps it as recorded", "it follows from these"),
        strict=True,
    )
)
"""Flags of comparisons.csv under which a difference is no finding, and why."""
MANY_BRACKETED = 0.10
"""Share of steps beyond an area curve's data from which a stress is flagged on the page."""


def label(metric: str) -> str:
    """Return a metric as printed."""
    return KEY_METRICS.get(metric, words(metric.removesuffix("_bw")))


def key_rows(table: pd.DataFrame, metrics: Sequence[str] = tuple(KEY_METRICS)) -> pd.DataFrame:
    """Return the rows of the key metrics, in their order."""
    order = {name: place for place, name in enumerate(metrics)}
    chosen = table[table["metric"].isin(list(metrics))]
    return chosen.sort_values("metric", key=lambda names: names.map(order), kind="stable")


def answers_question(a: str, b: str) -> bool:
    """Whether a pair of conditions is about a technique: against no technique, or lean alone."""
    plain = [name.removesuffix(PREDICTED) for name in (a, b)]
    asked = [name in TECHNIQUE_CONDITIONS for name in plain]
    return asked != [True, True] or set(plain) == {"forefoot_upright", "forefoot_lean"}


def comparison_tables(
    comparisons: pd.DataFrame, bracketed: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return one table a contrast: its names, numbers of runners and printed rows.

    Of conditions those that answer the question of a technique; all where none does. What a
    technique sets, keeps or implies is no finding and is named without numbers.

    Args:
        comparisons: comparisons.csv.
        bracketed: by metric, share of values that carry a bracket.
    """
    tables = []
    comparisons = comparisons[comparisons["difference"].notna()]
    listed = set(comparisons["metric"]) & set(KEY_METRICS)
    single = comparisons["design"] == "mixed_model"
    for (a, b, design), own in comparisons[~single].groupby(
        ["condition_a", "condition_b", "design"], sort=False
    ):
        both = (comparisons["condition_a"] == a) & (comparisons["condition_b"] == b)
        n_a, n_b = int(own["n_a"].max()), int(own["n_b"].max())
        found = key_rows(own)
        found = found[~found[list(NO_FINDING)].astype(bool).any(axis=1)]
        virtual, predicted = bool(own["virtual"].any()), bool(own["predicted"].any())
        alone = design == ONE_RUNNER
        tables.append(
            {
                "name": f"{b}-against-{a}".replace(" ", "-").replace("(", "").replace(")", ""),
                "answers": answers_question(str(a), str(b)),
                "a": words(str(a)),
                "b": words(str(b)),
                "paired": design != "between_runners",
                "alone": alone,
                "predicted": predicted,
                "virtual": virtual,
                "banded": virtual or (alone and predicted),
                "sized": not (virtual or alone),
                "mixed": mixed_words(own, comparisons[single & both]),
                "small": min(n_a, n_b) < SMALL_GROUP,
                "n_a": n_a,
                "n_b": n_b,
                "detectable": number(detectable_effect(str(design), n_a, n_b), 2),
                "metrics": len(own),
                "tested": int(own["p_raw"].notna().sum()),
                "raw": int((own["p_raw"] < 0.05).sum()),
                "holm": int((own["p_holm"] < 0.05).sum()),
                "rows": [_comparison_row(row, bracketed) for _, row in found.iterrows()],
                "untold": _untold(key_rows(own).drop(found.index), listed - {*own["metric"]}),
            }
        )
    return [table for table in tables if table["answers"]] or tables


def _untold(rows: pd.DataFrame, absent: set[str]) -> list[dict[str, str]]:
    """Return the names of metrics that are no finding of a technique, by why.

    Args:
        rows: flagged rows.
        absent: metrics that other techniques have and this one does not.
    """
    told = []
    for status, why in NO_FINDING.items():
        names = ", ".join(
            label(str(name)) for name in rows.loc[rows[status].astype(bool), "metric"]
        )
        if names:
            told.append({"why": why, "metrics": names})
    if absent:
        names = ", ".join(label(name) for name in KEY_METRICS if name in absent)
        told.append({"why": "not known here", "metrics": names})
    return told


def mixed_words(paired: pd.DataFrame, mixed: pd.DataFrame) -> str:
    """Return how the mixed model on single steps bears out the paired tests, '' without one."""
    both = paired.merge(mixed, on="metric", suffixes=("", "_mixed"))
    both = both[both["p_raw"].notna() & both["p_raw_mixed"].notna()]
    if both.empty:
        return ""
    sign = int((both["difference"] * both["difference_mixed"] > 0).sum())
    same = int(((both["p_raw"] < 0.05) == (both["p_raw_mixed"] < 0.05)).sum())
    return (
        f"A mixed model on single steps, fitted for {len(both)} metrics that studies name, has the "
        f"same sign in {sign} and falls on the same side of p = 0.05 in {same} of them."
    )


def _comparison_row(row: pd.Series[Any], bracketed: Mapping[str, float]) -> dict[str, str]:
    alone = row["design"] == ONE_RUNNER
    ends = "band" if row["virtual"] or (alone and row["predicted"]) else "ci"
    low, high = row[f"{ends}_low"], row[f"{ends}_high"]
    decimals = interval_decimals(low, high)
    return {
        "metric": label(str(row["metric"])),
        "bracketed": _flag(bracketed.get(str(row["metric"]))),
        "unit": str(row["unit"]),
        "n": f"{count(row['n_a'])} / {count(row['n_b'])}",
        "mean_a": rounded(row["mean_a"], decimals),
        "mean_b": rounded(row["mean_b"], decimals),
        "difference": rounded(row["difference"], decimals),
        "interval": interval(low, high, decimals),
        "effect": rounded(row["effect_size"], 2),
        "p_raw": probability(row["p_raw"]),
        "p_holm": probability(row["p_holm"]),
    }


def regression_rows(regressions: pd.DataFrame) -> list[dict[str, str]]:
    """Return the key slopes per 10 degrees as printed cells; the file has them per degree."""
    plain = ~regressions["predictor"].str.endswith(" held")
    adjusted = regressions[~plain].set_index("metric")
    rows = []
    for _, row in key_rows(regressions[plain]).iterrows():
        slope, between = _slope_cells(row)
        held = slope_held = ""
        if row["metric"] in adjusted.index:
            other = adjusted.loc[row["metric"]]
            slope_held = "{} ({})".format(*_slope_cells(other))
            held = str(other["predictor"]).removesuffix(" held").split(", ", 1)[1]
        rows.append(
            {
                "metric": label(str(row["metric"])),
                "unit": str(row["unit"]).removesuffix("/deg"),
                "slope": slope,
                "interval": between,
                "n": count(row["n"]),
                "p_raw": probability(row["p_raw"]),
                "p_holm": probability(row["p_holm"]),
                "slope_held": slope_held or UNKNOWN,
                "held": words(held),
            }
        )
    return rows


def _slope_cells(row: pd.Series[Any]) -> tuple[str, str]:
    low, high = 10.0 * row["ci_low"], 10.0 * row["ci_high"]
    decimals = interval_decimals(low, high)
    return rounded(10.0 * row["slope"], decimals), interval(low, high, decimals)


def _flag(share: object) -> str:
    """Return in words how many steps lie beyond an area curve's data, nothing where few do."""
    if not known(share) or float(share) <= MANY_BRACKETED:  # type: ignore[arg-type]
        return ""
    return f"{100.0 * float(share):.0f} % of steps beyond the area data"  # type: ignore[arg-type]
