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
from strikelean.model.forward import Column, Pose, follow_couplings, solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.muscles.geometry import Cylinders, Detours, Index, MusclePaths, Points
from strikelean.muscles.paths_opensim import ask_opensim
from strikelean.muscles.wrap_cylinder import Frames
from strikelean.muscles.wrap_in_turn import lay_in_turn
from strikelean.muscles.wrap_once import lay_once

Progress = Callable[[str], None]


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


def _place(pose: Pose) -> tuple[FloatArray, FloatArray]:
    """Return rotations (T, B + 1, 3, 3) and origins (T, B + 1, 3) of bodies, ground the last."""
    frames = len(pose.positions_m)
    ground = np.broadcast_to(np.eye(3), (frames, 1, 3, 3))
    rotations = np.concatenate([pose.rotations, ground], axis=1)
    origins = np.concatenate([pose.positions_m, np.zeros((frames, 1, 3))], axis=1)
    return rotations, origins


def _points_in_lab(points: Points, rotations: FloatArray, origins: FloatArray) -> FloatArray:
    """Return path points (3, P, T) in the laboratory."""
    placed = np.empty((3, len(points.bodies), len(rotations)))
    for body in np.unique(points.bodies):
        rows = np.flatnonzero(points.bodies == body)
        turned = np.tensordot(rotations[:, body], points.locations_m[rows], axes=(2, 1))
        placed[:, rows] = (turned + origins[:, body, :, None]).transpose(1, 2, 0)
    return placed


def _cylinders_in_lab(cylinders: Cylinders, rotations: FloatArray, origins: FloatArray) -> Frames:
    """Return where W cylinders are in T frames."""
    bodies = rotations[:, cylinders.bodies]
    turned = np.matmul(bodies, cylinders.rotations).transpose(2, 3, 1, 0)
    centres = np.matmul(bodies, cylinders.centres_m[..., None])[..., 0]
    centres = (centres + origins[:, cylinders.bodies]).transpose(2, 1, 0)
    return Frames(np.ascontiguousarray(turned), np.ascontiguousarray(centres))


def _lay(paths: MusclePaths, pose: Pose) -> tuple[FloatArray, FloatArray, FloatArray | None]:
    """Return lengths (N, T) and pulls (6, K, T) of the compiled paths, zero for others, and slips.

    Slips are those of :func:`lay_in_turn`.
    """
    placed = _place(pose)
    points = _points_in_lab(paths.points, *placed)
    wheels, sizes = _cylinders_in_lab(paths.cylinders, *placed), paths.cylinders.surface
    segments, detours = paths.segments, paths.detours
    lines = np.empty((6, paths.gather.shape[1], points.shape[2]))
    lengths, slips = np.zeros((len(paths.muscles), points.shape[2])), None
    curved = len(segments.starts) + len(segments.wrapping)
    # a path whose end meets the surface has no direction there: NaN, as in OpenSim
    with np.errstate(invalid="ignore", divide="ignore"):
        if len(segments.muscles):
            pieces = lay_once(segments, points, wheels, sizes, lines[:, :curved])
            names, firsts = np.unique(segments.muscles, return_index=True)
            lengths[names] = np.add.reduceat(pieces, firsts, axis=0)
        if len(detours.muscles):
            around, pulls, slips = lay_in_turn(detours, points, wheels, sizes)
            lengths[detours.muscles], lines[:, curved:] = around, pulls
    return lengths, np.stack([paths.gather @ line for line in lines]), slips


def _slip_rates(
    tree: KinematicTree, pose: Pose, speeds: FloatArray, detours: Detours, slips: FloatArray
) -> FloatArray:
    """Return (G, T) what slips add to the lengthening speed: their products with bodies' spins."""
    moved = tree.descends()
    rates = np.zeros((len(detours.muscles), len(speeds)))
    for body in np.unique(detours.bodies[detours.bodies >= 0]):
        spin = np.zeros((len(speeds), 3))
        for column in pose.columns:
            if moved[column.joint, body]:
                spin += column.angular * speeds[:, column.coordinate, None]
        slip = np.where((detours.bodies == body)[..., None], slips, 0.0).sum(axis=2)
        rates += np.einsum("igt,ti->gt", slip, spin)
    return rates


def _generalise(
    paths: MusclePaths, pose: Pose, pulls: FloatArray, mobility: dict[int, FloatArray]
) -> dict[int, FloatArray]:
    """Return generalised forces (N, T) of the coordinates that some muscle moves.

    Args:
        paths: compiled paths.
        pose: with partial velocities.
        pulls: (6, K, T).
        mobility: generalised forces that come on top, by coordinate.
    """
    found = dict(mobility)
    shape = (len(paths.muscles), pulls.shape[2])
    columns: dict[int, list[Column]] = {crossing.joint: [] for crossing in paths.crossings}
    for column in pose.columns:
        columns.get(column.joint, []).append(column)
    for crossing in paths.crossings:
        total = np.add.reduceat(pulls[:, crossing.rows], crossing.firsts, axis=1)
        for column in columns[crossing.joint]:
            # velocity of what would be at the laboratory's origin, were it beyond the joint
            origin = pose.origins_m[:, crossing.joint]
            linear = column.linear + np.cross(origin, column.angular)
            velocity = np.hstack([linear, column.angular]).T
            forces = found.setdefault(column.coordinate, np.zeros(shape))
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
    pose = solve_forward(paths.tree, values, partials=True)
    lengths, pulls, slips = _lay(paths, pose)
    mobility: dict[int, FloatArray] = {}
    asked = None
    if paths.by_engine:
        rows = np.flatnonzero(np.isin(paths.pair_muscles, paths.by_engine))
        asked = ask_opensim(paths, rows, values, speeds, progress)
        lengths[list(paths.by_engine)], pulls[:, rows] = asked.lengths_m, asked.pulls
        mobility = asked.mobility
    forces = _generalise(paths, pose, pulls, mobility)
    touched = tuple(sorted(forces))
    generalised = np.zeros((len(touched), *lengths.shape))
    for row, coordinate in enumerate(touched):
        generalised[row] = forces[coordinate]
    rates = -np.einsum("cnt,tc->nt", generalised, speeds[:, touched])
    if slips is not None:
        detours = paths.detours
        rates[detours.muscles] += _slip_rates(paths.tree, pose, speeds, detours, slips)
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
