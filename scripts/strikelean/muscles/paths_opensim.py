"""Muscle paths by OpenSim itself, one frame after another.

For paths that cannot be compiled, and to hold the compiled ones against.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import opensim as osim

from strikelean.dynamics.multibody import Multibody
from strikelean.formats.series import FloatArray
from strikelean.model.engine import vec3
from strikelean.muscles.geometry import Index, MusclePaths

Progress = Callable[[str], None]


@dataclass(frozen=True)
class EngineMotion:
    """What OpenSim says of n of N muscles over T frames.

    Attributes:
        lengths_m, speeds_m_s: (n, T).
        pulls: (6, k, T) force and moment about the laboratory's origin on a body per newton.
        mobility: by coordinate, generalised force (N, T) per newton that points which move in
            their bodies add.
    """

    lengths_m: FloatArray
    speeds_m_s: FloatArray
    pulls: FloatArray
    mobility: dict[int, FloatArray]


def _coordinate_slots(engine: Multibody) -> Index:
    """Return where each coordinate stands among OpenSim's generalised speeds."""
    marks: FloatArray = np.arange(1.0, len(engine.names) + 1.0, dtype=np.float64)
    engine.place(np.zeros_like(marks), marks)
    return np.argsort(engine.state.getU().to_numpy())


def _body(engine: Multibody, body: int) -> osim.PhysicalFrame:
    return engine.model.getGround() if body < 0 else engine.model.getBodySet().get(body)


def ask_opensim(
    paths: MusclePaths,
    rows: Index,
    coordinates: FloatArray,
    speeds: FloatArray,
    progress: Progress | None = None,
) -> EngineMotion:
    """Evaluate the paths that are not compiled.

    Args:
        paths: of all muscles.
        rows: (k,) their pairs of muscle and body.
        coordinates, speeds: (T, Q), dependent coordinates included.
        progress: called with a line of text now and then.
    """
    engine, muscles = paths.engine, paths.by_engine
    shape = (len(muscles), len(coordinates))
    lengths, rates = np.empty(shape), np.empty(shape)
    pulls = np.zeros((6, len(rows), shape[1]))
    mobility = np.zeros((len(engine.names), len(paths.muscles), shape[1]))
    slots = _coordinate_slots(engine)
    parts = [engine.model.getMuscles().get(paths.muscles[muscle]).getPath() for muscle in muscles]
    carried = [np.flatnonzero(paths.pair_muscles[rows] == muscle) for muscle in muscles]
    bodies = [_body(engine, int(body)) for body in paths.pair_bodies[rows]]
    for frame in range(shape[1]):
        engine.place(coordinates[frame], speeds[frame])
        for index, part in enumerate(parts):
            lengths[index, frame] = part.getLength(engine.state)
            rates[index, frame] = part.getLengtheningSpeed(engine.state)
            spatial, own = engine.no_body_forces(), osim.Vector(len(slots), 0.0)
            part.addInEquivalentForces(engine.state, 1.0, spatial, own)
            mobility[:, muscles[index], frame] = own.to_numpy()[slots]
            for row in carried[index]:
                body = bodies[row]
                value = spatial.get(int(body.getMobilizedBodyIndex()))
                force, origin = vec3(value.get(1)), vec3(body.getPositionInGround(engine.state))
                pulls[:3, row, frame] = force
                pulls[3:, row, frame] = vec3(value.get(0)) + np.cross(origin, force)
        if progress is not None and frame % 50 == 49:
            progress(f"muscle paths in OpenSim: frame {frame + 1} of {shape[1]}")
    moved = np.flatnonzero(mobility.any(axis=(1, 2))).tolist()
    return EngineMotion(lengths, rates, pulls, {index: mobility[index] for index in moved})
