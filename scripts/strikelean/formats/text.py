"""What text files have in common: encodings, line ends, words for not-a-number, rows of numbers."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray

# Byte order marks, the longest first: that of UTF-32 begins as that of UTF-16 does.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A spreadsheet's own file begins so: zipped (.xlsx, .ods) or as a compound document (.xls).
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# How C, C++, Fortran, MATLAB and spreadsheets write what is no number.
_NOT_NUMBERS = frozenset(
    [
        "",
        "#N/A",
        "N/A",
        "NA",
        "#NUM!",
        "#DIV/0!",
        *("".join(parts) for parts in product(("", "-", "+"), ("1.#QNAN", "1.#IND", "1.#SNAN"))),
        *(
            "".join(parts)
            for parts in product(
                ("", "-", "+"), ("nan", "NaN", "NAN"), ("", "(ind)", "(IND)", "(snan)", "(SNAN)")
            )
        ),
    ]
)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(1\.#INF|inf(inity)?)", re.I)
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")


def decode(raw: bytes) -> str:
    """Return the text of a file: by its byte order mark, else UTF-8, else Windows' western page.

    Line ends of every system become line feeds.

    Raises:
        ValueError: it is no text; the message says what it is.
    """
    if raw.startswith(_WORKBOOKS):
        raise ValueError("a spreadsheet's own file, not text")
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "")
    if not encoding and b"\x00" in raw[:200]:
        # no mark: every other byte of western text is zero
        encoding = "utf-16-be" if raw[:1] == b"\x00" else "utf-16-le"
    try:
        text = raw.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            raise ValueError("bytes that are no text") from None
        text = raw.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise ValueError("bytes that are no text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path, step: str) -> str:
    """Return the text of a recording's file in any usual encoding.

    Raises:
        RecordingError: it is no text.
    """
    try:
        return decode(path.read_bytes())
    except ValueError as problem:
        raise RecordingError(
            step, f"text in {path.name}", str(problem), "Export the file again"
        ) from None


@dataclass(frozen=True)
class Rows:
    """The rows of data of a text file.

    Attributes:
        file: its name.
        lines: R rows as they stand there.
        numbers: R line numbers in the file, the first line is 1.
        ended: whether the last row ends with a line feed: a file that was cut off does not.
    """

    file: str
    lines: tuple[str, ...]
    numbers: tuple[int, ...]
    ended: bool

    @classmethod
    def below(cls, file: str, lines: Sequence[str], header: int) -> Rows:
        """Return the filled rows below ``header`` lines of a text split at its line feeds."""
        kept = [number for number in range(header, len(lines)) if lines[number].strip()]
        numbers = tuple(number + 1 for number in kept)
        ended = bool(kept) and kept[-1] < len(lines) - 1
        return cls(file, tuple(lines[number] for number in kept), numbers, ended)

    def place(self, row: int) -> str:
        """Return where a row is, for people; rows count from 0."""
        return f"line {self.numbers[row]} (row {row + 1} of the data)"

    def separator(self) -> str | None:
        """Return what stands between the cells: a tab where there is one, None for blanks."""
        return "\t" if self.lines and "\t" in self.lines[0].strip() else None

    def cells(self, row: int, separator: str | None) -> list[str]:
        """Return the cells of one row, without blanks around them."""
        line = self.lines[row]
        return [cell.strip() for cell in line.split(separator)] if separator else line.split()

    def widths(self, separator: str | None) -> list[int]:
        """Return how many cells each row has; blank ones at its end do not count."""
        if separator is None:
            return [len(line.split()) for line in self.lines]
        # the last cell is filled once blanks are gone, so the separators say how many there are
        return [line.rstrip().count(separator) + 1 for line in self.lines]

    def is_last_number_cut(self, separator: str | None) -> bool:
        """Return whether the very last number lacks decimals that those above it all have."""
        if self.ended or len(self.lines) < 3:
            return False
        last = [self.lines[row].split(separator)[-1].strip() for row in range(len(self.lines))]
        decimals = [len(cell.partition(".")[2]) for cell in last]
        return len(set(decimals[:-1])) == 1 and decimals[-1] < decimals[0]


def _number(cell: str) -> float:
    """Return the number in a cell, NaN for every way to say that there is none, or ValueError."""
    if cell in _NOT_NUMBERS:
        return float("nan")
    if not _NUMBER.fullmatch(cell):
        raise ValueError(cell)
    return float(re.sub(r"1\.#INF", "inf", cell, flags=re.IGNORECASE))


def _by_hand(rows: Rows, separator: str | None, columns: Sequence[str], step: str) -> FloatArray:
    """Return the numbers cell by cell, or name the first cell that holds none."""
    table = np.full((len(rows.lines), len(columns)), np.nan)
    for row in range(len(rows.lines)):
        for place, cell in enumerate(rows.cells(row, separator)[: len(columns)]):
            try:
                table[row, place] = _number(cell)
            except ValueError:
                action = "Correct it, or export the file again"
                if _DECIMAL_COMMA.fullmatch(cell):
                    action = "Write a point, not a comma, before decimals"
                raise RecordingError(
                    step,
                    f"numbers in {rows.file}",
                    f"'{cell[:40]}' in {rows.place(row)}, column {columns[place]}",
                    action,
                ) from None
    return table


def read_numbers(
    rows: Rows, separator: str | None, columns: Sequence[str], step: str
) -> FloatArray:
    """Return the rows as numbers, (R, C); blank cells and words for not-a-number are NaN.

    Rows may be longer only by blank cells; that they are long enough is the caller's to check.

    Raises:
        RecordingError: a cell holds no number, by its line and column, or a row holds more cells
            than there are columns.
    """
    widths = rows.widths(separator)
    longest = int(np.argmax(widths))
    if widths[longest] > len(columns):
        raise RecordingError(
            step,
            f"{len(columns)} columns in {rows.file}",
            f"{widths[longest]} in {rows.place(longest)}",
            "Name every column, or export the file again",
        )
    try:
        frame = pd.read_csv(
            io.StringIO("\n".join(rows.lines)),
            sep=separator or r"\s+",
            header=None,
            names=range(max(len(columns), *(line.count("\t") + 1 for line in rows.lines))),
            dtype=np.float64,
            na_values=sorted(_NOT_NUMBERS),
            quoting=csv.QUOTE_NONE,
            skipinitialspace=True,
        )
    except ValueError:  # pandas' parser errors are ValueErrors
        return _by_hand(rows, separator, columns, step)
    table: FloatArray = frame.to_numpy(dtype=np.float64)[:, : len(columns)]
    return table


def check_increasing(rows: Rows, time_s: FloatArray, step: str, allow_equal: bool) -> None:
    """Refuse times that are blank or go back, by the row.

    Raises:
        RecordingError: names the first such row; equal times are told by the clock where allowed.
    """
    blank = np.flatnonzero(~np.isfinite(time_s))
    if blank.size:
        found = f"a blank one in {rows.place(int(blank[0]))}"
        raise RecordingError(step, f"times in {rows.file}", found, "Export the file again")
    steps = np.diff(time_s)
    back = np.flatnonzero(steps < 0.0 if allow_equal else steps <= 0.0)
    if back.size:
        row = int(back[0]) + 1
        raise RecordingError(
            step,
            f"times that increase in {rows.file}",
            f"{time_s[row]:g} s after {time_s[row - 1]:g} s in {rows.place(row)}",
            "Remove rows that stand twice or in the wrong place, or export the file again",
        )
