"""Two-group, paired and regression statistics on one number per runner.

Tests are Welch's and the paired t-test. Intervals of a difference between few runners (under 20
in a group) come from permutations (:mod:`strikelean.studies.exact`), else from the same t.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower, TTestPower

from strikelean.formats.series import FloatArray
from strikelean.studies.exact import Interval, groups_interval, paired_interval

CONFIDENCE = 0.95
SMALL_GROUP = 20
"""Runners in a group under which the design is called small (project definition)."""


@dataclass(frozen=True)
class Contrast:
    """A difference between two conditions, b minus a.

    Attributes:
        n_a, n_b: runners in each condition (equal when paired).
        difference: of the means, b minus a.
        ci_low, ci_high: its 95 % confidence interval, exact for few runners.
        effect_size: Hedges' g, of the same sign; NaN where nothing varies.
        effect_low, effect_high: 95 % interval of g.
        p: two-sided p; NaN where nothing varies.
    """

    n_a: int
    n_b: int
    difference: float
    ci_low: float
    ci_high: float
    effect_size: float
    effect_low: float
    effect_high: float
    p: float


@dataclass(frozen=True)
class Slope:
    """A least-squares slope with its 95 % confidence interval."""

    n: int
    slope: float
    ci_low: float
    ci_high: float
    p: float


def _constant(values: FloatArray) -> bool:
    """Whether values differ by no more than rounding."""
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def _normal_interval(centre: float, variance: float) -> tuple[float, float]:
    half = float(stats.norm.ppf(0.5 + CONFIDENCE / 2.0)) * float(np.sqrt(variance))
    return centre - half, centre + half


def _chosen(few: bool, exact: Interval, other: Interval) -> Interval:
    """Return the exact interval of few runners, the other where there is no exact one."""
    return exact if few and np.isfinite(exact).all() else other


def between_runners(a: FloatArray, b: FloatArray) -> Contrast | None:
    """Compare two groups of runners: Welch's t-test and Hedges' g.

    Args:
        a, b: one finite number per runner.

    Returns:
        The contrast b minus a; None with fewer than two runners in a group. g and its
        variance are statsmodels' (Hedges 1981, 10.3102/10769986006002107).
    """
    if a.size < 2 or b.size < 2:
        return None
    difference = float(b.mean() - a.mean())
    if _constant(a) and _constant(b):
        nothing = float("nan")
        return Contrast(a.size, b.size, difference, *[nothing] * 6)
    test = stats.ttest_ind(b, a, equal_var=False)
    welch = test.confidence_interval(CONFIDENCE)
    few = min(a.size, b.size) < SMALL_GROUP
    exact = groups_interval(a, b, CONFIDENCE) if few else (np.nan, np.nan)
    ci_low, ci_high = _chosen(few, exact, (float(welch.low), float(welch.high)))
    g, variance = effectsize_smd(b.mean(), b.std(ddof=1), b.size, a.mean(), a.std(ddof=1), a.size)
    low, high = _normal_interval(float(g), float(variance))
    return Contrast(
        a.size,
        b.size,
        difference,
        ci_low,
        ci_high,
        float(g),
        low,
        high,
        float(test.pvalue),
    )


def within_runners(a: FloatArray, b: FloatArray) -> Contrast | None:
    """Compare two conditions of the same runners: paired t-test and g_av.

    The effect size is the mean difference over the root mean square of both conditions'
    standard deviations, with Hedges' correction: comparable with g between groups
    (Lakens 2013, 10.3389/fpsyg.2013.00863). Its variance is that of a standardised mean
    change, 2 (1 - r) / n + g^2 / (2 n).

    Args:
        a, b: one finite number per runner, in the same order.

    Returns:
        The contrast b minus a; None with fewer than two runners.
    """
    if a.size < 2 or a.size != b.size:
        return None
    change = b - a
    count = change.size
    difference = float(change.mean())
    nothing = float("nan")
    if _constant(change):
        return Contrast(count, count, difference, *[nothing] * 6)
    test = stats.ttest_1samp(change, 0.0)
    student = test.confidence_interval(CONFIDENCE)
    few = count < SMALL_GROUP
    exact = paired_interval(change, CONFIDENCE) if few else (np.nan, np.nan)
    ci_low, ci_high = _chosen(few, exact, (float(student.low), float(student.high)))
    spread = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2.0))
    correction = 1.0 - 3.0 / (4.0 * (count - 1) - 1.0)
    g = difference / spread * correction if spread > 0.0 else nothing
    together = nothing if _constant(a) or _constant(b) else float(np.corrcoef(a, b)[0, 1])
    low, high = _normal_interval(g, 2.0 * (1.0 - together) / count + g**2 / (2.0 * count))
    return Contrast(
        count,
        count,
        difference,
        ci_low,
        ci_high,
        g,
        low,
        high,
        float(test.pvalue),
    )


def slope_on(
    predictor: FloatArray, response: FloatArray, covariates: FloatArray | None = None
) -> Slope | None:
    """Fit a line by ordinary least squares.

    Args:
        predictor, response: one finite number per runner each.
        covariates: (n, k) what else may explain the response, or None.

    Returns:
        Slope in response units per predictor unit, the covariates held; None with fewer
        than three runners, no degree of freedom left, or a predictor that does not vary.
    """
    others = np.empty((predictor.size, 0)) if covariates is None else covariates
    if predictor.size < max(3, others.shape[1] + 3) or _constant(predictor):
        return None
    if _constant(response):
        nothing = float("nan")
        return Slope(predictor.size, 0.0, nothing, nothing, nothing)
    design = sm.add_constant(np.column_stack([predictor, others]))
    fit = sm.OLS(response, design).fit()
    low, high = fit.conf_int(1.0 - CONFIDENCE)[1]
    return Slope(
        predictor.size, float(fit.params[1]), float(low), float(high), float(fit.pvalues[1])
    )


@lru_cache(maxsize=256)
def detectable_effect(design: str, n_a: int, n_b: int) -> float:
    """Return the standardised difference that a test at 5 % would find in 4 of 5 cohorts.

    Args:
        design: as in comparisons.csv; pairs when it begins with ``within``.
        n_a, n_b: runners.

    Returns:
        Cohen's d (of the change in pairs), NaN where groups are too small for any.
    """
    if min(n_a, n_b) < 2:
        return float("nan")
    if design.startswith("within"):
        found = TTestPower().solve_power(nobs=n_a, alpha=0.05, power=0.8)
    else:
        found = TTestIndPower().solve_power(nobs1=n_a, ratio=n_b / n_a, alpha=0.05, power=0.8)
    return float(np.squeeze(found))


def holm(p_values: Sequence[float]) -> FloatArray:
    """Return p values adjusted by Holm's method; NaN stays NaN and is not counted."""
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.sum() == 1:  # nothing to correct, and multipletests collects garbage at every call
        adjusted[known] = p[known]
    elif known.any():
        adjusted[known] = multipletests(p[known], method="holm")[1]
    return adjusted
