"""Opening OpenSim models, quietly and with the numeric locale that its parser needs."""

from __future__ import annotations

import locale
from functools import cache
from pathlib import Path

import numpy as np
import opensim as osim

from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray


@cache
def quiet_engine() -> None:
    """Silence OpenSim's chatter and fix the decimal point; runs once a process.

    Missing bone geometry and ignored old XML tags are harmless and would fill the logs.
    """
    locale.setlocale(locale.LC_NUMERIC, "C")
    osim.Logger.setLevelString("Error")


def open_model(path: Path) -> osim.Model:
    """Return the model in a file, not yet initialised.

    Raises:
        ModelError: the file is absent or OpenSim cannot read it.
    """
    quiet_engine()
    if not path.is_file():
        raise ModelError(
            "open_model",
            f"a model file {path.name}",
            "no such file",
            "Check the model column of subjects.tsv",
        )
    first = path.read_text(encoding="utf-8", errors="replace")[:400]
    if "OpenSimDocument" not in first:
        raise ModelError(
            "open_model",
            f"an OpenSim model in {path.name}",
            f"a file that starts with '{first[:40].splitlines()[0] if first else ''}'",
            "Give a .osim file written by OpenSim",
        )
    try:
        return osim.Model(str(path))
    except RuntimeError as error:
        raise ModelError(
            "open_model",
            f"a model OpenSim {osim.GetVersion()} can read in {path.name}",
            str(error).splitlines()[0],
            "Open the file in the OpenSim GUI and save it again",
        ) from error


def vec3(vector: osim.Vec3) -> FloatArray:
    """Return an OpenSim Vec3 as a (3,) array."""
    return np.array([vector.get(0), vector.get(1), vector.get(2)])


def rotation_matrix(rotation: osim.Rotation) -> FloatArray:
    """Return an OpenSim Rotation as a (3, 3) array."""
    return np.array([[rotation.get(i, j) for j in range(3)] for i in range(3)])


def coordinate_names(model: osim.Model) -> tuple[str, ...]:
    """Return coordinate names in the order of the model's coordinate set."""
    return tuple(coordinate.getName() for coordinate in model.getCoordinateSet())


def muscle_names(model: osim.Model) -> tuple[str, ...]:
    """Return muscle names in the model's order."""
    muscles = model.getMuscles()
    return tuple(muscles.get(i).getName() for i in range(muscles.getSize()))


def save_model(model: osim.Model, path: Path) -> None:
    """Write a model to a file that appears only once it is complete."""
    partial = path.with_name(path.stem + ".partial.osim")
    model.finalizeConnections()
    if not model.printToXML(str(partial)):
        raise ModelError(
            "save_model", f"to write {path.name}", "OpenSim refused", "Check the disk has room"
        )
    partial.replace(path)
