"""Where the load goes: what is drawn is the tables' own, and what is no finding shows as none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from strikelean.report.amounts import LEAN_ANGLE, STEP_RATE
from strikelean.report.digits import MINUS
from strikelean.report.where import (
    CLEAR,
    DEPENDS,
    LOADS,
    UNSURE,
    WITHHELD,
    WITHIN,
    Change,
    Errors,
    Technique,
    contrast_errors,
    techniques,
)
from strikelean.report.where_picture import where_part
from strikelean.report.where_words import doubts, findings, number_rows
from strikelean.studies.compare import COMPARISON_COLUMNS
from study_cohorts import UNITS

MOMENT, STRESS, ACHILLES = (
    "knee_extension_moment_peak_per_kg",
    "patellofemoral_stress_joint_reaction_powers_peak",
    "achilles_force_peak_bw",
)
NAN = float("nan")


def row(metric: str, **told: Any) -> dict[str, Any]:
    """Return a row of comparisons.csv, forefoot against heel strike; a band of 5 to 15 % less."""
    start = {
        "metric": metric,
        "condition_a": "heel_strike",
        "condition_b": "forefoot_upright",
        "design": "within_runners",
        "n_a": 6,
        "n_b": 6,
        "mean_a": 2.0,
        "mean_b": 1.8,
        "difference": -0.2,
        "band_low": -0.3,
        "band_high": -0.1,
        "virtual": True,
        "predicted": True,
        "imposed": False,
        "kept": False,
        "follows": False,
    }
    return start | told


def table(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return a comparisons.csv."""
    return pd.DataFrame(list(rows), columns=list(COMPARISON_COLUMNS))


def only(found: list[Technique]) -> Change:
    """Return the one change of the one technique."""
    (technique,) = found
    (change,) = technique.changes
    return change


def test_every_load_is_a_metric_of_the_list() -> None:
    assert {load.metric for load in LOADS} <= set(UNITS)


def test_a_change_is_in_percent_of_the_condition_held_against() -> None:
    change = only(techniques(table(row(MOMENT)), Errors()))
    assert change.change == pytest.approx(-10.0)
    assert change.band == pytest.approx((-15.0, -5.0))
    assert change.status == CLEAR


def test_another_order_of_two_conditions_or_of_rows_changes_nothing() -> None:
    turned = row(
        MOMENT, condition_a="cadence", condition_b="own", mean_a=1.8, mean_b=2.0,
        difference=0.2, band_low=0.1, band_high=0.3,
    )  # fmt: skip
    change = only(techniques(table(turned), Errors()))
    assert change.change == pytest.approx(-10.0)
    assert change.band == pytest.approx((-15.0, -5.0))
    rows = [
        row(metric, condition_b=condition, difference=-0.01 * place)
        for place, metric in enumerate((MOMENT, STRESS, ACHILLES), 1)
        for condition in ("lean", "forefoot_upright")
    ]
    shuffled = np.random.default_rng(3).permutation(len(rows))
    mixed = table(*(rows[place] for place in shuffled))
    assert repr(techniques(mixed, Errors())) == repr(techniques(table(*rows), Errors()))


def test_a_title_says_how_much_of_a_technique_there_was() -> None:
    lean = row(LEAN_ANGLE, condition_b="lean", mean_a=8.7, mean_b=13.6, difference=4.9)
    rate = row(STEP_RATE, condition_b="cadence", mean_a=177.0, mean_b=196.5, difference=19.5)
    found = techniques(
        table(row(MOMENT, condition_b="lean"), lean, row(MOMENT, condition_b="cadence"), rate),
        Errors(),
    )
    assert [one.title for one in found] == ["step rate +11 %", "lean, 5 deg further"]
    assert [one.name for one in found] == ["where-cadence", "where-lean"]
    (unknown,) = techniques(table(row(MOMENT, condition_b="lean")), Errors())
    assert unknown.title == "lean"


@pytest.mark.parametrize("flag", ["imposed", "kept", "follows"])
def test_what_a_technique_makes_has_no_mark_and_no_number(tmp_path: Path, flag: str) -> None:
    path = tmp_path / "comparisons.csv"
    table(row(MOMENT), row(STRESS, difference=-0.9, **{flag: True})).to_csv(path, index=False)
    (part,) = where_part(path, None, "matched")
    moment, stress = part["technique"].changes
    assert (moment.status, stress.status) == (CLEAR, WITHHELD)
    assert len(dots(part["svg"])) == 1
    assert f"{MINUS}45 %" not in part["svg"]
    assert not any("45" in line for line in part["findings"])
    assert any(stress.load.spoken in line for line in part["doubts"])


def dots(svg: str) -> list[ET.Element]:
    """Return the marks of changes in a figure, those of the legend left out."""
    root = ET.fromstring(svg)
    texts = {t.text: float(t.get("y", 0)) for t in root.iter("text")}
    foot = texts["not clear"] - 10.0
    marks = [e for e in root.iter() if (e.get("class") or "").startswith("dot")]
    return [e for e in marks if float(e.get("cy") or e.get("y") or 0) < foot]


def test_muscle_models_that_disagree_leave_a_hollow_square(tmp_path: Path) -> None:
    path = tmp_path / "comparisons.csv"
    table(row(STRESS, muscles_low=-0.4, muscles_high=0.1)).to_csv(path, index=False)
    (part,) = where_part(path, None, "matched")
    assert only([part["technique"]]).status == DEPENDS
    (mark,) = dots(part["svg"])
    assert mark.tag == "rect" and mark.get("class") == "dot open"
    assert part["findings"] == ["No load changes clearly."]


def test_a_band_or_an_interval_that_reaches_zero_is_not_sure() -> None:
    assert only(techniques(table(row(MOMENT, band_high=0.01)), Errors())).status == UNSURE
    interval = row(MOMENT, virtual=False, ci_low=-0.5, ci_high=0.1)
    assert only(techniques(table(interval), Errors())).status == UNSURE
    bare = row(MOMENT, band_low=NAN, band_high=NAN)
    assert only(techniques(table(bare), Errors())).status == UNSURE


def recovery(folder: Path, *rows: tuple[str, str, str, float, float, float]) -> Path:
    """Write rows (subject, trial, laboratory, error, true, recovered) of the knee moment."""
    path = folder / "recovery.csv"
    columns = ["subject", "trial", "laboratory", "rms", "true_mean", "recovered_mean"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.assign(quantity="knee_extension_moment_peak", unit="N m").to_csv(path, index=False)
    return path


PAIR = "forefoot_upright less heel_strike"


def test_the_zone_is_the_root_mean_square_of_runners_errors_in_percent(tmp_path: Path) -> None:
    path = recovery(
        tmp_path,
        ("V01", "heel_strike", "matched", 9.0, 100.0, 109.0),
        ("V02", "heel_strike", "matched", 9.0, 200.0, 191.0),
        ("V01", PAIR, "matched", 3.0, -10.0, -13.0),
        ("V02", PAIR, "matched", 8.0, -20.0, -12.0),
        ("V01", "heel_strike", "mismatched", 1.0, 50.0, 51.0),
        ("V01", PAIR, "mismatched", 10.0, -5.0, 5.0),
    )
    errors = contrast_errors(path, "matched")
    key = ("forefoot_upright", "heel_strike", "knee_extension_moment_peak")
    assert errors.own == {key: pytest.approx(np.sqrt((3.0**2 + 4.0**2) / 2.0))}
    assert errors.elsewhere == {key: pytest.approx(20.0)}


def test_what_lies_inside_the_error_is_no_finding(tmp_path: Path) -> None:
    path = recovery(
        tmp_path,
        ("V01", "heel_strike", "matched", 0.0, 100.0, 100.0),
        ("V01", PAIR, "matched", 12.0, -10.0, 2.0),
    )
    comparisons = tmp_path / "comparisons.csv"
    table(row(MOMENT), row(STRESS)).to_csv(comparisons, index=False)
    (part,) = where_part(comparisons, path, "matched")
    moment, stress = part["technique"].changes
    assert (moment.status, moment.stands_in) == (WITHIN, False)
    # what was not measured has no smaller error for that
    assert (stress.status, stress.stands_in) == (WITHIN, True)
    assert part["findings"] == ["No load changes clearly."]
    assert all(mark.get("class") == "dot open" for mark in dots(part["svg"]))
    near = row(MOMENT, difference=-0.28, band_low=-0.4, band_high=-0.2)
    errors = contrast_errors(path, "matched")
    assert only(techniques(table(near), errors)).status == UNSURE


def test_there_is_a_zone_only_where_recovery_has_that_technique(tmp_path: Path) -> None:
    path = recovery(
        tmp_path,
        ("V01", "heel_strike", "matched", 0.0, 100.0, 100.0),
        ("V01", PAIR, "matched", 2.0, -10.0, -8.0),
    )
    comparisons = tmp_path / "comparisons.csv"
    table(row(MOMENT), row(MOMENT, condition_b="lean")).to_csv(comparisons, index=False)
    forefoot, lean = where_part(comparisons, path, "matched")
    assert forefoot["zones"] and 'class="zone"' in forefoot["svg"]
    assert not lean["zones"] and 'class="zone' not in lean["svg"]
    alone, _ = where_part(comparisons, None, "matched")
    assert not alone["zones"] and 'class="zone' not in alone["svg"]


def test_an_error_with_other_bodies_is_told_of_a_clear_change(tmp_path: Path) -> None:
    change = only(techniques(table(row(MOMENT)), Errors()))
    key = ("forefoot_upright", "heel_strike", "knee_extension_moment_peak")
    errors = Errors({key: 1.0}, {key: 14.0})
    (technique,) = techniques(table(row(MOMENT)), errors)
    assert only([technique]).status == CLEAR == change.status
    assert any("bodies and muscles" in line for line in doubts(technique))


def test_words_figure_and_data_have_the_tables_numbers(tmp_path: Path) -> None:
    path = tmp_path / "comparisons.csv"
    rows = [
        row(load.metric, difference=0.02 * (place - 4), band_low=-0.2, band_high=0.4)
        for place, load in enumerate(LOADS)
    ]
    frame = table(*rows)
    frame.to_csv(path, index=False)
    (part,) = where_part(path, None, "matched")
    header, *numbers = part["numbers"]
    printed = [text.text for text in ET.fromstring(part["svg"]).iter("text")]
    for line, cells in zip(numbers, part["rows"], strict=True):
        told = dict(zip(header, line, strict=True))
        own = frame.set_index("metric").loc[told["metric"]]
        assert told["change_percent"] == pytest.approx(100 * own["difference"] / own["mean_a"])
        assert told["band_high"] == pytest.approx(20.0)
        number = float(re.sub("[+ %]", "", cells["change"]).replace(MINUS, "-"))
        assert number == pytest.approx(told["change_percent"], abs=0.51)
        assert cells["change"] in printed


def test_groups_of_runners_are_called_so_and_what_is_unknown_is_listed() -> None:
    group = row(
        MOMENT, condition_a="rearfoot", condition_b="forefoot", design="between_runners", n_b=5,
        band_low=NAN, band_high=NAN, ci_low=-0.3, ci_high=-0.1, virtual=False, predicted=False,
    )  # fmt: skip
    (technique,) = techniques(table(group), Errors())
    assert (technique.title, technique.against) == ("forefoot strikers", "rearfoot strikers")
    assert not technique.paired and technique.n == "5 and 6 runners"
    assert only([technique]).main == pytest.approx((-15.0, -5.0))
    assert "back extension moment" in technique.absent
    assert any("back extension moment" in line for line in doubts(technique))


def test_nothing_to_compare_gives_nothing() -> None:
    assert techniques(table(), Errors()) == []
    assert techniques(table(row(MOMENT, difference=NAN)), Errors()) == []
    assert techniques(table(row("contact_time")), Errors()) == []


def test_several_loads_of_a_joint_are_told_as_a_range() -> None:
    rows = [row(MOMENT), row(STRESS, difference=-0.12, band_low=-0.2)]
    rows.append(row(ACHILLES, difference=0.1, band_low=0.05, band_high=0.2))
    (technique,) = techniques(table(*rows), Errors())
    assert findings(technique) == [
        f"Less load: front of the knee {MINUS}6.0 to {MINUS}10 %.",
        "More load: Achilles tendon force +5.0 %.",
    ]
    assert len(number_rows(technique)) == len(rows)
