"""Two-group, paired and regression statistics on one number per runner.

Tests are Welch's and the paired t-test. Intervals of a difference between few runners (under 20
in a group) come from permutations (:mod:`strikelean.studies.exact`), else from the same t. The p
of permutations cannot fall below 2 / 2^n of n pairs, which no correction over many metrics
survives: tables of many metrics take that of t, verdicts on a claim that of the interval's method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from strikelean.formats.series import FloatArray
from strikelean.studies.exact import (
    Interval,
    groups_shifts,
    limits,
    p_value,
    paired_shifts,
)

CONFIDENCE = 0.95
SMALL_GROUP = 20
"""Runners in a group under which the design is called small (project definition)."""


@dataclass(frozen=True)
class Contrast:
    """A difference between two conditions, b minus a.

    Attributes:
        n_a, n_b: runners in each condition (equal when paired).
        difference: of the means, b minus a.
        ci_low, ci_high: its confidence interval (95 % unless another was asked for).
        effect_size: Hedges' g, of the same sign; NaN where nothing varies.
        effect_low, effect_high: 95 % interval of g.
        p: two-sided p of t; NaN where nothing varies.
        p_interval: two-sided p of the interval's own method, at most 5 % where, and only
            where, the 95 % interval leaves out no difference.
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
    p_interval: float = float("nan")


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


def t_quantile(freedom: float, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors a confidence interval of Student's t reaches either way."""
    return float(special.stdtrit(freedom, 0.5 + confidence / 2.0))


def t_p(t: float, freedom: float) -> float:
    """Return the two-sided p of Student's t."""
    return 2.0 * float(special.stdtr(freedom, -abs(t)))


def _normal_interval(centre: float, variance: float) -> tuple[float, float]:
    half = float(special.ndtri(0.5 + CONFIDENCE / 2.0)) * float(np.sqrt(variance))
    return centre - half, centre + half


def _exact_or_t(
    thresholds: FloatArray, t_interval: Interval, t_p: float, confidence: float
) -> tuple[Interval, float]:
    """Return interval and p of permutations, both of t where those are too few for 95 %."""
    if not np.isfinite(limits(thresholds, CONFIDENCE)).all():
        return t_interval, t_p
    return limits(thresholds, confidence), p_value(thresholds, 0.0)


def between_runners(
    a: FloatArray, b: FloatArray, confidence: float = CONFIDENCE
) -> Contrast | None:
    """Compare two groups of runners: Welch's t-test and Hedges' g.

    Args:
        a, b: one finite number per runner.
        confidence: of the difference's interval.

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
    # loaded here, as statsmodels below: both take longer than all tables of paired runners
    from scipy import stats
    from statsmodels.stats.meta_analysis import effectsize_smd

    test = stats.ttest_ind(b, a, equal_var=False)
    welch = test.confidence_interval(confidence)
    few = min(a.size, b.size) < SMALL_GROUP
    (ci_low, ci_high), own = _exact_or_t(
        groups_shifts(a, b) if few else np.empty(0),
        (float(welch.low), float(welch.high)),
        float(test.pvalue),
        confidence,
    )
    g, variance = effectsize_smd(b.mean(), b.std(ddof=1), b.size, a.mean(), a.std(ddof=1), a.size)
    low, high = _normal_interval(float(g), float(variance))
    p = float(test.pvalue)
    return Contrast(a.size, b.size, difference, ci_low, ci_high, float(g), low, high, p, own)


def within_runners(a: FloatArray, b: FloatArray, confidence: float = CONFIDENCE) -> Contrast | None:
    """Compare two conditions of the same runners: paired t-test and g_av.

    The effect size is the mean difference over the root mean square of both conditions'
    standard deviations, with Hedges' correction: comparable with g between groups
    (Lakens 2013, 10.3389/fpsyg.2013.00863). Its variance is that of a standardised mean
    change, 2 (1 - r) / n + g^2 / (2 n).

    Args:
        a, b: one finite number per runner, in the same order.
        confidence: of the difference's interval.

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
    # loaded here, as in the other tests: it takes longer than all tables without a test
    from scipy import stats

    test = stats.ttest_1samp(change, 0.0)
    student, p = test.confidence_interval(confidence), float(test.pvalue)
    (ci_low, ci_high), own = _exact_or_t(
        paired_shifts(change) if count < SMALL_GROUP else np.empty(0),
        (float(student.low), float(student.high)),
        p,
        confidence,
    )
    spread = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2.0))
    correction = 1.0 - 3.0 / (4.0 * (count - 1) - 1.0)
    g = difference / spread * correction if spread > 0.0 else nothing
    together = nothing if _constant(a) or _constant(b) else float(np.corrcoef(a, b)[0, 1])
    low, high = _normal_interval(g, 2.0 * (1.0 - together) / count + g**2 / (2.0 * count))
    return Contrast(count, count, difference, ci_low, ci_high, g, low, high, p, own)


def slope_on(
    predictor: FloatArray,
    response: FloatArray,
    covariates: FloatArray | None = None,
    confidence: float = CONFIDENCE,
) -> Slope | None:
    """Fit a line by ordinary least squares.

    Args:
        predictor, response: one finite number per runner each.
        covariates: (n, k) what else may explain the response, or None.
        confidence: of the slope's interval.

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
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools.tools import add_constant

    design = add_constant(np.column_stack([predictor, others]))
    fit = OLS(response, design).fit()
    low, high = fit.conf_int(1.0 - confidence)[1]
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
    from statsmodels.stats.power import TTestIndPower, TTestPower

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
        from statsmodels.stats.multitest import multipletests

        adjusted[known] = multipletests(p[known], method="holm")[1]
    return adjusted
