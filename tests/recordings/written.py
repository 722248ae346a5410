"""A virtual runner's recording in memory, and writers of files as laboratories make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.markersets import MarkerSet

LOADED_N = 20.0
MILLIMETRES = 1000.0


@dataclass(frozen=True)
class Made:
    """One virtual runner, as recorded without a file.

    Attributes:
        running, standing: markers.
        plate: the wrench of one plate under both feet, about the laboratory's origin.
        feet: each foot's own wrench, zero while it is off the ground.
        other_standing: another runner's static trial.
        marker_set: of all of them.
        mass_kg, height_m, belt_speed_m_s: of the runner.
    """

    running: Markers
    standing: Markers
    plate: Wrench
    feet: Mapping[str, Wrench]
    other_standing: Markers
    marker_set: MarkerSet
    mass_kg: float
    height_m: float
    belt_speed_m_s: float


@dataclass(frozen=True)
class Files:
    """What a case gives the reader.

    Attributes:
        files: one C3D, or markers and forces.
        standing: static trial, the runner's own where None.
        changes: what else differs from the delivered settings, by name.
    """

    files: tuple[Path, ...]
    standing: Markers | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrcStyle:
    """How a program writes TRC files.

    Attributes:
        unit, per_m: name of the unit and how many of it make a metre.
        time_decimals: decimals of the times.
        blank: text of an unseen coordinate.
        newline, encoding, mark: of the text; ``mark`` is a byte order mark.
        padded: whether the header's values are parted by two tabs.
        frames: stated number of frames, the true one where None.
        rate_hz: stated rate, the true one where None.
    """

    unit: str = "mm"
    per_m: float = MILLIMETRES
    time_decimals: int = 5
    blank: str = ""
    newline: str = "\n"
    mark: bytes = b""
    padded: bool = False
    frames: int | None = None
    rate_hz: float | None = None


@dataclass(frozen=True)
class MotStyle:
    """How a program writes MOT files.

    Attributes:
        time_decimals: decimals of the times.
        separator: between numbers.
        rows: stated number of rows, the true one where None.
        newline: of the text.
    """

    time_decimals: int = 6
    separator: str = "\t"
    rows: int | None = None
    newline: str = "\n"


def trc(path: Path, markers: Markers, style: TrcStyle | None = None) -> Path:
    """Write markers in the style of a program."""
    style = style or TrcStyle()
    frames, count = len(markers.time_s), len(markers.names)
    rate = f"{style.rate_hz or markers.rate_hz:g}"
    stated = style.frames if style.frames is not None else frames
    values = [rate, rate, str(stated), str(count), style.unit, rate, "1", str(stated)]
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        ("\t\t" if style.padded else "\t").join(values),
        "Frame#\tTime\t" + "\t\t\t".join(markers.names),
        "\t\t" + "\t".join(f"{axis}{n}" for n in range(1, count + 1) for axis in "XYZ"),
        "",
    ]
    for number, (time_s, places) in enumerate(
        zip(markers.time_s, markers.positions_m, strict=True), start=1
    ):
        cells = [str(number), f"{time_s:.{style.time_decimals}f}"]
        for value in (style.per_m * places).ravel():
            cells.append(f"{value:.5f}" if np.isfinite(value) else style.blank)
        lines.append("\t".join(cells))
    path.write_bytes(style.mark + (style.newline.join(lines) + style.newline).encode())
    return path


def mot(
    path: Path, time_s: FloatArray, columns: Mapping[str, FloatArray], style: MotStyle | None = None
) -> Path:
    """Write columns over time in the style of a program."""
    style = style or MotStyle()
    rows = style.rows if style.rows is not None else len(time_s)
    lines = [path.name, "version=1", f"nRows={rows}", f"nColumns={len(columns) + 1}"]
    lines += ["inDegrees=yes", "endheader", style.separator.join(["time", *columns])]
    table = np.column_stack(list(columns.values()))
    for moment, row in zip(time_s, table, strict=True):
        cells = [f"{moment:.{style.time_decimals}f}", *(f"{value:.6f}" for value in row)]
        lines.append(style.separator.join(cells))
    path.write_bytes((style.newline.join(lines) + style.newline).encode())
    return path


def pressure(wrench: Wrench) -> tuple[FloatArray, FloatArray]:
    """Return centre of pressure and free torque, (N, 3) each, zero where hardly loaded."""
    force, moment = wrench.force_n, wrench.moment_nm
    on = force[:, 1] > LOADED_N
    place, torque = np.zeros_like(force), np.zeros_like(force)
    place[on, 0], place[on, 2] = moment[on, 2] / force[on, 1], -moment[on, 0] / force[on, 1]
    torque[on] = moment[on] - np.cross(place[on], force[on])
    return place, torque


def columns(
    wrench: Wrench,
    force: str = "ground_force_1_v{}",
    place: str = "ground_force_1_p{}",
    torque: str = "ground_torque_1_{}",
) -> dict[str, FloatArray]:
    """Return a wrench's columns by name; force is zero where there is no pressure."""
    where, free = pressure(wrench)
    on = (wrench.force_n[:, 1] > LOADED_N)[:, np.newaxis]
    vectors = ((force, wrench.force_n * on), (place, where), (torque, free))
    return {
        pattern.format(axis): values[:, number]
        for pattern, values in vectors
        for number, axis in enumerate("xyz")
    }


def resampled_markers(markers: Markers, rate_hz: float) -> Markers:
    """Return markers at another rate; blank where not seen anywhere near."""
    time_s = np.arange(markers.time_s[0], markers.time_s[-1], 1.0 / rate_hz)
    places = np.full((len(time_s), len(markers.names), 3), np.nan)
    for index in range(len(markers.names)):
        seen = np.isfinite(markers.positions_m[:, index, 0])
        if seen.sum() > 3:
            spline = CubicSpline(markers.time_s[seen], markers.positions_m[seen, index])
            places[:, index] = spline(time_s)
    return replace(markers, time_s=time_s, positions_m=places, rate_hz=rate_hz)


def resampled_wrench(wrench: Wrench, rate_hz: float) -> Wrench:
    """Return a wrench at another rate."""
    time_s = np.arange(wrench.time_s[0], wrench.time_s[-1], 1.0 / rate_hz)
    force, moment = (
        CubicSpline(wrench.time_s, values)(time_s) for values in (wrench.force_n, wrench.moment_nm)
    )
    return replace(wrench, time_s=time_s, force_n=force, moment_nm=moment, rate_hz=rate_hz)


def moved(wrench: Wrench, way_m: tuple[float, float, float]) -> Wrench:
    """Return a wrench whose point of action is moved."""
    return replace(wrench, moment_nm=wrench.moment_nm + np.cross(np.array(way_m), wrench.force_n))
