"""The last of a run: nothing failed, and these are the checksums of its results; or what failed.

Failures become notes, so that the rest of the cohort and its page are made. Here they end the run
with an error, and are cleared away: what is not there the next run makes anew, and that alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from strikelean.errors import FailedError
from strikelean.formats.checksums import FOLDER, checksum, checksum_line
from strikelean.formats.files import FAILED_PREFIX, read_note, write_text
from strikelean.report.parts import is_whole


def remove_failed(folder: Path) -> None:
    """Remove every note of something that failed, so that the next run tries it again."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent.name != FOLDER:
            with path.open("rb") as stream:
                failed = stream.read(len(FAILED_PREFIX)) == FAILED_PREFIX.encode()
            if failed:
                path.unlink()


def seal_results(paths: Iterable[Path], page: Path, output: Path) -> None:
    """Write the checksums of a cohort's results, once nothing of them failed.

    Args:
        paths: the results beside the page.
        page: report.html; its folder is the cohort's.
        output: table written, as ``sha256sum`` writes it.

    Raises:
        FailedError: something failed; the notes of it have been removed.
    """
    results = [*paths, page]
    reasons = dict.fromkeys(
        note.reason for path in results if (note := read_note(path)) is not None and note.failed
    )
    if not reasons and not is_whole(page):
        reasons[f"{page} lacks what is listed at its top"] = None
    if reasons:
        remove_failed(page.parent)
        raise FailedError(
            "seal_results",
            "no failure but of recordings",
            " ".join(reasons).rstrip("."),
            "The page was made without what failed; mend it and run again, for that alone",
        )
    lines = [checksum_line(path, checksum(path)) for path in sorted(set(results))]
    write_text(output, "\n".join(lines) + "\n")
