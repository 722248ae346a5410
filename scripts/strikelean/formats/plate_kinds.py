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
        stated: whether the file, or the format for it, states the unit of the first.
        note: what the first supposes where neither does.
    """

    choices: tuple[Reading, ...]
    stated: bool
    note: str


def _worth(known: dict[str, float], text: str, usual: float) -> list[float]:
    """Return what a unit may be worth: as stated, or as usual; then as others have it."""
    stated = factor(known, text)
    first = usual if stated is None else stated
    return [first, *(value for value in (1.0, 1e-3) if value != first)]


def _name(known: dict[str, float], value: float) -> str:
    spelt = {"nm": "N m", "nmm": "N mm", "ncm": "N cm"}
    name = next((name for name, worth in known.items() if np.isclose(worth, value)), f"{value:g}")
    return spelt.get(name, name)


def readings(plate: Plate) -> Readings:
    """Return the ways to read a plate.

    A unit that nothing states is newtons, POINT:UNITS, and newtons times POINT:UNITS, as all
    distances of a file are in one unit (C3D user guide, CAL_MATRIX). A matrix makes such units of
    volts, so that its channels' own units need not say anything.
    """
    usual = plate.unit_m
    moments = _worth(MOMENTS, plate.units[5 if plate.kind == 1 else 3], usual)
    lengths = _worth(LENGTHS, plate.units[3], usual)
    asked = [(FORCES, 4 if plate.kind == 3 else 0)]
    guesses = ["N"]
    if plate.kind == 3:
        # distances of sensors are in the file's unit, and their depth has no sign
        depth = np.array([0.0, 0.0, -abs(plate.origin_m[2])])
        choices = [Reading(1.0, usual, depth)]
    elif plate.kind == 1:
        asked += [(LENGTHS, 3), (MOMENTS, 5)]
        guesses += [_name(LENGTHS, lengths[0]), _name(MOMENTS, moments[0])]
        choices = [Reading(moments[0], lengths[0], np.zeros(3))]
        choices += [
            Reading(moments[0], length, np.zeros(3), f"pressure in {_name(LENGTHS, length)}")
            for length in lengths[1:]
        ]
    else:
        asked += [(MOMENTS, 3)]
        guesses += [_name(MOMENTS, moments[0])]
        choices = _moment_readings(plate, moments)
    unknown = [place for known, place in asked if factor(known, plate.units[place]) is None]
    if plate.kind == 4 or not unknown:
        return Readings(tuple(choices), True, "")
    said = ", ".join(dict.fromkeys(f"'{plate.units[place]}'" for place in unknown))
    note = f"{plate.label}: ANALOG:UNITS say {said}: taken as {', '.join(guesses)}"
    return Readings(tuple(choices), unknown == [0] or plate.kind == 3, note)


def _moment_readings(plate: Plate, moments: list[float]) -> list[Reading]:
    """Return the ways to read stored moments: in each unit, with each end of ORIGIN.

    ORIGIN points from the sensors' origin up to the surface, so its third number is negative. Some
    systems state the opposite vector: a positive third number means that all three are to be turned
    round (c3d.org, TYPE-2; Visual3D, FP_ORIGIN). Where it is 0, nothing says which of them it is.
    """
    origin = plate.origin_m
    ends = [(origin if origin[2] <= 0.0 else -origin, "")]
    if origin[2] >= 0.0 and np.any(origin[:2] != 0.0):
        first = ends[0][0]
        ends.append((np.array([-first[0], -first[1], first[2]]), "ORIGIN turned round"))
    return [
        Reading(
            moment,
            plate.unit_m,
            end,
            ", ".join(
                [f"moments in {_name(MOMENTS, moment)}"] * (place > 0) + [turned] * bool(turned)
            ),
        )
        for place, moment in enumerate(moments)
        for end, turned in ends
    ]


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
