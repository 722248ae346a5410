"""Coordinates between radians in memory and degrees in OpenSim's motion files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.model.tree import KinematicTree


def _degree_factors(tree: KinematicTree) -> FloatArray:
    """Return (Q,) factors to degrees, for the coordinates whose degrees OpenSim reads as such.

    It asks each coordinate what it moves. One that turns and shifts at once, as the generic
    model's patella does, is neither rotation nor translation to it and stays in radians.
    """
    return np.array(
        [180.0 / np.pi if coordinate.rotational else 1.0 for coordinate in tree.coordinates]
    )


def coordinates_table(
    tree: KinematicTree, time_s: FloatArray, coordinates: FloatArray
) -> TimeSeries:
    """Return (T, Q) radians and metres as the table of a motion file, in degrees."""
    values = coordinates * _degree_factors(tree)
    return TimeSeries(time_s, tree.names, values, in_degrees=True)


def write_coordinates(
    path: Path, tree: KinematicTree, time_s: FloatArray, coordinates: FloatArray
) -> None:
    """Write (T, Q) radians and metres as a motion file in degrees."""
    write_sto(path, coordinates_table(tree, time_s, coordinates), "Coordinates")


def read_coordinates(path: Path, tree: KinematicTree) -> tuple[FloatArray, FloatArray]:
    """Return time (T,) and coordinates (T, Q) in radians and metres, in the tree's order.

    Raises:
        RecordingError: a coordinate of the model is not in the file.
    """
    series = read_sto(path)
    missing = [name for name in tree.names if name not in series.columns]
    if missing:
        raise RecordingError(
            "read_kinematics",
            f"coordinates {', '.join(missing[:4])} in {path.name}",
            "none",
            "Use the model the motion was solved with",
        )
    values = series.values[:, [series.index(name) for name in tree.names]]
    return series.time_s, values / _degree_factors(tree) if series.in_degrees else values
