"""What an article claims, and what these runners show: claims.csv.

A claim is supported when every one of its tests has the right sign and a two-sided p, corrected
by Holm's method over the claim's own tests, under 0.05; contradicted when one of them has the
same the other way; else inconclusive. So its weakest test decides. What no recording or model
here can show is told apart, with the reason; a claim supported by a part of its tests says so.
Of virtual runners, and of what a model predicts for real ones, nothing is tested: the verdict
says what the model predicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.attempts import Failure, attempt
from strikelean.formats.files import write_table
from strikelean.studies.cohort import Cohort
from strikelean.studies.contrasts import BETWEEN, LINE, Unanswered, answer
from strikelean.studies.definitions import Claim, ClaimTest
from strikelean.studies.estimates import Estimate, estimate, percent_change
from strikelean.studies.published import crosses_zero, not_testable, runners_words
from strikelean.studies.statistics import detectable_effect, holm

CLAIM_COLUMNS = ("id", "claim", "verdict", "numbers", "reason", "source_check")
ALPHA = 0.05
SUPPORTED, CONTRADICTED, INCONCLUSIVE = "supported", "contradicted", "inconclusive"
PREDICTED = {
    SUPPORTED: "the model predicts it",
    CONTRADICTED: "the model predicts the opposite",
    INCONCLUSIVE: "the model predicts no clear sign",
}
SEPARATOR = " | "
"""Between the tests in ``numbers``."""

_WEAKEST_FIRST = (CONTRADICTED, INCONCLUSIVE, SUPPORTED)


@dataclass(frozen=True)
class Judged:
    """One test of a claim with one metric.

    Attributes:
        test, metric: what was asked.
        found: computed, or why not.
        percent: change in percent of condition a, NaN where it has no meaning.
        p_holm: corrected over the claim's tests, NaN where nothing was tested.
        verdict: ``supported``, ``contradicted`` or ``inconclusive``; empty where unanswered.
    """

    test: ClaimTest
    metric: str
    found: Estimate | Unanswered
    percent: float
    p_holm: float = float("nan")
    verdict: str = ""


@dataclass(frozen=True)
class Verdict:
    """A claim's verdict with everything behind it."""

    claim: Claim
    verdict: str
    reason: str
    deciding: tuple[Judged, ...]
    beside: tuple[Judged, ...]


def _has_percent(metric: str, unit: str) -> bool:
    """Whether a change in percent means anything: not of angles, whose zero is a convention."""
    return unit not in ("deg", "%") and not any(
        word in metric for word in ("_share", "_index", "_present")
    )


def _answered(cohort: Cohort, test: ClaimTest, metric: str) -> Judged:
    sample = attempt(lambda: answer(cohort, test.contrast, metric))
    if isinstance(sample, Failure):
        sample = Unanswered(sample.reason)
    if isinstance(sample, Unanswered):
        return Judged(test, metric, sample, float("nan"))
    found = attempt(partial(estimate, sample, ""))
    if isinstance(found, Failure):
        return Judged(test, metric, Unanswered(found.reason), float("nan"))
    if found is None:
        return Judged(test, metric, Unanswered("too few runners, or nothing varies"), float("nan"))
    ratio = float("nan")
    if sample.design != LINE and _has_percent(metric, cohort.units[metric]):
        ratio = percent_change(sample.a, sample.b)
    return Judged(test, metric, found, ratio)


def sign_verdict(found: Estimate, expected: str, p_holm: float) -> str:
    """Return the verdict of one test.

    Args:
        found: computed b minus a.
        expected: ``increase`` or ``decrease``.
        p_holm: two-sided; not used for what a model predicts.
    """
    if found.predicted:
        banded = np.isfinite(found.band).all()
        sure = not crosses_zero(*found.band) if banded else found.agreeing == 1.0
    else:
        sure = bool(np.isfinite(p_holm)) and p_holm < ALPHA
    if not sure or found.value == 0.0:
        return INCONCLUSIVE
    right = (found.value > 0.0) == (expected == "increase")
    return SUPPORTED if right else CONTRADICTED


def judge_tests(cohort: Cohort, tests: Sequence[ClaimTest]) -> tuple[Judged, ...]:
    """Answer tests and correct their p values together."""
    answered = [_answered(cohort, test, metric) for test in tests for metric in test.metrics]
    tested = [
        one.found.p if isinstance(one.found, Estimate) and not one.found.predicted else np.nan
        for one in answered
    ]
    return tuple(
        one
        if isinstance(one.found, Unanswered)
        else Judged(
            one.test,
            one.metric,
            one.found,
            one.percent,
            float(p),
            sign_verdict(one.found, one.test.expected, float(p)),
        )
        for one, p in zip(answered, holm(tested), strict=True)
    )


def _weakest(judged: Sequence[Judged]) -> Judged | None:
    """Return the test that decides: the weakest verdict, of several the largest p."""
    known = [one for one in judged if one.verdict]
    if not known:
        return None

    def strength(one: Judged) -> tuple[int, float]:
        p = one.p_holm if np.isfinite(one.p_holm) else 0.0
        first = one.verdict == CONTRADICTED
        return _WEAKEST_FIRST.index(one.verdict), p if first else -p

    return min(known, key=strength)


def _unanswered_words(judged: Sequence[Judged]) -> list[str]:
    """Return what could not be answered, metrics with the same reason together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in judged:
        if isinstance(one.found, Unanswered):
            key = (one.test.contrast.label, not_testable(one.found))
            reasons.setdefault(key, []).append(one.metric)
    return [f"{', '.join(metrics)} ({label}): {why}" for (label, why), metrics in reasons.items()]


def _why_not(judged: Sequence[Judged]) -> str:
    """Return how many tests could not be answered, and the reasons, each once."""
    reasons = [one.found.reason for one in judged if isinstance(one.found, Unanswered)]
    told = "; ".join(dict.fromkeys(reasons))
    if len(reasons) == len(judged):
        return told
    return f"{len(reasons)} of {len(judged)} tests not testable here ({told})"


def _power_words(found: Estimate) -> str:
    if found.predicted or found.design == LINE:
        return ""
    least = detectable_effect(found.design, found.n_a, found.n_b)
    many = f"{found.n_a} against {found.n_b}" if found.design == BETWEEN else f"{found.n_a}"
    return f"{many} runners detect d = {least:.2f} in four of five cohorts"


def judge_claim(cohort: Cohort, claim: Claim) -> Verdict:
    """Judge one claim on a cohort."""
    deciding, beside = judge_tests(cohort, claim.tests), judge_tests(cohort, claim.also)
    if claim.not_testable:
        verdict = f"not testable here ({claim.not_testable})"
        return Verdict(claim, verdict, claim.not_testable, deciding, beside)
    weakest = _weakest(deciding)
    if weakest is None or isinstance(weakest.found, Unanswered):
        unanswered = [one.found for one in deciding if isinstance(one.found, Unanswered)]
        first = next((found for found in unanswered if found.kind), unanswered[0])
        return Verdict(claim, not_testable(first), _why_not(deciding), deciding, beside)
    found = weakest.found
    known = [one for one in deciding if one.verdict]
    counts = {name: sum(one.verdict == name for one in known) for name in _WEAKEST_FIRST}
    told = ", ".join(f"{n} {name}" for name, n in reversed(counts.items()) if n)
    parts = [f"weakest: {numbers_of_test(cohort, weakest, found)}"]
    parts += [f"of {len(known)} tests {told}"] if len(known) > 1 else []
    power = _power_words(found)
    parts += [power] if power and weakest.verdict == INCONCLUSIVE else []
    parts += [_why_not(deciding)] if len(known) < len(deciding) else []
    out = len(cohort.excluded)
    parts += [f"{out} trial{'' if out == 1 else 's'} excluded (quality.csv)"] if out else []
    verdict = PREDICTED[weakest.verdict] if found.predicted else weakest.verdict
    if weakest.verdict == SUPPORTED and len(known) < len(deciding):
        # the rest of the claim nobody has seen
        verdict += f" ({len(known)} of {len(deciding)} tests)"
    return Verdict(claim, verdict, "; ".join(parts), deciding, beside)


def numbers_of_test(cohort: Cohort, one: Judged, found: Estimate) -> str:
    """Return one answered test in words and numbers, as it stands in ``numbers``."""
    head = f"{one.metric} ({one.test.contrast.label}, expected {one.test.expected})"
    unit = cohort.units[one.metric]
    per = f" per {_step_words(one)}" if found.design == LINE else ""
    text = f"{head}: {found.value:+.4g}{'' if unit == '1' else f' {unit}'}{per}"
    if np.isfinite(one.percent):
        text += f" ({one.percent:+.1f} %)"
    if found.predicted:
        if np.isfinite(found.band).all():
            text += f", band {found.band[0]:.4g} to {found.band[1]:.4g}"
        share = found.towards(one.test.expected)
        return f"{text}, {share:.0%} of {found.n_a} runners as expected"
    if np.isfinite(found.interval).all():
        text += f", 95 % CI {found.low:.4g} to {found.high:.4g}"
    if np.isfinite(found.g):
        text += f", g {found.g:.2f}"
    if np.isfinite(found.p):
        text += f", p {found.p:.3g}, Holm {one.p_holm:.3g}"
    else:
        text += ", no p: every runner changes alike"
    text += f", n {runners_words(found)}"
    return text + (f", {', '.join(found.held)} held" if found.held else "")


def _step_words(one: Judged) -> str:
    """Return the step of a line's predictor in words."""
    spec = one.test.contrast
    return f"{spec.change:g} of {spec.predictor}"


def numbers_words(cohort: Cohort, verdict: Verdict) -> str:
    """Return every test of a claim; those that decide nothing come last, marked ``[beside]``."""
    texts = []
    for mark, judged in (("", verdict.deciding), ("[beside] ", verdict.beside)):
        own = [
            numbers_of_test(cohort, one, one.found)
            for one in judged
            if isinstance(one.found, Estimate)
        ]
        texts += [mark + text for text in (*own, *_unanswered_words(judged))]
    return SEPARATOR.join(texts)


def claims_table(cohort: Cohort, claims: Sequence[Claim]) -> pd.DataFrame:
    """Judge every claim.

    Returns:
        The columns of claims.csv, one row a claim.
    """
    verdicts = [judge_claim(cohort, claim) for claim in claims]
    rows = [
        {
            "id": verdict.claim.id,
            "claim": verdict.claim.claim,
            "verdict": verdict.verdict,
            "numbers": numbers_words(cohort, verdict),
            "reason": verdict.reason,
            "source_check": verdict.claim.source_check,
        }
        for verdict in verdicts
    ]
    return pd.DataFrame(rows, columns=list(CLAIM_COLUMNS))


def judge_claims(cohort: Cohort, claims: Sequence[Claim], output: Path) -> None:
    """Write claims.csv of a cohort."""
    write_table(claims_table(cohort, claims), output)
