"""What rules about validation need of the cohort: which recordings are changed, what they read."""

from __future__ import annotations

from typing import Any

from strikelean.config.project import Project
from strikelean.config.validation import DIFFERENCE, ValidationRow
from strikelean.techniques import parse_technique
from strikelean.workflow_files import COHORT

PREDICTED = "predicted_changes.csv"
Place = tuple[str, str]


def changed_recordings(project: Project) -> list[Place]:
    """Return subject and recording of whatever is asked to change, in order, each once."""
    asked = {(row.subject, row.recorded) for row in project.validation if row.ask}
    return sorted(asked)


def _controls(project: Project, row: ValidationRow) -> list[ValidationRow]:
    """Return the rows whose mean change is taken off a row's."""
    if row.kind != DIFFERENCE:
        return []
    return [one for one in project.validation if one.comparison == row.comparison and not one.ask]


def asked_of(project: Project, subject: str, recorded: str) -> list[dict[str, Any]]:
    """Return what is asked of a recording, as plain values for a rule's ``params``.

    Args:
        project: the cohort.
        subject, recorded: the recording.

    Returns:
        One a change: ``row`` (the table's) and ``controls``, rows whose mean change is taken off.
    """
    own = [r for r in project.validation if (r.subject, r.recorded) == (subject, recorded)]
    return [
        {"row": vars(row), "controls": [vars(one) for one in _controls(project, row)]}
        for row in own
        if row.ask
    ]


def beside(project: Project, subject: str, recorded: str) -> list[Place]:
    """Return the recordings whose steps say what is asked of one, itself first."""
    places: dict[Place, None] = {(subject, recorded): None}
    for row in project.validation:
        if (row.subject, row.recorded) == (subject, recorded) and row.ask and row.to:
            for one in (row, *_controls(project, row)):
                places |= {(one.subject, one.recorded): None, (one.subject, one.to): None}
    return list(places)


def steps_files(places: list[Place]) -> list[str]:
    """Return the metrics of recordings, ``{cohort}`` left to be filled in."""
    return [f"{COHORT}{subject}/{trial}/metrics.csv" for subject, trial in places]


def predicted_files(project: Project) -> dict[Place, str]:
    """Return the predictions of every recording that is changed."""
    places = changed_recordings(project)
    return {place: f"{COHORT}{place[0]}/{place[1]}/{PREDICTED}" for place in places}


def strikes(asked: list[dict[str, Any]]) -> bool:
    """Whether another foot strike is among what is asked of a recording."""
    rows = [ValidationRow(**one["row"]) for one in asked]
    named = [parse_technique(row.ask) for row in rows if not row.to]
    return any("strike" in row.parts for row in rows) or any(one.strikes for one in named)


def speeds(asked: list[dict[str, Any]]) -> bool:
    """Whether another speed is among what is asked of a recording."""
    rows = [ValidationRow(**one["row"]) for one in asked]
    named = [parse_technique(row.ask) for row in rows if not row.to]
    return any("speed" in row.parts for row in rows) or any(one.speed_percent for one in named)


def built_from(project: Project) -> dict[str, Any]:
    """Return what predictions of a cohort are built from, as plain values.

    Returns:
        ``template`` and ``speed`` as the configuration names them, ``builders`` (runners whose
        recordings group statistics of this cohort are built from).
    """
    return {
        "template": str(project.config["counterfactual"]["template"]),
        "speed": str(project.config["counterfactual"]["speed_template"]),
        "builders": [name for name in project.subjects if name not in project.judges()],
    }
