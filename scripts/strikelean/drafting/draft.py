"""A study as its recordings show it: runners, trials, axes, marker sets; the rest is blank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from strikelean.drafting.file_names import (
    conditions,
    named_speed,
    runners,
    safe_name,
    says_standing,
    trial_name,
)
from strikelean.drafting.motion import Pace, Way, find_way, is_walk, kind_of, pace
from strikelean.drafting.pairs import choose_standing, pair_forces
from strikelean.drafting.people import (
    Person,
    from_header,
    from_table,
    read_people,
    weighed_kg,
)
from strikelean.drafting.recordings import STEP, Folder, ForceFile, MarkerFile
from strikelean.drafting.same_runner import one_name_each, segments_of
from strikelean.errors import ConfigError, StrikeleanError
from strikelean.formats.axes import Axes
from strikelean.lab.facing import usual_offset
from strikelean.lab.static import read_static
from strikelean.marker_names import side_of
from strikelean.markersets import MarkerSet
from strikelean.markersets_known import Recognition, recognise

# Overground the foot on the ground rests (lab/check_belt.py).
_BELT_M_S = 0.5
# On a belt runners drift by less than this share of its speed; more is a speed of their own.
_DRIFT_SHARE = 0.05
# Files that an error names.
_TOLD = 3
# Facing an axis within this; a laboratory whose axes lie across the running direction is refused
# by the study's own checks at 45 deg.
_OFF_DEG = 20.0


@dataclass(frozen=True)
class RunnerDraft:
    """A row of the table of runners.

    Attributes:
        name: of the runner.
        person: mass, stature and sex, as far as they are known.
        static: standing trial, None where there is none.
        mismatch_m: how far it disagrees with the running in what is rigid.
        recognition: what the labels say of the marker set.
        marker_set: what the table says; '' where a person must.
        labels: of all markers, standing and running.
        still_second: whether that is a recording of something else, with a second of standing.
        other_statics: standing trials that were not chosen.
    """

    name: str
    person: Person
    static: MarkerFile | None
    mismatch_m: float
    recognition: Recognition
    marker_set: str
    labels: tuple[str, ...] = ()
    still_second: bool = False
    other_statics: tuple[Path, ...] = ()


@dataclass(frozen=True)
class TrialDraft:
    """A row of the table of trials.

    Attributes:
        runner: whose it is.
        name: of the trial.
        file: of its markers.
        files: as the table names them, markers first.
        condition: label.
        pace: as measured.
        named_m_s: speed that the file's name states and the markers confirm, None for none.
        way: axes of this recording, None where they are not seen.
        forces: what its forces are, in words; '' where there are none.
        doubt: why the row is left for a person to decide, '' for a row that is used.
    """

    runner: str
    name: str
    file: MarkerFile
    files: tuple[Path, ...]
    condition: str
    pace: Pace
    named_m_s: float | None
    way: Way | None
    forces: str
    doubt: str = ""

    @property
    def belt_m_s(self) -> float | None:
        """Speed of the belt, None overground."""
        if abs(self.pace.ground_m_s) < _BELT_M_S:
            return None
        return round(self.named_m_s or self.pace.ground_m_s, 2)

    @property
    def speed_m_s(self) -> float:
        """Running speed."""
        belt = self.belt_m_s
        if belt is not None and abs(self.pace.body_m_s) < _DRIFT_SHARE * belt:
            return belt
        if belt is None:
            return round(self.named_m_s or self.pace.speed_m_s, 2)
        return round(self.pace.speed_m_s, 2)


@dataclass(frozen=True)
class StudyDraft:
    """Everything that is written for a person to complete.

    Attributes:
        folder: the recordings.
        way: axes of the laboratory, forward, up, right.
        mirrored: whether right markers lie on the left in these axes.
        runners: rows of the one table.
        trials: rows of the other.
        left_out: ``{file: why it is in no table}``.
    """

    folder: Path
    way: tuple[str, str, str]
    mirrored: bool
    runners: tuple[RunnerDraft, ...]
    trials: tuple[TrialDraft, ...]
    left_out: Mapping[Path, str] = field(default_factory=dict)


def _plates(file: MarkerFile, axes: Axes) -> str:
    """Return what there is to say of a C3D file's plates that were used, '' for none."""
    if not file.has_plates:
        return ""
    try:
        count = file.used_plates(axes)
    except StrikeleanError as error:
        return f"not readable: {error}"
    return f"{count} force plate{'s' * (count > 1)}" if count else ""


def _said(table: ForceFile) -> str:
    """Return what there is to say of a table of forces."""
    return f"not readable: {table.problem}" if table.problem else f"forces in {table.place.name}"


def _is_mirrored(running: Sequence[MarkerFile], way: Way) -> bool:
    """Whether most markers named as right ones lie to the left of their mirror images."""
    votes = []
    for file in running:
        names = file.markers.names
        sides = {name: side_of(name, names) for name in names}
        right, left = ([n for n in names if sides[n] == side] for side in "rl")
        across = float(np.dot(usual_offset(file.markers, right, left), way.right))
        if np.isfinite(across):
            votes.append(across < 0.0)
    return bool(votes) and float(np.mean(votes)) > 0.5


def _kinds(folder: Folder) -> tuple[list[MarkerFile], list[MarkerFile], dict[Path, str]]:
    """Return who stands, who runs, and why other files are neither."""
    standing, running, others = [], [], {}
    for file in folder.markers:
        kind = kind_of(file.markers)
        if kind == "standing":
            standing.append(file)
        elif kind == "running" and not says_standing(file.path.stem):
            running.append(file)
        else:
            moves = "its name says standing, but somebody moves"
            others[file.place] = moves if kind == "running" else "somebody moves, but does not run"
    return standing, running, others


def _majority(ways: Mapping[Path, Way | None], left_out: Mapping[Path, str]) -> Way:
    """Return the axes that most running trials show.

    Raises:
        ConfigError: none shows any.
    """
    names = Counter(way.names for way in ways.values() if way is not None)
    if not names:
        told = [f"{place}: {why}" for place, why in sorted(left_out.items())]
        more = f"; and {len(told) - _TOLD} more files" if len(told) > _TOLD else ""
        raise ConfigError(
            STEP,
            "at least one recording of somebody running",
            "; ".join(told[:_TOLD]) + more or "none in which feet move over the ground",
            "Mend them, or name the folder of the running trials, with the standing ones beside",
        )
    usual = names.most_common(1)[0][0]
    return next(way for way in ways.values() if way is not None and way.names == usual)


def _doubt(way: Way | None, usual: Way, speed: Pace) -> str:
    """Return why a trial cannot be used as it is, '' where it can."""
    if way is None:
        return "nobody moves on over the ground"
    if is_walk(speed):
        return f"{speed.speed_m_s:.1f} m/s: walking?"
    if way.names != usual.names:
        forward, up, right = way.names
        return (
            f"the runner faces {forward} with {up} up and {right} on the right here, not as in "
            "most files: give it a study of its own, or turn it"
        )
    if way.off_deg > _OFF_DEG:
        return f"the runner faces {way.off_deg:.0f} deg beside {way.names[0]}: turn the recording"
    return ""


def _trials(
    folder: Folder,
    running: Sequence[MarkerFile],
    names: Mapping[Path, str],
    left_out: Mapping[Path, str],
) -> tuple[list[TrialDraft], Way]:
    ways = {file.place: find_way(file.markers) for file in running}
    usual = _majority(ways, left_out)
    axes = Axes(*usual.names)
    paces = {file.place: pace(file.markers, ways[file.place] or usual) for file in running}
    plates = {file.place: _plates(file, axes) for file in running}
    bare = [file for file in running if not plates[file.place]]
    tables = pair_forces(bare, folder.forces, names)
    measured = {place: own.speed_m_s for place, own in paces.items()}
    named = {p: named_speed(p.stem, names[p], speed) for p, speed in measured.items()}
    speeds = {place: named[place] or speed for place, speed in measured.items()}
    places = [file.place for file in running]
    labels = conditions(places, names, speeds)
    found, taken = [], set()
    for file in running:
        place, table = file.place, tables.get(file.place)
        name = trial_name(place.stem, names[place])
        if (names[place], name.lower()) in taken:
            name = safe_name("_".join(place.with_suffix("").parts), "run")
        taken.add((names[place], name.lower()))
        found.append(
            TrialDraft(
                runner=names[place],
                name=name,
                file=file,
                files=(place,) if table is None else (place, table.place),
                condition=safe_name(labels[place], "running"),
                pace=paces[place],
                named_m_s=named[place],
                way=ways[place],
                forces=plates[place] if table is None else _said(table),
                doubt=_doubt(ways[place], usual, paces[place]),
            )
        )
    return found, usual


def _person(static: MarkerFile | None, running: Sequence[MarkerFile]) -> Person:
    """Return what the headers of a runner's files say of them, and what a plate weighs."""
    person = Person()
    files = ([static] if static else []) + list(running)
    for file in files:
        if file.c3d is not None:
            person = from_header(file.c3d, person)
    if static is not None and static.c3d is not None:
        source = f"weighed by the force plates in {static.place.name}"
        person = person.with_("mass_kg", weighed_kg(static.c3d), source)
    return person


def _runner(
    name: str,
    standing: Sequence[MarkerFile],
    running: Sequence[MarkerFile],
    known: Mapping[str, MarkerSet],
) -> RunnerDraft:
    labels = [label for file in (*running, *standing) for label in file.markers.names]
    recognition = recognise(labels, known)
    static, mismatch = choose_standing(standing, running, segments_of(recognition, known))
    return RunnerDraft(
        name,
        _person(static, running),
        static,
        mismatch,
        recognition,
        recognition.marker_set or "",
        tuple(dict.fromkeys(labels)),
        other_statics=tuple(file.place for file in standing if file is not static),
    )


def _with_still_second(draft: RunnerDraft, files: Sequence[MarkerFile], axes: Axes) -> RunnerDraft:
    """Return a runner, one without a standing trial with a file in which they once stand still."""
    if draft.static is not None:
        return draft
    for file in files:
        try:
            read_static(file.path, axes, 0.0, ())
        except StrikeleanError:
            continue
        return replace(draft, static=file, still_second=True)
    return draft


def draft_study(folder: Folder, known: Mapping[str, MarkerSet]) -> StudyDraft:
    """Return what a folder of recordings says of a study.

    Args:
        folder: what was read.
        known: delivered marker sets.

    Raises:
        ConfigError: nobody runs in it.
    """
    standing, running, others = _kinds(folder)
    files = [file.place for file in folder.markers]
    spare = _spare(folder.top)
    names = runners([*files, *(table.place for table in folder.forces)], spare)
    names = one_name_each(names, standing, running, spare, known)
    left_out = dict(folder.left_out) | others
    trials, way = _trials(folder, running, names, left_out)
    drafts = []
    for name in sorted({trial.runner for trial in trials}):
        own = [trial.file for trial in trials if trial.runner == name]
        still = [file for file in standing if names[file.place] == name]
        moving = [
            file for file in folder.markers if file.place in others and names[file.place] == name
        ]
        draft = _runner(name, still, own, known)
        drafts.append(_with_still_second(draft, [*moving, *own], Axes(*way.names)))
    used = {draft.static.place for draft in drafts if draft.static is not None}
    used |= {place for draft in drafts for place in draft.other_statics}
    left_out |= {
        file.place: f"standing, of a runner ({names[file.place]}) without a running trial"
        for file in standing
        if file.place not in used
    }
    paired = {place for trial in trials for place in trial.files}
    left_out |= {
        table.place: table.problem or "forces that belong to no file of markers by name or time"
        for table in folder.forces
        if table.place not in paired
    }
    people = {draft.name: draft.person for draft in drafts}
    for path in folder.tables:
        table = read_people(path)
        if table is not None:
            people = from_table(table, people)
    drafts = [replace(draft, person=people[draft.name]) for draft in drafts]
    mirrored = _is_mirrored(running, way)
    return StudyDraft(folder.top, way.names, mirrored, tuple(drafts), tuple(trials), left_out)


def _spare(top: Path) -> str:
    """Return a name for a runner whom no file names: the folder's, or of one that says more."""
    for part in (top.resolve().name, top.resolve().parent.name):
        if runners([Path(part) / "run.c3d"], "")[Path(part) / "run.c3d"]:
            return safe_name(part, "runner")
    return "runner"
