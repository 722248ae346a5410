"""Cost of the distance between model and recorded markers, with its first and second derivative.

A marker's weight acts like a mass fixed to its body: what a joint's axis does to all markers
beyond it follows from their total weight, first and second moments, so the Gauss-Newton matrix is
built as a multibody system's mass matrix is (the composite rigid body method: Walker & Orin
1982, doi 10.1115/1.3139699), and no Jacobian of markers is ever formed. The curvature that
Gauss-Newton leaves out costs one more term: an axis turns all axes beyond it, so
d2p/da db = w_a x dp/db for an axis a at or before an axis b.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import AxisPose, TreePose, apply, cross, walk_tree


@dataclass(frozen=True)
class MarkerFit:
    """How well markers fit, and how that changes with the free coordinates.

    Attributes:
        cost_m2: (T,) sum of weight times squared distance.
        gradient: (T, F) half its derivative.
        hessian: (T, F, F) half its second derivative, without curvature where not asked for.
    """

    cost_m2: FloatArray
    gradient: FloatArray
    hessian: FloatArray


@dataclass(frozen=True)
class _Axes:
    """The axes that free coordinates drive, sorted by coordinate.

    Attributes:
        places: (C,) which of the free coordinates drives it.
        joints: (C,) at which joint.
        ranks: (C,) order within the joint: translations carry rotations, rotations the next.
        slopes, bends: (C, T) first and second derivative of the displacement.
        angular, linear: (3, C, T) angular velocity, and velocity of a point at the origin that
            moments are taken about, per unit rate of displacement.
    """

    places: NDArray[np.int64]
    joints: NDArray[np.int64]
    ranks: NDArray[np.int64]
    slopes: FloatArray
    bends: FloatArray
    angular: FloatArray
    linear: FloatArray


def marker_places(tree: KinematicTree, pose: TreePose) -> FloatArray:
    """Return the model's markers, (3, M, T) metres in the laboratory."""
    return np.stack(
        [
            pose.positions_m[body] + apply(pose.rotations[body], location)
            for body, location in zip(tree.marker_bodies, tree.marker_locations_m, strict=True)
        ],
        axis=1,
    )


def _drive(
    tree: KinematicTree, axis: AxisPose, coordinates: FloatArray
) -> tuple[int, FloatArray, FloatArray]:
    """Return the coordinate that leads an axis, and its displacement's two derivatives."""
    slope, bend = axis.slope, axis.bend
    for coupling in tree.couplings:
        if coupling.dependent == axis.coordinate:
            _, rate, turn, _ = coupling.curve.expand(coordinates[:, coupling.independent])
            return coupling.independent, slope * rate, bend * rate**2 + slope * turn
    return axis.coordinate, slope, bend


def _axes(
    tree: KinematicTree,
    pose: TreePose,
    coordinates: FloatArray,
    free: NDArray[np.int64],
    origin: FloatArray,
) -> _Axes:
    place_of = {int(coordinate): place for place, coordinate in enumerate(free)}
    marked = tree.descends()[:, tree.marker_bodies].any(axis=1)
    found = []
    for index in np.flatnonzero(marked):
        joint = pose.joints[index]
        for rank, axis in enumerate((*joint.translations, *joint.rotations)):
            leader, slope, bend = _drive(tree, axis, coordinates)
            if leader not in place_of:
                continue
            none = np.zeros_like(axis.direction)
            if rank < len(joint.translations):
                motion = none, axis.direction
            else:
                motion = axis.direction, cross(joint.origin_m - origin, axis.direction)
            found.append((place_of[leader], index, rank, slope, bend, *motion))
    found.sort(key=lambda entry: entry[0])
    places, joints, ranks, slopes, bends, angular, linear = zip(*found, strict=True)
    return _Axes(
        np.array(places),
        np.array(joints),
        np.array(ranks),
        np.stack(slopes),
        np.stack(bends),
        np.stack(angular, axis=1),
        np.stack(linear, axis=1),
    )


def _before(tree: KinematicTree, axes: _Axes) -> FloatArray:
    """Return (C, C): 1 where axis a moves axis b, or is it."""
    children = np.array([joint.child for joint in tree.joints])
    carries = tree.descends()[axes.joints][:, children[axes.joints]]
    same = axes.joints[:, None] == axes.joints
    moves = carries & (~same | (axes.ranks[:, None] <= axes.ranks))
    return np.asarray(moves, dtype=np.float64)


def _composite(
    beyond: FloatArray, axes: _Axes, weights: FloatArray, arms: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return moment and force, (3, C, T), of the weighted velocities each axis gives."""
    joints, angular, linear = axes.joints, axes.angular, axes.linear
    weighted = weights * arms
    mass, first = (beyond @ weights)[joints], (beyond @ weighted)[:, joints]
    pull = cross(angular, first) + mass * linear
    turn = cross(first, linear)
    for row in range(3):
        # second moments: the row of (trace) 1 - (sum of weight times arm times arm)
        second = (beyond @ (weighted * arms[row]))[:, joints]
        turn += second[row] * angular
        turn[row] -= np.einsum("ict,ict->ct", second, angular)
    return turn, pull


def _curvature(
    beyond: FloatArray, axes: _Axes, pulls: FloatArray, arms: FloatArray, force: FloatArray
) -> FloatArray:
    """Return (3, C, T): the sum over markers of velocity per unit rate cross pull."""
    joints, angular = axes.joints, axes.angular
    bent = cross(axes.linear, force)
    for row in range(3):
        # sum of (w x p) x f = p (w.f) - w (p.f)
        product = (beyond @ (arms[row] * pulls))[:, joints]
        bent[row] += np.einsum("ict,ict->ct", product, angular)
        bent -= product[row] * angular
    return bent


def _gather(
    axes: _Axes, count: int, gradient: FloatArray, matrix: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (T, F) and (T, F, F) of the coordinates from (C, T) and (T, C, C) of their axes."""
    slopes = axes.slopes.T
    starts = np.flatnonzero(np.diff(axes.places, prepend=-1))
    rows = np.add.reduceat(matrix * slopes[:, :, None] * slopes[:, None, :], starts, axis=1)
    hessian = np.add.reduceat(rows, starts, axis=2)
    diagonal = np.arange(count)
    hessian[:, diagonal, diagonal] += np.add.reduceat(gradient * axes.bends, starts, axis=0).T
    return np.add.reduceat(gradient * axes.slopes, starts, axis=0).T, hessian


def fit_markers(
    tree: KinematicTree,
    coordinates: FloatArray,
    free: NDArray[np.int64],
    targets_m: FloatArray,
    weights: FloatArray,
    curved: NDArray[np.bool_],
) -> MarkerFit:
    """Return cost, gradient and second derivative at some coordinates.

    Args:
        tree: compiled with the markers of ``targets_m``.
        coordinates: (T, Q), dependent ones already set.
        free: (F,) coordinates to differentiate by, each of which moves a marker; what
            follows them counts with them.
        targets_m: (3, M, T) recorded markers, anything finite where the weight is 0.
        weights: (M, T).
        curved: (T,) whether the second derivative is exact; else Gauss-Newton's, which is never
            negative and therefore safe far from the solution.
    """
    pose = walk_tree(tree, coordinates)
    places = marker_places(tree, pose)
    misses = places - targets_m
    pulls = weights * misses
    # moments are taken about a point near the runner, which keeps rounding small
    origin = pose.positions_m[tree.joints[0].child]
    arms = places - origin[:, None]
    beyond = tree.descends()[:, tree.marker_bodies].astype(np.float64)
    axes = _axes(tree, pose, coordinates, free, origin)
    force = (beyond @ pulls)[:, axes.joints]
    moment = (beyond @ cross(arms, pulls))[:, axes.joints]
    gradient = np.einsum("ict,ict->ct", axes.angular, moment)
    gradient += np.einsum("ict,ict->ct", axes.linear, force)
    turn, pull = _composite(beyond, axes, weights, arms)
    turn += curved * _curvature(beyond, axes, pulls, arms, force)
    moves = np.concatenate([axes.angular, axes.linear]).transpose(2, 1, 0)
    product = moves @ np.concatenate([turn, pull]).transpose(2, 0, 1)
    before = _before(tree, axes)
    strictly = before * (1.0 - before.T)
    matrix = product * before + (product * strictly).transpose(0, 2, 1)
    bent = replace(axes, bends=axes.bends * curved)
    cost = np.einsum("imt,imt->t", pulls, misses)
    return MarkerFit(cost, *_gather(bent, len(free), gradient, matrix))
