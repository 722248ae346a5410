"""Compiled loops over frames: how bodies move, what wrench that needs, and its derivatives.

The recursions of :mod:`strikelean.dynamics.rigid_body` and of
:mod:`strikelean.dynamics.wrench_sensitivity`, one frame after the other. Vectors are triples of
numbers, which the processor keeps in its registers; a spatial vector is a pair of them. A model
and its pose come as :class:`Program` and :class:`Placed` of :mod:`strikelean.model.walk_kernel`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strikelean.compiled import compiled
from strikelean.formats.series import FloatArray
from strikelean.model.walk_kernel import Placed, Program

Vector = tuple[float, float, float]
Spatial = tuple[Vector, Vector]

# Places in stores of vectors. They are numpy's numbers: numba would compile a function anew for
# every plain one.
# What is summed up for a body and all beyond it, about the laboratory origin: mass, first moment of
# mass, inertia, symmetric part of `_turning`, momentum (angular, linear), wrench (moment, force)
MASS, FIRST, INERTIA, TURNING, MOMENTUM, WRENCH, SUMS = np.array([0, 1, 4, 10, 16, 22, 28])
# a body's spatial velocity and acceleration, and those before an axis, then the axis' twist
VELOCITY, ACCELERATION, TWIST = np.array([0, 6, 12])


class Masses(NamedTuple):
    """The bodies' masses, (B,), centres (B, 3), inertias (B, 3, 3), and gravity (3,)."""

    masses_kg: FloatArray
    centres_m: FloatArray
    inertias_kg_m2: FloatArray
    gravity_m_s2: FloatArray


@compiled
def _plus(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@compiled
def _less(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@compiled
def _times(factor: float, a: Vector) -> Vector:
    return factor * a[0], factor * a[1], factor * a[2]


@compiled
def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def _cross(a: Vector, b: Vector) -> Vector:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@compiled
def _at(array: FloatArray, row: int, frame: int) -> Vector:
    """Return a vector out of an array (N, 3, T)."""
    return array[row, 0, frame], array[row, 1, frame], array[row, 2, frame]


@compiled
def _put(array: FloatArray, row: int, frame: int, vector: Vector) -> None:
    array[row, 0, frame], array[row, 1, frame], array[row, 2, frame] = vector


@compiled
def _kept(store: FloatArray, row: int, start: np.int64) -> Vector:
    """Return a vector out of a store (N, M)."""
    return store[row, start], store[row, start + 1], store[row, start + 2]


@compiled
def _keep(store: FloatArray, row: int, start: np.int64, vector: Vector) -> None:
    store[row, start], store[row, start + 1], store[row, start + 2] = vector


@compiled
def _kept_both(store: FloatArray, row: int, start: np.int64) -> Spatial:
    return _kept(store, row, start), _kept(store, row, start + 3)


@compiled
def _keep_both(store: FloatArray, row: int, start: np.int64, pair: Spatial) -> None:
    _keep(store, row, start, pair[0])
    _keep(store, row, start + 3, pair[1])


@compiled
def _rows(matrix: FloatArray) -> tuple[Vector, Vector, Vector]:
    """Return the rows of a (3, 3) matrix."""
    return (
        (matrix[0, 0], matrix[0, 1], matrix[0, 2]),
        (matrix[1, 0], matrix[1, 1], matrix[1, 2]),
        (matrix[2, 0], matrix[2, 1], matrix[2, 2]),
    )


@compiled
def move_frames(
    program: Program,
    pose: Placed,
    speeds: FloatArray,
    accelerations: FloatArray,
    defects: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return how the bodies' frames move, (B, 3, T) each.

    Args:
        program, pose: the model, and where it is.
        speeds, accelerations: (Q, T).
        defects: (J, 3, T) what is added to the angular acceleration of what a joint carries;
            no row at all for nothing.

    Returns:
        Angular velocity, velocity of the origin, and their rates of change.
    """
    shape = pose.positions_m.shape
    spins, velocities = np.zeros(shape), np.zeros(shape)
    angulars, linears = np.zeros(shape), np.zeros(shape)
    for joint in range(len(program.parents)):
        parent, body = program.parents[joint], program.children[joint]
        for t in range(shape[2]):
            origin = _at(pose.origins_m, joint, t)
            spin = velocity = angular = linear = (0.0, 0.0, 0.0)
            if parent >= 0:
                spin, angular = _at(spins, parent, t), _at(angulars, parent, t)
                arm = _less(origin, _at(pose.positions_m, parent, t))
                swept = _cross(spin, arm)
                velocity = _plus(_at(velocities, parent, t), swept)
                linear = _plus(_at(linears, parent, t), _cross(angular, arm))
                linear = _plus(linear, _cross(spin, swept))
            for a in range(program.firsts[joint], program.firsts[joint + 1]):
                q = program.coordinates[a]
                if q < 0:
                    continue
                slope, speed = pose.slopes[0, a, t], speeds[q, t]
                rate = slope * speed
                change = slope * accelerations[q, t] + pose.slopes[1, a, t] * speed**2
                axis = _at(pose.directions, a, t)
                if program.turns[a]:
                    # the axes before it turn an axis
                    turn = _times(rate, axis)
                    angular = _plus(angular, _plus(_times(change, axis), _cross(spin, turn)))
                    spin = _plus(spin, turn)
                else:
                    velocity = _plus(velocity, _times(rate, axis))
                    linear = _plus(linear, _times(change, axis))
                    linear = _plus(linear, _times(2.0 * rate, _cross(spin, axis)))
            if len(defects) > 0:
                angular = _plus(angular, _at(defects, joint, t))
            arm = _less(_at(pose.positions_m, body, t), origin)
            swept = _cross(spin, arm)
            _put(spins, body, t, spin)
            _put(angulars, body, t, angular)
            _put(velocities, body, t, _plus(velocity, swept))
            linear = _plus(linear, _cross(angular, arm))
            _put(linears, body, t, _plus(linear, _cross(spin, swept)))
    return spins, velocities, angulars, linears


@compiled
def _motion_cross(a: Spatial, b: Spatial) -> Spatial:
    """Return the change of a motion vector b carried along by a."""
    return _cross(a[0], b[0]), _plus(_cross(a[0], b[1]), _cross(a[1], b[0]))


@compiled
def _force_cross(a: Spatial, b: Spatial) -> Spatial:
    """Return the change of a force vector b carried along by a motion a."""
    return _plus(_cross(a[0], b[0]), _cross(a[1], b[1])), _cross(a[0], b[1])


@compiled
def _symmetric(matrix: FloatArray, row: int, start: np.int64, vector: Vector) -> Vector:
    """Return a symmetric matrix, kept as xx, xy, xz, yy, yz, zz, times a vector."""
    x, y, z = vector
    (xx, xy, xz), (yy, yz, zz) = _kept_both(matrix, row, start)
    return xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z


@compiled
def _momentum(sums: FloatArray, body: int, motion: Spatial) -> Spatial:
    """Return the inertia of a body and all beyond it times a motion vector."""
    first = _kept(sums, body, FIRST)
    turn = _plus(_symmetric(sums, body, INERTIA, motion[0]), _cross(first, motion[1]))
    return turn, _less(_times(sums[body, MASS], motion[1]), _cross(first, motion[0]))


@compiled
def _turning(sums: FloatArray, body: int, spin: Vector) -> Spatial:
    """Return ``I (d x V) + d x* (I V) + V x* (I d)`` summed up, for a twist d.

    As a matrix on d that sum is ``[[A, 0], [-2 p x, 0]]`` with the linear momentum p: the rest of
    it cancels, so the twist's spin alone counts. A is a symmetric matrix less the cross product
    with the angular momentum.
    """
    upper = _symmetric(sums, body, TURNING, spin)
    upper = _plus(upper, _cross(spin, _kept(sums, body, MOMENTUM)))
    return upper, _times(2.0, _cross(spin, _kept(sums, body, MOMENTUM + 3)))


@compiled
def _load(
    sums: FloatArray, masses: Masses, pose: Placed, body: int, t: int, v: Spatial, a: Spatial
) -> None:
    """Put down a body's own part of the sums.

    Args:
        sums: (B, SUMS).
        masses, pose: of the bodies.
        body, t: which, and the frame.
        v, a: its spatial velocity, and acceleration less gravity.
    """
    mass, inner = masses.masses_kg[body], masses.inertias_kg_m2[body]
    centre = masses.centres_m[body]
    arm = (centre[0], centre[1], centre[2])
    r0, r1, r2 = _rows(pose.rotations[body, :, :, t])
    i0, i1, i2 = _rows(inner)
    c = _plus(_at(pose.positions_m, body, t), (_dot(r0, arm), _dot(r1, arm), _dot(r2, arm)))
    f = _times(mass, c)
    h0 = _dot(i0, r0), _dot(i1, r0), _dot(i2, r0)
    h1 = _dot(i0, r1), _dot(i1, r1), _dot(i2, r1)
    h2 = _dot(i0, r2), _dot(i1, r2), _dot(i2, r2)
    # its own inertia turned, and minus the square of a cross product: c.c 1 - c c'
    square = _dot(f, c)
    xx, xy = _dot(h0, r0) - f[0] * c[0] + square, _dot(h0, r1) - f[0] * c[1]
    xz, yz = _dot(h0, r2) - f[0] * c[2], _dot(h1, r2) - f[1] * c[2]
    yy, zz = _dot(h1, r1) - f[1] * c[1] + square, _dot(h2, r2) - f[2] * c[2] + square
    sums[body, MASS] = mass
    _keep(sums, body, FIRST, f)
    _keep_both(sums, body, INERTIA, ((xx, xy, xz), (yy, yz, zz)))
    w, s = v
    k0, k1, k2 = _cross(w, (xx, xy, xz)), _cross(w, (xy, yy, yz)), _cross(w, (xz, yz, zz))
    twice = 2.0 * _dot(s, f)
    upper = (
        2.0 * (k0[0] - s[0] * f[0]) + twice,
        k0[1] + k1[0] - s[0] * f[1] - f[0] * s[1],
        k0[2] + k2[0] - s[0] * f[2] - f[0] * s[2],
    )
    lower = (
        2.0 * (k1[1] - s[1] * f[1]) + twice,
        k1[2] + k2[1] - s[1] * f[2] - f[1] * s[2],
        2.0 * (k2[2] - s[2] * f[2]) + twice,
    )
    _keep_both(sums, body, TURNING, (upper, lower))
    momentum = _momentum(sums, body, v)
    _keep_both(sums, body, MOMENTUM, momentum)
    pushed, carried = _momentum(sums, body, a), _force_cross(v, momentum)
    wrench = _plus(pushed[0], carried[0]), _plus(pushed[1], carried[1])
    _keep_both(sums, body, WRENCH, wrench)


@compiled
def _add(out: FloatArray, column: int, parts: Vector, factors: Vector) -> None:
    """Add derivatives by a displacement f(q) as derivatives by q, its speed and acceleration.

    Args:
        out: (3, C) of one row of one frame.
        column: where.
        parts: derivatives by the displacement, its rate and its second rate.
        factors: slope of f; bend times speed; bend times acceleration plus third derivative times
            speed squared.
    """
    place, rate, second = parts
    slope, sped, turn = factors
    out[0, column] += place * slope + rate * sped + second * turn
    out[1, column] += rate * slope + 2.0 * second * sped
    out[2, column] += second * slope


@compiled
def wrench_frames(
    program: Program,
    pose: Placed,
    masses: Masses,
    speeds: FloatArray,
    accelerations: FloatArray,
    columns: NDArray[np.int64],
    count: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the wrench that a motion needs about the laboratory origin, and its derivatives.

    Args:
        program, pose, masses: the model, and where it is.
        speeds, accelerations: (Q, T).
        columns: (Q,) where the derivatives by a coordinate are wanted, -1 for nowhere.
        count: C, how many are.

    Returns:
        (6, T) wrench; (T, 6, 3, C) derivatives by coordinates, speeds and accelerations.
    """
    frames, joints, bodies = speeds.shape[1], len(program.parents), len(masses.masses_kg)
    wrench, out = np.zeros((6, frames)), np.zeros((frames, 6, 3, count))
    sums = np.zeros((bodies, SUMS))
    # spatial velocity and acceleration of the bodies; twist of an axis, and those before it
    moved, before = np.zeros((bodies, 12)), np.zeros((len(program.coordinates), 18))
    gravity = masses.gravity_m_s2
    for t in range(frames):
        for joint in range(joints):
            parent, body = program.parents[joint], program.children[joint]
            origin = _at(pose.origins_m, joint, t)
            still = (0.0, 0.0, 0.0)
            v, a = (still, still), (still, (-gravity[0], -gravity[1], -gravity[2]))
            if parent >= 0:
                v = _kept_both(moved, parent, VELOCITY)
                a = _kept_both(moved, parent, ACCELERATION)
            for place in range(program.firsts[joint], program.firsts[joint + 1]):
                q = program.coordinates[place]
                if q < 0:
                    continue
                axis = _at(pose.directions, place, t)
                twist = (axis, _cross(origin, axis)) if program.turns[place] else (still, axis)
                _keep_both(before, place, VELOCITY, v)
                _keep_both(before, place, ACCELERATION, a)
                _keep_both(before, place, TWIST, twist)
                slope, speed = pose.slopes[0, place, t], speeds[q, t]
                rate = slope * speed
                change = slope * accelerations[q, t] + pose.slopes[1, place, t] * speed**2
                turn = _motion_cross(v, twist)
                a = (
                    _plus(a[0], _plus(_times(change, twist[0]), _times(rate, turn[0]))),
                    _plus(a[1], _plus(_times(change, twist[1]), _times(rate, turn[1]))),
                )
                v = _plus(v[0], _times(rate, twist[0])), _plus(v[1], _times(rate, twist[1]))
            _keep_both(moved, body, VELOCITY, v)
            _keep_both(moved, body, ACCELERATION, a)
            _load(sums, masses, pose, body, t, v, a)
        for joint in range(joints - 1, -1, -1):
            parent, body = program.parents[joint], program.children[joint]
            for place in range(program.firsts[joint], program.firsts[joint + 1]):
                q = program.coordinates[place]
                column = columns[q] if q >= 0 else -1
                if column < 0:
                    continue
                v = _kept_both(before, place, VELOCITY)
                a = _kept_both(before, place, ACCELERATION)
                twist = _kept_both(before, place, TWIST)
                swept, pushed = _motion_cross(twist, v), _motion_cross(twist, a)
                back = _motion_cross(swept, v)
                pushed = _less(pushed[0], back[0]), _less(pushed[1], back[1])
                beyond = _kept_both(sums, body, WRENCH)
                p0, p1, p2 = (
                    _force_cross(twist, beyond),
                    _turning(sums, body, swept[0]),
                    _momentum(sums, body, pushed),
                )
                r0, r1 = _turning(sums, body, twist[0]), _momentum(sums, body, swept)
                second = _momentum(sums, body, twist)
                slope, speed = pose.slopes[0, place, t], speeds[q, t]
                bend, third = pose.slopes[1, place, t], pose.slopes[2, place, t]
                factors = slope, bend * speed, bend * accelerations[q, t] + third * speed**2
                moment = _less(_less(p0[0], p1[0]), p2[0])
                force = _less(_less(p0[1], p1[1]), p2[1])
                turned, sped = _less(r0[0], _times(2.0, r1[0])), _less(r0[1], _times(2.0, r1[1]))
                frame = out[t]
                _add(frame[0], column, (moment[0], turned[0], second[0][0]), factors)
                _add(frame[1], column, (moment[1], turned[1], second[0][1]), factors)
                _add(frame[2], column, (moment[2], turned[2], second[0][2]), factors)
                _add(frame[3], column, (force[0], sped[0], second[1][0]), factors)
                _add(frame[4], column, (force[1], sped[1], second[1][1]), factors)
                _add(frame[5], column, (force[2], sped[2], second[1][2]), factors)
            if parent >= 0:
                for k in range(SUMS):
                    sums[parent, k] += sums[body, k]
            else:
                for k in range(6):
                    wrench[k, t] += sums[body, WRENCH + k]
    return wrench, out
