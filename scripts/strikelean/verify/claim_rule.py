"""How often the rule of :mod:`strikelean.studies.verdicts` errs, and what it finds.

Cohorts are drawn whose metrics vary and correlate as those of a real table do, with no difference,
with one at the edge of what an answer allows, or with a planted one; every claim is judged on all
of them by the rule that judges real cohorts. Intervals are the exact ones of few runners.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
"""Correlation of a runner's two conditions (assumed; it sets what pairs can see, not their errors)."""

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
    """Return how metrics correlate over runners and trials, their conditions' means taken out."""
    own = cohort.means[list(metrics)]
    centred = own - own.groupby(cohort.trials["condition"]).transform("mean")
    table = np.atleast_2d(centred.corr().fillna(0.0).to_numpy(dtype=np.float64, copy=True))
    np.fill_diagonal(table, 1.0)
    return np.asarray(table)


def plan(
    cohort: Cohort, claims: Claims, claim: Claim, design: str, runners: int
) -> Plan | None:
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
    # one metric may answer two contrasts: two columns then
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
        spread=np.where(
            [one.relative for one in smallest], 100.0 * spread / np.abs(means), spread
        ),
        correlation=correlations(cohort, list(dict.fromkeys(metrics)))
        if len(set(metrics)) == len(metrics)
        else _repeated(cohort, metrics),
    )


def _repeated(cohort: Cohort, metrics: Sequence[str]) -> FloatArray:
    """Return correlations where a metric stands twice, in contrasts that share a condition."""
    names = list(dict.fromkeys(metrics))
    places = [names.index(metric) for metric in metrics]
    table = correlations(cohort, names)[np.ix_(places, places)].copy()
    off = ~np.eye(len(places), dtype=bool)
    # b and c against one a: half of what either varies is a's
    table[off] = np.minimum(table[off], 0.5)
    return np.asarray(table)


def _root(correlation: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(correlation)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))


def _intervals(thresholds: FloatArray, tests: int, scale: Callable[[FloatArray], FloatArray]) -> Intervals:
    def ends(confidence: float) -> Ends:
        low, high = limits_of_many(thresholds, confidence)
        return scale(low), scale(high)

    usual = ends(1.0 - ALPHA)
    return Intervals(usual, ends(EQUIVALENCE), ends(1.0 - ALPHA / tests) if tests > 1 else usual)


def _lines(x: FloatArray, y: FloatArray, tests: int) -> Intervals:
    """Return t intervals of slopes of (n, cohorts) on x."""
    x = x - x.mean(axis=0)
    square = (x**2).sum(axis=0)
    slope = (x * y).sum(axis=0) / square
    freedom = len(y) - 2
    rest = y - y.mean(axis=0) - slope * x
    error = np.sqrt((rest**2).sum(axis=0) / freedom / square)

    def ends(confidence: float) -> Ends:
        half = float(stats.t.ppf(0.5 + confidence / 2.0, freedom)) * error
        return slope - half, slope + half

    return Intervals(ends(1.0 - ALPHA), ends(EQUIVALENCE), ends(1.0 - ALPHA / tests))


def _percent(ratio: FloatArray) -> FloatArray:
    return np.asarray(100.0 * (ratio - 1.0))


def _same(values: FloatArray) -> FloatArray:
    return values


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
    for place, question in enumerate(given.questions):
        spread, effect = given.spread[place], effects[place]
        a, b = first[..., place], second[..., place]
        if given.design == LINE:
            # spread is in the test's unit already, and the mean far from zero: no ratio needed
            found.append(answers(question, _lines(predictor, spread * a + effect * predictor, count)))
            continue
        if given.relative[place]:
            a, b = (np.maximum(1.0 + spread / 100.0 * one, LEAST) for one in (a, b))
            ratios = paired_ratios if given.design == WITHIN else groups_ratios
            thresholds, scale = ratios(a, (1.0 + effect / 100.0) * b), _percent
        elif given.design == WITHIN:
            thresholds, scale = paired_shifts(spread * (b - a) + effect), _same
        else:
            thresholds, scale = groups_shifts(spread * a, spread * b + effect), _same
        found.append(answers(question, _intervals(thresholds, count, scale)))
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
        return own, _share(simulate(given, own, cohorts), SUPPORTED)
    asked, sign = given.effects(lambda q: q.asked), given.effects(lambda q: 1.0)
    low, high = 0.0, 8.0
    for _ in range(10):
        middle = (low + high) / 2.0
        enough = _share(simulate(given, asked + sign * middle * given.noise, cohorts), SUPPORTED)
        low, high = (low, middle) if enough >= power else (middle, high)
    own = asked + sign * high * given.noise
    return own, _share(simulate(given, own, cohorts), SUPPORTED)


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
        name: _share(simulate(given, given.effects(bounds), cohorts), answer)
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
        for given in dict.fromkeys(one.design for one in plans if one is not None):
            own = next(one for one in plans if one is not None and one.design == given)
            least, found = detectable(own, cohorts)
            mirrored = _share(simulate(own, -least, cohorts), CONTRADICTED)
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
                    "mirrored_contradicted": mirrored,
                }
            )
    return pd.DataFrame(rows)


__all__ = ["Plan", "correlations", "detectable", "errors", "plan", "rule_table", "simulate"]
