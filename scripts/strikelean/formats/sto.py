"""OpenSim's STO and MOT tables, in the header style that OpenSim 4 and its GUI open."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.files import require_data, whole_file
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.formats.text import Rows, check_increasing, read_numbers, read_text

STEP = "read_table"
# Counted afresh by every writer, so never carried along as header values.
_COUNTS = ("nrows", "ncolumns", "datarows", "datacolumns", "range", "version", "indegrees", "name")
_ROWS = re.compile(r"^\s*(?:nRows\s*=|datarows)\s*(\d+)", re.IGNORECASE | re.MULTILINE)


def _broken(path: Path, expected: str, found: str) -> RecordingError:
    return RecordingError(
        STEP, f"{expected} in {path.name}", found, "Export the file again, or repair its text"
    )


def _names(path: Path, line: str, rows: Rows) -> tuple[str, ...]:
    """Return the column names, with ``time``; between tabs a name may hold blanks."""
    between_tabs = tuple(name.strip() for name in line.strip().split("\t"))
    first_row = rows.cells(0, rows.separator()) if rows.lines else []
    labels = between_tabs if len(between_tabs) == len(first_row) else tuple(line.split())
    labels = tuple(label.strip().strip("\"'").strip() for label in labels)
    first = re.sub(r"[\[(].*", "", labels[0]).strip().lower()
    if first != "time":
        raise _broken(path, "a first column 'time'", f"'{labels[0]}'")
    if len(set(labels)) < len(labels):
        twice = next(name for name in labels if labels.count(name) > 1)
        raise _broken(path, "every column name once", f"'{twice}' more than once")
    return labels


def _split_header(path: Path, lines: list[str]) -> tuple[dict[str, str], bool, int]:
    """Return header values, in_degrees, and the number of the line of column names, from 0."""
    header: dict[str, str] = {}
    in_degrees, ended = False, False
    for number, line in enumerate(lines):
        word = line.strip()
        if ended and word:
            return header, in_degrees, number
        key, found, value = word.partition("=")
        if word.lower() == "endheader":
            ended = True
        elif found and key.strip().lower() == "indegrees":
            in_degrees = value.strip().lower() in ("yes", "true", "1")
        elif found and key.strip().lower() not in _COUNTS:
            header[key.strip()] = value.strip()
    raise _broken(path, "a line 'endheader' and a row of column names", "neither")


def _check_complete(path: Path, rows: Rows, separator: str | None, columns: int) -> None:
    """Refuse rows that stop early: numbers are absent, or others stand in their place."""
    if not rows.lines:
        raise _broken(path, "rows of numbers", "none")
    # blank cells at a row's end count where tabs separate them, unless the file ends there
    filled = rows.widths(separator)
    widths = [line.count(separator) + 1 for line in rows.lines] if separator else filled
    if not rows.ended:
        widths[-1] = filled[-1]
    row = next((row for row, width in enumerate(widths) if width < columns), None)
    if row is not None:
        last = "in the last row: the file was cut off" if row == len(widths) - 1 else "in a row"
        raise _broken(path, f"{columns} numbers {last}", f"{widths[row]} in {rows.place(row)}")
    if rows.is_last_number_cut(separator):
        found = "one cut off in the middle of the last number"
        raise _broken(path, "a complete last row", found)


def _check_rows(path: Path, rows: Rows, stated: int | None, foreign: bool) -> tuple[str, ...]:
    """Return what there is to say of the number of rows that the header states."""
    found = len(rows.lines)
    if stated is None or stated == found:
        return ()
    if found < stated and not (foreign and rows.ended):
        cut = "" if rows.ended else ", the last one without an end: the file was cut off"
        raise _broken(path, f"{stated} rows, as its header states,", f"{found}{cut}")
    return (f"{path.name}: the header states {stated} rows, {found} are there",) * foreign


def read_sto(path: Path, foreign: bool = False) -> TimeSeries:
    """Read an .sto or .mot file of any OpenSim header version.

    Args:
        path: the file.
        foreign: it comes from another program. OpenSim itself leaves the count of rows as it was
            when it trims a table, so fewer rows are noted, not refused, unless the last one is
            cut off; and times may be rounded until two are equal.

    Returns:
        The table: time (T,), values (T, C) in the file's own units; numbers written as
        NaN stay NaN.

    Raises:
        RecordingError: the file is absent, cut short, not a table, or its time does not
            increase.
        ExcludedError: an earlier step excluded the trial and left its reason here.
    """
    require_data(path, STEP)
    lines = [line.lstrip() for line in read_text(path, STEP).split("\n")]
    header, in_degrees, named = _split_header(path, lines)
    rows = Rows.below(path.name, lines, named + 1)
    columns, separator = _names(path, lines[named], rows), rows.separator()
    _check_complete(path, rows, separator, len(columns))
    table = read_numbers(rows, separator, columns, STEP)
    stated = _ROWS.search("\n".join(lines[:named]))
    notes = _check_rows(path, rows, int(stated[1]) if stated else None, foreign)
    check_increasing(rows, table[:, 0], STEP, allow_equal=foreign)
    values = table[:, 1:].copy()
    return TimeSeries(table[:, 0].copy(), columns[1:], values, in_degrees, header, notes)


def format_rows(table: FloatArray, digits: int = 12) -> str:
    """Format (T, C) numbers as tab-separated lines; not-a-number is written ``NaN``.

    Twelve digits: accelerations are differences of places that may lie 10 m from the origin,
    on a clock that may stand at 100 000 s.
    """
    line = "\t".join([f"%.{digits}g"] * table.shape[1]) + "\n"
    text: str = (line * table.shape[0]) % tuple(table.ravel().tolist())
    return text.replace("nan", "NaN")


def write_sto(path: Path, series: TimeSeries, name: str | None = None) -> None:
    """Write a table as .sto or .mot (the format is the same), whole or not at all.

    Args:
        path: where to; its folder is made.
        series: the table; ``header`` entries become ``key=value`` lines.
        name: title in the first line, the file's stem when None.

    Raises:
        ValueError: shapes do not fit each other, or time does not increase.
    """
    values = np.asarray(series.values, dtype=np.float64)
    if values.shape != (series.time_s.size, len(series.columns)):
        raise ValueError(
            f"values {values.shape} for {series.time_s.size} times, {len(series.columns)} columns"
        )
    if np.any(np.diff(series.time_s) <= 0):
        raise ValueError("time must increase")
    lines = [
        name or path.stem,
        "version=1",
        f"nRows={values.shape[0]}",
        f"nColumns={values.shape[1] + 1}",
        f"inDegrees={'yes' if series.in_degrees else 'no'}",
        *(f"{key}={value}" for key, value in series.header.items()),
        "endheader",
        "\t".join(("time", *series.columns)),
    ]
    with whole_file(path) as sibling, sibling.open("w", encoding="utf-8", newline="\n") as out:
        out.write("\n".join(lines) + "\n")
        out.write(format_rows(np.column_stack([series.time_s, values])))
