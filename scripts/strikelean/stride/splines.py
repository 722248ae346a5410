"""Spline bases: over one stride that repeats, over a whole trial, and over one contact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from strikelean.formats.series import FloatArray

# Quintic, so that accelerations are twice differentiable, as differentiated recordings are.
STRIDE_DEGREE = 5
CONTACT_DEGREE = 3
# functions that are not zero at a time
ACTIVE = STRIDE_DEGREE + 1


@dataclass(frozen=True)
class PeriodicBasis:
    """Periodic B-splines over one stride.

    Attributes:
        start_s, period_s: the stride.
        count: number of functions, evenly spread.
    """

    start_s: float
    period_s: float
    count: int

    def matrix(self, time_s: FloatArray, order: int = 0) -> FloatArray:
        """Return values or derivatives of the functions, (K, count), at (K,) times.

        Args:
            time_s: any times; the functions repeat.
            order: 0, 1 (per s) or 2 (per s^2).
        """
        degree = STRIDE_DEGREE
        knots = np.arange(-degree, self.count + degree + 1, dtype=np.float64)
        spline = BSpline(knots, np.eye(self.count + degree), degree)
        phase = np.mod((time_s - self.start_s) / self.period_s, 1.0) * self.count
        open_ended = spline(phase, nu=order) * (self.count / self.period_s) ** order
        folded = open_ended[:, : self.count].copy()
        # the last functions are the first ones' beginnings
        folded[:, :degree] += open_ended[:, self.count :]
        return np.asarray(folded)

    def interval(self, time_s: FloatArray) -> NDArray[np.int64]:
        """Return the number of the knot interval of (K,) times."""
        phase = np.mod((time_s - self.start_s) / self.period_s, 1.0) * self.count
        return np.minimum(phase.astype(np.int64), self.count - 1)

    def functions(self) -> NDArray[np.int64]:
        """Return the functions that are not zero in each knot interval, (count, 6)."""
        return (np.arange(self.count)[:, None] + np.arange(ACTIVE)) % self.count


@dataclass(frozen=True)
class ClampedBasis:
    """Quintic B-splines that vanish, with four derivatives, at both ends of a trial.

    Attributes:
        start_s, knot_s: first knot and spacing.
        count: number of functions.
    """

    start_s: float
    knot_s: float
    count: int

    @property
    def end_s(self) -> float:
        """Last knot."""
        return self.start_s + (self.count + STRIDE_DEGREE) * self.knot_s

    @classmethod
    def over(cls, start_s: float, end_s: float, knot_s: float) -> ClampedBasis:
        """Return splines over a span of time, their knots at most ``knot_s`` apart."""
        intervals = int(np.ceil((end_s - start_s) / knot_s))
        return cls(start_s, (end_s - start_s) / intervals, intervals - STRIDE_DEGREE)

    def matrix(self, time_s: FloatArray, order: int = 0) -> FloatArray:
        """Return values or derivatives of the functions, (K, count); nothing beyond the ends."""
        inside = (time_s >= self.start_s) & (time_s <= self.end_s)
        out = np.zeros((len(time_s), self.count))
        # functions are defined on the inner intervals only: knots are laid beyond both ends
        numbers = np.arange(-STRIDE_DEGREE, self.count + ACTIVE + STRIDE_DEGREE)
        knots = self.start_s + self.knot_s * numbers
        spline = BSpline(knots, np.eye(len(knots) - ACTIVE), STRIDE_DEGREE)
        values = spline(time_s[inside], nu=order)
        out[inside] = values[:, STRIDE_DEGREE : STRIDE_DEGREE + self.count]
        return out

    def interval(self, time_s: FloatArray) -> NDArray[np.int64]:
        """Return the number of the knot interval of (K,) times."""
        place = np.floor((time_s - self.start_s) / self.knot_s).astype(np.int64)
        return np.clip(place, 0, self.count + STRIDE_DEGREE - 1)

    def functions(self) -> NDArray[np.int64]:
        """Return the functions that are not zero in each knot interval, (count + 5, 6).

        -1 stands for none, in the intervals next to the ends.
        """
        intervals = self.count + STRIDE_DEGREE
        found = np.arange(intervals)[:, None] + np.arange(-STRIDE_DEGREE, 1)
        return np.where((found >= 0) & (found < self.count), found, -1)


Basis = PeriodicBasis | ClampedBasis


@dataclass(frozen=True)
class ContactBasis:
    """Cubic B-splines over one contact, zero outside it.

    Attributes:
        start_s, end_s: the contact.
        intervals: spans between knots.
        pinned: whether values are zero at both ends (a force that begins and ends at nothing).
    """

    start_s: float
    end_s: float
    intervals: int
    pinned: bool

    @property
    def count(self) -> int:
        """Number of functions."""
        return self.intervals + CONTACT_DEGREE - (2 if self.pinned else 0)

    def matrix(self, time_s: FloatArray) -> FloatArray:
        """Return values of the functions, (K, count); beyond the ends they stay at the end's."""
        degree = CONTACT_DEGREE
        knots = np.concatenate(
            [np.zeros(degree), np.linspace(0.0, 1.0, self.intervals + 1), np.ones(degree)]
        )
        spline = BSpline(knots, np.eye(self.intervals + degree), degree)
        phase = (time_s - self.start_s) / (self.end_s - self.start_s)
        values = np.asarray(spline(np.clip(phase, 0.0, 1.0)))
        return values[:, 1:-1] if self.pinned else values
