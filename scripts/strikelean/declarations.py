"""Which metrics of a derived trial are findings: what its technique imposes, keeps, leaves free.

A technique declares, in ``models/techniques/<name>.yaml``, patterns of the metrics that it sets
itself, of those that the formulation leaves as recorded, and of those whose values are not to be
relied on. Only the rest, decided by mechanics, can be findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from strikelean.errors import ConfigError
from strikelean.formats.files import read_yaml

FREE, IMPOSED, KEPT, WITHHELD, UNDECLARED = "free", "imposed", "kept", "withheld", "undeclared"


@dataclass(frozen=True)
class Declaration:
    """What the techniques of one condition say of metrics.

    Attributes:
        condition: condition of their trials, as in metrics.csv.
        imposed, kept, withheld: patterns of metric names (as of a shell: ``*`` and ``?``).
    """

    condition: str
    imposed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()

    def status(self, metric: str) -> str:
        """Return ``imposed``, ``withheld``, ``kept`` or ``free``, the first that a pattern says."""
        for status in (IMPOSED, WITHHELD, KEPT):
            if any(fnmatchcase(metric, pattern) for pattern in getattr(self, status)):
                return status
        return FREE


def read_declarations(paths: Sequence[Path]) -> dict[str, Declaration]:
    """Read what techniques declare; :mod:`strikelean.studies.techniques` looks for mistakes.

    Args:
        paths: models/techniques/*.yaml; none where there are no derived trials.

    Returns:
        ``{condition: declaration}``. Where two files share a condition both declarations hold.
    """
    found: dict[str, Declaration] = {}
    for path in paths:
        entry = read_yaml(path)
        condition = str(entry["condition"])
        before = found.get(condition, Declaration(condition))
        patterns = {
            status: (*getattr(before, status), *entry.get(status, ()))
            for status in (IMPOSED, KEPT, WITHHELD)
        }
        found[condition] = Declaration(condition, **patterns)
    return found


def find_declaration(paths: Sequence[Path], condition: str) -> Declaration:
    """Return what the techniques of one condition declare.

    Raises:
        ConfigError: no file declares the condition.
    """
    found = read_declarations(paths)
    if condition not in found:
        raise ConfigError(
            "find_declaration",
            f"a file in models/techniques that declares metrics of the condition {condition}",
            "none",
            "Add one: copy models/techniques/forefoot_lean.yaml",
        )
    return found[condition]


def status_in(declarations: Mapping[str, Declaration], condition: str, metric: str) -> str:
    """Return what a metric is in the derived trials of a condition.

    ``undeclared`` where no technique of that condition was read: then nobody has said that
    the metric is a finding.
    """
    declared = declarations.get(condition)
    return UNDECLARED if declared is None else declared.status(metric)
