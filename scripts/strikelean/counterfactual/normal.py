"""The normal equations of a stride: a ring of splines, each tied to its neighbours, and the feet.

The matrix is solved by Cholesky's method block by block around the ring: five functions at a time
are tied only to the next five, to those that close the ring, and to the feet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve
from scipy.linalg.lapack import dtrtri

from strikelean.counterfactual.bases import STRIDE_DEGREE
from strikelean.formats.series import FloatArray

# functions that are not zero at a time
ACTIVE = STRIDE_DEGREE + 1
# forces near a contact's ends hardly act: enough of a floor for the factorisation
FLOOR_SHARE = 1e-12


@dataclass(frozen=True)
class _Eliminated:
    """A block of the ring that was eliminated, over its Cholesky factor.

    Attributes:
        inverse: of the lower factor.
        ties: inverse times what ties the block to those behind it, the right side last.
    """

    inverse: FloatArray
    ties: FloatArray


class NormalEquations:
    """The Gauss-Newton matrix of a stride, (N, N), and the gradient, (N,).

    Args:
        between: (count, 6, C, 6, C) sums over each interval, between its six functions.
        border: (count, 6, C, M) the same, with the M unknowns of the feet.
        corner: (M, M) among those.
        gradient: (N,), functions first, C coordinates each, then the feet.
    """

    def __init__(
        self, between: FloatArray, border: FloatArray, corner: FloatArray, gradient: FloatArray
    ) -> None:
        count, _, free, _, _ = between.shape
        # (count, 6, C, C): between each function and the one that many places ahead of it
        self.band = np.zeros((count, ACTIVE, free, free))
        self.border = np.zeros((count, free, border.shape[-1]))
        for first in range(ACTIVE):
            for ahead in range(ACTIVE - first):
                part = between[:, first, :, first + ahead]
                _add_rolled(self.band[:, ahead], part, first)
            _add_rolled(self.border, border[:, first], first)
        self.corner, self.gradient = corner, gradient
        diagonal = np.einsum("ncc->nc", self.band[:, 0])
        self.diagonal = np.concatenate([diagonal.ravel(), np.diag(corner)])

    def matrix(self) -> FloatArray:
        """Return the whole matrix, (N, N)."""
        count, _, free, _ = self.band.shape
        ring = np.zeros((count, free, count, free))
        rows = np.arange(count)
        for ahead in range(ACTIVE):
            part = self.band[:, ahead]
            ring[rows, :, (rows + ahead) % count] = part
            ring[(rows + ahead) % count, :, rows] = part.transpose(0, 2, 1)
        size = count * free
        border = self.border.reshape(size, -1)
        return np.block([[ring.reshape(size, size), border], [border.T, self.corner]])

    def solve(self) -> FloatArray:
        """Return the matrix' inverse times the gradient, (N,).

        Unknowns are scaled to a diagonal of ones: their units differ. LinAlgError where the matrix
        is not positive.
        """
        count, _, free, _ = self.band.shape
        scale = 1.0 / np.sqrt(self.diagonal)
        ring = scale[: count * free].reshape(count, free)
        feet = scale[count * free :]
        ahead = np.stack([np.roll(ring, -shift, axis=0) for shift in range(ACTIVE)], axis=1)
        band = self.band * ring[:, None, :, None] * ahead[:, :, None]
        places = np.arange(free)
        band[:, 0, places, places] += FLOOR_SHARE
        border = self.border * ring[..., None] * feet
        corner = self.corner * feet * feet[:, None]
        corner[np.diag_indices(len(corner))] += FLOOR_SHARE
        found = _solve_ring(band, border, corner, scale * self.gradient)
        return np.asarray(scale * found)


def _add_rolled(total: FloatArray, part: FloatArray, places: int) -> None:
    """Add the n-th of a part to the one that many places on around the ring."""
    if places:
        total[places:] += part[:-places]
        total[:places] += part[-places:]
    else:
        total += part


def _fill(band: FloatArray, rows: range, columns: range, out: FloatArray) -> None:
    """Write the blocks of the ring between two ranges of functions, (rows C, columns C)."""
    count, _, free, _ = band.shape
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            ahead, back = (column - row) % count, (row - column) % count
            if ahead < ACTIVE:
                part = band[row, ahead]
            elif back < ACTIVE:
                part = band[column, back].T
            else:
                continue
            out[i * free : (i + 1) * free, j * free : (j + 1) * free] = part


def _solve_ring(
    band: FloatArray, border: FloatArray, corner: FloatArray, right: FloatArray
) -> FloatArray:
    """Solve a positive matrix given as a ring with a border, for one right side."""
    count, _, free, _ = band.shape
    step = STRIDE_DEGREE
    starts = list(range(0, (count // step - 1) * step, step))
    closing = range(starts[-1] + step, count)
    size, feet = step * free, corner.shape[0]
    close = len(closing) * free
    rest = close + feet
    # closing functions, the feet, and the right side, tied to every block
    end = np.zeros((rest, rest + 1))
    _fill(band, closing, closing, end[:close, :close])
    end[:close, close:rest] = border[closing.start :].reshape(close, feet)
    end[close:, :close] = end[:close, close:rest].T
    end[close:, close:rest] = corner
    end[:, rest] = right[closing.start * free :]
    done: list[_Eliminated] = []
    carried = np.zeros((size, size + rest + 1))
    for number, start in enumerate(starts):
        own = range(start, start + step)
        last = number == len(starts) - 1
        behind = 0 if last else size
        matrix, ties = np.zeros((size, size)), np.zeros((size, behind + rest + 1))
        _fill(band, own, own, matrix)
        if not last:
            _fill(band, own, range(start + step, start + 2 * step), ties[:, :behind])
        if number == 0 or last:
            _fill(band, own, closing, ties[:, behind : behind + close])
        ties[:, behind + close : behind + rest] = border[own.start : own.stop].reshape(size, feet)
        ties[:, -1] = right[start * free : start * free + size]
        if number:
            matrix -= carried[:, :size]
            ties[:, behind:] -= carried[:, size:]
        inverse = dtrtri(np.linalg.cholesky(matrix), lower=1)[0]
        ties = inverse @ ties
        done.append(_Eliminated(inverse, ties))
        products = ties.T @ ties
        end -= products[behind : behind + rest, behind:]
        carried = products[:behind]
    found = cho_solve((np.linalg.cholesky(end[:, :rest]), True), end[:, rest:], check_finite=False)
    parts = [found]
    ahead = np.zeros((0, 1))
    for block in reversed(done):
        behind_it = np.concatenate([ahead, found])
        ahead = block.inverse.T @ (block.ties[:, -1:] - block.ties[:, :-1] @ behind_it)
        parts.insert(0, ahead)
    return np.concatenate(parts)[:, 0]
