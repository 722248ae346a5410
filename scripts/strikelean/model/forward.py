"""Forward kinematics and point Jacobians of a compiled model, over all frames at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.model.tree import Joint, KinematicTree, TransformAxis


@dataclass(frozen=True)
class Column:
    """How one coordinate moves what hangs on one joint, per unit of its rate.

    Attributes:
        joint: index of the joint.
        coordinate: index of the coordinate.
        angular: (T, 3) angular velocity in the laboratory.
        linear: (T, 3) velocity of the joint's child origin in the laboratory.
    """

    joint: int
    coordinate: int
    angular: FloatArray
    linear: FloatArray


@dataclass(frozen=True)
class Pose:
    """Where every body is.

    Attributes:
        rotations: (T, B, 3, 3) from body to laboratory frame.
        positions_m: (T, B, 3) origins of the body frames.
        origins_m: (T, J, 3) origins of the joints' child frames.
        columns: partial velocities, filled when asked for.
    """

    rotations: FloatArray
    positions_m: FloatArray
    origins_m: FloatArray
    columns: tuple[Column, ...]


def axis_rotation(direction: FloatArray, angle: FloatArray) -> FloatArray:
    """Return rotation matrices (T, 3, 3) about one unit axis by (T,) radians (Rodrigues)."""
    x, y, z = direction
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine = np.sin(angle)[:, None, None]
    versine = (1.0 - np.cos(angle))[:, None, None]
    return np.asarray(np.eye(3) + sine * cross + versine * (cross @ cross))


def follow_couplings(tree: KinematicTree, coordinates: FloatArray) -> FloatArray:
    """Return a copy of (T, Q) coordinates with the dependent ones set from the others."""
    values = coordinates.copy()
    for coupling in tree.couplings:
        values[:, coupling.dependent] = coupling.curve.value(values[:, coupling.independent])
    return values


def _displacement(axis: TransformAxis, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    if axis.coordinate < 0:
        constant = axis.curve.value(np.zeros(len(values)))
        return constant, np.zeros(len(values))
    argument = values[:, axis.coordinate]
    return axis.curve.value(argument), axis.curve.derivative(argument)


def _joint_motion(
    joint: Joint, index: int, frame_f: FloatArray, values: FloatArray, partials: bool
) -> tuple[FloatArray, FloatArray, list[Column]]:
    """Return rotation F to M, displacement in the laboratory and the partial velocities."""
    frames = len(values)
    rotation = np.broadcast_to(np.eye(3), (frames, 3, 3))
    angular: dict[int, FloatArray] = {}
    linear: dict[int, FloatArray] = {}
    for axis in joint.rotations:
        angle, rate = _displacement(axis, values)
        if partials and axis.coordinate >= 0:
            direction = (frame_f @ rotation) @ axis.direction
            previous = angular.get(axis.coordinate, np.zeros((frames, 3)))
            angular[axis.coordinate] = previous + rate[:, None] * direction
        if axis.coordinate >= 0 or np.any(angle):
            rotation = rotation @ axis_rotation(axis.direction, angle)
    displacement = np.zeros((frames, 3))
    for axis in joint.translations:
        length, rate = _displacement(axis, values)
        direction = frame_f @ axis.direction
        displacement = displacement + length[:, None] * direction
        if partials and axis.coordinate >= 0:
            previous = linear.get(axis.coordinate, np.zeros((frames, 3)))
            linear[axis.coordinate] = previous + rate[:, None] * direction
    zero = np.zeros((frames, 3))
    columns = [
        Column(index, coordinate, angular.get(coordinate, zero), linear.get(coordinate, zero))
        for coordinate in dict.fromkeys([*angular, *linear])
    ]
    return rotation, displacement, columns


def solve_forward(tree: KinematicTree, coordinates: FloatArray, partials: bool = False) -> Pose:
    """Return the pose of every body.

    Args:
        tree: compiled model.
        coordinates: (T, Q) radians and metres; dependent ones are overwritten.
        partials: also work out the partial velocities that Jacobians need.
    """
    values = follow_couplings(tree, coordinates)
    frames = len(values)
    rotations = np.empty((frames, len(tree.bodies), 3, 3))
    positions = np.empty((frames, len(tree.bodies), 3))
    origins = np.empty((frames, len(tree.joints), 3))
    columns: list[Column] = []
    ground = np.broadcast_to(np.eye(3), (frames, 3, 3))
    for index, joint in enumerate(tree.joints):
        on_ground = joint.parent < 0
        parent_rotation = ground if on_ground else rotations[:, joint.parent]
        parent_position = np.zeros(3) if on_ground else positions[:, joint.parent]
        frame_f = parent_rotation @ joint.rotation_pf
        rotation, displacement, moved = _joint_motion(joint, index, frame_f, values, partials)
        origin = parent_position + parent_rotation @ joint.position_pf + displacement
        body_rotation = frame_f @ rotation @ joint.rotation_bm.T
        rotations[:, joint.child] = body_rotation
        positions[:, joint.child] = origin - body_rotation @ joint.position_bm
        origins[:, index] = origin
        columns += moved
    return Pose(rotations, positions, origins, tuple(columns))


def place_points(pose: Pose, bodies: NDArray[np.int64], locations_m: FloatArray) -> FloatArray:
    """Return points fixed to bodies in the laboratory, (T, P, 3).

    Args:
        pose: from :func:`solve_forward`.
        bodies: (P,) body indices.
        locations_m: (P, 3) in the bodies' frames.
    """
    turned = np.einsum("tpij,pj->tpi", pose.rotations[:, bodies], locations_m)
    return np.asarray(pose.positions_m[:, bodies] + turned)


def marker_positions(tree: KinematicTree, pose: Pose) -> FloatArray:
    """Return the model's markers in the laboratory, (T, M, 3) metres."""
    return place_points(pose, tree.marker_bodies, tree.marker_locations_m)


def point_jacobian(
    tree: KinematicTree,
    pose: Pose,
    coordinates: FloatArray,
    bodies: NDArray[np.int64],
    points: FloatArray,
) -> FloatArray:
    """Return d(point)/d(coordinate), (T, P, 3, Q), coupled coordinates folded in.

    Args:
        tree: compiled model.
        pose: with partial velocities, at ``coordinates``.
        coordinates: (T, Q).
        bodies: (P,) body indices of the points.
        points: (T, P, 3) the points in the laboratory.
    """
    frames, count = points.shape[:2]
    jacobian = np.zeros((frames, count, 3, len(tree.coordinates)))
    moved = tree.descends()[:, bodies]
    for column in pose.columns:
        mask = moved[column.joint]
        if not mask.any():
            continue
        arm = points[:, mask] - pose.origins_m[:, column.joint][:, None]
        velocity = np.cross(column.angular[:, None], arm) + column.linear[:, None]
        block = jacobian[..., column.coordinate]
        block[:, mask] += velocity
    for coupling in tree.couplings:
        rate = coupling.curve.derivative(coordinates[:, coupling.independent])
        dependent = jacobian[..., coupling.dependent]
        jacobian[..., coupling.independent] += rate[:, None, None] * dependent
        jacobian[..., coupling.dependent] = 0.0
    return jacobian


def mass_centre(tree: KinematicTree, pose: Pose) -> FloatArray:
    """Return the whole-body centre of mass, (T, 3) metres."""
    bodies = np.arange(len(tree.bodies), dtype=np.int64)
    centres = place_points(pose, bodies, tree.mass_centres_m)
    return np.asarray(np.einsum("b,tbi->ti", tree.masses_kg, centres) / tree.masses_kg.sum())
