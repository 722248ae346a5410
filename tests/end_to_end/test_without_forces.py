"""A recording without forces: its angles are those it has with forces, and every load is blank."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import strikelean as sl
from strikelean.errors import RecordingError
from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.files import excluded_reason
from strikelean.formats.trc import read_trc
from strikelean.lab.summary import NO_FORCES
from strikelean.loads.kept import declare
from strikelean.quality import read_report

SPEED_M_S = 3.7
OF_FORCES = ("moment", "force", "power", "work", "stress", "damage", "stiffness", "rate_")


@pytest.fixture(scope="module")
def runner(data_folder: Path, generic_model: Path, tmp_path_factory) -> sl.Runner:
    return sl.scale_runner(
        data_folder / "fullbody" / "static_run.trc",
        name="runner",
        mass_kg=72.84,
        height_m=1.80,
        marker_set="rajagopal_fullbody",
        folder=tmp_path_factory.mktemp("runner"),
        model=generic_model,
    )


def solved(runner: sl.Runner, files: list[Path], name: str) -> sl.SolvedTrial:
    return sl.solve_trial(runner, files, name=name, speed_m_s=SPEED_M_S, belt_speed_m_s=SPEED_M_S)


@pytest.fixture(scope="module")
def markers(data_folder: Path) -> Path:
    return data_folder / "fullbody" / "motion_capture_run.trc"


@pytest.fixture(scope="module")
def both(runner, markers) -> dict[str, sl.SolvedTrial]:
    forces = markers.with_name("grf_run.mot")
    return {
        "forces": solved(runner, [markers, forces], "forces"),
        "angles": solved(runner, [markers], "angles"),
    }


def means(trial: sl.SolvedTrial) -> pd.Series:
    return trial.metrics().groupby("metric")["value"].mean()


def test_angles_of_the_same_frames_are_the_same(both):
    one, other = (both[name].trial.motion for name in ("forces", "angles"))
    shared, mine, theirs = np.intersect1d(one.time_s, other.time_s, return_indices=True)
    assert shared.size > 0.95 * one.time_s.size
    apart = np.degrees(np.abs(one.coordinates[mine] - other.coordinates[theirs]))[:, 3:]
    # the windows end a few frames elsewhere, where filters have not settled
    assert np.percentile(apart, 99) < 0.05


def test_contacts_are_the_plates_within_what_the_documents_say(both):
    rows = {name: list(trial.trial.contacts) for name, trial in both.items()}
    pairs = [
        (one, other)
        for one in rows["forces"]
        for other in rows["angles"]
        if one.valid and one.side == other.side and other.start_s < one.end_s < other.end_s + 0.1
    ]
    assert len(pairs) >= 12
    landing = np.array([other.start_s - one.start_s for one, other in pairs])
    leaving = np.array([other.end_s - one.end_s for one, other in pairs])
    assert abs(landing.mean()) < 0.015
    assert abs(leaving.mean()) < 0.035
    assert landing.std() < 0.01


def test_what_needs_no_force_is_there_and_near(both):
    own, known = means(both["angles"]), means(both["forces"])
    for name, size in (
        ("contact_time", 0.02),
        ("step_rate", 1.0),
        ("step_length", 0.02),
        ("running_speed", 0.02),
        ("knee_flexion_angle_peak", 0.5),
        ("hip_flexion_angle_contact", 1.5),
        ("trunk_lean_torso_axis_angle_mean", 0.3),
        ("trunk_lean_marker_line_angle_mean", 0.3),
        ("foot_strike_angle_contact", 5.0),
        ("heel_hip_distance_contact", 0.03),
    ):
        assert own[name] == pytest.approx(known[name], abs=size), name


def test_every_load_is_blank_with_its_reason(both):
    table = both["angles"].metrics()
    loads = table[table["metric"].str.contains("|".join(OF_FORCES))]
    # the share of stance beyond a curve's data is the knee's angle alone
    loads = loads[~loads["metric"].str.endswith("_beyond_data_share")]
    assert loads["metric"].nunique() > 250
    assert loads["value"].isna().all()
    told = declare(table, {}, virtual=False, habitual="")
    assert set(told.loc[loads.index, "reason"]) == {"no forces were recorded"}
    pressure = told["metric"].isin(["strike_index_contact", "centre_of_pressure_lateral_contact"])
    assert set(told.loc[pressure, "reason"]) == {"no forces were recorded"}
    files = both["angles"].files
    for path in (files.grf, *files.of_forces()):
        assert excluded_reason(path) == NO_FORCES.reason
    assert read_report(files.quality)["angles_only"] == "yes"


def test_techniques_and_moments_are_refused_in_words(both):
    with pytest.raises(RecordingError, match="no forces were recorded"):
        sl.change_technique(both["angles"], "lean+05")
    with pytest.raises(RecordingError, match="no forces were recorded"):
        both["angles"].moments()


def test_a_c3d_file_without_plates_reads_as_the_trc_does(runner, markers, both, tmp_path):
    write_c3d(tmp_path / "run.c3d", read_trc(markers, foreign=True), None)
    other = means(solved(runner, [tmp_path / "run.c3d"], "c3d"))
    own = means(both["angles"])
    pd.testing.assert_series_equal(own.dropna(), other.dropna(), rtol=2e-3, atol=2e-2)


def test_a_treadmill_without_its_speed_is_refused_as_with_forces(runner, markers):
    with pytest.raises(RecordingError, match="a treadmill without belt_speed_m_s"):
        sl.solve_trial(runner, markers, name="ground", speed_m_s=SPEED_M_S)
