"""A contrast's size in the unit somebody published it in, with interval, test and band."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.loads.choices import MUSCLES, TECHNIQUE
from strikelean.studies.choices import banded, of_family
from strikelean.studies.contrasts import BETWEEN, LINE, WITHIN, Sample
from strikelean.studies.definitions import CORRELATION, PERCENT, SMD, Group
from strikelean.studies.exact import (
    Interval,
    fieller_interval,
    groups_ratios,
    limits,
    p_value,
    paired_fieller_interval,
    paired_ratios,
)
from strikelean.studies.statistics import (
    CONFIDENCE,
    SMALL_GROUP,
    Contrast,
    between_runners,
    slope_on,
    t_quantile,
    within_runners,
)

MISSING = float("nan")


@dataclass(frozen=True)
class Estimate:
    """What a cohort computes for one metric of a contrast, b minus a.

    Attributes:
        design: of the sample.
        unit: what ``value``, interval and band are in.
        n_a, n_b: runners; of pairs and lines both are the same.
        value, low, high: size and its interval, 95 % unless another was asked for.
        p: two-sided, of the t-test in the metric's own unit; NaN where nothing varies.
        p_interval: two-sided, of the interval's own method.
        g: Hedges' g with the sign of the difference, NaN of a line.
        predicted: whether a model predicts it.
        band: the model's band of the size, NaN where there is none.
        muscles: the same over other ways to share moments among muscles, one at a time.
        agreeing, opposed: share of pairs that change the way their mean does, and the other
            way; NaN elsewhere.
        held: covariates of a line.
    """

    design: str
    unit: str
    n_a: int
    n_b: int
    value: float
    low: float
    high: float
    p: float
    g: float
    predicted: bool = False
    band: Interval = (MISSING, MISSING)
    agreeing: float = MISSING
    opposed: float = MISSING
    held: tuple[str, ...] = ()
    p_interval: float = MISSING
    muscles: Interval = (MISSING, MISSING)

    def towards(self, direction: str) -> float:
        """Return the share of pairs that ``increase`` or ``decrease``."""
        return self.agreeing if (self.value > 0.0) == (direction == "increase") else self.opposed

    @property
    def interval(self) -> Interval:
        """Its interval."""
        return self.low, self.high

    def turned(self) -> Estimate:
        """Return the same of the quantity with its sign turned."""
        return replace(
            self,
            value=-self.value,
            low=-self.high,
            high=-self.low,
            g=-self.g,
            band=(-self.band[1], -self.band[0]),
            muscles=(-self.muscles[1], -self.muscles[0]),
        )


def _percent(ratio: Interval) -> Interval:
    return 100.0 * (ratio[0] - 1.0), 100.0 * (ratio[1] - 1.0)


def _upright(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turn quantities that are negative throughout (work absorbed) the other way up."""
    return (-a, -b) if a.mean() < 0.0 else (a, b)


def percent_change(a: FloatArray, b: FloatArray) -> float:
    """Return by how many percent of a's mean the mean of b is more."""
    return float(100.0 * (b.mean() / a.mean() - 1.0)) if a.mean() != 0.0 else MISSING


def percent_interval(
    sample: Sample, confidence: float = CONFIDENCE
) -> tuple[Interval, float | None]:
    """Return the interval of the percent change of pairs or groups, and p of its method.

    Few runners: exact, by flipping signs or exchanging members. Else, or where those are too few
    for 95 %, Fieller's interval of the ratio of means, whose p is that of t (None here).
    """
    a, b = _upright(sample.a, sample.b)
    groups = sample.design == BETWEEN
    if min(a.size, b.size) < SMALL_GROUP:
        ratios = groups_ratios(a, b) if groups else paired_ratios(a, b)
        if np.isfinite(limits(ratios, CONFIDENCE)).all():
            return _percent(limits(ratios, confidence)), p_value(ratios, 1.0)
    fieller = fieller_interval if groups else paired_fieller_interval
    return _percent(fieller(a, b, confidence)), None


def _contrast(sample: Sample, confidence: float = CONFIDENCE) -> Contrast | None:
    compare = within_runners if sample.design == WITHIN else between_runners
    return compare(sample.a, sample.b, confidence)


def _in_unit(a: FloatArray, b: FloatArray, unit: str, design: str) -> float:
    """Return the size of pairs or groups in a unit."""
    if unit == PERCENT:
        return percent_change(a, b)
    if unit == SMD:
        contrast = (within_runners if design == WITHIN else between_runners)(a, b)
        return MISSING if contrast is None else contrast.effect_size
    return float(b.mean() - a.mean())


def band(sample: Sample, unit: str, family: str = TECHNIQUE) -> Interval:
    """Return the range of a sample's size over a family of choices, one at a time.

    Both arms are taken under the same choice. Where it is not known of some runners, the others
    say how far it moves the size.
    """
    shifts = []
    for name in of_family(sample.under, family):
        a, b = sample.under[name]
        of_a, of_b = np.isfinite(a), np.isfinite(b)
        if sample.design == WITHIN:
            of_a = of_b = of_a & of_b
        if of_a.any() and of_b.any():
            before = _in_unit(sample.a[of_a], sample.b[of_b], unit, sample.design)
            shifts.append(_in_unit(a[of_a], b[of_b], unit, sample.design) - before)
    return banded(_in_unit(sample.a, sample.b, unit, sample.design), shifts)


def _of_line(sample: Sample, unit: str, confidence: float) -> Estimate | None:
    covariates = sample.covariates if sample.held else None
    slope = slope_on(sample.a, sample.b, covariates, confidence)
    if slope is None:
        return None
    value, low, high = slope.slope, slope.ci_low, slope.ci_high
    held = sample.held
    if unit == CORRELATION:
        # loaded here: it takes longer than most tables, and few studies give a correlation
        from scipy import stats

        found = stats.pearsonr(sample.a, sample.b)
        interval = found.confidence_interval(confidence)
        value, low, high = float(found.statistic), float(interval.low), float(interval.high)
        slope, held = slope_on(sample.a, sample.b) or slope, ()
    else:
        share = 100.0 / float(sample.b.mean()) if unit == PERCENT else 1.0
        ends = sorted((sample.change * share * low, sample.change * share * high))
        value, low, high = sample.change * share * value, ends[0], ends[1]
    n = slope.n
    p = slope.p
    return Estimate(
        LINE, unit, n, n, value, low, high, p, MISSING, sample.predicted, held=held, p_interval=p
    )


def moved(sample: Sample, unit: str, size: float) -> Sample:
    """Return a sample from which an effect was taken: its p is that of so much and no more.

    Args:
        sample: numbers of the runners.
        unit: ``%`` or the metric's own.
        size: b against a, in that unit.
    """
    if sample.design == LINE:
        per_unit = size / sample.change
        if unit == PERCENT:
            per_unit *= float(sample.b.mean()) / 100.0
        return replace(sample, b=sample.b - per_unit * (sample.a - sample.a.mean()))
    if unit == PERCENT:
        return replace(sample, a=sample.a * (1.0 + size / 100.0))
    return replace(sample, a=sample.a + size)


def estimate(sample: Sample, unit: str, confidence: float = CONFIDENCE) -> Estimate | None:
    """Compute a sample's size in a unit.

    Args:
        sample: numbers of the runners.
        unit: ``%``, ``SMD``, ``r`` (lines only), anything else is the metric's own.
        confidence: of the interval.

    Returns:
        None where the sample cannot be put in that unit, or is too small.
    """
    if sample.design == LINE:
        return None if unit == SMD else _of_line(sample, unit, confidence)
    contrast = _contrast(sample, confidence)
    if contrast is None or unit == CORRELATION:
        return None
    value, low, high = contrast.difference, contrast.ci_low, contrast.ci_high
    if unit == SMD:
        value, low, high = contrast.effect_size, contrast.effect_low, contrast.effect_high
    p = contrast.p_interval
    if unit == PERCENT:
        value = percent_change(sample.a, sample.b)
        (low, high), own = percent_interval(sample, confidence)
        p = contrast.p if own is None else own
    agreeing = opposed = MISSING
    if sample.design == WITHIN:
        ways = np.sign(sample.b - sample.a) * np.sign(contrast.difference)
        agreeing, opposed = float(np.mean(ways > 0.0)), float(np.mean(ways < 0.0))
    return Estimate(
        sample.design,
        unit,
        contrast.n_a,
        contrast.n_b,
        value,
        low,
        high,
        contrast.p,
        contrast.effect_size,
        sample.predicted,
        band(sample, unit),
        agreeing,
        opposed,
        p_interval=p,
        muscles=band(sample, unit, MUSCLES),
    )


def published_interval(a: Group, b: Group) -> Interval:
    """Return Welch's 95 % interval of b minus a from printed means and deviations."""
    variances = [group.sd**2 / group.n for group in (a, b)]
    spread = sum(v**2 / (group.n - 1) for v, group in zip(variances, (a, b), strict=True))
    error = float(np.sqrt(sum(variances)))
    half = error * t_quantile(sum(variances) ** 2 / spread)
    return b.mean - a.mean - half, b.mean - a.mean + half
