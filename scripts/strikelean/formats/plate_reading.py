"""What a used force plate said: the reading of its channels that leaves its pressure on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.c3d_file import STEP
from strikelean.formats.plate_kinds import (
    Plate,
    Reading,
    about_middle,
    correction_m,
    readings,
    sense,
)
from strikelean.formats.plate_use import Load, find_load
from strikelean.formats.series import FloatArray

# A foot can only press on the plate: so its pressure lies there, give or take the corners' survey.
_MARGIN_M, _ON_PLATE = 0.05, 0.9
# A contact carries the moment's arm farther than this (project's choice: 0.26 to 0.43 m in the
# public running dataset and the virtual trials, all on treadmills; a foot's roll alone is 0.1 m).
# Moments a thousand times too small keep it within a millimetre.
_TRAVEL_M = 0.01
# Fewer samples under load say nothing of a plate.
_FEW = 10
# Usual plates have their sensors 0.02 to 0.06 m below the surface (manufacturers' data sheets).
_DEEP_M = 0.1


@dataclass(frozen=True)
class PlateForce:
    """What a plate said under one reading, in its own axes, about the middle of its surface.

    Attributes:
        force_n: (N, 3).
        moment_nm: (N, 3).
        on_plate: share of the pressure under load that lies on the plate.
        beside_m: how far beside it the middle one of the others lies.
        travel_m: how far the sensors' moment arm travels, 5th to 95th percentile.
    """

    force_n: FloatArray
    moment_nm: FloatArray
    on_plate: float
    beside_m: float
    travel_m: float

    @property
    def fits(self) -> bool:
        """Whether a foot can have pressed so."""
        return self.on_plate >= _ON_PLATE and self.travel_m >= _TRAVEL_M


def _pressure(force: FloatArray, moment: FloatArray) -> FloatArray:
    """Return where a moment's components in the surface vanish, (K, 2) of the plate's x and y."""
    with np.errstate(all="ignore"):
        return np.column_stack([-moment[:, 1], moment[:, 0]]) / force[:, 2:3]


def _less_offset(values: FloatArray, load: Load) -> FloatArray:
    """Return values (N, C) without what they are while nothing is loaded."""
    return values - np.median(values[load.free], axis=0) if load.free.any() else values


def _read(plate: Plate, values: FloatArray, reading: Reading, load: Load) -> PlateForce:
    force, sensed = sense(plate, values, reading)
    moment = about_middle(force, sensed, reading)
    if np.count_nonzero(load.well) < _FEW:
        return PlateForce(force, moment, 1.0, 0.0, np.inf)
    own = _less_offset(np.hstack([force, moment, sensed]), load)[load.well]
    beyond = np.max(np.abs(_pressure(own[:, :3], own[:, 3:6])) - plate.half_m(), axis=1)
    beside = ~(beyond <= _MARGIN_M)
    arm = np.percentile(_pressure(own[:, :3], own[:, 6:9]), [5.0, 95.0], axis=0)
    return PlateForce(
        force,
        moment,
        float(np.mean(~beside)),
        float(np.median(beyond[beside])) if beside.any() else 0.0,
        float(np.max(arm[1] - arm[0])),
    )


def _against(first: PlateForce) -> str:
    """Return what speaks against a reading."""
    if first.on_plate >= _ON_PLATE:
        return f"keeps within {1000.0 * first.travel_m:.1f} mm"
    return f"lies {first.beside_m:.3g} m beside it"


def _deep(plate: Plate) -> list[str]:
    """Return a line where the sensors lie deeper than usual: a wrong depth shows nowhere else."""
    depth = abs(float(plate.origin_m[2]))
    if depth <= _DEEP_M:
        return []
    return [
        f"{plate.label}: FORCE_PLATFORM:ORIGIN puts its sensors {1000.0 * depth:.0f} mm below its "
        f"surface, over {1000.0 * _DEEP_M:g} mm: moments of the joints follow it"
    ]


def read_plate(
    plate: Plate, values: FloatArray, rate_hz: float, name: str
) -> tuple[PlateForce, list[str]]:
    """Return what a used plate said, and what there is to say of how it was read.

    The likeliest reading counts where it leaves the pressure on the plate; else the first that
    does. Where none does, one that is stated counts still, and the doubt is said.

    Args:
        plate: that was used.
        values: (N, channels) scaled analog samples without gaps.
        rate_hz: of them.
        name: of the file, for the message.

    Raises:
        RecordingError: nothing states the unit, and none in use puts the pressure on the plate.
    """
    ways, load = readings(plate), find_load(plate.load(values), rate_hz)
    first = _read(plate, values, ways.choices[0], load)
    deep = _deep(plate)
    notes = [*deep, ways.note] if ways.note else deep
    if not first.fits:
        for other in ways.choices[1:]:
            found = _read(plate, values, other, load)
            if found.fits:
                note = f"{plate.label} read with {other.said}, which puts a foot's pressure on it"
                note += f"; else it {_against(first)}"
                return _corrected(plate, found, load, [*deep, note])
        if not ways.stated:
            units = ", ".join(dict.fromkeys(f"'{unit}'" for unit in plate.units[3:]))
            raise RecordingError(
                STEP,
                f"moments of {plate.label} in {name} in a unit that puts its pressure on it",
                f"ANALOG:UNITS {units}, and pressure that {_against(first)}",
                "Look at ANALOG:UNITS, and at FORCE_PLATFORM:CORNERS and ORIGIN",
            )
        if first.on_plate < _ON_PLATE:
            notes.append(
                f"{plate.label}: its pressure lies {first.beside_m:.3g} m beside it: look at "
                "FORCE_PLATFORM:CORNERS and ORIGIN, and at ANALOG:UNITS"
            )
    return _corrected(plate, first, load, notes)


def _corrected(
    plate: Plate, read: PlateForce, load: Load, notes: list[str]
) -> tuple[PlateForce, list[str]]:
    """Return a Kistler plate's force with the moment that goes with its corrected pressure.

    The plate's bending falsifies its vertical sensors, so the moments about its own x and y follow
    the corrected point, and that about its z stays. The plate's offset is no pressure.
    """
    if not np.any(plate.polynomial):
        return read, notes
    own = _less_offset(np.hstack([read.force_n, read.moment_nm]), load)
    pressure = np.nan_to_num(_pressure(own[:, :3], own[:, 3:]), posinf=0.0, neginf=0.0)
    on_plate = np.all(np.abs(pressure) <= plate.half_m(), axis=1)
    shift = correction_m(plate, pressure, load.well, ~load.free & on_plate)
    if shift is None:
        return read, [*notes, f"{plate.label}: FPCOPPOLY fits no unit, it is not used"]
    moment = read.moment_nm.copy()
    moment[:, 0] -= shift[:, 1] * own[:, 2]
    moment[:, 1] += shift[:, 0] * own[:, 2]
    largest = 1000.0 * float(np.linalg.norm(shift[load.well], axis=1).max())
    note = (
        f"{plate.label}: centre of pressure corrected by up to {largest:.1f} mm, "
        "as the file states (FPCOPPOLY)"
    )
    return replace(read, moment_nm=moment), [*notes, note]
