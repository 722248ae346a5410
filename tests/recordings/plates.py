"""Channels of force plates by the C3D user guide's rules (c3d.org), for plates of type 1 to 4.

A plate's own axes are x forward, y to the right, z down; its reaction is what acts on the runner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
from written import MILLIMETRES, Made

from strikelean.formats.c3d_write import PLATE_AXES, Plate, write_c3d
from strikelean.formats.series import FloatArray, Wrench

DEPTH_MM = 40.0
CORNERS_MM = MILLIMETRES * Plate(length_m=2.4, width_m=1.2).corners_m()
FAR_MM = np.array([3000.0, 0.0, 0.0])


@dataclass(frozen=True)
class PlateFile:
    """One plate as a C3D file describes it.

    Attributes:
        kind: type 1 to 4.
        channels: (C, N).
        units: of the channels.
        origin: (3,) as the type wants it, mm.
        corners_mm: (4, 3).
        calibration: (6, 6) of type 4.
    """

    kind: int
    channels: FloatArray
    units: Sequence[str]
    origin: tuple[float, float, float] = (0.0, 0.0, -DEPTH_MM)
    corners_mm: FloatArray = field(default_factory=lambda: CORNERS_MM)
    calibration: FloatArray = field(default_factory=lambda: np.eye(6))


def local(wrench: Wrench, centre_m: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Any:
    """Return force (N, 3) N and moment (N, 3) N mm about the surface's middle in plate axes."""
    about = wrench.moment_nm - np.cross(np.array(centre_m), wrench.force_n)
    return wrench.force_n @ PLATE_AXES, MILLIMETRES * about @ PLATE_AXES


def type_1(wrench: Wrench) -> PlateFile:
    """Return a plate that stores force, centre of pressure and free moment."""
    force, moment = local(wrench)
    on = np.abs(force[:, 2]) > 5.0
    place = np.zeros((len(force), 2))
    place[on] = np.column_stack([-moment[on, 1], moment[on, 0]]) / force[on, 2:]
    free = moment[:, 2] - (place[:, 0] * force[:, 1] - place[:, 1] * force[:, 0])
    units = ["N", "N", "N", "mm", "mm", "Nmm"]
    return PlateFile(1, np.vstack([force.T, place.T, free]), units, (0.0, 0.0, 0.0))


def type_2(wrench: Wrench, centre_m: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> PlateFile:
    """Return a plate with six channels, moments about a point under the surface."""
    force, moment = local(wrench, centre_m)
    under = moment - np.cross(np.array([0.0, 0.0, DEPTH_MM]), force)
    return PlateFile(2, np.hstack([force, under]).T, ["N"] * 3 + ["Nmm"] * 3)


def type_3(wrench: Wrench, sign: float = -1.0) -> PlateFile:
    """Return a plate of four three-axis sensors in eight channels; ``sign`` of its depth."""
    a, b, depth = 400.0, 300.0, 52.0
    force, moment = local(wrench)
    at = moment - np.cross(np.array([0.0, 0.0, depth]), force)
    fz, roll, pitch = force[:, 2], at[:, 0] / b, at[:, 1] / a
    along, across = at[:, 2] / (2.0 * b), at[:, 2] / (2.0 * a)
    z = [
        (fz + roll - pitch) / 4,
        (fz + roll + pitch) / 4,
        (fz - roll + pitch) / 4,
        (fz - roll - pitch) / 4,
    ]
    x = [(force[:, 0] - along) / 2, (force[:, 0] + along) / 2]
    y = [(force[:, 1] + across) / 2, (force[:, 1] - across) / 2]
    return PlateFile(3, np.vstack([*x, *y, *z]), ["N"] * 8, (a, b, sign * depth))


def type_4(wrench: Wrench) -> PlateFile:
    """Return a plate whose channels a calibration matrix turns into force and moment."""
    plain = type_2(wrench)
    matrix = np.diag([500.0, 500.0, 1000.0, 8e5, 4e5, 4e5])
    matrix[0, 1], matrix[2, 0], matrix[3, 4] = 3.0, -5.0, 900.0
    volts = np.linalg.solve(matrix, plain.channels)
    return replace(plain, kind=4, channels=volts, units=["V"] * 6, calibration=matrix)


def put(file: Any, group: str, name: str, value: object) -> None:
    """Set a parameter, made where it is not there."""
    if name in file["parameters"].get(group, {}):
        file["parameters"][group][name]["value"] = value
    else:
        file.add_parameter(group, name, value)


def write_plates(
    path: Path,
    made: Made,
    plates: Sequence[PlateFile],
    change: Callable[[Any], None] | None = None,
) -> Path:
    """Write the runner's markers and these plates; ``change`` may alter the file once more."""
    write_c3d(path, made.running, made.plate)
    file = ezc3d.c3d(str(path))
    channels = [plate.channels for plate in plates]
    widest = max(len(own) for own in channels)
    first = np.cumsum([0, *(len(own) for own in channels)])
    numbers = np.zeros((widest, len(plates)), dtype=int)
    for place, own in enumerate(channels):
        numbers[: len(own), place] = first[place] + np.arange(1, len(own) + 1)
    samples = file["data"]["analogs"].shape[2]
    file["data"]["analogs"] = np.vstack(channels)[np.newaxis, :, :samples]
    count = int(first[-1])
    for name, value in {
        "LABELS": [f"C{number}" for number in range(1, count + 1)],
        "DESCRIPTIONS": [""] * count,
        "UNITS": [unit for plate in plates for unit in plate.units],
        "SCALE": np.ones(count),
        "OFFSET": np.zeros(count, dtype=int),
        "RATE": [made.plate.rate_hz],
    }.items():
        put(file, "ANALOG", name, value)
    for name, value in {
        "USED": [len(plates)],
        "TYPE": [plate.kind for plate in plates],
        "CORNERS": np.array([plate.corners_mm for plate in plates]).transpose(2, 1, 0),
        "ORIGIN": np.array([plate.origin for plate in plates]).T,
        "CHANNEL": numbers,
        "CAL_MATRIX": np.stack([plate.calibration for plate in plates], axis=2),
    }.items():
        put(file, "FORCE_PLATFORM", name, value)
    if change is not None:
        change(file)
    file.write(str(path))
    return path
