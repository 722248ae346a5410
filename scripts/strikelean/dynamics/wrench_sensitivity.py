"""How the wrench that a whole motion needs changes with coordinates, speeds and accelerations.

The wrench is what the ground must give: the rate of change of momentum less gravity. Moving one
joint axis moves everything beyond it as one rigid whole, so each derivative is a product with what
the axis carries, added up from the leaves (analytical derivatives of the recursive Newton-Euler
method: Carpentier & Mansard 2018, doi 10.15607/RSS.2018.XIV.038; composite matrices: Echeandia &
Wensing 2021, doi 10.1115/1.4051169). Spatial vectors are (6, T): angular part (moment) above, then
linear part (force), about the laboratory origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.rigid_body import FrameMotion, move_bodies
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, axis_twist, cross, walk_tree


@dataclass(frozen=True)
class WrenchSensitivity:
    """The wrench a motion needs, and its derivatives.

    Attributes:
        wrench: (6, T) moment (N m) about the laboratory origin, then force (N).
        by_coordinate, by_speed, by_acceleration: (6, C, T), dependent coordinates folded into
            those they follow.
    """

    wrench: FloatArray
    by_coordinate: FloatArray
    by_speed: FloatArray
    by_acceleration: FloatArray


def motion_cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the change of a motion vector b carried along by a, (6, ...)."""
    return np.concatenate([cross(a[:3], b[:3]), cross(a[:3], b[3:]) + cross(a[3:], b[:3])])


def force_cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the change of a force vector b carried along by a motion a, (6, ...)."""
    return np.concatenate([cross(a[:3], b[:3]) + cross(a[3:], b[3:]), cross(a[:3], b[3:])])


def _apply(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Return (3, 3, ...) times (3, ...)."""
    return np.asarray(np.einsum("ij...,j...->i...", matrix, vector))


def _spatial(motion: FrameMotion, place: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return spatial velocity and acceleration, (6, T) each, of a frame at a place."""
    velocity = motion.velocity - cross(motion.spin, place)
    linear = motion.linear - cross(motion.angular, place) - cross(motion.spin, motion.velocity)
    return np.concatenate([motion.spin, velocity]), np.concatenate([motion.angular, linear])


def _body_inertias(tree: KinematicTree, pose: TreePose) -> tuple[FloatArray, FloatArray]:
    """Return all bodies' first moments of mass and inertias about the origin.

    (3, B, T) kg m and (3, 3, B, T) kg m^2.
    """
    rotations = np.stack(pose.rotations, axis=2)
    mass = tree.masses_kg[:, None]
    centres = np.stack(pose.positions_m, axis=1)
    centres += _apply(rotations, tree.mass_centres_m.T[:, :, None])
    own = tree.inertias_kg_m2.transpose(1, 2, 0)[..., None]
    half = np.stack([_apply(rotations, own[:, k]) for k in range(3)], axis=1)
    first = mass * centres
    about = np.empty_like(half)
    for k in range(3):
        # minus the square of a cross product: c.c 1 - c c'
        about[:, k] = _apply(half, rotations[k]) - first * centres[k]
    square = (first * centres).sum(axis=0)
    for k in range(3):
        about[k, k] += square
    return first, about


def _turning_matrix(
    first: FloatArray, inertia: FloatArray, velocity: FloatArray, momentum: FloatArray
) -> FloatArray:
    """Return (3, 3, B, T), the part that turns of ``I (d x V) + d x* (I V) + V x* (I d)``.

    As a matrix on a twist d that sum is ``[[A, 0], [-2 p x, 0]]`` with the linear momentum p: the
    rest of it cancels. This is A.
    """
    spin, shift = velocity[:3], velocity[3:]
    swept = np.stack([cross(spin, inertia[:, k]) for k in range(3)], axis=1)
    out = swept + swept.transpose(1, 0, 2, 3)
    out -= shift[:, None] * first[None]
    out -= first[:, None] * shift[None]
    twice = 2.0 * (shift * first).sum(axis=0)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        out[i, i] += twice
        out[j, k] += momentum[i]
        out[k, j] -= momentum[i]
    return np.asarray(out)


class _Carried:
    """What every joint carries, summed from the leaves, by the joint's child.

    Attributes:
        mass: (B, 1).
        first: (3, B, T) first moment of mass about the origin.
        inertia, turning: (3, 3, B, T) about the origin; :func:`_turning_matrix`.
        push: (3, B, T) linear momentum.
        wrench: (6, B, T).
        bodies: spatial velocity and acceleration of each body, (6, T) each.
    """

    def __init__(self, tree: KinematicTree, pose: TreePose, motions: list[FrameMotion]) -> None:
        self.tree = tree
        self.mass = tree.masses_kg[:, None].copy()
        self.first, self.inertia = _body_inertias(tree, pose)
        self.bodies = [
            _spatial(motion, place) for motion, place in zip(motions, pose.positions_m, strict=True)
        ]
        velocity, acceleration = (np.stack(part, axis=1) for part in zip(*self.bodies, strict=True))
        acceleration[3:] -= tree.gravity_m_s2[:, None, None]
        every = slice(None)
        momentum = self.times(every, velocity)
        self.turning = _turning_matrix(self.first, self.inertia, velocity, momentum)
        self.push = momentum[3:].copy()
        self.wrench = self.times(every, acceleration) + force_cross(velocity, momentum)
        sums = self.mass, self.first, self.inertia, self.turning, self.push, self.wrench
        for joint in reversed(tree.joints):
            if joint.parent >= 0:
                for part in sums:
                    part[..., joint.parent, :] += part[..., joint.child, :]

    def times(self, bodies: slice, vector: FloatArray) -> FloatArray:
        """Return inertias times motion vectors (6, N, T) of N bodies, or all of one."""
        first = self.first[:, bodies]
        return np.concatenate(
            [
                _apply(self.inertia[:, :, bodies], vector[:3]) + cross(first, vector[3:]),
                self.mass[bodies] * vector[3:] - cross(first, vector[:3]),
            ]
        )

    def velocity_times(self, bodies: slice, spin: FloatArray) -> FloatArray:
        """Return the matrices of :func:`_turning_matrix` times twists that spin (3, N, T)."""
        lower = cross(spin, self.push[:, bodies])
        return np.concatenate([_apply(self.turning[:, :, bodies], spin), 2.0 * lower])

    def total(self) -> FloatArray:
        """Return the wrench of the whole, (6, T)."""
        roots = [joint.child for joint in self.tree.joints if joint.parent < 0]
        return np.asarray(self.wrench[:, roots].sum(axis=1))


def _axis_derivatives(
    carried: _Carried, child: int, twist: FloatArray, before: FloatArray, push: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the wrench's derivatives by axes' displacements, rates and second rates, (6, A, T).

    Args:
        carried: sums.
        child: the joint's child.
        twist: (6, A, T) of the joint's axes.
        before, push: (6, A, T) spatial velocity and acceleration of what comes before each axis,
            gravity taken off.
    """
    bodies = slice(child, child + 1)
    swept, pushed = motion_cross(twist, before), motion_cross(twist, push)
    place = (
        force_cross(twist, carried.wrench[:, bodies])
        - carried.velocity_times(bodies, swept[:3])
        - carried.times(bodies, pushed - motion_cross(swept, before))
    )
    rate = carried.velocity_times(bodies, twist[:3]) - 2.0 * carried.times(bodies, swept)
    return place, rate, carried.times(bodies, twist)


@dataclass(frozen=True)
class _Drive:
    """What drives a displacement f(q): the derivatives of f, and the rates of q, (T,) each."""

    slope: FloatArray
    bend: FloatArray
    third: FloatArray
    speed: FloatArray
    acceleration: FloatArray

    def rates(self) -> tuple[FloatArray, FloatArray]:
        """Return first and second time derivative of the displacement."""
        change = self.slope * self.acceleration + self.bend * self.speed**2
        return self.slope * self.speed, change


def _add(
    sums: list[FloatArray],
    column: int,
    parts: tuple[FloatArray, FloatArray, FloatArray],
    drive: _Drive,
) -> None:
    """Add derivatives by a displacement f(q) as derivatives by q, its speed and acceleration."""
    place, rate, second = parts
    turn = drive.bend * drive.acceleration + drive.third * drive.speed**2
    sums[0][:, column] += place * drive.slope + rate * drive.bend * drive.speed + second * turn
    sums[1][:, column] += rate * drive.slope + 2.0 * second * drive.bend * drive.speed
    sums[2][:, column] += second * drive.slope


def _fold(
    tree: KinematicTree,
    sums: list[FloatArray],
    columns: dict[int, int],
    q: FloatArray,
    u: FloatArray,
    a: FloatArray,
) -> None:
    """Carry derivatives by dependent coordinates to those they follow."""
    for coupling in tree.couplings:
        leader, follower = coupling.independent, coupling.dependent
        if leader not in columns or follower not in columns:
            continue
        drive = _Drive(*coupling.curve.expand(q[leader])[1:], u[leader], a[leader])
        place, rate, second = (part[:, columns[follower]].copy() for part in sums)
        for part in sums:
            part[:, columns[follower]] = 0.0
        _add(sums, columns[leader], (place, rate, second), drive)


def follow_motion(
    tree: KinematicTree, coordinates: FloatArray, speeds: FloatArray, accelerations: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return copies of a motion, (T, Q) each, whose dependent coordinates move as their leaders."""
    q, u, a = (part.copy() for part in (coordinates, speeds, accelerations))
    for coupling in tree.couplings:
        leader, follower = coupling.independent, coupling.dependent
        q[:, follower], slope, bend, _ = coupling.curve.expand(q[:, leader])
        u[:, follower] = slope * u[:, leader]
        a[:, follower] = slope * a[:, leader] + bend * u[:, leader] ** 2
    return q, u, a


def _columns(tree: KinematicTree, wanted: NDArray[np.int64]) -> dict[int, int]:
    """Return the places of the wanted coordinates, then of those that follow them."""
    found = {int(index): column for column, index in enumerate(wanted)}
    for coupling in tree.couplings:
        if coupling.independent in found:
            found.setdefault(coupling.dependent, len(found))
    return found


def wrench_sensitivity(
    tree: KinematicTree,
    motion: tuple[FloatArray, FloatArray, FloatArray],
    pose: TreePose | None = None,
    wanted: NDArray[np.int64] | None = None,
) -> WrenchSensitivity:
    """Return the wrench that a motion needs of the ground, and its derivatives.

    Args:
        tree: compiled model.
        motion: coordinates, speeds, accelerations, (T, Q) each, rad and m, per s, per s^2;
            dependent coordinates move as their leaders make them.
        pose: of the coordinates, where it is known already.
        wanted: (C,) coordinates whose derivatives are wanted, all otherwise.
    """
    coordinates, speeds, accelerations = motion
    q, u, a = (np.ascontiguousarray(part.T) for part in motion)
    pose = walk_tree(tree, coordinates) if pose is None else pose
    carried = _Carried(tree, pose, move_bodies(tree, pose, speeds, accelerations))
    frames = len(coordinates)
    wanted = np.arange(len(tree.coordinates)) if wanted is None else wanted
    columns = _columns(tree, wanted)
    sums = [np.zeros((6, len(columns), frames)) for _ in range(3)]
    gravity = np.concatenate([np.zeros(3), tree.gravity_m_s2])[:, None]
    still = np.zeros((6, frames))
    for joint, placed in zip(tree.joints, pose.joints, strict=True):
        axes = [(axis, False) for axis in placed.translations]
        axes += [(axis, True) for axis in placed.rotations]
        if not any(axis.coordinate in columns for axis, _ in axes):
            continue
        velocity, acceleration = (
            (still, still) if joint.parent < 0 else carried.bodies[joint.parent]
        )
        acceleration = acceleration - gravity
        # a joint at a time: few enough numbers for the cache
        drives: list[tuple[int, _Drive]] = []
        kept: list[tuple[FloatArray, FloatArray, FloatArray]] = []
        for axis, turns in axes:
            twist = axis_twist(axis, placed, turns)
            place = axis.coordinate
            drive = _Drive(axis.slope, axis.bend, axis.third, u[place], a[place])
            if place in columns:
                drives.append((columns[place], drive))
                kept.append((twist, velocity, acceleration))
            rate, change = drive.rates()
            acceleration = acceleration + change * twist + rate * motion_cross(velocity, twist)
            velocity = velocity + rate * twist
        stacked = (np.stack(part, axis=1) for part in zip(*kept, strict=True))
        parts = _axis_derivatives(carried, joint.child, *stacked)
        for index, (column, drive) in enumerate(drives):
            _add(sums, column, (parts[0][:, index], parts[1][:, index], parts[2][:, index]), drive)
    _fold(tree, sums, columns, q, u, a)
    sums = [part[:, : len(wanted)] for part in sums]
    return WrenchSensitivity(carried.total(), sums[0], sums[1], sums[2])
