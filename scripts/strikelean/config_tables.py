"""The two tables: who ran, and which recordings there are."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strikelean.config_problems import Problem, did_you_mean, likely
from strikelean.config_schema import ValuePath, load_schema, schema_problems


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
    try:
        number = float(text)
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
        if len(header) == 1 and ("," in column or ";" in column):
            hint = "Save the table with tabs between the columns."
        problems.append(Problem(name, "line 1", "a known column", f"'{column}'", hint))
    for column in sorted({column for column in header if header.count(column) > 1}):
        problems.append(Problem(name, "line 1", f"one column {column}", "several"))
    for column in schema["required"]:
        meant = any(likely(stranger, known) == column for stranger in strangers)
        if column not in header and not meant and len(header) > 1:
            problems.append(Problem(name, "line 1", f"a column {column}", "none"))
    return problems


def read_table(path: Path, schema_file: Path) -> tuple[list[Row], list[Problem]]:
    """Read a tab-separated table and check every row on its own.

    Lines that are blank or start with ``#`` are skipped; blank cells are absent keys, so that
    a missing mass is missing and never a default.

    Args:
        path: the table.
        schema_file: JSON Schema of one row.

    Returns:
        Rows in file order, and what is wrong with the file, its header or its cells.
    """
    name = path.as_posix()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [Problem(name, "the table", "a tab-separated file", "no such file")]
    except (OSError, UnicodeDecodeError) as error:
        return [], [Problem(name, "the table", "a readable UTF-8 text file", str(error))]
    lines = [
        (number, cells)
        for number, cells in enumerate(csv.reader(text.splitlines(), delimiter="\t"), 1)
        if any(cell.strip() for cell in cells) and not cells[0].startswith("#")
    ]
    schema = load_schema(schema_file)
    if not lines:
        columns = ", ".join(schema["properties"])
        return [], [Problem(name, "line 1", f"the columns {columns}", "an empty file")]
    header = [cell.strip() for cell in lines[0][1]]
    problems = _header_problems(name, header, schema)
    if problems:
        return [], problems
    kinds = {key: entry.get("type", "string") for key, entry in schema["properties"].items()}
    rows = []
    for number, cells in lines[1:]:
        if len(cells) > len(header):
            expected = f"{len(header)} cells"
            problems.append(Problem(name, f"line {number}", expected, f"{len(cells)}"))
            continue
        filled = {
            key: cell.strip() for key, cell in zip(header, cells, strict=False) if cell.strip()
        }
        typed = {key: _typed(text, kinds[key]) for key, text in filled.items()}
        row = Row(name, number, typed)
        rows.append(row)
        problems += schema_problems(typed, schema_file, row.locate)
    return rows, problems
