"""Curves of many muscles, tabulated once and looked up for all frames and muscles together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray


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
        self._pieces = np.stack([spline.c.T for spline in splines])
        self._which = np.array([distinct.index(curve) for curve in curves])

    @classmethod
    def by_row(cls, tables: Sequence[CurveTable], counts: Sequence[int]) -> CurveTable:
        """Return the curves of R rows of N muscles, so many rows of each table.

        Args:
            tables: of N muscles each, on one grid.
            counts: rows of each.
        """
        made = cls.__new__(cls)
        first = tables[0]
        made._first, made._last, made._step = first._first, first._last, first._step
        made._pieces = np.concatenate([table._pieces for table in tables])
        before = np.cumsum([0, *(len(table._pieces) for table in tables[:-1])])
        which = [table._which + start for table, start in zip(tables, before, strict=True)]
        made._which = np.repeat(np.stack(which), counts, axis=0)
        return made

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> CurveTable:
        """Return the curves of some of the rows; the same where all rows have the same."""
        if self._which.ndim == 1:
            return self
        made = copy(self)
        made._which = self._which[rows]
        return made

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

    def values_and_slopes(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the curves and their derivatives, (..., N) each."""
        piece, at = self._look(x)
        slope = (3.0 * piece[..., 0] * at + 2.0 * piece[..., 1]) * at + piece[..., 2]
        value = ((piece[..., 0] * at + piece[..., 1]) * at + piece[..., 2]) * at + piece[..., 3]
        within = (x > self._first) & (x < self._last)
        return np.asarray(value), np.where(within, slope, 0.0)
