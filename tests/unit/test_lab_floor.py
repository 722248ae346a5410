"""The floor is height 0 wherever the laboratory's zero lies, for markers, forces and standing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from c3d_made import Made, MadePlate, laboratory_file, with_parameters
from lab_runner import MARKERSET, MASS_KG, SETTINGS, foot_table, markers, plate, static
from strikelean.config.schema import dotted, load_schema, schema_problems, typed
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.lab.floor import FROM_CORNERS, stated_height_m
from strikelean.lab.recording import RecordingSettings, TrialRecording, read_recording
from strikelean.lab.static import read_static

RUNNER, LOAD, STANDING = markers(), plate(), static()


def raised(what: Markers, height_m: float) -> Markers:
    return replace(what, positions_m=what.positions_m + np.array([0.0, height_m, 0.0]))


def lifted(wrench: Wrench, height_m: float) -> Wrench:
    """Return the same push on a surface that lies higher."""
    up = np.array([0.0, height_m, 0.0])
    return replace(wrench, moment_nm=wrench.moment_nm + np.cross(up, wrench.force_n))


def high(height_m: float, runner: Markers = RUNNER) -> Made:
    surface = MadePlate(2, (0.0, height_m, 0.0))
    return laboratory_file(raised(runner, height_m), [(surface, lifted(LOAD, height_m))])


def read(made: Made, folder: Path, floor_m: float | None = None) -> TrialRecording:
    path = made.write(folder / "run.c3d")
    settings = replace(SETTINGS, floor_height_m=floor_m)
    return read_recording([path], STANDING, MARKERSET, MASS_KG, settings)


def forces(trial: TrialRecording) -> FloatArray:
    return trial.grf.values


@pytest.mark.parametrize("height_m", [-0.023, 0.023, 0.31])
def test_the_height_of_the_plates_changes_nothing(tmp_path, height_m):
    level, found = read(high(0.0), tmp_path), read(high(height_m), tmp_path)
    # 32-bit storage of millimetres
    np.testing.assert_allclose(forces(found), forces(level), atol=2e-3)
    np.testing.assert_allclose(found.markers.positions_m, level.markers.positions_m, atol=1e-6)
    assert level.summary["warnings"] == []
    assert f"floor at {height_m:+.3f} m" in found.summary["warnings"][0]
    assert found.summary["steps"] == level.summary["steps"]


def test_a_stated_height_goes_before_corners_surveyed_wrong(tmp_path):
    """Markers 0.1 m up on a floor whose plates are said to lie at 0."""
    level, made = read(high(0.0), tmp_path), high(0.1)
    wrong = made.parameters["FORCE_PLATFORM:CORNERS"] * np.array([1, 0, 1])[:, None, None]
    found = read(with_parameters(made, FORCE_PLATFORM__CORNERS=wrong), tmp_path, 0.1)
    np.testing.assert_allclose(forces(found), forces(level), atol=2e-3)
    assert "recording.floor_height" in found.summary["warnings"][0]


def two_plates(apart_m: float) -> Made:
    parts = [replace(LOAD, force_n=LOAD.force_n / 2, moment_nm=LOAD.moment_nm / 2)] * 2
    loads = [
        (MadePlate(2, (0.0, height, 0.0)), lifted(part, height))
        for height, part in zip((0.0, apart_m), parts, strict=True)
    ]
    return laboratory_file(RUNNER, loads)


def test_used_plates_share_a_height_or_are_refused_by_name(tmp_path):
    level, found = read(high(0.0), tmp_path), read(two_plates(0.012), tmp_path)
    np.testing.assert_allclose(forces(found), forces(level), atol=5e-3)
    with pytest.raises(RecordingError, match=r"plate 1 \+0\.000 m, plate 2 \+0\.040 m"):
        read(two_plates(0.04), tmp_path)
    assert read(two_plates(0.04), tmp_path, 0.0).summary["body_weight_ratio"] > 0.95


@pytest.mark.parametrize("away_m", [-0.31, -0.05, 0.05, 0.31])
def test_a_standing_trial_on_another_floor_is_doubted(tmp_path, away_m):
    path = high(0.0).write(tmp_path / "run.c3d")
    trial = read_recording([path], raised(STANDING, away_m), MARKERSET, MASS_KG, SETTINGS)
    assert trial.summary["plausibility"]["planted_foot_over_standing_m"] == pytest.approx(
        -away_m, abs=1e-3
    )
    assert "recording.floor_height" in trial.summary["warnings"][0]


def mot(folder: Path, height_m: float) -> list[Path]:
    table = foot_table()
    values = table.values.copy()
    for letter in "RL":
        values[:, table.index(f"{letter}_ground_force_py")] = height_m
    write_trc(folder / "m.trc", raised(RUNNER, height_m))
    write_sto(folder / "f.mot", replace(table, values=values))
    return [folder / "m.trc", folder / "f.mot"]


def test_a_mot_file_s_centre_of_pressure_says_how_high_the_floor_is(tmp_path):
    trials = [
        read_recording(mot(tmp_path, height), STANDING, MARKERSET, MASS_KG, SETTINGS)
        for height in (0.0, 0.023)
    ]
    np.testing.assert_allclose(forces(trials[1]), forces(trials[0]), atol=1e-4)
    assert "floor at +0.023 m" in trials[1].summary["warnings"][0]


def test_points_that_lie_on_no_surface_say_nothing_of_it(tmp_path):
    """A wrench axis' point has a height of its own: its wrench is right, the floor stays."""
    files = mot(tmp_path, 0.0)
    table = foot_table()
    values = table.values.copy()
    for letter in "RL":
        force, place = (
            values[:, [table.index(f"{letter}_ground_force_{part}{axis}") for axis in "xyz"]]
            for part in "vp"
        )
        # along the force's line, by a length that changes
        along = 1e-4 * force * np.sin(table.time_s * 40.0)[:, None]
        for number, axis in enumerate("xyz"):
            values[:, table.index(f"{letter}_ground_force_p{axis}")] = (place + along)[:, number]
    expected = read_recording(files, STANDING, MARKERSET, MASS_KG, SETTINGS)
    write_sto(files[1], replace(table, values=values))
    found = read_recording(files, STANDING, MARKERSET, MASS_KG, SETTINGS)
    np.testing.assert_allclose(forces(found), forces(expected), atol=2e-3)
    assert found.summary["warnings"] == []


def standing_file(height_m: float, plate_m: float | None, weight_n: float) -> Made:
    standing = raised(STANDING, height_m)
    samples = np.zeros((standing.time_s.size, 3))
    push = Wrench(standing.time_s, samples + np.array([0.0, weight_n, 0.0]), samples, 150.0, "p")
    loads = [] if plate_m is None else [(MadePlate(2, (0.0, plate_m, 0.0)), push)]
    return laboratory_file(standing, loads)


@pytest.mark.parametrize(
    ("height_m", "plate_m", "weight_n", "stated_m", "floor_m"),
    [
        (0.0, None, 0.0, None, 0.0),
        (0.3, None, 0.0, 0.3, 0.3),
        (0.023, 0.023, 700.0, None, 0.023),
        (0.023, 0.023, 0.0, None, 0.023),
        (0.0, 0.3, 0.0, None, 0.0),
        (0.3, 0.3, 700.0, None, 0.3),
        (0.1, 0.3, 700.0, 0.1, 0.1),
    ],
    ids=[
        "no plate",
        "no plate, stated",
        "on a low plate",
        "beside plates of the same floor",
        "beside a raised treadmill",
        "on a raised treadmill",
        "stated goes first",
    ],
)
def test_a_standing_trial_has_its_own_floor(
    tmp_path, height_m, plate_m, weight_n, stated_m, floor_m
):
    path = standing_file(height_m, plate_m, weight_n).write(tmp_path / "static.c3d")
    found = read_static(path, Axes(), stated_m)
    middle = STANDING.positions_m[0] + np.array([0.0, height_m - floor_m, 0.0])
    np.testing.assert_allclose(found.positions_m[0], middle, atol=1e-6)


def test_the_setting_is_a_word_or_metres():
    assert stated_height_m(FROM_CORNERS) is None
    assert stated_height_m(0.3) == 0.3
    section = {"axes": {}, "contact_threshold_n": 50, "min_contact_s": 0.1, "max_contact_s": 0.5}
    section |= {"max_gap_s": 0.1, "cop_min_force_n": 50, "floor_height": -0.02}
    section |= {"correct_clock": True}
    steps, filtering = {"contacts_per_foot": 3, "margin_s": 0.15}, {"cutoff_hz": 15, "order": 4}
    assert RecordingSettings.from_config(section, steps, filtering, 0.1).floor_height_m == -0.02


SCHEMA = Path(__file__).parents[2] / "config" / "schemas" / "config.schema.yaml"


@pytest.mark.parametrize(
    ("given", "read_as", "problem"),
    [
        ("from_corners", "from_corners", ""),
        (0.25, 0.25, ""),
        ("0.25", 0.25, ""),
        ("corners", "corners", "one of from_corners"),
        (250.0, 250.0, "between -3 and 3 (metres or from_corners)"),
    ],
)
def test_the_configuration_takes_a_word_or_metres(given, read_as, problem):
    config = typed({"recording": {"floor_height": given}}, load_schema(SCHEMA))
    assert config["recording"]["floor_height"] == read_as
    found = schema_problems(config, SCHEMA, lambda path: ("config.yaml", dotted(path)))
    told = [entry.expected for entry in found if entry.place == "recording.floor_height"]
    assert [problem in text for text in told] == ([True] if problem else [])
