"""Steps of a runner's condition are one pool a foot, in however many trials they were recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from strikelean.formats.hdf5 import Waveform
from strikelean.loads.within_runner import within_runner
from strikelean.quality import TrialResult, judge_quality
from strikelean.studies.cohort import STRIKE_ANGLE, build_cohort
from strikelean.studies.compare import comparisons
from strikelean.studies.pools import pool_choices, pool_names, pool_steps, pool_waveforms
from strikelean.studies.step_slopes import step_slopes
from study_cohorts import KNEE, cohort, steps, table
from test_quality import GOOD, LIMITS

RNG = np.random.default_rng(7)
VALUES = {f"S{n}": RNG.normal(200.0 + 5.0 * n, 10.0, 6) for n in range(4)}
ANGLES = {name: 10.0 + RNG.normal(0.0, 3.0, 6) for name in VALUES}
OVERGROUND = {name: value for name, value in GOOD.items() if name != "plate_weight_error"}


def _one_trial(shift: float = 0.0, condition: str = "heel_strike") -> list[dict[str, object]]:
    return [
        row
        for name, values in VALUES.items()
        for row in steps(
            name, condition, condition, {KNEE: values + shift, STRIKE_ANGLE: ANGLES[name]}
        )
    ]


def _single_steps(shift: float = 0.0, condition: str = "heel_strike") -> list[dict[str, object]]:
    """Return the same steps, each in a trial of its own."""
    return [
        row
        for name, values in VALUES.items()
        for number, value in enumerate(values)
        for row in steps(
            name,
            f"{condition}{number}",
            condition,
            {KNEE: value + shift, STRIKE_ANGLE: ANGLES[name][number]},
        )
    ]


def _same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    numbers = one.select_dtypes("number").columns
    pd.testing.assert_frame_equal(
        one[numbers].reset_index(drop=True), other[numbers].reset_index(drop=True)
    )


def test_six_trials_of_one_step_are_one_trial_of_six() -> None:
    together = table(_one_trial() + _one_trial(9.0, "forefoot_upright"))
    apart = table(_single_steps() + _single_steps(9.0, "forefoot_upright"))
    one, other = cohort(together), cohort(apart)
    _same(one.arms, other.arms)
    _same(one.by_subject, other.by_subject)
    _same(one.by_foot, other.by_foot)
    assert one.strike_classes.tolist() == other.strike_classes.tolist()
    _same(comparisons(one, [KNEE]), comparisons(other, [KNEE]))
    _same(step_slopes(one, [KNEE]), step_slopes(other, [KNEE]))
    _same(within_runner(together), within_runner(apart))


def test_the_order_of_rows_and_trials_changes_nothing() -> None:
    rows = table(_single_steps())
    shuffled = rows.sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(
        cohort(rows).means, cohort(shuffled).means[cohort(rows).means.columns]
    )


def test_every_step_of_a_foot_weighs_alike_whatever_trial_it_is_in() -> None:
    rows = steps("A", "r1", "heel_strike", {KNEE: [1.0] * 6})
    rows += steps("A", "r2", "heel_strike", {KNEE: [8.0]}, sides=("right",))
    rows += steps("A", "r2", "heel_strike", {KNEE: [1.0]}, sides=("left",))
    means = build_cohort(table(rows)).means[KNEE]
    # right (6 x 1 + 8) / 7 = 2, left 1
    assert means.to_dict() == {("A", "r1"): pytest.approx(1.5)}


def test_left_for_right_gives_the_same_runners() -> None:
    rows = table(
        steps("A", "r1", "heel_strike", {KNEE: [1.0, 3.0]}, sides=("right",))
        + steps("A", "r2", "heel_strike", {KNEE: [9.0]}, sides=("left",))
    )
    mirrored = rows.assign(side=rows["side"].map({"right": "left", "left": "right"}))
    pd.testing.assert_frame_equal(build_cohort(rows).means, build_cohort(mirrored).means)


def test_a_trial_alone_in_its_condition_keeps_its_name_and_steps() -> None:
    rows = table(_one_trial())
    pools = pool_names(rows)
    assert all(pool == trial for (_, trial), pool in pools.items())
    pd.testing.assert_frame_equal(pool_steps(rows, pools).drop(columns="recording"), rows)


def test_predictions_are_pooled_as_the_recordings_they_were_made_from() -> None:
    rows = table(
        steps("A", "r2", "heel_strike", {KNEE: [1.0]})
        + steps("A", "r1", "heel_strike", {KNEE: [3.0]})
        + steps("A", "r2~lean+05", "lean", {KNEE: [5.0]}, basis="predicted")
        + steps("A", "r1~lean+05", "lean", {KNEE: [7.0, 7.0]}, basis="predicted")
    )
    found = build_cohort(rows)
    assert found.means[KNEE].to_dict() == {
        ("A", "r1"): 2.0,
        ("A", "r1~lean+05"): pytest.approx(19.0 / 3.0),
    }
    assert found.trials.loc[("A", "r1~lean+05"), "parent"] == "r1"
    choices = pd.DataFrame(
        {
            "subject": "A",
            "trial": ["r1~lean+05", "r2~lean+05"],
            "side": "right",
            "metric": KNEE,
            "technique: x": [1.0, 4.0],
        }
    )
    shifts = pool_choices(choices, pool_steps(rows, found.pools), found.pools)
    assert shifts["trial"].tolist() == ["r1~lean+05"]
    assert shifts["technique: x"].tolist() == [pytest.approx(2.0)]


def test_a_choice_moves_a_runner_of_one_foot_by_that_foot_alone() -> None:
    rows = table(
        steps("A", "run", "heel_strike", {KNEE: [1.0]}, sides=("right",))
        + steps("A", "run~lean+05", "lean", {KNEE: [5.0]}, basis="predicted", sides=("right",))
    )
    choices = pd.DataFrame(
        {
            "subject": "A",
            "trial": "run~lean+05",
            "side": ["right", "left"],
            "metric": KNEE,
            "technique: x": [1.0, 9.0],
        }
    )
    shifts = build_cohort(rows, choices=choices).shifts["technique: x"]
    assert shifts.loc[("A", "run~lean+05"), KNEE] == 1.0


def test_curves_of_a_pool_stand_one_below_the_other() -> None:
    wave = Waveform(np.ones((1, 101)), "N m", "", "", "measured")
    curves = {f"A/{trial}/right/m": wave for trial in ("r2", "r1")} | {"A/r2/left/m": wave}
    pools = {("A", "r1"): "r1", ("A", "r2"): "r1"}
    found = pool_waveforms(curves, pools)
    assert {place: len(own.values) for place, own in found.items()} == {
        "A/r1/right/m": 2,
        "A/r1/left/m": 1,
    }


Judged = dict[tuple[str, str], dict[str, Any]]


def _judged(
    folder: Path, trials: dict[tuple[str, str, str], tuple[int, int]], **figures: Any
) -> Judged:
    """Judge trials of (subject, trial, condition) with so many right and left steps."""
    results = []
    for (subject, trial, condition), (right, left) in trials.items():
        path = folder / f"{subject}_{trial}.json"
        own = {"valid_steps_right": right, "valid_steps_left": left}
        path.write_text(json.dumps(OVERGROUND | own | figures))
        results.append(TrialResult(subject, trial, condition, path, path, path))
    judge_quality(results, LIMITS, folder / "quality.csv")
    rows = pd.read_csv(folder / "quality.csv", keep_default_na=False).to_dict("records")
    return {(str(row["subject"]), str(row["trial"])): dict(row) for row in rows}


def _singles(condition: str, right: int, left: int) -> dict[tuple[str, str, str], tuple[int, int]]:
    rights = {("A", f"{condition}R{n}", condition): (1, 0) for n in range(right)}
    return rights | {("A", f"{condition}L{n}", condition): (0, 1) for n in range(left)}


def test_single_stances_count_together(tmp_path: Path) -> None:
    rows = _judged(tmp_path, _singles("heel", 3, 3))
    assert {row["included"] for row in rows.values()} == {"yes"}
    assert {row["sides"] for row in rows.values()} == {"right left"}
    assert all("plate_weight_error is not known" in row["warnings"] for row in rows.values())


def test_a_short_pool_says_which_and_what_to_set(tmp_path: Path) -> None:
    rows = _judged(tmp_path, _singles("heel", 2, 1))
    assert {row["included"] for row in rows.values()} == {"no"}
    reason = rows["A", "heelR0"]["reason"]
    assert "2 valid steps on the right in 3 trials of heel, 3 needed" in reason
    assert "1 valid step on the left" in reason
    assert "quality.min_valid_steps" in reason


def test_a_runner_with_one_foot_is_compared_by_it_and_says_so(tmp_path: Path) -> None:
    rows = _judged(tmp_path, _singles("heel", 3, 1))
    assert rows["A", "heelR0"]["sides"] == "right"
    assert "compared by the right foot alone" in rows["A", "heelR0"]["warnings"]
    assert rows["A", "heelL0"]["included"] == "no"
    assert "no valid step of the foot that counts" in rows["A", "heelL0"]["reason"]


def test_all_conditions_of_a_runner_are_compared_by_the_same_foot(tmp_path: Path) -> None:
    rows = _judged(tmp_path, _singles("heel", 3, 3) | _singles("fore", 3, 0))
    assert {row["sides"] for row in rows.values() if row["included"] == "yes"} == {"right"}
    assert "fore has no more" in rows["A", "heelR0"]["warnings"]
    assert rows["A", "heelL0"]["included"] == "no"


def test_conditions_without_a_common_foot_cannot_be_compared(tmp_path: Path) -> None:
    rows = _judged(tmp_path, _singles("heel", 3, 0) | _singles("fore", 0, 3))
    assert {row["included"] for row in rows.values()} == {"no"}
    assert "no foot has enough steps" in rows["A", "heelR0"]["reason"]


def test_where_plates_record_every_step_both_feet_are_asked_for(tmp_path: Path) -> None:
    rows = _judged(tmp_path, {("A", "run", "heel"): (9, 2)}, plate_weight_error=0.01)
    assert rows["A", "run"]["included"] == "no"
    assert "2 valid steps on the left in 1 trial of heel" in rows["A", "run"]["reason"]


def test_steps_of_trials_excluded_for_other_reasons_do_not_count(tmp_path: Path) -> None:
    trials = _singles("heel", 3, 3)
    results = _judged(tmp_path, trials)
    assert results["A", "heelR0"]["included"] == "yes"
    bad = {**OVERGROUND, "valid_steps_right": 1, "valid_steps_left": 0, "marker_rms_m": 0.05}
    (tmp_path / "A_heelR0.json").write_text(json.dumps(bad))
    places = [(*key, *[tmp_path / f"{key[0]}_{key[1]}.json"] * 3) for key in trials]
    judge_quality([TrialResult(*place) for place in places], LIMITS, tmp_path / "again.csv")
    rows = pd.read_csv(tmp_path / "again.csv", keep_default_na=False).set_index("trial")
    assert rows.loc["heelR0", "reason"].startswith("marker RMS")
    assert rows.loc["heelR1", "included"] == "no"
    assert rows.loc["heelL1", "sides"] == "left"


def test_a_derived_trial_follows_its_recording(tmp_path: Path) -> None:
    derived = {("A", "heelR0~lean+05", "lean"): (1, 0), ("A", "heelR1~lean+05", "lean"): (2, 2)}
    rows = _judged(tmp_path, _singles("heel", 3, 0) | derived)
    assert rows["A", "heelR0~lean+05"]["sides"] == "right"
    few = _judged(tmp_path, _singles("heel", 2, 0) | derived)
    assert "its recording heelR0 is excluded" in few["A", "heelR0~lean+05"]["reason"]


def test_the_order_of_the_trials_changes_no_verdict(tmp_path: Path) -> None:
    trials = _singles("heel", 3, 3) | _singles("fore", 4, 1) | _singles("mid", 3, 2)
    trials |= {("A", "heelR0~lean+05", "lean"): (3, 0)}
    forward = _judged(tmp_path, trials)
    backward = _judged(tmp_path, dict(reversed(trials.items())))
    assert forward == backward


def test_left_for_right_gives_the_same_verdicts(tmp_path: Path) -> None:
    trials = _singles("heel", 3, 1)
    own = _judged(tmp_path, trials)
    mirrored = _judged(tmp_path, {key: (left, right) for key, (right, left) in trials.items()})
    for place, row in own.items():
        assert mirrored[place]["included"] == row["included"]
        assert mirrored[place]["sides"] == row["sides"].replace("right", "left")


def test_comparisons_count_the_runners_of_one_foot() -> None:
    rows = _one_trial() + _one_trial(5.0, "forefoot_upright")
    one = [row for row in rows if row["subject"] != "S0" or row["side"] == "right"]
    found = comparisons(cohort(table(one)), [KNEE])
    assert set(found["n_one_sided"]) == {1}
    assert set(comparisons(cohort(table(rows)), [KNEE])["n_one_sided"]) == {0}
