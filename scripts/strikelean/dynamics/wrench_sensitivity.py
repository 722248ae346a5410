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

from strikelean.dynamics.rigid_body import FrameMotion, move_bodies
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, apply, axis_twist, cross, walk_tree


@dataclass(frozen=True)
class WrenchSensitivity:
    """The wrench a motion needs, and its derivatives.

    Attributes:
        wrench: (6, T) moment (N m) about the laboratory origin, then force (N).
        by_coordinate, by_speed, by_acceleration: (6, Q, T), dependent coordinates folded into
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


def _skew(v: FloatArray) -> FloatArray:
    """Return (3, 3, T) matrices of the cross product with (3, T)."""
    out = np.zeros((3, *v.shape))
    out[0, 1], out[0, 2], out[1, 2] = -v[2], v[1], -v[0]
    out[1, 0], out[2, 0], out[2, 1] = v[2], -v[1], v[0]
    return out


def _blocks(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray:
    return np.concatenate([np.concatenate([a, b], axis=1), np.concatenate([c, d], axis=1)])


def _times(matrix: FloatArray, other: FloatArray) -> FloatArray:
    """Return (6, 6, T) times (6, T) or (6, 6, T)."""
    return np.asarray(np.einsum("ijt,j...t->i...t", matrix, other))


def _spatial(motion: FrameMotion, place: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return spatial velocity and acceleration, (6, T) each, of a frame at a place."""
    velocity = motion.velocity - cross(motion.spin, place)
    linear = motion.linear - cross(motion.angular, place) - cross(motion.spin, motion.velocity)
    return np.concatenate([motion.spin, velocity]), np.concatenate([motion.angular, linear])


def _body_inertias(tree: KinematicTree, pose: TreePose) -> list[FloatArray]:
    """Return each body's spatial inertia about the origin, (6, 6, T)."""
    found = []
    for body, rotation in enumerate(pose.rotations):
        mass = float(tree.masses_kg[body])
        centre = pose.positions_m[body] + apply(rotation, tree.mass_centres_m[body])
        turned = np.einsum("ijt,jk,lkt->ilt", rotation, tree.inertias_kg_m2[body], rotation)
        arm = _skew(centre)
        about = turned - mass * np.einsum("ijt,jkt->ikt", arm, arm)
        weight = np.repeat(mass * np.eye(3)[:, :, None], centre.shape[1], axis=2)
        found.append(_blocks(about, mass * arm, -mass * arm, weight))
    return found


def _velocity_matrix(inertia: FloatArray, velocity: FloatArray) -> FloatArray:
    """Return the matrix D of ``I (d x V) + d x* (I V) + V x* (I d)``, (6, 6, T)."""
    spin, shift = _skew(velocity[:3]), _skew(velocity[3:])
    nothing = np.zeros_like(spin)
    along = _blocks(spin, nothing, shift, spin)
    momentum = _times(inertia, velocity)
    angular, linear = _skew(momentum[:3]), _skew(momentum[3:])
    carried = _blocks(spin, shift, nothing, spin)
    return np.asarray(
        _times(carried, inertia)
        - _times(inertia, along)
        - _blocks(angular, linear, linear, nothing)
    )


class _Carried:
    """What every joint carries, summed from the leaves: wrench, inertia, velocity matrix."""

    def __init__(self, tree: KinematicTree, pose: TreePose, motions: list[FrameMotion]) -> None:
        self.tree = tree
        self.inertia = _body_inertias(tree, pose)
        self.bodies = [
            _spatial(motion, place) for motion, place in zip(motions, pose.positions_m, strict=True)
        ]
        gravity = np.concatenate([np.zeros(3), tree.gravity_m_s2])[:, None]
        self.matrix, self.wrench = [], []
        for inertia, (velocity, acceleration) in zip(self.inertia, self.bodies, strict=True):
            self.matrix.append(_velocity_matrix(inertia, velocity))
            momentum = _times(inertia, velocity)
            need = _times(inertia, acceleration - gravity)
            self.wrench.append(need + force_cross(velocity, momentum))
        for joint in reversed(tree.joints):
            if joint.parent >= 0:
                for part in (self.inertia, self.matrix, self.wrench):
                    part[joint.parent] = part[joint.parent] + part[joint.child]

    def total(self) -> FloatArray:
        """Return the wrench of the whole, (6, T)."""
        roots = [self.wrench[joint.child] for joint in self.tree.joints if joint.parent < 0]
        return np.asarray(sum(roots))


def _axis_derivatives(
    carried: _Carried, body: int, twist: FloatArray, velocity: FloatArray, acceleration: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the wrench's derivatives by an axis' displacement, rate and second rate, (6, T).

    Args:
        carried: sums.
        body: the joint's child.
        twist: of the axis.
        velocity, acceleration: spatial, of what comes before the axis, gravity taken off.
    """
    inertia, matrix = carried.inertia[body], carried.matrix[body]
    swept, pushed = motion_cross(twist, velocity), motion_cross(twist, acceleration)
    place = (
        force_cross(twist, carried.wrench[body])
        - _times(matrix, swept)
        - _times(inertia, pushed - motion_cross(swept, velocity))
    )
    rate = _times(matrix, twist) - 2.0 * _times(inertia, swept)
    return place, rate, _times(inertia, twist)


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
    coordinate: int,
    parts: tuple[FloatArray, FloatArray, FloatArray],
    drive: _Drive,
) -> None:
    """Add derivatives by a displacement f(q) as derivatives by q, its speed and acceleration."""
    place, rate, second = parts
    turn = drive.bend * drive.acceleration + drive.third * drive.speed**2
    sums[0][:, coordinate] += place * drive.slope + rate * drive.bend * drive.speed + second * turn
    sums[1][:, coordinate] += rate * drive.slope + 2.0 * second * drive.bend * drive.speed
    sums[2][:, coordinate] += second * drive.slope


def _fold(
    tree: KinematicTree, sums: list[FloatArray], q: FloatArray, u: FloatArray, a: FloatArray
) -> None:
    """Carry derivatives by dependent coordinates to those they follow."""
    for coupling in tree.couplings:
        leader, follower = coupling.independent, coupling.dependent
        drive = _Drive(*coupling.curve.expand(q[leader])[1:], u[leader], a[leader])
        place, rate, second = (part[:, follower].copy() for part in sums)
        for part in sums:
            part[:, follower] = 0.0
        _add(sums, leader, (place, rate, second), drive)


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


def wrench_sensitivity(
    tree: KinematicTree, coordinates: FloatArray, speeds: FloatArray, accelerations: FloatArray
) -> WrenchSensitivity:
    """Return the wrench that a motion needs of the ground, and its derivatives.

    Args:
        tree: compiled model.
        coordinates, speeds, accelerations: (T, Q) rad and m, per s, per s^2; dependent
            coordinates move as their leaders make them.
    """
    q, u, a = (np.ascontiguousarray(part.T) for part in (coordinates, speeds, accelerations))
    pose = walk_tree(tree, coordinates)
    motions = move_bodies(tree, pose, speeds, accelerations)
    carried = _Carried(tree, pose, motions)
    frames = len(coordinates)
    sums = [np.zeros((6, len(tree.coordinates), frames)) for _ in range(3)]
    gravity = np.concatenate([np.zeros(3), tree.gravity_m_s2])[:, None]
    still = np.zeros((6, frames))
    for joint, placed in zip(tree.joints, pose.joints, strict=True):
        velocity, acceleration = (
            (still, still) if joint.parent < 0 else carried.bodies[joint.parent]
        )
        acceleration = acceleration - gravity
        axes = [(axis, False) for axis in placed.translations]
        axes += [(axis, True) for axis in placed.rotations]
        for axis, turns in axes:
            twist = axis_twist(axis, placed, turns)
            parts = _axis_derivatives(carried, joint.child, twist, velocity, acceleration)
            place = axis.coordinate
            drive = _Drive(axis.slope, axis.bend, axis.third, u[place], a[place])
            _add(sums, place, parts, drive)
            rate, change = drive.rates()
            acceleration = acceleration + change * twist + rate * motion_cross(velocity, twist)
            velocity = velocity + rate * twist
    _fold(tree, sums, q, u, a)
    return WrenchSensitivity(carried.total(), sums[0], sums[1], sums[2])
