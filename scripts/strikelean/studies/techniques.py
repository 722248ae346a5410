"""Mistakes in what techniques declare of metrics (models/techniques/*.yaml)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from strikelean.config.problems import ConfigMistakesError, Problem, did_you_mean
from strikelean.config.schema import dotted, schema_problems
from strikelean.declarations import IMPOSED, KEPT, WITHHELD, Declaration, read_declarations
from strikelean.formats.files import read_yaml
from strikelean.studies.definitions import metric_units


def technique_problems(path: Path, schema: Path, metrics: Collection[str]) -> list[Problem]:
    """Return every mistake in what a technique's file declares.

    Args:
        path: of the file.
        schema: technique.schema.yaml.
        metrics: names that a pattern must match at least one of.
    """
    document = read_yaml(path)
    problems = schema_problems(document, schema, lambda place: (path.name, dotted(place)))
    for kind in (IMPOSED, KEPT, WITHHELD) if not problems else ():
        for pattern in document.get(kind, ()):
            if not any(fnmatchcase(metric, pattern) for metric in metrics):
                expected, hint = "a pattern of metrics", did_you_mean(pattern, metrics)
                problems.append(Problem(path.name, kind, expected, f"'{pattern}'", hint))
    return problems


def all_technique_problems(paths: Sequence[Path], schemas: Path) -> list[Problem]:
    """Return every mistake in the techniques' files."""
    schema, metrics = schemas / "technique.schema.yaml", metric_units(schemas)
    return [problem for path in paths for problem in technique_problems(path, schema, metrics)]


def read_techniques(paths: Sequence[Path], schemas: Path) -> dict[str, Declaration]:
    """Read and check what techniques declare, by condition.

    Args:
        paths: models/techniques/*.yaml; none where there are no derived trials.
        schemas: folder of technique.schema.yaml.

    Raises:
        ConfigMistakesError: every mistake in them.
    """
    problems = all_technique_problems(paths, schemas)
    if problems:
        raise ConfigMistakesError(problems)
    return read_declarations(paths, schemas / "metrics.yaml")
