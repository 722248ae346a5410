"""The normal equations of a whole trial: a narrow band, where unknowns stand in order of time.

Every spline acts for a short while only, so unknowns that are far from each other in time are not
tied. What acts for the whole of a contact, the foot's placement, is kept apart and solved last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dtbsv
from scipy.linalg.lapack import dpbtrf

from strikelean.formats.series import FloatArray
from strikelean.stride.blocks import PLACEMENT
from strikelean.stride.normal import Sums
from strikelean.stride.splines import ACTIVE
from strikelean.stride.unknowns import Unknowns

# Share of the diagonal that is added to it: forces near a contact's ends hardly act.
FLOOR_SHARE = 1e-9


class Band:
    """Where the unknowns of a trial stand in the band; worked out once for all steps.

    Args:
        unknowns: of the trial.
    """

    def __init__(self, unknowns: Unknowns) -> None:
        self.free = len(unknowns.moving)
        count, intervals = unknowns.basis.count, len(unknowns.functions)
        # in which intervals each function of motion and feet is not zero
        acts = [np.zeros((intervals, count), dtype=bool)]
        for first in range(ACTIVE):
            function = unknowns.functions[:, first]
            known = np.flatnonzero(function >= 0)
            acts[0][known, function[known]] = True
        apart, start = [], count * self.free
        for foot in unknowns.feet:
            own = np.zeros((intervals, foot.size), dtype=bool)
            own[foot.intervals] = np.concatenate([part.any(axis=1) for part in foot.spread], axis=1)
            acts.append(own)
            apart.append(start + np.arange(foot.edges[PLACEMENT.start], foot.size))
            start += foot.size
        self.size, self.apart = start, np.concatenate([np.arange(0), *apart])
        self._order(acts)
        self._place(unknowns, acts)

    def _order(self, acts: list[NDArray[np.bool_]]) -> None:
        """Put the unknowns in the order of the middles of the time in which they act."""
        number = np.arange(len(acts[0]))[:, None]
        middles = []
        for own in acts:
            last = np.where(own, number, -1).max(axis=0)
            first = np.where(own, number, len(number)).min(axis=0)
            middles.append(0.5 * (first + last))
        middles[0] = np.repeat(middles[0], self.free)
        every = np.concatenate(middles)
        self.inner = np.setdiff1d(np.argsort(every, kind="stable"), self.apart, assume_unique=True)
        # -1 for what is kept apart
        self.place = np.full(self.size, -1, np.int32)
        self.place[self.inner] = np.arange(len(self.inner))
        self.beside = np.full(self.size, -1)
        self.beside[self.apart] = np.arange(len(self.apart))

    def _place(self, unknowns: Unknowns, acts: list[NDArray[np.bool_]]) -> None:
        """Find which elements of the parts go where in the band, and which to what is apart."""
        free, count = self.free, unknowns.basis.count
        within = np.arange(free, dtype=np.int32)
        at = np.arange(count, dtype=np.int32)[:, None] * free + within
        ahead = np.minimum(np.arange(count)[:, None] + np.arange(ACTIVE), count - 1)
        shape = (count, ACTIVE, free, free)
        rows = [np.broadcast_to(at[:, None, :, None], shape).ravel()]
        columns = [np.broadcast_to(at[ahead][:, :, None], shape).ravel()]
        real = np.arange(count)[:, None] + np.arange(ACTIVE) < count
        # of a function's block with itself a half
        half = (np.arange(ACTIVE)[:, None, None] > 0) | (within[:, None] >= within)
        used = [(real[:, :, None, None] & half).ravel()]
        start = count * free
        edges = []
        for foot, own in zip(unknowns.feet, acts[1:], strict=True):
            edges.append(start)
            mine = start + np.arange(foot.size, dtype=np.int32)
            start += foot.size
            spread = (len(foot.functions), free, foot.size)
            tied = acts[0][:, foot.functions].T @ own
            rows.append(np.broadcast_to(at[foot.functions][:, :, None], spread).ravel())
            columns.append(np.broadcast_to(mine, spread).ravel())
            used.append(np.broadcast_to(tied[:, None], spread).ravel())
        for f, g in unknowns.pairs:
            one, two = (edges[n] + np.arange(unknowns.feet[n].size, dtype=np.int32) for n in (f, g))
            tied = acts[1 + f].T @ acts[1 + g]
            if f == g:
                tied = np.tril(tied)
            rows.append(np.broadcast_to(one[:, None], tied.shape).ravel())
            columns.append(np.broadcast_to(two, tied.shape).ravel())
            used.append(tied.ravel())
        row, column, chosen = (np.concatenate(parts) for parts in (rows, columns, used))
        kept = np.flatnonzero(chosen)
        row, column = row[kept], column[kept]
        one, two = self.place[row], self.place[column]
        banded = (one >= 0) & (two >= 0)
        depth, self.of_band = np.abs(one - two)[banded], kept[banded]
        self.width = int(depth.max()) + 1
        # LAPACK's lower band, column by column
        self.in_band = np.minimum(one, two)[banded] * self.width + depth
        self.of_apart = kept[~banded]
        self.in_apart = row[~banded], column[~banded]

    def solve(self, sums: Sums) -> FloatArray:
        """Return the matrix' inverse times the gradient, (N,).

        Unknowns are scaled to a diagonal of ones: their units differ.

        Raises:
            LinAlgError: the matrix is not positive.
        """
        values = np.concatenate(
            [
                sums.band.ravel(),
                *(tie.block.ravel() for tie in sums.ties),
                *(block.ravel() for block in sums.corners.values()),
            ]
        )
        scale = 1.0 / np.sqrt(sums.diagonal)
        inner, apart = self.inner, self.apart
        band = np.zeros((len(inner), self.width))
        band.ravel()[self.in_band] = values[self.of_band]
        own = scale[inner]
        band *= own[:, None]
        padded = np.concatenate([own, np.zeros(self.width)])
        band *= np.lib.stride_tricks.sliding_window_view(padded, self.width)[: len(inner)]
        band[:, 0] += FLOOR_SHARE
        lower, failed = dpbtrf(band.T, lower=1, overwrite_ab=1)
        if failed:
            raise np.linalg.LinAlgError("a matrix of the solve is not positive")
        # the columns of what is kept apart, and the gradient last
        right = np.zeros((self.size, len(apart) + 1))
        row, column = self.in_apart
        for one, two in ((row, column), (column, row)):
            known = self.beside[two] >= 0
            right[one[known], self.beside[two[known]]] = values[self.of_apart[known]]
        right[:, :-1] *= scale[apart]
        right[:, -1] = sums.gradient
        right *= scale[:, None]
        reduced = np.zeros((len(right[0]), len(inner)))
        for number, side in enumerate(right[inner].T):
            # nothing before its first element
            start = int(np.argmax(side != 0.0))
            part = np.ascontiguousarray(side[start:])
            reduced[number, start:] = dtbsv(self.width - 1, lower[:, start:], part, lower=1)
        ties, known = reduced[:-1], reduced[-1]
        corner = right[apart, :-1] - ties @ ties.T
        corner[np.diag_indices(len(apart))] += FLOOR_SHARE
        found = np.empty(self.size)
        found[apart] = cho_solve(
            cho_factor(corner, check_finite=False), right[apart, -1] - ties @ known
        )
        left = known - found[apart] @ ties
        found[inner] = dtbsv(self.width - 1, lower, left, lower=1, trans=1)
        return np.asarray(scale * found)
