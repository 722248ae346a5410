"""Published studies and an article's claims, as their files state them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

STRIKE_CLASS = "strike_class"
STRIKE_CLASS_MIDFOOT, STRIKE_CLASS_POOLED = "strike_class_midfoot", "strike_class_pooled"
STRIKE_CLASSES = (STRIKE_CLASS, STRIKE_CLASS_MIDFOOT, STRIKE_CLASS_POOLED)
PERCENT, SMD, CORRELATION = "%", "SMD", "r"
_METRIC = re.compile(r"^ *- name: *(\S+) *\n *unit: *(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Dose:
    """How much of a technique a published effect belongs to.

    Attributes:
        metric: the metric that says how much a runner changed.
        change: published change, in the metric's unit or in percent.
        relative: whether the change is in percent of the runner's own.
    """

    metric: str
    change: float
    relative: bool = False


@dataclass(frozen=True)
class ContrastSpec:
    """A contrast in the words of a study, and how a cohort may answer it.

    Attributes:
        name: key in its file.
        label: in words.
        condition_a, condition_b: conditions of the same runners; empty when there are none.
        dose: how much of condition b, or None where it has no dose.
        between: ``strike_class`` (rearfoot and forefoot strikers), ``strike_class_midfoot``,
            ``strike_class_pooled`` (of studies that pooled midfoot and forefoot), a metric whose
            median splits the runners, or empty.
        predictor: metric that runners are regressed on, or empty.
        absolute: whether on its size, whatever its sign.
        change: change of the predictor that the effect belongs to.
        not_testable: why nothing here can answer it, or empty.
    """

    name: str
    label: str
    condition_a: str = ""
    condition_b: str = ""
    dose: Dose | None = None
    between: str = ""
    predictor: str = ""
    absolute: bool = False
    change: float = 1.0
    not_testable: str = ""


@dataclass(frozen=True)
class Group:
    """Mean, standard deviation and number of runners of one published group."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True)
class Effect:
    """One published effect, b against a.

    Attributes:
        contrast: which contrast.
        variable: what the authors measured, in their words.
        metrics: this project's metrics that it is set beside.
        direction: ``increase``, ``decrease`` or ``no difference``.
        effect: size in ``unit``; NaN when only the direction is known.
        unit: ``%``, ``SMD``, ``r`` or the metrics' own unit.
        ci: published 95 % interval, or None.
        groups: published groups, from which effect and interval are derived, or None.
        of_size: the authors speak of the size of a quantity that is negative here (work
            absorbed), so a decrease is a rise toward zero.
        evidence_level: how the figure was read.
        note: conflicts and differences in definition.
        p: two-sided p as printed, or its upper bound; NaN where none was seen.
        quantity: what it is taken together with over studies; empty: the metric itself.
    """

    contrast: ContrastSpec
    variable: str
    metrics: tuple[str, ...]
    direction: str
    effect: float
    unit: str
    ci: tuple[float, float] | None
    groups: tuple[Group, Group] | None
    of_size: bool
    evidence_level: str
    note: str
    p: float = float("nan")
    quantity: str = ""


@dataclass(frozen=True)
class Study:
    """One publication. ``source`` is its DOI or another number, empty when none is known."""

    name: str
    citation: str
    source: str
    population: str
    n: str
    speed: str
    design: str
    family: str
    note: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class SmallestEffect:
    """The smallest effect that matters, of one kind of metric.

    Attributes:
        kind: in words.
        metrics: patterns of their names, as of a shell.
        size: above zero, in percent of the condition compared with where ``relative``, else in
            the metrics' own unit.
        relative: see ``size``.
        reason: its source, or why the project chose it.
    """

    kind: str
    metrics: tuple[str, ...]
    size: float
    relative: bool
    reason: str


@dataclass(frozen=True)
class ClaimTest:
    """One contrast that would show a claim: metrics and the sign expected of b minus a.

    Attributes:
        contrast, metrics, expected: what is compared, and ``increase`` or ``decrease``.
        note: in words.
        size: how much the claim asks for, above zero, in the unit of the smallest effect; NaN
            where it names no size.
        within: how near to ``size`` it must be; NaN where ``size`` is the least that is asked.
    """

    contrast: ContrastSpec
    metrics: tuple[str, ...]
    expected: str
    note: str = ""
    size: float = math.nan
    within: float = math.nan


@dataclass(frozen=True)
class Claim:
    """One claim of the article.

    Attributes:
        id: number.
        claim: in short.
        mechanism: how it would come about.
        studies: those that bear on it.
        source_check: what they really say.
        primary: what decides, one metric each: all of them must hold.
        because: why these.
        secondary: other quantities of the claim; they decide nothing.
        also: what else is shown beside.
        not_testable: why nothing measured here can decide, or empty.
    """

    id: int
    claim: str
    mechanism: str
    studies: tuple[str, ...]
    source_check: str
    primary: tuple[ClaimTest, ...]
    because: str = ""
    secondary: tuple[ClaimTest, ...] = ()
    also: tuple[ClaimTest, ...] = ()
    not_testable: str = ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric it names."""
        tests = (*self.primary, *self.secondary, *self.also)
        return tuple(metric for test in tests for metric in test.metrics)


@dataclass(frozen=True)
class Claims:
    """An article's claims, and what counts as an effect."""

    claims: tuple[Claim, ...]
    smallest: tuple[SmallestEffect, ...]

    def smallest_of(self, metric: str) -> SmallestEffect:
        """Return the smallest effect of a metric, the first whose pattern fits."""
        return find_smallest(self.smallest, metric)


def find_smallest(smallest: Sequence[SmallestEffect], metric: str) -> SmallestEffect:
    """Return the smallest effect of a metric.

    Raises:
        KeyError: of no kind; reading claims.yaml looks for that.
    """
    for one in smallest:
        if any(fnmatchcase(metric, pattern) for pattern in one.metrics):
            return one
    raise KeyError(metric)


def metric_units(schemas: Path) -> dict[str, str]:
    """Return the unit of every metric of metrics.yaml in that folder.

    By its lines: YAML takes most of a second over them, and this runs before every workflow.
    """
    text = (schemas / "metrics.yaml").read_text(encoding="utf-8")
    return {name: unit.strip("\"'") for name, unit in _METRIC.findall(text)}
