"""One bad runner does not stop the others: notes of exclusion in place of results.

A step that cannot use a trial writes its reason where its results would be, in one line; each
later step passes the line on, and the quality table lists it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from strikelean.formats.files import EXCLUDED_PREFIX, excluded_reason, write_text


def first_exclusion(paths: Iterable[Path]) -> str | None:
    """Return the reason in the first file that holds a note instead of data, or None."""
    for path in paths:
        reason = excluded_reason(path) if path.is_file() else None
        if reason is not None:
            return reason
    return None


def write_exclusion(paths: Iterable[Path], reason: str) -> None:
    """Write a note with the reason, in one line, in place of each of some results."""
    line = " ".join(reason.split())
    for path in paths:
        write_text(path, f"{EXCLUDED_PREFIX}{line}\n")
