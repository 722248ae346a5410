"""Muscle paths along a motion: lengths, speeds, and the forces a unit of tension makes.

Unit forces come from OpenSim's own path (``addInEquivalentForces``): wrapping, moving and
patellar points included. Moment arms follow from them by the transposed Jacobian, exactly.
Muscle length is never differentiated: with wrapping switched in and out that is off by
millimetres.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import opensim as osim

from strikelean.dynamics.multibody import Multibody
from strikelean.formats.series import FloatArray
from strikelean.model.forward import Pose, follow_couplings, solve_forward
from strikelean.model.tree import KinematicTree

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PathMotion:
    """Muscle paths over T frames of one leg.

    Attributes:
        muscles: N names.
        lengths_m: (T, N) muscle-tendon lengths.
        speeds_m_s: (T, N) lengthening speeds.
        unit_forces: (T, N, B, 3) force on each body per newton of tension, laboratory.
        unit_moments: (T, N, B, 3) moment about the body's origin per newton of tension.
    """

    muscles: tuple[str, ...]
    lengths_m: FloatArray
    speeds_m_s: FloatArray
    unit_forces: FloatArray
    unit_moments: FloatArray


def path_bodies(model: osim.Model, muscle: osim.Muscle) -> tuple[str, ...]:
    """Return the bodies that a muscle's path points and wrap objects sit on."""
    path = osim.GeometryPath.safeDownCast(muscle.getPath())
    points = path.getPathPointSet()
    names = {points.get(i).getBodyName() for i in range(points.getSize())}
    wraps = path.getWrapSet()
    for i in range(wraps.getSize()):
        wrapped = wraps.get(i).getWrapObjectName()
        for body in model.getBodySet():
            if body.getWrapObjectSet().getIndex(wrapped) >= 0:
                names.add(body.getName())
    known = [body.getName() for body in model.getBodySet()]
    return tuple(name for name in known if name in names)


def follow_paths(
    engine: Multibody,
    muscles: Sequence[str],
    coordinates: FloatArray,
    speeds: FloatArray,
    progress: Progress | None = None,
) -> PathMotion:
    """Evaluate muscle paths at (T, Q) coordinates and speeds.

    Args:
        engine: the runner's model.
        muscles: names.
        coordinates, speeds: rows to evaluate.
        progress: called with a line of text now and then.
    """
    frames, count, bodies = len(coordinates), len(muscles), len(engine.bodies)
    lengths = np.empty((frames, count))
    rates = np.empty((frames, count))
    forces = np.zeros((frames, count, bodies, 3))
    moments = np.zeros((frames, count, bodies, 3))
    parts = [engine.model.getMuscles().get(name) for name in muscles]
    carriers = [
        [(engine.bodies.index(body), engine.mobilized[body]) for body in names]
        for names in (path_bodies(engine.model, part) for part in parts)
    ]
    paths = [part.getPath() for part in parts]
    idle = osim.Vector(engine.state.getNU(), 0.0)
    for frame in range(frames):
        engine.place(coordinates[frame], speeds[frame])
        for index, path in enumerate(paths):
            lengths[frame, index] = path.getLength(engine.state)
            rates[frame, index] = path.getLengtheningSpeed(engine.state)
            spatial = engine.no_body_forces()
            path.addInEquivalentForces(engine.state, 1.0, spatial, idle)
            for body, mobilized in carriers[index]:
                value = spatial.get(mobilized)
                moment, force = value.get(0), value.get(1)
                moments[frame, index, body] = moment.get(0), moment.get(1), moment.get(2)
                forces[frame, index, body] = force.get(0), force.get(1), force.get(2)
        if progress is not None and frame % 50 == 49:
            progress(f"muscle paths: frame {frame + 1} of {frames}")
    return PathMotion(tuple(muscles), lengths, rates, forces, moments)


def moment_arms(
    tree: KinematicTree, coordinates: FloatArray, paths: PathMotion, wanted: Sequence[int]
) -> FloatArray:
    """Return generalised force per newton of tension, (T, N, K) for K wanted coordinates.

    Metres for rotations. OpenSim's sign: positive where tension increases the coordinate. A
    coordinate that others follow (the knee with its patella) takes their share, which is
    what a moment about it really is.
    """
    values = follow_couplings(tree, coordinates)
    pose = solve_forward(tree, values, partials=True)
    generalised = spatial_to_generalised(tree, pose, paths.unit_forces, paths.unit_moments)
    return fold_couplings(tree, values, generalised)[..., list(wanted)]


def spatial_to_generalised(
    tree: KinematicTree, pose: Pose, forces: FloatArray, moments: FloatArray
) -> FloatArray:
    """Return J^T of body forces: (T, N, B, 3) forces and moments to (T, N, Q)."""
    frames, count = forces.shape[:2]
    result = np.zeros((frames, count, len(tree.coordinates)))
    moved = tree.descends()
    for column in pose.columns:
        carried = np.flatnonzero(moved[column.joint])
        arm = pose.positions_m[:, carried] - pose.origins_m[:, column.joint][:, None]
        force = forces[:, :, carried]
        total_force = force.sum(axis=2)
        total_moment = moments[:, :, carried].sum(axis=2) + np.cross(arm[:, None], force).sum(
            axis=2
        )
        result[..., column.coordinate] += np.einsum(
            "tni,ti->tn", total_force, column.linear
        ) + np.einsum("tni,ti->tn", total_moment, column.angular)
    return result


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
