"""Cost of the distance between model and recorded markers, with its first and second derivative.

A marker's weight acts like a mass fixed to its body: what a joint's axis does to all markers
beyond it follows from their total weight, first and second moments, so the Gauss-Newton matrix is
built as a multibody system's mass matrix is (the composite rigid body method: Walker & Orin
1982, doi 10.1115/1.3139699), and no Jacobian of markers is ever formed. The curvature that
Gauss-Newton leaves out costs one more term: an axis turns all axes beyond it, so
d2p/da db = w_a x dp/db for an axis a at or before an axis b.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, apply, walk_tree
from strikelean.motion.fit_kernel import Driven, Marked, fit_frames


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


def marker_places(tree: KinematicTree, pose: TreePose) -> FloatArray:
    """Return the model's markers, (3, M, T) metres in the laboratory."""
    return np.stack(
        [
            pose.positions_m[body] + apply(pose.rotations[body], location)
            for body, location in zip(tree.marker_bodies, tree.marker_locations_m, strict=True)
        ],
        axis=1,
    )


def _driven(
    tree: KinematicTree, pose: TreePose, coordinates: FloatArray, free: NDArray[np.int64]
) -> Driven:
    """Return what drives the axes: of one that follows, the coordinate that leads it."""
    program = tree.program
    slopes, bends = pose.placed.slopes[0].copy(), pose.placed.slopes[1].copy()
    leaders = program.coordinates.copy()
    for coupling in tree.couplings:
        axes = program.coordinates == coupling.dependent
        _, rate, turn, _ = coupling.curve.expand(coordinates[:, coupling.independent])
        bends[axes] = bends[axes] * rate**2 + slopes[axes] * turn
        slopes[axes] *= rate
        leaders[axes] = coupling.independent
    places = np.full(len(tree.coordinates) + 1, -1)
    places[free] = np.arange(len(free))
    # an axis that nothing drives finds the last
    return Driven(places[leaders], slopes, bends, len(free))


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
    marked = Marked(
        tree.marker_bodies,
        tree.marker_locations_m,
        np.ascontiguousarray(targets_m),
        np.ascontiguousarray(weights),
    )
    driven = _driven(tree, pose, coordinates, free)
    return MarkerFit(*fit_frames(tree.program, pose.placed, marked, driven, curved))
