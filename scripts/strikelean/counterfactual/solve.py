"""The solve: Gauss-Newton over the splines of a stride's changes.

Each frame's residuals are expanded to the splines' coefficients by their basis functions, of which
few overlap at any time, so the normal matrix costs one product of two small matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from strikelean.counterfactual.bases import ContactBasis, PeriodicBasis
from strikelean.counterfactual.residuals import (
    FOOT_VARIABLES,
    FORCE,
    MOMENT,
    PLACEMENT,
    PRESSURE,
    Change,
    Residuals,
    StrideResiduals,
)
from strikelean.counterfactual.settings import SolveRules
from strikelean.counterfactual.stride import Stride
from strikelean.counterfactual.targets import Targets
from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray

# Arms and toes keep their motion; dependent coordinates follow.
MOVING = (
    "pelvis_",
    "hip_",
    "knee_angle_",
    "ankle_angle_",
    "subtalar_angle_",
    "lumbar_",
)

# Steps in a row without progress after which a solve has arrived.
STALLED = 3


@dataclass(frozen=True)
class Solution:
    """A solved change of a stride.

    Attributes:
        moving: (C,) coordinates that changed.
        basis: splines of their changes.
        coefficients: (count, C) of those.
        contacts: per foot, splines of force and of pressure changes.
        feet: per foot, coefficients of force and free moment (count, 4), of pressure (count, 2),
            and the placement (2,).
        change: at the stride's frames.
        unknowns: all of the above as solved for, to start a like solve from.
        iterations: Gauss-Newton steps taken.
        cost: half the sum of squared residuals at the end.
    """

    moving: NDArray[np.int64]
    basis: PeriodicBasis
    coefficients: FloatArray
    contacts: tuple[tuple[ContactBasis, ContactBasis], ...]
    feet: tuple[tuple[FloatArray, FloatArray, FloatArray], ...]
    change: Change
    unknowns: FloatArray
    iterations: int
    cost: float


def moving_coordinates(stride: Stride) -> NDArray[np.int64]:
    """Return the coordinates that a solve may change."""
    followers = {coupling.dependent for coupling in stride.tree.couplings}
    return np.array(
        [
            index
            for index, info in enumerate(stride.tree.coordinates)
            if info.name.startswith(MOVING) and index not in followers and not info.locked
        ]
    )


class _Unknowns:
    """Where each unknown lies in the vector, and what it does at each frame."""

    def __init__(self, stride: Stride, moving: NDArray[np.int64], rules: SolveRules) -> None:
        self.moving = moving
        self.basis = PeriodicBasis(
            stride.start_s, stride.period_s, max(12, round(stride.period_s / rules.knot_s))
        )
        self.stride_matrices = [self.basis.matrix(stride.time_s, order) for order in range(3)]
        self.contacts = tuple(
            tuple(
                ContactBasis(foot.start_s, foot.end_s, rules.contact_intervals, pinned)
                for pinned in (True, False)
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

    @property
    def size(self) -> int:
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

    def normal_equations(self, found: Residuals) -> tuple[FloatArray, FloatArray]:
        """Return the Gauss-Newton matrix (N, N) and the gradient (N,)."""
        width = 3 * len(self.moving)
        inner = np.matmul(found.slopes.transpose(0, 2, 1), found.slopes)
        slope = np.einsum("krw,kr->kw", found.slopes, found.values)
        matrix, gradient = np.zeros((self.size, self.size)), np.zeros(self.size)
        motion = slice(0, int(self.edges[1]))
        matrix[motion, motion] = self._stride_block(inner[:, :width, :width])
        gradient[motion] = sum(
            basis.T @ part
            for basis, part in zip(
                self.stride_matrices, np.split(slope[:, :width], 3, axis=1), strict=True
            )
        ).ravel()
        for i, basis in enumerate(self.foot_matrices):
            own = slice(int(self.edges[1 + i]), int(self.edges[2 + i]))
            gradient[own] = basis.T @ slope[:, width + i]
            self._couple_stride(matrix, inner[:, :width, width + i], basis, motion, own)
            for j, other in enumerate(self.foot_matrices[: i + 1]):
                place = slice(int(self.edges[1 + j]), int(self.edges[2 + j]))
                block = basis.T @ (inner[:, width + i, width + j][:, None] * other)
                matrix[own, place] = block
                matrix[place, own] = block.T
        return matrix, gradient

    def _stride_block(self, inner: FloatArray) -> FloatArray:
        """Return the block of the stride's coefficients from (K, 3 C, 3 C) of its frames."""
        count, free = self.basis.count, len(self.moving)
        frames = len(inner)
        parts = inner.reshape(frames, 3, free, 3, free)
        block = np.zeros((count, count, free * free))
        flat = [
            [parts[:, a, :, b].reshape(frames, free * free) for b in range(3)] for a in range(3)
        ]
        for shift in range(-5, 6):
            rolled = [np.roll(m, -shift, axis=1) for m in self.stride_matrices]
            total = np.zeros((count, free * free))
            for a in range(3):
                for b in range(3):
                    total += (self.stride_matrices[a] * rolled[b]).T @ flat[a][b]
            rows = np.arange(count)
            block[rows, (rows + shift) % count] = total
        return (
            block.reshape(count, count, free, free)
            .transpose(0, 2, 1, 3)
            .reshape(count * free, count * free)
        )

    def _couple_stride(
        self, matrix: FloatArray, inner: FloatArray, basis: FloatArray, motion: slice, own: slice
    ) -> None:
        """Fill the block between the stride's coefficients and one foot variable's."""
        frames, free = len(inner), len(self.moving)
        parts = inner.reshape(frames, 3, free).transpose(1, 0, 2)
        spread = parts[..., None] * basis[:, None, :]
        functions = np.concatenate(self.stride_matrices)
        flat = functions.T @ spread.reshape(3 * frames, -1)
        flat = flat.reshape(-1, basis.shape[1])
        matrix[motion, own], matrix[own, motion] = flat, flat.T


def solve_stride(
    stride: Stride,
    targets: Targets,
    rules: SolveRules,
    start: FloatArray | None = None,
    moving: NDArray[np.int64] | None = None,
    residuals_of: type[StrideResiduals] = StrideResiduals,
) -> Solution:
    """Return the change of a stride that comes nearest to its targets.

    Args:
        stride: as recorded.
        targets: what is asked.
        rules: knots, scales, when to stop.
        start: unknowns to start from, zero change otherwise.
        moving: coordinates that may change, those of MOVING otherwise.
        residuals_of: what is minimised.

    Raises:
        SolverError: the steps do not settle.
    """
    moving = moving_coordinates(stride) if moving is None else moving
    unknowns = _Unknowns(stride, moving, rules)
    residuals = residuals_of(stride, targets, moving, rules.scales)
    x = np.zeros(unknowns.size) if start is None else start
    found = residuals.at(unknowns.change(x))
    cost = _cost(found)
    mixed, best, idle = _Mixing(rules.memory), (cost, x), 0
    for iteration in range(1, rules.iterations + 1):
        matrix, gradient = unknowns.normal_equations(found)
        step = -_solve_scaled(matrix, gradient)
        largest = float(np.abs(step[: unknowns.edges[1]]).max())
        for tried in (mixed.next(x, step, np.sqrt(np.diag(matrix))), x + step, x + 0.3 * step):
            reached = residuals.at(unknowns.change(tried))
            # near the end a step changes the cost by no more than rounding
            if _cost(reached) <= cost * (1.0 + 1e-9):
                break
        x, found, cost = tried, reached, _cost(reached)
        # a joint function's knot may throw it to and fro, or a nearly flat direction keep it
        # moving, for nothing
        idle = idle + 1 if cost > best[0] * (1.0 - rules.stall) else 0
        best = min(best, (cost, x), key=lambda pair: pair[0])
        gain = -0.5 * float(gradient @ step)
        if largest < rules.tolerance or gain < rules.gain * cost or idle == STALLED:
            return _solution(unknowns, best[1], iteration, best[0])
    raise SolverError(
        "solve_counterfactual",
        f"a solve that settles within {rules.iterations} steps",
        f"a last step of {largest:.1e} rad",
        "Ask for a smaller change",
    )


def _cost(found: Residuals) -> float:
    return 0.5 * float((found.values**2).sum())


class _Mixing:
    """Anderson's mixing of the last steps (doi 10.1145/321296.321305).

    Gauss-Newton leaves out the curvature of what stays unfulfilled and then creeps; the
    combination of its last steps that would have cancelled best takes out the creeping part.
    """

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.points: list[FloatArray] = []
        self.steps: list[FloatArray] = []

    def next(self, point: FloatArray, step: FloatArray, scale: FloatArray) -> FloatArray:
        """Return the point to go to; ``scale`` makes the unknowns alike, (N,)."""
        self.points = [*self.points, point][-self.memory - 1 :]
        self.steps = [*self.steps, step][-self.memory - 1 :]
        if len(self.steps) < 2:
            return point + step
        steps, points = np.array(self.steps), np.array(self.points)
        changes = np.diff(steps, axis=0)
        weights = np.linalg.lstsq((changes * scale).T, step * scale, rcond=1e-10)[0]
        back = weights @ (np.diff(points, axis=0) + changes)
        return np.asarray(point + step - back)


def _solve_scaled(matrix: FloatArray, gradient: FloatArray) -> FloatArray:
    """Solve a positive matrix of mixed units, scaled to a diagonal of ones."""
    scale = 1.0 / np.sqrt(np.diag(matrix))
    scaled = matrix * scale * scale[:, None]
    # forces near a contact's ends hardly act: enough of a floor for the factorisation
    scaled[np.diag_indices(len(scaled))] += 1e-12
    return np.asarray(scale * cho_solve(cho_factor(scaled, check_finite=False), scale * gradient))


def _solution(unknowns: _Unknowns, x: FloatArray, iterations: int, cost: float) -> Solution:
    edges = unknowns.edges
    count = unknowns.basis.count
    parts = [x[edges[i] : edges[i + 1]] for i in range(1, len(edges) - 1)]
    feet = []
    for first in range(0, len(parts), FOOT_VARIABLES):
        own = parts[first : first + FOOT_VARIABLES]
        feet.append(
            (
                np.column_stack(own[FORCE] + own[MOMENT]),
                np.column_stack(own[PRESSURE]),
                np.concatenate(own[PLACEMENT]),
            )
        )
    return Solution(
        moving=unknowns.moving,
        basis=unknowns.basis,
        coefficients=x[: edges[1]].reshape(count, len(unknowns.moving)),
        contacts=unknowns.contacts,  # type: ignore[arg-type]
        feet=tuple(feet),
        change=unknowns.change(x),
        unknowns=x,
        iterations=iterations,
        cost=cost,
    )
