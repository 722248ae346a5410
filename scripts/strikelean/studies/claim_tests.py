"""One test of a claim on a cohort: its estimate, intervals, p, and what they answer.

A load is tested in percent of the condition compared with, an angle or a place in its own unit, as
its kind's smallest effect is (claims.yaml). Interval and p are of one method: permutations of few
runners, else t (:mod:`strikelean.studies.estimates`). Of a prediction there is no p.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from strikelean.attempts import Failure, attempt
from strikelean.studies.cohort import Cohort
from strikelean.studies.contrasts import LINE, WITHIN, Sample, Unanswered, answer
from strikelean.studies.definitions import PERCENT, ClaimTest, ContrastSpec, SmallestEffect
from strikelean.studies.estimates import Estimate, estimate, moved
from strikelean.studies.exact import Interval
from strikelean.studies.statistics import detectable_effect
from strikelean.studies.verdicts import (
    ALPHA,
    CONTRADICTED,
    EQUIVALENCE,
    NO_DIFFERENCE,
    NOT_TESTABLE,
    SUPPORTED,
    Ends,
    Intervals,
    Question,
    answers,
    over_variants,
)

MISSING = float("nan")
NO_INTERVAL: Interval = (MISSING, MISSING)
Variants = Callable[[ContrastSpec, str], Mapping[str, Sample]]
"""Returns the samples of a contrast and metric with other models of the muscles, by their names."""

POINTS = "percentage points"
"""Of metrics whose own unit is percent, to tell them from percent of the other condition."""


@dataclass(frozen=True)
class Judged:
    """One test of a claim with one metric.

    Attributes:
        role: ``primary``, ``secondary`` or ``also``.
        test, metric: what was asked.
        unit: of question and estimate.
        question: what is asked, or None where nothing answers.
        found: computed, or why not.
        narrow: 90 % interval, NaN of a prediction.
        p: that there is no more than what is asked, two-sided as the interval is; that it is not
            so near, where the claim asks for a size; NaN of a prediction.
        detectable: change that such runners would show as supported in four of five cohorts, the
            expected way up; NaN of a prediction, a line, or a size asked for so nearly.
        answer: see :mod:`strikelean.studies.verdicts`.
        reason: for it, in words.
    """

    role: str
    test: ClaimTest
    metric: str
    unit: str
    question: Question | None
    found: Estimate | Unanswered
    narrow: Ends = NO_INTERVAL
    p: float = MISSING
    detectable: float = MISSING
    answer: str = NOT_TESTABLE
    reason: str = ""

    @property
    def interval(self) -> Interval:
        """The interval that settles it: the model's band of a prediction, else 95 %."""
        if isinstance(self.found, Unanswered):
            return NO_INTERVAL
        return self.found.band if self.found.predicted else self.found.interval


def _one_sign(sample: Sample) -> bool:
    """Whether percent of it mean anything: everything above zero, or everything below."""
    values = sample.b if sample.design == LINE else np.concatenate([sample.a, sample.b])
    return bool(np.all(values > 0.0) or np.all(values < 0.0))


def _question(test: ClaimTest, smallest: SmallestEffect, sample: Sample) -> tuple[Question, str]:
    """Return what is asked, and the unit of the estimate: ``%``, or empty for the metric's own."""
    sizes = (smallest.size, test.size, test.within)
    if not smallest.relative:
        return Question(test.expected, *sizes), ""
    if _one_sign(sample):
        return Question(test.expected, *sizes), PERCENT
    # no ratio of what may be zero; the share of the mean stands for it
    share = abs(float((sample.b if sample.design == LINE else sample.a).mean())) / 100.0
    return Question(test.expected, *(share * size for size in sizes)), ""


def _spread(sample: Sample, unit: str) -> float:
    """Return the standard deviation that a standardised difference is over, in the unit."""
    if sample.design == LINE:
        return MISSING
    if sample.design == WITHIN:
        spread = float((sample.b - sample.a).std(ddof=1))
    else:
        spread = float(np.sqrt((sample.a.var(ddof=1) + sample.b.var(ddof=1)) / 2.0))
    return 100.0 * spread / abs(float(sample.a.mean())) if unit == PERCENT else spread


def detectable_change(sample: Sample, unit: str, question: Question) -> float:
    """Return the change that would be supported in four of five cohorts, the expected way up.

    What is asked, and beyond it what a t-test at 5 % finds of a single quantity.
    """
    if sample.predicted or np.isfinite(question.within):
        return MISSING
    standardised = detectable_effect(sample.design, sample.a.size, sample.b.size)
    return question.asked + standardised * _spread(sample, unit)


def p_of_asked(sample: Sample, unit: str, question: Question) -> float:
    """Return p of the hypothesis that would have to be refused for the test to be supported."""
    nearly = np.isfinite(question.within)
    # (bound, which side of it is asked for); two one-sided tests halve p, as their interval is 90 %
    bounds = [(question.asked, 1.0)]
    if nearly:
        bounds.append((question.size + question.within, -1.0))
    found = []
    for bound, side in bounds:
        beyond = estimate(moved(sample, unit, question.sign * bound), unit)
        if beyond is None or not np.isfinite(beyond.p_interval):
            return MISSING
        right = beyond.value * question.sign * side > 0.0
        found.append(beyond.p_interval * (0.5 if nearly else 1.0) if right else 1.0)
    return max(found)


def _intervals(sample: Sample, unit: str, found: Estimate, tests: int) -> Intervals:
    """Return the intervals of an estimate, the wide one for so many tests together."""
    if found.predicted:
        return Intervals(found.band, found.band, found.band)
    narrow = estimate(sample, unit, EQUIVALENCE)
    wide = estimate(sample, unit, 1.0 - ALPHA / tests) if tests > 1 else found
    own = [NO_INTERVAL if one is None else one.interval for one in (narrow, wide)]
    return Intervals(found.interval, own[0], own[1])


def _amount(value: float, unit: str) -> str:
    return f"{value:.3g}" if unit == "1" else f"{value:.3g} {unit}"


def reason_words(given: str, question: Question, found: Intervals, unit: str) -> str:
    """Return why a test has its answer."""
    low, high = (float(end) for end in question.turned(found.usual))
    other = "a decrease" if question.expected == "increase" else "an increase"
    way = "an increase" if question.expected == "increase" else "a decrease"
    if given == SUPPORTED and np.isfinite(question.within):
        most = _amount(question.size + question.within, unit)
        return f"{way} of {_amount(question.asked, unit)} to {most}"
    if given == SUPPORTED:
        return f"{way} of more than {_amount(question.asked, unit)}"
    if given == NO_DIFFERENCE:
        return f"whatever the difference is, it is less than {_amount(question.nothing, unit)}"
    if given == CONTRADICTED and not np.isfinite(question.size):
        return f"{other} of more than {_amount(question.smallest, unit)}"
    if given == CONTRADICTED:
        less = high < question.asked
        bound = question.asked if less else question.size + question.within
        side = "less" if less else "more"
        return f"{way}, if any, of {side} than {_amount(bound, unit)}"
    if not (np.isfinite(low) and np.isfinite(high)):
        return "its interval is not known"
    if low > 0.0:
        sure = f"{way} is sure, its size is not"
    elif high < 0.0:
        sure = f"{other} is sure, its size is not"
    else:
        sure = "not even the sign is sure"
    if np.isfinite(question.within):
        return f"{sure} (asked: {_beside(question, found, unit)})"
    return f"{sure} (asked: {_amount(question.asked, unit)})"


def _beside(question: Question, found: Intervals, unit: str) -> str:
    """Return the sizes that are asked, and past which of them the interval reaches."""
    low, high = (float(end) for end in question.turned(found.narrow))
    most = question.size + question.within
    past = [
        word for word, out in (("below", low <= question.asked), ("above", high >= most)) if out
    ]
    reach = f"; the range reaches {' and '.join(past)} that" if past else ""
    return f"{question.asked:.3g} to {_amount(most, unit)}{reach}"


def _unit_words(cohort: Cohort, metric: str, unit: str) -> str:
    own = cohort.units.get(metric, "")
    return unit or (POINTS if own == PERCENT else own)


def _sample(cohort: Cohort, test: ClaimTest, metric: str) -> Sample | Unanswered:
    sample = attempt(lambda: answer(cohort, test.contrast, metric))
    return Unanswered(sample.reason) if isinstance(sample, Failure) else sample


def _judge(
    sample: Sample, given: Judged, smallest: SmallestEffect, tests: int, cohort: Cohort
) -> Judged:
    question, unit = _question(given.test, smallest, sample)
    found = estimate(sample, unit)
    if found is None:
        nothing = Unanswered("too few runners, or nothing varies")
        return replace(given, found=nothing, reason=nothing.reason)
    intervals = _intervals(sample, unit, found, tests)
    own, words = str(answers(question, intervals)), _unit_words(cohort, given.metric, unit)
    return replace(
        given,
        unit=words,
        question=question,
        found=found,
        narrow=NO_INTERVAL if found.predicted else intervals.narrow,
        p=MISSING if found.predicted else p_of_asked(sample, unit, question),
        detectable=detectable_change(sample, unit, question),
        answer=own,
        reason=reason_words(own, question, intervals, words),
    )


def judge_test(
    cohort: Cohort,
    role: str,
    test: ClaimTest,
    metric: str,
    smallest: SmallestEffect,
    tests: int = 1,
    variants: Variants | None = None,
) -> Judged:
    """Answer one test of a claim with one metric.

    Args:
        cohort: the runners.
        role: ``primary``, ``secondary`` or ``also``.
        test, metric: what is asked.
        smallest: effect that matters, of the metric.
        tests: how many decide the claim together.
        variants: what answers it with other models of the muscles; every one that gives
            another answer makes it depend on them.
    """
    sample = _sample(cohort, test, metric)
    found = sample if isinstance(sample, Unanswered) else Unanswered("not answered")
    unit = _unit_words(cohort, metric, "")
    blank = Judged(role, test, metric, unit, None, found, reason=found.reason)
    if isinstance(sample, Unanswered):
        return blank
    judged = attempt(partial(_judge, sample, blank, smallest, tests, cohort))
    if isinstance(judged, Failure):
        return replace(blank, found=Unanswered(judged.reason), reason=judged.reason)
    if isinstance(judged.found, Unanswered):
        return judged
    under = variants(test.contrast, metric) if variants else {}
    others = {name: _judge(other, blank, smallest, tests, cohort) for name, other in under.items()}
    return _over_variants(judged, others)


def _over_variants(judged: Judged, others: Mapping[str, Judged]) -> Judged:
    """Return a test with the answer that every variant bears out, and what else they say."""
    known = {name: one for name, one in others.items() if isinstance(one.found, Estimate)}
    own = over_variants(judged.answer, [one.answer for one in known.values()])
    if own == judged.answer:
        return judged
    told: dict[str, list[str]] = {judged.answer: ["as delivered"]}
    for name, one in known.items():
        told.setdefault(one.answer, []).append(name)
    words = "; ".join(f"{given}: {', '.join(names)}" for given, names in told.items())
    return replace(judged, answer=own, reason=words)


def of_cohorts(cohorts: Mapping[str, Cohort]) -> Variants:
    """Return what answers with the same runners' metrics of other models, a cohort each."""

    def under(contrast: ContrastSpec, metric: str) -> dict[str, Sample]:
        found = {name: answer(other, contrast, metric) for name, other in cohorts.items()}
        return {name: one for name, one in found.items() if isinstance(one, Sample)}

    return under


def expected_share(judged: Judged) -> float:
    """Return the share of the runners who change the way the claim expects, NaN but of pairs."""
    if isinstance(judged.found, Unanswered):
        return MISSING
    return judged.found.towards(judged.test.expected)


def primary_p(judged: Sequence[Judged]) -> float:
    """Return p of a claim: the largest of its primary tests, all of which must hold."""
    found = [one.p for one in judged]
    return max(found) if found and np.isfinite(found).all() else MISSING
