"""The normal equations of strides: splines of the motion, each tied to its neighbours, and feet.

Splines of one stride that repeats form a ring. Five functions of the ring next to each other part
it: what lies between two such cuts is tied to the cuts alone, and a foot to the side of the ring on
which it stands. Each side is eliminated by Cholesky's method, then the cuts are solved. Splines of
a whole trial form a band (:mod:`strikelean.stride.band`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.blas import dtrsv
from scipy.linalg.lapack import dpotrf, dtrtri

from strikelean.formats.series import FloatArray
from strikelean.stride.splines import ACTIVE, STRIDE_DEGREE

# forces near a contact's ends hardly act: enough of a floor for the factorisation
FLOOR_SHARE = 1e-12


@dataclass(frozen=True)
class Tie:
    """How a foot hangs together with the motion.

    Attributes:
        functions: (m,) of the motion that it is tied to.
        block: (m, C, M) of the matrix, between those and the foot's M unknowns.
    """

    functions: NDArray[np.int64]
    block: FloatArray


@dataclass(frozen=True)
class Sums:
    """The Gauss-Newton matrix of strides in parts, and the gradient.

    Attributes:
        band: (count, 6, C, C) between each function of the motion and those 0 to 5 places ahead;
            around the ring where the stride repeats.
        ties: of every foot with the motion.
        corners: ``{(f, g): block}`` of feet that act at the same time, f >= g.
        gradient: (N,), functions first, then the feet.
    """

    band: FloatArray
    ties: list[Tie]
    corners: dict[tuple[int, int], FloatArray]
    gradient: FloatArray

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """Where each foot's unknowns begin among those of all feet, and the end."""
        return np.cumsum([0, *(tie.block.shape[2] for tie in self.ties)])

    @cached_property
    def diagonal(self) -> FloatArray:
        """The matrix' diagonal, (N,)."""
        feet = [np.diag(self.corners[f, f]) for f in range(len(self.ties))]
        return np.concatenate([np.einsum("ncc->nc", self.band[:, 0]).ravel(), *feet])


@dataclass(frozen=True)
class _Part:
    """Some unknowns: functions of the ring, C coordinates each, then some of the feet's."""

    functions: NDArray[np.int64]
    feet: NDArray[np.int64]


@dataclass(frozen=True)
class _Side:
    """A side of the ring that is eliminated.

    Attributes:
        rows: (n,) its unknowns in the vector.
        lower: (n, n) factor of its block.
        reduced: (n, cuts) inverse of that times its ties with the cuts.
    """

    rows: NDArray[np.int64]
    lower: FloatArray
    reduced: FloatArray


def _forward(lower: FloatArray, right: FloatArray) -> FloatArray:
    """Return the inverse of a lower factor times (N, M) right sides, which are overwritten.

    Half by half, with inverses of the halves: products of matrices are much faster.
    """
    half = len(lower) // 2
    first, last = slice(0, half), slice(half, None)
    right[first] = dtrtri(lower[first, first], lower=1)[0] @ right[first]
    right[last] -= lower[last, first] @ right[first]
    right[last] = dtrtri(lower[last, last], lower=1)[0] @ right[last]
    return right


class RingEquations:
    """The normal equations of one stride that repeats.

    Args:
        sums: matrix and gradient in parts.
    """

    def __init__(self, sums: Sums) -> None:
        self.band, self.gradient, self.diagonal = sums.band, sums.gradient, sums.diagonal
        self.count, self.free = self.band.shape[0], self.band.shape[2]
        edges = sums.edges
        self.borders = []
        for tie in sums.ties:
            border = np.zeros((self.count, *tie.block.shape[1:]))
            border[tie.functions] = tie.block
            self.borders.append(border)
        self.border = np.concatenate(self.borders, axis=2)
        self.corner = np.zeros((edges[-1], edges[-1]))
        for (f, g), block in sums.corners.items():
            rows, columns = slice(edges[f], edges[f + 1]), slice(edges[g], edges[g + 1])
            self.corner[columns, rows] = block.T
            self.corner[rows, columns] = block

    def matrix(self) -> FloatArray:
        """Return the whole matrix, (N, N)."""
        every = _Part(np.arange(self.count), np.arange(len(self.corner)))
        return self._between(every, every)

    def _between(self, rows: _Part, columns: _Part) -> FloatArray:
        """Return the block of the matrix between two parts of the unknowns."""
        free, size = self.free, len(rows.functions) * self.free
        out = np.empty((size + len(rows.feet), len(columns.functions) * free + len(columns.feet)))
        wide = len(columns.functions) * free
        out[:size, :wide] = self._ring(rows.functions, columns.functions)
        out[:size, wide:] = self.border[rows.functions][..., columns.feet].reshape(size, -1)
        across = self.border[columns.functions][..., rows.feet].reshape(wide, -1)
        out[size:, :wide] = across.T
        out[size:, wide:] = self.corner[np.ix_(rows.feet, columns.feet)]
        return out

    def _ring(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> FloatArray:
        """Return the block between functions, (rows C, columns C)."""
        place = np.full(self.count, -1)
        place[columns] = np.arange(len(columns))
        out = np.zeros((len(rows), self.free, len(columns), self.free))
        for ahead in range(ACTIVE):
            column = place[(rows + ahead) % self.count]
            known = np.flatnonzero(column >= 0)
            out[known, :, column[known]] = self.band[rows[known], ahead]
            if ahead:
                behind = (rows - ahead) % self.count
                column = place[behind]
                known = np.flatnonzero(column >= 0)
                out[known, :, column[known]] = self.band[behind[known], ahead].transpose(0, 2, 1)
        return out.reshape(len(rows) * self.free, -1)

    def _parts(self) -> tuple[list[_Part], _Part]:
        """Return the two sides of the ring and the cuts, each with the feet that go with it."""
        first = STRIDE_DEGREE
        ranges = []
        for border in self.borders:
            active = np.flatnonzero(border[first:].any(axis=(1, 2))) + first
            ranges.append((int(active[0]), int(active[-1])) if active.size else (first, first))
        middle = (self.count + first) // 2

        def homes(cut: int) -> list[int]:
            """Return the side of each foot, 2 for the cuts."""
            return [
                0 if last < cut + first else (1 if begin >= cut else 2) for begin, last in ranges
            ]

        cuts = range(first + 1, self.count - first)
        cut = min(cuts, key=lambda m: (homes(m).count(2), abs(2 * m + first - middle * 2)))
        home = homes(cut)
        edges = np.cumsum([0, *(border.shape[2] for border in self.borders)])
        own = [np.arange(edges[f], edges[f + 1]) for f in range(len(home))]
        for f, g in combinations(range(len(home)), 2):
            if {home[f], home[g]} == {0, 1} and self.corner[np.ix_(own[f], own[g])].any():
                home[g] = 2
        feet = [
            np.concatenate(
                [np.arange(0), *(o for o, h in zip(own, home, strict=True) if h == side)]
            )
            for side in range(3)
        ]
        sides = [
            _Part(np.arange(first, cut), feet[0]),
            _Part(np.arange(cut + first, self.count), feet[1]),
        ]
        return sides, _Part(np.r_[0:first, cut : cut + first], feet[2])

    def _rows(self, part: _Part) -> NDArray[np.int64]:
        """Return where a part's unknowns lie in the vector."""
        functions = part.functions[:, None] * self.free + np.arange(self.free)
        return np.concatenate([functions.ravel(), self.count * self.free + part.feet])

    def factored(self) -> RingFactors:
        """Return what the equations are solved with, as often as the matrix serves.

        Unknowns are scaled to a diagonal of ones: their units differ. LinAlgError where the matrix
        is not positive.
        """
        scale = 1.0 / np.sqrt(self.diagonal)
        sides, cuts = self._parts()
        at_cuts = self._rows(cuts)
        middle = self._between(cuts, cuts) * scale[at_cuts] * scale[at_cuts, None]
        middle[np.diag_indices(len(middle))] += FLOOR_SHARE
        done = []
        for side in sides:
            rows = self._rows(side)
            own = scale[rows]
            matrix = self._between(side, side) * own * own[:, None]
            matrix[np.diag_indices(len(matrix))] += FLOOR_SHARE
            # turned over, both are as LAPACK wants them
            ties = self._between(cuts, side) * own
            ties *= scale[at_cuts, None]
            lower, failed = dpotrf(matrix.T, lower=1, clean=1, overwrite_a=1)
            if failed:
                raise np.linalg.LinAlgError("a matrix of the solve is not positive")
            reduced = _forward(lower, ties.T)
            middle -= reduced.T @ reduced
            done.append(_Side(rows, lower, reduced))
        return RingFactors(scale, done, at_cuts, cho_factor(middle, check_finite=False))


@dataclass(frozen=True)
class RingFactors:
    """The matrix of one stride, factored.

    Attributes:
        scale: (N,) one over the root of its diagonal.
        sides: eliminated.
        at_cuts: where the unknowns of the cuts lie in the vector.
        middle: factor of what is left of them, as of ``cho_factor``.
    """

    scale: FloatArray
    sides: list[_Side]
    at_cuts: NDArray[np.int64]
    middle: tuple[FloatArray, bool]

    def solve(self, gradient: FloatArray) -> FloatArray:
        """Return the matrix' inverse times a gradient, (N,); LinAlgError where it is no number."""
        right = self.scale * gradient
        if not np.isfinite(right).all():
            raise np.linalg.LinAlgError("residuals of the solve are no numbers")
        known = right[self.at_cuts]
        left = [dtrsv(side.lower, right[side.rows], lower=1) for side in self.sides]
        for side, own in zip(self.sides, left, strict=True):
            known = known - own @ side.reduced
        found = np.empty(len(right))
        found[self.at_cuts] = cho_solve(self.middle, known, check_finite=False)
        for side, own in zip(self.sides, left, strict=True):
            rest = own - side.reduced @ found[self.at_cuts]
            found[side.rows] = dtrsv(side.lower, rest, lower=1, trans=1)
        return np.asarray(self.scale * found)
