"""A stride's clock: which time of the recording comes when, where a technique changes the time.

Contacts may take another share of a stride than they did. The clock then runs at one rate in each
contact and at another in flight, and passes from one to the other smoothly, since velocities come
with its first derivative and accelerations with its second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import BSpline

from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray

# The clock passes from one rate to the next within about twice this time to either side: as fast as
# the changes of a solve may (knots 23 ms apart), so that most of a contact keeps one rate.
EASE_S = 0.015
# Knots of the clock, three and more in each passage.
KNOT_S = 0.010
DEGREE = 5
# A part of a stride that is shorter has no rate of its own.
SHORTEST_S = 0.004
# Rates at which a recorded movement is still one: a flight may become a third, or three times as
# long (project rule; flights of the public runners lose up to 35 % at 10 % more steps).
SLOWEST, FASTEST = 0.33, 3.0


@dataclass(frozen=True)
class Clock:
    """The recording's time as a function of the new time, both since the stride's start.

    Attributes:
        rate: how many times as many strides are run in a time.
        source_period_s: the stride's period in the recording.
        curve: the recording's time by new time over one stride; None where it is ``rate`` times
            the new time throughout.
    """

    rate: float
    source_period_s: float
    curve: BSpline | None = None

    @property
    def period_s(self) -> float:
        """The new period."""
        return self.source_period_s / self.rate

    @property
    def same(self) -> bool:
        """Whether it is the recording's own clock."""
        return self.curve is None and self.rate == 1.0

    def source_s(self, new_s: FloatArray, order: int = 0) -> FloatArray:
        """Return the recording's times (K,) at new ones, or their derivatives.

        Args:
            new_s: any times; what the clock does repeats with the stride.
            order: 0, 1 (s per s) or 2 (per s).
        """
        new_s = np.asarray(new_s, dtype=np.float64)
        if self.curve is None:
            constant = np.full(new_s.shape, self.rate if order == 1 else 0.0)
            return np.asarray(new_s * self.rate) if order == 0 else constant
        turns = np.floor(new_s / self.period_s)
        within = np.clip(new_s - turns * self.period_s, 0.0, self.period_s)
        found = self.curve(within, nu=order)
        return np.asarray(found + turns * self.source_period_s if order == 0 else found)

    def new_s(self, source_s: FloatArray) -> FloatArray:
        """Return the new times (K,) of some of the recording's."""
        source_s = np.asarray(source_s, dtype=np.float64)
        if self.curve is None:
            return np.asarray(source_s / self.rate)
        new, source = self._table
        turns = np.floor(source_s / self.source_period_s)
        found = np.interp(source_s - turns * self.source_period_s, source, new)
        found = found + turns * self.period_s
        for _ in range(3):
            found = found - (self.source_s(found) - source_s) / self.source_s(found, 1)
        return np.asarray(found)

    @cached_property
    def _table(self) -> tuple[FloatArray, FloatArray]:
        new = np.linspace(0.0, self.period_s, 501)
        assert self.curve is not None
        return new, np.asarray(self.curve(new))


def contact_clock(
    period_s: float,
    contacts: Sequence[tuple[float, float]],
    rate: float,
    times: Sequence[float],
    flight_rate: float | None = None,
) -> Clock:
    """Return the clock of a stride whose contacts take other times; its flights take the rest.

    Contacts begin and end exactly when they should. In between the rate is as near to each
    contact's and to the flights' mean one as a smooth passage allows: least is the integral of its
    squared distance plus :data:`EASE_S`'s fourth power times the third derivative squared.

    Args:
        period_s: of the recording.
        contacts: start and end of each since the stride's start, in order of time.
        rate: how many times as many strides are run in a time.
        times: each contact's new time over its own.
        flight_rate: rate at both ends of the stride, in mid-flight, the same for all strides that
            follow one another; the stride's own without.

    Raises:
        SolverError: no flight to take time from or to give it to, or too little of it.
    """
    if all(time == 1.0 / rate for time in times):
        return Clock(rate, period_s)
    old = np.array([0.0, *(t for contact in contacts for t in contact), period_s])
    spans = np.diff(old)
    new_spans = spans / rate
    new_spans[1::2] = spans[1::2] * np.asarray(times)
    flown, left = float(spans[::2].sum()), period_s / rate - float(new_spans[1::2].sum())
    new_spans[::2] = spans[::2] * (left / flown if flown > 0.0 else np.nan)
    if not (spans.min() > SHORTEST_S and new_spans.min() > SHORTEST_S):
        raise _no_flight(flown, left)
    own_rate = flown / left
    new = np.concatenate([[0.0], np.cumsum(new_spans)])
    new[-1] = period_s / rate
    clock = Clock(rate, period_s, _smoothest(new, old, flight_rate or own_rate))
    rates = clock.source_s(np.linspace(0.0, clock.period_s, 501)[:-1], 1)
    if not SLOWEST < rates.min() <= rates.max() < FASTEST:
        raise _no_flight(flown, left)
    return clock


def _no_flight(flown_s: float, left_s: float) -> SolverError:
    return SolverError(
        "solve_counterfactual",
        "flights from which contacts can take time, or to which they can give it",
        f"{1e3 * flown_s:.0f} ms of flight in the stride, which would be {1e3 * left_s:.0f} ms",
        "Ask for a smaller change, or set counterfactual.cadence_posture to false, so that contact "
        "times follow the step rate",
    )


def _smoothest(new_s: FloatArray, old_s: FloatArray, end_rate: float) -> BSpline:
    """Return the recording's time by new time: through given points, its rate nearest to theirs.

    Args:
        new_s, old_s: (6,) ends of stride and contacts.
        end_rate: at both ends of the stride, where the rate stands still.
    """
    intervals = int(np.ceil(new_s[-1] / KNOT_S))
    inner = np.linspace(0.0, new_s[-1], intervals + 1)
    knots = np.concatenate([np.zeros(DEGREE), inner, np.full(DEGREE, new_s[-1])])
    functions = BSpline(knots, np.eye(intervals + DEGREE), DEGREE)
    # four points in each interval are enough for sums over it
    at = (np.arange(4 * intervals) + 0.5) * new_s[-1] / (4 * intervals)
    spans, gone = np.diff(new_s), np.diff(old_s)
    means = gone / spans
    means[::2] = gone[::2].sum() / spans[::2].sum()
    wanted = means[np.clip(np.searchsorted(new_s, at) - 1, 0, len(means) - 1)]
    first, third = functions(at, 1), functions(at, 3)
    square = first.T @ first + EASE_S**4 * (third.T @ third)
    ends = new_s[[0, -1]]
    held = np.vstack([functions(new_s), functions(ends, 1), functions(ends, 2)])
    values = np.concatenate([old_s, [end_rate, end_rate, 0.0, 0.0]])
    count = len(square)
    matrix = np.zeros((count + len(held), count + len(held)))
    matrix[:count, :count] = square
    matrix[:count, count:], matrix[count:, :count] = held.T, held
    found = np.linalg.solve(matrix, np.concatenate([first.T @ wanted, values]))
    return BSpline(knots, found[:count], DEGREE)
