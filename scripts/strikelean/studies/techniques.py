"""Which metrics of a derived trial are findings: what its technique imposes, keeps, leaves free.

A derived trial is named ``<trial>~<technique>`` (``run1~forefoot``, ``run1~lean+05``). Its
technique declares, in ``models/techniques/<technique>.yaml``, patterns of the metrics that it
sets itself and of those that the formulation leaves as recorded. Only the rest can be findings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from strikelean.config_problems import ConfigMistakesError, Problem
from strikelean.config_schema import dotted, schema_problems

FREE, IMPOSED, KEPT, UNDECLARED = "free", "imposed", "kept", "undeclared"
_DERIVED = re.compile(r"^(?P<parent>[^~]+)~(?P<technique>.+?)(?P<dose>[+-]\d+(?:\.\d+)?)?$")


@dataclass(frozen=True)
class Derived:
    """A derived trial's name taken apart.

    Attributes:
        parent: the recording it was made from.
        technique: name of the technique.
        dose: its number (degrees of lean, percent of step rate), NaN where it has none.
    """

    parent: str
    technique: str
    dose: float


@dataclass(frozen=True)
class Technique:
    """What one technique declares.

    Attributes:
        condition: condition of its trials.
        imposed, kept: patterns of metric names (as of a shell: ``*`` and ``?``).
    """

    condition: str
    imposed: tuple[str, ...]
    kept: tuple[str, ...]

    def status(self, metric: str) -> str:
        """Return ``imposed``, ``kept`` or ``free``; what is both counts as imposed."""
        if any(fnmatchcase(metric, pattern) for pattern in self.imposed):
            return IMPOSED
        return KEPT if any(fnmatchcase(metric, pattern) for pattern in self.kept) else FREE


def derived(trial: str) -> Derived | None:
    """Return the parts of a derived trial's name, None for a recording."""
    found = _DERIVED.match(trial)
    if found is None:
        return None
    dose = found["dose"]
    return Derived(found["parent"], found["technique"], float(dose) if dose else float("nan"))


def technique_problems(path: Path, schema: Path) -> list[Problem]:
    """Return every way in which a technique's file breaks the schema."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return schema_problems(document, schema, lambda place: (path.name, dotted(place)))


def read_techniques(paths: Sequence[Path], schemas: Path) -> dict[str, Technique]:
    """Read what techniques declare.

    Args:
        paths: models/techniques/*.yaml; none where there are no derived trials.
        schemas: folder of technique.schema.yaml.

    Returns:
        ``{condition: technique}``. Where two files share a condition both declarations hold.

    Raises:
        ConfigMistakesError: every mistake in them.
    """
    schema = schemas / "technique.schema.yaml"
    problems = [problem for path in paths for problem in technique_problems(path, schema)]
    if problems:
        raise ConfigMistakesError(problems)
    found: dict[str, Technique] = {}
    for path in paths:
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        condition = str(entry["condition"])
        before = found.get(condition, Technique(condition, (), ()))
        found[condition] = Technique(
            condition,
            before.imposed + tuple(entry["imposed"]),
            before.kept + tuple(entry["kept"]),
        )
    return found


def status_in(techniques: Mapping[str, Technique], condition: str, metric: str) -> str:
    """Return what a metric is in the derived trials of a condition.

    ``undeclared`` where no technique of that condition was read: then nobody has said that
    the metric is a finding.
    """
    technique = techniques.get(condition)
    return UNDECLARED if technique is None else technique.status(metric)
