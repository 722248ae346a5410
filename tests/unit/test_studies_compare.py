"""Comparisons on made-up cohorts: who is compared with whom, and on which side of zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from strikelean.lab.strike_classes import FOREFOOT, REARFOOT
from strikelean.studies.cohort import (
    STRIKE_ANGLE,
    build_cohort,
    paired_conditions,
    pooled,
    strike_groups,
)
from strikelean.studies.compare import (
    COMPARISON_COLUMNS,
    CompareOutputs,
    bracketed_shares,
    compare_conditions,
    comparisons,
)
from strikelean.studies.regressions import (
    REGRESSION_COLUMNS,
    allowed_covariates,
    covariates_of,
    regressions,
    slope_by_foot,
)
from study_cohorts import KNEE, STRESS, cohort, pairs, predicted, sizes, steps, strikers, table

ANGLES = [15.0, 12.0, 14.0, 10.0, -3.0, -2.0, -6.0]
MOMENTS = [220.0, 210.0, 230.0, 215.0, 190.0, 200.0, 180.0]


def classes(moments: list[float] = MOMENTS) -> pd.DataFrame:
    return strikers({KNEE: moments}, ANGLES)


def test_the_runner_is_the_unit_however_many_steps_a_side_has() -> None:
    rows = steps("P1", "run1", "", {KNEE: [100.0] * 9}, sides=("right",))
    rows += steps("P1", "run1", "", {KNEE: 200.0}, sides=("left",))
    assert build_cohort(table(rows)).by_subject.loc["P1", KNEE] == pytest.approx(150.0)
    right = build_cohort(table(rows), side="right")
    assert right.by_subject.loc["P1", KNEE] == pytest.approx(100.0)


def test_a_metric_known_in_few_of_the_steps_is_left_out() -> None:
    nan = float("nan")
    rows = steps("P1", "run1", "", {KNEE: [100.0, nan, nan]}, sides=("right",))
    rows += steps("P1", "run1", "", {KNEE: [200.0, 220.0, nan]}, sides=("left",))
    assert build_cohort(table(rows)).by_subject.loc["P1", KNEE] == pytest.approx(210.0)


def test_groups_by_angle_compare_forefoot_with_rearfoot() -> None:
    result = comparisons(cohort(classes()), [KNEE]).set_index("metric").loc[KNEE]
    assert (result["condition_a"], result["condition_b"]) == (REARFOOT, FOREFOOT)
    assert (result["n_a"], result["n_b"]) == (4, 3)
    assert result["difference"] == pytest.approx(190.0 - 218.75)
    assert result["effect_size"] < 0
    welch = stats.ttest_ind(MOMENTS[:4], MOMENTS[4:], equal_var=False)
    assert result["p_raw"] == pytest.approx(welch.pvalue)
    assert result["design"] == "between_runners"
    assert (result["mean_a"], result["mean_b"]) == pytest.approx((218.75, 190.0))
    assert result["sd_a"] == pytest.approx(np.std(MOMENTS[:4], ddof=1))


def test_the_label_does_not_decide_the_group_the_angle_does() -> None:
    renamed = classes()
    renamed["condition"] = np.where(renamed["subject"] < "P3", "forefoot", "heel_strike")
    one, two = (comparisons(cohort(own), [KNEE]) for own in (classes(), renamed))
    pd.testing.assert_frame_equal(one, two)


def test_conditions_within_runners_are_compared_in_pairs_and_by_a_mixed_model() -> None:
    base = [200.0, 230.0, 260.0]
    after = [190.0, 218.0, 252.0]
    metrics = pairs(KNEE, base, after, ("heel_strike", "forefoot_lean"))
    many = pd.concat([metrics.assign(step=step) for step in range(8)], ignore_index=True)
    many["value"] += np.random.default_rng(0).normal(0.0, 2.0, len(many))
    result = comparisons(cohort(metrics), [])
    assert len(result) == 1
    row = result.iloc[0]
    assert (row["condition_a"], row["condition_b"]) == ("heel_strike", "forefoot_lean")
    assert row["difference"] == pytest.approx(-10.0)
    assert row["design"] == "within_runners"
    assert not row["predicted"]
    assert (row["mean_a"], row["sd_a"]) == pytest.approx((230.0, 30.0))
    assert row["p_raw"] == pytest.approx(stats.ttest_1samp([-10, -12, -8], 0).pvalue)
    # a metric that a study names is fitted on its steps too
    both = comparisons(cohort(many), [KNEE])
    mixed = both[both["design"] == "mixed_model"]
    assert len(mixed) == 1
    assert mixed.iloc[0]["difference"] == pytest.approx(-10.0, abs=2.0)
    assert mixed.iloc[0]["n_a"] == 3


def test_assumed_values_are_not_compared() -> None:
    own = cohort(classes().assign(basis="assumed"))
    assert comparisons(own, [KNEE]).empty
    assert regressions(own, [KNEE]).empty
    assert own.assumed == {KNEE, STRIKE_ANGLE}


def test_what_is_assumed_in_one_runner_is_compared_among_the_others() -> None:
    metrics = classes()
    metrics.loc[metrics["subject"] == "P0", "basis"] = "assumed"
    row = comparisons(cohort(metrics), [KNEE]).set_index("metric").loc[KNEE]
    assert (row["n_a"], row["n_b"]) == (3, 3)


def test_regression_on_the_angle_is_per_degree() -> None:
    own = cohort(classes([200.0 + 2.0 * angle for angle in ANGLES]))
    row = regressions(own, [KNEE]).set_index("metric").loc[KNEE]
    assert row["slope"] == pytest.approx(2.0)
    assert (row["unit"], row["predictor"], row["n"]) == ("N m/deg", STRIKE_ANGLE, 7)


def test_regression_holds_mass_and_stature_where_runners_bear_it() -> None:
    subjects = [f"P{n}" for n in range(7)]
    runners = sizes(subjects)
    moments = [
        2.0 * angle + 3.0 * runners[s].mass_kg for s, angle in zip(subjects, ANGLES, strict=True)
    ]
    own = cohort(classes(moments), runners=runners)
    rows = regressions(own, [KNEE])
    rows = rows[rows["metric"] == KNEE].set_index("predictor")
    held = rows.loc[f"{STRIKE_ANGLE}, mass_kg, height_m held"]
    assert held["slope"] == pytest.approx(2.0)
    assert rows.loc[STRIKE_ANGLE, "slope"] != pytest.approx(2.0, abs=0.05)


def test_covariates_that_do_not_vary_or_are_too_many_are_left_out() -> None:
    metrics = strikers(
        {KNEE: MOMENTS, "running_speed": [3.5, 3.51, 3.49, 3.5, 3.5, 3.52, 3.5]}, ANGLES
    )
    own = cohort(metrics, runners=sizes([f"P{n}" for n in range(7)]))
    # all on one treadmill: its speed explains nothing
    assert list(covariates_of(own, own.by_subject)) == ["mass_kg", "height_m"]
    names = ["running_speed", "mass_kg", "height_m"]
    assert [len(allowed_covariates(names, n)) for n in (3, 4, 6, 8, 20)] == [0, 1, 2, 3, 3]


def test_reversed_data_turn_the_sign() -> None:
    one, two = (
        comparisons(cohort(classes([sign * m for m in MOMENTS])), [KNEE])
        .set_index("metric")
        .loc[KNEE]
        for sign in (1.0, -1.0)
    )
    assert two["difference"] == pytest.approx(-one["difference"])
    assert two["effect_size"] == pytest.approx(-one["effect_size"])


def test_holm_corrects_primary_and_exploratory_families_apart() -> None:
    metrics = classes()
    others = [metrics[metrics["metric"] == KNEE].assign(metric=f"other_{n}") for n in range(5)]
    both = pd.concat([metrics, *others], ignore_index=True)
    result = comparisons(cohort(both), [KNEE]).set_index("metric")
    assert result.loc[KNEE, "p_holm"] == pytest.approx(result.loc[KNEE, "p_raw"])
    other = result.loc["other_0"]
    assert other["p_holm"] == pytest.approx(min(1.0, 5 * other["p_raw"]))
    # the angle made the groups: its difference is shown, not tested
    angle = result.loc[STRIKE_ANGLE]
    assert np.isfinite(angle["difference"])
    assert np.isnan(angle["p_raw"])


def test_one_group_alone_gives_an_empty_table_with_its_header() -> None:
    result = comparisons(cohort(strikers({KNEE: [1.0, 2.0, 3.0]}, [15.0, 14.0, 12.0])), [])
    assert result.empty
    assert set(COMPARISON_COLUMNS) <= set(result.columns)


BASE = [200.0, 210.0, 190.0, 220.0, 205.0, 215.0]


def test_a_prediction_is_tested_only_where_the_technique_leaves_it_free() -> None:
    free = comparisons(cohort(predicted(KNEE, BASE, -10.0, band=3.0)), []).iloc[0]
    assert (free["design"], free["predicted"], free["virtual"]) == ("within_runners", True, False)
    assert (free["band_low"], free["band_high"]) == pytest.approx((-13.0, -7.0))
    noise = pd.concat(
        [
            predicted(KNEE, BASE, -10.0),
            predicted("contact_time", [0.2, 0.21, 0.22, 0.19, 0.2, 0.21], -0.01),
        ]
    )
    rng = np.random.default_rng(1)
    noise["value"] *= 1.0 + rng.normal(0.0, 1e-3, len(noise))
    result = comparisons(cohort(noise), []).set_index("metric")
    assert result.loc[KNEE, "p_raw"] < 0.05
    kept = result.loc["contact_time"]
    assert np.isnan(kept["p_raw"])
    assert (kept["kept"], kept["imposed"], kept["follows"]) == (True, False, False)
    undeclared = comparisons(cohort(noise, techniques={}), []).set_index("metric")
    assert undeclared["p_raw"].isna().all()


def test_virtual_runners_have_a_band_and_no_p() -> None:
    rng = np.random.default_rng(2)
    metrics = predicted(KNEE, BASE, -10.0, band=3.0)
    metrics["value"] += rng.normal(0.0, 0.5, len(metrics))
    row = comparisons(cohort(metrics, virtual=True), [KNEE]).iloc[0]
    assert (row["virtual"], row["predicted"]) == (True, True)
    assert np.isnan(row["effect_size"])  # their spread is a setting
    assert "settings" in row["reason"]
    assert np.isnan(row["p_raw"])
    assert np.isnan(row["p_holm"])
    assert np.isnan(row["ci_low"])
    assert (row["band_low"], row["band_high"]) == pytest.approx((-13.0, -7.0), abs=0.5)


def test_several_doses_of_one_condition_are_left_to_their_slopes() -> None:
    rows = []
    for number, base in enumerate(BASE):
        rows += steps(f"P{number}", "run1", "heel_strike", {KNEE: base})
        for dose in (-5, 5, 10):
            rows += steps(
                f"P{number}",
                f"run1~lean{dose:+03d}",
                "lean",
                {KNEE: base - dose},
                basis="predicted",
            )
    own = cohort(table(rows))
    assert own.dosed == {"lean"}
    assert paired_conditions(own) == []
    assert comparisons(own, []).empty


def test_derived_trials_that_share_a_recorded_condition_stay_apart() -> None:
    rows = []
    for number, base in enumerate(BASE):
        rows += steps(f"P{number}", "run1", "heel_strike", {KNEE: base})
        rows += steps(f"P{number}", "run2", "forefoot_upright", {KNEE: base - 20.0 - number})
        rows += steps(
            f"P{number}", "run1~forefoot", "forefoot_upright", {KNEE: base - 5.0}, basis="predicted"
        )
    found = comparisons(cohort(table(rows)), []).set_index(["condition_a", "condition_b"])
    measured = found.loc[("heel_strike", "forefoot_upright")]
    model = found.loc[("heel_strike", "forefoot_upright (predicted)")]
    assert measured["difference"] == pytest.approx(-22.5)
    assert model["difference"] == pytest.approx(-5.0)


def test_runners_are_taken_as_they_run_of_their_own_accord() -> None:
    rows = []
    for number, base in enumerate(BASE):
        own = {KNEE: base, STRIKE_ANGLE: 15.0 - number}
        rows += steps(f"P{number}", "run1", "heel_strike", own)
        other = {KNEE: base - 50.0, STRIKE_ANGLE: -5.0}
        rows += steps(f"P{number}", "run2", "forefoot_upright", other)
    # one who was recorded in a technique alone counts with that
    rows += steps("P9", "run1", "lean", {KNEE: 100.0, STRIKE_ANGLE: 3.0})
    found = cohort(table(rows))
    assert found.by_subject[KNEE].to_list() == pytest.approx([*BASE, 100.0])
    alone = [row for row in rows if row["trial"] == "run1"]
    one, two = (regressions(own, [KNEE]) for own in (found, cohort(table(alone))))
    pd.testing.assert_frame_equal(one, two)


def test_feet_stand_for_themselves_and_runners_count_once() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for number in range(8):
        angles = rng.normal(10.0, 5.0, 2)
        for side, angle in zip(("right", "left"), angles, strict=True):
            value = 200.0 + 3.0 * angle + rng.normal(0.0, 5.0)
            rows += steps(
                f"P{number}", "run1", "", {KNEE: value, STRIKE_ANGLE: angle}, sides=(side,)
            )
    row = regressions(cohort(table(rows)), [KNEE]).set_index("metric").loc[KNEE]
    assert (row["n"], row["feet"]) == (8, 16)
    assert row["slope"] == pytest.approx(3.0, abs=1.0)
    assert row["ci_low"] < 3.0 < row["ci_high"]
    # the same foot twice is no second runner: nothing is surer for it
    twice = [row | {"side": "right"} for row in rows if row["side"] == "right"]
    both = twice + [row | {"side": "left"} for row in twice]
    one, two = (
        regressions(cohort(table(own)), [KNEE]).set_index("metric").loc[KNEE]
        for own in (twice, both)
    )
    assert two["ci_low"] == pytest.approx(one["ci_low"])
    assert two["p_raw"] == pytest.approx(one["p_raw"])


@pytest.mark.long
def test_the_interval_of_a_slope_through_feet_holds_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    for runners in (7, 14, 26):
        held = 0
        for _ in range(4000):
            own = np.repeat(np.arange(runners), 2)
            angle = np.repeat(rng.normal(10.0, 6.0, runners), 2) + rng.normal(0.0, 2.0, own.size)
            value = np.repeat(rng.normal(0.0, 1.0, runners), 2) + rng.normal(0.0, 0.5, own.size)
            slope = slope_by_foot(value, angle[:, None], own)
            assert slope is not None
            held += slope.ci_low <= 0.0 <= slope.ci_high
        assert held / 4000 >= 0.935, runners


def test_flags_and_numbers_of_both_sides_are_told() -> None:
    own = comparisons(cohort(predicted("contact_time", [0.2, 0.21, 0.22], -0.01)), []).iloc[0]
    assert (own["kept"], own["imposed"], own["follows"]) == (True, False, False)
    assert own["mean_b"] - own["mean_a"] == pytest.approx(own["difference"])
    assert own["sd_a"] == pytest.approx(0.01)
    assert own["reason"]


def test_shares_of_bracketed_values_are_told() -> None:
    own = table(steps("P1", "run1", "", {KNEE: [100.0, 110.0]}))
    own.loc[0, "value_high"] = 105.0
    assert bracketed_shares(own) == {KNEE: 0.25}
    # the band of a prediction is no bracket of an area curve
    assert bracketed_shares(predicted(STRESS, BASE, -1.0, band=1.0))[STRESS] == 0.0


def test_compare_conditions_writes_both_tables(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.csv" for name in ("comparisons", "regressions")]
    compare_conditions(cohort(classes()), [KNEE], CompareOutputs(*paths))
    compared, regressed = (pd.read_csv(path) for path in paths)
    assert list(compared.columns) == list(COMPARISON_COLUMNS)
    assert list(regressed.columns) == list(REGRESSION_COLUMNS)
    empty = build_cohort(classes().iloc[:0])
    compare_conditions(empty, [KNEE], CompareOutputs(*paths))
    assert pd.read_csv(paths[0]).empty
    assert pd.read_csv(paths[1]).empty


def test_a_runner_is_of_a_class_when_both_feet_are() -> None:
    """The mean of a rearfoot and a forefoot strike is a midfoot strike that nobody made."""
    rows = []
    feet = [
        (15.0, 12.0),
        (14.0, 9.0),
        (3.0, 2.0),
        (5.0, 1.0),
        (-3.0, -5.0),
        (-2.0, -4.0),
        (15.0, -9.0),
    ]
    for number, (right, left) in enumerate(feet):
        for side, angle in (("right", right), ("left", left)):
            own = {STRIKE_ANGLE: angle, KNEE: 200.0 + number}
            rows += steps(f"P{number}", "run1", "habitual", own, sides=(side,))
    made = cohort(table(rows))
    expected = ["rearfoot"] * 2 + ["midfoot"] * 2 + ["forefoot"] * 2 + ["mixed"]
    assert strike_groups(made).tolist() == expected
    assert set(pooled(strike_groups(made))) == {"rearfoot", "non_rearfoot", "mixed"}
    compared = comparisons(made, [KNEE])
    found = compared[compared["metric"] == KNEE].set_index("condition_b")
    assert found["difference"].to_dict() == {"midfoot": 2.0, "forefoot": 4.0}
