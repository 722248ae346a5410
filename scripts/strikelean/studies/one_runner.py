"""One runner compared with themself: how far their steps differ, and how far they scatter.

Of one runner nothing is tested and nothing follows for others: the interval is over their own
steps, which says whether these recordings differ, not whether runners do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from strikelean.studies.cohort import usually_known
from strikelean.studies.statistics import CONFIDENCE

ONE_RUNNER = "one_runner"
"""Design of a row of comparisons.csv that compares one runner's conditions."""
NO_TEST = "one runner: the interval is over their steps, and nothing follows for other runners"
MISSING = float("nan")


@dataclass(frozen=True)
class FootSteps:
    """Steps of one runner in one condition, foot by foot.

    Attributes:
        counts: known steps of each foot.
        variances: from step to step within a foot; NaN of a foot with one step.
    """

    counts: tuple[int, ...]
    variances: tuple[float, ...]

    @property
    def sd(self) -> float:
        """Standard deviation from step to step within a foot, pooled; NaN of single steps."""
        freedom = [count - 1 for count in self.counts]
        if not sum(freedom):
            return MISSING
        squares = (f * v for f, v in zip(freedom, self.variances, strict=True) if f)
        return float(np.sqrt(sum(squares) / sum(freedom)))

    @property
    def total(self) -> int:
        """Steps of all feet."""
        return sum(self.counts)

    def terms(self) -> list[tuple[float, int]]:
        """Return what each foot adds to the variance of the mean of feet, and its freedom.

        NaN where a foot has one step: its scatter is not known.
        """
        share = 1.0 / len(self.counts) ** 2
        return [
            (share * (v if n > 1 else MISSING) / n, n - 1)
            for n, v in zip(self.counts, self.variances, strict=True)
        ]


def foot_steps(steps: pd.DataFrame) -> dict[tuple[str, str], FootSteps]:
    """Return a runner's known steps by (trial, metric), pools taken as trials.

    Args:
        steps: rows of metrics.csv of one runner, as :class:`strikelean.studies.cohort.Cohort`
            has them.
    """
    own = steps.groupby(["trial", "metric", "side"], sort=True)["value"]
    table = own.agg(["count", "var"])[usually_known(own.count(), own.size())]
    feet: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for (trial, metric, _), (count, variance) in zip(table.index, table.to_numpy(), strict=True):
        feet.setdefault((str(trial), str(metric)), []).append((int(count), float(variance)))
    return {
        place: FootSteps(tuple(n for n, _ in found), tuple(v for _, v in found))
        for place, found in feet.items()
    }


@dataclass(frozen=True)
class Change:
    """How sure the difference of two recordings of one runner is.

    Attributes:
        half: half of its 95 % interval over steps; NaN where a foot has a single step.
        smallest: the smallest change that their steps' scatter lets be seen.
    """

    half: float
    smallest: float


def steps_interval(a: FootSteps, b: FootSteps) -> Change:
    """Return how sure the difference of two recordings' means is, by the scatter of their steps.

    The interval is Welch's with each foot of each recording as a group (degrees of freedom:
    Satterthwaite 1946, 10.2307/3002019). The smallest detectable change is 1.96 times the
    standard error of a difference of two means (Weir 2005, 10.1519/15184.1: 1.96 sqrt(2) SEM of
    two alike). Both take steps as independent; what changes from day to day, markers put on anew
    above all, comes on top.

    Args:
        a, b: the same metric in two recordings.
    """
    terms = [*a.terms(), *b.terms()]
    variance = sum(part for part, _ in terms)
    if not variance > 0.0:
        return Change(MISSING, MISSING)
    freedom = variance**2 / sum(part**2 / n for part, n in terms if n)
    error = float(np.sqrt(variance))
    quantile = float(special.stdtrit(freedom, 0.5 + CONFIDENCE / 2.0))
    return Change(quantile * error, float(special.ndtri(0.5 + CONFIDENCE / 2.0)) * error)


def told(
    values: tuple[float, float],
    feet: tuple[FootSteps | None, FootSteps | None],
    *,
    recorded: bool,
) -> Mapping[str, object]:
    """Return the numbers of a row of comparisons.csv.

    Args:
        values: means of a metric in conditions a and b.
        feet: the steps behind them.
        recorded: whether both were recorded: a prediction's steps all carry the same model, so
            that their scatter says nothing of how sure it is.
    """
    first, second = feet
    difference = values[1] - values[0]
    row: dict[str, object] = {
        "n_a": 1,
        "n_b": 1,
        "mean_a": values[0],
        "mean_b": values[1],
        "difference": difference,
        "reason": NO_TEST,
    }
    for side, found in (("a", first), ("b", second)):
        if found is not None:
            row |= {f"sd_{side}": found.sd, f"steps_{side}": found.total}
    if recorded and first is not None and second is not None:
        change = steps_interval(first, second)
        row |= {
            "ci_low": difference - change.half,
            "ci_high": difference + change.half,
            "smallest_detectable": change.smallest,
        }
    return row
