"""The rule that answers a test of a claim, and puts the answers of a claim together.

An interval settles a test by where it lies. Turned so that the expected way is up:

- supported: it lies beyond what is asked, which is the size that the claim names, else the smallest
  effect that matters;
- no relevant difference: it lies within the smallest effect on both sides (two one-sided tests);
- contradicted: it lies beyond the smallest effect the other way, or short of a size that is asked;
- undecided: anything else, a sure sign of open size among it.

Of recordings the interval is that of the runners: 95 % for the first and the third, 90 % for the
second, so that each has an error of 2.5 or 5 %. Of a prediction it is the model's band. All tests
of a claim must support it, so each may be made at its own 5 % (an intersection-union test; Berger
1982, 10.1080/00401706.1982.10487790); any of several would contradict it, so the interval for that
is widened by Bonferroni. Everything here works on whole arrays, so that cohorts can be simulated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray

SUPPORTED, CONTRADICTED = "supported", "contradicted"
NO_DIFFERENCE, UNDECIDED = "no relevant difference", "undecided"
DEPENDS, NOT_TESTABLE = "depends on the muscle model", "not testable here"
ANSWERS = (SUPPORTED, CONTRADICTED, NO_DIFFERENCE, UNDECIDED, DEPENDS, NOT_TESTABLE)
ALPHA = 0.05
EQUIVALENCE = 1.0 - 2.0 * ALPHA
"""Confidence of the interval that two one-sided tests at 5 % amount to."""

Answers = NDArray[np.str_]
Ends = tuple[FloatArray | float, FloatArray | float]
"""Of an interval: a number each, or an array of one number a cohort."""


@dataclass(frozen=True)
class Question:
    """What one test of a claim asks for, in the unit of its estimate.

    Attributes:
        expected: ``increase`` or ``decrease`` of b against a.
        smallest: effect that matters, above zero.
        size: that the claim names, above zero and the expected way; NaN where it names none.
        within: how near to ``size`` it must be; NaN where ``size`` is the least.
    """

    expected: str
    smallest: float
    size: float = float("nan")
    within: float = float("nan")

    @property
    def sign(self) -> float:
        """1 where an increase is expected, else -1."""
        return 1.0 if self.expected == "increase" else -1.0

    @property
    def asked(self) -> float:
        """The least that would support it, the expected way up."""
        if np.isfinite(self.within):
            return self.size - self.within
        return self.size if np.isfinite(self.size) else self.smallest

    @property
    def nothing(self) -> float:
        """Up to where there is no relevant difference: never into what the claim asks for."""
        return min(self.smallest, self.asked)

    def turned(self, ends: Ends) -> tuple[FloatArray, FloatArray]:
        """Return an interval with the expected way up."""
        low, high = (np.asarray(end, dtype=np.float64) for end in ends)
        return (low, high) if self.sign > 0.0 else (-high, -low)


@dataclass(frozen=True)
class Intervals:
    """An estimate's intervals; of a prediction all three are the model's band.

    Attributes:
        usual: 95 %.
        narrow: 90 %.
        wide: 95 % over all tests of the claim together.
    """

    usual: Ends
    narrow: Ends
    wide: Ends


def answers(question: Question, found: Intervals) -> Answers:
    """Answer one test, of one cohort or of many at once.

    Args:
        question: what is asked.
        found: intervals, every end a number or an array of one number a cohort.

    Returns:
        ``supported``, ``contradicted``, ``no relevant difference`` or ``undecided``; the last
        where an interval is not known.
    """
    usual, narrow, wide = (
        question.turned(ends) for ends in (found.usual, found.narrow, found.wide)
    )
    asked, nothing = question.asked, question.nothing
    none = (narrow[0] > -nothing) & (narrow[1] < nothing)
    if np.isfinite(question.within):
        most = question.size + question.within
        supported = (narrow[0] > asked) & (narrow[1] < most)
        against = (wide[1] < asked) | (wide[0] > most)
    else:
        supported = usual[0] > asked
        short = asked if np.isfinite(question.size) else -question.smallest
        against = wide[1] < short
    chosen = np.select(
        [supported, none, against], [SUPPORTED, NO_DIFFERENCE, CONTRADICTED], UNDECIDED
    )
    return np.asarray(chosen, dtype=np.str_)


def together(of_tests: Sequence[Answers]) -> Answers:
    """Return the answer of a claim from those of all its tests, which must all hold.

    One that is contradicted contradicts it, one that depends on the muscle model makes it depend
    on that. Alike ones stand; any other mixture is undecided.
    """
    table = np.stack([np.atleast_1d(one) for one in of_tests])
    alike = (table == table[0]).all(axis=0)
    first = [(table == one).any(axis=0) for one in (CONTRADICTED, DEPENDS)]
    mixed = np.where(alike, table[0], UNDECIDED)
    return np.select(first, [CONTRADICTED, DEPENDS], mixed)


def over_variants(answer: str, variants: Sequence[str]) -> str:
    """Return an answer that variants of the muscle model bear out, else that it depends on them.

    Args:
        answer: with the model as delivered.
        variants: answers to the same test with each other one; none where nothing was varied.
    """
    return answer if set(variants) <= {answer} else DEPENDS


def margin(question: Question, ends: Ends) -> float:
    """Return how far an interval reaches beyond what is asked, by its less favourable end.

    In smallest effects, so that tests in different units can be put in order; below zero where
    the interval does not support the test, minus infinity where it is not known.
    """
    low, high = (float(end) for end in question.turned(ends))
    reach = low - question.asked
    if np.isfinite(question.within):
        reach = min(reach, question.size + question.within - high)
    return reach / question.smallest if np.isfinite(reach) else -np.inf
