"""Markers that a marker set names and a recording has not: what for, and what may be meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from strikelean.errors import RecordingError
from strikelean.markersets import MarkerSet
from strikelean.markersets_known import load_known, purposes, recognise, worn
from strikelean.suggestions import suggest

STEP = "read_static"
# without these of them there is no scaled model
NEEDED_STANDING = ("scaling", "hip centres", "foot angle")
_MANY = 60


def unrecorded(
    marker_set: MarkerSet, labels: Collection[str], *, running: bool = False
) -> dict[str, tuple[str, ...]]:
    """Return the markers of a set that a recording has not, each with what it is needed for.

    Args:
        marker_set: of the recording, whose labels are already spelt as the set spells them.
        labels: in the recording.
        running: whether only what is worn while running is asked for.
    """
    asked = purposes(marker_set)
    if running:
        asked = {name: needed for name, needed in asked.items() if name in ("tracking", "trunk")}
    absent = [name for name in worn(marker_set, running=running) if name not in labels]
    # landmarks, pairs and points may name what no entry under markers does
    named = sorted({name for needed in asked.values() for name in needed} - {*labels, *absent})
    return {
        name: tuple(purpose for purpose, needed in asked.items() if name in needed)
        for name in (*absent, *named)
    }


def unrecorded_needed(marker_set: MarkerSet, labels: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return those without which a static trial gives no scaled model, each with what for."""
    found = unrecorded(marker_set, labels)
    kept = {
        name: tuple(what for what in purposes if what in NEEDED_STANDING)
        for name, purposes in found.items()
    }
    return {name: purposes for name, purposes in kept.items() if purposes}


def unused(marker_set: MarkerSet, labels: Collection[str]) -> list[str]:
    """Return the labels of a recording that a set does not name."""
    known = marker_set.marker_names()
    return sorted(name for name in labels if name not in known)


def hints(marker_set: MarkerSet, absent: Collection[str], labels: Collection[str]) -> Iterator[str]:
    """Yield each absent marker with the recording's label that may be it."""
    others = unused(marker_set, labels)
    for name in absent:
        yield f"{name} {suggest(name, others)}".strip()


def _others(marker_set: MarkerSet, labels: Collection[str]) -> str:
    """Return a sentence with the labels that the set does not name, '' where there are none."""
    others = unused(marker_set, labels)
    shown = ", ".join(others[:_MANY]) + (", ..." if len(others) > _MANY else "")
    return f"It has besides {shown}. " if others else ""


def require_recorded(marker_set: MarkerSet, labels: Collection[str], known: Path) -> None:
    """Refuse a static trial that lacks what scaling, hip centres and foot angles are made of.

    Args:
        marker_set: as the subjects table names it.
        labels: in the static trial.
        known: folder of the marker sets that may be meant instead.

    Raises:
        RecordingError: names every absent marker, what it is for, and what may be meant.
    """
    absent = unrecorded_needed(marker_set, labels)
    if not absent:
        return
    expected = f"the markers that marker set {marker_set.name} needs in the static trial"
    meant = recognise(labels, load_known(known)).marker_set
    if meant not in (None, marker_set.name):
        action = f"Write {meant} under marker_set in subjects.tsv: the labels are that set's"
        raise RecordingError(STEP, expected, f"no {', '.join(absent)}", action)
    told = [
        f"{line} (for {', '.join(absent[name])})"
        for name, line in zip(absent, hints(marker_set, absent, labels), strict=True)
    ]
    raise RecordingError(
        STEP,
        expected,
        f"none named {'; '.join(told)}",
        f"{_others(marker_set, labels)}Correct the names in the recording or in "
        f"models/markersets/{marker_set.name}.yaml, or name another trial in static_file",
    )
