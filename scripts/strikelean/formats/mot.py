"""Ground forces in a MOT file: force, centre of pressure and free moment to a wrench."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.pressure import surface_height_m
from strikelean.formats.series import FloatArray, Recording, TimeSeries, Wrench
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc

STEP = "read_forces"
# R_ground_force_vx, ground_force_r_vx, 1_ground_force_vx, ground_force_vx; and torques.
_COLUMN = re.compile(
    r"^(?:(?P<before>[A-Za-z0-9]+)_)?ground_(?P<kind>force|torque|moment)"
    r"(?:_(?P<after>[A-Za-z0-9]+?))?_(?P<part>[vpm]?)(?P<axis>[xyz])$"
)
_SIDES = {"r": "right", "right": "right", "l": "left", "left": "left"}
_NAMES = (
    "columns such as ground_force_r_vx, ground_force_r_px, ground_torque_r_x "
    "(or R_ground_force_vx; a number in place of the side for a plate)"
)
# Nobody's plate lies this far from the origin; a centre of pressure in mm does.
_FAR_M = 50.0
_JITTER = 0.02


def _groups(columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return ``{label: {vx: column, ..., px: ..., tx: ...}}``."""
    groups: dict[str, dict[str, str]] = {}
    for column in columns:
        match = _COLUMN.match(column)
        if match is None:
            continue
        label = (match["before"] or match["after"] or "").lower()
        part = match["part"] if match["kind"] == "force" else "t"
        groups.setdefault(label, {})[f"{part}{match['axis']}"] = column
    return groups


def _vectors(table: TimeSeries, group: dict[str, str], part: str, where: str) -> FloatArray:
    missing = [part + axis for axis in "xyz" if part + axis not in group]
    if missing:
        raise RecordingError(STEP, f"{_NAMES} in {where}", f"no {', '.join(missing)}", "Add them")
    vectors = np.column_stack([table.column(group[part + axis]) for axis in "xyz"])
    if not np.all(np.isfinite(vectors)):
        raise RecordingError(STEP, f"numbers in {where}", "not-a-number", "Write 0 where unloaded")
    return vectors


def _rate_hz(time_s: FloatArray, name: str) -> float:
    steps = np.diff(time_s)
    step = float(np.median(steps)) if steps.size else 0.0
    if step <= 0.0 or float(np.max(np.abs(steps - step))) > _JITTER * step + 2e-6:
        raise RecordingError(
            STEP, f"evenly spaced times in {name}", "uneven ones", "Resample the forces"
        )
    return float((time_s.size - 1) / (time_s[-1] - time_s[0]))


def read_forces(path: Path, axes: Axes) -> tuple[tuple[Wrench, ...], tuple[str | None, ...]]:
    """Read a MOT file of ground forces into wrenches about the laboratory origin.

    Returns:
        One wrench a foot or plate and the side each one's name states; a number or
        nothing in place of the side means a plate, whose foot the markers decide.

    Raises:
        RecordingError: absent, cut short, other column names, uneven times, or positions
            that can only be millimetres.
        ExcludedError: an earlier step excluded the trial.
    """
    table = read_sto(path)
    groups = _groups(table.columns)
    if not groups:
        found = ", ".join(table.columns[:4]) + (", ..." if len(table.columns) > 4 else "")
        raise RecordingError(STEP, f"{_NAMES} in {path.name}", found, "Rename the columns")
    rate_hz = _rate_hz(table.time_s, path.name)
    wrenches: list[Wrench] = []
    for label, group in groups.items():
        where = f"{path.name} ('{label}')"
        force = _vectors(table, group, "v", where)
        place = _vectors(table, group, "p", where)
        torque = _vectors(table, group, "t", where)
        if float(np.max(np.abs(place))) > _FAR_M:
            raise RecordingError(
                STEP,
                f"a centre of pressure in metres in {where}",
                f"{np.max(np.abs(place)):.0f}",
                "Convert positions to m and moments to N m",
            )
        moment = np.cross(place, force) + torque
        name = _SIDES.get(label, f"plate {label}".strip())
        height_m = surface_height_m(axes.turn(force), axes.turn(place))
        wrench = Wrench(table.time_s, force, moment, rate_hz, name, height_m)
        wrenches.append(axes.turn_wrench(wrench))
    return tuple(wrenches), tuple(_SIDES.get(label) for label in groups)


def read_trc_and_mot(markers: Path, forces: Path | None, axes: Axes) -> Recording:
    """Read a TRC file of markers and a MOT file of ground forces (none: a static trial).

    Raises:
        RecordingError: one is unreadable, or they share less than half a second.
    """
    seen = axes.turn_markers(read_trc(markers))
    if forces is None:
        return Recording(seen, (), (), (markers.name,))
    wrenches, feet = read_forces(forces, axes)
    start = max(seen.time_s[0], wrenches[0].time_s[0])
    end = min(seen.time_s[-1], wrenches[0].time_s[-1])
    if end - start < 0.5:
        raise RecordingError(
            STEP,
            f"{markers.name} and {forces.name} on one clock",
            f"{seen.time_s[0]:.2f} to {seen.time_s[-1]:.2f} s and "
            f"{wrenches[0].time_s[0]:.2f} to {wrenches[0].time_s[-1]:.2f} s",
            "Export both with the same start time",
        )
    return Recording(seen, wrenches, feet, (markers.name, forces.name))
