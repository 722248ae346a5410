"""The splines of the changes of strides: what each unknown does at each frame.

Few splines overlap at any time, so what a frame adds to the normal equations touches six functions
of the motion only. Frames are taken together by the interval between two knots they lie in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.stride.blocks import FOOT_VARIABLES, PRESSURE, Block, Change, Residuals
from strikelean.stride.normal import Sums, Tie
from strikelean.stride.scales import SolveRules
from strikelean.stride.splines import ACTIVE, Basis, ContactBasis, PeriodicBasis
from strikelean.stride.stride import FootForce, Stride

# Fewer functions than this would overlap both ways round.
FEWEST = 12
# Variables of a foot that are places: pressure and placement.
PLACES = FOOT_VARIABLES - PRESSURE.start
# Two functions of an interval: the first, and how many places ahead of it the other is.
PAIRS = [(first, ahead) for first in range(ACTIVE) for ahead in range(ACTIVE - first)]
# Intervals whose sums are worked out at a time: few enough for the cache.
TOGETHER = 16


class Unknowns:
    """Where each unknown lies in the vector, and what it does at each frame.

    The coefficients of the motion come first, function by function, then those of every foot's
    eight variables, contact by contact.

    Attributes:
        basis: splines of the coordinates' changes.
        moving: (C,) coordinates that change.
        contacts: per foot, splines of force and of pressure changes.
        edges: where each foot variable's coefficients begin, after those of the coordinates.
    """

    def __init__(
        self,
        strides: Sequence[Stride],
        basis: Basis,
        moving: NDArray[np.int64],
        contact_intervals: int,
    ) -> None:
        """Lay out the unknowns of strides whose motion shares one basis.

        Args:
            strides: one after the other; their frames are counted through.
            basis: of the changes of the motion, over all of them.
            moving: (C,) coordinates that may change.
            contact_intervals: spans between the knots of force and pressure changes.
        """
        self.moving, self.basis = moving, basis
        time_s = np.concatenate([stride.time_s for stride in strides])
        self.stride_matrices = [basis.matrix(time_s, order) for order in range(3)]
        found = [
            (
                ContactBasis(foot.start_s, foot.end_s, contact_intervals, True),
                ContactBasis(foot.start_s, foot.end_s, contact_intervals, False),
            )
            for stride in strides
            for foot in stride.feet
        ]
        self.contacts = tuple(found)
        self._gather(time_s)
        self.feet: list[_Foot] = []
        start = 0
        for stride in strides:
            frames = slice(start, start + len(stride.time_s))
            start = frames.stop
            for index, foot in enumerate(stride.feet):
                bases = self.contacts[len(self.feet)]
                self.feet.append(self._foot(foot, bases, index, frames, stride.time_s))
        sizes = [self.basis.count * len(moving)]
        sizes += [matrix.shape[1] for own in self.feet for matrix in own.matrices]
        self.edges = np.concatenate([[0], np.cumsum(sizes)])

    def _gather(self, time_s: FloatArray) -> None:
        """Find the frames of each interval between knots, (I, F), and their six functions.

        Intervals with fewer frames than the fullest are filled up with frames that count nothing.
        """
        self.functions = self.basis.functions()
        self.interval = self.basis.interval(time_s)
        held = np.bincount(self.interval, minlength=len(self.functions))
        self.order = np.argsort(self.interval, kind="stable")
        place = np.arange(len(self.order)) - np.repeat(np.cumsum(held) - held, held)
        self.at = self.interval[self.order], place
        self.rows = np.zeros((len(held), int(held.max())), dtype=np.int64)
        self.rows[self.at] = self.order
        chosen = self.functions[self.at[0]]
        # (I, F, 6, 3)
        self.local = np.zeros((*self.rows.shape, ACTIVE, 3))
        for kind, matrix in enumerate(self.stride_matrices):
            values = np.where(chosen >= 0, matrix[self.order[:, None], chosen], 0.0)
            self.local[(*self.at, slice(None), kind)] = values
        # products of two of the functions, (3, I, 21, F)
        first, ahead = np.array(PAIRS).T
        products = self.local[:, :, first] * self.local[:, :, first + ahead]
        self.products = np.ascontiguousarray(products.transpose(3, 0, 2, 1))

    def _foot(
        self,
        foot: FootForce,
        bases: tuple[ContactBasis, ContactBasis],
        index: int,
        frames: slice,
        time_s: FloatArray,
    ) -> _Foot:
        """Return where one contact acts, and with what."""
        force, pressure = (basis.matrix(time_s) for basis in bases)
        matrices = [force] * 4 + [pressure] * 2 + [np.ones((len(time_s), 1))] * 2
        # a foot acts where it touches, and where a filtered force spreads beyond
        acts = (foot.inside(time_s) > 0.0) | (foot.force_n != 0.0).any(axis=1)
        own = np.unique(self.interval[frames][acts])
        within = (self.order >= frames.start) & (self.order < frames.stop)
        at = self.at[0][within], self.at[1][within]
        spread = []
        for matrix in matrices:
            part = np.zeros((*self.rows.shape, matrix.shape[1]))
            part[at] = matrix[self.order[within] - frames.start]
            spread.append(part[own])
        touched = np.unique(self.functions[own])
        return _Foot(index, frames, own, touched[touched >= 0], matrices, spread)

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return int(self.edges[-1])

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.stride_matrices[0])

    def foot_parts(self, unknowns: FloatArray) -> list[list[FloatArray]]:
        """Return the coefficients of the eight variables of every foot."""
        parts = [unknowns[a:b] for a, b in zip(self.edges[1:-1], self.edges[2:], strict=True)]
        return [parts[i : i + FOOT_VARIABLES] for i in range(0, len(parts), FOOT_VARIABLES)]

    def change(self, unknowns: FloatArray) -> Change:
        """Return the change at the strides' frames."""
        coefficients = unknowns[: self.edges[1]].reshape(self.basis.count, len(self.moving))
        place, speed, acceleration = (matrix @ coefficients for matrix in self.stride_matrices)
        width = 1 + max((foot.index for foot in self.feet), default=-1)
        feet = np.zeros((self.frames, width, FOOT_VARIABLES))
        for foot, parts in zip(self.feet, self.foot_parts(unknowns), strict=True):
            for v, (matrix, part) in enumerate(zip(foot.matrices, parts, strict=True)):
                feet[foot.frames, foot.index, v] = matrix @ part
        return Change(place, speed, acceleration, feet)

    def gradient(self, found: Residuals) -> FloatArray:
        """Return the gradient of half the sum of squares, (N,)."""
        free, slopes = len(self.moving), found.pulled
        motion = np.zeros((self.basis.count, free))
        for kind, matrix in enumerate(self.stride_matrices):
            motion += matrix.T @ slopes[:, kind * free : (kind + 1) * free]
        pushes = []
        for foot in self.feet:
            slope = slopes[foot.frames, foot.columns(free)]
            pushes += [m.T @ g for m, g in zip(foot.matrices, slope.T, strict=True)]
        return np.concatenate([motion.ravel(), *pushes])

    def sums(self, found: Residuals) -> Sums:
        """Return the Gauss-Newton matrix, part by part, and the gradient."""
        free = len(self.moving)
        sums = _FrameSums(found, free)
        slopes = sums.full[self.rows]
        shape = (*slopes.shape[:3], 3, free)
        tall = np.matmul(self.local[:, :, None], slopes[..., : 3 * free].reshape(shape))
        tall = tall.reshape(len(slopes), -1, ACTIVE * free)
        wide = [self._wide(slopes, foot, free) for foot in self.feet]
        ties = [
            Tie(foot.functions, self._tie(sums, tall, foot, part))
            for foot, part in zip(self.feet, wide, strict=True)
        ]
        return Sums(self._band(sums, tall), ties, self._corners(sums, wide), self.gradient(found))

    @staticmethod
    def _wide(slopes: FloatArray, foot: _Foot, free: int) -> FloatArray:
        """Return slopes by a foot's unknowns, (its intervals, F r, M)."""
        own = slopes[foot.intervals][..., foot.columns(free)]
        parts = [own[..., v, None] * spread[:, :, None] for v, spread in enumerate(foot.spread)]
        return np.concatenate(parts, axis=3).reshape(len(foot.intervals), -1, foot.size)

    def _band(self, sums: _FrameSums, tall: FloatArray) -> FloatArray:
        """Return the sums between functions of the motion, (count, 6, C, C)."""
        free, count = sums.free, self.basis.count
        # the last row takes what is added to functions that are not there
        band = np.zeros((count + 1, ACTIVE, free, free))
        diagonal = np.arange(free)
        for start in range(0, len(self.rows), TOGETHER):
            some = slice(start, start + TOGETHER)
            rows, part, functions = self.rows[some], tall[some], self.functions[some]
            inner = sums.inner[:, :free, :free][rows].reshape(*rows.shape, -1)
            total = np.matmul(self.products[0, some], inner).reshape(len(rows), -1, free, free)
            for kind in range(3):
                own = sums.single[:, kind * free : (kind + 1) * free]
                if own.any():
                    added = np.matmul(self.products[kind, some], own[rows])
                    total[..., diagonal, diagonal] += added
            turned, pair = part.transpose(0, 2, 1).copy(), 0
            for first in range(ACTIVE):
                ahead = ACTIVE - first
                begin, end = first * free, (first + 1) * free
                between = np.matmul(turned[:, begin:end], part[..., begin:])
                between = between.reshape(len(rows), free, ahead, free).transpose(0, 2, 1, 3)
                at = np.where(functions[:, first] >= 0, functions[:, first], count)
                band[at, :ahead] += between + total[:, pair : pair + ahead]
                pair += ahead
        return band[:count]

    def _tie(self, sums: _FrameSums, tall: FloatArray, foot: _Foot, wide: FloatArray) -> FloatArray:
        """Return the sums between a foot's unknowns and the functions it touches, (m, C, M)."""
        free, own = sums.free, foot.intervals
        part = np.matmul(tall[own].transpose(0, 2, 1), wide)
        part = part.reshape(len(own), ACTIVE, free, foot.size)
        start = free + PLACES * foot.index
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
        place = np.full(self.basis.count + 1, len(foot.functions))
        place[foot.functions] = np.arange(len(foot.functions))
        tie = np.zeros((len(foot.functions) + 1, free, foot.size))
        for first in range(ACTIVE):
            tie[place[self.functions[own, first]]] += part[:, first]
        return tie[:-1]

    def _corners(
        self, sums: _FrameSums, wide: list[FloatArray]
    ) -> dict[tuple[int, int], FloatArray]:
        """Return the sums among the unknowns of each foot, and between feet of one stride.

        Two feet meet in residuals of the root alone: those of places know one foot each.
        """
        corners = {}
        for (f, g), (mine, other) in self.pairs.items():
            one = wide[f][mine].reshape(-1, self.feet[f].size)
            two = one if f == g else wide[g][other].reshape(-1, self.feet[g].size)
            corners[f, g] = one.T @ two
        for f, foot in enumerate(self.feet):
            corner, edges = corners[f, f], foot.edges
            weights = sums.single[foot.frames, foot.columns(sums.free)].T
            for v, (matrix, weight) in enumerate(zip(foot.matrices, weights, strict=True)):
                own = slice(edges[v], edges[v + 1])
                corner[own, own] += matrix.T @ (weight[:, None] * matrix)
            start = sums.free + PLACES * foot.index
            inner = sums.inner[foot.frames, start : start + PLACES, start : start + PLACES]
            for pair in np.argwhere(inner.any(axis=0)):
                v, w = PRESSURE.start + pair
                weighted = inner[:, pair[0], pair[1]][:, None] * foot.matrices[w]
                corner[edges[v] : edges[v + 1], edges[w] : edges[w + 1]] += (
                    foot.matrices[v].T @ weighted
                )
        return corners

    @cached_property
    def pairs(self) -> dict[tuple[int, int], tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Return which feet act in the same intervals, f >= g, and at which places of theirs."""
        found = {}
        for f, foot in enumerate(self.feet):
            for g in range(f + 1):
                if self.feet[g].frames != foot.frames:
                    continue
                both, mine, other = np.intersect1d(
                    foot.intervals, self.feet[g].intervals, return_indices=True
                )
                if both.size or f == g:
                    found[f, g] = mine, other
        return found


def stride_unknowns(stride: Stride, moving: NDArray[np.int64], rules: SolveRules) -> Unknowns:
    """Return the unknowns of one stride that repeats."""
    count = max(FEWEST, round(stride.period_s / rules.knot_s))
    basis = PeriodicBasis(stride.start_s, stride.period_s, count)
    return Unknowns([stride], basis, moving, rules.contact_intervals)


@dataclass(frozen=True)
class _Foot:
    """Where one contact acts.

    Attributes:
        index: of the foot among those of its stride.
        frames: of its stride.
        intervals: (n,) between knots of the motion.
        functions: (m,) of the motion that are not zero in those.
        matrices: functions of its eight variables at its stride's frames, (K, functions) each.
        spread: the same at the frames of its intervals, (n, F, functions) each.
    """

    index: int
    frames: slice
    intervals: NDArray[np.int64]
    functions: NDArray[np.int64]
    matrices: list[FloatArray]
    spread: list[FloatArray]

    @cached_property
    def edges(self) -> list[int]:
        """Where each variable's unknowns begin among the foot's, and the end."""
        return [0, *(int(n) for n in np.cumsum([part.shape[1] for part in self.matrices]))]

    @property
    def size(self) -> int:
        """Number of its unknowns."""
        return self.edges[-1]

    def columns(self, free: int) -> slice:
        """Return its columns among a frame's variables, of which 3 C are the motion's."""
        first = 3 * free + FOOT_VARIABLES * self.index
        return slice(first, first + FOOT_VARIABLES)


class _FrameSums:
    """What each frame's residuals add up to, by what they depend on.

    Attributes:
        free: C coordinates that move.
        full: (K, r, 3 C + feet's) slopes of those that depend on speeds, accelerations, forces.
        inner: (K, C + 4 feet, C + 4 feet) products of slopes of the others, by coordinates and each
            foot's pressure and placement.
        single: (K, 3 C + feet's) squares of slopes, of those that depend on one variable.
    """

    def __init__(self, found: Residuals, free: int) -> None:
        self.free = free
        frames = len(found.blocks[0].values)
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
                self.single[:, block.columns] += block.slopes**2
                continue
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
