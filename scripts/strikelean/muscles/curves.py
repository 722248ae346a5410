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

    Attributes:
        table: the same as the compiled loops read it.
    """

    def __init__(self, grid: FloatArray, curves: Sequence[Callable[[float], float]]) -> None:
        first, last = float(grid[0]), float(grid[-1])
        distinct = list(dict.fromkeys(curves))
        splines = [CubicSpline(grid, [curve(x) for x in grid.tolist()]) for curve in distinct]
        # the pieces of a curve one after the other
        pieces = np.ascontiguousarray(np.stack([spline.c.T for spline in splines]))
        which = np.array([distinct.index(curve) for curve in curves])
        self.table = Table(pieces, which, first, last, (last - first) / (len(grid) - 1))

    def values(self, x: FloatArray) -> FloatArray:
        """Return the curves (..., N) at arguments (..., N), one column a muscle."""
        table = self.table
        inside = np.clip(x, table.first, table.last) - table.first
        number = np.minimum((inside / table.step).astype(np.int64), table.pieces.shape[1] - 1)
        piece, at = table.pieces[table.which, number], inside - number * table.step
        value = piece[..., 0]
        for power in (1, 2, 3):
            value = value * at + piece[..., power]
        return np.asarray(value)
