"""What was found, what a person must fill in, and what the marker sets can show: plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from strikelean.constants import UPPER_BODY
from strikelean.drafting.draft import RunnerDraft, StudyDraft, TrialDraft
from strikelean.drafting.file_names import UNNAMED, is_condition
from strikelean.drafting.pairs import STRANGER_M
from strikelean.drafting.write import sources
from strikelean.markersets import MarkerSet
from strikelean.markersets_known import (
    KNOWN_SHARE,
    TORSO,
    Recognition,
    purposes,
    worn,
)

_WIDTH = 100
# What people ask of a marker set, and what of purposes() it needs.
_PURPOSES = (
    ("hip centres", "hip centres"),
    ("trunk lean", "trunk"),
    ("foot-strike angle", "foot angle"),
    ("size of the segments", "scaling"),
    ("tracking while running", "tracking"),
    ("knee axis", "knee axis"),
)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _listed(names: Sequence[object], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(str(name) for name in names[:most]) + more


def _found(draft: StudyDraft) -> Iterator[str]:
    forward, up, right = draft.way
    yield f"{_many(len(draft.runners), 'runner')}, {_many(len(draft.trials), 'running trial')}"
    yield f"axes: the runner faces {forward}, up is {up}, right is {right} (from the markers)"
    if draft.mirrored:
        yield (
            "RIGHT AND LEFT: markers named as right ones lie on the runner's left. Either their "
            "labels are exchanged, or the file is a mirror image; mend the files, no setting can"
        )
    belts = [trial for trial in draft.trials if trial.belt_m_s is not None]
    kinds = {"on a treadmill": len(belts), "overground": len(draft.trials) - len(belts)}
    yield "ground: " + ", ".join(f"{_many(n, 'trial')} {kind}" for kind, n in kinds.items() if n)
    labels = list(dict.fromkeys(trial.condition for trial in draft.trials))
    if labels == [UNNAMED]:
        yield f"condition: {UNNAMED} for all, as the files' names show no pattern"
    elif len(labels) == 1:
        yield f"condition: {labels[0]} for all, from the files' names"
    else:
        yield f"conditions, from the files' names and speeds: {_listed(labels)}"
    for source, names in sources(draft).items():
        yield f"{source} ({_listed(names)})"


def _blanks(draft: StudyDraft) -> Iterator[str]:
    for key, what in (("mass_kg", "mass"), ("height_m", "stature")):
        names = [one.name for one in draft.runners if key not in one.person.values]
        if names:
            yield f"subjects.tsv, {key}: {what} of {_listed(names)}"
    names = [one.name for one in draft.runners if one.static is None]
    if names:
        yield (
            f"subjects.tsv, static_file: no standing trial of {_listed(names)}. Best is a second "
            "of standing still with the same markers, of the same day; left blank, they are scaled "
            "from their first recording, less exactly (docs/recordings.md)"
        )
    names = [one.name for one in draft.runners if not one.marker_set]
    if names:
        yield (
            f"subjects.tsv, marker_set: no delivered set fits {_listed(names)} (below); which sets "
            "there are: docs/markersets.md"
        )
    sexes = [one.name for one in draft.runners if "sex" not in one.person.values]
    if sexes:
        yield f"subjects.tsv, sex: may stay blank ({_listed(sexes)}); no number depends on it"


def _look_at(draft: StudyDraft) -> Iterator[str]:
    weighed = [
        one.name for one in draft.runners if "weighed" in one.person.sources.get("mass_kg", "")
    ]
    if weighed:
        yield f"mass of {_listed(weighed)}: as the force plates weigh them in the standing trial"
    for one in draft.runners:
        if one.mismatch_m > STRANGER_M and one.static is not None:
            yield (
                f"{one.name}: {one.static.place} differs by {1000.0 * one.mismatch_m:.0f} mm from "
                "the running in what is rigid: another runner's standing trial?"
            )
        if one.still_second and one.static is not None:
            yield (
                f"{one.name}: no standing trial; {one.static.place} has a second of standing still "
                "and is named in its place: see whether the runner stands upright there"
            )
        if one.other_statics:
            yield (
                f"{one.name}: of {_many(len(one.other_statics) + 1, 'standing trial')} "
                f"{one.static.place if one.static else 'none'} fits the running best; the others "
                f"are not used: {_listed(one.other_statics)}"
            )
    for trial in draft.trials:
        if trial.doubt:
            yield f"{trial.file.place}: its row is a comment: {trial.doubt}"
        elif trial.forces.startswith("not readable"):
            yield f"{trial.file.place}: forces {trial.forces}"
    words = {word for trial in draft.trials for word in trial.condition.split("_")}
    free = sorted(w for w in words if w.isalpha() and not (is_condition(w) or w == UNNAMED))
    if free:
        yield (
            f"conditions with the words {_listed(free)}: from the files' names. Where such a word "
            "only numbers or places a trial, write one label: steps are pooled by condition"
        )
    bare = [trial.file.place for trial in draft.trials if not trial.forces and not trial.doubt]
    if bare:
        yield (
            f"no ground forces with {_listed(bare)}: joint angles alone can be had of them, no "
            "moments and no loads"
        )
    measured = [t for t in draft.trials if t.named_m_s is None and not t.doubt]
    if measured:
        speeds = _many(len(measured), "speed")
        yield f"{speeds} measured from the markers: where one was set, write that"


def _arms(recognition: Recognition, known: MarkerSet) -> str:
    bodies = {
        body: names
        for body, names in known.bodies().items()
        if body.lower().startswith(UPPER_BODY) and not body.lower().startswith(TORSO)
    }
    if not bodies:
        return "no: the set has no markers on them"
    found = set(recognition.names.values())
    missing = sorted({name for names in bodies.values() for name in names} - found)
    return f"without {_listed(missing)}" if missing else "yes"


def _marker_set(recognition: Recognition, known: Mapping[str, MarkerSet]) -> Iterator[str]:
    """Yield what a recognised or nearest set can show with the markers that are there."""
    own = known[recognition.nearest]
    found, asked = len(recognition.names), len(worn(own))
    running = ""
    if recognition.share > found / asked:
        running = f", {100.0 * recognition.share:.0f} % of those worn while running"
    yield f"  {own.name}: {found} of its {asked} markers{running}"
    served = purposes(own)
    for words, purpose in _PURPOSES:
        missing = recognition.missing.get(purpose, ())
        if not served[purpose]:
            answer = "no: the set has no markers for it"
        else:
            answer = f"MISSING {_listed(missing)}" if missing else "yes"
        yield f"    {words}: {answer}"
    yield f"    arms: {_arms(recognition, own)}"
    respelt = [f"{label} as {name}" for label, name in recognition.names.items() if label != name]
    if respelt:
        yield f"    labels read as the set's names: {_listed(respelt, 4)}"
    if recognition.unused:
        yield f"    labels without a use: {_listed(recognition.unused)}"


def _groups(runners: Sequence[RunnerDraft]) -> dict[tuple[object, ...], list[RunnerDraft]]:
    """Return runners whose marker sets are told alike."""
    found: dict[tuple[object, ...], list[RunnerDraft]] = {}
    for one in runners:
        own = one.recognition
        missing = tuple(sorted(own.missing.items()))
        key = (own.marker_set, own.nearest, missing, tuple(sorted(own.unused)))
        found.setdefault(key, []).append(one)
    return found


def _sets(
    draft: StudyDraft, known: Mapping[str, MarkerSet], ranked: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    for group in _groups(draft.runners).values():
        own = group[0].recognition
        who = _listed([one.name for one in group])
        if own.marker_set is None:
            yield (
                f"{who}: no delivered set: less than {100.0 * KNOWN_SHARE:.0f} % of the markers of "
                "each is there"
            )
            if own.nearest:
                yield "  nearest is " + next(_marker_set(own, known)).strip()
            continue
        yield f"{who}:"
        yield from _marker_set(own, known)
        others = [name for name in ranked[group[0].name] if name != own.marker_set]
        if others:
            yield f"    would fit too, in this order: {_listed(others)}"


def _trial_lines(trials: Sequence[TrialDraft]) -> Iterator[str]:
    for one in trials:
        belt = "overground" if one.belt_m_s is None else f"belt {one.belt_m_s:g} m/s"
        measured = one.pace.ground_m_s if one.belt_m_s is not None else one.pace.speed_m_s
        named = f" (measured {measured:.2f})" if one.named_m_s is not None else " (measured)"
        speed = f"{one.speed_m_s:g} m/s{named}, {belt}" if np.isfinite(measured) else "no speed"
        unread = "FORCES NOT READABLE" if one.forces.startswith("not readable") else ""
        forces = unread or one.forces or "NO FORCES"
        yield f"{one.runner} {one.name}: {one.condition}, {speed}; {forces}"


def summary_text(
    draft: StudyDraft,
    folder: Path,
    known: Mapping[str, MarkerSet],
    ranked: Mapping[str, Sequence[str]],
    extra: Sequence[str] = (),
) -> str:
    """Return the summary of a drafted study.

    Args:
        draft: what was found.
        folder: that the study is written to.
        known: delivered marker sets.
        ranked: sets that fit each runner's labels, the best first.
        extra: what there is to say of drafted marker sets.
    """
    reasons: dict[str, list[Path]] = {}
    for place, why in sorted(draft.left_out.items()):
        reasons.setdefault(why, []).append(place)
    left_out = [f"{_listed(places, 5)}: {why}" for why, places in reasons.items()]
    sections = {
        "Found": list(_found(draft)),
        "Fill in": list(_blanks(draft)) or ["nothing: every cell that is needed is filled"],
        "Look at": [*_look_at(draft), *extra],
        "Marker sets, and what they can show": list(_sets(draft, known, ranked)),
        "Trials": list(_trial_lines(draft.trials)),
        "Left out": left_out,
        "Next": [
            f"fill in {(folder / 'subjects.tsv').as_posix()} and see whether trials.tsv is right",
            f"make check NAME={folder.as_posix()}",
            f"make study NAME={folder.as_posix()}",
            f"open results/{folder.resolve().name}/report.html",
        ],
    }
    lines = [f"Study {folder.resolve().name}, drafted from the recordings in {draft.folder}", ""]
    for title, found in sections.items():
        if found:
            lines += [title, "-" * len(title), *(f"- {line}" for line in found), ""]
    return "\n".join(line.replace("-   ", "    ", 1) for line in lines)
