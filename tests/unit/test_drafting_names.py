"""Names of files say whose recording it is, of which condition, at which speed, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from strikelean.drafting.file_names import conditions, named_speed, runners, says_standing


def whose(*names: str) -> list[str]:
    places = [Path(name) for name in names]
    return list(runners(places, "spare").values())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("RBDS001runT35.c3d", "RBDS001static.c3d", "RBDS03static.c3d"), "RBDS001 RBDS001 RBDS03"),
        (("static_run.trc", "motion_capture_run.trc"), "spare spare"),
        (("subject01/run200.trc", "subject04/run200_markers.trc"), "subject01 subject04"),
        (("anna_static.c3d", "anna_run1.c3d", "ben_run1.c3d"), "anna anna ben"),
        (("static/S01.c3d", "run/S01_1.c3d", "run/S02_1.c3d", "static/S02.c3d"), "S01 S01 S02 S02"),
        (("Static_S01.c3d", "Run_S01_3.c3d", "Run_S02_3.c3d"), "S01 S01 S02"),
        (("Subject 1 run 1.c3d", "Subject 1 cal.c3d"), "Subject_1 Subject_1"),
        (("Trial01.c3d", "Trial02.c3d", "Cal01.c3d"), "spare spare spare"),
        (("01_static.c3d", "01_run.c3d", "02_run.c3d"), "01 01 02"),
        (("day1/P1/Static.c3d", "day1/P1/Run01.c3d", "day2/P2/Run01.c3d"), "P1 P1 P2"),
        (("2024-03-01/P1/Static.c3d", "2024-03-02/P2/Run01.c3d"), "P1 P2"),
        (("heel strike S01 1.c3d", "static S01.c3d", "static S02.c3d"), "S01 S01 S02"),
        (("Zoë_static.c3d", "zoë_run.c3d", "Ömer_run.c3d"), "Zoe Zoe Omer"),
        (("王_static.c3d", "王_run.c3d", "李_run.c3d"), "u738b u738b u674e"),
        (("S-01_static.c3d", "S01_run1.c3d", "s_02_run.c3d"), "S-01 S-01 s_02"),
        (("V01/recordings/static.c3d", "V02/recordings/heel_strike.c3d"), "V01 V02"),
    ],
)  # fmt: skip
def test_runners(names: tuple[str, ...], expected: str) -> None:
    assert whose(*names) == expected.split()


def labels(*names: str, runner: str = "S01", speeds: tuple[float, ...] = ()) -> list[str]:
    places = [Path(name) for name in names]
    given = speeds or (3.5,) * len(names)
    pairs = dict(zip(places, given, strict=True))
    return list(conditions(places, dict.fromkeys(places, runner), pairs).values())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("S01_run1.c3d", "S01_run2.c3d"), "running running"),
        (("S01_heel_1.c3d", "S01_RFS_2.c3d"), "heel_strike heel_strike"),
        (("S01_rearfoot strike.c3d", "S01_FFS_lean.c3d"), "heel_strike forefoot_lean"),
        (("heel_strike.c3d", "forefoot_upright.c3d"), "heel_strike forefoot_upright"),
        (("S01_barefoot_1.c3d", "S01_shod_1.c3d"), "barefoot shod"),
    ],
)  # fmt: skip
def test_conditions_are_the_words_of_the_names(names: tuple[str, ...], expected: str) -> None:
    assert labels(*names) == expected.split()


def test_speeds_of_one_runner_are_conditions_scatter_is_none() -> None:
    names = ("S01_run1.c3d", "S01_run2.c3d", "S01_run3.c3d")
    assert labels(*names, speeds=(2.5, 2.52, 3.5)) == ["running_2.5", "running_2.5", "running_3.5"]
    assert labels(*names, speeds=(3.3, 3.5, 3.6)) == ["running"] * 3


@pytest.mark.parametrize(
    ("stem", "measured", "expected"),
    [
        ("S01runT35", 3.58, 3.5),
        ("S01 3.5 ms", 3.4, 3.5),
        ("S01_run350", 3.45, 3.5),
        ("S01_12.6kmh", 3.45, 3.5),
        ("S01_run2", 3.5, None),
        ("S01_run35", 2.5, None),
    ],
)
def test_a_speed_in_a_name_is_taken_where_the_feet_confirm_it(
    stem: str, measured: float, expected: float | None
) -> None:
    assert named_speed(stem, "S01", measured) == expected


def test_a_runners_number_is_no_speed() -> None:
    assert named_speed("RBDS013run", "RBDS013", 3.6) is None
    assert named_speed("P35_run", "P35", 3.5) is None


@pytest.mark.parametrize("name", ["Static01", "S01_cal", "T-pose", "neutral", "S1 standing"])
def test_standing_words(name: str) -> None:
    assert says_standing(name)


@pytest.mark.parametrize("name", ["run", "calm", "S01_heel_1", "stationary"])
def test_other_words_do_not_say_that_somebody_stands(name: str) -> None:
    assert not says_standing(name)
