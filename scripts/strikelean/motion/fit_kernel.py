"""Compiled loop over frames of :mod:`strikelean.motion.marker_fit`.

Vectors are triples of numbers. A model and its pose come as the arrays of
:mod:`strikelean.model.walk_kernel`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strikelean.compiled import compiled
from strikelean.formats.series import FloatArray
from strikelean.model.walk_kernel import Placed, Program

Vector = tuple[float, float, float]

# What is summed up of the markers of a body and all beyond it: weight, first moment of weight,
# second moments (xx, xy, xz, yy, yz, zz), pull, its moment, and place times pull (3 x 3). Numpy's
# numbers: numba would compile a function anew for every plain one.
WEIGHT, FIRST, SECOND, PULL, MOMENT, PRODUCT, SUMS = np.array([0, 1, 4, 10, 13, 16, 25])
# of an axis: angular velocity, and velocity of a point at the origin, per unit rate
ANGULAR, LINEAR = np.array([0, 3])


class Marked(NamedTuple):
    """The M markers of a model and what was recorded of them in T frames.

    Attributes:
        bodies: (M,) that they are fixed to.
        locations_m: (M, 3) in the bodies' frames.
        targets_m: (3, M, T) recorded.
        weights: (M, T).
    """

    bodies: NDArray[np.int64]
    locations_m: FloatArray
    targets_m: FloatArray
    weights: FloatArray


class Driven(NamedTuple):
    """What drives the A axes of a model.

    Attributes:
        columns: (A,) which of the F free coordinates, -1 for none of them.
        slopes, bends: (A, T) derivatives of the displacement by it.
        free: F.
    """

    columns: NDArray[np.int64]
    slopes: FloatArray
    bends: FloatArray
    free: int


@compiled
def _cross(a: Vector, b: Vector) -> Vector:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@compiled
def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def _kept(store: FloatArray, row: int, start: np.int64) -> Vector:
    return store[row, start], store[row, start + 1], store[row, start + 2]


@compiled
def _keep(store: FloatArray, row: int, start: np.int64, vector: Vector) -> None:
    store[row, start], store[row, start + 1], store[row, start + 2] = vector


@compiled
def _count_marker(sums: FloatArray, body: int, weight: float, arm: Vector, pull: Vector) -> None:
    """Add a marker to the sums of its body."""
    moment = _cross(arm, pull)
    sums[body, WEIGHT] += weight
    second = SECOND
    for i in range(3):
        sums[body, FIRST + i] += weight * arm[i]
        sums[body, PULL + i] += pull[i]
        sums[body, MOMENT + i] += moment[i]
        for k in range(3):
            sums[body, PRODUCT + 3 * i + k] += arm[i] * pull[k]
        for k in range(i, 3):
            sums[body, second] += weight * arm[i] * arm[k]
            second += 1


@compiled
def _carried(
    sums: FloatArray, body: int, angular: Vector, linear: Vector, curved: bool
) -> tuple[Vector, Vector]:
    """Return moment and force of the weighted velocities that an axis gives to what it moves.

    Where it is curved the moment includes the sum over markers of velocity cross pull.
    """
    weight, first = sums[body, WEIGHT], _kept(sums, body, FIRST)
    swept, turn = _cross(angular, first), _cross(first, linear)
    pull = (
        swept[0] + weight * linear[0],
        swept[1] + weight * linear[1],
        swept[2] + weight * linear[2],
    )
    # second moments: (trace) 1 - (sum of weight times arm times arm)
    xx, xy, xz = _kept(sums, body, SECOND)
    yy, yz, zz = _kept(sums, body, SECOND + 3)
    x, y, z = angular
    moment = (
        turn[0] + (yy + zz) * x - xy * y - xz * z,
        turn[1] - xy * x + (xx + zz) * y - yz * z,
        turn[2] - xz * x - yz * y + (xx + yy) * z,
    )
    if curved:
        # sum of (w x p) x f = p (w.f) - w (p.f)
        bent = _cross(linear, _kept(sums, body, PULL))
        p0, p1 = _kept(sums, body, PRODUCT), _kept(sums, body, PRODUCT + 3)
        p2 = _kept(sums, body, PRODUCT + 6)
        trace = p0[0] + p1[1] + p2[2]
        moment = (
            moment[0] + bent[0] + _dot(p0, angular) - trace * x,
            moment[1] + bent[1] + _dot(p1, angular) - trace * y,
            moment[2] + bent[2] + _dot(p2, angular) - trace * z,
        )
    return moment, pull


@compiled
def _sum_markers(
    sums: FloatArray, program: Program, pose: Placed, marked: Marked, t: int, origin: Vector
) -> float:
    """Fill the sums of a frame, (B, SUMS), and return its weighted squared distance."""
    sums[:] = 0.0
    cost = 0.0
    for m in range(len(marked.bodies)):
        body, weight, fixed = marked.bodies[m], marked.weights[m, t], marked.locations_m[m]
        own = (fixed[0], fixed[1], fixed[2])
        r = pose.rotations[body, :, :, t]
        p = pose.positions_m[body, :, t]
        place = (
            p[0] + _dot((r[0, 0], r[0, 1], r[0, 2]), own),
            p[1] + _dot((r[1, 0], r[1, 1], r[1, 2]), own),
            p[2] + _dot((r[2, 0], r[2, 1], r[2, 2]), own),
        )
        x = place[0] - marked.targets_m[0, m, t]
        y = place[1] - marked.targets_m[1, m, t]
        z = place[2] - marked.targets_m[2, m, t]
        pull = (weight * x, weight * y, weight * z)
        cost += pull[0] * x + pull[1] * y + pull[2] * z
        arm = (place[0] - origin[0], place[1] - origin[1], place[2] - origin[2])
        _count_marker(sums, body, weight, arm, pull)
    for joint in range(len(program.parents) - 1, -1, -1):
        parent, body = program.parents[joint], program.children[joint]
        if parent >= 0:
            for k in range(SUMS):
                sums[parent, k] += sums[body, k]
    return cost


@compiled
def fit_frames(
    program: Program, pose: Placed, marked: Marked, driven: Driven, curved: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return cost (T,), half its gradient (T, F) and half its second derivative (T, F, F).

    Args:
        program, pose: the model, and where it is.
        marked: its markers.
        driven: what drives its axes.
        curved: (T,) whether the second derivative is exact; else Gauss-Newton's.
    """
    frames = pose.positions_m.shape[2]
    cost, gradient = np.empty(frames), np.zeros((frames, driven.free))
    hessian = np.zeros((frames, driven.free, driven.free))
    sums, axes = np.empty((len(program.carriers), SUMS)), np.empty((len(program.turns), 6))
    still = (0.0, 0.0, 0.0)
    root = pose.positions_m[program.children[0]]
    for t in range(frames):
        # moments are taken about a point near the runner, which keeps rounding small
        origin = (root[0, t], root[1, t], root[2, t])
        cost[t] = _sum_markers(sums, program, pose, marked, t, origin)
        by_place, by_places = gradient[t], hessian[t]
        for joint in range(len(program.parents)):
            body, place = program.children[joint], pose.origins_m[joint]
            arm = (place[0, t] - origin[0], place[1, t] - origin[1], place[2, t] - origin[2])
            force, moment = _kept(sums, body, PULL), _kept(sums, body, MOMENT)
            for b in range(program.firsts[joint], program.firsts[joint + 1]):
                column = driven.columns[b]
                if column < 0:
                    continue
                axis = pose.directions[b]
                angular, linear = still, (axis[0, t], axis[1, t], axis[2, t])
                if program.turns[b]:
                    angular, linear = linear, _cross(arm, linear)
                _keep(axes, b, ANGULAR, angular)
                _keep(axes, b, LINEAR, linear)
                slope = driven.slopes[b, t]
                slant = _dot(angular, moment) + _dot(linear, force)
                by_place[column] += slant * slope
                if curved[t]:
                    by_places[column, column] += slant * driven.bends[b, t]
                turn, pull = _carried(sums, body, angular, linear, curved[t])
                # all axes that move this one, from itself to the root
                before, last = joint, b
                while before >= 0:
                    for a in range(program.firsts[before], last + 1):
                        other = driven.columns[a]
                        if other < 0:
                            continue
                        part = _dot(_kept(axes, a, ANGULAR), turn)
                        part += _dot(_kept(axes, a, LINEAR), pull)
                        part *= slope * driven.slopes[a, t]
                        by_places[other, column] += part
                        if a != b:
                            by_places[column, other] += part
                    parent = program.parents[before]
                    before = program.carriers[parent] if parent >= 0 else -1
                    if before >= 0:
                        last = program.firsts[before + 1] - 1
    return cost, gradient, hessian
