"""Verdicts on claims: reversed data reverse them, noise settles nothing, numbers stand behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.studies.claim_tests import of_cohorts
from strikelean.studies.claims import (
    CLAIM_COLUMNS,
    TEST_COLUMNS,
    ClaimOutputs,
    Verdict,
    claims_tables,
    judge_claim,
    judge_claims,
)
from strikelean.studies.cohort import STRIKE_ANGLE, Cohort
from strikelean.studies.contrasts import Unanswered
from strikelean.studies.definitions import Claim, Claims, ClaimTest, SmallestEffect
from strikelean.studies.exact import groups_ratios, groups_shifts, limits
from strikelean.studies.inputs import primary_metrics, read_cohort, read_definitions
from strikelean.studies.reading import read_claims
from strikelean.studies.verdicts import (
    CONTRADICTED,
    DEPENDS,
    NO_DIFFERENCE,
    NOT_TESTABLE,
    SUPPORTED,
    UNDECIDED,
)
from study_cohorts import (
    CLAIMS_FILE,
    FOREFOOT,
    KNEE,
    LEAN,
    LEANING,
    SCHEMAS,
    STRESS,
    STUDY_FILES,
    TECHNIQUES,
    claim_test,
    cohort,
    inputs,
    pairs,
    predicted,
    steps,
    strikers,
    table,
)

CLAIMS = read_claims(CLAIMS_FILE, SCHEMAS, [path.stem for path in STUDY_FILES])
ANGLES = [15.0, 12.0, 14.0, 10.0, 11.0, -3.0, -5.0, -6.0, -4.0, -2.0]
NOISE = np.random.default_rng(4).normal(0.0, 3.0, len(ANGLES))


FIVE_PERCENT = (SmallestEffect("load", ("*",), 5.0, True, "made up"),)


def claim(*tests: ClaimTest, **more: object) -> Claim:
    values: dict[str, object] = {
        "id": 1, "claim": "a claim", "mechanism": "somehow", "studies": (), "source_check": "read",
        "primary": tests,
    }  # fmt: skip
    return Claim(**(values | more))  # type: ignore[arg-type]


def judged(
    own: Cohort, given: Claim, smallest: tuple[SmallestEffect, ...] = FIVE_PERCENT
) -> Verdict:
    return judge_claim(own, Claims((given,), smallest), given)


def tables(own: Cohort, given: Claim) -> tuple[pd.Series, pd.DataFrame]:
    """Return a claim's row and its tests'."""
    claims, tests = claims_tables(own, Claims((given,), FIVE_PERCENT))
    return claims.iloc[0], tests


def moments(difference: float, noise: float = 1.0) -> list[float]:
    """Return heel strikers at 200, others so much away, with runners' own noise."""
    return [
        200.0 + (difference if a < 7.4 else 0.0) + noise * n
        for a, n in zip(ANGLES, NOISE, strict=True)
    ]


@pytest.mark.parametrize(
    ("difference", "expected", "verdict"),
    [
        (-20.0, "decrease", SUPPORTED),
        (20.0, "decrease", CONTRADICTED),
        (-20.0, "increase", CONTRADICTED),
        (20.0, "increase", SUPPORTED),
        (0.0, "decrease", NO_DIFFERENCE),
        (-10.0, "decrease", UNDECIDED),
    ],
)
def test_a_verdict_turns_with_its_data(difference: float, expected: str, verdict: str) -> None:
    own = cohort(strikers({KNEE: moments(difference)}, ANGLES))
    assert judged(own, claim(claim_test(KNEE, expected=expected))).verdict == verdict


def test_a_sure_sign_of_open_size_is_told_and_settles_nothing() -> None:
    own = cohort(strikers({KNEE: moments(-10.0)}, ANGLES))
    found = judged(own, claim(claim_test(KNEE)))
    assert "a decrease is sure, its size is not (asked: 5 %)" in found.reason
    assert "5 against 5 runners would show a change of" in found.reason


def test_noise_is_undecided_and_not_no_difference() -> None:
    own = cohort(strikers({KNEE: moments(0.0, noise=8.0)}, ANGLES))
    found = judged(own, claim(claim_test(KNEE)))
    assert found.verdict == UNDECIDED
    assert "not even the sign is sure" in found.reason


@pytest.mark.parametrize(
    ("difference", "size", "within", "verdict"),
    [
        (-40.0, 15.0, np.nan, SUPPORTED),
        (-20.0, 15.0, np.nan, CONTRADICTED),  # lower, and not by so much
        (0.0, 15.0, np.nan, NO_DIFFERENCE),
        (-20.0, 10.0, 5.0, SUPPORTED),
        (-60.0, 10.0, 5.0, CONTRADICTED),  # more than is claimed
        (20.0, 10.0, 5.0, CONTRADICTED),
        (0.0, 10.0, 5.0, NO_DIFFERENCE),
    ],
)
def test_a_size_that_a_claim_names_is_asked_for(
    difference: float, size: float, within: float, verdict: str
) -> None:
    own = cohort(strikers({KNEE: moments(difference)}, ANGLES))
    asked = replace(claim_test(KNEE), size=size, within=within)
    assert judged(own, claim(asked)).verdict == verdict


def test_all_primary_tests_must_hold_and_the_weakest_is_named() -> None:
    values = {KNEE: moments(-20.0), STRESS: moments(-10.0)}
    both = claim(claim_test(KNEE), claim_test(STRESS))
    found = judged(cohort(strikers(values, ANGLES)), both)
    assert found.verdict == UNDECIDED
    assert found.reason.startswith(STRESS)
    assert "of 2 primary tests 1 supported, 1 undecided" in found.reason
    alike = cohort(strikers(values | {STRESS: moments(-22.0)}, ANGLES))
    # both hold: the one that lies less far beyond what is asked is named
    assert judged(alike, both).verdict == SUPPORTED
    assert judged(alike, both).reason.startswith(KNEE)
    against = cohort(strikers(values | {STRESS: moments(20.0)}, ANGLES))
    assert judged(against, both).verdict == CONTRADICTED
    # one that holds and one without a difference do not make a claim, nor unmake it
    mixed = cohort(strikers(values | {STRESS: moments(0.0)}, ANGLES))
    assert judged(mixed, both).verdict == UNDECIDED


def test_the_order_of_tests_changes_nothing_also_of_predictions() -> None:
    rows = [predicted(KNEE, BASE, -30.0, band=5.0), predicted(STRESS, BASE, -18.0, band=5.0)]
    own = cohort(pd.concat(rows), virtual=True)
    reasons = {
        judged(own, claim(*tests)).reason.split(" (")[0]
        for tests in (
            (claim_test(KNEE), claim_test(STRESS)),
            (claim_test(STRESS), claim_test(KNEE)),
        )
    }
    # there is no p: the band that lies least far beyond what is asked decides
    assert reasons == {STRESS}


def test_what_stands_beside_decides_nothing() -> None:
    own = cohort(strikers({KNEE: moments(-20.0), STRESS: moments(20.0)}, ANGLES))
    row, tests = tables(own, claim(claim_test(KNEE), secondary=(claim_test(STRESS),)))
    assert row["verdict"] == SUPPORTED
    assert list(tests["role"]) == ["primary", "secondary"]
    assert list(tests["answer"]) == [SUPPORTED, CONTRADICTED]


def test_a_claim_whose_quantity_was_not_observed_has_no_verdict_unless_contradicted() -> None:
    both = claim(claim_test(KNEE), claim_test(STRESS))
    found = judged(cohort(strikers({KNEE: moments(-20.0)}, ANGLES)), both)
    assert found.verdict == NOT_TESTABLE
    assert "1 of 2 primary quantities not testable here (not known of these" in found.reason
    against = judged(cohort(strikers({KNEE: moments(20.0)}, ANGLES)), both)
    assert against.verdict == CONTRADICTED


def test_a_claim_that_nothing_here_can_decide_keeps_its_numbers() -> None:
    own = cohort(strikers({KNEE: moments(-20.0)}, ANGLES))
    given = claim(not_testable="pressure is not measured", also=(claim_test(KNEE),), primary=())
    row, tests = tables(own, given)
    assert (row["verdict"], row["reason"]) == (NOT_TESTABLE, "pressure is not measured")
    assert tests["estimate"].notna().all()
    assert tests["answer"].iloc[0] == SUPPORTED


def test_interval_and_p_are_of_one_method_in_the_unit_of_the_smallest_effect() -> None:
    own = cohort(strikers({KNEE: moments(-20.0)}, ANGLES))
    a, b = np.array(moments(-20.0)[:5]), np.array(moments(-20.0)[5:])
    _, tests = tables(own, claim(claim_test(KNEE)))
    row = tests.iloc[0]
    assert row["unit"] == "%"
    ratios = np.array([limits(groups_ratios(a, b), level) for level in (0.95, 0.90)])
    given = row[["ci_low", "ci_high", "ci90_low", "ci90_high"]].astype(float)
    np.testing.assert_allclose(given, 100.0 * (ratios.ravel() - 1.0))
    # the least that 5 against 5 can give: two of 252 permutations
    assert row["p"] == pytest.approx(2.0 / 252.0)
    angle = (SmallestEffect("angle", ("*",), 2.0, False, "made up"),)
    found = judged(own, claim(claim_test(KNEE)), angle).primary[0]
    assert found.unit == "N m"
    assert found.interval == pytest.approx(limits(groups_shifts(a, b)))


def test_p_of_what_is_asked_is_small_where_the_test_is_supported() -> None:
    for difference in (-8.0, -12.0, -14.0, -16.0, -18.0, -30.0, 10.0):
        own = cohort(strikers({KNEE: moments(difference)}, ANGLES))
        one = judged(own, claim(claim_test(KNEE))).primary[0]
        assert (one.p <= 0.05) == (one.answer == SUPPORTED), difference
        near = replace(claim_test(KNEE), size=8.0, within=3.0)
        one = judged(own, claim(near)).primary[0]
        assert (one.p <= 0.05) == (one.answer == SUPPORTED), difference


def test_p_is_corrected_over_all_claims_that_were_tested() -> None:
    own = cohort(strikers({KNEE: moments(-20.0), STRESS: moments(-10.0)}, ANGLES))
    given = tuple(
        claim(claim_test(name), id=number)
        for number, name in enumerate((KNEE, STRESS, "contact_time"), start=1)
    )
    claims, tests = claims_tables(own, Claims(given, FIVE_PERCENT))
    assert claims["p_claims"].iloc[0] == pytest.approx(2.0 * claims["p"].iloc[0])
    assert np.isnan(claims["p"].iloc[2])
    np.testing.assert_array_equal(tests["p_claims"], claims["p_claims"])


def test_a_verdict_needs_every_model_of_the_muscles() -> None:
    own = cohort(strikers({KNEE: moments(-20.0)}, ANGLES))
    given = Claims((claim(claim_test(KNEE)),), FIVE_PERCENT)

    def with_variants(*differences: float) -> Verdict:
        others = {
            f"variant {n}": cohort(strikers({KNEE: moments(difference)}, ANGLES))
            for n, difference in enumerate(differences)
        }
        return judge_claim(own, given, given.claims[0], of_cohorts(others))

    assert with_variants(-25.0, -22.0).verdict == SUPPORTED
    found = with_variants(-25.0, 20.0)
    assert found.verdict == DEPENDS
    assert "supported: as delivered, variant 0; contradicted: variant 1" in found.reason


def test_runners_are_counted_that_change_the_way_the_claim_expects() -> None:
    after = [b + c for b, c in zip(BASE, [9.0, 8.0, 7.0, 10.0, 6.0, -1.0, 9.0], strict=True)]
    own = cohort(pairs(KNEE, BASE, after, ("heel_strike", "forefoot_upright")))
    shares = [
        tables(own, claim(claim_test(KNEE, expected=way)))[1]["expected_share"].iloc[0]
        for way in ("increase", "decrease")
    ]
    assert shares == pytest.approx([6 / 7, 1 / 7])


TEN = np.repeat([12.0, -5.0], 10)
"""Foot-strike angles of ten heel strikers and ten others."""


def many_cohorts(values: np.ndarray) -> Cohort:
    """Return (cohorts, 20) independent numbers as metrics of 20 runners, a column a cohort.

    One number a runner, as averaging steps gives it; every column is a cohort of its own.
    """
    subjects = [f"P{n:02}" for n in range(TEN.size)]
    index = pd.MultiIndex.from_product([subjects, ["run1"]], names=["subject", "trial"])
    trials = pd.DataFrame(
        {"condition": "", "arm": "", "parent": "", "dose": np.nan, "predicted": False}, index=index
    )
    names = [f"random_{n}" for n in range(len(values))]
    means = pd.DataFrame(values.T, index=index, columns=names).assign(**{STRIKE_ANGLE: TEN})
    units = dict.fromkeys(names, "N m")
    return Cohort(trials, means, units, frozenset(), pd.DataFrame())


def verdicts(values: np.ndarray) -> list[str]:
    own = many_cohorts(values)
    names = own.means.columns.drop(STRIKE_ANGLE)
    return [judged(own, claim(claim_test(str(name)))).verdict for name in names]


@pytest.mark.long
def test_noise_supports_a_claim_no_more_often_than_its_nominal_share() -> None:
    cohorts = 400
    found = verdicts(np.random.default_rng(20_250_601).normal(200.0, 20.0, (cohorts, 20)))
    # at most one in forty either way at the edge of what is asked, so hardly ever without an effect
    for verdict in (SUPPORTED, CONTRADICTED):
        assert found.count(verdict) / cohorts < 0.025, found.count(verdict)
    assert found.count(UNDECIDED) > 0.9 * cohorts


@pytest.mark.long
def test_a_planted_effect_is_found() -> None:
    cohorts = 100
    values = np.random.default_rng(7).normal(200.0, 20.0, (cohorts, 20))
    values[:, TEN < 0] *= 0.80
    # 5 % is asked: d = 1.5 of what is beyond it with 10 against 10 runners, theory says 89 %
    assert verdicts(values).count(SUPPORTED) / cohorts >= 0.80


BASE = [200.0, 210.0, 190.0, 220.0, 205.0, 215.0, 198.0]


def test_pairs_find_a_planted_change() -> None:
    rng = np.random.default_rng(8)
    after = [b - 20.0 + n for b, n in zip(BASE, rng.normal(0, 5, 7), strict=True)]
    own = cohort(pairs(KNEE, BASE, after, ("heel_strike", "forefoot_upright")))
    assert judged(own, claim(claim_test(KNEE))).verdict == SUPPORTED


@pytest.mark.parametrize("virtual", [True, False])
def test_a_prediction_is_worded_as_one_and_has_no_p(virtual: bool) -> None:
    for change, band, verdict in (
        (-20.0, 5.0, "the model predicts it"),
        (20.0, 5.0, "the model predicts otherwise"),
        (0.5, 5.0, "the model predicts no relevant difference"),
        (-20.0, 25.0, "the model predicts no clear answer"),
        # beyond zero and not beyond the smallest effect
        (-20.0, 15.0, "the model predicts no clear answer"),
    ):
        own = cohort(predicted(KNEE, BASE, change, band=band), virtual=virtual)
        row, tests = tables(own, claim(claim_test(KNEE)))
        assert (row["verdict"], row["predicted"]) == (verdict, "yes")
        assert np.isfinite(tests["band_low"].iloc[0])
        assert tests[["p", "p_asked", "ci_low", "ci90_low", "detectable"]].isna().all(axis=None)
        assert np.isnan(row["p_claims"])


def test_a_prediction_without_a_band_settles_nothing() -> None:
    own = cohort(predicted(KNEE, BASE, -20.0), virtual=True)
    found = judged(own, claim(claim_test(KNEE)))
    assert found.verdict == "the model predicts no clear answer"
    assert "its interval is not known" in found.reason


def test_what_the_technique_makes_is_no_evidence() -> None:
    own = cohort(predicted("contact_time", [0.2] * 7, -0.02), virtual=True)
    assert judged(own, claim(claim_test("contact_time"))).verdict == "not testable here (kept)"


def virtual_metrics() -> pd.DataFrame:
    """Return virtual runners with the article's conditions, a lean sweep and a cadence arm."""
    rng = np.random.default_rng(9)
    named = [m for m in primary_metrics((), CLAIMS) if not m.startswith("trunk_lean")]
    rows = []
    arms = {
        "run1~forefoot": ("forefoot_upright", 0.95),
        "run1~forefoot_lean+07": ("forefoot_lean", 0.88),
        "run1~lean+05": ("lean", 0.94),
        "run1~lean-05": ("lean", 1.06),
        "run1~cadence+10": ("cadence", 0.85),
    }
    for number in range(6):
        own = {metric: float(rng.uniform(5.0, 10.0)) for metric in named}
        rows += steps(f"V{number}", "run1", "heel_strike", own | {LEAN: 8.0, STRIKE_ANGLE: 14.0})
        for trial, (condition, factor) in arms.items():
            after = {m: v * factor for m, v in own.items() if not m.startswith("knee_internal")}
            rows += steps(
                f"V{number}", trial, condition, after, basis="predicted",
                low={m: 0.99 * v for m, v in after.items()},
                high={m: 1.01 * v for m, v in after.items()},
            )  # fmt: skip
    return table(rows)


def test_every_claim_of_a_virtual_cohort_has_a_verdict_with_numbers_or_a_reason() -> None:
    kept = replace(TECHNIQUES["lean"], imposed=("trunk_lean_*",), kept=("contact_time",))
    techniques = {
        name: replace(kept, condition=name) for name in ("lean", "forefoot_lean", "cadence")
    }
    techniques["forefoot_upright"] = TECHNIQUES["forefoot_upright"]
    own = cohort(virtual_metrics(), virtual=True, techniques=techniques)
    table_of_claims, tests = claims_tables(own, CLAIMS)
    found = table_of_claims.set_index("id")
    assert list(found.index) == list(range(1, 19))
    computed = found["verdict"].str.startswith("the model predicts")
    assert set(found.index[computed]) >= {1, 4, 9, 12, 13, 14, 18}
    # its knee is a hinge, its contact time is kept, and neither valgus nor stability was observed
    assert "hinge" in found.loc[10, "reason"]
    assert found.loc[7, "verdict"] == "not testable here (kept)"
    assert set(found.index[found["answer"] == NOT_TESTABLE]) >= {5, 10, 11, 16, 17}
    assert set(tests["claim"]) == set(range(1, 19)) - {11}
    for column in ("reason", "answer"):
        assert (found[column].str.len() > 0).all()
        assert (tests[column].str.len() > 0).all()


def test_every_claim_of_a_recorded_cohort_has_a_verdict_with_numbers_or_a_reason(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(10)
    names = [m for m in primary_metrics((), CLAIMS) if "_com_" not in m]
    values = {metric: list(rng.normal(10.0, 1.0, len(ANGLES))) for metric in names}
    given = inputs(tmp_path, strikers(values, ANGLES))
    _, claims = read_definitions(given)
    outputs = ClaimOutputs(tmp_path / "claims.csv", tmp_path / "claim_tests.csv")
    judge_claims(read_cohort(given), claims, outputs)
    found = pd.read_csv(outputs.claims, keep_default_na=False).set_index("id")
    tests = pd.read_csv(outputs.tests)
    assert list(tests.columns) == list(TEST_COLUMNS)
    answered = tests[tests["estimate"].notna()]
    assert (answered[["smallest_effect", "ci_low", "n_a"]].notna()).all(axis=None)
    assert list(found.columns) == list(CLAIM_COLUMNS[1:])
    assert list(found.index) == list(range(1, 19))
    for column in ("verdict", "answer", "reason", "source_check"):
        assert (found[column].str.len() > 0).all(), column
    testable = set(found.index[found["answer"] != NOT_TESTABLE])
    # the centre of mass (4), lean (10, 13, 14) and what was never observed are not there
    assert testable == {1, 2, 3, 6, 7, 8, 9, 12, 15, 18}
    # "far lower" with lean cannot be seen, but without it nothing of the kind
    assert found.loc[12, "verdict"] == CONTRADICTED


def test_lean_and_dose_claims_use_the_change_they_name() -> None:
    rows = []
    for number, base in enumerate(BASE):
        rows += steps(f"P{number}", "run1", "heel_strike", {STRESS: base, LEAN: 8.0})
        value = base * (1.0 - 0.01 * (4.0 + 0.1 * number))
        rows += steps(
            f"P{number}", "run1~lean+04", "lean", {STRESS: value, LEAN: 12.0}, basis="predicted"
        )
    own = cohort(table(rows))
    found = judged(own, claim(claim_test(STRESS, contrast=LEANING))).primary[0]
    assert not isinstance(found.found, Unanswered)
    assert found.found.value == pytest.approx(-6.0, abs=0.6)
    assert FOREFOOT.condition_b not in set(own.trials["condition"])
