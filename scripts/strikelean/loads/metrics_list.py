"""The one list of metrics: config/schemas/metrics.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from strikelean.declarations import dependencies_of
from strikelean.errors import ConfigError
from strikelean.formats.files import read_yaml

_KEYS = ("name", "unit", "sign", "definition", "source", "needs")
NEEDS = ("", "trunk", "centre_of_mass")


@dataclass(frozen=True)
class MetricDefinition:
    """What one metric means.

    Attributes:
        name: ``<joint>_<direction>_<kind>_<statistic>``.
        unit: as written in every table.
        sign: the direction that counts as positive.
        definition: one sentence.
        source: where the definition comes from; ``project`` where it is this project's.
        needs: ``trunk`` or ``centre_of_mass`` where the value is only assumed (or
            missing) without markers on the trunk, else empty.
    """

    name: str
    unit: str
    sign: str
    definition: str
    source: str
    needs: str


def _problem(path: Path, expected: str, found: str) -> ConfigError:
    return ConfigError("read_metrics_list", expected, found, f"Mend {path.name}")


def _definition(path: Path, entry: Any) -> MetricDefinition:
    if not isinstance(entry, dict) or sorted(entry) != sorted(_KEYS):
        found = sorted(entry) if isinstance(entry, dict) else entry
        raise _problem(path, f"the keys {', '.join(_KEYS)} in every entry", f"{found}")
    definition = MetricDefinition(**{key: str(entry[key]) for key in _KEYS})
    if definition.needs not in NEEDS:
        found = f"'{definition.needs}' for {definition.name}"
        raise _problem(path, "needs empty, trunk or centre_of_mass", found)
    return definition


def _check_dependencies(path: Path, document: Mapping[str, Any]) -> None:
    """Refuse dependencies of, or on, metrics that are not listed."""
    names = [str(entry.get("name")) for entry in document["metrics"] if isinstance(entry, dict)]
    for row in dependencies_of(document):
        parts = {part for name in names for part in row.of(name)} | set(row.count)
        unknown = sorted(parts - set(names))
        if unknown or not any(fnmatchcase(name, row.metrics) for name in names):
            found = f"{', '.join(unknown) or 'no metric'} for {row.metrics}"
            raise _problem(path, "listed metrics under depends_on", found)


def read_metrics_list(path: Path) -> dict[str, MetricDefinition]:
    """Read the list of metrics.

    Returns:
        ``{name: definition}`` in the file's order.

    Raises:
        ConfigError: an entry lacks a key, has a strange one, or a name comes twice.
    """
    document = read_yaml(path)
    if not isinstance(document, dict) or not isinstance(document.get("metrics"), list):
        raise _problem(path, "a list under 'metrics'", type(document).__name__)
    result: dict[str, MetricDefinition] = {}
    _check_dependencies(path, document)
    for entry in document["metrics"]:
        definition = _definition(path, entry)
        if definition.name in result:
            raise _problem(path, "every metric once", f"{definition.name} twice")
        result[definition.name] = definition
    return result
