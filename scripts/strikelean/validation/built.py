"""What predictions were built from, and whether who judges them was among it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from strikelean import resources
from strikelean.config.checks import LEAVE_ONE_OUT
from strikelean.config.validation import ValidationRow
from strikelean.formats.files import read_yaml
from strikelean.techniques import parse_technique

ALL, NONE = "all", "none"
TEMPLATED = ("forefoot", "strike", "speed")
"""Parts of a technique that rest on group statistics of recordings."""


@dataclass(frozen=True)
class Built:
    """What a cohort's predictions are built from.

    Attributes:
        template, speed: group statistics as the configuration names them.
        builders: runners whose recordings group statistics of this cohort are built from.
    """

    template: str
    speed: str
    builders: Sequence[str]

    def from_cohort(self, part: str) -> bool:
        """Whether what a part of a technique rests on is built from the cohort itself."""
        if part not in TEMPLATED:
            return False
        return (self.speed if part == "speed" else self.template) == LEAVE_ONE_OUT


@cache
def built_parts() -> Mapping[str, Any]:
    """Return models/sources/built_from.yaml."""
    models = resources.top() / "models"
    document: Mapping[str, Any] = read_yaml(models / "sources" / "built_from.yaml")
    return document


def asked_parts(row: ValidationRow) -> tuple[str, ...]:
    """Return the parts of what a row asks: of a measured change, or of a technique by name."""
    return row.parts or parse_technique(row.ask).parts


def delivered_builders(part: str) -> tuple[str, ...]:
    """Return the runners whose recordings built what is delivered for a part of a technique."""
    document = built_parts()
    named = [
        name
        for entry in document["parts"]
        if {part, ALL} & set(entry["techniques"])
        for name in entry.get("datasets", ())
    ]
    runners = [runner for name in named for runner in document["datasets"][name]["runners"]]
    return tuple(dict.fromkeys(runners))


def builders_of(row: ValidationRow, built: Built) -> tuple[str, ...]:
    """Return the runners whose recordings built the prediction of a row.

    Where group statistics come from the cohort the row's own runner is never among them.
    """
    found: dict[str, None] = {}
    for part in asked_parts(row):
        own = built.from_cohort(part)
        names = built.builders if own else delivered_builders(part)
        found |= {name: None for name in names if not own or name != row.subject}
    return tuple(found)


def built_from_of(rows: Sequence[ValidationRow], built: Built) -> dict[ValidationRow, str]:
    """Return what the prediction of each row was built from, in one line."""
    found = {}
    for row in rows:
        if row.ask:
            names = builders_of(row, built)
            found[row] = " ".join(names) if names else "published figures alone"
    return found


def not_independent(row: ValidationRow, built: Built) -> str:
    """Return why a row's runner may not judge its prediction, '' where they may."""
    known = {name.lower() for name in builders_of(row, built)}
    if row.subject.lower() not in known:
        return ""
    return (
        "built from this runner too: take group statistics by leave_one_out, or judge by "
        "runners that are not in models/sources/built_from.yaml"
    )
