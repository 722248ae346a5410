"""The splines of a stride's changes: what each unknown does at each frame.

Few splines overlap at any time, so what a frame adds to the normal equations touches six functions
of the stride only. Frames are taken together by the interval between two knots they lie in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.stride.blocks import FOOT_VARIABLES, PRESSURE, Block, Change, Residuals
from strikelean.stride.normal import ACTIVE, NormalEquations
from strikelean.stride.scales import SolveRules
from strikelean.stride.splines import ContactBasis, PeriodicBasis
from strikelean.stride.stride import Stride

# Fewer functions than this would overlap both ways round.
FEWEST = 12
# Variables of a foot that are places: pressure and placement.
PLACES = FOOT_VARIABLES - PRESSURE.start
# Two functions of an interval: the first, and how many places ahead of it the other is.
PAIRS = [(first, ahead) for first in range(ACTIVE) for ahead in range(ACTIVE - first)]


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
        self._gather(stride)

    def _gather(self, stride: Stride) -> None:
        """Find the frames of each interval between knots, (count, F), and their six functions.

        Intervals with fewer frames than the fullest are filled up with frames that count nothing.
        """
        count, time_s = self.basis.count, stride.time_s
        phase = np.mod((time_s - self.basis.start_s) / self.basis.period_s, 1.0) * count
        interval = np.minimum(phase.astype(np.int64), count - 1)
        held = np.bincount(interval, minlength=count)
        order = np.argsort(interval, kind="stable")
        place = np.arange(len(order)) - np.repeat(np.cumsum(held) - held, held)
        at = interval[order], place
        self.rows = np.zeros((count, int(held.max())), dtype=np.int64)
        self.rows[at] = order
        functions = (np.arange(count)[:, None] + np.arange(ACTIVE)) % count
        # (count, F, 6, 3)
        self.local = np.zeros((*self.rows.shape, ACTIVE, 3))
        for kind, matrix in enumerate(self.stride_matrices):
            self.local[(*at, slice(None), kind)] = matrix[order[:, None], functions[at[0]]]
        # products of two of the functions, (3, count, 21, F)
        first, ahead = np.array(PAIRS).T
        products = self.local[:, :, first] * self.local[:, :, first + ahead]
        self.products = np.ascontiguousarray(products.transpose(3, 0, 2, 1))
        self.feet = []
        for index, foot in enumerate(stride.feet):
            # a foot acts where it touches, and where a filtered force spreads beyond
            acts = (foot.inside(time_s) > 0.0) | (foot.force_n != 0.0).any(axis=1)
            own = np.unique(interval[acts])
            spread = []
            for matrix in self.foot_matrices[FOOT_VARIABLES * index :][:FOOT_VARIABLES]:
                part = np.zeros((*self.rows.shape, matrix.shape[1]))
                part[at] = matrix[order]
                spread.append(part[own])
            self.feet.append(_Foot(own, spread))

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
        sums = _FrameSums(found, free)
        motion = np.zeros((self.basis.count, free))
        for kind, matrix in enumerate(self.stride_matrices):
            motion += matrix.T @ sums.slope[:, kind * free : (kind + 1) * free]
        pushes = [
            m.T @ g for m, g in zip(self.foot_matrices, sums.slope[:, 3 * free :].T, strict=True)
        ]
        slopes = sums.full[self.rows]
        shape = (*slopes.shape[:3], 3, free)
        tall = np.matmul(self.local[:, :, None], slopes[..., : 3 * free].reshape(shape))
        tall = tall.reshape(len(slopes), -1, ACTIVE * free)
        wide = [self._wide(slopes, foot, index, free) for index, foot in enumerate(self.feet)]
        borders = [
            self._border(sums, tall, foot, index, part)
            for index, (foot, part) in enumerate(zip(self.feet, wide, strict=True))
        ]
        gradient = np.concatenate([motion.ravel(), *pushes])
        return NormalEquations(self._band(sums, tall), borders, self._corner(sums, wide), gradient)

    def _wide(self, slopes: FloatArray, foot: _Foot, index: int, free: int) -> FloatArray:
        """Return slopes by a foot's unknowns, (its intervals, F r, M)."""
        first = 3 * free + FOOT_VARIABLES * index
        own = slopes[foot.intervals][..., first : first + FOOT_VARIABLES]
        parts = [own[..., v, None] * spread[:, :, None] for v, spread in enumerate(foot.spread)]
        return np.concatenate(parts, axis=3).reshape(len(foot.intervals), -1, foot.size)

    def _band(self, sums: _FrameSums, tall: FloatArray) -> FloatArray:
        """Return the sums between functions of the ring, (count, 6, C, C)."""
        free, count = sums.free, len(self.rows)
        # a copy: of one array with itself numpy fills a half and mirrors it, which takes longer
        between = np.matmul(tall.transpose(0, 2, 1).copy(), tall)
        between = between.reshape(count, ACTIVE, free, ACTIVE, free)
        inner = sums.inner[:, :free, :free][self.rows].reshape(*self.rows.shape, -1)
        total = np.matmul(self.products[0], inner).reshape(count, -1, free, free)
        diagonal = np.arange(free)
        for kind in range(3):
            own = sums.single[:, kind * free : (kind + 1) * free]
            if own.any():
                total[..., diagonal, diagonal] += np.matmul(self.products[kind], own[self.rows])
        band = np.zeros((count, ACTIVE, free, free))
        for pair, (first, ahead) in enumerate(PAIRS):
            part = between[:, first, :, first + ahead] + total[:, pair]
            band[first:, ahead] += part[: count - first]
            if first:
                band[:first, ahead] += part[-first:]
        return band

    def _border(
        self, sums: _FrameSums, tall: FloatArray, foot: _Foot, index: int, wide: FloatArray
    ) -> FloatArray:
        """Return the sums between functions of the ring and a foot's unknowns, (count, C, M)."""
        free, own = sums.free, foot.intervals
        part = np.matmul(tall[own].transpose(0, 2, 1), wide)
        part = part.reshape(len(own), ACTIVE, free, foot.size)
        start = free + PLACES * index
        held = sums.inner[:, :free, start : start + PLACES][self.rows[own]]
        spread = [
            (held[..., v, None] * one[:, :, None])
            for v, one in enumerate(foot.spread[PRESSURE.start :])
        ]
        flat = np.concatenate(spread, axis=3)
        added = np.matmul(
            self.local[own, :, :, 0].transpose(0, 2, 1), flat.reshape(*held.shape[:2], -1)
        )
        part[..., -flat.shape[3] :] += added.reshape(len(own), ACTIVE, free, -1)
        border = np.zeros((self.basis.count, free, foot.size))
        for first in range(ACTIVE):
            border[(own + first) % self.basis.count] += part[:, first]
        return border

    def _corner(self, sums: _FrameSums, wide: list[FloatArray]) -> FloatArray:
        """Return the sums among the feet's unknowns."""
        edges = self.edges[1:] - self.edges[1]
        corner = np.zeros((edges[-1], edges[-1]))
        starts = edges[::FOOT_VARIABLES]
        for f, (foot, part) in enumerate(zip(self.feet, wide, strict=True)):
            rows = slice(int(starts[f]), int(starts[f + 1]))
            flat = part.reshape(-1, foot.size)
            corner[rows, rows] = flat.T @ flat
            for g in range(f):
                both, mine, other = np.intersect1d(
                    foot.intervals, self.feet[g].intervals, return_indices=True
                )
                if both.size:
                    columns = slice(int(starts[g]), int(starts[g + 1]))
                    one = part[mine].reshape(-1, foot.size)
                    block = one.T @ wide[g][other].reshape(-1, self.feet[g].size)
                    corner[rows, columns], corner[columns, rows] = block, block.T
        for i, (matrix, weight) in enumerate(
            zip(self.foot_matrices, sums.single[:, 3 * sums.free :].T, strict=True)
        ):
            own = slice(int(edges[i]), int(edges[i + 1]))
            corner[own, own] += matrix.T @ (weight[:, None] * matrix)
        inner = sums.inner[:, sums.free :, sums.free :]
        for pair in np.argwhere(inner.any(axis=0)):
            i, j = (FOOT_VARIABLES * (n // PLACES) + PRESSURE.start + n % PLACES for n in pair)
            own, across = (slice(int(edges[k]), int(edges[k + 1])) for k in (i, j))
            weighted = inner[:, pair[0], pair[1]][:, None] * self.foot_matrices[j]
            corner[own, across] += self.foot_matrices[i].T @ weighted
        return corner


@dataclass(frozen=True)
class _Foot:
    """Where one foot acts.

    Attributes:
        intervals: (m,) between knots of the ring.
        spread: functions of its eight variables at the frames of those, (m, F, functions) each.
    """

    intervals: NDArray[np.int64]
    spread: list[FloatArray]

    @property
    def size(self) -> int:
        """Number of its unknowns."""
        return sum(part.shape[2] for part in self.spread)


class _FrameSums:
    """What each frame's residuals add up to, by what they depend on.

    Attributes:
        free: C coordinates that move.
        slope: (K, 3 C + feet's) gradient by the frame's variables.
        full: (K, r, 3 C + feet's) slopes of those that depend on speeds, accelerations, forces.
        inner: (K, C + 4 feet, C + 4 feet) products of slopes of the others, by coordinates and each
            foot's pressure and placement.
        single: (K, 3 C + feet's) squares of slopes, of those that depend on one variable.
    """

    def __init__(self, found: Residuals, free: int) -> None:
        self.free = free
        frames = len(found.blocks[0].values)
        self.slope = np.zeros((frames, found.width))
        self.single = np.zeros((frames, found.width))
        feet = (found.width - 3 * free) // FOOT_VARIABLES
        # where coordinates, pressures and placements lie in the products, -1 for the others
        places = np.full(found.width, -1)
        places[:free] = np.arange(free)
        foot = places[3 * free :].reshape(feet, FOOT_VARIABLES)
        foot[:, PRESSURE.start :] = free + np.arange(PLACES * feet).reshape(feet, PLACES)
        full: list[FloatArray] = []
        parts: list[FloatArray] = [np.zeros((frames, 0, free + PLACES * feet))]
        for block in found.blocks:
            if block.single:
                self.slope[:, block.columns] += block.values * block.slopes
                self.single[:, block.columns] += block.slopes**2
                continue
            pulled = np.matmul(block.values[:, None], block.slopes)[:, 0]
            self.slope[:, block.columns] += pulled
            columns = places[block.columns]
            if (columns >= 0).all():
                parts.append(_widened(block, columns, free + PLACES * feet))
            else:
                full.append(_widened(block, block.columns, found.width))
        self.full = full[0] if len(full) == 1 else np.concatenate(full, axis=1)
        slopes = np.concatenate(parts, axis=1)
        self.inner = np.matmul(slopes.transpose(0, 2, 1), slopes)


def _widened(block: Block, columns: NDArray[np.int64], width: int) -> FloatArray:
    """Return a block's slopes by all variables, (K, r, width)."""
    if len(columns) == width:
        return block.slopes
    found = np.zeros((*block.values.shape, width))
    found[:, :, columns] = block.slopes
    return found
