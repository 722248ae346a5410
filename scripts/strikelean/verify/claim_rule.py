"""How often the rule of :mod:`strikelean.studies.verdicts` errs, and what it finds.

Cohorts are drawn whose metrics vary and correlate as those of a real table do, with no difference,
with one at the edge of what an answer allows, or with a planted one; every claim is judged on all
of them by the rule that judges real cohorts. Intervals are the exact ones of few runners.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import Cohort
from strikelean.studies.contrasts import BETWEEN, LINE, WITHIN
from strikelean.studies.definitions import Claim, Claims
from strikelean.studies.exact import (
    groups_ratios,
    groups_shifts,
    limits_of_many,
    paired_ratios,
    paired_shifts,
)
from strikelean.studies.verdicts import (
    ALPHA,
    CONTRADICTED,
    EQUIVALENCE,
    NO_DIFFERENCE,
    SUPPORTED,
    Answers,
    Ends,
    Intervals,
    Question,
    answers,
    together,
)

POWER = 0.8
ALIKE = 0.8
"""Correlation of a runner's two conditions (assumed: it sets what pairs see, not their errors)."""

LEAST = 0.05
"""Of a mean of one: loads are above zero, and a drawn one that is not is set here."""


@dataclass(frozen=True)
class Plan:
    """A claim as it is simulated.

    Attributes:
        claim: its number.
        design: ``within_runners``, ``between_runners`` or ``regression``.
        runners: in each group, or in all.
        metrics: of its primary tests.
        questions: of these, in percent or in the metric's unit.
        relative: whether in percent.
        spread: standard deviation between runners, in the same.
        correlation: of the metrics.
    """

    claim: int
    design: str
    runners: int
    metrics: tuple[str, ...]
    questions: tuple[Question, ...]
    relative: tuple[bool, ...]
    spread: FloatArray
    correlation: FloatArray

    def effects(self, bounds: Callable[[Question], float]) -> FloatArray:
        """Return an effect a test, turned into its sign, such as what every one asks for."""
        return np.array([question.sign * bounds(question) for question in self.questions])

    @property
    def noise(self) -> FloatArray:
        """Standard deviation that a test's difference is judged by, a metric."""
        return self.spread * (np.sqrt(2.0 * (1.0 - ALIKE)) if self.design == WITHIN else 1.0)


def correlations(cohort: Cohort, metrics: Sequence[str]) -> FloatArray:
    """Return how metrics correlate over runners and trials, their conditions' means taken out.

    A metric that stands twice answers two contrasts with one condition in common: half of what
    either varies is that one's.
    """
    names = list(dict.fromkeys(metrics))
    own = cohort.means[names]
    centred = own - own.groupby(cohort.trials["condition"]).transform("mean")
    table = centred.corr().fillna(0.0).to_numpy(dtype=np.float64)
    places = np.array([names.index(metric) for metric in metrics])
    found = table[np.ix_(places, places)]
    twice = places[:, None] == places
    return np.where(np.eye(len(places), dtype=bool), 1.0, np.where(twice, 0.5, found))


def plan(cohort: Cohort, claims: Claims, claim: Claim, design: str, runners: int) -> Plan | None:
    """Return how a claim is simulated; None where it has no primary test, or no numbers here.

    Args:
        cohort: whose metrics' spread and correlation are taken.
        claims: for the smallest effects.
        claim: which.
        design: of its contrasts, other than lines.
        runners: in each group, or pairs; lines have twice as many.
    """
    tests = [(test, metric) for test in claim.primary for metric in test.metrics]
    metrics = tuple(metric for _, metric in tests)
    runner_means = cohort.by_subject
    if not tests or any(metric not in runner_means for metric in metrics):
        return None
    own = runner_means[list(metrics)]
    means, spread = own.mean().to_numpy(), own.std().to_numpy()
    if not (np.isfinite(spread).all() and (spread > 0.0).all()):
        return None
    smallest = [claims.smallest_of(metric) for metric in metrics]
    line = any(test.contrast.predictor and not test.contrast.condition_b for test, _ in tests)
    return Plan(
        claim=claim.id,
        design=LINE if line else design,
        runners=2 * runners if line else runners,
        metrics=metrics,
        questions=tuple(
            Question(test.expected, one.size, test.size, test.within)
            for (test, _), one in zip(tests, smallest, strict=True)
        ),
        relative=tuple(one.relative for one in smallest),
        spread=np.where([one.relative for one in smallest], 100.0 * spread / np.abs(means), spread),
        correlation=correlations(cohort, metrics),
    )


def _root(correlation: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(correlation)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))


def _intervals(ends: Callable[[float], Ends], tests: int) -> Intervals:
    usual = ends(1.0 - ALPHA)
    return Intervals(usual, ends(EQUIVALENCE), ends(1.0 - ALPHA / tests) if tests > 1 else usual)


def _line(x: FloatArray, y: FloatArray) -> Callable[[float], Ends]:
    """Return t intervals of the slopes of y on x, both (n, cohorts), by confidence."""
    x = x - x.mean(axis=0)
    square = (x**2).sum(axis=0)
    slope = (x * y).sum(axis=0) / square
    freedom = len(y) - 2
    rest = y - y.mean(axis=0) - slope * x
    error = np.sqrt((rest**2).sum(axis=0) / freedom / square)

    def ends(confidence: float) -> Ends:
        half = float(stats.t.ppf(0.5 + confidence / 2.0, freedom)) * error
        return slope - half, slope + half

    return ends


def simulate(given: Plan, effects: FloatArray, cohorts: int, seed: int = 1) -> Answers:
    """Judge a claim on drawn cohorts.

    Args:
        given: the claim.
        effects: true difference of every test, in its unit; of a line, of a standard deviation
            of the predictor.
        cohorts: how many.
        seed: of the draw; the same draws with other effects can be compared.

    Returns:
        (cohorts,) answers.
    """
    rng = np.random.default_rng(seed)
    root, count = _root(given.correlation), len(given.metrics)
    shape = (given.runners, cohorts, count)
    first, second = (rng.standard_normal(shape) @ root.T for _ in range(2))
    if given.design == WITHIN:
        second = ALIKE * first + np.sqrt(1.0 - ALIKE**2) * second
    predictor = rng.standard_normal(shape[:2])
    found = []
    pairs = given.design == WITHIN
    for place, question in enumerate(given.questions):
        spread, effect = given.spread[place], effects[place]
        a, b = first[..., place], second[..., place]
        if given.design == LINE:
            # in the test's unit already, and its mean far from zero: no ratio is needed
            ends = _line(predictor, spread * a + effect * predictor)
        elif given.relative[place]:
            a, b = (np.maximum(1.0 + spread / 100.0 * one, LEAST) for one in (a, b))
            ratios = (paired_ratios if pairs else groups_ratios)(a, (1.0 + effect / 100.0) * b)
            ends = partial(limits_of_many, 100.0 * (ratios - 1.0))
        elif pairs:
            ends = partial(limits_of_many, paired_shifts(spread * (b - a) + effect))
        else:
            ends = partial(limits_of_many, groups_shifts(spread * a, spread * b + effect))
        found.append(answers(question, _intervals(ends, count)))
    return together(found)


def _share(found: Answers, answer: str) -> float:
    return float(np.mean(found == answer))


def detectable(given: Plan, cohorts: int, power: float = POWER) -> tuple[FloatArray, float]:
    """Return the smallest effects that are supported in so many cohorts, and in how many.

    Every test's effect lies as many standard deviations beyond what it asks for. A size asked for
    nearly is met in its middle or not at all: there is no such effect, but a share.
    """
    if any(np.isfinite(question.within) for question in given.questions):
        own = given.effects(lambda question: question.size)
        return own, _share(simulate(given, own, cohorts, given.claim), SUPPORTED)
    asked, sign = given.effects(lambda q: q.asked), given.effects(lambda q: 1.0)
    low, high = 0.0, 8.0
    for _ in range(10):
        middle = (low + high) / 2.0
        tried = simulate(given, asked + sign * middle * given.noise, cohorts, given.claim)
        enough = _share(tried, SUPPORTED)
        low, high = (low, middle) if enough >= power else (middle, high)
    own = asked + sign * high * given.noise
    return own, _share(simulate(given, own, cohorts, given.claim), SUPPORTED)


def errors(given: Plan, cohorts: int) -> Mapping[str, float]:
    """Return the shares of false answers, each where it is most likely.

    Returns:
        ``supported_nothing`` with no difference at all; ``supported_edge`` with every effect at
        the edge of what is asked; ``contradicted`` with every effect just not contrary enough;
        ``no_difference`` with every effect just too large for it.
    """

    def contrary(question: Question) -> float:
        return question.asked if np.isfinite(question.size) else -question.smallest

    cases = {
        "supported_nothing": (lambda q: 0.0, SUPPORTED),
        "supported_edge": (lambda q: q.asked, SUPPORTED),
        "contradicted": (contrary, CONTRADICTED),
        "no_difference": (lambda q: q.nothing, NO_DIFFERENCE),
    }
    return {
        name: _share(simulate(given, given.effects(bounds), cohorts, given.claim), answer)
        for name, (bounds, answer) in cases.items()
    }


def rule_table(cohort: Cohort, claims: Claims, runners: int, cohorts: int) -> pd.DataFrame:
    """Simulate every claim, between groups and in pairs.

    Args:
        cohort: whose metrics' spread and correlation are taken.
        claims: what is claimed.
        runners: in each group, or pairs.
        cohorts: drawn for every figure.

    Returns:
        A row a claim and design: the shares of :func:`errors`, the smallest detectable effect
        and in how many cohorts it was found, and in how many its mirror image contradicted.
    """
    rows = []
    for claim in claims.claims:
        plans = [plan(cohort, claims, claim, design, runners) for design in (BETWEEN, WITHIN)]
        # a line is neither: the same plan twice
        for own in {one.design: one for one in plans if one is not None}.values():
            least, found = detectable(own, cohorts)
            mirrored = simulate(own, -least, cohorts, own.claim)
            rows.append(
                {
                    "claim": own.claim,
                    "design": own.design,
                    "runners": own.runners,
                    "tests": len(own.metrics),
                    **errors(own, cohorts),
                    "detectable": "; ".join(
                        f"{size:+.3g}{' %' if relative else ''}"
                        for size, relative in zip(least, own.relative, strict=True)
                    ),
                    "found": found,
                    "mirrored_contradicted": _share(mirrored, CONTRADICTED),
                }
            )
    return pd.DataFrame(rows)
