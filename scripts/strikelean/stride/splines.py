"""Spline bases: periodic ones over a stride, and ones over a contact that vanish at its ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline

from strikelean.formats.series import FloatArray

# Quintic, so that accelerations are twice differentiable, as differentiated recordings are.
STRIDE_DEGREE = 5
CONTACT_DEGREE = 3


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
