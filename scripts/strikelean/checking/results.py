"""The files of a check: its table, the same as text for a terminal, and its page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from strikelean.checking.cohort import CohortChecked, Document, write_rows
from strikelean.checking.told import Told
from strikelean.checking.words import table_text
from strikelean.formats.files import read_note, write_text
from strikelean.report.check_page import check_page


def read_runner_checks(paths: Sequence[Path]) -> list[Document]:
    """Return what was found of every runner; where a check failed, that it did.

    What failed is removed, so that the next check tries it again.
    """
    found: list[Document] = []
    for path in paths:
        note = read_note(path)
        if note is None:
            found.append(json.loads(path.read_text(encoding="utf-8")))
            continue
        path.unlink()
        told = Told("fault", note.reason, "Run the check again; report it if it stays.")
        found.append(nothing_known(path.parent.name, [told]))
    return found


def nothing_known(subject: str, told: Sequence[Told]) -> dict[str, Any]:
    """Return a runner's document that holds no more than what was told."""
    return {
        "subject": subject,
        "mass_kg": None,
        "height_m": None,
        "marker_set": "",
        "static": "",
        "told": [one.document() for one in told],
        "scaling": {},
        "standing": None,
        "trials": [],
    }


def write_check(
    checked: CohortChecked, settings: Mapping[str, Any], folder: Path, page: str
) -> None:
    """Write check.csv, check.txt and check.html.

    Args:
        checked: the whole check.
        settings: ``cohort``, and ``recording`` with its axes, of the configuration.
        folder: where they go.
        page: where the page will be, for people.
    """
    write_rows(checked, folder / "check.csv")
    write_text(folder / "check.txt", table_text(checked, page))
    write_text(folder / "check.html", check_page(checked, settings))
