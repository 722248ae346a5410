"""TRC marker files: millimetres, centimetres or metres in, always metres out."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.files import require_data, whole_file
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.sto import format_rows

STEP = "read_markers"
_METRES = {"m": 1.0, "meters": 1.0, "metres": 1.0, "cm": 1e-2, "mm": 1e-3}
_RATE_TOLERANCE = 0.01


def _broken(path: Path, expected: str, found: str) -> RecordingError:
    return RecordingError(
        STEP, f"{expected} in {path.name}", found, "Export the file again, or repair its text"
    )


def _header(path: Path, lines: list[str]) -> tuple[float, float, int, tuple[str, ...]]:
    """Return metres per unit, the rate and frame count it states, and the marker names."""
    if len(lines) < 6 or not lines[0].startswith("PathFileType"):
        raise _broken(path, "a TRC header of five lines and rows of data", "something else")
    keys = [word.strip() for word in lines[1].split("\t")]
    values = [word.strip() for word in lines[2].split("\t")]
    stated = dict(zip(keys, values, strict=False))
    unit = stated.get("Units", "").lower()
    if unit not in _METRES:
        raise _broken(path, "Units of mm, cm or m", f"'{stated.get('Units', '')}'")
    try:
        rate_hz = float(stated.get("DataRate", ""))
    except ValueError:
        raise _broken(path, "a DataRate", f"'{stated.get('DataRate', '')}'") from None
    # Names, not NumMarkers, say how many markers there are: exporters get the count wrong.
    names = tuple(name for word in lines[3].split("\t")[2:] if (name := word.strip()))
    if not names or len(set(names)) < len(names):
        twice = next((name for name in names if names.count(name) > 1), None)
        raise _broken(path, "every marker name once", f"'{twice}' twice" if twice else "no names")
    frames = stated.get("NumFrames", "")
    return _METRES[unit], rate_hz, int(frames) if frames.isdigit() else 0, names


def _table(path: Path, lines: list[str], markers: int) -> FloatArray:
    """Return the rows of data, (T, 2 + 3 M): frame, time, then coordinates."""
    needed = 2 + 3 * markers
    width = max(needed, *(line.count("\t") + 1 for line in lines))
    try:
        frame = pd.read_csv(
            io.StringIO("\n".join(lines)),
            sep="\t",
            header=None,
            names=range(width),
            dtype=np.float64,
            skipinitialspace=True,
        )
    except ValueError as problem:  # pandas' parser errors are ValueErrors
        raise _broken(path, "rows of numbers", " ".join(str(problem).split())) from None
    table: FloatArray = frame.to_numpy(dtype=np.float64)
    if not np.all(np.isnan(table[:, needed:])):
        raise _broken(path, f"{needed} columns for {markers} marker names", "numbers beyond them")
    return table[:, :needed]


def blank_zeros(positions: FloatArray) -> FloatArray:
    """Return (T, M, 3) positions with unseen samples NaN in all three coordinates.

    A marker exactly at the origin has never been seen: it is how laboratory software
    writes a gap.
    """
    unseen = np.any(~np.isfinite(positions), axis=2) | np.all(positions == 0.0, axis=2)
    return np.where(unseen[:, :, np.newaxis], np.nan, positions)


def read_trc(path: Path) -> Markers:
    """Read marker positions, (T, M, 3) metres, in the file's own axes.

    Blank, non-finite and exact (0, 0, 0) samples become NaN. Trailing tabs and a wrong
    marker count in the header do no harm.

    Raises:
        RecordingError: the file is absent, cut short, has no usable header, or its time
            column does not increase or disagrees with its DataRate.
        ExcludedError: an earlier step excluded the trial and left its reason here.
    """
    require_data(path, STEP)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    scale, rate_hz, stated_frames, names = _header(path, lines)
    rows = [line for line in lines[5:] if line.strip()]
    if len(rows) < max(1, stated_frames):
        raise _broken(path, f"{max(1, stated_frames)} rows of data (NumFrames)", f"{len(rows)}")
    table = _table(path, rows, len(names))
    time_s = table[:, 1].copy()
    if not np.all(np.isfinite(time_s)) or np.any(np.diff(time_s) <= 0):
        raise _broken(path, "a time column that increases", "one that does not")
    if time_s.size > 1:
        found_hz = 1.0 / float(np.median(np.diff(time_s)))
        if abs(found_hz - rate_hz) > _RATE_TOLERANCE * rate_hz:
            raise _broken(path, f"times {rate_hz:g} Hz apart (DataRate)", f"{found_hz:.4g} Hz")
    # A file cut off in the middle of a row would otherwise pass as a gap.
    if rows[-1].count("\t") + 1 < 2 + 3 * len(names) - 2:
        raise _broken(path, "a complete last row", f"{rows[-1].count(chr(9)) + 1} columns")
    positions = table[:, 2:].reshape(time_s.size, len(names), 3) * scale
    return Markers(time_s, names, blank_zeros(positions), rate_hz)


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
