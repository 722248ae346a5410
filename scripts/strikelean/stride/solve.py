"""The solve: Gauss-Newton over the splines of a stride's changes, many strides at a time.

Each solve goes its own way, step by step, and stops by itself; what all of them need at each step,
the walk over the bodies with its derivatives, is worked out for their frames together.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray
from strikelean.stride.blocks import (
    FORCE,
    MOMENT,
    PLACEMENT,
    PRESSURE,
    Change,
    Residuals,
    join_changes,
)
from strikelean.stride.normal import RingEquations
from strikelean.stride.residuals import StrideResiduals
from strikelean.stride.scales import SolveRules
from strikelean.stride.splines import Basis, ContactBasis
from strikelean.stride.stride import Stride
from strikelean.stride.targets import Targets
from strikelean.stride.unknowns import Unknowns, stride_unknowns

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
# A matrix serves as long as no coefficient of the motion has moved by more since, rad or m (project
# choice: of 72 solves of a sweep a quarter fewer are made, and ends lie as near to the minimum).
NEAR = 1e-3
# Frames worked out at a time: enough to make numpy's calls cheap, few enough for the cache.
FRAMES = 1400


@dataclass(frozen=True)
class Solution:
    """A solved change of a stride, or of a whole trial.

    Attributes:
        moving: (C,) coordinates that changed.
        basis: splines of their changes.
        coefficients: (count, C) of those.
        contacts: per contact, splines of force and of pressure changes.
        feet: per contact, coefficients of force and free moment (count, 4), of pressure (count, 2),
            and the placement (2,).
        change: at the frames of the stride or strides.
        unknowns: all of the above as solved for, to start a like solve from.
        iterations: Gauss-Newton steps taken.
        cost: half the sum of squared residuals at the end.
    """

    moving: NDArray[np.int64]
    basis: Basis
    coefficients: FloatArray
    contacts: tuple[tuple[ContactBasis, ContactBasis], ...]
    feet: tuple[tuple[FloatArray, FloatArray, FloatArray], ...]
    change: Change
    unknowns: FloatArray
    iterations: int
    cost: float

    @classmethod
    def of(cls, unknowns: Unknowns, x: FloatArray, iterations: int, cost: float) -> Solution:
        """Return what a vector of unknowns says."""
        feet = tuple(
            (
                np.column_stack(own[FORCE] + own[MOMENT]),
                np.column_stack(own[PRESSURE]),
                np.concatenate(own[PLACEMENT]),
            )
            for own in unknowns.foot_parts(x)
        )
        return cls(
            moving=unknowns.moving,
            basis=unknowns.basis,
            coefficients=x[: unknowns.edges[1]].reshape(unknowns.basis.count, -1),
            contacts=unknowns.contacts,
            feet=feet,
            change=unknowns.change(x),
            unknowns=x,
            iterations=iterations,
            cost=cost,
        )

    def coordinates(self, time_s: FloatArray, width: int) -> FloatArray:
        """Return the changes of all coordinates at times, (K, width)."""
        out = np.zeros((len(time_s), width))
        out[:, self.moving] = self.basis.matrix(time_s) @ self.coefficients
        return out

    def foot(self, contact: int, time_s: FloatArray) -> FloatArray:
        """Return a contact's changes, (K, 6): force, free moment, centre of pressure."""
        parts = zip(self.contacts[contact], self.feet[contact], strict=False)
        return np.hstack([basis.matrix(time_s) @ part for basis, part in parts])


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


@dataclass(frozen=True)
class Problem:
    """One stride to be solved.

    Attributes:
        stride: as recorded.
        targets: what is asked.
        rules: knots, scales, when to stop.
        start: unknowns to start from, zero change otherwise.
    """

    stride: Stride
    targets: Targets
    rules: SolveRules
    start: FloatArray | None = None


# a solve asks for the residuals of a change, is sent them, and returns its solution
_Solve = Generator[Change, Residuals, Solution]


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
        LinAlgError: the solve broke down.
    """
    moving = moving_coordinates(stride) if moving is None else moving
    residuals = residuals_of(stride, targets, moving, rules.scales)
    (found,) = _run_all([residuals], [_solve(stride_unknowns(stride, moving, rules), rules, start)])
    if isinstance(found, Exception):
        raise found
    return found


def solve_strides(problems: Sequence[Problem]) -> list[Solution | Exception]:
    """Return the changes of strides of one runner that come nearest to their targets.

    Each is solved as :func:`solve_stride` would solve it alone; where it cannot be, what would
    have been raised stands in its place.
    """
    residuals, solves = [], []
    for problem in problems:
        stride, rules = problem.stride, problem.rules
        moving = moving_coordinates(stride)
        residuals.append(StrideResiduals(stride, problem.targets, moving, rules.scales))
        solves.append(_solve(stride_unknowns(stride, moving, rules), rules, problem.start))
    return _run_all(residuals, solves)


def _run_all(
    residuals: Sequence[StrideResiduals], solves: Sequence[_Solve]
) -> list[Solution | Exception]:
    """Run solves side by side until each has returned or failed."""
    done: dict[int, Solution | Exception] = {}
    asked = {number: next(solve) for number, solve in enumerate(solves)}
    while asked:
        reached = _evaluated(residuals, asked)
        for number, found in reached.items():
            try:
                asked[number] = solves[number].send(found)
            except StopIteration as stop:
                done[number] = stop.value
                del asked[number]
            except (SolverError, np.linalg.LinAlgError) as error:
                done[number] = error
                del asked[number]
    return [done[number] for number in range(len(solves))]


def _evaluated(
    residuals: Sequence[StrideResiduals], asked: dict[int, Change]
) -> dict[int, Residuals]:
    """Return the residuals of changes, those of several strides worked out together."""
    found: dict[int, Residuals] = {}
    for numbers in _together(residuals, asked):
        together = StrideResiduals.joined([residuals[number] for number in numbers])
        every = together.at(join_changes([asked[number] for number in numbers]))
        start = 0
        for number in numbers:
            end = start + len(asked[number].feet)
            found[number] = every.part(slice(start, end))
            start = end
    return found


def _together(residuals: Sequence[StrideResiduals], asked: dict[int, Change]) -> list[list[int]]:
    """Return which solves are worked out together: feet in the same order, not too many frames."""
    lots: dict[tuple[str, ...], list[list[int]]] = {}
    frames: dict[tuple[str, ...], int] = {}
    for number, change in asked.items():
        order = tuple(foot.side for foot in residuals[number].stride.feet)
        count = len(change.feet)
        if order not in lots or frames[order] + count > FRAMES:
            lots.setdefault(order, []).append([])
            frames[order] = 0
        lots[order][-1].append(number)
        frames[order] += count
    return [numbers for own in lots.values() for numbers in own]


def _solve(unknowns: Unknowns, rules: SolveRules, start: FloatArray | None) -> _Solve:
    """Solve one stride: ask for the residuals of changes, and return the solution."""
    x = np.zeros(unknowns.size) if start is None else start
    found = yield unknowns.change(x)
    mixed, best, idle = _Mixing(rules.memory), (found.cost, x), 0
    motion, matrix, formed = slice(unknowns.edges[1]), None, x
    for iteration in range(1, rules.iterations + 1):
        cost, gradient = found.cost, unknowns.gradient(found)
        if matrix is None or np.abs(x[motion] - formed[motion]).max() > NEAR:
            matrix, formed = RingEquations(unknowns.sums(found)).factored(), x
        step = -matrix.solve(gradient)
        largest = float(np.abs(step[motion]).max())
        mixture = mixed.next(x, step, 1.0 / matrix.scale)
        gain = -0.5 * float(gradient @ step)
        del found
        for tried in (mixture, x + step, x + 0.3 * step):
            found = yield unknowns.change(tried)
            # near the end a step changes the cost by no more than rounding
            if found.cost <= cost * (1.0 + 1e-9):
                break
        x = tried
        # a joint function's knot may throw it to and fro, or a nearly flat direction keep it
        # moving, for nothing
        idle = idle + 1 if found.cost > best[0] * (1.0 - rules.stall) else 0
        best = min(best, (found.cost, x), key=lambda pair: pair[0])
        if largest < rules.tolerance or gain < rules.gain * cost or idle == STALLED:
            return Solution.of(unknowns, best[1], iteration, best[0])
    raise SolverError(
        "solve_counterfactual",
        f"a solve that settles within {rules.iterations} steps",
        f"a last step of {largest:.1e} rad",
        "Ask for a smaller change",
    )


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
