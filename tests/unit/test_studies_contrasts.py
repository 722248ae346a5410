"""Which runners answer a contrast, with which numbers, and why others cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from strikelean.studies.contrasts import BETWEEN, LINE, WITHIN, Sample, Unanswered, answer, answers
from strikelean.studies.definitions import ContrastSpec, Dose, Group
from strikelean.studies.estimates import estimate, published_interval
from study_cohorts import (
    FOREFOOT,
    KNEE,
    LEAN,
    LEANING,
    STRESS,
    cohort,
    pairs,
    predicted,
    sizes,
    steps,
    strikers,
    table,
)

BASE = [200.0, 210.0, 190.0, 220.0, 205.0, 215.0]
ANGLES = [15.0, 12.0, 14.0, 10.0, -3.0, 2.0, -6.0]
STRIKE = [220.0, 210.0, 230.0, 215.0, 190.0, 200.0, 180.0]


def sample_of(found: Sample | Unanswered) -> Sample:
    assert isinstance(found, Sample), found
    return found


def reason_of(found: Sample | Unanswered) -> Unanswered:
    assert isinstance(found, Unanswered), found
    return found


def test_recorded_pairs_come_before_groups_and_predictions() -> None:
    both = pd.concat(
        [
            pairs(KNEE, BASE, [b - 20.0 for b in BASE], ("heel_strike", "forefoot_upright")),
            predicted(KNEE, BASE, -5.0),
        ]
    ).drop_duplicates(["subject", "trial", "side", "metric"])
    found = sample_of(answer(cohort(both), FOREFOOT, KNEE))
    assert (found.design, found.predicted) == (WITHIN, False)
    assert (found.b - found.a) == pytest.approx([-20.0] * 6)


def test_a_prediction_of_the_same_runners_stands_beside_groups_of_others() -> None:
    own = strikers({KNEE: STRIKE}, ANGLES)
    rows = []
    for number, (value, angle) in enumerate(zip(STRIKE, ANGLES, strict=True)):
        if angle > 7.4:
            rows += steps(
                f"P{number}", "run1~forefoot", "forefoot_upright", {KNEE: value - 15.0},
                basis="predicted",
            )  # fmt: skip
    both = cohort(pd.concat([own, table(rows)]))
    first, second = (sample_of(found) for found in answers(both, FOREFOOT, KNEE))
    assert (first.design, first.predicted) == (BETWEEN, False)
    assert (second.design, second.predicted) == (WITHIN, True)
    assert (second.b - second.a) == pytest.approx([-15.0] * 4)
    assert answer(both, FOREFOOT, KNEE).design == BETWEEN


def test_strike_classes_answer_where_nobody_ran_both() -> None:
    found = sample_of(answer(cohort(strikers({KNEE: STRIKE}, ANGLES)), FOREFOOT, KNEE))
    assert found.design == BETWEEN
    assert (found.a.size, found.b.size) == (4, 3)


def test_a_derived_trial_stands_beside_its_own_recording_whatever_that_is_called() -> None:
    metrics = predicted(KNEE, BASE, -5.0, own_condition="rearfoot")
    found = sample_of(answer(cohort(metrics), FOREFOOT, KNEE))
    assert found.predicted
    assert (found.b - found.a) == pytest.approx([-5.0] * 6)


@pytest.mark.parametrize(
    ("metric", "kind"), [("contact_time", "kept"), ("foot_strike_angle_contact", "imposed")]
)
def test_what_a_technique_imposes_or_keeps_is_no_finding(metric: str, kind: str) -> None:
    found = reason_of(answer(cohort(predicted(metric, [0.2] * 6, -0.01)), FOREFOOT, metric))
    assert found.kind == kind


def test_nobody_has_said_that_an_undeclared_metric_is_a_finding() -> None:
    found = reason_of(answer(cohort(predicted(KNEE, BASE, -5.0), techniques={}), FOREFOOT, KNEE))
    assert "declares nothing" in found.reason


def test_a_hinge_knee_says_nothing_of_valgus_even_when_markers_give_an_angle() -> None:
    metric = "knee_adduction_angle_contact"
    for virtual in (False, True):
        own = cohort(predicted(metric, [2.0, 3.0, 1.0, 2.5], 1.0), virtual=virtual)
        assert "hinge" in reason_of(answer(own, FOREFOOT, metric)).reason
    # of virtual runners it is not even solved for
    own = cohort(predicted(KNEE, BASE, -5.0), virtual=True)
    assert "hinge" in reason_of(answer(own, FOREFOOT, metric)).reason


def lean_rows(doses: tuple[int, ...], slope: float, *, lean_known: bool = True) -> pd.DataFrame:
    """Return runners at 8 deg of lean, derived trials whose stress falls by so much a degree."""
    rows = []
    for number, base in enumerate(BASE):
        own = slope * (1.0 + 0.1 * (number - 2.5))
        lean = {LEAN: 8.0 + number} if lean_known else {}
        rows += steps(f"P{number}", "run1", "heel_strike", {STRESS: base, **lean})
        for dose in doses:
            after = {LEAN: 8.0 + number + dose} if lean_known else {}
            value = base + own * dose
            rows += steps(
                f"P{number}", f"run1~lean{dose:+03d}", "lean", {STRESS: value, **after},
                basis="predicted", low={STRESS: value - 1.0}, high={STRESS: value + 1.0},
            )  # fmt: skip
    return table(rows)


@pytest.mark.parametrize("lean_known", [True, False])
@pytest.mark.parametrize("doses", [(5,), (-5, 5, 10)])
def test_a_dose_becomes_each_runners_slope_taken_to_the_published_change(
    doses: tuple[int, ...], lean_known: bool
) -> None:
    own = cohort(lean_rows(doses, -2.0, lean_known=lean_known))
    found = sample_of(answer(own, LEANING, STRESS))
    slopes = -2.0 * (1.0 + 0.1 * (np.arange(6) - 2.5))
    assert found.b - found.a == pytest.approx(6.0 * slopes)
    size = estimate(found, "%")
    assert size is not None
    assert size.value == pytest.approx(100.0 * -12.0 / np.mean(BASE))


def test_a_small_change_is_not_taken_far_beyond_itself() -> None:
    found = reason_of(answer(cohort(lean_rows((1,), -2.0)), LEANING, STRESS))
    assert found.reason.startswith("0 runners with it in both heel_strike and lean, changed by")


def test_the_band_of_a_slope_leans_on_the_far_ends_of_both_sides() -> None:
    own = cohort(lean_rows((-5, 5), -2.0))
    found = estimate(sample_of(answer(own, LEANING, STRESS)), "")
    assert found is not None
    # ends 1 higher at -5 and 1 lower at +5: slopes between -2.2 and -1.8 a degree
    assert found.band == pytest.approx((-13.2, -10.8))
    assert found.agreeing == 1.0


def test_a_relative_dose_is_in_percent_of_the_runners_own() -> None:
    rows = []
    for number, base in enumerate(BASE):
        rate = 160.0 + number
        rows += steps(f"P{number}", "run1", "heel_strike", {STRESS: base, "step_rate": rate})
        rows += steps(
            f"P{number}", "run1~cadence+05", "cadence",
            {STRESS: 0.9 * base, "step_rate": 1.05 * rate}, basis="predicted",
        )  # fmt: skip
    spec = ContrastSpec(
        "rate", "step rate", "heel_strike", "cadence", dose=Dose("step_rate", 10.0, relative=True)
    )
    techniques = {"cadence": replace(cohort(table(rows)).techniques["lean"], condition="cadence")}
    own = cohort(table(rows), techniques=techniques)
    size = estimate(sample_of(answer(own, spec, STRESS)), "%")
    assert size is not None
    assert size.value == pytest.approx(-20.0)
    absolute = replace(spec, dose=Dose("step_rate", 8.125))
    size = estimate(sample_of(answer(own, absolute, STRESS)), "%")
    assert size is not None
    assert size.value == pytest.approx(-10.0, abs=0.1)


def test_a_band_of_two_predictions_takes_the_ends_farthest_apart() -> None:
    rows = []
    for number, base in enumerate(BASE):
        for trial, condition, shift in (
            ("run1~forefoot", "forefoot_upright", -5.0),
            ("run1~forefoot_lean+07", "forefoot_lean", -15.0),
        ):
            value = base + shift + 0.1 * number * shift
            rows += steps(
                f"P{number}", trial, condition, {KNEE: value}, basis="predicted",
                low={KNEE: value - 1.0}, high={KNEE: value + 2.0},
            )  # fmt: skip
        rows += steps(f"P{number}", "run1", "heel_strike", {KNEE: base})
    own = cohort(table(rows))
    techniques = own.techniques | {
        "forefoot_lean": replace(own.techniques["lean"], condition="forefoot_lean")
    }
    spec = ContrastSpec("l", "lean on forefoot", "forefoot_upright", "forefoot_lean")
    found = estimate(sample_of(answer(cohort(table(rows), techniques=techniques), spec, KNEE)), "")
    assert found is not None
    assert found.band == pytest.approx((found.value - 3.0, found.value + 3.0))


def test_reasons_name_what_is_missing() -> None:
    own = cohort(strikers({KNEE: STRIKE}, ANGLES))
    lean = reason_of(answer(own, LEANING, KNEE)).reason
    assert "between-runner data only" in lean
    assert "no trunk markers" in lean
    assert "no trials of heel_strike or lean" in lean
    assert reason_of(answer(own, FOREFOOT, STRESS)).reason == "not known of these runners"
    assumed = cohort(strikers({KNEE: STRIKE}, ANGLES).assign(basis="assumed"))
    assert "no markers on the trunk" in reason_of(answer(assumed, FOREFOOT, KNEE)).reason
    spec = ContrastSpec("q", "Q-angle", not_testable="nobody measures it")
    assert reason_of(answer(own, spec, KNEE)).reason == "nobody measures it"


def test_an_excluded_derived_trial_is_told() -> None:
    excluded = [("P0", "run1~lean+20", "residual too large")]
    own = cohort(strikers({KNEE: STRIKE}, ANGLES), excluded=excluded)
    assert "excluded in 1 runner" in reason_of(answer(own, LEANING, KNEE)).reason


def test_the_median_of_a_metric_splits_runners() -> None:
    spec = ContrastSpec("trunk", "more lean", between=LEAN)
    leans = [2.0, 9.0, 4.0, 11.0, 3.0, 8.0, 10.0]
    own = cohort(strikers({KNEE: STRIKE, LEAN: leans}, ANGLES))
    found = sample_of(answer(own, spec, KNEE))
    assert sorted(found.b) == [180.0, 210.0, 215.0]
    unseen = cohort(strikers({KNEE: STRIKE}, ANGLES))
    assert "not observed" in reason_of(answer(unseen, spec, KNEE)).reason


def test_a_line_over_runners_gives_a_slope_and_a_correlation() -> None:
    spec = ContrastSpec("line", "over runners", predictor="foot_strike_angle_contact", change=10.0)
    own = cohort(
        strikers({KNEE: [200.0 + 2.0 * a + (-1) ** i for i, a in enumerate(ANGLES)]}, ANGLES)
    )
    found = sample_of(answer(own, spec, KNEE))
    assert found.design == LINE
    slope, r = estimate(found, ""), estimate(found, "r")
    assert slope is not None
    assert r is not None
    assert slope.value == pytest.approx(20.0, abs=0.5)
    assert r.value == pytest.approx(np.corrcoef(found.a, found.b)[0, 1])
    assert estimate(found, "SMD") is None


def test_a_line_may_run_over_the_size_of_its_predictor() -> None:
    spec = ContrastSpec(
        "flat", "further from flat", predictor="foot_strike_angle_contact", absolute=True
    )
    own = cohort(
        strikers({KNEE: [200.0 - 2.0 * abs(a) + 0.1 * i for i, a in enumerate(ANGLES)]}, ANGLES)
    )
    size = estimate(sample_of(answer(own, spec, KNEE)), "")
    assert size is not None
    # toes up or heel up alike
    assert size.value == pytest.approx(-2.0, abs=0.1)


def test_virtual_runners_answer_nothing_over_runners() -> None:
    spec = ContrastSpec("line", "over runners", predictor="foot_strike_angle_contact")
    own = cohort(strikers({KNEE: STRIKE}, ANGLES), virtual=True)
    assert "drawn" in reason_of(answer(own, spec, KNEE)).reason
    assert isinstance(answer(own, FOREFOOT, KNEE), Unanswered)


def test_percent_of_work_absorbed_is_of_its_size() -> None:
    metric = "knee_sagittal_work_negative_per_kg"
    a, b = [-0.5, -0.6, -0.7, -0.55, -0.65, -0.6], [-0.4, -0.5, -0.55, -0.45, -0.5, -0.5]
    own = cohort(pairs(metric, a, b, ("heel_strike", "forefoot_upright")))
    size = estimate(sample_of(answer(own, FOREFOOT, metric)), "%")
    assert size is not None
    assert size.value == pytest.approx(100.0 * (np.mean(b) / np.mean(a) - 1.0))
    assert size.low < size.value < size.high < 0.0


def test_published_means_and_deviations_give_welchs_interval() -> None:
    # Di Michele 2014: t = 2.75 with 11.9 degrees of freedom
    low, high = published_interval(Group(0.242, 0.010, 7), Group(0.228, 0.009, 7))
    assert (low, high) == pytest.approx((-0.0251, -0.0029), abs=1e-4)


def test_covariates_are_held_on_a_line_where_runners_bear_it() -> None:
    spec = ContrastSpec("line", "over runners", predictor="foot_strike_angle_contact")
    runners = sizes([f"P{n}" for n in range(7)])
    moments = [2.0 * a + 3.0 * runners[f"P{n}"].mass_kg for n, a in enumerate(ANGLES)]
    own = cohort(strikers({KNEE: moments}, ANGLES), runners=runners)
    found = sample_of(answer(own, spec, KNEE))
    assert found.held == ("mass_kg", "height_m")
    slope = estimate(found, "")
    assert slope is not None
    assert slope.value == pytest.approx(2.0)
