"""Verdicts on claims: reversed data reverse them, noise settles nothing, numbers stand behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.studies.claims import (
    CLAIM_COLUMNS,
    CONTRADICTED,
    INCONCLUSIVE,
    SUPPORTED,
    claims_table,
    judge_claim,
    judge_claims,
)
from strikelean.studies.cohort import STRIKE_ANGLE, Cohort
from strikelean.studies.definitions import Claim, ClaimTest
from strikelean.studies.inputs import primary_metrics, read_cohort, read_definitions
from strikelean.studies.reading import read_claims
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


def claim(*tests: ClaimTest, **more: object) -> Claim:
    values: dict[str, object] = {
        "id": 1, "claim": "a claim", "mechanism": "somehow", "studies": (), "source_check": "read",
        "tests": tests, "also": (), "not_testable": "",
    }  # fmt: skip
    return Claim(**(values | more))  # type: ignore[arg-type]


def moments(difference: float) -> list[float]:
    """Return heel strikers at 200, others so much away, with runners' own noise."""
    return [
        200.0 + (difference if a < 7.4 else 0.0) + n for a, n in zip(ANGLES, NOISE, strict=True)
    ]


@pytest.mark.parametrize(
    ("difference", "expected", "verdict"),
    [
        (-20.0, "decrease", SUPPORTED),
        (20.0, "decrease", CONTRADICTED),
        (-20.0, "increase", CONTRADICTED),
        (0.0, "decrease", INCONCLUSIVE),
    ],
)
def test_a_verdict_turns_with_its_data(difference: float, expected: str, verdict: str) -> None:
    own = cohort(strikers({KNEE: moments(difference)}, ANGLES))
    assert judge_claim(own, claim(claim_test(KNEE, expected=expected))).verdict == verdict


def test_the_weakest_of_several_metrics_decides_and_all_are_shown() -> None:
    values = {KNEE: moments(-20.0), STRESS: moments(-1.0)}
    own = cohort(strikers(values, ANGLES))
    found = judge_claim(own, claim(claim_test(KNEE, STRESS)))
    assert found.verdict == INCONCLUSIVE
    assert f"weakest: {STRESS}" in found.reason
    assert "1 supported, 1 inconclusive" in found.reason
    numbers = claims_table(own, [claim(claim_test(KNEE, STRESS))])["numbers"].iloc[0]
    assert KNEE in numbers
    assert STRESS in numbers
    against = cohort(strikers(values | {STRESS: moments(20.0)}, ANGLES))
    assert judge_claim(against, claim(claim_test(KNEE, STRESS))).verdict == CONTRADICTED


def test_what_stands_beside_decides_nothing() -> None:
    own = cohort(strikers({KNEE: moments(-20.0), STRESS: moments(20.0)}, ANGLES))
    both = claim(claim_test(KNEE), also=(claim_test(STRESS),))
    assert judge_claim(own, both).verdict == SUPPORTED
    assert f"[beside] {STRESS}" in claims_table(own, [both])["numbers"].iloc[0]


def test_metrics_that_cannot_be_seen_leave_the_decision_to_the_others_and_are_told() -> None:
    own = cohort(strikers({KNEE: moments(-20.0)}, ANGLES))
    found = judge_claim(own, claim(claim_test(KNEE, STRESS)))
    assert found.verdict == f"{SUPPORTED} (1 of 2 tests)"
    assert "1 of 2 tests not testable here" in found.reason
    alone = judge_claim(own, claim(claim_test(STRESS)))
    assert alone.verdict == "not testable here (not known of these runners)"


def test_a_claim_that_nothing_here_can_decide_keeps_its_numbers() -> None:
    own = cohort(strikers({KNEE: moments(-20.0)}, ANGLES))
    given = claim(not_testable="pressure is not measured", also=(claim_test(KNEE),), tests=())
    (row,) = (r for _, r in claims_table(own, [given]).iterrows())
    assert row["verdict"] == "not testable here (pressure is not measured)"
    assert KNEE in row["numbers"]


def test_inconclusive_says_what_the_cohort_could_have_seen() -> None:
    own = cohort(strikers({KNEE: moments(0.0)[1:9]}, ANGLES[1:9]))
    found = judge_claim(own, claim(claim_test(KNEE)))
    assert "4 against 4 runners detect d = 2.38 in four of five cohorts" in found.reason


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
    blank = means * np.nan
    units = dict.fromkeys(names, "N m")
    return Cohort(trials, means, blank, blank, units, frozenset(), pd.DataFrame())


def verdicts(values: np.ndarray) -> list[str]:
    own = many_cohorts(values)
    names = own.means.columns.drop(STRIKE_ANGLE)
    return [judge_claim(own, claim(claim_test(str(name)))).verdict for name in names]


@pytest.mark.long
def test_noise_supports_a_claim_no_more_often_than_its_nominal_share() -> None:
    cohorts = 2000
    found = verdicts(np.random.default_rng(20_250_601).normal(200.0, 20.0, (cohorts, 20)))
    # two-sided 5 %: one in forty either way, within three standard errors of 2000 cohorts
    error = 3.0 * np.sqrt(0.025 * 0.975 / cohorts)
    for verdict in (SUPPORTED, CONTRADICTED):
        assert abs(found.count(verdict) / cohorts - 0.025) < error, found.count(verdict)
    assert found.count(INCONCLUSIVE) > 0.9 * cohorts


def test_a_planted_effect_is_found() -> None:
    cohorts = 400
    values = np.random.default_rng(7).normal(200.0, 20.0, (cohorts, 20))
    values[:, TEN < 0] -= 1.5 * 20.0
    # d = 1.5 with 10 against 10 runners: theory says 89 %
    assert verdicts(values).count(SUPPORTED) / cohorts >= 0.80


BASE = [200.0, 210.0, 190.0, 220.0, 205.0, 215.0, 198.0]


def test_pairs_find_a_planted_change() -> None:
    rng = np.random.default_rng(8)
    after = [b - 15.0 + n for b, n in zip(BASE, rng.normal(0, 5, 7), strict=True)]
    own = cohort(pairs(KNEE, BASE, after, ("heel_strike", "forefoot_upright")))
    assert judge_claim(own, claim(claim_test(KNEE))).verdict == SUPPORTED


@pytest.mark.parametrize("virtual", [True, False])
def test_a_prediction_is_worded_as_one_and_has_no_p(virtual: bool) -> None:
    for change, verdict in (
        (-20.0, "the model predicts it"),
        (20.0, "the model predicts the opposite"),
    ):
        own = cohort(predicted(KNEE, BASE, change, band=5.0), virtual=virtual)
        found = claims_table(own, [claim(claim_test(KNEE))]).iloc[0]
        assert found["verdict"] == verdict
        assert "band" in found["numbers"]
        assert " p " not in found["numbers"]
    own = cohort(predicted(KNEE, BASE, -20.0, band=25.0), virtual=virtual)
    assert judge_claim(own, claim(claim_test(KNEE))).verdict == "the model predicts no clear sign"


def test_what_the_technique_makes_is_no_evidence() -> None:
    own = cohort(predicted("contact_time", [0.2] * 7, -0.02), virtual=True)
    assert judge_claim(own, claim(claim_test("contact_time"))).verdict == "not testable here (kept)"


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
    found = claims_table(own, CLAIMS).set_index("id")
    assert list(found.index) == list(range(1, 19))
    computed = found["verdict"].str.startswith("the model predicts")
    assert set(found.index[computed]) >= {1, 4, 9, 11, 12, 13, 14, 18}
    # its knee is a hinge, and its contact time is kept
    assert "hinge" in found.loc[10, "verdict"]
    assert found.loc[7, "verdict"] == "not testable here (kept)"
    assert (found["numbers"].str.len() > 0).all()
    assert (found["reason"].str.len() > 0).all()


def test_every_claim_of_a_recorded_cohort_has_a_verdict_with_numbers_or_a_reason(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(10)
    names = [m for m in primary_metrics((), CLAIMS) if "_com_" not in m]
    values = {metric: list(rng.normal(10.0, 1.0, len(ANGLES))) for metric in names}
    given = inputs(tmp_path, strikers(values, ANGLES))
    _, claims = read_definitions(given)
    judge_claims(read_cohort(given), claims, tmp_path / "claims.csv")
    found = pd.read_csv(tmp_path / "claims.csv", keep_default_na=False).set_index("id")
    assert list(found.columns) == list(CLAIM_COLUMNS[1:])
    assert list(found.index) == list(range(1, 19))
    for column in ("verdict", "numbers", "reason", "source_check"):
        assert (found[column].str.len() > 0).all(), column
    testable = found.index[found["verdict"].isin([SUPPORTED, CONTRADICTED, INCONCLUSIVE])]
    assert set(testable) >= {1, 3, 4, 7, 8, 9, 12, 18}
    assert set(testable) & {11, 13, 14, 16, 17} == set()


def test_lean_and_dose_claims_use_the_change_they_name() -> None:
    rows = []
    for number, base in enumerate(BASE):
        rows += steps(f"P{number}", "run1", "heel_strike", {STRESS: base, LEAN: 8.0})
        value = base * (1.0 - 0.01 * (4.0 + 0.1 * number))
        rows += steps(
            f"P{number}", "run1~lean+04", "lean", {STRESS: value, LEAN: 12.0}, basis="predicted"
        )
    own = cohort(table(rows))
    found = judge_claim(own, claim(claim_test(STRESS, contrast=LEANING)))
    assert found.verdict == "the model predicts it"
    assert found.deciding[0].percent == pytest.approx(-6.0, abs=0.6)
    assert FOREFOOT.condition_b not in set(own.trials["condition"])
