"""Recorded changes beside predicted ones: known answers on made data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from strikelean.config.validation import ValidationRow
from strikelean.declarations import Declaration
from strikelean.validation.built import Built, builders_of, delivered_builders, not_independent
from strikelean.validation.measured import measured_technique
from strikelean.validation.predicted import prediction_of
from strikelean.validation.recorded import change, own_slope, slope_over
from strikelean.validation.rows import Steps, Validation, asked_key, validation_table
from strikelean.validation.summary import clustered_share, summarise

KNEE, ANGLE, SPEED = "knee_extension_moment_peak", "foot_strike_angle_contact", "running_speed"
UNITS = {KNEE: "N m", ANGLE: "deg", SPEED: "m/s"}
DECLARED = {
    "speed": Declaration("speed", imposed=(SPEED,)),
    "strike": Declaration("strike", imposed=(ANGLE,)),
}
RNG = np.random.default_rng(7)


def recording(
    subject: str, trial: str, values: Mapping[str, float], spread: float = 1.0
) -> pd.DataFrame:
    """Return ten steps a foot about given means."""
    rows = []
    for metric, mean in values.items():
        for side in ("left", "right"):
            away = RNG.normal(size=10)
            away = spread * (away - away.mean()) / away.std()
            for step, value in enumerate(mean + away):
                rows.append((subject, trial, side, step, metric, value, UNITS[metric]))
    columns = ["subject", "trial", "side", "step", "metric", "value", "unit"]
    return pd.DataFrame(rows, columns=columns)


def predicted(asked: str, metrics: Mapping[str, tuple[float, Mapping[str, float]]]) -> pd.DataFrame:
    """Return a prediction: before, and after by choice, the same for both feet."""
    rows = [
        (asked, "speed+20", side, metric, UNITS[metric], choice, before, after, "")
        for metric, (before, choices) in metrics.items()
        for side in ("left", "right")
        for choice, after in choices.items()
    ]
    names = ["asked", "technique", "side", "metric", "unit", "choice", "before", "after", "reason"]
    return pd.DataFrame(rows, columns=names)


def a_change(subject: str, **more: str) -> ValidationRow:
    return ValidationRow("faster", "change", subject, "slow", "fast", "speed", **more)


def judged(after: float, low: float, high: float, **more: str) -> pd.Series:
    """Return the knee's row where 100 became 110 and a model said otherwise."""
    row = a_change("anna", **more)
    slow = recording("anna", "slow", {KNEE: 100.0, SPEED: 2.0}, 0.5)
    fast = recording("anna", "fast", {KNEE: 110.0, SPEED: 3.0}, 0.5)
    told = {"": after, "technique: other": low, "muscles: other": high}
    key = ("anna", "slow", asked_key(row))
    validation = Validation(
        rows=[row],
        steps=Steps(pd.concat([slow, fast]), UNITS),
        predictions={key: prediction_of(predicted(asked_key(row), {KNEE: (100.0, told)}))},
        quantities=[KNEE],
        built_from={row: "bert"},
        not_independent={},
        reasons={},
    )
    return validation_table(validation, DECLARED).iloc[0]


def test_a_prediction_that_says_what_was_recorded_is_covered_and_better() -> None:
    row = judged(110.0, 109.0, 112.0)
    assert (row["covered"], row["counted"], row["status"]) == ("yes", "yes", "free")
    assert row["predicted_change"] == pytest.approx(10.0)
    assert (row["band_low"], row["band_high"]) == (pytest.approx(9.0), pytest.approx(12.0))
    assert row["recorded_change"] == pytest.approx(10.0)
    assert row["ci_low"] < 10.0 < row["ci_high"]
    assert row["error"] == pytest.approx(0.0, abs=1e-9)
    assert row["better_than_no_change"] == "yes"


def test_a_reversed_prediction_is_neither() -> None:
    row = judged(90.0, 89.0, 92.0)
    assert row["covered"] == "no"
    assert row["error"] == pytest.approx(-20.0)
    assert row["better_than_no_change"] == "no"


def test_the_group_says_what_its_others_did_and_never_the_judged_runner() -> None:
    rows = [a_change(name) for name in ("anna", "bert", "cleo", "dora")]
    knees = {"anna": 150.0, "bert": 108.0, "cleo": 110.0, "dora": 112.0}
    steps = [
        recording(name, trial, {KNEE: size, SPEED: speed})
        for name, after in knees.items()
        for trial, size, speed in (("slow", 100.0, 2.0), ("fast", after, 3.0))
    ]
    validation = Validation(rows, Steps(pd.concat(steps), UNITS), {}, [KNEE], {}, {}, {})
    table = validation_table(validation, DECLARED).set_index("subject")
    said = table["error_of_group_mean_difference"] + table["recorded_change"]
    assert said["anna"] == pytest.approx(10.0)
    assert said["bert"] == pytest.approx((50.0 + 10.0 + 12.0) / 3)
    # nothing was predicted of anybody, and the table says so
    assert set(table["counted"]) == {"no"}
    assert set(table["reason"]) == {"not predicted"}


def test_a_difference_takes_off_what_others_changed() -> None:
    rows = [
        ValidationRow("turned", "difference", "anna", "slow", "fast", "strike"),
        ValidationRow("turned", "difference", "bert", "slow", "fast"),
        ValidationRow("turned", "difference", "cleo", "slow", "fast"),
    ]
    after = {"anna": 108.0, "bert": 114.0, "cleo": 116.0}
    steps = pd.concat(
        recording(name, trial, {KNEE: size})
        for name, own in after.items()
        for trial, size in (("slow", 100.0), ("fast", own))
    )
    told = predicted("turned fast", {KNEE: (100.0, {"": 94.0})})
    key = ("anna", "slow", "turned fast")
    validation = Validation(
        rows, Steps(steps, UNITS), {key: prediction_of(told)}, [KNEE], {}, {}, {}
    )
    table = validation_table(validation, DECLARED)
    assert list(table["subject"]) == ["anna"]
    assert table["recorded_change"].iloc[0] == pytest.approx(8.0 - 15.0)
    assert table["predicted_change"].iloc[0] == pytest.approx(-6.0)
    # one runner more among two who differ by 2 %: t of one degree of freedom, 12.7
    half = 12.706 * (2.0 * (1.0 + 0.5)) ** 0.5
    assert table["ci_high"].iloc[0] + 7.0 == pytest.approx(half, rel=1e-3)


def test_slopes_of_made_steps_come_back() -> None:
    steps = recording("anna", "run", {ANGLE: 10.0}, spread=2.0)
    knee = steps.assign(metric=KNEE, unit="N m", value=100.0 + 0.8 * (steps["value"] - 10.0))
    knee["value"] += RNG.normal(scale=0.01, size=len(knee))
    wide = Steps(pd.concat([steps, knee]), UNITS).wide(("anna", "run"))
    found = own_slope(wide, KNEE, share=True)
    assert found.value == pytest.approx(0.8, abs=0.01)
    assert found.freedom == 20 - 2 - 1
    angles = np.array([-5.0, 0.0, 5.0, 10.0])
    over = slope_over(angles, 200.0 + 4.0 * (angles - 2.5), share=True)
    assert over.value == pytest.approx(2.0)
    assert np.isnan(slope_over(angles[:3], angles[:3], share=False).value)


def test_a_runners_own_slope_stands_beside_what_is_predicted_per_degree() -> None:
    steps = recording("anna", "run", {ANGLE: 10.0}, spread=2.0)
    knee = steps.assign(metric=KNEE, unit="N m", value=100.0 + 0.8 * (steps["value"] - 10.0))
    knee["value"] += RNG.normal(scale=0.01, size=len(knee))
    row = ValidationRow("steps", "steps", "anna", "run", ask="strike+05")
    told = predicted(
        "strike+05", {KNEE: (100.0, {"": 96.0, "muscles: x": 95.0}), ANGLE: (10.0, {"": 5.0})}
    )
    validation = Validation(
        rows=[row],
        steps=Steps(pd.concat([steps, knee]), UNITS),
        predictions={("anna", "run", "strike+05"): prediction_of(told)},
        quantities=[KNEE, ANGLE],
        built_from={},
        not_independent={},
        reasons={},
    )
    (line,) = validation_table(validation, DECLARED).to_dict("records")
    assert (line["unit"], line["status"], line["counted"]) == ("%/deg", "free", "yes")
    assert line["predicted_change"] == pytest.approx(0.8)
    assert (line["band_low"], line["band_high"]) == (pytest.approx(0.8), pytest.approx(1.0))
    assert line["recorded_change"] == pytest.approx(0.8, abs=0.01)
    assert line["covered"] == "yes"


def test_a_change_of_one_step_a_foot_has_no_interval() -> None:
    one = {"left": np.array([1.0]), "right": np.array([2.0])}
    found = change(one, {side: values + 1.0 for side, values in one.items()}, share=False)
    assert found.value == pytest.approx(1.0)
    assert np.isnan(found.interval).all()


def test_feet_that_one_recording_lacks_are_left_out_of_both() -> None:
    before = {"left": np.array([1.0, 1.2]), "right": np.array([9.0, 9.1])}
    found = change(before, {"left": np.array([2.0, 2.2])}, share=False)
    assert found.value == pytest.approx(1.0)


def test_an_interval_of_steps_holds_the_truth_as_often_as_it_says() -> None:
    held, runs = 0, 400
    for _ in range(runs):
        before = {side: RNG.normal(10.0, 1.0, 8) for side in ("left", "right")}
        after = {side: RNG.normal(11.0, 2.0, 6) for side in ("left", "right")}
        low, high = change(before, after, share=False).interval
        held += low <= 1.0 <= high
    assert 0.91 < held / runs < 0.985


def test_a_share_of_alike_runners_knows_no_more_than_its_runners() -> None:
    runners = np.repeat(["a", "b", "c", "d", "e", "f"], 20)
    # a runner's twenty changes all hold or none
    together = np.repeat([1.0, 1.0, 1.0, 1.0, 0.0, 0.0], 20)
    apart = np.tile([1.0, 1.0, 0.0], 40)
    share, low, high = clustered_share(together, runners)
    assert share == pytest.approx(4 / 6)
    assert high - low > 0.55
    share, narrow_low, narrow_high = clustered_share(apart, runners)
    assert share == pytest.approx(4 / 6)
    assert narrow_high - narrow_low < 0.25
    # all of six runners are not all runners
    _, low, high = clustered_share(np.ones(120), runners)
    assert low < 0.6
    assert high == pytest.approx(1.0)
    assert np.isnan(clustered_share(np.ones(20), np.repeat("a", 20))[1:]).all()


def test_the_summary_counts_free_changes_alone() -> None:
    good = judged(110.0, 109.0, 112.0)
    bad = judged(90.0, 89.0, 92.0)
    imposed = good.copy()
    imposed["counted"] = "no"
    table = pd.DataFrame([good, bad.replace({"anna": "bert"}), imposed])
    first = summarise(table).iloc[0]
    assert (first["comparison"], first["changes"], first["runners"]) == ("all", 2, 2)
    assert first["covered"] == pytest.approx(0.5)
    assert first["skill"] == pytest.approx(1.0 - 400.0 / 200.0)


def test_a_measured_change_becomes_a_technique() -> None:
    means = {
        ("anna", "slow"): pd.Series({SPEED: 2.0, ANGLE: 10.0, "step_rate": 150.0}),
        ("anna", "fast"): pd.Series({SPEED: 3.0, ANGLE: 4.0, "step_rate": 165.0}),
        ("bert", "slow"): pd.Series({ANGLE: 9.0}),
        ("bert", "fast"): pd.Series({ANGLE: 8.0}),
    }
    pair = (("anna", "slow"), ("anna", "fast"))
    found = measured_technique(("speed", "cadence", "strike"), pair, [], means)
    assert found.speed_percent == pytest.approx(50.0)
    assert found.cadence_percent == pytest.approx(10.0)
    assert found.strike_change_deg == pytest.approx(-6.0)
    others = [(("bert", "slow"), ("bert", "fast"))]
    less = measured_technique(("strike",), pair, others, means)
    assert less.strike_change_deg == pytest.approx(-5.0)
    with pytest.raises(Exception, match="expected the lean of anna slow"):
        measured_technique(("lean",), pair, [], means)


def test_who_built_a_prediction_never_judges_it() -> None:
    row = ValidationRow("steps", "steps", "RBDS002", "runT35", ask="forefoot")
    delivered = Built("models/techniques/strike.csv", "models/techniques/speed.csv", ())
    assert "RBDS002" in delivered_builders("forefoot")
    assert "leave_one_out" in not_independent(row, delivered)
    own = Built("leave_one_out", "leave_one_out", ("RBDS001", "RBDS002"))
    assert builders_of(row, own) == ("RBDS001",)
    assert not not_independent(row, own)
    assert not not_independent(ValidationRow("x", "steps", "zoe", "run", ask="forefoot"), delivered)


def test_what_one_technique_of_several_imposes_is_imposed() -> None:
    from strikelean.validation.statuses import status_of

    both = ValidationRow("x", "change", "anna", "slow", "fast", "speed,strike")
    assert status_of(both, SPEED, DECLARED) == "imposed"
    assert status_of(both, ANGLE, DECLARED) == "imposed"
    assert status_of(both, KNEE, DECLARED) == "free"
