"""Runners whose marker set nobody knows: one drafted set for all who wear the same markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from strikelean.drafting.draft import RunnerDraft, StudyDraft
from strikelean.drafting.landmarks import PLACES, Landmark, propose
from strikelean.drafting.marker_set import body_of, marker_set_text
from strikelean.drafting.segments import Division, divide
from strikelean.drafting.standing_picture import picture_page
from strikelean.errors import StrikeleanError
from strikelean.formats.axes import Axes
from strikelean.lab.static import read_static

# What no knee load can be had without: the others are missed, these are asked for.
_NEEDED = ("asis", "knee_lateral", "ankle_lateral", "heel", "toe")
# Running trials of one runner that are looked at: more say the same.
_ENOUGH = 3


@dataclass(frozen=True)
class DraftedSet:
    """A marker set that was drafted.

    Attributes:
        files: text by the name of its file: the set, and the picture to confirm it in.
        said: what there is to say of it.
    """

    files: Mapping[str, str]
    said: str


def _groups(runners: Sequence[RunnerDraft]) -> list[list[RunnerDraft]]:
    """Return runners without a set, with a standing trial, by the labels of that."""
    found: dict[frozenset[str], list[RunnerDraft]] = {}
    for one in runners:
        if not one.marker_set and one.static is not None:
            found.setdefault(frozenset(one.static.markers.names), []).append(one)
    return list(found.values())


def _divided(draft: StudyDraft, runner: RunnerDraft) -> Division | None:
    """Return where a runner's markers sit, None where the standing trial cannot be used."""
    axes = Axes(*draft.way)
    own = [trial for trial in draft.trials if trial.runner == runner.name and not trial.doubt]
    running = [axes.turn_markers(trial.file.markers) for trial in own[:_ENOUGH]]
    if runner.static is None or not running:
        return None
    try:
        standing = read_static(runner.static.path, axes, 0.0, ())
    except StrikeleanError:
        return None
    stature = runner.person.values.get("height_m")
    return divide(standing, running, stature if isinstance(stature, float) else None)


def _told(
    names: str, group: Sequence[RunnerDraft], division: Division, found: Sequence[Landmark]
) -> str:
    roles = {one.role for one in found}
    missing = [role.replace("_", " ") for role in _NEEDED if role not in roles]
    unused = [
        name
        for name, part in zip(division.names, division.parts, strict=True)
        if body_of(part) is None
    ]
    lack = f"; NOT FOUND: {', '.join(missing)}" if missing else ""
    left = f"; {len(unused)} on arms and head are not used" if unused else ""
    people = ", ".join(one.name for one in group)
    return (
        f"no delivered marker set fits {people}: {names}.yaml is a draft of one, "
        f"{len(division.names)} markers by where they stand and what stays rigid while running, "
        f"{len(roles & {*PLACES, 'sacrum'})} kinds of landmarks{lack}{left}. Open {names}.html, "
        "correct the file, then write confirmed: true in it; until then the study does not start"
    )


def draft_sets(draft: StudyDraft, folder: Path) -> tuple[StudyDraft, list[DraftedSet]]:
    """Return the study with drafted marker sets for runners whom no delivered one fits.

    Args:
        draft: what was found.
        folder: that the study is written to.
    """
    drafted: list[DraftedSet] = []
    chosen: dict[str, str] = {}
    for group in _groups(draft.runners):
        division = next((d for one in group if (d := _divided(draft, one)) is not None), None)
        if division is None:
            continue
        stem = "markerset" + (f"_{len(drafted) + 1}" if drafted else "")
        found = propose(division)
        recording = str(group[0].static.place) if group[0].static else ""
        text = marker_set_text(
            stem, division, found, {"picture": f"{stem}.html", "recording": recording}
        )
        told = f"Drafted from {recording}, for {', '.join(one.name for one in group)}."
        files = {f"{stem}.yaml": text, f"{stem}.html": picture_page(division, found, told)}
        drafted.append(DraftedSet(files, _told(stem, group, division, found)))
        chosen |= {one.name: (folder / f"{stem}.yaml").as_posix() for one in group}
    runners = tuple(
        replace(one, marker_set=chosen.get(one.name, one.marker_set)) for one in draft.runners
    )
    return replace(draft, runners=runners), drafted
