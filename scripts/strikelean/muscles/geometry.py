"""Muscle paths as arrays: points fixed to bodies, cylinders, and which lines pull on what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from strikelean.dynamics.multibody import Multibody
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.muscles.wrap_cylinder import Surface

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Points:
    """P path points.

    Attributes:
        bodies: (P,) body each is fixed to, -1 for ground.
        locations_m: (P, 3) in the bodies' frames.
    """

    bodies: Index
    locations_m: FloatArray


@dataclass(frozen=True)
class Cylinders:
    """W wrap cylinders.

    Attributes:
        bodies: (W,) body each is fixed to, -1 for ground.
        rotations: (W, 3, 3) from the cylinder's to the body's frame; its axis is Z.
        centres_m: (W, 3) middles in the bodies' frames.
        surface: sizes and active halves.
    """

    bodies: Index
    rotations: FloatArray
    centres_m: FloatArray
    surface: Surface


@dataclass(frozen=True)
class Segments:
    """S straight pieces of paths around at most one cylinder, muscle after muscle.

    Attributes:
        muscles: (S,) muscle of each.
        starts, ends: (S,) path points.
        wrapping: (C,) segments that a cylinder may bend.
        cylinders: (C,) the cylinder of each of those.
        choices: where in ``wrapping`` each muscle begins, and C: one segment of a path is bent.
    """

    muscles: Index
    starts: Index
    ends: Index
    wrapping: Index
    cylinders: Index
    choices: tuple[int, ...]


@dataclass(frozen=True)
class WrappedPaths:
    """G paths around several cylinders, of up to n points and up to W cylinders each.

    Attributes:
        muscles: (G,) muscle of each.
        points: (G, n) path points, the last one repeated.
        counts: (G,) number of points.
        cylinders: (G, W) in OpenSim's order, -1 beyond the last.
        starts, ends: (G, W) first and last point of the path each may lie between.
        bodies: (G, n + 2 W) body of every point and of both tangent points of every cylinder.
        engine_defect: straight lines end where OpenSim remembers tangent points to have been.
    """

    muscles: Index
    points: Index
    counts: Index
    cylinders: Index
    starts: Index
    ends: Index
    bodies: Index
    engine_defect: bool


@dataclass(frozen=True)
class Crossing:
    """The muscles that pull across one joint: on bodies beyond it, and not on those alone.

    Attributes:
        joint: index of the joint.
        muscles: (n,) the muscles.
        rows: pairs of these muscles with bodies beyond the joint, muscle after muscle.
        firsts: (n,) where each muscle begins in ``rows``.
    """

    joint: int
    muscles: Index
    rows: Index
    firsts: Index


@dataclass(frozen=True)
class MusclePaths:
    """The paths of N muscles.

    Attributes:
        tree: the compiled model they belong to.
        muscles: N names.
        points, cylinders, segments, wrapped_paths: what is compiled.
        by_engine: muscles that OpenSim evaluates.
        engine: the model, for those.
        pair_muscles, pair_bodies: (K,) each muscle with each body it pulls on, -1 for ground.
        gather: (K, L) from lines to those pairs: those that leave the start of each segment,
            those that reach the end of each wrapping one, and the sums at the places of
            wrapped paths.
        crossings: the joints that muscles cross.
    """

    tree: KinematicTree
    muscles: tuple[str, ...]
    points: Points
    cylinders: Cylinders
    segments: Segments
    wrapped_paths: WrappedPaths
    by_engine: tuple[int, ...]
    engine: Multibody
    pair_muscles: Index
    pair_bodies: Index
    gather: csr_array
    crossings: tuple[Crossing, ...]
