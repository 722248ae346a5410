"""Which metrics of a derived trial are findings: what its technique imposes, keeps, leaves free.

A derived trial is named ``<trial>~<technique>`` (``run1~forefoot``, ``run1~lean+05``). Its
technique declares, in ``models/techniques/<technique>.yaml``, patterns of the metrics that it
sets itself and of those that the formulation leaves as recorded. Only the rest can be findings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from strikelean.config_problems import ConfigMistakesError, Problem, did_you_mean
from strikelean.config_schema import dotted, schema_problems
from strikelean.studies.definitions import metric_units

FREE, IMPOSED, KEPT, UNDECLARED = "free", "imposed", "kept", "undeclared"


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


def technique_problems(path: Path, schema: Path, metrics: Collection[str]) -> list[Problem]:
    """Return every mistake in what a technique's file declares.

    Args:
        path: of the file.
        schema: technique.schema.yaml.
        metrics: names that a pattern must match at least one of.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    problems = schema_problems(document, schema, lambda place: (path.name, dotted(place)))
    for kind in (IMPOSED, KEPT) if not problems else ():
        for pattern in document[kind]:
            if not any(fnmatchcase(metric, pattern) for metric in metrics):
                expected, hint = "a pattern of metrics", did_you_mean(pattern, metrics)
                problems.append(Problem(path.name, kind, expected, f"'{pattern}'", hint))
    return problems


def all_technique_problems(paths: Sequence[Path], schemas: Path) -> list[Problem]:
    """Return every mistake in the techniques' files."""
    schema, metrics = schemas / "technique.schema.yaml", metric_units(schemas)
    return [problem for path in paths for problem in technique_problems(path, schema, metrics)]


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
    problems = all_technique_problems(paths, schemas)
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
