"""Two-group, paired and regression statistics on one number per runner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.multitest import multipletests

FloatArray = NDArray[np.float64]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Contrast:
    """A difference between two conditions, b minus a.

    Attributes:
        n_a, n_b: runners in each condition (equal when paired).
        difference: of the means, b minus a.
        ci_low, ci_high: its 95 % confidence interval.
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
    interval = test.confidence_interval(CONFIDENCE)
    g, variance = effectsize_smd(b.mean(), b.std(ddof=1), b.size, a.mean(), a.std(ddof=1), a.size)
    low, high = _normal_interval(float(g), float(variance))
    return Contrast(
        a.size,
        b.size,
        difference,
        float(interval.low),
        float(interval.high),
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
    interval = test.confidence_interval(CONFIDENCE)
    spread = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2.0))
    correction = 1.0 - 3.0 / (4.0 * (count - 1) - 1.0)
    g = difference / spread * correction if spread > 0.0 else nothing
    together = nothing if _constant(a) or _constant(b) else float(np.corrcoef(a, b)[0, 1])
    low, high = _normal_interval(g, 2.0 * (1.0 - together) / count + g**2 / (2.0 * count))
    return Contrast(
        count,
        count,
        difference,
        float(interval.low),
        float(interval.high),
        g,
        low,
        high,
        float(test.pvalue),
    )


def slope_on(predictor: FloatArray, response: FloatArray) -> Slope | None:
    """Fit a line by ordinary least squares.

    Args:
        predictor, response: one finite number per runner each.

    Returns:
        Slope in response units per predictor unit; None with fewer than three runners
        or a predictor that does not vary.
    """
    if predictor.size < 3 or _constant(predictor):
        return None
    fit = sm.OLS(response, sm.add_constant(predictor)).fit()
    if _constant(response):
        nothing = float("nan")
        return Slope(predictor.size, 0.0, nothing, nothing, nothing)
    low, high = fit.conf_int(1.0 - CONFIDENCE)[1]
    return Slope(
        predictor.size, float(fit.params[1]), float(low), float(high), float(fit.pvalues[1])
    )


def holm(p_values: Sequence[float]) -> FloatArray:
    """Return p values adjusted by Holm's method; NaN stays NaN and is not counted."""
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        adjusted[known] = multipletests(p[known], method="holm")[1]
    return adjusted
