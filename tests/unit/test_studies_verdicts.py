"""The rule of verdicts: by hand, its errors and its power on simulated cohorts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strikelean.studies.contrasts import BETWEEN, LINE, WITHIN
from strikelean.studies.reading import read_claims
from strikelean.studies.verdicts import (
    CONTRADICTED,
    DEPENDS,
    NO_DIFFERENCE,
    SUPPORTED,
    UNDECIDED,
    Intervals,
    Question,
    answers,
    margin,
    over_variants,
    together,
)
from strikelean.verify.claim_rule import (
    Plan,
    correlations,
    detectable,
    errors,
    plan,
    rule_table,
    simulate,
)
from study_cohorts import CLAIMS_FILE, SCHEMAS, STUDY_FILES, cohort, strikers

CLAIMS = read_claims(CLAIMS_FILE, SCHEMAS, [path.stem for path in STUDY_FILES])
DOWN = Question("decrease", 5.0)
FAR, NEAR = replace(DOWN, size=15.0), replace(DOWN, size=6.0, within=3.0)
COHORTS = 300


def answered(question: Question, low: float, high: float) -> str:
    ends = (low, high)
    return str(answers(question, Intervals(ends, ends, ends)))


@pytest.mark.parametrize(
    ("question", "low", "high", "answer"),
    [
        (DOWN, -20.0, -5.1, SUPPORTED),
        (DOWN, -20.0, -4.9, UNDECIDED),
        (DOWN, -4.9, 4.9, NO_DIFFERENCE),
        (DOWN, -4.9, -1.0, NO_DIFFERENCE),  # sure, and too small to matter
        (DOWN, 1.0, 9.0, UNDECIDED),
        (DOWN, 5.1, 9.0, CONTRADICTED),
        (DOWN, -20.0, 20.0, UNDECIDED),
        (DOWN, np.nan, np.nan, UNDECIDED),
        (FAR, -30.0, -15.1, SUPPORTED),
        (FAR, -14.9, -6.0, CONTRADICTED),
        (FAR, -4.0, 4.0, NO_DIFFERENCE),
        (FAR, -20.0, -6.0, UNDECIDED),
        (NEAR, -8.9, -3.1, SUPPORTED),
        (NEAR, -12.0, -3.1, UNDECIDED),
        (NEAR, -12.0, -9.1, CONTRADICTED),
        (NEAR, -2.9, 2.9, NO_DIFFERENCE),
        # within 5 %, and not without what the claim asks for
        (NEAR, -4.0, 4.0, UNDECIDED),
        (NEAR, 0.5, 9.0, CONTRADICTED),
    ],
)
def test_where_an_interval_lies_is_the_answer(
    question: Question, low: float, high: float, answer: str
) -> None:
    assert answered(question, low, high) == answer
    # the mirror image of the data and of what is expected has the same answer
    turned = replace(question, expected="increase")
    assert answered(turned, -high, -low) == answer


@given(st.floats(-30, 30), st.floats(0.1, 30), st.sampled_from([DOWN, FAR, NEAR]))
def test_turned_data_never_support_what_they_supported(
    low: float, width: float, question: Question
) -> None:
    if answered(question, low, low + width) == SUPPORTED:
        assert answered(question, -low - width, -low) == CONTRADICTED


def test_each_answer_has_its_own_interval() -> None:
    usual, narrow, wide = (-6.0, 0.0), (-4.0, 1.0), (-7.0, 2.0)
    assert str(answers(DOWN, Intervals(usual, narrow, wide))) == NO_DIFFERENCE
    up = replace(DOWN, expected="increase")
    # any of several tests would contradict a claim, so each is held against the wider interval
    assert str(answers(up, Intervals((-20.0, -5.5), (-19.0, -6.0), (-21.0, -4.0)))) == UNDECIDED


def test_a_claim_is_what_all_its_tests_say() -> None:
    def of(*found: str) -> str:
        return str(together([np.asarray(one) for one in found])[0])

    assert of(SUPPORTED, SUPPORTED) == SUPPORTED
    assert of(NO_DIFFERENCE, NO_DIFFERENCE) == NO_DIFFERENCE
    assert of(SUPPORTED, NO_DIFFERENCE) == UNDECIDED
    assert of(SUPPORTED, UNDECIDED) == UNDECIDED
    assert of(SUPPORTED, DEPENDS) == DEPENDS
    assert of(DEPENDS, CONTRADICTED, SUPPORTED) == CONTRADICTED


def test_an_answer_stands_where_all_variants_bear_it_out() -> None:
    assert over_variants(SUPPORTED, []) == SUPPORTED
    assert over_variants(SUPPORTED, [SUPPORTED, SUPPORTED]) == SUPPORTED
    assert over_variants(SUPPORTED, [SUPPORTED, UNDECIDED]) == DEPENDS
    assert over_variants(UNDECIDED, [UNDECIDED]) == UNDECIDED


def test_the_margin_is_what_lies_between_the_near_end_and_what_is_asked() -> None:
    assert margin(DOWN, (-20.0, -10.0)) == pytest.approx(1.0)
    assert margin(FAR, (-20.0, -10.0)) == pytest.approx(-1.0)
    assert margin(NEAR, (-10.0, -4.0)) == pytest.approx(-0.2)
    assert margin(DOWN, (np.nan, np.nan)) == -np.inf


def made_plan(design: str, tests: int, question: Question = DOWN, together: float = 0.7) -> Plan:
    correlation = np.full((tests, tests), together)
    np.fill_diagonal(correlation, 1.0)
    names = tuple(f"metric_{n}" for n in range(tests))
    return Plan(
        1, design, 7, names, (question,) * tests, (True,) * tests, np.full(tests, 8.0), correlation
    )


@pytest.mark.parametrize("design", [BETWEEN, WITHIN])
@pytest.mark.parametrize(("tests", "question"), [(1, DOWN), (3, DOWN), (2, FAR), (1, NEAR)])
def test_false_answers_are_no_more_frequent_than_nominal(
    design: str, tests: int, question: Question
) -> None:
    found = errors(made_plan(design, tests, question), COHORTS)
    # one-sided 2.5 %, two one-sided tests at 5 %; three standard errors of so many cohorts
    for name, nominal in (
        ("supported_nothing", 0.025),
        ("supported_edge", 0.05 if question is NEAR else 0.025),
        ("contradicted", 0.025),
        ("no_difference", 0.05),
    ):
        most = nominal + 3.0 * np.sqrt(nominal * (1.0 - nominal) / COHORTS)
        assert found[name] <= most, (name, found[name])


@pytest.mark.parametrize("design", [BETWEEN, WITHIN])
def test_planted_effects_are_found_and_their_mirror_images_contradict(design: str) -> None:
    given_plan = made_plan(design, 2)
    least, found = detectable(given_plan, COHORTS)
    assert 0.8 <= found < 0.86
    assert (least < -5.0).all()
    assert np.mean(simulate(given_plan, 1.3 * least, COHORTS, 2) == SUPPORTED) > 0.9
    assert np.mean(simulate(given_plan, -2.0 * least, COHORTS, 2) == CONTRADICTED) > 0.9


def test_a_difference_too_small_to_matter_is_found_where_runners_vary_little() -> None:
    alike = replace(made_plan(BETWEEN, 2), spread=np.full(2, 1.0))
    found = simulate(alike, np.array([-2.0, 0.0]), COHORTS)
    assert np.mean(found == NO_DIFFERENCE) > 0.95


def test_more_metrics_at_once_see_less() -> None:
    sizes = [abs(detectable(made_plan(WITHIN, n), COHORTS)[0][0]) for n in (1, 3)]
    assert sizes[0] < sizes[1]


def test_a_claim_is_simulated_with_its_metrics_spread_and_correlation() -> None:
    rng = np.random.default_rng(3)
    names = [metric for one in CLAIMS.claims for t in one.primary for metric in t.metrics]
    shared = rng.normal(0.0, 1.0, 12)
    values = {
        metric: list(10.0 + shared + 0.3 * rng.normal(0.0, 1.0, 12))
        for metric in dict.fromkeys(names)
    }
    own = cohort(strikers(values, list(rng.normal(10.0, 3.0, 12))))
    ankle = next(claim for claim in CLAIMS.claims if claim.id == 18)
    given_plan = plan(own, CLAIMS, ankle, BETWEEN, 7)
    assert given_plan is not None
    two = given_plan.metrics
    expected = np.corrcoef(values[two[0]], values[two[1]])
    np.testing.assert_allclose(given_plan.correlation, expected, rtol=1e-6)
    spread = 100.0 * np.std(values[two[0]], ddof=1) / np.mean(values[two[0]])
    assert given_plan.spread[0] == pytest.approx(spread)
    # one quantity in two contrasts has a condition in common
    assert correlations(own, [two[0], two[0]])[0, 1] == 0.5
    table = rule_table(own, replace(CLAIMS, claims=(ankle, CLAIMS.claims[14])), 7, 20)
    assert list(table["design"]) == [BETWEEN, WITHIN, LINE]
    assert (table["found"] >= 0.8).all()
