"""``new-study NAME FROM``: from a folder of recordings to a study that waits for what is blank."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from strikelean import resources
from strikelean.config.checks import SAFE_NAME
from strikelean.drafting.draft import draft_study
from strikelean.drafting.recordings import STEP, read_folder
from strikelean.drafting.summary import summary_text
from strikelean.drafting.unknown_sets import draft_sets
from strikelean.drafting.write import SUMMARY, write_study
from strikelean.errors import ConfigError, StrikeleanError
from strikelean.markersets_known import fitting, load_known
from strikelean.virtual.settings import COHORT


def _require_new(folder: Path) -> None:
    name = folder.resolve().name
    if not re.fullmatch(SAFE_NAME, name) or name.lower() == COHORT:
        raise ConfigError(
            STEP,
            f"a name of letters, digits, dot, dash and underscore in NAME, other than {COHORT}",
            f"'{name}'",
            "Give the study another name",
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            STEP,
            f"no folder {folder} yet",
            "one with files in it",
            "Give the study another name, or move that folder away: nothing is overwritten",
        )


def _root(recordings: Path) -> Path:
    """Return the folder of the recordings as the configuration names it.

    Relative where it lies below the working folder, so that both may be moved together.
    """
    whole, here = recordings.resolve(), Path.cwd().resolve()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole


def new_study(folder: Path, recordings: Path) -> str:
    """Draft a study from a folder of recordings.

    Args:
        folder: written to; its name is the cohort's.
        recordings: C3D files, or TRC files with tables of forces, in any folders below.

    Returns:
        The summary, which is also in the folder.

    Raises:
        ConfigError: the folder is not new, or nobody runs in the recordings.
    """
    _require_new(folder)
    read = read_folder(recordings)
    known = load_known(resources.top() / "models" / "markersets")
    draft, drafted = draft_sets(draft_study(read, known), folder)
    ranked = {one.name: fitting(one.labels, known) for one in draft.runners}
    said = [own.said for own in drafted]
    summary = summary_text(draft, folder, known, ranked, said)
    files = {name: text for own in drafted for name, text in own.files.items()}
    write_study(draft, folder, _root(recordings), {SUMMARY: summary, **files})
    return summary


def main(arguments: Sequence[str] | None = None) -> int:
    """Draft a study and print its summary; exit code 1 where that is not possible."""
    parser = argparse.ArgumentParser(prog="new-study", description=__doc__)
    parser.add_argument("name", type=Path, help="folder of the new study; its last part names it")
    parser.add_argument("recordings", type=Path, help="folder of the recordings")
    given = parser.parse_args(arguments)
    try:
        print(new_study(given.name, given.recordings))
    except StrikeleanError as error:
        print(f"strikelean: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"strikelean: {STEP}: expected to write to {given.name}, found {error}. Give NAME a "
            "place that may be written to.",
            file=sys.stderr,
        )
        return 1
    print(f"Written to {given.name.as_posix()}/; this text is its {SUMMARY}.")
    return 0
