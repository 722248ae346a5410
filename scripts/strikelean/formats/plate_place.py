"""Force plates as a C3D file describes them: channels, corners, and whether they are level."""

from __future__ import annotations

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d_file import STEP, C3DFile
from strikelean.formats.plate_kinds import CHANNELS, Plate
from strikelean.formats.series import FloatArray
from strikelean.formats.units import MOMENTS, factor

# How far a plate may tilt: the inclines of treadmills begin at 1 % (0.6 deg); 2 deg put a floor
# that is taken to be level 10 mm wrong over a foot's length.
_LEVEL_DEG = 2.0
# Corners as they are surveyed lie within this of a rectangle; a runway of plates described as one
# is tens of metres long, a plate of 0.4 m whose millimetres are read as metres 400 (project's
# choice).
_SQUARE_DEG, _EDGE_M = 5.0, (0.1, 60.0)
# More plates than any laboratory has: a damaged count costs nothing.
_MANY = 64


def _column(values: FloatArray, number: int, size: int) -> FloatArray:
    """Return what an array parameter holds of one plate, the last of its dimensions; may be empty.

    A parameter of one plate is often written without its last dimension.
    """
    flat = values.ravel(order="F")
    return flat[number * size : (number + 1) * size]


def _numbers(file: C3DFile, name: str, number: int, size: int) -> FloatArray:
    return _column(file.numbers(f"FORCE_PLATFORM:{name}"), number, size)


def _units(file: C3DFile, places: tuple[int, ...], kind: int) -> tuple[str, ...]:
    """Return ANALOG:UNITS of some channels; blank ones of moments after FORCE_PLATFORM:UNITS."""
    names = file.texts("ANALOG:UNITS")
    units = [names[place] if 0 <= place < len(names) else "" for place in places]
    # a matrix makes newtons of volts: the channels' own units are of no use to a type 4
    if kind == 2:
        texts = file.texts("FORCE_PLATFORM:UNITS")
        general = next((text for text in texts if factor(MOMENTS, text) is not None), "")
        units[3:] = [text.strip() or general for text in units[3:]]
    return tuple(units)


def _matrix(file: C3DFile, number: int) -> FloatArray:
    """Return the plate's CAL_MATRIX, stored by columns; a type 4 without one stores moments."""
    stated = file.numbers("FORCE_PLATFORM:CAL_MATRIX")
    rows, columns = stated.shape[:2] if stated.ndim >= 2 else (6, 6)
    own = _column(stated, number, rows * columns)
    if own.size < rows * columns or min(rows, columns) < 6 or not np.any(own):
        return np.eye(6)
    matrix = own.reshape(rows, columns, order="F")[:6, :6]
    by_row = file.texts("FORCE_PLATFORM:MATRIX_STORE")[:1] == ["BYROW"]
    return matrix.T if by_row else matrix


def describe_plates(file: C3DFile, unit_m: float) -> list[tuple[str, Plate | None, str]]:
    """Return every used entry of the file: its label, the plate, or why there is none to read.

    A channel that the file does not hold has number -1.

    Args:
        file: that describes them.
        unit_m: what POINT:UNITS is worth; corners and origins are in it too.
    """
    stated = file.numbers("FORCE_PLATFORM:USED").ravel()[:1]
    count = int(stated[0]) % 65536 if stated.size and np.isfinite(stated[0]) else 0
    return [_describe(file, number, unit_m) for number in range(min(count, _MANY))]


def _describe(file: C3DFile, number: int, unit_m: float) -> tuple[str, Plate | None, str]:
    label = f"plate {number + 1}"
    stated = _numbers(file, "TYPE", number, 1)
    if stated.size == 0 or not np.isfinite(stated[0]):
        return label, None, "the file does not say of what type it is"
    kind = int(stated[0])
    channels = file.numbers("FORCE_PLATFORM:CHANNEL")
    rows = channels.shape[0] if channels.ndim == 2 else CHANNELS.get(kind, 6)
    chosen = _column(channels, number, rows)[: CHANNELS.get(kind, rows)]
    last = file.analog.shape[1]
    places = tuple(
        int(place) - 1 if np.isfinite(place) and 1 <= place <= last else -1 for place in chosen
    )
    if all(place < 0 for place in places):
        return label, None, "no analog channels belong to it"
    if kind in CHANNELS and len(places) < CHANNELS[kind]:
        places += (-1,) * (CHANNELS[kind] - len(places))
    corners = _numbers(file, "CORNERS", number, 12)
    origin = _numbers(file, "ORIGIN", number, 3)
    polynomial = _numbers(file, "FPCOPPOLY", number, 12) if kind == 3 else np.zeros(0)
    plate = Plate(
        label,
        kind,
        places,
        _units(file, places, kind),
        unit_m,
        unit_m * (corners.reshape(4, 3) if corners.size == 12 else np.full((4, 3), np.nan)),
        unit_m * (np.nan_to_num(origin) if origin.size == 3 else np.zeros(3)),
        _matrix(file, number) if kind == 4 else np.eye(6),
        polynomial if np.all(np.isfinite(polynomial)) else np.zeros(0),
    )
    return label, plate, ""


def require_surface(plate: Plate, axes: Axes, name: str) -> float:
    """Return the height of a used plate's surface, metres.

    Raises:
        RecordingError: corners that make no rectangle, or a surface that is not level.
    """
    corners = axes.turn(plate.corners_m)
    edges = corners[[1, 2, 3, 0]] - corners
    lengths = np.linalg.norm(edges, axis=1)
    following = np.roll(edges, -1, axis=0)
    with np.errstate(all="ignore"):
        cosines = np.sum(edges * following, axis=1) / (lengths * np.roll(lengths, -1))
    skew = np.abs(np.degrees(np.arcsin(np.clip(cosines, -1.0, 1.0))))
    sized = np.all((lengths > _EDGE_M[0]) & (lengths < _EDGE_M[1]))
    if not (sized and np.all(skew < _SQUARE_DEG)):
        shown = "; ".join(", ".join(f"{value:.3f}" for value in corner) for corner in corners)
        raise RecordingError(
            STEP,
            f"the corners of {plate.label} in {name}, which was used, to make a rectangle with "
            f"sides of {_EDGE_M[0]:g} to {_EDGE_M[1]:g} m",
            f"({shown}) m",
            "Set FORCE_PLATFORM:CORNERS in the unit of the markers, one corner after the other",
        )
    normal = np.cross(edges[0], edges[1])
    tilt = float(np.degrees(np.arccos(abs(normal[1]) / np.linalg.norm(normal))))
    if tilt > _LEVEL_DEG:
        raise RecordingError(
            STEP,
            f"the surface of {plate.label} in {name} level (within {_LEVEL_DEG:g} deg)",
            f"{tilt:.1f} deg off, corners {corners[:, 1].min():.3f} to {corners[:, 1].max():.3f} m"
            f" up ({axes.up})",
            "Set recording.axes.up; an inclined treadmill cannot be used",
        )
    return float(corners[:, 1].mean())
