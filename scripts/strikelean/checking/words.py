"""The table of a check as text, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from strikelean.checking.cohort import NOTHING, CohortChecked, Row

WIDTHS = (24, 42, 34, 16)
HEADER = ("file (runner trial)", "what was found", "what to do", "what will follow")
ORDER = ("mistake", "fault", "warning", "note")
# one cause is often in every file: named are the first few
NAMED = 3


def _where(rows: Sequence[Row]) -> str:
    """Return the files of rows that say the same, with their runners and trials."""
    places = []
    for row in rows[:NAMED]:
        who = " ".join(part for part in (row.subject, row.trial) if part)
        places.append(f"{row.file} ({who})" if who and row.file else row.file or who)
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
    alike: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in checked.rows:
        if row.weight:
            alike.setdefault((row.weight, row.found, row.action, row.follows), []).append(row)
    ordered = sorted(alike.items(), key=lambda pair: ORDER.index(pair[0][0]))
    rule = "  ".join("-" * width for width in WIDTHS)
    lines = [*_lines(HEADER), rule] if ordered else []
    for (_, found, action, follows), rows in ordered:
        lines += [*_lines((_where(rows), found, action or "nothing", follows)), ""]
    clean = sum(not row.weight for row in checked.rows)
    if clean:
        files = f"{clean}{' other' if ordered else ''} file{'' if clean == 1 else 's'}"
        lines.append(f"{files}: {NOTHING}.")
    lines += ["", f"{checked.last_words()} Pictures of every runner: {page}"]
    return "\n".join(lines) + "\n"
