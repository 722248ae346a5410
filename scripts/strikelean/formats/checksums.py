"""Whether a result is still what its stage wrote: its checksum is kept in a folder beside it.

A result is read by later stages, perhaps in a later run. In between it may have been edited, cut
short or garbled; its shape may still be right and its numbers wrong. Nothing in a file can say
that of itself, so the check is by its bytes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = ".checksums"
"""Hidden, beside the results it speaks of; each entry is named as its result."""


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksum_line(path: Path, digest: str) -> str:
    """Return a line as ``sha256sum`` writes it: digest, two blanks, path."""
    return f"{digest}  {path.as_posix()}"


def _record(path: Path) -> Path:
    return path.parent / FOLDER / path.name


def write_checksum(path: Path, content: Path) -> None:
    """Keep the checksum of a result that is about to be moved to its place.

    Args:
        path: its place.
        content: the file that will be there.
    """
    record = _record(path)
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(checksum_line(path, checksum(content)) + "\n", encoding="utf-8")


def is_changed(path: Path) -> bool:
    """Whether a result is no longer what its stage wrote.

    False where nothing is known: of a file that no stage wrote, and of a copy in another place,
    which may well be somebody's own to edit.
    """
    record = _record(path)
    if not record.is_file():
        return False
    digest, _, place = record.read_text(encoding="utf-8").strip().partition("  ")
    return place == path.as_posix() and digest != checksum(path)
