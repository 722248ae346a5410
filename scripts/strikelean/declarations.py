"""Which metrics of a derived trial are findings: what its technique imposes, keeps, leaves free.

A technique declares, in ``models/techniques/<name>.yaml``, patterns of the metrics that it sets
itself, of those that the formulation leaves as recorded, and of those whose values are not to be
relied on. From these and from what each metric is made of (``depends_on`` in
``config/schemas/metrics.yaml``) it is worked out which others follow: an impulse over a kept
contact time, a power with an imposed angular velocity. Only the rest, decided by mechanics, can be
findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from strikelean.errors import ConfigError
from strikelean.formats.files import read_yaml

FREE, IMPOSED, KEPT, WITHHELD, UNDECLARED = "free", "imposed", "kept", "withheld", "undeclared"
FOLLOWS = "follows"


@dataclass(frozen=True)
class Dependency:
    """What the metrics of a pattern are made of by their formula.

    Attributes:
        metrics: pattern of metric names.
        made_of: metrics that they are integrated over, divided by, multiplied with or added up
            from; ``*`` stands for what the first ``*`` of the pattern matched.
        count: metrics that say only how often a load comes.
    """

    metrics: str
    made_of: tuple[str, ...] = ()
    count: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("(.*)".join(map(re.escape, self.metrics.split("*"))))

    def of(self, metric: str) -> tuple[str, ...]:
        """Return what a metric is made of, nothing where the pattern does not match it."""
        match = self._pattern.fullmatch(metric)
        if match is None:
            return ()
        star = match[1] if match.groups() else ""
        return tuple(name.replace("*", star) for name in self.made_of)


def dependencies_of(document: Mapping[str, Any]) -> tuple[Dependency, ...]:
    """Return the dependencies of the list of metrics; ConfigError where a key is strange."""
    found = []
    for row in document.get("depends_on", ()):
        if "metrics" not in row or not set(row) <= {"metrics", "of", "count"}:
            raise ConfigError(
                "read_metrics_list",
                "metrics, of and count in every entry of depends_on",
                f"{row}",
                "Mend metrics.yaml",
            )
        parts = (tuple(str(name) for name in row.get(key, ())) for key in ("of", "count"))
        found.append(Dependency(str(row["metrics"]), *parts))
    return tuple(found)


@dataclass(frozen=True)
class Declaration:
    """What the techniques of one condition say of metrics.

    Attributes:
        condition: condition of their trials, as in metrics.csv.
        imposed, kept, withheld: patterns of metric names (as of a shell: ``*`` and ``?``).
        depends: what metrics are made of.
    """

    condition: str
    imposed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    depends: tuple[Dependency, ...] = ()

    def status(self, metric: str) -> str:
        """Return ``imposed``, ``withheld``, ``kept``, ``follows`` or ``free``.

        The first that a pattern says; else it follows if anything that it is made of is imposed,
        is kept or follows itself.
        """
        if metric not in self._known:
            follows = FOLLOWS if self.follows_from(metric) else FREE
            self._known[metric] = self._declared(metric) or follows
        return self._known[metric]

    @cached_property
    def _known(self) -> dict[str, str]:
        """Status of every metric that was asked for: each is asked for by many rows of a table."""
        return {}

    def _declared(self, metric: str) -> str:
        for status in (IMPOSED, WITHHELD, KEPT):
            if any(fnmatchcase(metric, pattern) for pattern in getattr(self, status)):
                return status
        return ""

    def follows_from(self, metric: str) -> tuple[str, ...]:
        """Return what is imposed or kept among that which a metric is made of."""
        return tuple(dict.fromkeys(self._fixed(metric, frozenset({metric}))))

    def _fixed(self, metric: str, seen: frozenset[str]) -> Iterator[str]:
        for part in (name for row in self.depends for name in row.of(metric)):
            if part in seen:
                continue
            if self._declared(part) in (IMPOSED, KEPT):
                yield part
            else:
                yield from self._fixed(part, seen | {part})

    def count_status(self, metric: str) -> str:
        """Return what holds of how often a metric's load comes, empty where it counts nothing.

        A damage a kilometre is free in the peak; its count is ``kept`` where step length is.
        """
        for row in self.depends:
            if row.count and fnmatchcase(metric, row.metrics):
                return next((s for s in map(self.status, row.count) if s != FREE), FREE)
        return ""


def read_declarations(
    paths: Sequence[Path], metrics_list: Path | None = None
) -> dict[str, Declaration]:
    """Read what techniques declare; :mod:`strikelean.studies.techniques` looks for mistakes.

    Args:
        paths: models/techniques/*.yaml; none where there are no derived trials.
        metrics_list: metrics.yaml with what metrics are made of; without it nothing follows.

    Returns:
        ``{condition: declaration}``. Where two files share a condition both declarations hold.
    """
    depends = dependencies_of(read_yaml(metrics_list)) if metrics_list and paths else ()
    found: dict[str, Declaration] = {}
    for path in paths:
        entry = read_yaml(path)
        condition = str(entry["condition"])
        before = found.get(condition, Declaration(condition))
        patterns = {
            status: (*getattr(before, status), *entry.get(status, ()))
            for status in (IMPOSED, KEPT, WITHHELD)
        }
        found[condition] = Declaration(condition, **patterns, depends=depends)
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
