"""A check judges as the study will: what is excluded, by which foot a runner is compared."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from made_check import TOP
from strikelean.checking.cohort import EXCLUDED, USED, WARNED, judge_cohort, write_rows
from strikelean.checking.in_part import tell_in_part
from strikelean.checking.words import table_text
from strikelean.config.problems import ConfigMistakesError, Problem
from strikelean.config.project import load_project
from strikelean.formats.files import read_yaml
from strikelean.judging import Limits
from strikelean.report.check_page import check_page

CONFIG: dict[str, Any] = read_yaml(TOP / "config" / "config.yaml")
LIMITS = Limits(**CONFIG["quality"])
FAULT = {"kind": "fault", "found": "a letter", "action": "Correct it.", "file": "a.mot"}
WARNING = {"kind": "warning", "found": "a drift", "action": "Zero the plate.", "file": ""}


def steps(valid: int) -> dict[str, Any]:
    return {
        "found": valid + 1,
        "valid": valid,
        "selected": valid,
        "contact_time_s": 0.25,
        "foot_strike_angle_deg": 12.0,
        "strike_class": "rearfoot",
    }


def trial(
    name: str, right: int = 8, left: int = 8, told: tuple[dict[str, str], ...] = (), **figures: Any
) -> dict[str, Any]:
    contact = {
        "start_s": 0.2,
        "end_s": 0.45,
        "side": "right",
        "valid": True,
        "reason": "",
        "selected": True,
        "angle_deg": 12.0,
    }
    known = {"valid_steps_right": right, "valid_steps_left": left, "stage_warnings": ""}
    broken = any(one["kind"] == "fault" for one in told)
    return {
        "trial": name,
        "condition": "heel_strike",
        "files": [f"{name}.trc", f"{name}.mot"],
        "told": list(told),
        "figures": {} if broken else known | figures,
        "force": {
            "time_s": [0.0, 0.1, 0.2, 0.3, 0.4, 1.2],
            "weights": [0.0, 0.0, 0.1, 2.4, 1.0, 0.0],
            "recorded_s": [0.0, 9.0],
        },
        "contacts": [contact, contact | {"side": "", "valid": False, "reason": "cut <off>"}],
        "errors_mm": {"R.Heel": 9.0, "L.Heel": 45.0},
        "steps": {"right": steps(right), "left": steps(left)},
    }


def runner(
    name: str, *trials: dict[str, Any], told: tuple[dict[str, str], ...] = ()
) -> dict[str, Any]:
    return {
        "subject": name,
        "mass_kg": 70.0,
        "height_m": 1.7,
        "marker_set": "rbds",
        "static": f"{name}.trc",
        "told": list(told),
        "scaling": {"static_marker_errors_m": {"R.Heel": 0.012, "L.Heel": 0.03}},
        "standing": {
            "markers": {"R.Heel": [-0.05, 0.04, 0.1], "L.Heel": [-0.05, 0.04, -0.1]},
            "computed": [],
            "bodies": {"R.Heel": "calcn_r", "L.Heel": "calcn_l"},
            "lines": [[[0.0, 0.9, 0.1], [0.0, 0.45, 0.1]]],
        },
        "trials": list(trials),
    }


def follows(*runners: dict[str, Any]) -> dict[tuple[str, str], str]:
    return dict(judge_cohort(runners, LIMITS).fates)


def test_a_fault_excludes_its_trial_alone_and_a_warning_none() -> None:
    checked = judge_cohort(
        [runner("anna", trial("a", told=(FAULT,)), trial("b", told=(WARNING,)), trial("c"))], LIMITS
    )
    assert dict(checked.fates) == {
        ("anna", "a"): EXCLUDED,
        ("anna", "b"): USED,
        ("anna", "c"): USED,
    }
    told = {(row.trial, row.kind): row for row in checked.rows}
    assert told["a", "fault"].file == "a.mot"
    assert told["b", "warning"].follows == WARNED
    assert told["c", ""].follows == USED


def test_a_fault_of_the_standing_trial_excludes_all_of_the_runner() -> None:
    fates = follows(runner("anna", trial("a"), told=(FAULT,)), runner("bert", trial("a")))
    assert fates == {("anna", "a"): EXCLUDED, ("bert", "a"): USED}


def test_steps_are_pooled_and_a_foot_without_enough_is_left_out() -> None:
    files = [trial(f"r{n}", right=1, left=0) for n in range(3)] + [trial("l", right=0, left=1)]
    checked = judge_cohort([runner("anna", *files)], LIMITS)
    assert checked.fates["anna", "r0"] == "used, by the right foot alone"
    assert {(pool.side, pool.steps) for pool in checked.pools} == {("right", 3), ("left", 1)}
    few = judge_cohort([runner("anna", *files[:2])], LIMITS)
    assert few.fates["anna", "r0"] == EXCLUDED
    assert any("quality.min_valid_steps" in row.found for row in few.rows)


def test_the_studys_own_limits_exclude() -> None:
    fates = follows(runner("anna", trial("a", plate_weight_error=0.2), trial("b")))
    assert fates == {("anna", "a"): EXCLUDED, ("anna", "b"): USED}


def test_the_table_tells_every_fault_once_and_alike_ones_together(tmp_path: Path) -> None:
    trials = [trial(f"t{n}", told=(WARNING,)) for n in range(9)]
    problem = Problem("s.tsv", "line 2 (subject bert), mass_kg", "a number", "nothing")
    checked = judge_cohort(
        [runner("anna", *trials, trial("bad", told=(FAULT,)))], LIMITS, [problem]
    )
    text = table_text(checked, "check.html")
    assert text.count("a drift") == 1
    assert "and 6 more" in text
    assert text.index("Fill it in.") < text.index("a letter") < text.index("a drift")
    assert text.index("a drift") < text.index("1 mistake in tables or settings: nothing can run")
    assert max(map(len, text.splitlines())) < 80
    write_rows(checked, tmp_path / "check.csv")
    with (tmp_path / "check.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sum(row["found"] == "a drift" for row in rows) == 9
    assert rows[0]["subject"] == "bert"
    assert rows[0]["kind"] == "mistake"


def test_the_page_shows_every_runner_without_a_network() -> None:
    checked = judge_cohort(
        [
            runner("anna", trial("a"), trial("b", told=(FAULT,))),
            runner("bert<i>", trial("a")) | {"standing": None, "scaling": {}},
        ],
        LIMITS,
    )
    page = check_page(checked, CONFIG)
    assert page.count("<svg") == 2 + 3
    assert "bert<i>" not in page
    assert "cut <off>" not in page
    assert "L.Heel 30 mm" in page
    assert "forward: +X" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "12\u00b0" in page


SUBJECTS = (
    "subject\tmass_kg\theight_m\tsex\tstatic_file\tmodel\tmarker_set\n"
    "anna\t\t1.70\tF\tstatic.trc\trajagopal2016\trbds\n"
    "bert\t70\t1.70\tM\tstatic.trc\trajagopal2016\trbds\n"
)
TRIALS = (
    "subject\ttrial\tfiles\tcondition\tspeed_m_s\tbelt_speed_m_s\tstart_s\tend_s\n"
    "anna\trun1\tbad.c3d\theel_strike\t3.5\t\t\t\n"
    "bert\trun1\tbad.c3d\t\t3.5\t\t\t\n"
    "bert\trun2\tnone.c3d\theel_strike\t3.5\t\t\t\n"
)


@pytest.mark.parametrize("change", [{}, {"filter": {"cutof_hz": 3}}])
def test_blanks_of_tables_are_told_with_what_is_wrong_with_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    for name, text in (("subjects", SUBJECTS), ("trials", TRIALS)):
        (tmp_path / "config" / f"{name}.tsv").write_text(text, encoding="utf-8")
    for name in ("static.trc", "bad.c3d"):
        (tmp_path / name).write_text("no recording\n", encoding="utf-8")
    config = {**CONFIG, **{key: {**CONFIG[key], **value} for key, value in change.items()}}
    with pytest.raises(ConfigMistakesError) as mistakes:
        load_project(config, TOP, [])
    said: list[str] = []
    text = tell_in_part(config, TOP, mistakes.value.problems, Path("results"), said.append)
    with Path("results/own/check.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = {(row["subject"], row["trial"], row["kind"]) for row in rows}
    assert found >= {
        ("anna", "", "mistake"),
        ("bert", "run1", "mistake"),
        ("bert", "run2", "mistake"),
        ("anna", "", "fault"),
        ("bert", "", "fault"),
        ("anna", "run1", "fault"),
        ("bert", "run1", "fault"),
    }
    assert (("", "", "mistake") in found) == bool(change)
    assert "a bug in" not in text
    assert "Traceback" not in text
    assert said == ["anna: looked at 1 of 1 recordings", "bert: looked at 1 of 2 recordings"]
    assert Path("results/own/check.html").is_file()
