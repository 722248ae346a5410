"""The walk through a compiled model from root to leaves, all frames at once.

Arrays are (3, T) and (3, 3, T), the frame axis last: what numpy does with them is one pass over
memory. :mod:`strikelean.model.forward` gives the same as arrays with the frame axis first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk_kernel import Placed, Program, twist_frames, walk_frames


@dataclass(frozen=True)
class AxisPose:
    """One axis of a joint in its pose.

    Attributes:
        coordinate: index of the coordinate that drives it.
        direction: (3, T) the axis in the laboratory.
        slope: (T,) derivative of its displacement by the coordinate.
    """

    coordinate: int
    direction: FloatArray
    slope: FloatArray


@dataclass(frozen=True)
class JointPose:
    """One joint in its pose, laboratory frame.

    Attributes:
        origin_m: (3, T) origin of its child frame.
        rotations, translations: its axes that can move, in order.
    """

    origin_m: FloatArray
    rotations: tuple[AxisPose, ...]
    translations: tuple[AxisPose, ...]


@dataclass(frozen=True)
class TreePose:
    """Where every body and joint is.

    Attributes:
        program: the joints as arrays.
        placed: as arrays.
    """

    program: Program
    placed: Placed

    @property
    def rotations(self) -> FloatArray:
        """(B, 3, 3, T) from body to laboratory."""
        return self.placed.rotations

    @property
    def positions_m(self) -> FloatArray:
        """(B, 3, T) origins of the bodies' frames."""
        return self.placed.positions_m

    @cached_property
    def joints(self) -> tuple[JointPose, ...]:
        """Each joint of the tree."""
        program, placed, found = self.program, self.placed, []
        for joint, origin in enumerate(placed.origins_m):
            moving: tuple[list[AxisPose], list[AxisPose]] = ([], [])
            for axis in range(program.firsts[joint], program.firsts[joint + 1]):
                coordinate = int(program.coordinates[axis])
                if coordinate >= 0:
                    slope = placed.slopes[0, axis]
                    pose = AxisPose(coordinate, placed.directions[axis], slope)
                    moving[int(program.turns[axis])].append(pose)
            found.append(JointPose(origin, tuple(moving[1]), tuple(moving[0])))
        return tuple(found)

    def part(self, frames: slice) -> TreePose:
        """Return that of some frames."""
        arrays = (np.ascontiguousarray(array[..., frames]) for array in self.placed)
        return TreePose(self.program, Placed(*arrays))


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


def walk_tree(tree: KinematicTree, coordinates: FloatArray) -> TreePose:
    """Return the pose of every body and joint.

    Args:
        tree: compiled model.
        coordinates: (T, Q) radians and metres, dependent ones already set.
    """
    values = np.ascontiguousarray(coordinates.T, dtype=np.float64)
    return TreePose(tree.program, walk_frames(tree.program, values))


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


def body_twists(
    tree: KinematicTree, pose: TreePose, body: int, wanted: NDArray[np.int64] | None = None
) -> FloatArray:
    """Return what unit rates of coordinates do to a body, (6, C, T) about the origin.

    Args:
        tree, pose: the model, and where it is.
        body: which.
        wanted: (C,) coordinates, all otherwise.
    """
    count = len(tree.coordinates)
    wanted = np.arange(count) if wanted is None else wanted
    columns = np.full(count, -1)
    columns[wanted] = np.arange(len(wanted))
    return twist_frames(tree.program, pose.placed, body, columns, len(wanted))
