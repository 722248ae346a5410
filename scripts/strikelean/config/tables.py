"""The two tables: who ran, and which recordings there are."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strikelean.config.problems import Problem, did_you_mean, likely
from strikelean.config.schema import ValuePath, load_schema, schema_problems
from strikelean.formats.text import decode

_AS_TEXT = (
    "Save the table as text: in a spreadsheet 'Text (tab delimited)', 'Unicode text' or 'CSV', and "
    "name that file."
)
_SEPARATORS = "\t;,"
_QUOTE = 'A cell that holds the separator needs quotes around it: "run.trc;run.mot".'


@dataclass(frozen=True)
class Row:
    """One row of a table: its line in the file, and its filled cells by column."""

    file: str
    line: int
    cells: dict[str, Any]

    def place(self, key: str) -> str:
        """Return where a cell is, in words: line, subject, trial and column."""
        who = [f"{name} {self.cells[name]}" for name in ("subject", "trial") if name in self.cells]
        return f"line {self.line}{' (' + ', '.join(who) + ')' if who else ''}, {key}"

    def locate(self, path: ValuePath) -> tuple[str, str]:
        """Return file and place of the cell at a path into the row's document."""
        return self.file, self.place(str(path[0]) if path else "the row")

    def problem(self, key: str, expected: str, found: str, hint: str = "") -> Problem:
        """Return a problem with one cell of this row."""
        return Problem(self.file, self.place(key), expected, found, hint)


def _typed(text: str, kind: str) -> object:
    """Return a number where the column holds numbers and the text is one, else the text."""
    if kind != "number":
        return text
    # a spreadsheet writes 1,72 where that is the custom of the country
    plain = text.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+", text) else text
    try:
        number = float(plain)
    except ValueError:
        return text
    # no bound of a schema stops "nan"
    return number if math.isfinite(number) else text


def _header_problems(name: str, header: list[str], schema: Mapping[str, Any]) -> list[Problem]:
    known = list(schema["properties"])
    strangers = [column for column in header if column not in known]
    problems = []
    for column in strangers:
        unused = [key for key in known if key not in header]
        hint = did_you_mean(column, unused or known)
        if len(header) == 1 and re.search("[,; ]", column):
            hint = _AS_TEXT
        found = f"'{column}'" if column else "a column without a name"
        problems.append(Problem(name, "line 1", "a known column", found, hint))
    for column in sorted({column for column in header if header.count(column) > 1}):
        problems.append(Problem(name, "line 1", f"one column {column}", "several"))
    for column in schema["required"]:
        meant = any(likely(stranger, known) == column for stranger in strangers)
        if column not in header and not meant and len(header) > 1:
            problems.append(Problem(name, "line 1", f"a column {column}", "none"))
    return problems


def _filled(cells: list[str]) -> list[str]:
    """Return cells without blanks around them, nor blank ones at the end.

    Spreadsheets write a tab for every column that was ever used.
    """
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        del stripped[-1]
    return stripped


def _separator(lines: list[str]) -> tuple[str, int]:
    """Return what stands between cells, and how many lines say only that.

    Tabs; semicolons or commas where the line of column names has no tab, as a spreadsheet's CSV
    has. Some begin with a line ``sep=;``.
    """
    told = re.fullmatch(r"\"?sep=(.)\"?[\t;, ]*", lines[0], re.IGNORECASE) if lines else None
    if told is not None:
        return told[1], 1
    named = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    return next((mark for mark in _SEPARATORS if mark in named), "\t"), 0


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return line number and cells of every row; blank lines and comments are none.

    Raises:
        ValueError: a quoted cell never ends; its row would swallow those after it.
    """
    lines = text.split("\n")
    separator, first = _separator(lines)
    reader = csv.reader(lines[first:], delimiter=separator, strict=True)
    rows, number = [], first + 1
    try:
        for cells in reader:
            filled = _filled(cells)
            if filled and not filled[0].startswith("#"):
                rows.append((number, filled))
            number = first + reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"quotes in line {number} that do not match ({error})") from None
    return rows


def read_table(path: Path, schema_file: Path) -> tuple[list[Row], list[Problem]]:
    """Read a table of text and check every row on its own.

    Lines that are blank or start with ``#`` are skipped; blank cells are absent keys, so that
    a missing mass is missing and never a default. What spreadsheets make of such a table is
    taken too: UTF-16, other line ends, quoted cells, decimal commas, semicolons or commas between
    cells, blank ones at the end of a line.

    Args:
        path: the table.
        schema_file: JSON Schema of one row.

    Returns:
        Rows in file order, and what is wrong with the file, its header or its cells.
    """
    name = path.as_posix()
    try:
        lines = _rows(decode(path.read_bytes()))
    except FileNotFoundError:
        return [], [Problem(name, "the table", "a table of text", "no such file")]
    except (OSError, ValueError) as error:
        return [], [Problem(name, "the table", "a table of text", str(error), _AS_TEXT)]
    schema = load_schema(schema_file)
    if not lines:
        columns = ", ".join(schema["properties"])
        return [], [Problem(name, "line 1", f"the columns {columns}", "an empty file")]
    header = lines[0][1]
    problems = _header_problems(name, header, schema)
    if problems:
        return [], problems
    kinds = {key: entry.get("type", "string") for key, entry in schema["properties"].items()}
    rows = []
    for number, cells in lines[1:]:
        if len(cells) > len(header):
            expected = f"{len(header)} cells"
            problems.append(Problem(name, f"line {number}", expected, f"{len(cells)}", _QUOTE))
            continue
        filled = {key: cell for key, cell in zip(header, cells, strict=False) if cell}
        typed = {key: _typed(text, kinds[key]) for key, text in filled.items()}
        row = Row(name, number, typed)
        rows.append(row)
        problems += schema_problems(typed, schema_file, row.locate)
    return rows, problems
