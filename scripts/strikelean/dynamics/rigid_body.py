"""Rigid-body dynamics of a compiled model by Newton's and Euler's laws, over all frames at once.

Velocities and accelerations run from the root outwards, forces from the leaves inwards (the
recursive Newton-Euler method: Luh 1980, doi 10.1115/1.3149599), written in the laboratory frame.
Arrays are (3, T) and (3, 3, T) as in :mod:`strikelean.model.walk`. Constraints are left aside, as
in OpenSim's inverse dynamics: a coordinate that follows another keeps its own generalised force.
Verified against OpenSim in ``tests/opensim/test_rigid_body.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.motion_kernel import move_frames
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, apply, cross, joint_columns, walk_tree

Wrenches = Mapping[str, tuple[FloatArray, FloatArray]]


@dataclass(frozen=True)
class FrameMotion:
    """How one frame moves, laboratory, (3, T) each.

    Attributes:
        spin: angular velocity, rad/s.
        velocity: of its origin, m/s.
        angular: angular acceleration, rad/s^2.
        linear: acceleration of its origin, m/s^2.
    """

    spin: FloatArray
    velocity: FloatArray
    angular: FloatArray
    linear: FloatArray

    def at(self, arm: FloatArray) -> FrameMotion:
        """Return the motion of a point fixed to the frame, ``arm`` (3, T) from its origin."""
        swept = cross(self.spin, arm)
        return FrameMotion(
            self.spin,
            self.velocity + swept,
            self.angular,
            self.linear + cross(self.angular, arm) + cross(self.spin, swept),
        )


@dataclass(frozen=True)
class BodyDemand:
    """What the motion of each body needs, gravity taken off, over T frames (laboratory).

    Attributes:
        forces_n: (T, B, 3) mass times (acceleration of the centre less gravity).
        moments_nm: (T, B, 3) rate of change of angular momentum about the centre of mass.
        centres_m: (T, B, 3) centres of mass.
    """

    forces_n: FloatArray
    moments_nm: FloatArray
    centres_m: FloatArray

    def at(self, rows: NDArray[np.int64]) -> BodyDemand:
        """Return the demand at some (S,) frames."""
        parts = (self.forces_n, self.moments_nm, self.centres_m)
        # frames stay last in memory
        return BodyDemand(*(part.T[..., rows].T for part in parts))


def with_engine_defect(tree: KinematicTree) -> KinematicTree:
    """Return the tree whose joints accelerate as OpenSim 4.6 has it; for verification only.

    Where one coordinate turns a body about three axes by functions (the knee of the Rajagopal
    family), OpenSim's engine takes the whole joint's angular velocity for that of the first axis
    when it differentiates the second. Its acceleration is then off by t2' t3' (a3 x a2), against
    its own positions (``tests/opensim/test_rigid_body.py``).
    """
    return replace(tree, engine_defect=True)


def _defects(pose: TreePose, speeds: FloatArray) -> FloatArray:
    """Return the error of :func:`with_engine_defect` at each joint, (J, 3, T) rad/s^2."""
    found = np.zeros_like(pose.placed.origins_m)
    for error, joint in zip(found, pose.joints, strict=True):
        if len(joint.rotations) < 3 or len({axis.coordinate for axis in joint.rotations}) > 1:
            continue
        second, third = joint.rotations[1:3]
        rate = second.slope * third.slope * speeds[second.coordinate] ** 2
        error[:] = rate * cross(third.direction, second.direction)
    return found


def move_bodies(
    tree: KinematicTree, pose: TreePose, speeds: FloatArray, accelerations: FloatArray
) -> list[FrameMotion]:
    """Return how every body's frame moves.

    Args:
        tree: compiled model.
        pose: where it is.
        speeds, accelerations: (T, Q) rad and m, per s and per s^2.
    """
    rates, changes = np.ascontiguousarray(speeds.T), np.ascontiguousarray(accelerations.T)
    defects = _defects(pose, rates) if tree.engine_defect else np.zeros((0, 3, len(speeds)))
    moved = move_frames(tree.program, pose.placed, rates, changes, defects)
    return [FrameMotion(*parts) for parts in zip(*moved, strict=True)]


def bodies_demand(tree: KinematicTree, pose: TreePose, motions: list[FrameMotion]) -> BodyDemand:
    """Return the forces and moments that bodies need to move as they do."""
    shape = (len(tree.bodies), *pose.positions_m[0].shape)
    forces, moments, centres = np.empty(shape), np.empty(shape), np.empty(shape)
    gravity = tree.gravity_m_s2[:, None]
    for body, motion in enumerate(motions):
        rotation = pose.rotations[body]
        arm = apply(rotation, tree.mass_centres_m[body])
        centres[body] = pose.positions_m[body] + arm
        forces[body] = tree.masses_kg[body] * (motion.at(arm).linear - gravity)
        turning = np.stack([motion.spin, motion.angular])
        inside = np.einsum("ijt,kit->kjt", rotation, turning)
        inside = np.einsum("jm,kmt->kjt", tree.inertias_kg_m2[body], inside)
        momentum, change = np.einsum("ijt,kjt->kit", rotation, inside)
        moments[body] = change + cross(motion.spin, momentum)
    return BodyDemand(*(part.transpose(2, 0, 1) for part in (forces, moments, centres)))


def generalised_forces(
    tree: KinematicTree, pose: TreePose, demand: BodyDemand, wrenches: Wrenches
) -> FloatArray:
    """Return the generalised forces that the demand leaves to the joints, (T, Q) N and N m.

    Args:
        tree: compiled model.
        pose: where it is.
        demand: of its motion.
        wrenches: ``{body: (force, moment)}`` of the ground, (T, 3) each, the moment about the
            laboratory origin.
    """
    needs = (part.transpose(1, 2, 0) for part in (demand.forces_n, demand.moments_nm))
    force, moment = (list(part) for part in needs)
    for body, centre in enumerate(demand.centres_m.transpose(1, 2, 0)):
        moment[body] = moment[body] + cross(centre, force[body])
    for name, (push, turn) in wrenches.items():
        body = tree.body_index(name)
        force[body], moment[body] = force[body] - push.T, moment[body] - turn.T
    result = np.zeros((len(tree.coordinates), pose.positions_m[0].shape[1]))
    for joint, placed in zip(reversed(tree.joints), reversed(pose.joints), strict=True):
        body = joint.child
        about = moment[body] - cross(placed.origin_m, force[body])
        for coordinate, (angular, linear) in joint_columns(placed).items():
            result[coordinate] += np.einsum("it,it->t", angular, about)
            result[coordinate] += np.einsum("it,it->t", linear, force[body])
        if joint.parent >= 0:
            force[joint.parent] = force[joint.parent] + force[body]
            moment[joint.parent] = moment[joint.parent] + moment[body]
    return np.ascontiguousarray(result.T)


def body_demand(
    tree: KinematicTree, coordinates: FloatArray, speeds: FloatArray, accelerations: FloatArray
) -> BodyDemand:
    """Return the forces and moments that a motion, (T, Q) each, needs of every body."""
    pose = walk_tree(tree, coordinates)
    return bodies_demand(tree, pose, move_bodies(tree, pose, speeds, accelerations))


def inverse_dynamics(
    tree: KinematicTree,
    coordinates: FloatArray,
    speeds: FloatArray,
    accelerations: FloatArray,
    wrenches: Wrenches,
) -> FloatArray:
    """Return the generalised forces of a motion, (T, Q) N and N m, OpenSim's signs.

    Args:
        tree: compiled model.
        coordinates, speeds, accelerations: (T, Q) rad and m, per s, per s^2, of dependent
            coordinates too.
        wrenches: ``{body: (force, moment)}`` of the ground, (T, 3) each, the moment about the
            laboratory origin.
    """
    pose = walk_tree(tree, coordinates)
    demand = bodies_demand(tree, pose, move_bodies(tree, pose, speeds, accelerations))
    return generalised_forces(tree, pose, demand, wrenches)
