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
from strikelean.model.walk import TreePose, axis_twist, cross, walk_tree


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
    """Return (3, 3, ...) matrices of the cross product with (3, ...)."""
    out = np.zeros((3, *v.shape))
    out[0, 1], out[0, 2], out[1, 2] = -v[2], v[1], -v[0]
    out[1, 0], out[2, 0], out[2, 1] = v[2], -v[1], v[0]
    return out


def _blocks(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> FloatArray:
    out = np.empty((6, 6, *a.shape[2:]))
    out[:3, :3], out[:3, 3:], out[3:, :3], out[3:, 3:] = a, b, c, d
    return out


def _times(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Return (6, 6, N, T) times (6, N, T)."""
    return np.asarray(np.einsum("ijnt,jnt->int", matrix, vector))


def _spatial(motion: FrameMotion, place: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return spatial velocity and acceleration, (6, T) each, of a frame at a place."""
    velocity = motion.velocity - cross(motion.spin, place)
    linear = motion.linear - cross(motion.angular, place) - cross(motion.spin, motion.velocity)
    return np.concatenate([motion.spin, velocity]), np.concatenate([motion.angular, linear])


def _body_inertias(tree: KinematicTree, pose: TreePose) -> FloatArray:
    """Return all bodies' spatial inertias about the origin, (6, 6, B, T)."""
    rotations = np.stack(pose.rotations, axis=2)
    mass = tree.masses_kg[:, None]
    centres = np.stack(pose.positions_m, axis=1)
    centres = centres + np.einsum("ijbt,bj->ibt", rotations, tree.mass_centres_m)
    half = np.einsum("ijbt,bjk->ikbt", rotations, tree.inertias_kg_m2)
    turned = np.einsum("ikbt,lkbt->ilbt", half, rotations)
    arm = mass * _skew(centres)
    # minus the square of a cross product: c.c 1 - c c'
    about = turned - mass * centres[:, None] * centres[None]
    square = mass * (centres**2).sum(axis=0)
    weight = np.zeros_like(about)
    for axis in range(3):
        about[axis, axis] += square
        weight[axis, axis] = mass
    return _blocks(about, arm, -arm, weight)


def _velocity_matrix(inertia: FloatArray, velocity: FloatArray) -> FloatArray:
    """Return the matrices D of ``I (d x V) + d x* (I V) + V x* (I d)``, (6, 6, B, T)."""
    spin, shift = _skew(velocity[:3]), _skew(velocity[3:])
    nothing = np.zeros_like(spin)
    momentum = _times(inertia, velocity)
    angular, linear = _skew(momentum[:3]), _skew(momentum[3:])
    # (crm V)' = -(crf V), and inertias are symmetric: I crm V is -(crf V I) turned over
    carried = np.einsum("ijbt,jkbt->ikbt", _blocks(spin, shift, nothing, spin), inertia)
    both = carried + carried.transpose(1, 0, 2, 3)
    return np.asarray(both - _blocks(angular, linear, linear, nothing))


class _Carried:
    """What every joint carries, summed from the leaves.

    Attributes:
        inertia, matrix: (6, 6, B, T) by the joint's child.
        wrench: (6, B, T).
        bodies: spatial velocity and acceleration of each body, (6, T) each.
    """

    def __init__(self, tree: KinematicTree, pose: TreePose, motions: list[FrameMotion]) -> None:
        self.tree = tree
        self.inertia = _body_inertias(tree, pose)
        self.bodies = [
            _spatial(motion, place) for motion, place in zip(motions, pose.positions_m, strict=True)
        ]
        velocity, acceleration = (np.stack(part, axis=1) for part in zip(*self.bodies, strict=True))
        gravity = np.concatenate([np.zeros(3), tree.gravity_m_s2])[:, None, None]
        self.matrix = _velocity_matrix(self.inertia, velocity)
        momentum = _times(self.inertia, velocity)
        need = _times(self.inertia, acceleration - gravity)
        self.wrench = need + force_cross(velocity, momentum)
        for joint in reversed(tree.joints):
            if joint.parent >= 0:
                for part in (self.inertia, self.matrix, self.wrench):
                    part[..., joint.parent, :] += part[..., joint.child, :]

    def total(self) -> FloatArray:
        """Return the wrench of the whole, (6, T)."""
        roots = [joint.child for joint in self.tree.joints if joint.parent < 0]
        return np.asarray(self.wrench[:, roots].sum(axis=1))


def _axis_derivatives(
    carried: _Carried, bodies: list[int], twist: FloatArray, before: FloatArray, push: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the wrench's derivatives by axes' displacements, rates and second rates, (6, A, T).

    Args:
        carried: sums.
        bodies: (A,) the joints' children.
        twist: (6, A, T) of the axes.
        before, push: (6, A, T) spatial velocity and acceleration of what comes before each axis,
            gravity taken off.
    """
    inertia, matrix = carried.inertia[:, :, bodies], carried.matrix[:, :, bodies]
    swept, pushed = motion_cross(twist, before), motion_cross(twist, push)
    place = (
        force_cross(twist, carried.wrench[:, bodies])
        - _times(matrix, swept)
        - _times(inertia, pushed - motion_cross(swept, before))
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
    tree: KinematicTree,
    motion: tuple[FloatArray, FloatArray, FloatArray],
    pose: TreePose | None = None,
) -> WrenchSensitivity:
    """Return the wrench that a motion needs of the ground, and its derivatives.

    Args:
        tree: compiled model.
        motion: coordinates, speeds, accelerations, (T, Q) each, rad and m, per s, per s^2;
            dependent coordinates move as their leaders make them.
        pose: of the coordinates, where it is known already.
    """
    coordinates, speeds, accelerations = motion
    q, u, a = (np.ascontiguousarray(part.T) for part in motion)
    pose = walk_tree(tree, coordinates) if pose is None else pose
    carried = _Carried(tree, pose, move_bodies(tree, pose, speeds, accelerations))
    frames = len(coordinates)
    sums = [np.zeros((6, len(tree.coordinates), frames)) for _ in range(3)]
    gravity = np.concatenate([np.zeros(3), tree.gravity_m_s2])[:, None]
    still = np.zeros((6, frames))
    bodies: list[int] = []
    drives: list[tuple[int, _Drive]] = []
    twists: list[FloatArray] = []
    before: list[FloatArray] = []
    push: list[FloatArray] = []
    for joint, placed in zip(tree.joints, pose.joints, strict=True):
        velocity, acceleration = (
            (still, still) if joint.parent < 0 else carried.bodies[joint.parent]
        )
        acceleration = acceleration - gravity
        axes = [(axis, False) for axis in placed.translations]
        axes += [(axis, True) for axis in placed.rotations]
        for axis, turns in axes:
            twist = axis_twist(axis, placed, turns)
            place = axis.coordinate
            drive = _Drive(axis.slope, axis.bend, axis.third, u[place], a[place])
            bodies.append(joint.child)
            drives.append((place, drive))
            for kept, part in ((twists, twist), (before, velocity), (push, acceleration)):
                kept.append(part)
            rate, change = drive.rates()
            acceleration = acceleration + change * twist + rate * motion_cross(velocity, twist)
            velocity = velocity + rate * twist
    stacked = (np.stack(part, axis=1) for part in (twists, before, push))
    parts = _axis_derivatives(carried, bodies, *stacked)
    for index, (place, drive) in enumerate(drives):
        _add(sums, place, (parts[0][:, index], parts[1][:, index], parts[2][:, index]), drive)
    _fold(tree, sums, q, u, a)
    return WrenchSensitivity(carried.total(), sums[0], sums[1], sums[2])
