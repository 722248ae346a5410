"""TRC marker files: millimetres, centimetres or metres in, always metres out."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.clock import SAME_RATE, Clock, UnevenError, even_clock
from strikelean.formats.files import require_data, whole_file
from strikelean.formats.marker_files import gather_markers, metres_per_unit
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.sto import format_rows
from strikelean.formats.text import Rows, check_increasing, read_numbers, read_text
from strikelean.formats.units import LENGTHS, factor

STEP = "read_markers"
_TITLE = "PathFileType"
# A rate this far from the times' own is another clock, not rounding.
_RATE_CONTRADICTED = 0.01
# Nobody is seen a kilometre from the origin (2.9 m in the public recordings at hand).
_FAR_M = 1000.0
_FRAME = re.compile(r"\d+(\.0*)?")
_AXIS = re.compile(r"([XYZ])\d*", re.IGNORECASE)


def _broken(path: Path, expected: str, found: str, action: str = "") -> RecordingError:
    return RecordingError(
        STEP,
        f"{expected} in {path.name}",
        found,
        action or "Export the file again, or repair its text",
    )


@dataclass(frozen=True)
class _Header:
    """What the lines above the data say.

    Attributes:
        stated: values by their keys, as they stand there.
        labels: L labels of the columns of coordinates, three columns each.
        length: lines it takes.
    """

    stated: dict[str, str]
    labels: tuple[str, ...]
    length: int

    def rate_hz(self) -> float | None:
        """Return the stated rate, None where there is none."""
        try:
            rate_hz = float(self.stated.get("DataRate", ""))
        except ValueError:
            return None
        return rate_hz if 0.0 < rate_hz < float("inf") else None


def _stated(keys: str, values: str) -> dict[str, str]:
    """Return the header's values by their keys.

    Some programs pad the values with more tabs than there are keys; then the filled ones follow
    the order of the keys.
    """
    names = keys.split()
    aligned, filled = (
        dict(zip(names, (cell.strip() for cell in cells), strict=False))
        for cells in (values.split("\t"), values.split())
    )
    return filled if _is_word(filled) and not _is_word(aligned) else aligned


def _is_word(stated: dict[str, str]) -> bool:
    return bool(re.fullmatch(r"[^\W\d]+", stated.get("Units", "")))


def _labels(line: str, width: int) -> tuple[str, ...]:
    """Return one label for every three columns of coordinates, blank for a column without a name.

    Labels stand over the first of their three columns; where a program spaces them otherwise,
    they follow each other.
    """
    if "\t" not in line.strip():
        return tuple(line.split()[2:])
    cells = [cell.strip() for cell in line.split("\t")]
    places = [place for place in range(2, len(cells)) if cells[place]]
    placed = all((place - 2) % 3 == 0 for place in places)
    if not placed or (places and places[-1] + 3 > width):
        return tuple(cells[place] for place in places)
    return tuple(cells[place] for place in range(2, places[-1] + 1, 3)) if places else ()


def _is_data(line: str) -> bool:
    cells = line.split()
    return len(cells) > 1 and bool(_FRAME.fullmatch(cells[0]))


def _header(path: Path, lines: list[str]) -> _Header:
    """Return what the lines above the data say."""
    if len(lines) < 5 or not lines[0].lstrip().lower().startswith(_TITLE.lower()):
        raise _broken(path, "a TRC header of five lines and rows of data", "something else")
    length = next((number for number in range(4, len(lines)) if _is_data(lines[number])), None)
    if length is None:
        raise _broken(path, "rows of data below the header", "none")
    words = [_AXIS.fullmatch(word) for line in lines[4:length] for word in line.split()]
    axes = [word[1].upper() for word in words if word is not None]
    if any(axis != "XYZ"[place % 3] for place, axis in enumerate(axes)):
        raise _broken(path, "coordinates in the order X, Y, Z", ", ".join(axes[:3]))
    width = max(line.rstrip("\t ").count("\t") + 1 for line in lines[length:] if line.strip())
    labels = _labels(lines[3], width)
    if all(not label or _AXIS.fullmatch(label) for label in labels):
        found = f"only axes ({', '.join(labels[:3])})" if any(labels) else "none"
        raise _broken(path, "marker names in line 4", found)
    return _Header(_stated(lines[1], lines[2]), labels, length)


def _check_complete(path: Path, rows: Rows, separator: str | None, columns: int) -> None:
    """Refuse rows that stop in the middle of a marker, and a last row that was cut off.

    An editor may have dropped the blank cells at the ends of rows: of several rows, and whole
    markers at a time. One short row has lost cells somewhere, and what follows them stands under
    other names.
    """
    filled = rows.widths(separator)
    # blank cells between tabs count; of a last marker that is blank two need not be there
    there = [line.count(separator) + 1 for line in rows.lines] if separator else filled
    short = [
        row for row, width in enumerate(there) if width + 2 * (filled[row] <= columns - 3) < columns
    ]
    if len(short) == len(filled):
        found = f"{max(filled)} columns in every row"
        raise _broken(path, f"{columns} columns for {(columns - 2) // 3} marker names", found)
    final = len(filled) - 1
    is_cut = bool(short) and short[-1] == final and not rows.ended
    broken = [row for row in short if (filled[row] - 2) % 3 or not separator]
    if is_cut:
        broken.append(final)
    elif len(short) == 1:
        broken = short
    if broken:
        row = broken[0]
        what = "a complete last row" if row == final else "complete rows"
        cut = ": the file was cut off" if is_cut and row == final else ""
        found = f"{filled[row]} of {columns} columns in {rows.place(row)}{cut}"
        raise _broken(path, what, found, "Copy or export the file again")
    if rows.is_last_number_cut(separator):
        found = "one cut off in the middle of the last number"
        raise _broken(path, "a complete last row", found, "Copy or export the file again")


def _count_notes(path: Path, header: _Header, rows: Rows, foreign: bool) -> tuple[str, ...]:
    """Return what there is to say of the number of frames that the header states."""
    text, found = header.stated.get("NumFrames", ""), len(rows.lines)
    stated = int(text) if text.isdigit() else found
    if stated == found:
        return ()
    if found < stated and not (foreign and rows.ended):
        cut = "" if rows.ended else ", the last one without an end: the file was cut off"
        raise _broken(path, f"{stated} rows of data (NumFrames)", f"{found}{cut}")
    return (f"NumFrames says {stated}, {found} frames are there",) * foreign


def _unnamed_notes(header: _Header, positions: FloatArray) -> tuple[str, ...]:
    """Return what there is to say of columns of coordinates without a name, (T, L, 3)."""
    unnamed = [place for place, label in enumerate(header.labels) if not label]
    seen = [place for place in unnamed if np.any(np.isfinite(positions[:, place]))]
    if not seen:
        return ()
    columns = ", ".join(f"{3 * place + 3} to {3 * place + 5}" for place in seen[:3])
    more = ", ..." if len(seen) > 3 else ""
    return (f"no marker name over columns {columns}{more}: left out",)


def _rate_cause(stated_hz: float, found_hz: float) -> str:
    ratio = stated_hz / found_hz
    if 0.99 < ratio / 1000.0 < 1.01:
        return "The times look like milliseconds: write seconds"
    if abs(found_hz - 1.0) < 1e-3:
        return "The times look like frame numbers: write seconds"
    return "Correct DataRate, or the times if they are wrong"


def _clock(path: Path, header: _Header, rows: Rows, time_s: FloatArray) -> Clock:
    """Return the even grid of a foreign file's times, which may be rounded and have holes."""
    stated = header.rate_hz()
    try:
        clock = even_clock(time_s, stated)
    except UnevenError as problem:
        found = f"{problem} in {rows.place(problem.row)}"
        raise _broken(path, "evenly spaced times", found, "Resample the markers") from None
    if not clock.rate_hz > 0.0:
        raise _broken(path, "a DataRate", f"'{header.stated.get('DataRate', '')}'")
    if stated is not None and abs(clock.rate_hz / stated - 1.0) > _RATE_CONTRADICTED:
        raise _broken(
            path,
            f"times {stated:g} Hz apart (DataRate)",
            f"{clock.rate_hz:.5g} Hz in the Time column ({time_s.size} rows, {time_s[0]:g} to "
            f"{time_s[-1]:g} s)",
            _rate_cause(stated, clock.rate_hz),
        )
    absent = int(clock.frames[-1]) + 1 - time_s.size
    if absent > time_s.size:
        row = max(clock.holes(), key=lambda hole: hole[1])[0]
        raise _broken(
            path,
            "one recording",
            f"{time_s.size} frames and {absent} absent ones, most before {rows.place(row)}, "
            f"{time_s[row]:g} s",
            "Keep one recording a file",
        )
    return clock


def _clock_notes(header: _Header, rows: Rows, clock: Clock, frames: FloatArray) -> tuple[str, ...]:
    """Return what there is to say of a foreign file's clock."""
    notes = []
    stated = header.rate_hz()
    if stated is None:
        notes.append(f"no DataRate that is a rate: {clock.rate_hz:.6g} Hz from the times")
    elif abs(clock.rate_hz / stated - 1.0) > SAME_RATE:
        notes.append(f"DataRate says {stated:g} Hz: {clock.rate_hz:.6g} Hz used, as the times are")
    if clock.off_s > 1e-6:
        notes.append(f"times up to {1000.0 * clock.off_s:.2g} ms off even ones: taken as even")
    holes = clock.holes()
    for row, absent in holes[:3]:
        notes.append(
            f"{absent} frames absent between {clock.time_s[row - 1]:.3f} and "
            f"{clock.time_s[row]:.3f} s, before {rows.place(row)}: markers are blank there"
        )
    if len(holes) > 3:
        absent = sum(count for _, count in holes[3:])
        notes.append(f"{absent} more frames absent in {len(holes) - 3} other places")
    steps = np.diff(frames)
    if not holes and steps.size and np.all(np.isfinite(steps)) and np.any(steps != steps[0]):
        row = int(np.flatnonzero(steps != steps[0])[0]) + 1
        notes.append(
            f"frame numbers jump from {frames[row - 1]:g} to {frames[row]:g} in "
            f"{rows.place(row)} where times do not: the times are used"
        )
    return tuple(notes)


def _blank_codes(
    positions: FloatArray, metres_per_unit: float
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return positions (T, M, 3) without what can be no place, and what there is to say of it.

    Programs that have no blank write one number three times, such as 9999. No marker is ever at a
    place whose coordinates are all the same to the last digit, less so twice. A lost decimal point
    puts one kilometres away.
    """
    notes = []
    same = (positions[..., 0] == positions[..., 1]) & (positions[..., 0] == positions[..., 2])
    codes, counts = np.unique(positions[same, 0], return_counts=True)
    coded = same & np.isin(positions[..., 0], codes[counts > 1])
    if np.any(coded):
        code = codes[counts > 1][0]
        notes.append(f"{np.count_nonzero(coded)} samples are {code:g} three times: left blank")
    far = ~coded & np.any(np.abs(positions) * metres_per_unit > _FAR_M, axis=2)
    if np.any(far):
        frame, marker = np.argwhere(far)[0]
        notes.append(
            f"{np.count_nonzero(far)} samples lie over {_FAR_M:g} m away, first in row "
            f"{frame + 1} of the data, marker {marker + 1}: left blank"
        )
    return np.where((coded | far)[..., np.newaxis], np.nan, positions), tuple(notes)


def blank_zeros(positions: FloatArray) -> FloatArray:
    """Return (T, M, 3) positions with unseen samples NaN in all three coordinates.

    A marker exactly at the origin has never been seen: it is how laboratory software
    writes a gap.
    """
    unseen = np.any(~np.isfinite(positions), axis=2) | np.all(positions == 0.0, axis=2)
    return np.where(unseen[:, :, np.newaxis], np.nan, positions)


def _times(path: Path, header: _Header, time_s: FloatArray) -> float:
    """Check the times of this project's own file against its DataRate and return that."""
    rate_hz = header.rate_hz()
    if rate_hz is None:
        raise _broken(path, "a DataRate", f"'{header.stated.get('DataRate', '')}'")
    if time_s.size > 1:
        found_hz = 1.0 / float(np.median(np.diff(time_s)))
        if abs(found_hz - rate_hz) > _RATE_CONTRADICTED * rate_hz:
            raise _broken(path, f"times {rate_hz:g} Hz apart (DataRate)", f"{found_hz:.4g} Hz")
    return rate_hz


def read_trc(path: Path, foreign: bool = False, needed: Collection[str] | None = None) -> Markers:
    """Read marker positions, (T, M, 3) metres, in the file's own axes.

    Blank, non-finite and exact (0, 0, 0) samples become NaN. Trailing tabs and a wrong
    marker count in the header do no harm.

    Args:
        path: the file.
        foreign: it comes from another program, which may round times, leave frames out, keep a
            count of frames from before a cut and prefix the runner's name. What is repaired
            stands in ``notes``: even times are rebuilt, absent frames are blank.
        needed: markers that somebody asks for; two that differ under one such name are refused,
            under another left out. None: all are needed.

    Raises:
        RecordingError: the file is absent, cut short, has no usable header, or its time
            column does not increase or disagrees with its DataRate.
        ExcludedError: an earlier step excluded the trial and left its reason here.
    """
    require_data(path, STEP)
    lines = read_text(path, STEP).split("\n")
    header = _header(path, lines)
    rows = Rows.below(path.name, lines, header.length)
    separator = rows.separator()
    axes = [f"{label or 'unnamed'} {axis}" for label in header.labels for axis in "XYZ"]
    columns = ["Frame#", "Time", *axes]
    _check_complete(path, rows, separator, len(columns))
    notes = _count_notes(path, header, rows, foreign)
    table = read_numbers(rows, separator, columns, STEP)
    time_s = table[:, 1].copy()
    check_increasing(rows, time_s, STEP, allow_equal=foreign)
    positions = blank_zeros(table[:, 2:].reshape(time_s.size, len(header.labels), 3))
    if foreign:
        # in the smallest unit in use where none is stated: what is far then is far in any
        stated_m = factor(LENGTHS, header.stated.get("Units", "")) or LENGTHS["mm"]
        positions, coded = _blank_codes(positions, stated_m)
        notes = (*notes, *coded, *_unnamed_notes(header, positions))
    names, positions, said = gather_markers(path.name, header.labels, positions, STEP, needed)
    stated = header.stated.get("Units", "")
    if not foreign:
        unit = factor(LENGTHS, stated)
        if unit is None:
            raise _broken(path, "Units of mm, cm or m", f"'{stated}'")
        return Markers(time_s, names, positions * unit, _times(path, header, time_s))
    unit, guessed = metres_per_unit(path.name, "Units", stated, positions, STEP)
    clock = _clock(path, header, rows, time_s)
    notes = (*notes, *said, *guessed, *_clock_notes(header, rows, clock, table[:, 0]))
    grid_s = clock.grid_s()
    whole = np.full((grid_s.size, *positions.shape[1:]), np.nan)
    whole[clock.frames] = positions * unit
    return Markers(grid_s, names, whole, clock.rate_hz, tuple(notes))


def write_trc(path: Path, markers: Markers) -> None:
    """Write markers in metres, whole or not at all; unseen samples are written ``NaN``.

    Raises:
        ValueError: shapes do not fit each other.
    """
    frames, count = markers.time_s.size, len(markers.names)
    if markers.positions_m.shape != (frames, count, 3):
        raise ValueError(f"positions {markers.positions_m.shape} for {frames} x {count} markers")
    rate = f"{markers.rate_hz:.10g}"
    labels = "\t\t\t".join(markers.names)
    axes = "\t".join(f"{axis}{number}" for number in range(1, count + 1) for axis in "XYZ")
    header = (
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}\n"
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\t"
        "OrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
        f"{rate}\t{rate}\t{frames}\t{count}\tm\t{rate}\t1\t{frames}\n"
        f"Frame#\tTime\t{labels}\t\t\n\t\t{axes}\n\n"
    )
    coordinates = markers.positions_m.reshape(frames, 3 * count)
    numbered = np.column_stack([np.arange(1, frames + 1), markers.time_s, coordinates])
    with whole_file(path) as sibling, sibling.open("w", encoding="utf-8", newline="\n") as out:
        out.write(header)
        out.write(format_rows(numbered))
