"""Compare conditions: groups, pairs and regression on foot-strike angle.

Steps are averaged within a runner and side, sides within a runner: the runner is the
unit. Values that rest on an assumption (``basis`` assumed) are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.lab.strike import REARFOOT_ABOVE_DEG
from strikelean.loads.cohort import read_metrics
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.trial import write_table
from strikelean.studies.published import (
    PublishedEffect,
    check_metrics,
    published_signs,
    read_published,
)
from strikelean.studies.statistics import (
    Contrast,
    between_runners,
    holm,
    slope_on,
    within_runners,
)

STRIKE_ANGLE = "foot_strike_angle_contact"
REARFOOT, NON_REARFOOT = "rearfoot", "non_rearfoot"
CONDITION_ORDER = ("heel_strike", "forefoot_upright", "forefoot_lean")
KNOWN_SHARE = 0.5
"""Share of a side's steps in which a metric must be known (project definition)."""

SMALL_GROUP = 20
"""Runners in a group under which the design is called small (project definition)."""

COMPARISON_COLUMNS = (
    "metric",
    "unit",
    "condition_a",
    "condition_b",
    "design",
    "n_a",
    "n_b",
    "difference",
    "ci_low",
    "ci_high",
    "effect_size",
    "p_raw",
    "p_holm",
)
REGRESSION_COLUMNS = (
    "metric",
    "unit",
    "predictor",
    "slope",
    "ci_low",
    "ci_high",
    "n",
    "p_raw",
    "p_holm",
)
EFFECT_INTERVAL = ("effect_low", "effect_high")


@dataclass(frozen=True)
class CompareSettings:
    """How conditions are compared.

    Attributes:
        primary: metrics of the primary family; Holm corrects it and the rest
            (exploratory) separately, each by itself.
        side: ``both`` (sides averaged within a runner), ``right`` or ``left``.
    """

    primary: tuple[str, ...]
    side: str = "both"


def runner_means(metrics: pd.DataFrame, side: str = "both") -> pd.DataFrame:
    """Average steps within side and trial, then sides, then trials of a condition.

    A metric that is known in fewer than half of a side's steps is left out there: the
    few would not be the side's usual steps.

    Args:
        metrics: cohort table in the conventions' columns.
        side: ``both``, ``right`` or ``left``.

    Returns:
        One row per (subject, condition) and one column per metric.
    """
    chosen = metrics[metrics["basis"] != "assumed"]
    if side != "both":
        chosen = chosen[chosen["side"] == side]
    unit = ["subject", "condition", "metric"]
    steps = chosen.groupby([*unit, "trial", "side"], sort=True)["value"]
    usual = steps.count() >= KNOWN_SHARE * steps.size()
    by_side = steps.mean()[usual].dropna()
    by_trial = by_side.groupby(level=[*unit, "trial"]).mean()
    by_runner = by_trial.groupby(level=unit).mean().reset_index()
    return by_runner.pivot_table(index=["subject", "condition"], columns="metric", values="value")


def bracketed_shares(metrics: pd.DataFrame) -> dict[str, float]:
    """Return, by metric, the share of known values that carry a bracket."""
    known = metrics[metrics["value"].notna()]
    shares = known["value_high"].notna().groupby(known["metric"]).mean()
    return {str(metric): float(share) for metric, share in shares.items()}


def _condition_key(condition: str) -> tuple[int, str]:
    known = condition in CONDITION_ORDER
    return (CONDITION_ORDER.index(condition) if known else len(CONDITION_ORDER), condition)


def paired_conditions(means: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of conditions that at least two runners share."""
    if means.empty:
        return []
    runners: dict[str, set[str]] = {}
    for subject, condition in means.index:
        runners.setdefault(str(condition), set()).add(str(subject))
    ordered = sorted(runners, key=_condition_key)
    return [(a, b) for a, b in combinations(ordered, 2) if len(runners[a] & runners[b]) >= 2]


def by_subject(means: pd.DataFrame) -> pd.DataFrame:
    """Return one row per runner, conditions averaged."""
    return means.groupby(level="subject").mean()


def strike_groups(runners: pd.DataFrame) -> pd.Series[str]:
    """Return each runner's group by mean foot-strike angle; blank where it is unknown.

    Rearfoot above 7.4 degrees (Mo 2023); midfoot and forefoot are taken together.
    """
    if STRIKE_ANGLE not in runners:
        return pd.Series("", index=runners.index, dtype=str)
    angle = runners[STRIKE_ANGLE]
    group = np.where(angle > REARFOOT_ABOVE_DEG, REARFOOT, NON_REARFOOT)
    return pd.Series(np.where(angle.isna(), "", group), index=runners.index, dtype=str)


def _design(name: str, contrast: Contrast) -> str:
    small = min(contrast.n_a, contrast.n_b) < SMALL_GROUP
    return f"{name} (small n)" if small else name


def _row(
    metric: str, unit: str, conditions: tuple[str, str], design: str, contrast: Contrast
) -> dict[str, object]:
    return {
        "metric": metric,
        "unit": unit,
        "condition_a": conditions[0],
        "condition_b": conditions[1],
        "design": _design(design, contrast),
        "n_a": contrast.n_a,
        "n_b": contrast.n_b,
        "difference": contrast.difference,
        "ci_low": contrast.ci_low,
        "ci_high": contrast.ci_high,
        "effect_size": contrast.effect_size,
        "effect_low": contrast.effect_low,
        "effect_high": contrast.effect_high,
        "p_raw": contrast.p,
    }


def _paired_rows(means: pd.DataFrame, units: pd.Series[str]) -> Iterator[dict[str, object]]:
    for a, b in paired_conditions(means):
        first, second = (means.xs(c, level="condition") for c in (a, b))
        for metric in means.columns:
            both = pd.concat([first[metric], second[metric]], axis=1, join="inner").dropna()
            values = both.to_numpy(dtype=np.float64)
            contrast = within_runners(values[:, 0], values[:, 1])
            if contrast is not None:
                yield _row(str(metric), units[metric], (a, b), "within_runners", contrast)


def _group_rows(means: pd.DataFrame, units: pd.Series[str]) -> Iterator[dict[str, object]]:
    runners = by_subject(means)
    groups = strike_groups(runners)
    for metric in runners.columns:
        values = [
            runners.loc[groups == group, metric].dropna().to_numpy(dtype=np.float64)
            for group in (REARFOOT, NON_REARFOOT)
        ]
        contrast = between_runners(values[0], values[1])
        if contrast is not None:
            conditions = (REARFOOT, NON_REARFOOT)
            if metric == STRIKE_ANGLE:  # it made the groups, so a test of it says nothing
                contrast = replace(contrast, p=float("nan"))
            yield _row(str(metric), units[metric], conditions, "between_runners", contrast)


def add_holm(table: pd.DataFrame, primary: Sequence[str], within: Sequence[str]) -> pd.DataFrame:
    """Return the table with ``p_holm``: primary metrics and the rest are two families.

    Args:
        table: with ``metric`` and ``p_raw``.
        primary: metrics of the primary family.
        within: columns that separate contrasts; every contrast has its own families.
    """
    result = table.copy()
    result["p_holm"] = np.nan
    if result.empty:
        return result
    family = result["metric"].isin(list(primary)).rename("primary")
    for _, rows in result.groupby([*[result[name] for name in within], family]).groups.items():
        result.loc[rows, "p_holm"] = holm(result.loc[rows, "p_raw"].to_list())
    return result


def comparisons(metrics: pd.DataFrame, settings: CompareSettings) -> pd.DataFrame:
    """Compare every metric between conditions.

    Where at least two runners share two conditions these are compared within runners;
    else runners are compared between strike classes, by angle.

    Returns:
        The columns of comparisons.csv and the interval of the effect size.
    """
    means = runner_means(metrics, settings.side)
    units = metrics.drop_duplicates("metric").set_index("metric")["unit"]
    design = _paired_rows if paired_conditions(means) else _group_rows
    rows = list(design(means, units))
    columns = [c for c in COMPARISON_COLUMNS if c != "p_holm"] + list(EFFECT_INTERVAL)
    table = pd.DataFrame(rows, columns=columns)
    return add_holm(table, settings.primary, ("condition_a", "condition_b"))


def regressions(metrics: pd.DataFrame, settings: CompareSettings) -> pd.DataFrame:
    """Regress every metric on foot-strike angle, one point a runner.

    Returns:
        The columns of regressions.csv; slopes are per degree, toe-up positive, so a
        forefoot effect has the opposite sign.
    """
    units = metrics.drop_duplicates("metric").set_index("metric")["unit"]
    means = runner_means(metrics, settings.side)
    rows = []
    runners = by_subject(means) if len(means) else means
    for metric in runners.columns if STRIKE_ANGLE in runners else []:
        if metric == STRIKE_ANGLE:
            continue
        values = runners[[STRIKE_ANGLE, metric]].dropna().to_numpy(dtype=np.float64)
        slope = slope_on(values[:, 0], values[:, 1])
        if slope is None:
            continue
        rows.append(
            {
                "metric": metric,
                "unit": f"{units[metric]}/deg",
                "predictor": STRIKE_ANGLE,
                "slope": slope.slope,
                "ci_low": slope.ci_low,
                "ci_high": slope.ci_high,
                "n": slope.n,
                "p_raw": slope.p,
            }
        )
    table = pd.DataFrame(rows, columns=[c for c in REGRESSION_COLUMNS if c != "p_holm"])
    return add_holm(table, settings.primary, ("predictor",))


@dataclass(frozen=True)
class CompareOutputs:
    """Where comparisons.csv, regressions.csv and published_signs.csv go."""

    comparisons: Path
    regressions: Path
    signs: Path


def compare_conditions(
    metrics: Path,
    metrics_list: Path,
    studies: Sequence[Path],
    outputs: CompareOutputs,
    side: str = "both",
) -> None:
    """Write comparisons.csv, regressions.csv and published_signs.csv of a cohort.

    Args:
        metrics: the cohort's metrics.csv.
        metrics_list: config/schemas/metrics.yaml, which the studies' metrics must be in.
        studies: files of published effects; their metrics are the primary family.
        outputs: tables written; a header alone when there are too few runners.
        side: ``both``, ``right`` or ``left``.

    Raises:
        RecordingError: metrics.csv is absent or lacks columns.
        ConfigError: a study's file is broken or names an unknown metric.
    """
    known = list(read_metrics_list(metrics_list))
    published: list[PublishedEffect] = []
    for path in studies:
        found = read_published(path)
        check_metrics(found, known, path)
        published += found
    table = read_metrics(metrics)
    primary = tuple(dict.fromkeys(name for effect in published for name in effect.metrics))
    settings = CompareSettings(primary, side)
    compared = comparisons(table, settings)
    regressed = regressions(table, settings)
    write_table(compared[list(COMPARISON_COLUMNS)], outputs.comparisons)
    write_table(regressed[list(REGRESSION_COLUMNS)], outputs.regressions)
    signs = published_signs(published, compared, regressed, bracketed_shares(table))
    write_table(signs, outputs.signs)
