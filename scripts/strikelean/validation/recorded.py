"""What recordings say of a change: its size and, over steps, its interval.

Steps are taken as independent of each other; those of one run follow each other and are alike, so
intervals are rather too narrow than too wide. A foot counts as much as the other one, however many
steps it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import STRIKE_ANGLE
from strikelean.studies.statistics import t_quantile
from strikelean.studies.step_slopes import OWN, runner_slopes

Feet = Mapping[str, FloatArray]
NOTHING = float("nan")
FEWEST_RUNNERS = 4
"""Runners that a line over runners needs: two more than it has numbers (project definition)."""


@dataclass(frozen=True)
class Estimate:
    """A number with what is known of its error.

    Attributes:
        value: in the comparison's unit.
        variance: of the value; NaN where one step a foot leaves nothing to tell it from.
        freedom: degrees of freedom of the variance.
    """

    value: float
    variance: float = NOTHING
    freedom: float = NOTHING

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval by Student's t, NaN where the error is not known."""
        if not self.freedom > 0.0:
            return NOTHING, NOTHING
        half = t_quantile(self.freedom) * self.variance**0.5
        return self.value - half, self.value + half


def combined(parts: Sequence[tuple[float, Estimate]]) -> Estimate:
    """Return a weighted sum of independent estimates, its freedom by Welch and Satterthwaite.

    Satterthwaite 1946 (doi 10.2307/3002019), Welch 1947 (doi 10.1093/biomet/34.1-2.28).
    """
    value = sum(weight * part.value for weight, part in parts)
    squares = [weight**2 * part.variance for weight, part in parts]
    variance = sum(squares)
    each = [own**2 / part.freedom for own, (_, part) in zip(squares, parts, strict=True) if own]
    freedom = variance**2 / sum(each) if each and variance > 0.0 else NOTHING
    return Estimate(value, variance, freedom)


def mean_of(feet: Feet) -> Estimate:
    """Return the mean of the feet's means over steps; NaN of no foot."""
    known = [values for values in feet.values() if values.size]
    if not known:
        return Estimate(NOTHING)
    parts = []
    for values in known:
        count = values.size
        spread = float(values.var(ddof=1)) / count if count > 1 else NOTHING
        own = Estimate(float(values.mean()), spread, count - 1.0 or NOTHING)
        parts.append((1.0 / len(known), own))
    return combined(parts)


def change(before: Feet, after: Feet, *, share: bool) -> Estimate:
    """Return the change of a mean over steps, of the feet that are known of both.

    Args:
        before, after: values of steps, by foot.
        share: whether in percent of the mean before, its error by the delta method.
    """
    sides = [side for side in before if side in after]
    old = mean_of({side: before[side] for side in sides})
    new = mean_of({side: after[side] for side in sides})
    if not share:
        return combined([(1.0, new), (-1.0, old)])
    if not old.value > 0.0:
        return Estimate(NOTHING)
    ratio = new.value / old.value
    moved = combined([(100.0 / old.value, new), (-100.0 * ratio / old.value, old)])
    return Estimate(100.0 * (ratio - 1.0), moved.variance, moved.freedom)


def less_mean(own: Estimate, others: Sequence[Estimate]) -> Estimate:
    """Return a runner's change less the mean change of others.

    What is left holds what the runner does otherwise than others for reasons of their own: its
    error is that of one more runner of the others' kind about their mean, by how much these differ
    from each other; of one other alone it is not known.
    """
    values = np.array([other.value for other in others])
    value, count = own.value - float(values.mean()), values.size
    if count < 2:
        return Estimate(value)
    return Estimate(value, float(values.var(ddof=1)) * (1.0 + 1.0 / count), count - 1.0)


def own_slope(steps: pd.DataFrame, metric: str, *, share: bool) -> Estimate:
    """Return a runner's slope of a metric on the foot-strike angle over their own steps.

    Args:
        steps: of one runner and recording, by subject, trial, side and step, a column a metric.
        metric: name.
        share: whether in percent of the mean.
    """
    if metric not in steps or STRIKE_ANGLE not in steps:
        return Estimate(NOTHING)
    found = runner_slopes(steps, metric, share=share)
    if found.empty:
        return Estimate(NOTHING)
    row = found.iloc[0]
    feet = steps[[STRIKE_ANGLE, metric]].dropna().groupby(level=OWN).ngroups
    freedom = float(row["steps"]) - feet - 1.0
    return Estimate(float(row["slope"]), float(row["variance"]), freedom)


def slope_over(angles_deg: FloatArray, values: FloatArray, *, share: bool) -> Estimate:
    """Return the slope of runners' means on their foot-strike angles; NaN of fewer than four.

    Args:
        angles_deg, values: a runner each.
        share: whether in percent of the mean over runners.
    """
    known = np.isfinite(angles_deg) & np.isfinite(values)
    x, y = angles_deg[known], values[known]
    if x.size < FEWEST_RUNNERS or not np.ptp(x) > 0.0:
        return Estimate(NOTHING)
    y = 100.0 * y / y.mean() if share else y
    # loaded here: it takes longer than all else, and few cohorts have a line to fit
    from scipy import stats

    line = stats.linregress(x, y)
    return Estimate(float(line.slope), float(line.stderr) ** 2, x.size - 2.0)
