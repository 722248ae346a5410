"""The walk through a compiled model from root to leaves, all frames at once.

Arrays are (3, T) and (3, 3, T), the frame axis last: every product is then one pass over
memory, several times faster than stacks of 3 x 3 matrices. :mod:`strikelean.model.forward` gives
the same as arrays with the frame axis first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.model.tree import Joint, KinematicTree, TransformAxis


@dataclass(frozen=True)
class AxisPose:
    """One axis of a joint in its pose.

    Attributes:
        coordinate: index of the coordinate that drives it.
        direction: (3, T) the axis in the laboratory.
        slope, bend, third: (T,) derivatives of its displacement by the coordinate.
    """

    coordinate: int
    direction: FloatArray
    slope: FloatArray
    bend: FloatArray
    third: FloatArray


@dataclass(frozen=True)
class JointPose:
    """One joint in its pose, laboratory frame.

    Attributes:
        base_m: (3, T) origin of its parent frame, less the parent body's origin.
        shift_m: (3, T) displacement of its child frame's origin from there.
        origin_m: (3, T) origin of its child frame.
        rotations, translations: its axes that can move, in order.
    """

    base_m: FloatArray
    shift_m: FloatArray
    origin_m: FloatArray
    rotations: tuple[AxisPose, ...]
    translations: tuple[AxisPose, ...]


@dataclass(frozen=True)
class TreePose:
    """Where every body and joint is.

    Attributes:
        rotations: per body, (3, 3, T) from body to laboratory.
        positions_m: per body, (3, T) origin of the body's frame.
        joints: per joint of the tree.
    """

    rotations: list[FloatArray]
    positions_m: list[FloatArray]
    joints: list[JointPose]


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the cross product of vectors (3, ...), far cheaper than numpy's general one."""
    first = a[1] * b[2]
    out = np.empty((3, *first.shape))
    np.subtract(first, a[2] * b[1], out=out[0])
    np.subtract(a[2] * b[0], a[0] * b[2], out=out[1])
    np.subtract(a[0] * b[1], a[1] * b[0], out=out[2])
    return out


def apply(rotation: FloatArray, vector: FloatArray) -> FloatArray:
    """Return (3, 3, T) rotations of one fixed vector (3,), as (3, T)."""
    return np.asarray(vector @ rotation)


def _chain(rotation: FloatArray, fixed: FloatArray) -> FloatArray:
    """Return (3, 3, T) rotations times one fixed (3, 3) matrix."""
    return np.asarray(fixed.T @ rotation)


def _turn(rotation: FloatArray, axis: TransformAxis, angle: FloatArray) -> FloatArray:
    """Return rotations (3, 3, T) turned by (T,) radians about an axis of their own frame."""
    sine, cosine = np.sin(angle), np.cos(angle)
    if axis.along is None:
        once = _chain(rotation, axis.skew)
        twice = _chain(once, axis.skew)
        return np.asarray(rotation + sine * once + (1.0 - cosine) * twice)
    k, sense = axis.along
    i, j = (k + 1) % 3, (k + 2) % 3
    sine *= sense
    out = np.empty(rotation.shape)
    out[:, k] = rotation[:, k]
    out[:, i] = cosine * rotation[:, i] + sine * rotation[:, j]
    out[:, j] = cosine * rotation[:, j] - sine * rotation[:, i]
    return out


def _place_joint(
    joint: Joint, parent_rotation: FloatArray, parent_position: FloatArray, values: FloatArray
) -> tuple[JointPose, FloatArray]:
    """Return the joint's pose and the rotation of its child frame."""
    frame = _chain(parent_rotation, joint.rotation_pf)
    base = apply(parent_rotation, joint.position_pf)
    shift = np.zeros_like(base)
    moving: list[list[AxisPose]] = [[], []]
    for kind, axes in enumerate((joint.translations, joint.rotations)):
        for axis in axes:
            driven = axis.coordinate >= 0
            if not driven and axis.constant == 0.0:
                continue
            direction = apply(frame, axis.direction)
            if driven:
                amount, *derivatives = axis.curve.expand(values[axis.coordinate])
                moving[kind].append(AxisPose(axis.coordinate, direction, *derivatives))
            else:
                amount = np.full(values.shape[1], axis.constant)
            if kind == 0:
                shift = shift + amount * direction
            else:
                frame = _turn(frame, axis, amount)
    origin = parent_position + base + shift
    return JointPose(base, shift, origin, tuple(moving[1]), tuple(moving[0])), frame


def walk_tree(tree: KinematicTree, coordinates: FloatArray) -> TreePose:
    """Return the pose of every body and joint.

    Args:
        tree: compiled model.
        coordinates: (T, Q) radians and metres, dependent ones already set.
    """
    values = np.ascontiguousarray(coordinates.T)
    frames = values.shape[1]
    ground = np.repeat(np.eye(3)[:, :, None], frames, axis=2)
    origin = np.zeros((3, frames))
    rotations = [ground] * len(tree.bodies)
    positions = [origin] * len(tree.bodies)
    joints = []
    for joint in tree.joints:
        inner = joint.parent >= 0
        pose, frame = _place_joint(
            joint,
            rotations[joint.parent] if inner else ground,
            positions[joint.parent] if inner else origin,
            values,
        )
        rotation = _chain(frame, joint.rotation_bm.T)
        rotations[joint.child] = rotation
        positions[joint.child] = pose.origin_m - apply(rotation, joint.position_bm)
        joints.append(pose)
    return TreePose(rotations, positions, joints)


def joint_columns(pose: JointPose) -> dict[int, tuple[FloatArray, FloatArray]]:
    """Return ``{coordinate: (angular, linear)}``, what a unit rate does to what the joint carries.

    Both (3, T), laboratory: angular velocity, and velocity of the joint's child origin.
    """
    columns: dict[int, tuple[FloatArray, FloatArray]] = {}
    for axis in pose.rotations:
        nothing = np.zeros_like(axis.direction), np.zeros_like(axis.direction)
        angular, linear = columns.get(axis.coordinate, nothing)
        columns[axis.coordinate] = angular + axis.slope * axis.direction, linear
    for axis in pose.translations:
        nothing = np.zeros_like(axis.direction), np.zeros_like(axis.direction)
        angular, linear = columns.get(axis.coordinate, nothing)
        columns[axis.coordinate] = angular, linear + axis.slope * axis.direction
    return columns


def axis_twist(axis: AxisPose, joint: JointPose, turns: bool) -> FloatArray:
    """Return what a unit rate of an axis does, (6, T) about the origin."""
    if turns:
        return np.concatenate([axis.direction, cross(joint.origin_m, axis.direction)])
    return np.concatenate([np.zeros_like(axis.direction), axis.direction])


def body_twists(tree: KinematicTree, pose: TreePose, body: int) -> FloatArray:
    """Return what unit rates of the coordinates do to a body, (6, Q, T) about the origin."""
    carrier = {joint.child: index for index, joint in enumerate(tree.joints)}
    frames = pose.positions_m[0].shape[1]
    twists = np.zeros((6, len(tree.coordinates), frames))
    current = body
    while current >= 0:
        joint = pose.joints[carrier[current]]
        for axis in joint.translations:
            twists[:, axis.coordinate] += axis.slope * axis_twist(axis, joint, False)
        for axis in joint.rotations:
            twists[:, axis.coordinate] += axis.slope * axis_twist(axis, joint, True)
        current = tree.joints[carrier[current]].parent
    return twists
