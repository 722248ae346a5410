"""One bad runner does not stop the others: notes in place of results.

A step that cannot use a trial writes its reason where its results would be, in one line; each
later step passes the line on, and the quality table lists it. Where the recordings are not to
blame (a defect of the program, a damaged file) the note says that it failed: the rest of the
cohort is made all the same, the run ends with an error, and the next run tries again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from strikelean.errors import FailedError
from strikelean.formats.files import (
    EXCLUDED_PREFIX,
    FAILED_PREFIX,
    Note,
    read_note,
    write_text,
)


def first_note(paths: Iterable[Path]) -> Note | None:
    """Return why some files give no data, or None when they all do.

    What failed comes before what was excluded, for it is to be mended first.
    """
    notes = [note for path in paths if path.is_file() and (note := read_note(path)) is not None]
    return next((note for note in notes if note.failed), notes[0] if notes else None)


def usable(paths: Iterable[Path]) -> list[Path]:
    """Return the files that give data; those that were excluded are left out.

    Raises:
        FailedError: one of them failed: what comes of the others alone would be taken for whole.
    """
    notes = {path: read_note(path) for path in paths}
    for path, note in notes.items():
        if note is not None and note.failed:
            raise FailedError("read_result", f"data in {path}", note.reason, "Mend that first")
    return [path for path, note in notes.items() if note is None]


def write_note(paths: Iterable[Path], note: Note) -> None:
    """Write a note, in one line, in place of each of some results."""
    prefix = FAILED_PREFIX if note.failed else EXCLUDED_PREFIX
    for path in paths:
        write_text(path, f"{prefix}{' '.join(note.reason.split())}\n")
