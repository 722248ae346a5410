"""What an article claims, and what these runners show: claims.csv and claim_tests.csv.

A claim is judged by its primary tests alone, all of which must hold (the rule:
:mod:`strikelean.studies.verdicts`); its other quantities stand beside them. A claim of which a
primary quantity was not observed is not testable here, unless another contradicts it. Of virtual
runners, and of what a model predicts for real ones, nothing is tested: the same rule works on the
model's band, and the verdict says what the model predicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.formats.files import write_table
from strikelean.studies.claim_tests import (
    Judged,
    Variants,
    expected_share,
    judge_test,
    primary_p,
)
from strikelean.studies.cohort import Cohort
from strikelean.studies.contrasts import BETWEEN, LINE, Unanswered
from strikelean.studies.definitions import Claim, Claims, ClaimTest
from strikelean.studies.estimates import Estimate
from strikelean.studies.statistics import holm
from strikelean.studies.verdicts import (
    CONTRADICTED,
    DEPENDS,
    NO_DIFFERENCE,
    NOT_TESTABLE,
    SUPPORTED,
    UNDECIDED,
    margin,
    together,
)

CLAIM_COLUMNS = (
    "id",
    "claim",
    "verdict",
    "answer",
    "predicted",
    "reason",
    "because",
    "p",
    "p_claims",
    "source_check",
)
TEST_COLUMNS = (
    "claim",
    "role",
    "contrast",
    "metric",
    "expected",
    "unit",
    "estimate",
    "ci_low",
    "ci_high",
    "ci90_low",
    "ci90_high",
    "band_low",
    "band_high",
    "muscles_low",
    "muscles_high",
    "p",
    "p_asked",
    "p_claims",
    "smallest_effect",
    "size_asked",
    "within",
    "detectable",
    "expected_share",
    "design",
    "predicted",
    "held",
    "n_a",
    "n_b",
    "answer",
    "reason",
    "note",
)
PREDICTED = {
    SUPPORTED: "the model predicts it",
    CONTRADICTED: "the model predicts otherwise",
    NO_DIFFERENCE: "the model predicts no relevant difference",
    UNDECIDED: "the model predicts no clear answer",
    DEPENDS: DEPENDS,
}
MISSING = float("nan")

_WEAKEST_FIRST = (CONTRADICTED, DEPENDS, UNDECIDED, NO_DIFFERENCE, SUPPORTED)


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict with everything behind it.

    Attributes:
        claim: that was judged.
        verdict: in words.
        answer: see :mod:`strikelean.studies.verdicts`.
        reason: for it.
        primary: what decided.
        beside: secondary and other tests.
        predicted: whether it is what a model predicts.
        p: of the claim, NaN where nothing was tested.
    """

    claim: Claim
    verdict: str
    answer: str
    reason: str
    primary: tuple[Judged, ...]
    beside: tuple[Judged, ...]
    predicted: bool = False
    p: float = MISSING


def weakest(judged: Sequence[Judged]) -> Judged | None:
    """Return the test that decides: the weakest answer, of several the one least sure of it."""
    known = [one for one in judged if isinstance(one.found, Estimate) and one.question]

    def strength(one: Judged) -> tuple[int, float]:
        assert one.question is not None
        return _WEAKEST_FIRST.index(one.answer), margin(one.question, one.interval)

    return min(known, key=strength, default=None)


def _why_not(judged: Sequence[Judged]) -> str:
    """Return how many primary tests could not be answered, and the reasons, each once."""
    reasons = [one.found.reason for one in judged if isinstance(one.found, Unanswered)]
    told = "; ".join(dict.fromkeys(reasons))
    if len(reasons) == len(judged):
        return told
    return f"{len(reasons)} of {len(judged)} primary quantities not testable here ({told})"


def _runners(found: Estimate) -> str:
    return f"{found.n_a} against {found.n_b}" if found.design == BETWEEN else f"{found.n_a}"


def _reasons(cohort: Cohort, judged: Sequence[Judged], deciding: Judged) -> str:
    """Return why a claim has its verdict, beginning with the test that decides."""
    assert isinstance(deciding.found, Estimate)
    parts = [f"{deciding.metric} ({deciding.test.contrast.label}): {deciding.reason}"]
    known = [one for one in judged if isinstance(one.found, Estimate)]
    if len(known) > 1:
        counts = {name: sum(one.answer == name for one in known) for name in _WEAKEST_FIRST}
        told = ", ".join(f"{n} {name}" for name, n in reversed(counts.items()) if n)
        parts.append(f"of {len(known)} primary tests {told}")
    if deciding.answer == UNDECIDED and np.isfinite(deciding.detectable):
        unit = "" if deciding.unit == "1" else f" {deciding.unit}"
        parts.append(
            f"{_runners(deciding.found)} runners would show a change of "
            f"{deciding.detectable:.3g}{unit} in four of five cohorts"
        )
    parts += [_why_not(judged)] if len(known) < len(judged) else []
    out = len(cohort.excluded)
    parts += [f"{out} trial{'' if out == 1 else 's'} excluded (quality.csv)"] if out else []
    return "; ".join(parts)


def judge_claim(
    cohort: Cohort,
    claims: Claims,
    claim: Claim,
    variants: Variants | None = None,
) -> Verdict:
    """Judge one claim on a cohort.

    Args:
        cohort: the runners.
        claims: all of them, for the smallest effects.
        claim: which.
        variants: what answers a test with other models of the muscles.
    """

    def judged(role: str, tests: Sequence[ClaimTest], decide: int = 1) -> tuple[Judged, ...]:
        return tuple(
            judge_test(cohort, role, test, metric, claims.smallest_of(metric), decide, variants)
            for test in tests
            for metric in test.metrics
        )

    primary = judged("primary", claim.primary, max(1, len(claim.primary)))
    beside = judged("secondary", claim.secondary) + judged("also", claim.also)
    if claim.not_testable:
        reason = claim.not_testable
        return Verdict(claim, NOT_TESTABLE, NOT_TESTABLE, reason, primary, beside)
    deciding = weakest(primary)
    unanswered = [one.found for one in primary if isinstance(one.found, Unanswered)]
    if deciding is None or (unanswered and deciding.answer != CONTRADICTED):
        first = next((found for found in unanswered if found.kind), unanswered[0])
        verdict = f"{NOT_TESTABLE} ({first.kind})" if first.kind else NOT_TESTABLE
        return Verdict(claim, verdict, NOT_TESTABLE, _why_not(primary), primary, beside)
    assert isinstance(deciding.found, Estimate)
    known = [one for one in primary if isinstance(one.found, Estimate)]
    own = str(together([np.asarray(one.answer) for one in known])[0])
    predicted = deciding.found.predicted
    verdict = PREDICTED[own] if predicted else own
    reason, p = _reasons(cohort, primary, deciding), primary_p(primary)
    return Verdict(claim, verdict, own, reason, primary, beside, predicted, p)


def _test_row(claim: Claim, one: Judged, p_claims: float) -> dict[str, object]:
    row: dict[str, object] = {
        "claim": claim.id,
        "role": one.role,
        "contrast": one.test.contrast.label,
        "metric": one.metric,
        "expected": one.test.expected,
        "unit": one.unit,
        "p_claims": p_claims if one.role == "primary" else MISSING,
        "answer": one.answer,
        "reason": one.reason,
        "note": one.test.note,
    }
    found = one.found
    if isinstance(found, Unanswered) or one.question is None:
        return row
    low, high = (MISSING, MISSING) if found.predicted else found.interval
    return row | {
        "estimate": found.value,
        "ci_low": low,
        "ci_high": high,
        "ci90_low": one.narrow[0],
        "ci90_high": one.narrow[1],
        "band_low": found.band[0],
        "band_high": found.band[1],
        "muscles_low": found.muscles[0],
        "muscles_high": found.muscles[1],
        "p": MISSING if found.predicted else found.p_interval,
        "p_asked": one.p,
        "smallest_effect": one.question.smallest,
        "size_asked": one.question.size,
        "within": one.question.within,
        "detectable": one.detectable,
        "expected_share": expected_share(one),
        "design": found.design,
        "predicted": "yes" if found.predicted else "no",
        "held": ", ".join(found.held) if found.design == LINE else "",
        "n_a": found.n_a,
        "n_b": found.n_b,
    }


def claims_tables(
    cohort: Cohort, claims: Claims, variants: Variants | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Judge every claim.

    Args:
        cohort: the runners.
        claims: what is claimed.
        variants: what answers a test with other models of the muscles.

    Returns:
        claims.csv, a row a claim, and claim_tests.csv, a row a test and metric. ``p_claims`` is
        corrected by Holm's method over all claims that were tested.
    """
    verdicts = [judge_claim(cohort, claims, claim, variants) for claim in claims.claims]
    over_claims = holm([verdict.p for verdict in verdicts])
    rows = [
        {
            "id": verdict.claim.id,
            "claim": verdict.claim.claim,
            "verdict": verdict.verdict,
            "answer": verdict.answer,
            "predicted": "yes" if verdict.predicted else "no",
            "reason": verdict.reason,
            "because": verdict.claim.because,
            "p": verdict.p,
            "p_claims": p,
            "source_check": verdict.claim.source_check,
        }
        for verdict, p in zip(verdicts, over_claims, strict=True)
    ]
    tests = [
        _test_row(verdict.claim, one, float(p))
        for verdict, p in zip(verdicts, over_claims, strict=True)
        for one in (*verdict.primary, *verdict.beside)
    ]
    own = pd.DataFrame(rows, columns=list(CLAIM_COLUMNS))
    table = pd.DataFrame(tests, columns=list(TEST_COLUMNS))
    # numbers of runners are whole also where a test has none
    return own, table.astype({"n_a": "Int64", "n_b": "Int64"})


@dataclass(frozen=True)
class ClaimOutputs:
    """Where claims.csv and claim_tests.csv go."""

    claims: Path
    tests: Path


def judge_claims(
    cohort: Cohort,
    claims: Claims,
    outputs: ClaimOutputs,
    variants: Variants | None = None,
) -> None:
    """Write claims.csv and claim_tests.csv of a cohort, see :func:`claims_tables`."""
    own, tests = claims_tables(cohort, claims, variants)
    write_table(own, outputs.claims)
    write_table(tests, outputs.tests)
