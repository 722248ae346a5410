"""One bad runner does not stop the others: notes in place of results.

A step that cannot use a trial writes its reason where its results would be, in one line; each
later step passes the line on, and the quality table lists it. Where the recordings are not to
blame (a defect of the program, a damaged file) the note says that it failed: the rest of the
cohort is made all the same, the run ends with an error, and the next run tries again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from strikelean.errors import StrikeleanError
from strikelean.formats.checksums import FOLDER, checksum, checksum_line
from strikelean.formats.files import (
    EXCLUDED_PREFIX,
    FAILED_PREFIX,
    Note,
    read_note,
    write_text,
)


def first_note(paths: Iterable[Path]) -> Note | None:
    """Return why some files give no data, or None when they all do.

    What failed comes before what was excluded, all of it, for it is to be mended first.
    """
    notes = [note for path in paths if path.is_file() and (note := read_note(path)) is not None]
    failed = dict.fromkeys(note.reason for note in notes if note.failed)
    if failed:
        return Note(" ".join(failed), failed=True)
    return notes[0] if notes else None


def write_note(paths: Iterable[Path], note: Note) -> None:
    """Write a note, in one line, in place of each of some results."""
    prefix = FAILED_PREFIX if note.failed else EXCLUDED_PREFIX
    for path in paths:
        write_text(path, f"{prefix}{' '.join(note.reason.split())}\n")


def remove_failed(folder: Path) -> None:
    """Remove every note of something that failed, so that the next run tries it again."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent.name != FOLDER:
            with path.open("rb") as stream:
                failed = stream.read(len(FAILED_PREFIX)) == FAILED_PREFIX.encode()
            if failed:
                path.unlink()


def seal_results(paths: Iterable[Path], folder: Path, output: Path) -> None:
    """Write the checksums of a cohort's results, once nothing of them failed.

    Args:
        paths: the results.
        folder: of the cohort.
        output: table written, as ``sha256sum`` reads it from the folder above the results.

    Raises:
        StrikeleanError: something failed; the notes of it have been removed.
    """
    results = list(paths)
    reasons = dict.fromkeys(
        note.reason for path in results if (note := read_note(path)) is not None and note.failed
    )
    if reasons:
        remove_failed(folder)
        raise StrikeleanError(
            "seal_results",
            "that every result can be made",
            f"{len(reasons)} that failed, for no fault of the recordings: {' '.join(reasons)}",
            "The page was made without them; a new run tries them alone again",
        )
    lines = [checksum_line(path, checksum(path)) for path in sorted(set(results))]
    write_text(output, "\n".join(lines) + "\n")
