"""Force plates of a C3D file: which were used, what each said, and where it stands.

A plate that nobody touched decides nothing: it is left out whatever it reads, and that is said. Of
a used plate everything must be known, or told from where its pressure lies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d_file import STEP, C3DFile
from strikelean.formats.plate_kinds import CHANNELS, Plate
from strikelean.formats.plate_place import describe_plates, require_surface
from strikelean.formats.plate_reading import read_plate
from strikelean.formats.plate_use import (
    bridge_gaps,
    common_span,
    find_load,
    idle_reason,
    unloaded_level_n,
)
from strikelean.formats.series import FloatArray, Wrench

# What a person weighs at least and at most: a plate that reads so all along bears one standing.
_STANDING_N = (150.0, 3000.0)
# How high a standing runner's lowest marker is over the floor: from the shoe's edge to the ankle.
_LOWEST_MARKER_M = (0.0, 0.12)
_SHARED_M = 0.02


@dataclass(frozen=True)
class PlateReadings:
    """The plates that were used.

    Attributes:
        wrenches: about the laboratory origin, in laboratory axes, on one clock.
        notes: what was left out or supposed.
    """

    wrenches: tuple[Wrench, ...]
    notes: tuple[str, ...]


def _require_kind(plate: Plate, values: FloatArray, name: str) -> None:
    """Refuse a plate that cannot be read and on which something moves: it may have been used."""
    known = values[np.isfinite(values).all(axis=1)]
    if known.size and np.any(np.ptp(known, axis=0) > 0.0):
        raise RecordingError(
            STEP,
            f"force plates of type 1 to 4 with all their channels in {name}",
            f"{plate.label} of type {plate.kind} with {values.shape[1]} channels",
            "Export the recording with plates of type 2",
        )


def _used(
    file: C3DFile, unit_m: float, rate_hz: float
) -> tuple[list[tuple[Plate, FloatArray]], list[str]]:
    """Return the plates that somebody touched with their samples, and notes of the others."""
    used: list[tuple[Plate, FloatArray]] = []
    notes: list[str] = []
    for label, plate, reason in describe_plates(file, unit_m):
        if plate is not None:
            values = file.analog[:, [place for place in plate.channels if place >= 0]]
            if plate.kind not in CHANNELS or values.shape[1] < len(plate.channels):
                _require_kind(plate, values, file.name)
                reason = f"of type {plate.kind}, and nothing moves on it"
            else:
                reason = idle_reason(plate.load(values), rate_hz)
            twins = [other.label for other, _ in used if other.channels == plate.channels]
            if not reason and twins:
                reason = f"it is {twins[0]} once more, with the same channels"
            if not reason:
                used.append((plate, values))
                continue
        notes.append(f"{label} left out: {reason}")
    return used, notes


def _require_push(
    plate: Plate, vertical: FloatArray, normal: float, rate_hz: float, name: str
) -> None:
    """Refuse a plate that pulls: the runner pushes down, and the plate pushes them up."""
    well = find_load(vertical, rate_hz).well
    mean = float(np.mean(vertical[well])) - unloaded_level_n(vertical) if well.any() else 0.0
    if mean >= 0.0:
        return
    turned = normal > 0.0
    raise RecordingError(
        STEP,
        f"a force of {plate.label} in {name} that pushes the runner up",
        f"{mean:.0f} N under load" + (", and a plate's z axis that points up" if turned else ""),
        "List FORCE_PLATFORM:CORNERS the other way round (+x+y, -x+y, -x-y, +x-y with z down), or "
        "set recording.axes.up"
        if turned
        else "Turn the sign of its channels (ANALOG:SCALE): a file states the force on the runner",
    )


def _wrench(
    plate: Plate, values: FloatArray, axes: Axes, start_s: float, rate_hz: float, name: str
) -> tuple[Wrench, list[str]]:
    """Return a used plate's wrench in laboratory axes, and notes."""
    read, notes = read_plate(plate, values, rate_hz, name)
    frame = plate.frame().T
    force = read.force_n @ frame
    _require_push(plate, axes.turn(force)[:, 1], axes.turn(frame[2])[1], rate_hz, name)
    moment = read.moment_nm @ frame + np.cross(plate.corners_m.mean(axis=0), force)
    time_s = start_s + np.arange(force.shape[0]) / rate_hz
    return axes.turn_wrench(Wrench(time_s, force, moment, rate_hz, plate.label)), notes


def read_plates(
    file: C3DFile, axes: Axes, unit_m: float, start_s: float, rate_hz: float
) -> PlateReadings:
    """Return what the plates that somebody touched say.

    Args:
        file: that was read.
        axes: how its axes point.
        unit_m: what POINT:UNITS is worth; corners and origins are in it too.
        start_s: time of the first sample.
        rate_hz: of the analog samples.

    Raises:
        RecordingError: a used plate of another type, without a rectangle of corners, not level,
            with blank samples that are not at an end, or whose moments' unit nothing tells.
    """
    used, notes = _used(file, unit_m, rate_hz)
    if not used:
        return PlateReadings((), tuple(notes))
    plates = [plate for plate, _ in used]
    surfaces = [require_surface(plate, axes, file.name) for plate in plates]
    blocks = []
    for plate, values in used:
        block, said = bridge_gaps(plate, values, rate_hz, start_s, file.name)
        blocks.append(block)
        notes += said
    span, said = common_span(blocks, plates, rate_hz, start_s, file.name)
    notes += said
    begin_s = start_s + span.start / rate_hz
    wrenches = []
    for plate, block, surface_m in zip(plates, blocks, surfaces, strict=True):
        wrench, said = _wrench(plate, block[span], axes, begin_s, rate_hz, file.name)
        wrenches.append(replace(wrench, surface_m=surface_m))
        notes += said
    return PlateReadings(tuple(wrenches), tuple(notes))


def standing_surface_m(file: C3DFile, axes: Axes, unit_m: float, lowest_m: float) -> float | None:
    """Return the height of the plates that a standing person stands on, or beside.

    Plates that bear somebody's weight all along; where none does, all plates, if they share one
    height and the person's lowest marker is as high over it as a foot's can be.

    Args:
        file: that was read.
        axes: how its axes point.
        unit_m: what POINT:UNITS is worth.
        lowest_m: height of the lowest marker, over the laboratory's zero.

    Returns:
        Metres over the laboratory's zero; None where no plate says.
    """
    heights: list[float] = []
    bearing: list[float] = []
    for _, plate, _ in describe_plates(file, unit_m):
        if plate is None or plate.kind not in CHANNELS or -1 in plate.channels:
            continue
        try:
            height = require_surface(plate, axes, file.name)
        except RecordingError:
            continue
        heights.append(height)
        load = plate.load(file.analog[:, list(plate.channels)])
        weight = abs(float(np.median(load[np.isfinite(load)]))) if np.isfinite(load).any() else 0.0
        if _STANDING_N[0] < weight < _STANDING_N[1]:
            bearing.append(height)
    known = bearing or heights
    if not known or max(known) - min(known) > _SHARED_M:
        return None
    floor = float(np.mean(known))
    low, high = _LOWEST_MARKER_M
    return floor if bearing or low <= lowest_m - floor <= high else None
