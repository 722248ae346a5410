"""Every metric against the foot-strike angle, foot by foot, the runner as the unit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from strikelean.attempts import Failure, attempt
from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import STRIKE_ANGLE, Cohort
from strikelean.studies.families import add_holm
from strikelean.studies.statistics import Slope, t_p, t_quantile

SPEED = "running_speed"
RUNNERS_PER_PREDICTOR = 2
"""Runners that each predictor of a line needs at least; Austin & Steyerberg 2015,
10.1016/j.jclinepi.2014.12.014: coefficients, errors and intervals are sound from two on."""

SMALLEST_SPREAD = 0.02
"""Standard deviation over mean from which a covariate varies (project definition): a treadmill's
speed is the same for all, and its noise explains nothing."""

FEWEST_RUNNERS = 3
REGRESSION_COLUMNS = (
    "metric",
    "unit",
    "predictor",
    "slope",
    "ci_low",
    "ci_high",
    "n",
    "feet",
    "p_raw",
    "p_holm",
)
MISSING = float("nan")


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


def _slope(response: FloatArray, predictors: FloatArray) -> float:
    """Return the first predictor's least-squares slope, a constant among them."""
    design = np.column_stack([np.ones(len(response)), predictors])
    return float(np.linalg.lstsq(design, response, rcond=None)[0][1])


def slope_by_foot(
    response: FloatArray, predictors: FloatArray, runners: FloatArray
) -> Slope | None:
    """Fit a line through feet; its error comes from leaving out one runner at a time.

    The two feet of a runner are not two runners. The jackknife over runners (the cluster-robust
    error CR3; MacKinnon, Nielsen & Webb 2023, 10.1002/jae.2969) is right with few of them, too.

    Args:
        response: (F,) one number a foot.
        predictors: (F, K), the one asked for first, then what is held.
        runners: (F,) number of the runner that a foot belongs to.

    Returns:
        The slope, with as many runners as there are; None with fewer than three, no degree of
        freedom left, or a predictor that does not vary.
    """
    names = np.unique(runners)
    count = len(names)
    if count < max(FEWEST_RUNNERS, predictors.shape[1] + 2) or np.ptp(predictors[:, 0]) < 1e-9:
        return None
    slope = _slope(response, predictors)
    without = [_slope(response[runners != n], predictors[runners != n]) for n in names]
    error = float(np.sqrt((count - 1) / count * np.sum((np.array(without) - slope) ** 2)))
    if not error > 1e-12 * max(abs(slope), 1.0):
        return Slope(count, slope, MISSING, MISSING, MISSING)
    freedom = count - 1 - predictors.shape[1]
    half = error * t_quantile(freedom)
    return Slope(count, slope, slope - half, slope + half, t_p(slope / error, freedom))


def regressions(cohort: Cohort, primary: Sequence[str]) -> pd.DataFrame:
    """Regress every metric on foot-strike angle, one point a foot, as runners run by themselves.

    Each metric has a row for the angle alone and, where the runners bear it, one with
    covariates held, which its ``predictor`` names.

    Returns:
        The columns of regressions.csv; slopes are per degree, toe-up positive, so a
        forefoot effect has the opposite sign. ``n`` counts runners.
    """
    feet = cohort.by_foot if len(cohort.trials) else pd.DataFrame()
    runners = cohort.by_subject if len(cohort.trials) else pd.DataFrame()
    others = covariates_of(cohort, runners)
    rows = []
    values = feet.to_numpy(dtype=np.float64)
    subjects = feet.index.get_level_values("subject") if STRIKE_ANGLE in feet else feet.index
    runner = np.asarray(pd.factorize(subjects)[0])
    beside = others.reindex(subjects)
    angle = values[:, feet.columns.get_loc(STRIKE_ANGLE)] if STRIKE_ANGLE in feet else np.empty(0)
    for metric, response in zip(feet.columns, values.T, strict=True) if angle.size else ():
        if metric == STRIKE_ANGLE:
            continue
        known = ~np.isnan(angle) & ~np.isnan(response)
        count = len(np.unique(runner[known]))
        names = [str(name) for name in others if name != metric]
        names = allowed_covariates(names, count)
        for held in ([], names) if names else ([],):
            predictors = np.column_stack([angle, beside[held].to_numpy(dtype=np.float64)])
            slope = attempt(
                partial(slope_by_foot, response[known], predictors[known], runner[known])
            )
            if slope is None:
                continue
            adjusted = f"{STRIKE_ANGLE}, {', '.join(held)} held" if held else STRIKE_ANGLE
            if isinstance(slope, Failure):
                adjusted = f"{STRIKE_ANGLE}, {slope.reason}"
                slope = Slope(count, MISSING, MISSING, MISSING, MISSING)
            rows.append(
                {
                    "metric": metric,
                    "unit": f"{cohort.units[str(metric)]}/deg",
                    "predictor": adjusted,
                    "slope": slope.slope,
                    "ci_low": MISSING if cohort.virtual else slope.ci_low,
                    "ci_high": MISSING if cohort.virtual else slope.ci_high,
                    "n": slope.n,
                    "feet": int(known.sum()),
                    "p_raw": MISSING if cohort.virtual else slope.p,
                }
            )
    table = pd.DataFrame(rows, columns=[c for c in REGRESSION_COLUMNS if c != "p_holm"])
    return add_holm(table, primary, ("predictor",))
