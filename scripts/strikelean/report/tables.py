"""Tables of the page: comparisons, slopes and published effects from the cohort's CSV files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.power import TTestIndPower, TTestPower

from strikelean.loads.patellofemoral import METHODS
from strikelean.report.digits import (
    MINUS,
    UNKNOWN,
    count,
    interval,
    interval_decimals,
    known,
    number,
    probability,
    rounded,
)
from strikelean.report.groups import Groups, words
from strikelean.studies.compare import NON_REARFOOT, REARFOOT, by_subject, strike_groups

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


def group_means(groups: Groups, metric: str, a: str, b: str) -> tuple[float, float]:
    """Return the means over runners that a row of comparisons.csv is the difference of.

    Args:
        groups: of the page.
        metric: name.
        a, b: ``condition_a`` and ``condition_b`` of the row.

    Returns:
        Means of a and of b; NaN where unknown.
    """
    if metric not in groups.means:
        return np.nan, np.nan
    if {a, b} == {REARFOOT, NON_REARFOOT}:
        runners = by_subject(groups.means)
        classes = strike_groups(runners)
        first, second = (runners.loc[classes == name, metric] for name in (a, b))
        return float(first.mean()), float(second.mean())
    wide = groups.means.reset_index().pivot_table(
        index="subject", columns="condition", values=metric
    )
    if not {a, b} <= set(wide.columns):
        return np.nan, np.nan
    both = wide[[a, b]].dropna()
    return float(both[a].mean()), float(both[b].mean())


def detectable_effect(design: str, n_a: int, n_b: int) -> float:
    """Return the standardised difference that a test at 5 % would find in 4 of 5 cohorts.

    Args:
        design: as in comparisons.csv; pairs when it begins with ``within``.
        n_a, n_b: runners.

    Returns:
        Cohen's d, NaN where groups are too small for any.
    """
    if min(n_a, n_b) < 2:
        return float("nan")
    if design.startswith("within"):
        found = TTestPower().solve_power(nobs=n_a, alpha=0.05, power=0.8)
    else:
        found = TTestIndPower().solve_power(nobs1=n_a, ratio=n_b / n_a, alpha=0.05, power=0.8)
    return float(np.squeeze(found))


def comparison_tables(
    comparisons: pd.DataFrame, groups: Groups, bracketed: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Return one table a contrast: its names, numbers of runners and printed rows.

    Args:
        comparisons: comparisons.csv.
        groups: of the page.
        bracketed: by metric, share of values that carry a bracket.
    """
    tables = []
    for (a, b, design), own in comparisons.groupby(
        ["condition_a", "condition_b", "design"], sort=False
    ):
        n_a, n_b = int(own["n_a"].max()), int(own["n_b"].max())
        tables.append(
            {
                "a": words(str(a)),
                "b": words(str(b)),
                "paired": str(design).startswith("within"),
                "small": "small n" in str(design),
                "n_a": n_a,
                "n_b": n_b,
                "detectable": number(detectable_effect(str(design), n_a, n_b), 2),
                "metrics": len(own),
                "tested": int(own["p_raw"].notna().sum()),
                "raw": int((own["p_raw"] < 0.05).sum()),
                "holm": int((own["p_holm"] < 0.05).sum()),
                "rows": [
                    _comparison_row(row, groups, bracketed) for _, row in key_rows(own).iterrows()
                ],
            }
        )
    return tables


def _comparison_row(
    row: pd.Series[Any], groups: Groups, bracketed: Mapping[str, float]
) -> dict[str, str]:
    decimals = interval_decimals(row["ci_low"], row["ci_high"])
    first, second = group_means(
        groups, str(row["metric"]), str(row["condition_a"]), str(row["condition_b"])
    )
    return {
        "metric": label(str(row["metric"])),
        "bracketed": _flag(bracketed.get(str(row["metric"]))),
        "unit": str(row["unit"]),
        "n": f"{count(row['n_a'])} / {count(row['n_b'])}",
        "mean_a": rounded(first, decimals),
        "mean_b": rounded(second, decimals),
        "difference": rounded(row["difference"], decimals),
        "interval": interval(row["ci_low"], row["ci_high"], decimals),
        "effect": rounded(row["effect_size"], 2),
        "p_raw": probability(row["p_raw"]),
        "p_holm": probability(row["p_holm"]),
    }


def regression_rows(regressions: pd.DataFrame) -> list[dict[str, str]]:
    """Return the key slopes per 10 degrees as printed cells; the file has them per degree."""
    rows = []
    for _, row in key_rows(regressions).iterrows():
        low, high = 10.0 * row["ci_low"], 10.0 * row["ci_high"]
        decimals = interval_decimals(low, high)
        rows.append(
            {
                "metric": label(str(row["metric"])),
                "unit": str(row["unit"]).removesuffix("/deg"),
                "slope": rounded(10.0 * row["slope"], decimals),
                "interval": interval(low, high, decimals),
                "n": count(row["n"]),
                "p_raw": probability(row["p_raw"]),
                "p_holm": probability(row["p_holm"]),
            }
        )
    return rows


def sign_groups(signs: pd.DataFrame) -> list[dict[str, Any]]:
    """Return published effects, each with the rows of this project's metrics beside it."""
    keys = ["study", "variable", "condition_a", "condition_b"]
    groups = []
    for _, own in signs.groupby(keys, sort=False, dropna=False):
        first = own.iloc[0]
        groups.append(
            {
                "study": str(first["study"]),
                "variable": str(first["variable"]),
                "contrast": f"{words(str(first['condition_b']))} against "
                f"{words(str(first['condition_a']))}",
                "published": _published(first),
                "n": _text(first["published_n"]) or UNKNOWN,
                "design": words(_text(first["published_design"])),
                "level": words(_text(first["evidence_level"])),
                "note": _text(first["note"]),
                "rows": [_sign_row(row) for _, row in own.iterrows()],
            }
        )
    return groups


def sign_tally(signs: pd.DataFrame) -> list[tuple[str, int]]:
    """Return how often each verdict on a sign stands in the table, clear ones first."""
    counts = signs["same_sign"].value_counts()
    order = sorted(counts.index, key=lambda name: (str(name).split(" ")[0] != "yes", str(name)))
    return [(str(name), int(counts[name])) for name in order]


def citations(signs: pd.DataFrame) -> list[dict[str, str]]:
    """Return the studies of the table, each once."""
    columns = ["study", "citation", "doi"]
    return [
        {key: _text(row[key]) for key in columns}
        for _, row in signs[columns].drop_duplicates().iterrows()
    ]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return f"{value:g}" if known(value) else ""


def _unit(unit: object) -> str:
    return "" if str(unit) in ("1", "1.0") else _text(unit)


def _flag(share: object) -> str:
    """Return in words how many steps lie beyond an area curve's data, nothing where few do."""
    if not known(share) or float(share) <= MANY_BRACKETED:  # type: ignore[arg-type]
        return ""
    return f"{100.0 * float(share):.0f} % of steps beyond the area data"  # type: ignore[arg-type]


def _published(row: pd.Series[Any]) -> str:
    text = str(row["published_direction"])
    if not known(row["published_effect"]):
        return text
    unit, spread = _text(row["published_unit"]), _text(row["published_ci"])
    size = f"{row['published_effect']:g} {unit}".strip().replace("-", MINUS)
    return f"{text}: {size}" + (f" ({spread.replace('-', MINUS)})" if spread else "")


def _sign_row(row: pd.Series[Any]) -> dict[str, str]:
    decimals = interval_decimals(row["ci_low"], row["ci_high"])
    return {
        "metric": label(str(row["metric"])),
        "bracketed": _flag(row["bracketed_share"]),
        "n": f"{count(row['n_a'])} / {count(row['n_b'])}",
        "difference": f"{rounded(row['difference'], decimals)} {_unit(row['unit'])}".strip()
        if known(row["difference"])
        else UNKNOWN,
        "effect": rounded(row["effect_size"], 2),
        "effect_interval": interval(row["effect_low"], row["effect_high"], 2),
        "same": str(row["same_sign"]),
        "slope": str(row["slope_same_sign"]),
    }
