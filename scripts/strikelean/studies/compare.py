"""Compare conditions: groups, pairs and regression on foot-strike angle, every metric.

Recorded conditions of the same runners are tested in pairs, and the metrics that studies name
also by a mixed model on single steps; where no two conditions are shared, runners are compared
between foot-strike classes. On virtual runners nothing is tested: their number is a setting, so
the interval is the model's own band and p stays blank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.attempts import Failure, attempt
from strikelean.declarations import FREE, status_in
from strikelean.formats.files import write_table
from strikelean.studies.cohort import (
    STRIKE_ANGLE,
    STRIKE_PAIRS,
    Cohort,
    paired_conditions,
    strike_groups,
)
from strikelean.studies.mixed import mixed_effect
from strikelean.studies.statistics import (
    SMALL_GROUP,
    Contrast,
    Slope,
    between_runners,
    holm,
    slope_on,
    within_runners,
)

SPEED = "running_speed"
COVARIATES = (SPEED, "mass_kg", "height_m")
RUNNERS_PER_PREDICTOR = 2
"""Runners that each predictor of a line needs at least; Austin & Steyerberg 2015,
10.1016/j.jclinepi.2014.12.014: coefficients, errors and intervals are sound from two on."""

SMALLEST_SPREAD = 0.02
"""Standard deviation over mean from which a covariate varies (project definition): a treadmill's
speed is the same for all, and its noise explains nothing."""

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
MISSING = float("nan")


def bracketed_shares(metrics: pd.DataFrame) -> dict[str, float]:
    """Return, by metric, the share of known recorded values that carry a bracket."""
    known = metrics[metrics["value"].notna() & (metrics["basis"] != "predicted")]
    shares = known["value_high"].notna().groupby(known["metric"]).mean()
    return {str(metric): float(share) for metric, share in shares.items()}


def _row(
    metric: str, unit: str, conditions: tuple[str, str], design: str, contrast: Contrast
) -> dict[str, object]:
    small = min(contrast.n_a, contrast.n_b) < SMALL_GROUP and "virtual" not in design
    return {
        "metric": metric,
        "unit": unit,
        "condition_a": conditions[0],
        "condition_b": conditions[1],
        "design": f"{design} (small n)" if small else design,
        "n_a": contrast.n_a,
        "n_b": contrast.n_b,
        "difference": contrast.difference,
        "ci_low": contrast.ci_low,
        "ci_high": contrast.ci_high,
        "effect_size": contrast.effect_size,
        "p_raw": contrast.p,
    }


def _failed_row(
    metric: str, unit: str, conditions: tuple[str, str], design: str, failure: Failure
) -> dict[str, object]:
    """Return the row of what could not be computed: blank, the reason in its design."""
    missing = Contrast(0, 0, *[MISSING] * 7)
    row = _row(metric, unit, conditions, design, missing)
    return row | {"design": f"{design}, {failure.reason}"}


def _arm(values: pd.DataFrame, condition: str) -> pd.DataFrame:
    """Return one row per runner of a condition."""
    chosen = values.index.get_level_values("condition") == condition
    return values[chosen].droplevel("condition")


@dataclass(frozen=True)
class _Pair:
    """Two conditions of the runners who have both: means and the ends of the model's bands."""

    a: pd.DataFrame
    b: pd.DataFrame
    low: tuple[pd.DataFrame, pd.DataFrame]
    high: tuple[pd.DataFrame, pd.DataFrame]

    def values(self, metric: str) -> tuple[pd.Series[float], pd.Series[float]]:
        """Return a metric of both conditions, runners who lack it left out."""
        a, b = self.a[metric], self.b[metric]
        known = a.notna() & b.notna()
        return a[known], b[known]

    def band(self, metric: str) -> tuple[float, float]:
        """Return the model's band of the mean difference b minus a, NaN where there is none.

        A recording has no band; of two predictions the ends farthest apart are taken.
        """
        a, b = self.values(metric)
        ends = [end[metric].reindex(a.index) for pair in (self.low, self.high) for end in pair]
        if a.empty or all(end.isna().all() for end in ends):
            return MISSING, MISSING
        low_a, low_b, high_a, high_b = (
            end.fillna(mean) for end, mean in zip(ends, (a, b, a, b), strict=True)
        )
        return float((low_b - high_a).mean()), float((high_b - low_a).mean())


def _pair(cohort: Cohort, a: str, b: str) -> _Pair:
    shared = _arm(cohort.arms, a).index.intersection(_arm(cohort.arms, b).index)

    def both(values: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        return _arm(values, a).reindex(shared), _arm(values, b).reindex(shared)

    low, high = (both(end) for end in cohort.bands)
    return _Pair(*both(cohort.arms), low, high)


def _paired_rows(cohort: Cohort, primary: Sequence[str]) -> Iterator[dict[str, object]]:
    predicted = cohort.predicted_arms()
    for a, b in paired_conditions(cohort):
        pair = _pair(cohort, a, b)
        derived = [predicted[arm] for arm in (a, b) if arm in predicted]
        for metric in pair.a.columns:
            first, second = (np.asarray(values, dtype=np.float64) for values in pair.values(metric))
            design = "within_runners predicted" if derived else "within_runners"
            contrast = attempt(partial(within_runners, first, second))
            if isinstance(contrast, Failure):
                yield _failed_row(metric, cohort.units[metric], (a, b), design, contrast)
                continue
            if contrast is None:
                continue
            status = {status_in(cohort.techniques, condition, metric) for condition in derived}
            if status - {FREE}:  # the technique made it, so a test of it says nothing
                contrast = replace(contrast, p=MISSING)
            if cohort.virtual:
                low, high = pair.band(metric)
                contrast = replace(contrast, ci_low=low, ci_high=high, p=MISSING)
                design = "within_runners virtual"
            yield _row(metric, cohort.units[metric], (a, b), design, contrast)
        if not derived and not cohort.virtual:
            yield from _mixed_rows(cohort, a, b, primary)


def _mixed_rows(
    cohort: Cohort, a: str, b: str, metrics: Sequence[str]
) -> Iterator[dict[str, object]]:
    recordings = cohort.trials.index[cohort.recorded]
    keys = pd.MultiIndex.from_frame(cohort.steps[["subject", "trial"]])
    steps = cohort.steps[keys.isin(recordings)]
    for metric in metrics:
        effect = attempt(partial(mixed_effect, steps[steps["metric"] == metric], a, b))
        if isinstance(effect, Failure):
            yield _failed_row(metric, cohort.units[metric], (a, b), "mixed_model", effect)
        elif effect is not None:
            contrast = Contrast(
                n_a=effect.n,
                n_b=effect.n,
                difference=effect.difference,
                ci_low=effect.ci_low,
                ci_high=effect.ci_high,
                effect_size=MISSING,
                effect_low=MISSING,
                effect_high=MISSING,
                p=effect.p,
            )
            yield _row(metric, cohort.units[metric], (a, b), "mixed_model", contrast)


def _group_rows(cohort: Cohort) -> Iterator[dict[str, object]]:
    runners = cohort.by_subject
    groups = strike_groups(cohort)
    for metric, conditions in product(runners.columns, STRIKE_PAIRS):
        values = [
            runners.loc[groups == group, metric].dropna().to_numpy(dtype=np.float64)
            for group in conditions
        ]
        contrast = attempt(partial(between_runners, values[0], values[1]))
        if isinstance(contrast, Failure):
            unit = cohort.units[metric]
            yield _failed_row(str(metric), unit, conditions, "between_runners", contrast)
        elif contrast is not None:
            if metric == STRIKE_ANGLE or cohort.virtual:  # it made the groups
                contrast = replace(contrast, p=MISSING)
            yield _row(str(metric), cohort.units[metric], conditions, "between_runners", contrast)


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


def comparisons(cohort: Cohort, primary: Sequence[str]) -> pd.DataFrame:
    """Compare every metric between conditions.

    Where at least two runners share two conditions these are compared within runners;
    else runners are compared between strike classes, by angle.

    Args:
        cohort: the runners.
        primary: metrics of the primary family, which Holm corrects apart from the rest.

    Returns:
        The columns of comparisons.csv.
    """
    pairs = paired_conditions(cohort)
    rows = list(_paired_rows(cohort, primary) if pairs else _group_rows(cohort))
    columns = [c for c in COMPARISON_COLUMNS if c != "p_holm"]
    table = pd.DataFrame(rows, columns=columns)
    return add_holm(table, primary, ("condition_a", "condition_b", "design"))


def covariates_of(cohort: Cohort, runners: pd.DataFrame) -> pd.DataFrame:
    """Return what else differs between runners: speed, mass and stature where they vary.

    Args:
        cohort: mass and stature of its runners.
        runners: one row per runner, one column per metric.

    Returns:
        Same rows; a column is left out where a runner's is unknown or all are much alike.
    """
    table = pd.DataFrame(index=runners.index)
    if SPEED in runners:
        table[SPEED] = runners[SPEED]
    for name in ("mass_kg", "height_m"):
        known = [cohort.runners.get(str(subject)) for subject in runners.index]
        table[name] = [MISSING if one is None else getattr(one, name) for one in known]
    varies = table.std() >= SMALLEST_SPREAD * table.mean().abs()
    kept = table.loc[:, table.notna().all() & varies]
    return kept.rename(columns=str)


def allowed_covariates(names: Sequence[str], runners: int) -> list[str]:
    """Return the covariates that so many runners bear, in the order speed, mass, stature."""
    most = max(0, runners // RUNNERS_PER_PREDICTOR - 1)
    return list(names)[:most]


def regressions(cohort: Cohort, primary: Sequence[str]) -> pd.DataFrame:
    """Regress every metric on foot-strike angle, one point a runner.

    Each metric has a row for the angle alone and, where the runners bear it, one with
    covariates held, which its ``predictor`` names.

    Returns:
        The columns of regressions.csv; slopes are per degree, toe-up positive, so a
        forefoot effect has the opposite sign.
    """
    runners = cohort.by_subject
    others = covariates_of(cohort, runners)
    rows = []
    for metric in runners.columns if STRIKE_ANGLE in runners else []:
        if metric == STRIKE_ANGLE:
            continue
        known = runners[[STRIKE_ANGLE, metric]].dropna()
        names = [
            n for n in allowed_covariates([str(name) for name in others], len(known)) if n != metric
        ]
        for held in ([], names) if names else ([],):
            slope = attempt(
                partial(
                    slope_on,
                    known[STRIKE_ANGLE].to_numpy(dtype=np.float64),
                    known[metric].to_numpy(dtype=np.float64),
                    others.loc[known.index, held].to_numpy(dtype=np.float64),
                )
            )
            if slope is None:
                continue
            adjusted = f"{STRIKE_ANGLE}, {', '.join(held)} held" if held else STRIKE_ANGLE
            if isinstance(slope, Failure):
                adjusted = f"{STRIKE_ANGLE}, {slope.reason}"
                slope = Slope(len(known), MISSING, MISSING, MISSING, MISSING)
            rows.append(
                {
                    "metric": metric,
                    "unit": f"{cohort.units[metric]}/deg",
                    "predictor": adjusted,
                    "slope": slope.slope,
                    "ci_low": MISSING if cohort.virtual else slope.ci_low,
                    "ci_high": MISSING if cohort.virtual else slope.ci_high,
                    "n": slope.n,
                    "p_raw": MISSING if cohort.virtual else slope.p,
                }
            )
    table = pd.DataFrame(rows, columns=[c for c in REGRESSION_COLUMNS if c != "p_holm"])
    return add_holm(table, primary, ("predictor",))


@dataclass(frozen=True)
class CompareOutputs:
    """Where comparisons.csv and regressions.csv go."""

    comparisons: Path
    regressions: Path


def compare_conditions(cohort: Cohort, primary: Sequence[str], outputs: CompareOutputs) -> None:
    """Write comparisons.csv and regressions.csv of a cohort.

    Args:
        cohort: the runners.
        primary: metrics that studies and claims name, the primary family.
        outputs: tables written; a header alone when there are too few runners.
    """
    write_table(comparisons(cohort, primary)[list(COMPARISON_COLUMNS)], outputs.comparisons)
    write_table(regressions(cohort, primary)[list(REGRESSION_COLUMNS)], outputs.regressions)
