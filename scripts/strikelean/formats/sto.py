"""OpenSim's STO and MOT tables, in the header style that OpenSim 4 and its GUI open."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.files import require_data, whole_file
from strikelean.formats.series import FloatArray, TimeSeries

STEP = "read_table"
_MAX_HEADER_LINES = 200
# Counted afresh by every writer, so never carried along as header values.
_COUNTS = ("nrows", "ncolumns", "datarows", "datacolumns", "range", "version", "indegrees", "name")
_ROWS = re.compile(r"^\s*(?:nRows\s*=|datarows)\s*(\d+)", re.IGNORECASE | re.MULTILINE)
_NOT_NUMBERS = ["nan", "-nan", "-nan(ind)", "nan(ind)", "1.#QNAN", "-1.#IND"]


def _broken(path: Path, expected: str, found: str) -> RecordingError:
    return RecordingError(
        STEP, f"{expected} in {path.name}", found, "Export the file again, or repair its text"
    )


def _split_header(path: Path, text: str) -> tuple[dict[str, str], bool, tuple[str, ...], int]:
    """Return header values, in_degrees, column labels and the offset of the first data row."""
    header: dict[str, str] = {}
    offset, in_degrees, ended = 0, False, False
    for line in io.StringIO(text[:1_000_000]):
        offset += len(line)
        word = line.strip()
        if ended and word:
            labels = tuple(word.split())
            if labels[0].lower() != "time":
                raise _broken(path, "a first column 'time'", f"'{labels[0]}'")
            if len(set(labels)) < len(labels):
                twice = next(name for name in labels if labels.count(name) > 1)
                raise _broken(path, "every column name once", f"'{twice}' more than once")
            return header, in_degrees, labels[1:], offset
        key, found, value = word.partition("=")
        if word.lower() == "endheader":
            ended = True
        elif found and key.strip().lower() == "indegrees":
            in_degrees = value.strip().lower() in ("yes", "true", "1")
        elif found and key.strip().lower() not in _COUNTS:
            header[key.strip()] = value.strip()
    raise _broken(path, "a line 'endheader' and a row of column names", "neither")


def read_sto(path: Path) -> TimeSeries:
    """Read an .sto or .mot file of any OpenSim header version.

    Returns:
        The table: time (T,), values (T, C) in the file's own units; numbers written as
        NaN stay NaN.

    Raises:
        RecordingError: the file is absent, cut short, not a table, or its time does not
            increase.
        ExcludedError: an earlier step excluded the trial and left its reason here.
    """
    require_data(path, STEP)
    text = path.read_text(encoding="utf-8", errors="replace")
    header, in_degrees, columns, start = _split_header(path, text)
    try:
        frame = pd.read_csv(
            io.StringIO(text[start:]),
            sep=r"\s+",
            header=None,
            dtype=np.float64,
            na_values=_NOT_NUMBERS,
        )
    except ValueError as problem:  # pandas' parser errors are ValueErrors
        raise _broken(path, "rows of numbers", " ".join(str(problem).split())) from None
    table: FloatArray = frame.to_numpy(dtype=np.float64)
    if table.shape[1] != len(columns) + 1:
        raise _broken(path, f"{len(columns) + 1} columns", f"rows of {table.shape[1]}")
    stated = _ROWS.search(text[:start])
    if stated and int(stated[1]) > table.shape[0]:
        raise _broken(path, f"{stated[1]} rows, as its header states,", f"{table.shape[0]}")
    # Rows that stop early come back as NaN at their end; a NaN is only honest if written.
    words = len(text.rstrip().rpartition("\n")[2].split())
    if words != len(columns) + 1:
        raise _broken(path, f"{len(columns) + 1} numbers in the last row", f"{words}")
    if not np.all(np.isfinite(table[:, 0])) or np.any(np.diff(table[:, 0]) <= 0):
        raise _broken(path, "a time column that increases", "one that does not")
    return TimeSeries(table[:, 0].copy(), columns, table[:, 1:].copy(), in_degrees, header)


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
