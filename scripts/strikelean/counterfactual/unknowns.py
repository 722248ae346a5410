"""The splines of a stride's changes: what each unknown does at each frame.

Few splines overlap at any time, so what a frame adds to the normal equations touches six functions
of the stride only. Frames are taken together by the interval between two knots they lie in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from strikelean.counterfactual.bases import ContactBasis, PeriodicBasis
from strikelean.counterfactual.blocks import FOOT_VARIABLES, Block, Change, Residuals
from strikelean.counterfactual.normal import ACTIVE, NormalEquations
from strikelean.counterfactual.settings import SolveRules
from strikelean.counterfactual.stride import Stride
from strikelean.formats.series import FloatArray

# Fewer functions than this would overlap both ways round.
FEWEST = 12


class Unknowns:
    """Where each unknown lies in the vector, and what it does at each frame.

    Attributes:
        basis: splines of the coordinates' changes.
        contacts: per foot, splines of force and of pressure changes.
        edges: where each foot variable's coefficients begin, after those of the coordinates.
    """

    def __init__(self, stride: Stride, moving: NDArray[np.int64], rules: SolveRules) -> None:
        self.moving = moving
        self.basis = PeriodicBasis(
            stride.start_s, stride.period_s, max(FEWEST, round(stride.period_s / rules.knot_s))
        )
        self.stride_matrices = [self.basis.matrix(stride.time_s, order) for order in range(3)]
        self.contacts = tuple(
            (
                ContactBasis(foot.start_s, foot.end_s, rules.contact_intervals, True),
                ContactBasis(foot.start_s, foot.end_s, rules.contact_intervals, False),
            )
            for foot in stride.feet
        )
        ones = np.ones((len(stride.time_s), 1))
        # (frames, functions) of each foot variable in turn
        self.foot_matrices: list[FloatArray] = []
        for force, pressure in self.contacts:
            self.foot_matrices += [force.matrix(stride.time_s)] * 4
            self.foot_matrices += [pressure.matrix(stride.time_s)] * 2
            self.foot_matrices += [ones] * 2
        sizes = [self.basis.count * len(moving)] + [m.shape[1] for m in self.foot_matrices]
        self.edges = np.concatenate([[0], np.cumsum(sizes)])
        self._gather(stride.time_s)

    def _gather(self, time_s: FloatArray) -> None:
        """Find the frames of each interval between knots, (count, F), and their six functions.

        Intervals with fewer frames than the fullest are filled up with frames that count nothing.
        """
        count = self.basis.count
        phase = np.mod((time_s - self.basis.start_s) / self.basis.period_s, 1.0) * count
        interval = np.minimum(phase.astype(np.int64), count - 1)
        held = np.bincount(interval, minlength=count)
        order = np.argsort(interval, kind="stable")
        place = np.arange(len(order)) - np.repeat(np.cumsum(held) - held, held)
        self.rows = np.zeros((count, int(held.max())), dtype=np.int64)
        self.rows[interval[order], place] = order
        functions = (np.arange(count)[:, None] + np.arange(ACTIVE)) % count
        # (count, F, 3, 6)
        self.local = np.zeros((*self.rows.shape, 3, ACTIVE))
        for kind, matrix in enumerate(self.stride_matrices):
            own = matrix[order[:, None], functions[interval[order]]]
            self.local[interval[order], place, kind] = own
        self.spread = self._spread_feet(interval, order, place)

    def _spread_feet(
        self, interval: NDArray[np.int64], order: NDArray[np.int64], place: NDArray[np.int64]
    ) -> list[FloatArray]:
        """Return each foot variable's functions, (count, F, functions), nothing where no frame is."""
        found = []
        for matrix in self.foot_matrices:
            part = np.zeros((*self.rows.shape, matrix.shape[1]))
            part[interval[order], place] = matrix[order]
            found.append(part)
        return found

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return int(self.edges[-1])

    def change(self, unknowns: FloatArray) -> Change:
        """Return the change at the stride's frames."""
        count = self.basis.count
        coefficients = unknowns[: self.edges[1]].reshape(count, len(self.moving))
        place, speed, acceleration = (matrix @ coefficients for matrix in self.stride_matrices)
        feet = np.stack(
            [
                matrix @ unknowns[self.edges[1 + i] : self.edges[2 + i]]
                for i, matrix in enumerate(self.foot_matrices)
            ],
            axis=1,
        )
        return Change(place, speed, acceleration, feet.reshape(len(feet), -1, FOOT_VARIABLES))

    def normal_equations(self, found: Residuals) -> NormalEquations:
        """Return the Gauss-Newton matrix and the gradient."""
        free = len(self.moving)
        feet = slice(3 * free, 3 * free + len(self.foot_matrices))
        sums = _FrameSums(found, free, len(self.foot_matrices))
        motion = [
            matrix.T @ part
            for matrix, part in zip(
                self.stride_matrices, np.split(sums.slope[:, : 3 * free], 3, axis=1), strict=True
            )
        ]
        pushes = sums.slope[:, feet].T
        gradient = np.concatenate(
            [sum(motion).ravel(), *(m.T @ g for m, g in zip(self.foot_matrices, pushes, strict=True))]
        )
        between, border, corner = self._of_all(sums)
        between += self._of_coordinates(sums)
        self._of_places(sums, border, corner)
        return NormalEquations(between, border, corner, gradient)

    def _of_all(self, sums: _FrameSums) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what the residuals that depend on everything add.

        Between the functions of each interval (count, 6, C, 6, C), between those and the feet's
        (count, 6, C, feet's), and among the feet's.
        """
        free, (count, filled) = sums.free, self.rows.shape
        slopes = sums.full[self.rows]
        rows = slopes.shape[2]
        local = np.zeros((count, filled, rows, ACTIVE, free))
        for kind in range(3):
            part = slopes[..., None, kind * free : (kind + 1) * free]
            local += self.local[:, :, None, kind, :, None] * part
        width = self.size - int(self.edges[1])
        feet = np.empty((count, filled, rows, width))
        edges = self.edges[1:] - self.edges[1]
        for i, spread in enumerate(self.spread):
            part = slopes[..., 3 * free + i, None]
            np.multiply(part, spread[:, :, None], out=feet[..., edges[i] : edges[i + 1]])
        tall = local.reshape(count, filled * rows, ACTIVE * free)
        wide = feet.reshape(count, filled * rows, width)
        turned = tall.transpose(0, 2, 1)
        between = np.matmul(turned, tall).reshape(count, ACTIVE, free, ACTIVE, free)
        border = np.matmul(turned, wide).reshape(count, ACTIVE, free, width)
        flat = wide.reshape(-1, width)
        return between, border, flat.T @ flat

    def _of_coordinates(self, sums: _FrameSums) -> FloatArray:
        """Return what residuals of coordinates, or of one variable, add between functions."""
        free, count = sums.free, len(self.rows)
        place, speed, turning = (self.local[:, :, kind] for kind in range(3))
        pairs = (place[..., None] * place[:, :, None]).reshape(count, -1, ACTIVE**2)
        inner = sums.inner[:, :free, :free].reshape(len(sums.inner), -1)[self.rows]
        total = np.matmul(pairs.transpose(0, 2, 1), inner)
        total = total.reshape(count, ACTIVE, ACTIVE, free, free)
        for kind, part in ((0, place), (1, speed), (2, turning)):
            own = sums.single[:, kind * free : (kind + 1) * free]
            if own.any():
                pairs = (part[..., None] * part[:, :, None]).reshape(count, -1, ACTIVE**2)
                added = np.matmul(pairs.transpose(0, 2, 1), own[self.rows])
                diagonal = np.arange(free)
                total[..., diagonal, diagonal] += added.reshape(count, ACTIVE, ACTIVE, free)
        return total.transpose(0, 1, 3, 2, 4)

    def _of_places(self, sums: _FrameSums, border: FloatArray, corner: FloatArray) -> None:
        """Add what residuals of coordinates and some of a foot's variables make of the feet's."""
        free, count = sums.free, len(self.rows)
        edges = self.edges[1:] - self.edges[1]
        coupled = sums.inner[:, :free, free:]
        used = np.flatnonzero(coupled.any(axis=(0, 1)))
        place = self.local[:, :, 0].transpose(0, 2, 1)
        for i in used:
            part = coupled[:, :, i][self.rows][..., None] * self.spread[i][:, :, None]
            added = np.matmul(place, part.reshape(count, part.shape[1], -1))
            own = slice(int(edges[i]), int(edges[i + 1]))
            border[..., own] += added.reshape(count, ACTIVE, free, -1)
        inner = sums.inner[:, free:, free:].copy()
        diagonal = np.arange(inner.shape[1])
        inner[:, diagonal, diagonal] += sums.single[:, 3 * free :]
        for i, j in np.argwhere(inner.any(axis=0)):
            rows, columns = (slice(int(edges[k]), int(edges[k + 1])) for k in (i, j))
            weighted = inner[:, i, j][:, None] * self.foot_matrices[j]
            corner[rows, columns] += self.foot_matrices[i].T @ weighted


class _FrameSums:
    """What each frame's residuals add up to, by what they depend on.

    Attributes:
        free: C coordinates that move.
        slope: (K, 3 C + feet's) gradient by the frame's variables.
        full: (K, r, 3 C + feet's) slopes of those that depend on speeds or accelerations too.
        inner: (K, C + feet's, C + feet's) products of slopes, of the others.
        single: (K, 3 C + feet's) squares of slopes, of those that depend on one variable.
    """

    def __init__(self, found: Residuals, free: int, feet: int) -> None:
        self.free = free
        frames = len(found.blocks[0].values)
        self.slope = np.zeros((frames, found.width))
        self.single = np.zeros((frames, found.width))
        full, parts = [], []
        for block in found.blocks:
            if block.single:
                self.slope[:, block.columns] += block.values * block.slopes
                self.single[:, block.columns] += block.slopes**2
                continue
            pulled = np.matmul(block.values[:, None], block.slopes)[:, 0]
            self.slope[:, block.columns] += pulled
            moving = (block.columns >= free) & (block.columns < 3 * free)
            (full if moving.any() else parts).append(block)
        self.full = np.concatenate([_widened(b, b.columns, found.width) for b in full], axis=1)
        self.inner = np.zeros((frames, free + feet, free + feet))
        if parts:
            narrow = [
                _widened(b, np.where(b.columns < free, b.columns, b.columns - 2 * free), free + feet)
                for b in parts
            ]
            slopes = np.concatenate(narrow, axis=1)
            self.inner = np.matmul(slopes.transpose(0, 2, 1), slopes)


def _widened(block: Block, columns: NDArray[np.int64], width: int) -> FloatArray:
    """Return a block's slopes by all variables, (K, r, width)."""
    if len(columns) == width:
        return block.slopes
    found = np.zeros((*block.values.shape, width))
    found[:, :, columns] = block.slopes
    return found
