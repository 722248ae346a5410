"""Ground forces in a MOT file: force, centre of pressure and free moment to a wrench."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.clock import SAME_RATE, Clock, UnevenError, even_clock
from strikelean.formats.force_columns import EXAMPLES, Group, find_groups
from strikelean.formats.free_torque import free_torque
from strikelean.formats.pressure import surface_height_m
from strikelean.formats.series import FloatArray, Markers, Recording, TimeSeries, Wrench
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.formats.units import FORCES, LENGTHS, MOMENTS, factor

STEP = "read_forces"
# Below this nobody runs on it and a centre of pressure is a quotient of two small numbers: the
# delivered contact threshold.
_LOADED_N = 50.0
# Nobody's plate lies this far from the origin; a centre of pressure in mm does.
_FAR_M = 50.0
# No runner pushes so hard: 1.5 to 2.3 kN are the peaks of 31 public trials. A number that lost its
# decimal point, or a force in millinewtons, does.
_MAX_FORCE_N = 20000.0
# Nobody who trod on a plate stays below this; 1.5 to 3 body weights or kilonewtons do.
_MIN_PEAK_N = 20.0
# Markers and forces must share a contact, which is 0.1 s or longer, and what is around it.
_MIN_SHARED_S = 0.3
# Two files of one length, the one from zero and the other not: a clock was set to zero.
_SAME_LENGTH_S = 0.02
# No force is sampled more slowly than this; times in milliseconds or row numbers look so.
_MIN_RATE_HZ = 20.0
_NUMBER = re.compile(r"\d+(\.\d*)?")
_PARTS: tuple[tuple[str, str, Mapping[str, float]], ...] = (
    ("v", "force", FORCES),
    ("p", "position", LENGTHS),
    ("t", "moment", MOMENTS),
)


class Forces(NamedTuple):
    """What a table of ground forces holds.

    Attributes:
        wrenches: about the laboratory origin, one a foot or plate.
        feet: side that each one's name states; None means a plate, whose foot the markers decide.
        notes: what was repaired or left out, one line each, for people.
    """

    wrenches: tuple[Wrench, ...]
    feet: tuple[str | None, ...]
    notes: tuple[str, ...]


def _stated_unit(table: TimeSeries, column: str, words: tuple[str, ...]) -> str:
    """Return the unit of a column: behind its name in brackets, else from the header, else ''."""
    bracket = re.search(r"[\[(]([^\])]*)[\])]", column)
    if bracket is not None:
        return bracket[1]
    for key, value in table.header.items():
        said = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).lower())
        if any(word.startswith("unit") for word in said) and any(word in said for word in words):
            return value
    return ""


def _factors(table: TimeSeries, group: Group, where: str) -> dict[str, float]:
    """Return what each part's stated unit is worth in SI; nothing stated is SI.

    A header's plain ``Units`` is that of lengths, and of moments with it, as in a C3D file.
    """
    plain = next((v for k, v in table.header.items() if k.strip().lower() == "units"), "")
    words = {
        "v": ("force", "forces"),
        "p": ("point", "position", "length", "cop"),
        "t": ("moment", "torque", "moments", "torques"),
    }
    found: dict[str, float] = {}
    for part, what, units in _PARTS:
        columns = [name for key, name in group.columns.items() if key[0] == part]
        stated = {_stated_unit(table, column, words[part]) for column in columns} or {""}
        if stated == {""}:
            worth = {"p": factor(LENGTHS, plain), "t": factor(LENGTHS, plain)}.get(part)
            found[part] = 1.0 if worth is None else worth
            continue
        values = {factor(dict(units), unit) for unit in stated}
        value = next(iter(values))
        if len(values) > 1 or value is None:
            raise RecordingError(
                STEP,
                f"one known unit of {what} in {where}",
                ", ".join(f"'{unit}'" for unit in sorted(stated)),
                "Write N, m and N m, or leave units out where they are these",
            )
        found[part] = value
    return found


def _vectors(
    table: TimeSeries, group: Group, part: str, where: str, others: tuple[str, ...], up: str
) -> FloatArray:
    """Return one quantity of a group, (T, 3); a vertical moment may come alone."""
    axes = [axis for axis in "xyz" if part + axis in group.columns]
    missing = [part + axis for axis in "xyz" if axis not in axes]
    if missing and not (part == "t" and axes == [up]):
        unread = f"; not understood: {', '.join(others[:6])}" if others else ""
        found = f"no {', '.join(missing)}{unread}"
        raise RecordingError(STEP, f"{EXAMPLES} in {where}", found, "Add them, or rename them")
    vectors = np.zeros((table.time_s.size, 3))
    for axis in axes:
        vectors[:, "xyz".index(axis)] = table.column(group.columns[part + axis])
    return vectors


def _bridged(values: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    """Return values (T, 3) with unknown samples on straight lines, held at the ends.

    Zeros where nothing is known.
    """
    if np.all(known) or not np.any(known):
        return np.where(known[:, np.newaxis], values, 0.0)
    samples = np.arange(values.shape[0])
    columns = [np.interp(samples, samples[known], values[known, axis]) for axis in range(3)]
    return np.column_stack(columns)


def _known_force(
    force: FloatArray, time_s: FloatArray, where: str
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return a force (T, 3) without blanks, and what there is to say of them.

    Some programs leave a foot's force blank while it is in the air. Blanks between samples that
    carry next to nothing are such; others hide a part of a contact.
    """
    known = np.all(np.isfinite(force), axis=1)
    if np.all(known):
        return force, ()
    size = np.linalg.norm(_bridged(force, known), axis=1)
    # a straight line between two small forces is small everywhere
    hidden = np.flatnonzero(~known & (size > _LOADED_N))
    if hidden.size or not np.any(known):
        first = int(hidden[0]) if hidden.size else 0
        raise RecordingError(
            STEP,
            f"a force wherever the foot is loaded in {where}",
            f"not-a-number, first at {time_s[first]:g} s",
            "Export the forces again; only where nothing is loaded may they be blank",
        )
    note = f"{where}: {np.count_nonzero(~known)} samples blank in the air: no force"
    return np.where(known[:, np.newaxis], force, 0.0), (note,)


def _require_numbers(
    vectors: FloatArray, loaded: NDArray[np.bool_], time_s: FloatArray, what: str, where: str
) -> None:
    blank = np.flatnonzero(~np.all(np.isfinite(vectors), axis=1) & loaded)
    if blank.size:
        raise RecordingError(
            STEP,
            f"{what} wherever the foot is loaded in {where}",
            f"not-a-number in {blank.size} loaded samples, first at {time_s[blank[0]]:g} s",
            "Export the forces again; only where nothing is loaded may it be blank",
        )


def _wrench(
    table: TimeSeries,
    clock: Clock,
    group: Group,
    where: str,
    others: tuple[str, ...],
    axes: Axes,
) -> tuple[Wrench, tuple[str, ...]]:
    """Return one foot's or plate's wrench about the origin, in laboratory axes, and notes."""
    up = axes.up[-1].lower()
    worth = _factors(table, group, where)
    force, place, torque = (
        worth[part] * _vectors(table, group, part, where, others, up) for part, _, _ in _PARTS
    )
    force, notes = _known_force(force, table.time_s, where)
    size = np.linalg.norm(force, axis=1)
    loaded: NDArray[np.bool_] = size > _LOADED_N
    if float(np.max(size)) > _MAX_FORCE_N:
        row = int(np.argmax(size))
        raise RecordingError(
            STEP,
            f"forces in newtons, below {_MAX_FORCE_N:g} N, in {where}",
            f"{size[row]:.3g} N at {table.time_s[row]:g} s (row {row + 1} of the data)",
            "Correct that number, or convert the forces to newtons",
        )
    _require_numbers(place, loaded, table.time_s, "a centre of pressure", where)
    _require_numbers(torque, loaded, table.time_s, "a moment", where)
    far = np.nan_to_num(np.max(np.abs(place), axis=1), nan=np.inf) > _FAR_M
    if np.any(far & loaded):
        first = int(np.argmax(far & loaded))
        raise RecordingError(
            STEP,
            f"a centre of pressure in metres in {where}",
            f"{np.max(np.abs(place[first])):.0f} at {table.time_s[first]:g} s under load",
            "Convert positions to m and moments to N m, or state their units in the header",
        )
    usable = loaded & ~far & np.all(np.isfinite(torque), axis=1)
    torque, said = free_torque(force, place, torque, usable, "xyz".index(up), where)
    notes += said
    # an unknown place belongs to next to no force, but a moment needs some place
    moment = np.cross(_bridged(place, ~far), force).astype(np.float64) + np.nan_to_num(torque)
    height_m = surface_height_m(axes.turn(force), axes.turn(_bridged(place, ~far)))
    wrench = Wrench(clock.time_s, force, moment, clock.rate_hz, group.label, height_m)
    return axes.turn_wrench(wrench), notes


def _clock(table: TimeSeries, name: str) -> Clock:
    """Return the even clock of a force table; forces are filtered, so none may be absent."""
    stated = table.header.get("DataRate", "")
    rate_hz = float(stated) if _NUMBER.fullmatch(stated) else None
    try:
        clock = even_clock(table.time_s, rate_hz or None)
    except UnevenError as problem:
        found = f"{problem} in row {problem.row + 1}"
        raise RecordingError(
            STEP, f"evenly spaced times in {name}", found, "Resample the forces"
        ) from None
    holes = clock.holes()
    if holes:
        row, absent = holes[0]
        more = f", and {len(holes) - 1} more holes" if len(holes) > 1 else ""
        raise RecordingError(
            STEP,
            f"evenly spaced times in {name}, every sample there",
            f"{absent} absent between {table.time_s[row - 1]:g} and {table.time_s[row]:g} s "
            f"(before row {row + 1}){more}",
            "Export the forces without the hole, or only the part on one side of it",
        )
    if not clock.rate_hz > _MIN_RATE_HZ:
        raise RecordingError(
            STEP,
            f"at least {_MIN_RATE_HZ:g} samples a second in {name}",
            f"{table.time_s.size} rows from {table.time_s[0]:g} to {table.time_s[-1]:g} s",
            "Write times in seconds, not milliseconds or row numbers",
        )
    return clock


def _together(read: list[tuple[Wrench, str | None]]) -> tuple[list[Wrench], list[str | None]]:
    """Return the wrenches and their sides, those of one foot added up to one."""
    joined: dict[str, tuple[Wrench, str | None]] = {}
    for wrench, side in read:
        key = side or wrench.label
        if key in joined:
            first = joined[key][0]
            wrench = replace(
                first,
                force_n=first.force_n + wrench.force_n,
                moment_nm=first.moment_nm + wrench.moment_nm,
                label=key,
            )
        joined[key] = (wrench, side)
    return [wrench for wrench, _ in joined.values()], [side for _, side in joined.values()]


def read_forces(path: Path, axes: Axes) -> Forces:
    """Read a MOT file of ground forces into wrenches about the laboratory origin.

    Raises:
        RecordingError: absent, cut short, other column names, uneven times, samples absent,
            nothing where the foot is loaded, or positions that can only be millimetres.
        ExcludedError: an earlier step excluded the trial.
    """
    table = read_sto(path, foreign=True)
    groups, others, told = find_groups(path.name, table.columns)
    if not any(key[0] == "v" for group in groups for key in group.columns):
        found = ", ".join(table.columns[:4]) + (", ..." if len(table.columns) > 4 else "")
        raise RecordingError(STEP, f"{EXAMPLES} in {path.name}", found, "Rename the columns")
    clock = _clock(table, path.name)
    read, notes = [], [*table.notes, *told]
    for group in groups:
        wrench, said = _wrench(table, clock, group, f"{path.name} ('{group.label}')", others, axes)
        read.append((wrench, group.side))
        notes += said
    wrenches, feet = _together(read)
    most_n = max(float(np.max(np.linalg.norm(wrench.force_n, axis=1))) for wrench in wrenches)
    if most_n < _MIN_PEAK_N:
        raise RecordingError(
            STEP,
            f"the force of a runner's foot in newtons in {path.name}",
            f"{most_n:.3g} N at most" if most_n else "zeros alone",
            "Convert kilonewtons or body weights, or see whether anybody trod on the plates",
        )
    if len(wrenches) < len(groups):
        labels = ", ".join(group.label for group in groups)
        notes.append(f"{path.name}: {labels}: forces of one foot are added up")
    stated = table.header.get("DataRate", "")
    if _NUMBER.fullmatch(stated) and abs(float(stated) / clock.rate_hz - 1.0) > SAME_RATE:
        notes.append(f"{path.name}: DataRate says {stated} Hz, the times {clock.rate_hz:.6g} Hz")
    if clock.off_s > 1e-6:
        notes.append(f"{path.name}: times up to {1000.0 * clock.off_s:.2g} ms off even ones")
    if others:
        more = ", ..." if len(others) > 6 else ""
        notes.append(f"{path.name}: columns left out: {', '.join(others[:6])}{more}")
    return Forces(tuple(wrenches), tuple(feet), tuple(notes))


def _zeroed(start_s: float, other_s: float) -> bool:
    """Return whether one start is zero and the other is not."""
    zero = [abs(value) < _SAME_LENGTH_S for value in (start_s, other_s)]
    return zero[0] != zero[1]


def _share_time(markers: Markers, wrench: Wrench, names: tuple[str, str]) -> tuple[str, ...]:
    """Return what there is to say of the time that markers and forces share.

    Raises:
        RecordingError: they share too little.
    """
    spans = [(float(s.time_s[0]), float(s.time_s[-1])) for s in (markers, wrench)]
    shared_s = min(end for _, end in spans) - max(start for start, _ in spans)
    texts = [f"{name} {a:.2f} to {b:.2f} s" for name, (a, b) in zip(names, spans, strict=True)]
    reset = _zeroed(spans[0][0], spans[1][0])
    if shared_s < _MIN_SHARED_S:
        both = f"{max(shared_s, 0.0):.2f} s" if shared_s > 0.0 else "none"
        action = "Export both over the same time"
        if reset:
            action += "; one starts at 0 s, the other does not: one clock was probably set to zero"
        raise RecordingError(
            STEP,
            f"at least {_MIN_SHARED_S:g} s that {names[0]} and {names[1]} share",
            f"{both} ({', '.join(texts)})",
            action,
        )
    lengths = [end - start for start, end in spans]
    if reset and abs(lengths[0] - lengths[1]) < _SAME_LENGTH_S:
        return (
            f"{' and '.join(texts)} last equally long, but only one starts at 0 s: if its clock "
            "was set to zero on export, markers and forces do not belong together",
        )
    return ()


def join_forces(markers: Markers, source: str, forces: Path, axes: Axes) -> Recording:
    """Return markers in laboratory axes with the ground forces of a MOT file.

    Args:
        markers: in laboratory axes.
        source: name of their file.
        forces: MOT file in the same axes as that.
        axes: of both files.

    Raises:
        RecordingError: the forces are unreadable, or they share less than 0.3 s.
    """
    read = read_forces(forces, axes)
    names = (source, forces.name)
    notes = [f"{source}: {note}" for note in markers.notes]
    notes += [*read.notes, *_share_time(markers, read.wrenches[0], names)]
    return Recording(markers, read.wrenches, read.feet, names, tuple(notes))


def read_trc_and_mot(
    markers: Path, forces: Path | None, axes: Axes, needed: Collection[str] | None = None
) -> Recording:
    """Read a TRC file of markers and a MOT file of ground forces (none: a static trial).

    Args:
        markers: TRC file.
        forces: MOT file in the same axes.
        axes: of both files.
        needed: markers that are asked for; another label that two markers have is no mistake.

    Raises:
        RecordingError: one is unreadable, or they share less than 0.3 s.
    """
    seen = axes.turn_markers(read_trc(markers, True, needed))
    if forces is None:
        notes = tuple(f"{markers.name}: {note}" for note in seen.notes)
        return Recording(seen, (), (), (markers.name,), notes)
    return join_forces(seen, markers.name, forces, axes)
