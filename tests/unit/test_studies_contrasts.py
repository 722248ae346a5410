"""Which runners answer a contrast, with which numbers, and why others cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strikelean.studies.compare import comparisons
from strikelean.studies.contrasts import BETWEEN, LINE, WITHIN, Sample, Unanswered, answer, answers
from strikelean.studies.definitions import ContrastSpec, Dose, Group
from strikelean.studies.estimates import band, estimate, published_interval
from study_cohorts import (
    BOTH,
    FOREFOOT,
    KNEE,
    LEAN,
    LEANING,
    STRESS,
    TECHNIQUES,
    choices_of,
    cohort,
    pairs,
    predicted,
    sizes,
    steps,
    strikers,
    table,
)

NAN = float("nan")
BASE = [200.0, 210.0, 190.0, 220.0, 205.0, 215.0]
ANGLES = [15.0, 12.0, 14.0, 10.0, -3.0, -2.0, -6.0]
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


@pytest.mark.parametrize("doses", [(3,), (-5,), (-10, -5, 0)])
def test_a_change_is_not_answered_across_zero_nor_far_beyond_what_was_run(
    doses: tuple[int, ...],
) -> None:
    found = reason_of(answer(cohort(lean_rows(doses, -2.0)), LEANING, STRESS))
    assert found.reason.startswith("0 runners with it in both heel_strike and lean, changed by 4 ")


def test_a_change_is_answered_by_the_trials_next_to_it() -> None:
    own = lean_rows((3, 5, 10, 20), -2.0)
    # beyond 10 deg all is different
    far = own["trial"] == "run1~lean+20"
    own.loc[far & (own["metric"] == STRESS), ["value", "value_low", "value_high"]] += 100.0
    found = sample_of(answer(cohort(own), LEANING, STRESS))
    assert (found.b - found.a).mean() == pytest.approx(-12.0)
    assert found.reach == pytest.approx(0.6)


def test_the_side_of_zero_decides_which_trials_answer() -> None:
    own = lean_rows((-5, 5), -2.0)
    back = (own["trial"] == "run1~lean-05") & (own["metric"] == STRESS)
    own.loc[back, ["value", "value_low", "value_high"]] += 40.0
    less = replace(LEANING, dose=Dose(LEAN, -4.0))
    both = {
        spec.dose.change: (found.b - found.a).mean()
        for spec in (less, LEANING)
        for found in [sample_of(answer(cohort(own), spec, STRESS))]
        if spec.dose is not None
    }
    assert both == {-4.0: pytest.approx(8.0 + 0.8 * 40.0), 6.0: pytest.approx(-12.0)}


def test_the_band_of_a_slope_is_taken_to_the_change_too() -> None:
    own = cohort(lean_rows((-5, 5), -2.0))
    found = estimate(sample_of(answer(own, LEANING, STRESS)), "")
    assert found is not None
    # 1 more or less at 5 deg is 1.2 at 6
    assert found.band == pytest.approx((-13.2, -10.8))
    assert found.agreeing == 1.0


def test_a_relative_dose_is_in_percent_of_the_runners_own() -> None:
    rows = []
    for number, base in enumerate(BASE):
        rate = 160.0 + number
        rows += steps(f"P{number}", "run1", "heel_strike", {STRESS: base, "step_rate": rate})
        rows += steps(
            f"P{number}", "run1~cadence+08", "cadence",
            {STRESS: 0.84 * base, "step_rate": 1.08 * rate}, basis="predicted",
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


def test_derived_doses_of_virtual_runners_stand_beside_the_recorded_one() -> None:
    rows = []
    for number, base in enumerate(BASE):
        rate = 160.0 + number
        rows += steps(f"P{number}", "heel_strike", "heel_strike", {STRESS: base, "step_rate": rate})
        for trial, percent, basis in (
            ("cadence", 11, "virtual"),
            ("heel_strike~cadence+19", 19, "predicted"),
            ("heel_strike~cadence-13", -13, "predicted"),
        ):
            own = {
                STRESS: base * (1.0 - 0.01 * percent) + number * 0.1,
                "step_rate": rate * (1.0 + percent / 100.0),
            }
            rows += steps(f"P{number}", trial, "cadence", own, basis=basis)
    techniques = {"cadence": replace(TECHNIQUES["lean"], condition="cadence", kept=())}
    own = cohort(table(rows), virtual=True, techniques=techniques)
    for change, reach in ((18.9, 18.9 / 19.0), (-13.0, 1.0), (10.0, 10.0 / 11.0)):
        dose = Dose("step_rate", change, relative=True)
        found = sample_of(
            answer(own, ContrastSpec("c", "c", "heel_strike", "cadence", dose), STRESS)
        )
        assert found.reach == pytest.approx(reach)
        size = estimate(found, "%")
        assert size is not None
        assert size.value == pytest.approx(-change, abs=0.5)
    # several doses have no mean: the recorded condition alone is compared
    pairs_told = comparisons(own, [])[["condition_a", "condition_b"]].drop_duplicates()
    assert pairs_told.to_numpy().tolist() == [["heel_strike", "cadence"]]


def two_predictions() -> pd.DataFrame:
    """Return runners with a recording and two predictions."""
    rows = []
    for number, base in enumerate(BASE):
        for trial, condition, shift in (
            ("run1~forefoot", "forefoot_upright", -5.0),
            ("run1~forefoot_lean+07", "forefoot_lean", -15.0),
        ):
            value = base + shift + 0.1 * number * shift
            rows += steps(f"P{number}", trial, condition, {KNEE: value}, basis="predicted")
        rows += steps(f"P{number}", "run1", "heel_strike", {KNEE: base})
    return table(rows)


LEANING_FOREFOOT = ContrastSpec("l", "lean on forefoot", "forefoot_upright", "forefoot_lean")
BOTH_TECHNIQUES = TECHNIQUES | {
    "forefoot_lean": replace(TECHNIQUES["lean"], condition="forefoot_lean")
}


def band_of_two(choices: pd.DataFrame, spec: ContrastSpec = LEANING_FOREFOOT) -> tuple[float, ...]:
    """Return how far the band of two predictions reaches from their contrast."""
    own = cohort(two_predictions(), techniques=BOTH_TECHNIQUES, choices=choices)
    found = estimate(sample_of(answer(own, spec, KNEE)), "")
    assert found is not None
    return tuple(end - found.value for end in found.band)


def shifted(shifts: Mapping[str, Mapping[str, float | Sequence[float]]]) -> pd.DataFrame:
    """Return choices.csv of the two predictions: by choice, condition and runner, the shift."""
    trials = {"forefoot_upright": "run1~forefoot", "forefoot_lean": "run1~forefoot_lean+07"}
    rows = [
        {"subject": f"P{n}", "trial": trial, "side": side, "metric": KNEE}
        | {
            f"technique: {choice}": np.broadcast_to(by[condition], 6)[n] if condition in by else NAN
            for choice, by in shifts.items()
        }
        for n in range(6)
        for condition, trial in trials.items()
        for side in BOTH
    ]
    return pd.DataFrame(rows)


def test_what_a_choice_does_to_both_arms_alike_leaves_their_contrast() -> None:
    both = {"forefoot_upright": 7.0, "forefoot_lean": 7.0}
    assert band_of_two(shifted({"knee": both})) == pytest.approx((0.0, 0.0), abs=1e-9)
    apart = {"forefoot_upright": [1.0, 2.0, 0.0, 4.0, 5.0, 6.0], "forefoot_lean": 5.0}
    assert band_of_two(shifted({"knee": both, "foot": apart})) == pytest.approx((0.0, 2.0))
    more = {name: np.add(shift, 11.0) for name, shift in apart.items()}
    assert band_of_two(shifted({"knee": both, "foot": more})) == pytest.approx((0.0, 2.0))


def test_a_choice_that_one_arm_knows_moves_that_arm_alone() -> None:
    hips = {"forefoot_lean": -3.0}
    knee = {"forefoot_upright": 1.0, "forefoot_lean": 2.0}
    assert band_of_two(shifted({"hips": hips, "knee": knee})) == pytest.approx((-3.0, 1.0))
    # one that could not be solved in a runner says nothing of them, and no zero
    knee["forefoot_upright"] = [1.0] * 5 + [NAN]
    assert band_of_two(shifted({"knee": knee})) == pytest.approx((0.0, 1.0))


def test_a_band_mirrors_with_its_contrast() -> None:
    choices = shifted({"knee": {"forefoot_upright": 1.0, "forefoot_lean": 4.0}})
    turned = replace(LEANING_FOREFOOT, condition_a="forefoot_lean", condition_b="forefoot_upright")
    assert band_of_two(choices) == pytest.approx((0.0, 3.0))
    assert band_of_two(choices, turned) == pytest.approx((-3.0, 0.0))


SHIFT = st.floats(-50.0, 50.0)
PER_RUNNER = st.lists(SHIFT, min_size=6, max_size=6)
CHOICES = st.dictionaries(
    st.sampled_from(["knee", "foot", "hips", "pressure"]),
    st.fixed_dictionaries({"forefoot_upright": PER_RUNNER, "forefoot_lean": PER_RUNNER}),
    min_size=1,
)


@settings(max_examples=25, deadline=None)
@given(CHOICES, SHIFT, st.randoms(use_true_random=False))
def test_a_band_depends_on_no_order_and_on_nothing_that_both_arms_share(
    shifts: dict[str, dict[str, list[float]]], common: float, chance: Random
) -> None:
    band = band_of_two(shifted(shifts))
    assert band[0] <= 0.0 <= band[1]
    every = shifted(shifts)
    order = list(every.index)
    chance.shuffle(order)
    columns = list(every.columns)
    chance.shuffle(columns)
    assert band_of_two(every.loc[order, columns]) == pytest.approx(band)
    added = {
        choice: {name: list(np.add(own, common)) for name, own in by.items()}
        for choice, by in shifts.items()
    }
    assert band_of_two(shifted(added)) == pytest.approx(band, abs=1e-9)
    mirrored = {
        choice: {name: list(np.negative(own)) for name, own in by.items()}
        for choice, by in shifts.items()
    }
    assert band_of_two(shifted(mirrored)) == pytest.approx((-band[1], -band[0]), abs=1e-9)


def test_a_prediction_without_any_choice_tried_has_no_band() -> None:
    assert np.isnan(band_of_two(shifted({"knee": {}}))).all()


def test_another_family_of_choices_has_a_band_of_its_own() -> None:
    choices = shifted({"knee": {"forefoot_upright": 1.0, "forefoot_lean": 4.0}})
    choices["muscles: no passive force"] = np.where(choices["trial"] == "run1~forefoot", 0.0, 9.0)
    own = cohort(two_predictions(), techniques=BOTH_TECHNIQUES, choices=choices)
    found = sample_of(answer(own, LEANING_FOREFOOT, KNEE))
    value = float((found.b - found.a).mean())
    assert band(found, "") == pytest.approx((value, value + 3.0))
    assert band(found, "", "muscles") == pytest.approx((value, value + 9.0))


def test_a_choice_of_the_muscle_model_moves_recordings_too() -> None:
    own = predicted(KNEE, BASE, -10.0)
    key = ["subject", "trial", "side", "metric"]
    choices = own[key].assign(
        **{"muscles: stronger": np.where(own["basis"] == "measured", 4.0, 7.0)}
    )
    found = sample_of(answer(cohort(own, choices=choices), FOREFOOT, KNEE))
    assert band(found, "", "muscles") == pytest.approx((-10.0, -7.0))
    # nothing is known of what the technique's choices do
    assert np.isnan(band(found, "")).all()
    choices["technique: knee"] = np.where(own["basis"] == "measured", NAN, -2.0)
    found = sample_of(answer(cohort(own, choices=choices), FOREFOOT, KNEE))
    assert band(found, "") == pytest.approx((-12.0, -10.0))


def test_both_readings_of_an_area_curve_are_taken_in_both_arms() -> None:
    # the recording's stress may be 2 less, the prediction's too, beside a band of 1 of its own
    own = predicted(STRESS, BASE, -5.0, band=1.0)
    recorded = own["basis"] == "measured"
    own.loc[recorded, "value_low"] = own["value"] - 2.0
    own.loc[~recorded, "value_low"] -= 2.0
    choices = choices_of(own[~recorded])
    choices["technique: less"] = -1.0
    found = estimate(sample_of(answer(cohort(own, choices=choices), FOREFOOT, STRESS)), "")
    assert found is not None
    assert found.band == pytest.approx((-6.0, -4.0))


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
