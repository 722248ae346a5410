"""Muscle paths along a motion, all frames at once: lengths, speeds and what a tension pulls on.

A muscle under one newton pulls on the body at either end of every straight line of its path.
Lines, with force and moment about the laboratory's origin, are summed into one pull for each
muscle and body; generalised forces (moment arms) follow by the transposed Jacobian, and the
lengthening speed by virtual work: it is minus the power of the pulls. Muscle length is never
differentiated: with wrapping switched in and out that is off by millimetres.

Wrapping follows OpenSim's own rules, see :mod:`strikelean.muscles.wrap_cylinder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.model.forward import follow_couplings
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, cross, joint_columns, walk_tree
from strikelean.muscles.geometry import Cylinders, Index, MusclePaths, Points
from strikelean.muscles.paths_opensim import ask_opensim
from strikelean.muscles.wrap_cylinder import Frames
from strikelean.muscles.wrap_in_turn import wrap_in_turn
from strikelean.muscles.wrap_once import wrap_once

Progress = Callable[[str], None]
# by joint and coordinate, (angular, linear) of :func:`joint_columns`
JointColumns = dict[int, dict[int, tuple[FloatArray, FloatArray]]]


@dataclass(frozen=True)
class PathMotion:
    """Muscle paths over T frames.

    Attributes:
        muscles: N names.
        lengths_m: (T, N) muscle-tendon lengths.
        speeds_m_s: (T, N) lengthening speeds.
        pair_muscles, pair_bodies: (K,) muscle and body of each pull.
        pulls: (6, K, T) force and moment about the laboratory's origin on that body per newton
            of tension, laboratory.
        coordinates: (C,) coordinates that some muscle moves.
        generalised: (C, N, T) generalised force per newton, couplings not folded.
    """

    muscles: tuple[str, ...]
    lengths_m: FloatArray
    speeds_m_s: FloatArray
    pair_muscles: Index
    pair_bodies: Index
    pulls: FloatArray
    coordinates: tuple[int, ...]
    generalised: FloatArray

    def total_pull(self, tensions_n: FloatArray, bodies: Index) -> tuple[FloatArray, FloatArray]:
        """Return force (T, 3) and moment about the laboratory's origin (T, 3) on some bodies.

        Args:
            tensions_n: (T, N).
            bodies: body indices.
        """
        rows = np.flatnonzero(np.isin(self.pair_bodies, bodies))
        tension = tensions_n[:, self.pair_muscles[rows]].T
        total = np.einsum("ikt,kt->ti", self.pulls[:, rows], tension)
        return total[:, :3], total[:, 3:]


def _frame(pose: TreePose, body: int) -> tuple[FloatArray, FloatArray]:
    """Return rotation (3, 3, T) and origin (3, T) of a body, or of ground (-1)."""
    if body >= 0:
        return pose.rotations[body], pose.positions_m[body]
    frames = pose.joints[0].origin_m.shape[1]
    return np.repeat(np.eye(3)[:, :, None], frames, axis=2), np.zeros((3, frames))


def _points_in_lab(points: Points, pose: TreePose, frames: int) -> FloatArray:
    """Return path points (3, P, T) in the laboratory."""
    placed = np.empty((3, len(points.bodies), frames))
    for body in np.unique(points.bodies).tolist():
        rows = np.flatnonzero(points.bodies == body)
        rotation, origin = _frame(pose, body)
        turned = np.einsum("ijt,pj->ipt", rotation, points.locations_m[rows])
        placed[:, rows] = turned + origin[:, None]
    return placed


def _cylinders_in_lab(cylinders: Cylinders, pose: TreePose, frames: int) -> Frames:
    """Return where W cylinders are in T frames."""
    count = len(cylinders.bodies)
    turned, centres = np.empty((3, 3, count, frames)), np.empty((3, count, frames))
    for body in np.unique(cylinders.bodies).tolist():
        rows = np.flatnonzero(cylinders.bodies == body)
        rotation, origin = _frame(pose, body)
        turned[:, :, rows] = np.einsum("ijt,wjk->ikwt", rotation, cylinders.rotations[rows])
        moved = np.einsum("ijt,wj->iwt", rotation, cylinders.centres_m[rows])
        centres[:, rows] = moved + origin[:, None]
    return Frames(turned, centres)


def _lay(
    paths: MusclePaths, pose: TreePose, frames: int
) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return lengths (N, T) and pulls (6, K, T) of the compiled paths, zero for others, and slips.

    Slips are those of :func:`wrap_in_turn`.
    """
    points = _points_in_lab(paths.points, pose, frames)
    placed, sizes = _cylinders_in_lab(paths.cylinders, pose, frames), paths.cylinders.surface
    segments, wrapped_paths = paths.segments, paths.wrapped_paths
    lines = np.empty((6, paths.gather.shape[1], frames))
    lengths, slips = np.zeros((len(paths.muscles), frames)), None
    curved = len(segments.starts) + len(segments.wrapping)
    # a path whose end meets the surface has no direction there: NaN, as in OpenSim
    with np.errstate(invalid="ignore", divide="ignore"):
        if len(segments.muscles):
            pieces = wrap_once(segments, points, placed, sizes, lines[:, :curved])
            names, firsts = np.unique(segments.muscles, return_index=True)
            lengths[names] = np.add.reduceat(pieces, firsts, axis=0)
        if len(wrapped_paths.muscles):
            around, pulls, slips = wrap_in_turn(wrapped_paths, points, placed, sizes)
            lengths[wrapped_paths.muscles], lines[:, curved:] = around, pulls
    return lengths, np.stack([paths.gather @ line for line in lines]), slips


def _slip_rates(
    paths: MusclePaths, columns: JointColumns, speeds: FloatArray, slips: FloatArray
) -> FloatArray:
    """Return (G, T) what slips add to the lengthening speed: their products with bodies' spins."""
    moved, bodies = paths.tree.descends(), paths.wrapped_paths.bodies
    rates = np.zeros((len(bodies), len(speeds)))
    for body in np.unique(bodies[bodies >= 0]):
        spin = np.zeros((3, len(speeds)))
        for joint, parts in columns.items():
            for coordinate, (angular, _) in parts.items() if moved[joint, body] else ():
                spin += speeds[:, coordinate] * angular
        slip = np.where((bodies == body)[..., None], slips, 0.0).sum(axis=2)
        rates += np.einsum("igt,it->gt", slip, spin)
    return rates


def _generalise(
    paths: MusclePaths,
    pose: TreePose,
    columns: JointColumns,
    pulls: FloatArray,
    mobility: dict[int, FloatArray],
) -> dict[int, FloatArray]:
    """Return generalised forces (N, T) of the coordinates that some muscle moves.

    Args:
        paths: compiled paths.
        pose: of the model.
        columns: what the coordinates of each crossed joint move.
        pulls: (6, K, T).
        mobility: generalised forces that come on top, by coordinate.
    """
    found = dict(mobility)
    shape = (len(paths.muscles), pulls.shape[2])
    for crossing in paths.crossings:
        total = np.add.reduceat(pulls[:, crossing.rows], crossing.firsts, axis=1)
        origin = pose.joints[crossing.joint].origin_m
        for coordinate, (angular, linear) in columns[crossing.joint].items():
            # velocity of what would be at the laboratory's origin, were it beyond the joint
            velocity = np.concatenate([linear + cross(origin, angular), angular])
            forces = found.setdefault(coordinate, np.zeros(shape))
            forces[crossing.muscles] += np.einsum("int,it->nt", total, velocity)
    return found


def follow_paths(
    paths: MusclePaths,
    coordinates: FloatArray,
    speeds: FloatArray,
    progress: Progress | None = None,
) -> PathMotion:
    """Evaluate muscle paths.

    Args:
        paths: the muscles' paths.
        coordinates: (T, Q) radians and metres; dependent ones are overwritten.
        speeds: (T, Q) their rates, dependent ones included.
        progress: called with a line of text now and then, where OpenSim evaluates muscles.
    """
    values = follow_couplings(paths.tree, coordinates)
    pose = walk_tree(paths.tree, values)
    columns = {c.joint: joint_columns(pose.joints[c.joint]) for c in paths.crossings}
    lengths, pulls, slips = _lay(paths, pose, len(values))
    mobility: dict[int, FloatArray] = {}
    asked = None
    if paths.by_engine:
        rows = np.flatnonzero(np.isin(paths.pair_muscles, paths.by_engine))
        asked = ask_opensim(paths, rows, values, speeds, progress)
        lengths[list(paths.by_engine)], pulls[:, rows] = asked.lengths_m, asked.pulls
        mobility = asked.mobility
    forces = _generalise(paths, pose, columns, pulls, mobility)
    touched = tuple(sorted(forces))
    generalised = np.zeros((len(touched), *lengths.shape))
    for row, coordinate in enumerate(touched):
        generalised[row] = forces[coordinate]
    rates = -np.einsum("cnt,tc->nt", generalised, speeds[:, touched])
    if slips is not None:
        rates[paths.wrapped_paths.muscles] += _slip_rates(paths, columns, speeds, slips)
    if asked is not None:
        rates[list(paths.by_engine)] = asked.speeds_m_s
    return PathMotion(
        paths.muscles,
        np.ascontiguousarray(lengths.T),
        np.ascontiguousarray(rates.T),
        paths.pair_muscles,
        paths.pair_bodies,
        pulls,
        touched,
        generalised,
    )


def moment_arms(
    tree: KinematicTree, coordinates: FloatArray, paths: PathMotion, wanted: Sequence[int]
) -> FloatArray:
    """Return generalised force per newton of tension, (T, N, K) for K wanted coordinates.

    Metres for rotations. OpenSim's sign: positive where tension increases the coordinate. A
    coordinate that others follow (the knee with its patella) takes their share, which is
    what a moment about it really is.
    """
    values = follow_couplings(tree, coordinates)
    forces = dict(zip(paths.coordinates, paths.generalised, strict=True))
    for coupling in tree.couplings:
        own = forces.pop(coupling.dependent, None)
        if own is not None:
            rate = coupling.curve.derivative(values[:, coupling.independent])
            forces[coupling.independent] = forces.get(coupling.independent, 0.0) + rate * own
    none = np.zeros(paths.lengths_m.shape[::-1])
    return np.stack([forces.get(index, none) for index in wanted], axis=2).swapaxes(0, 1)


def fold_couplings(
    tree: KinematicTree, coordinates: FloatArray, generalised: FloatArray
) -> FloatArray:
    """Return (T, ..., Q) generalised forces with dependent ones carried to their leaders."""
    folded = generalised.copy()
    for coupling in tree.couplings:
        rate = coupling.curve.derivative(coordinates[:, coupling.independent])
        shape = (len(rate),) + (1,) * (folded.ndim - 2)
        folded[..., coupling.independent] += rate.reshape(shape) * folded[..., coupling.dependent]
        folded[..., coupling.dependent] = 0.0
    return folded
