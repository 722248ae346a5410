"""What every reader and writer of this package does before and after the format itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from strikelean.errors import ConfigError, DamagedError, ExcludedError, RecordingError
from strikelean.formats.checksums import is_changed

if TYPE_CHECKING:
    import pandas as pd

EXCLUDED_PREFIX = "strikelean-excluded: "
FAILED_PREFIX = "strikelean-failed: "


@dataclass(frozen=True)
class Note:
    """Why there is no data in a file.

    Attributes:
        reason: in one line.
        failed: whether the cause is not in the recordings: a defect of the program, a file that
            was damaged. Such a result is tried again in the next run.
    """

    reason: str
    failed: bool = False


def _note_in(path: Path) -> Note | None:
    with path.open("rb") as stream:
        line = stream.readline(65536)
    for prefix, failed in ((EXCLUDED_PREFIX, False), (FAILED_PREFIX, True)):
        if line.startswith(prefix.encode()):
            text = line.decode("utf-8", errors="replace")
            return Note(text.removeprefix(prefix).strip(), failed)
    return None


def read_note(path: Path) -> Note | None:
    """Return why there is no data in a file, or None when it is what it should be."""
    return Note(str(DamagedError(path)), failed=True) if is_changed(path) else _note_in(path)


def excluded_reason(path: Path) -> str | None:
    """Return why there is no data in a file, in one line, or None when it is what it should be."""
    note = read_note(path)
    return None if note is None else note.reason


def require_data(path: Path, step: str) -> None:
    """Check that a file exists, is as it was written, not empty and no note of an earlier step.

    Raises:
        RecordingError: the file is absent or empty.
        DamagedError: it is not what a stage wrote any more.
        ExcludedError: an earlier step wrote in its place why it has nothing to give.
    """
    if path.is_file() and is_changed(path):
        raise DamagedError(path)
    if not path.is_file() or path.stat().st_size == 0:
        found = "an empty file" if path.is_file() else "no such file"
        raise RecordingError(step, f"a file {path}", found, "Check the path in the tables")
    note = _note_in(path)
    if note is not None:
        found = f"{ExcludedError.PREFIX}{note.reason}"
        raise ExcludedError(step, f"data in {path.name}", found, "Mend that first")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a sibling path to write to; it becomes ``path`` only when nothing went wrong.

    A reader therefore never meets half a file, whatever stops the writer.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sibling = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield sibling
        sibling.replace(path)
    finally:
        sibling.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, with line feeds alone on every system."""
    with whole_file(path) as sibling, sibling.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)


def write_table(table: pd.DataFrame, path: Path, digits: int = 7) -> None:
    """Write a table as CSV with so many significant digits, whole or not at all."""
    printed, form = table.copy(deep=False), f"%.{digits}g"
    for place, kind in enumerate(table.dtypes):
        if kind == "float64":  # pandas would look at each number far longer
            values = table.iloc[:, place].tolist()
            printed.isetitem(place, ["" if value != value else form % value for value in values])
    with whole_file(path) as sibling:
        printed.to_csv(sibling, index=False, float_format=form, lineterminator="\n")


def read_rows(path: Path, kinds: Mapping[str, type] | None = None) -> pd.DataFrame:
    """Return a table of :func:`write_table`; a blank alone is no value, a runner may be called NA.

    Args:
        path: CSV.
        kinds: of columns, where they are not to be guessed.
    """
    import pandas as pd

    chosen = None if kinds is None else dict(kinds)
    return pd.read_csv(path, dtype=chosen, keep_default_na=False, na_values=[""])


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds, by the parser written in C where there is one."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


def read_statistics(
    path: Path, step: str, what: str, option: str
) -> tuple[dict[str, str], pd.DataFrame]:
    """Return the notes (``# key: text``) and the rows of a delivered table of group statistics.

    Args:
        path: CSV with a header of notes.
        step: that reads it, for the message.
        what: it holds, for the message.
        option: of the configuration that names it.

    Raises:
        ConfigError: no such file.
    """
    if not path.is_file():
        raise ConfigError(
            step,
            f"{what} {path}",
            "no such file",
            f"Set {option} to a delivered one, or build it: make templates DATA=...",
        )
    lines = path.read_text(encoding="utf-8").splitlines()
    notes = dict(
        line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line
    )
    # loaded here: every job of a run reads the configuration, few of them a table
    import pandas as pd

    return notes, pd.read_csv(path, comment="#")
