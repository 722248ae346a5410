"""A runner's own view: the tables' numbers, in words, whatever the cohort has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from made_page import Cohort
from strikelean.report.own_picture import own_part
from strikelean.report.own_view import OWN_LOADS, number_rows, runners, symmetry_rows, uneven
from strikelean.report.own_words import exclusion, in_all, plain_warning
from strikelean.studies.cohort import STRIKE_ANGLE, build_cohort
from study_cohorts import UNITS
from test_report import check_form

KNEE = "knee_extension_moment_peak_per_kg"
RESERVE = "a reserve reaches {}% of its peak net moment, usual limit 10 %"


def steps(subject: str, values: dict[str, list[float]], **told: Any) -> list[dict[str, Any]]:
    """Return rows of metrics.csv: by side the knee moment of each step, at an angle of 10 deg."""
    start = {
        "subject": subject, "trial": "run", "condition": "heel_strike", "basis": "measured",
        "value_low": np.nan, "value_high": np.nan, "class": "", "reason": "",
    }  # fmt: skip
    rows = []
    for side, own in values.items():
        for step, value in enumerate(own):
            for metric, number in ((KNEE, value), (STRIKE_ANGLE, 10.0 + step)):
                cells = {"side": side, "step": step, "metric": metric, "value": number}
                rows.append(start | cells | {"unit": UNITS[metric]} | told)
    return rows


def judged(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return a quality.csv of trials in use unless they say otherwise."""
    start = {"trial": "run", "included": "yes", "reason": "", "warnings": ""}
    steps = {
        f"{kind}_steps_{side}": 2 for kind in ("reported", "valid") for side in ("left", "right")
    }
    return pd.DataFrame([start | steps | row for row in rows])


PAIR = steps("A", {"right": [3.0, 3.2], "left": [2.0, 2.2]}) + steps(
    "B", {"right": [4.0, 4.2], "left": [4.1, 4.3]}
)


def test_loads_stand_among_the_cohorts_and_feet_beside_each_other() -> None:
    frame = pd.DataFrame(PAIR)
    first, second = runners(build_cohort(frame), judged({"subject": "A"}, {"subject": "B"}))
    (load,) = first.loads
    assert (load.own, load.right, load.left) == pytest.approx((2.6, 3.1, 2.1))
    assert load.others == pytest.approx((2.6, 4.15)) and load.mean == pytest.approx(3.375)
    assert load.difference == pytest.approx(100.0 / 2.6)
    assert load.spread_percent == pytest.approx(100.0 * np.sqrt(0.02) / 2.6)
    assert "more on the right" in uneven(first)
    assert uneven(second).startswith("No load differs")
    (row,) = symmetry_rows(first)
    assert row["difference"] == "38.5"
    assert number_rows(first)[1][3] == pytest.approx(2.6)


def test_order_of_rows_and_names_of_feet_do_not_matter() -> None:
    frame, quality = pd.DataFrame(PAIR), judged({"subject": "A"}, {"subject": "B"})
    plain = runners(build_cohort(frame), quality)
    mixed = frame.sample(frac=1.0, random_state=1)
    again = runners(build_cohort(mixed), quality.iloc[::-1])
    assert [(r.name, number_rows(r), r.trials, r.warnings) for r in again] == [
        (r.name, number_rows(r), r.trials, r.warnings) for r in plain
    ]
    mirror = frame.assign(side=frame["side"].map({"left": "right", "right": "left"}))
    turned = runners(build_cohort(mirror), quality)
    for own, other in zip(plain, turned, strict=True):
        assert other.loads[0].difference == pytest.approx(-own.loads[0].difference)
        assert other.loads[0].own == pytest.approx(own.loads[0].own)


def test_strike_stands_by_foot_and_trial_not_over_conditions() -> None:
    lean = steps("A", {"right": [3.0]}, trial="lean", condition="lean")
    for row in lean:
        row["value"] = -12.0 if row["metric"] == STRIKE_ANGLE else row["value"]
    quality = judged({"subject": "A"}, {"subject": "A", "trial": "lean"}, {"subject": "B"})
    runner = runners(build_cohort(pd.DataFrame(PAIR + lean)), quality)[0]
    (_, right, left), (_, leaning, _) = runner.trials
    assert right == left == "2 of 2 steps, rearfoot, 10.5 ± 0.71 deg"
    assert "forefoot, \u221212.0 deg" in leaning
    # how they run of their own accord is not mixed with what was asked for
    assert runner.own == ("run",)


def test_passes_of_one_condition_stand_each_with_their_own_step() -> None:
    passes = [("p1", {"right": [3.0]}), ("p2", {"left": [2.0]}), ("p3", {"right": [3.2]})]
    rows = [row for name, feet in passes for row in steps("A", feet, trial=name)]
    quality = judged(*({"subject": "A", "trial": name} for name, _ in passes))
    (runner,) = runners(build_cohort(pd.DataFrame(rows)), quality)
    assert runner.own == ("p1", "p2", "p3")
    assert runner.steps == {"right": 2, "left": 1}
    shown = [
        (right.partition(", ")[2], left.partition(", ")[2]) for _, right, left in runner.trials
    ]
    landed, nothing = "rearfoot, 10.0 deg", "no strike angle"
    assert shown == [(landed, nothing), (nothing, landed), (landed, nothing)]


def test_steps_of_one_foot_only_have_no_symmetry() -> None:
    own = pd.DataFrame(steps("A", {"right": [3.0, 3.1]}))
    quality = judged({"subject": "A"})
    (runner,) = runners(build_cohort(own), quality)
    assert runner.feet == ["right"]
    assert runner.loads[0].own == pytest.approx(3.05)
    assert symmetry_rows(runner)[0]["difference"] == "\u2013"
    assert None in number_rows(runner)[1]
    part = own_part(build_cohort(own), quality)
    assert part["alone"] and part["runners"][0]["svg"]


def test_an_excluded_trial_says_why_and_what_to_do() -> None:
    reason = (
        "[A run] read_recording: expected forces on two plates, found one (plate 2 is empty). "
        "Check the plate's cable; record again."
    )
    found = exclusion("run", reason)
    assert "forces on two plates was expected, one (plate 2 is empty) was found" in found.why
    assert found.action == "Check the plate's cable; record again."
    assert exclusion("run", "written by hand").why == "written by hand"
    assert exclusion("run", np.nan).why == "no reason was given"


def test_a_runner_with_nothing_in_use_is_shown_with_the_reason() -> None:
    out = {"subject": "C", "included": "no", "reason": "no plates"}
    quality = judged({"subject": "A"}, {"subject": "B"}, out)
    last = runners(build_cohort(pd.DataFrame(PAIR)), quality)[-1]
    assert last.name == "C" and not last.loads and not last.trials
    assert [one.why for one in last.excluded] == ["no plates"]


def test_what_all_trials_have_is_said_once_with_its_range_and_not_again() -> None:
    lag = "marker error 0.071 m is over 0.065 m"
    quality = judged(
        {"subject": "A", "warnings": f"{RESERVE.format(39)}; {lag}"},
        {"subject": "B", "warnings": RESERVE.format(97)},
    )
    (line,) = in_all(quality)
    assert "39 to 97 % of a joint's peak moment" in line and "uncertain" in line
    first, second = runners(build_cohort(pd.DataFrame(PAIR)), quality)
    assert first.warnings == (
        "While running, one marker lay 71 mm from the model's (usual limit 65 mm)",
    )
    assert second.warnings == ()
    assert in_all(quality.iloc[:1]) == []


@pytest.mark.parametrize(
    ("warning", "words"),
    [
        ("a joint against a limit of its range in more frames than usual (hip, knee and ankle "
         "14 %, subtalar 43 %): subtalar_angle_l 60.2%, knee_angle_r 31.0%. Look at static_file, "
         "and where the marker set has that joint's markers",
         "subtalar left 60.2%, knee right 31.0%"),
        ("static marker RMS 0.027 to 0.031 m is over 0.025 m", "27 to 31 mm"),
        ("reserves carry moments in 6.1 to 25.0% of stance frames", "6.1 to 25.0 % of the frames"),
        ("knee flexion leaves Connolly's area data in up to 30% of a stance: stresses by it carry "
         "a bracket", "contact area after Connolly in up to 30 %"),
        ("knee flexion leaves Powers' data in 0.4% of a stance", "contact area after Powers in"),
        ("labels R.MT1 and R.MT5 were exchanged against the static trial", "R.MT1 and R.MT5"),
        ("something nobody has met", "Something nobody has met"),
    ],
)  # fmt: skip
def test_warnings_are_put_in_plain_words(warning: str, words: str) -> None:
    assert words in plain_warning(warning)


def test_every_load_shown_is_a_metric_of_the_list() -> None:
    assert len(OWN_LOADS) == 8
    assert {load.metric for load in OWN_LOADS} <= set(UNITS)


def test_page_of_conditions_shows_every_part_and_its_numbers(tmp_path: Path) -> None:
    conditions = {"heel_strike": 15.0, "forefoot_upright": -3.0}
    runs = [(subject, name, name, angle) for subject in "AB" for name, angle in conditions.items()]
    text = Cohort(tmp_path, runs).page()
    check_form(text)
    for anchor in ("where", "beside", "runners"):
        assert f'<section id="{anchor}"' in text
    assert 'data-figure="where-forefoot_upright"' in text and '"where-forefoot_upright":[[' in text
    assert text.count('<details class="own"') == 2 and '"own-1":[[' in text
    assert "each condition less heel strike" in text


def test_page_of_one_condition_and_of_no_forefoot_strike_has_no_technique(tmp_path: Path) -> None:
    runs = [(subject, "run1", "", 15.0) for subject in "AB"]
    text = Cohort(tmp_path, runs).page()
    check_form(text)
    assert "Nothing can be held against anything here" in text
    assert "The same as differences" not in text
    assert text.count('<details class="own"') == 2


def at_speed(rows: list[dict[str, Any]], speed: float) -> list[dict[str, Any]]:
    """Return rows with the speed that they were run at."""
    told = {"metric": "running_speed", "value": speed, "unit": "m/s"}
    return rows + [row | told for row in rows if row["metric"] == KNEE]


def told_of(frame: pd.DataFrame, subject: str = "A") -> Any:
    found = runners(build_cohort(frame), judged({"subject": "A"}, {"subject": "B"}))
    return next(one for one in found if one.name == subject)


@pytest.mark.parametrize("condition", ["heel_strike", "by speed"])
def test_loads_of_different_speeds_are_never_averaged(condition: str) -> None:
    rows = []
    for subject in "AB":
        for trial, speed, load in (("t25", 2.5, 2.0), ("t35", 3.5, 3.0), ("t45", 4.5, 4.0)):
            name = condition if condition == "heel_strike" else trial
            if (subject, trial) == ("B", "t25"):
                continue
            own = {"right": [load, load + 0.2], "left": [load, load + 0.2]}
            rows += at_speed(steps(subject, own, trial=trial, condition=name), speed)
    frame = pd.DataFrame(rows)
    for made in (frame, frame[::-1].reset_index(drop=True)):
        first, second = told_of(made), told_of(made, "B")
        # both have t35, and it is the usual speed
        assert first.own == second.own == ("t35",)
        assert [one.loads[0].own for one in (first, second)] == pytest.approx([3.1, 3.1])
        assert first.others and second.others
        assert first.steps == {"right": 2, "left": 2}


def test_passes_at_nearly_one_speed_are_one_setting() -> None:
    rows = []
    for trial, speed in (("p1", 3.4), ("p2", 3.5), ("p3", 3.65)):
        rows += at_speed(steps("A", {"right": [3.0, 3.2]}, trial=trial), speed)
    view = told_of(pd.DataFrame(rows))
    assert view.own == ("p1", "p2", "p3") and not view.others


def test_loads_of_two_techniques_are_never_averaged() -> None:
    rows = []
    for condition, load in (("forefoot_upright", 2.0), ("lean", 4.0)):
        rows += steps("A", {"right": [load, load]}, trial=condition, condition=condition)
    (load,) = told_of(pd.DataFrame(rows)).loads
    assert load.own == 2.0
