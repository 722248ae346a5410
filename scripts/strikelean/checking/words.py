"""The table of a check as text, for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from strikelean.checking.cohort import NOTHING, CohortChecked, Row, worst_first

WIDTHS = (22, 26, 16, 9)
"""Of the columns: a window of 80 letters holds the table."""
HEADER = ("file (runner, trial)", "what was found", "what to do", "what will follow")
# one cause is often in every file: named are the first few
NAMED = 3


def _kind(row: Row) -> tuple[str, ...]:
    """Return by what rows are told together: what is wrong by its words, all else by its kind."""
    found = row.found
    if row.kind in ("warning", "note"):
        # up to the first figure: the rest is each file's own
        found = re.split(r"[:;]|\d", found, maxsplit=1)[0]
        found = found.removeprefix(row.file)
    return row.kind, found, row.action, row.follows


def _where(rows: Sequence[Row]) -> str:
    """Return the files of rows that say the same, with their runners and trials."""
    places = []
    for row in rows[:NAMED]:
        who = " ".join(part for part in (row.subject, row.trial) if part)
        file = row.file.replace(";", "; ")
        places.append(f"{file} ({who})" if who and file else file or who)
    more = f"\nand {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return "\n".join(places) + more


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, width) or [""]
    return lines


def _lines(cells: Sequence[str]) -> Iterator[str]:
    columns = [_wrapped(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)]
    for number in range(max(map(len, columns))):
        parts = [column[number] if number < len(column) else "" for column in columns]
        padded = (f"{part:<{width}}" for part, width in zip(parts, WIDTHS, strict=True))
        yield "  ".join(padded).rstrip()


def table_text(checked: CohortChecked, page: str) -> str:
    """Return the table, worst first, rows that say the same as one, and its last words.

    Args:
        checked: the whole check.
        page: where the pictures are, for people.
    """
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in worst_first(checked.rows):
        alike.setdefault(_kind(row), []).append(row)
    rule = "  ".join("-" * width for width in WIDTHS)
    lines = [*_lines(HEADER), rule] if alike else []
    for rows in alike.values():
        first = rows[0]
        found = first.found
        found += "; the others alike" if any(row.found != found for row in rows) else ""
        lines += [*_lines((_where(rows), found, first.action or "nothing", first.follows)), ""]
    clean = sum(not row.kind for row in checked.rows)
    if clean:
        files = f"{clean}{' other' if alike else ''} file{'' if clean == 1 else 's'}"
        lines.append(f"{files}: {NOTHING}.")
    lines += ["", *textwrap.wrap(checked.last_words(), sum(WIDTHS) + 6)]
    lines.append(f"Pictures of every runner: {page}")
    return "\n".join(lines) + "\n"
