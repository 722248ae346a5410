"""Forward kinematics and point Jacobians of a compiled model, over all frames at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import joint_columns, walk_tree


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

    def at(self, rows: NDArray[np.int64]) -> Pose:
        """Return the pose at some frames, without partial velocities."""
        rotations, positions, origins = (
            # frames stay last in memory
            np.moveaxis(np.moveaxis(part, 0, -1)[..., rows], -1, 0)
            for part in (self.rotations, self.positions_m, self.origins_m)
        )
        return Pose(rotations, positions, origins, ())


def follow_couplings(tree: KinematicTree, coordinates: FloatArray) -> FloatArray:
    """Return a copy of (T, Q) coordinates with the dependent ones set from the others."""
    values = coordinates.copy()
    for coupling in tree.couplings:
        values[:, coupling.dependent] = coupling.curve.value(values[:, coupling.independent])
    return values


def solve_forward(tree: KinematicTree, coordinates: FloatArray, partials: bool = False) -> Pose:
    """Return the pose of every body.

    Args:
        tree: compiled model.
        coordinates: (T, Q) radians and metres; dependent ones are overwritten.
        partials: also work out the partial velocities that Jacobians need.
    """
    walked = walk_tree(tree, follow_couplings(tree, coordinates))
    columns = [
        Column(index, coordinate, angular.T, linear.T)
        for index, joint in enumerate(walked.joints if partials else [])
        for coordinate, (angular, linear) in joint_columns(joint).items()
    ]
    return Pose(
        walked.rotations.transpose(3, 0, 1, 2),
        walked.positions_m.transpose(2, 0, 1),
        walked.placed.origins_m.transpose(2, 0, 1),
        tuple(columns),
    )


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
