"""All that a check found, judged as the study will judge it: one row a finding, one table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.checking.told import Told
from strikelean.config.problems import Problem
from strikelean.formats.files import write_table
from strikelean.judging import Limits, judge
from strikelean.markersets import SIDES
from strikelean.quality import stage_figures
from strikelean.step_pools import KEY, Enough, TrialSteps, enough_steps

Document = Mapping[str, Any]

EXCLUDED, USED = "excluded", "used"
WARNED = "used, with this warning"
STOPS = "nothing runs before this is mended"
UNTOLD = "not known before the mistakes are mended"
NOTHING = "nothing wrong"

_ACTIONS = (
    ("used: angles only", "Name the file of the forces behind the markers', where there is one."),
    ("a segment has under 3 markers", "Fill the gaps, or leave that part out by start_s, end_s."),
    ("plate is off", "Look at mass_kg in subjects.tsv, and at the calibration of the plates."),
    ("marker RMS", "Look at the largest marker errors on the page: labels, places, marker set."),
    ("marker error", "Look at the largest marker errors on the page: labels, places, marker set."),
    ("static marker", "Look at the largest standing errors on the page: labels, marker set."),
    ("inverse kinematics", "Look at the labels of the recording, and at the marker set."),
    ("at a limit", "Look at the markers about that joint, and at the standing trial."),
    ("no foot has enough", f"Record more, add files of the condition as rows, or lower {KEY}."),
    ("no valid step", f"Record more, add files of the condition as rows, or lower {KEY}."),
)
_STEPS_SHORT = f"Record more, add files of the condition as rows, or lower {KEY}."


@dataclass(frozen=True)
class Row:
    """A row of check.csv.

    Attributes:
        subject, trial: blank where it is about the tables.
        file: the file, or the files of the trial.
        kind: ``mistake`` in a table or setting, ``fault``, ``warning``, ``note`` or blank.
        found: what was found, and what was expected.
        action: what to do.
        follows: what will become of the trial.
    """

    subject: str
    trial: str
    file: str
    kind: str
    found: str
    action: str
    follows: str


COLUMNS = tuple(field.name for field in fields(Row))


ORDER = ("mistake", "fault", "warning", "note")


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """Return the rows in which something was found, the worst first."""
    return sorted((row for row in rows if row.kind), key=lambda row: ORDER.index(row.kind))


@dataclass(frozen=True)
class Pool:
    """Steps of a foot in a runner's trials of one condition.

    Attributes:
        subject, condition, side: whose.
        steps: valid ones, of the trials that nothing else excludes.
        trials: of them.
        needed: ``quality.min_valid_steps``.
    """

    subject: str
    condition: str
    side: str
    steps: int
    trials: int
    needed: int


@dataclass(frozen=True)
class CohortChecked:
    """A whole check.

    Attributes:
        rows: of the table.
        pools: steps by condition and foot.
        runners: each runner's document (:func:`strikelean.checking.runner.check_runner`).
        fates: what becomes of each trial, by subject and trial.
        stopped: whether a mistake keeps everything from running.
    """

    rows: Sequence[Row]
    pools: Sequence[Pool]
    runners: Sequence[Document]
    fates: Mapping[tuple[str, str], str]
    stopped: bool

    def own_rows(self, subject: str) -> list[Row]:
        """Return a runner's rows."""
        return [row for row in self.rows if row.subject == subject]

    def last_words(self) -> str:
        """Return in one or two plain sentences what came of it."""
        trials = len(self.fates)
        of = f"{trials} recording{'' if trials == 1 else 's'}"
        if self.stopped:
            mistakes = sum(row.kind == "mistake" for row in self.rows)
            many = f"{mistakes} mistake{'' if mistakes == 1 else 's'}"
            return (
                f"{many} in tables or settings: nothing can run before they are mended. The files "
                f"of {of} were looked at all the same."
            )
        out = sum(fate == EXCLUDED for fate in self.fates.values())
        if out == trials:
            return f"None of {of} will be used: each is excluded for what is listed."
        warned = {(row.subject, row.trial) for row in self.rows if row.kind == "warning"}
        doubted = sum(bool(trial) for _, trial in warned)
        stood = sum(bool(subject) and not trial for subject, trial in warned)
        used = f"{trials - out} of {of} will be used"
        if out:
            used += f", {out} excluded for what is listed, which costs no other recording"
        if doubted or stood:
            used += f"; warnings of {doubted}" + (f", and of how {stood} stand" if stood else "")
        return f"{used}."


def _action_for(text: str) -> str:
    return next((action for start, action in _ACTIONS if text.startswith(start)), _STEPS_SHORT)


def _start(text: str) -> str:
    return " ".join(text.split()[:3])


def _parts(text: str) -> list[str]:
    return [part for part in text.split("; ") if part]


def _judged(figures: Mapping[str, Any], limits: Limits) -> tuple[list[Told], list[Told]]:
    """Return what the study's own limits say of a trial's figures: faults and warnings."""
    verdict = judge(figures, limits, Enough())
    faults = [Told("fault", text, _action_for(text)) for text in _parts(verdict.reason)]
    beyond = {_start(text) for text in _parts(verdict.reason)}
    warnings = [
        Told("warning", text, _action_for(text))
        for text in _parts(verdict.warnings)
        # loads are not worked out here; what is beyond a limit needs no warning of it
        if not text.endswith("is not known, not judged") and _start(text) not in beyond
    ]
    return faults, warnings


@dataclass(frozen=True)
class _Trial:
    """A trial, and what there is to say of it."""

    subject: str
    name: str
    condition: str
    files: str
    told: list[Told]
    figures: Mapping[str, Any]

    @property
    def place(self) -> tuple[str, str]:
        return self.subject, self.name

    def excluded(self) -> bool:
        return any(one.kind == "fault" for one in self.told)


def _told(document: Document) -> list[Told]:
    return [Told(**one) for one in document["told"]]


def _trials(runner: Document, limits: Limits) -> Iterator[_Trial]:
    for trial in runner["trials"]:
        figures = trial["figures"]
        told = _told(trial)
        if figures:
            faults, warnings = _judged(figures, limits)
            told = [*told, *faults, *warnings]
        files = ";".join(trial["files"])
        yield _Trial(runner["subject"], trial["trial"], trial["condition"], files, told, figures)


def _standing(runner: Document, limits: Limits) -> list[Told]:
    """Return what there is to say of a runner's standing trial and scaled model."""
    told = _told(runner)
    if runner["scaling"]:
        figures = {
            name: value
            for name, value in stage_figures({"scaling": runner["scaling"]}).items()
            if value is not None and name != "stage_warnings"
        }
        told += _judged(figures, limits)[1]
    return told


def _pools(steps: Iterable[TrialSteps], needed: int) -> list[Pool]:
    counted: dict[tuple[str, str], list[TrialSteps]] = {}
    for trial in steps:
        own = counted.setdefault((trial.subject, trial.condition), [])
        own += [] if trial.excluded else [trial]
    return [
        Pool(subject, condition, side, sum(t.valid.get(side, 0) for t in own), len(own), needed)
        for (subject, condition), own in counted.items()
        for side in SIDES
    ]


def _fate(trial: _Trial, spoilt: bool, enough: Enough | None) -> str:
    if not (trial.excluded() or spoilt or trial.figures):
        return UNTOLD
    if trial.excluded() or spoilt or enough is None or enough.reason:
        return EXCLUDED
    return USED if len(enough.sides) == len(SIDES) else f"used, by the {enough.sides[0]} foot alone"


def _follows(one: Told, fate: str) -> str:
    if one.kind == "fault" or fate == EXCLUDED:
        return EXCLUDED if one.kind == "fault" else f"{EXCLUDED}, for what else is listed"
    return WARNED if one.kind == "warning" and fate == USED else fate


def _trial_rows(trial: _Trial, fate: str, enough: Enough | None, spoilt: str) -> Iterator[Row]:
    """Yield the rows of one trial.

    Args:
        trial: with what was found.
        fate: what becomes of it.
        enough: whether its condition has enough steps.
        spoilt: why it is excluded with its runner, empty where it is not.
    """
    place = trial.place
    for one in trial.told:
        yield Row(
            *place, one.file or trial.files, one.kind, one.found, one.action, _follows(one, fate)
        )
    if spoilt:
        yield Row(*place, trial.files, "fault", spoilt, "Mend that first.", EXCLUDED)
        return
    for text in _parts(enough.reason) if enough else ():
        yield Row(*place, trial.files, "fault", text, _action_for(text), EXCLUDED)
    for text in enough.warnings if enough and not enough.reason else ():
        yield Row(*place, trial.files, "warning", text, _STEPS_SHORT, fate)
    if not trial.told and not (enough and (enough.reason or enough.warnings)):
        yield Row(*place, trial.files, "", NOTHING, "", fate)


def problem_row(problem: Problem) -> Row:
    """Return the row of a mistake in a table, a setting or a marker set."""
    who = dict(re.findall(r"(subject|trial) ([^\s,()]+)", problem.place))
    found = f"{problem.place}: {problem.found}; expected {problem.expected}"
    return Row(
        who.get("subject", ""),
        who.get("trial", ""),
        problem.file,
        "mistake",
        found,
        problem.hint or ("Fill it in." if problem.found == "nothing" else "Correct it."),
        STOPS,
    )


def judge_cohort(
    runners: Sequence[Document],
    limits: Limits,
    problems: Sequence[Problem] = (),
    warnings: Sequence[str] = (),
) -> CohortChecked:
    """Judge what was found of all runners, as the study will.

    Args:
        runners: each one's document.
        limits: what excludes.
        problems: mistakes in tables and settings; with any of them nothing runs.
        warnings: lines about the tables that stop nothing.
    """
    rows = [problem_row(problem) for problem in problems]
    rows += [Row("", "", "", "warning", line.rstrip("."), "See whether it is meant.", WARNED)
             for line in warnings]  # fmt: skip
    trials = [trial for runner in runners for trial in _trials(runner, limits)]
    standing = {runner["subject"]: _standing(runner, limits) for runner in runners}
    spoilt = {
        name: "the standing trial or the scaled model cannot be used"
        for name, told in standing.items()
        if any(one.kind == "fault" for one in told)
    }
    steps = [
        TrialSteps.of(
            (t.subject, t.name, t.condition),
            t.figures,
            "yes" if t.excluded() or t.subject in spoilt else "",
        )
        for t in trials
        if t.figures
    ]
    enough = enough_steps(steps, limits.min_valid_steps)
    fates = {t.place: _fate(t, t.subject in spoilt, enough.get(t.place)) for t in trials}
    for runner in runners:
        subject = str(runner["subject"])
        for one in standing[subject]:
            follows = "excluded, with all trials" if one.kind == "fault" else USED
            follows = WARNED if one.kind == "warning" else follows
            file = one.file or runner["static"]
            rows.append(Row(subject, "", file, one.kind, one.found, one.action, follows))
        if not standing[subject] and runner["static"]:
            rows.append(Row(subject, "", runner["static"], "", NOTHING, "", USED))
        for trial in (t for t in trials if t.subject == subject):
            own = enough.get(trial.place)
            rows += _trial_rows(trial, fates[trial.place], own, spoilt.get(subject, ""))
    pools = _pools(steps, limits.min_valid_steps)
    return CohortChecked(rows, pools, runners, fates, bool(problems))


def write_rows(checked: CohortChecked, path: Path) -> None:
    """Write check.csv."""
    write_table(pd.DataFrame(map(astuple, checked.rows), columns=list(COLUMNS)), path)
