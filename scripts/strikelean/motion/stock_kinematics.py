"""Inverse kinematics by OpenSim's own solver, for verification."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import opensim as osim
from numpy.typing import NDArray

from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.trc import write_trc
from strikelean.model.engine import coordinate_names, open_model


def solve_with_opensim(
    scaled_osim: Path,
    markers: Markers,
    weights: dict[str, float],
    held: dict[str, float],
    accuracy: float,
    progress: Callable[[str], None] | None = None,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Solve one unbroken stretch of frames with ``InverseKinematicsSolver``.

    Args:
        scaled_osim: the runner's model.
        markers: the frames to solve, evenly sampled.
        weights: weight of each tracked marker.
        held: coordinates kept at a value (radians or metres): those no marker shows.
        accuracy: OpenSim's accuracy; 1e-4, its default, leaves degrees of error.
        progress: called with a line of text now and then.

    Returns:
        Coordinates (T, Q) in the model's order (radians, metres), and (T,) whether the
        solver assembled the frame.

    Raises:
        SolverError: the first frame cannot be assembled.
    """
    model = open_model(scaled_osim)
    names = coordinate_names(model)
    for name, value in held.items():
        coordinate = model.updCoordinateSet().get(name)
        coordinate.setDefaultValue(value)
        coordinate.set_locked(True)
    state = model.initSystem()
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "window.trc"
        write_trc(path, markers)
        table = osim.TimeSeriesTableVec3(str(path))
    references = osim.SetMarkerWeights()
    for name, weight in weights.items():
        references.cloneAndAppend(osim.MarkerWeight(name, weight))
    marker_reference = osim.MarkersReference(table, references, osim.Units("m"))
    coordinate_references = osim.SimTKArrayCoordinateReference()
    solver = osim.InverseKinematicsSolver(
        model, marker_reference, coordinate_references, float("inf")
    )
    solver.setAccuracy(accuracy)
    values = np.empty((len(markers.time_s), len(names)))
    solved = np.ones(len(markers.time_s), dtype=bool)
    coordinates = [model.getCoordinateSet().get(name) for name in names]
    for frame, time in enumerate(markers.time_s):
        state.setTime(float(time))
        try:
            if frame == 0:
                solver.assemble(state)
            else:
                solver.track(state)
        except RuntimeError as error:
            if frame == 0:
                raise SolverError(
                    "solve_kinematics",
                    f"OpenSim to assemble the model at {time:.3f} s",
                    str(error).splitlines()[0],
                    "Set engine to fast, or check the markers of that frame",
                ) from error
            solved[frame] = False
        values[frame] = [coordinate.getValue(state) for coordinate in coordinates]
        if progress is not None and frame % 100 == 99:
            progress(f"inverse kinematics (OpenSim): frame {frame + 1} of {len(values)}")
    return values, solved
