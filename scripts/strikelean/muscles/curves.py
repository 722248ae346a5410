"""Curves of many muscles, tabulated once and looked up for all frames and muscles together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray
from strikelean.muscles.kernel_values import Table


class CurveTable:
    """One curve for each of N muscles, as cubic pieces on a common, even grid.

    Args:
        grid: (M,) evenly spaced arguments; beyond them a curve keeps its last value.
        curves: N functions; those that are the same object are tabulated once.
    """

    def __init__(self, grid: FloatArray, curves: Sequence[Callable[[float], float]]) -> None:
        self._first, self._last = float(grid[0]), float(grid[-1])
        self._step = (self._last - self._first) / (len(grid) - 1)
        distinct = list(dict.fromkeys(curves))
        splines = [CubicSpline(grid, [curve(x) for x in grid.tolist()]) for curve in distinct]
        # highest power first, the pieces of a curve one after the other
        self._pieces = np.ascontiguousarray(np.stack([spline.c.T for spline in splines]))
        self._which = np.array([distinct.index(curve) for curve in curves])

    def table(self) -> Table:
        """Return the curves as the compiled loops read them."""
        return Table(self._pieces, self._which, self._first, self._last, self._step)

    def _look(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the pieces (..., N, 4) that arguments (..., N) fall on, and where on them."""
        inside = np.clip(x, self._first, self._last) - self._first
        piece = np.minimum((inside / self._step).astype(np.int64), self._pieces.shape[1] - 1)
        return self._pieces[self._which, piece], inside - piece * self._step

    def values(self, x: FloatArray) -> FloatArray:
        """Return the curves (..., N) at arguments (..., N), one column a muscle."""
        piece, at = self._look(x)
        value = piece[..., 0]
        for power in (1, 2, 3):
            value = value * at + piece[..., power]
        return np.asarray(value)
