"""What a force plate's channels say, by its type in the C3D user guide (c3d.org), types 1 to 4.

In a plate's own axes: x and y in its surface as its corners are listed, z downwards. Type 1 stores
force, centre of pressure and free moment; 2 force and moment about the sensors' origin; 3 (Kistler)
eight sensor forces; 4 six voltages that a matrix turns into what type 2 stores. What a file leaves
open (a blank unit, an origin without a sign) is a list of readings, the likeliest first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.formats.units import FORCES, LENGTHS, MOMENTS, factor

CHANNELS = {1: 6, 2: 6, 3: 8, 4: 6}
# Kistler's correction of the centre of pressure is given for millimetres. The coefficients of its
# plates (manual of type 9287C, section 8.4.3) move it by up to 30 mm on the plate; another order of
# the coefficients, or another unit, by metres or by nothing.
_MILLIMETRES = 1000.0
# Below this a centre of pressure means nothing.
_MEANT_N = 50.0
_MAX_CORRECTION_M = 0.08


@dataclass(frozen=True)
class Plate:
    """One plate as the file describes it, lengths in metres.

    Attributes:
        label: for people.
        kind: 1 to 4.
        channels: columns of the analog table.
        units: ANALOG:UNITS of those.
        unit_m: what a length is worth in the file's own unit.
        corners_m: (4, 3) in the file's axes.
        origin_m: (3,) ORIGIN as stated.
        matrix: (6, 6) of type 4.
        polynomial: (12,) correction of the centre of pressure of type 3; empty: none.
    """

    label: str
    kind: int
    channels: tuple[int, ...]
    units: tuple[str, ...]
    unit_m: float
    corners_m: FloatArray
    origin_m: FloatArray
    matrix: FloatArray
    polynomial: FloatArray

    def frame(self) -> FloatArray:
        """Return the plate's axes as columns (3, 3) in the file's axes."""
        x = self.corners_m[0] - self.corners_m[1]
        z = np.cross(x, self.corners_m[0] - self.corners_m[3])
        y = np.cross(z, x)
        return np.column_stack([axis / np.linalg.norm(axis) for axis in (x, y, z)])

    def half_m(self) -> FloatArray:
        """Return half the plate's length along its x and y, (2,)."""
        edges = self.corners_m[0] - self.corners_m[[1, 3]]
        return np.asarray(0.5 * np.linalg.norm(edges, axis=1))

    def load(self, values: FloatArray) -> FloatArray:
        """Return the force across the surface (N,), newtons, offset included.

        Args:
            values: (N, channels) scaled analog samples.
        """
        if self.kind == 4:
            return np.asarray(values @ self.matrix[2])
        vertical = values[:, 4:8].sum(axis=1) if self.kind == 3 else values[:, 2]
        return np.asarray(vertical * self.newton())

    def newton(self) -> float:
        """Return what the stated unit of a force is worth in N; 1 where none is stated."""
        return factor(FORCES, self.units[4 if self.kind == 3 else 0]) or 1.0


@dataclass(frozen=True)
class Reading:
    """One way to read a plate.

    Attributes:
        moment_nm: what a moment's unit is worth in N m.
        length_m: what a stored centre of pressure's unit is worth in metres (type 1).
        origin_m: (3,) from the sensors' origin to the middle of the surface, plate axes.
        said: what differs from the likeliest reading, for people; empty where nothing does.
    """

    moment_nm: float
    length_m: float
    origin_m: FloatArray
    said: str = ""


@dataclass(frozen=True)
class Readings:
    """The ways to read a plate.

    Attributes:
        choices: the likeliest first.
        stated: whether the file states what the first supposes.
        note: what the first supposes where the file does not state it.
    """

    choices: tuple[Reading, ...]
    stated: bool = True
    note: str = ""


def _units(known: dict[str, float], text: str, default: float) -> tuple[list[float], bool]:
    """Return what a unit may be worth, the stated or usual one first, and whether it is stated."""
    stated = factor(known, text)
    others = [1.0, 1e-3]
    first = default if stated is None else stated
    return [first, *(value for value in others if value != first)], stated is not None


def _name(known: dict[str, float], value: float) -> str:
    names = {"nm": "N m", "nmm": "N mm", "ncm": "N cm"}
    short = next((name for name, worth in known.items() if np.isclose(worth, value)), f"{value:g}")
    return names.get(short, short)


def readings(plate: Plate) -> Readings:
    """Return the ways to read a plate, the likeliest first.

    Moments are in the stated unit, or in newtons times POINT:UNITS (C3D user guide, CAL_MATRIX:
    all distances of a file are in one unit). ORIGIN points from the sensors' origin up to the
    surface, so its third number is negative. Files of some systems state the opposite vector: a
    positive third number means that all three are to be turned round. Where it is 0, nothing says
    which of the two it is.
    """
    origin = plate.origin_m
    if plate.kind == 3:
        return Readings((Reading(1.0, plate.unit_m, np.array([0.0, 0.0, -abs(origin[2])])),))
    moment_unit = plate.units[5] if plate.kind == 1 else plate.units[3]
    moments, moment_stated = _units(MOMENTS, moment_unit, plate.unit_m)
    if plate.kind == 1:
        lengths, length_stated = _units(LENGTHS, plate.units[3], plate.unit_m)
        choices = tuple(
            Reading(
                moments[0],
                length,
                np.zeros(3),
                f"its centre of pressure read in {_name(LENGTHS, length)}" if place else "",
            )
            for place, length in enumerate(lengths)
        )
        guess = f"{_name(LENGTHS, lengths[0])} and {_name(MOMENTS, moments[0])}"
        return _with_note(plate, choices, length_stated and moment_stated, guess)
    origins = [(origin if origin[2] <= 0.0 else -origin, "")]
    if origin[2] >= 0.0 and np.any(origin[:2] != 0.0):
        other = np.array([*(-origins[0][0][:2]), origins[0][0][2]])
        origins.append((other, "its ORIGIN turned round"))
    choices = tuple(
        Reading(
            moment,
            plate.unit_m,
            vector,
            " and ".join(
                part
                for part in (f"read in {_name(MOMENTS, moment)}" if place else "", turn)
                if part
            ),
        )
        for place, moment in enumerate(moments)
        for vector, turn in origins
    )
    # a matrix turns volts into newtons and moments: the channels' unit says nothing of them
    volts = plate.kind == 4 and not moment_stated
    if volts:
        return Readings(choices, stated=False)
    return _with_note(plate, choices, moment_stated, _name(MOMENTS, moments[0]))


def _with_note(plate: Plate, choices: tuple[Reading, ...], stated: bool, guess: str) -> Readings:
    if stated:
        return Readings(choices)
    units = ", ".join(f"'{unit}'" for unit in plate.units[3:6])
    note = f"ANALOG:UNITS of the moments of {plate.label} say {units}: taken as {guess}"
    return Readings(choices, False, note)


def sense(plate: Plate, values: FloatArray, reading: Reading) -> tuple[FloatArray, FloatArray]:
    """Return force and moment about the sensors' origin, (N, 3) each, N and N m, plate axes.

    Args:
        plate: that was read.
        values: (N, channels) scaled analog samples.
        reading: how its units are taken.
    """
    if plate.kind == 3:
        return _sense_kistler(plate, values)
    if plate.kind == 1:
        return _sense_pressure(plate, values, reading)
    if plate.kind == 4:
        channels = values @ plate.matrix.T
        return channels[:, :3], channels[:, 3:6] * reading.moment_nm
    return values[:, :3] * plate.newton(), values[:, 3:6] * reading.moment_nm


def _sense_pressure(
    plate: Plate, values: FloatArray, reading: Reading
) -> tuple[FloatArray, FloatArray]:
    """Return what a plate says that stores its centre of pressure, which lies on the surface.

    Without a load there is none, whatever number stands for it: it is kept on the plate.
    """
    force = values[:, :3] * plate.newton()
    pressure = values[:, 3:5] * reading.length_m
    half = plate.half_m()
    free = np.abs(force[:, 2:]) < _MEANT_N
    pressure = np.where(free, np.clip(pressure, -half, half), pressure)
    turn = pressure[:, 0] * force[:, 1] - pressure[:, 1] * force[:, 0]
    tilt = [pressure[:, 1] * force[:, 2], -pressure[:, 0] * force[:, 2]]
    return force, np.column_stack([*tilt, turn + values[:, 5] * reading.moment_nm])


def _sense_kistler(plate: Plate, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return force and moment of sensors 1 to 4 in the quadrants ++, -+, --, +- of the plate.

    ORIGIN's first two numbers are the sensors' distances from the middle, no components of a
    vector: they have no sign (C3D user guide, TYPE-3).
    """
    a, b = (abs(float(distance)) for distance in plate.origin_m[:2])
    x12, x34, y14, y23, z1, z2, z3, z4 = values.T * plate.newton()
    force = np.column_stack([x12 + x34, y14 + y23, z1 + z2 + z3 + z4])
    moment = np.column_stack(
        [
            b * (z1 + z2 - z3 - z4),
            a * (z2 + z3 - z1 - z4),
            b * (x34 - x12) + a * (y14 - y23),
        ]
    )
    return force, moment


def about_middle(force: FloatArray, moment: FloatArray, reading: Reading) -> FloatArray:
    """Return the moment (N, 3) about the middle of the surface, plate axes."""
    return np.asarray(moment - np.cross(reading.origin_m, force))


def _polynomial(coefficients: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return Kistler's correction of one coordinate, from the six coefficients P1 to P6.

    ``((P1 y^4 + P2 y^2 + P3) x^3 + (P4 y^4 + P5 y^2 + P6) x)``, taken off the measured x
    (Kistler, instruction manual of type 9287C, section 8.4.3); x and y change places for the other.
    """
    p1, p2, p3, p4, p5, p6 = coefficients
    return np.asarray((p1 * y**4 + p2 * y**2 + p3) * x**3 + (p4 * y**4 + p5 * y**2 + p6) * x)


def _shift(rows: FloatArray, scale: float, pressure: FloatArray) -> FloatArray:
    x, y = scale * pressure.T
    return np.column_stack([_polynomial(rows[0], x, y), _polynomial(rows[1], y, x)]) / scale


def correction_m(
    plate: Plate,
    pressure_m: FloatArray,
    loaded: NDArray[np.bool_],
    meant: NDArray[np.bool_],
) -> FloatArray | None:
    """Return what the plate's polynomial takes off centres of pressure (N, 2), metres.

    The six coefficients of x come first, or x and y take turns; lengths are millimetres, or the
    file's unit. That order and unit are right in which no pressure under load moves by 80 mm.
    Pressure that means nothing is corrected as the nearest that does.

    Args:
        plate: that was read.
        pressure_m: (N, 2) measured, plate axes about the middle.
        loaded: (N,) where the plate is loaded well.
        meant: (N,) where the pressure means something.

    Returns:
        (N, 2); None where there is no polynomial, or no order of it makes sense.
    """
    if plate.polynomial.size != 12 or not np.any(plate.polynomial) or not loaded.any():
        return None
    measured = pressure_m[loaded | meant]
    inside = np.clip(pressure_m, measured.min(axis=0), measured.max(axis=0))
    for scale in (_MILLIMETRES, 1.0 / plate.unit_m):
        for rows in (plate.polynomial.reshape(2, 6), plate.polynomial.reshape(6, 2).T):
            shift = _shift(rows, scale, inside)
            if float(np.abs(shift[loaded]).max()) < _MAX_CORRECTION_M:
                return shift
    return None
