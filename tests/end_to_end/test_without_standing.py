"""A runner without a standing trial: scaled from their own mid stances, with what that costs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import strikelean as sl
from delivered import CONFIG, TOP
from strikelean.config.settings import Settings
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.series import Markers
from strikelean.formats.trc import read_trc
from strikelean.markersets import SIDES, load_markerset
from strikelean.model.landmarks import hip_centre_of, mean_positions
from strikelean.motion.joint_centres import centre_between, segment_of, with_joint_centres
from strikelean.motion.standing_from_run import stand_from_run
from strikelean.standing import Standing, read_standing

MARKER_SET = load_markerset(TOP / "models" / "markersets" / "rajagopal_fullbody.yaml")
SETTINGS = Settings.from_config(CONFIG).recording


@pytest.fixture(scope="module")
def run(data_folder: Path) -> Path:
    return data_folder / "fullbody" / "motion_capture_run.trc"


@pytest.fixture(scope="module")
def stood(data_folder: Path) -> dict[str, np.ndarray]:
    """Points of the runner's true standing trial."""
    return mean_positions(read_trc(data_folder / "fullbody" / "static_run.trc", foreign=True))


def standing_of(run: Path) -> Markers:
    standing = Standing(None, Axes(), None, [run], SETTINGS.contacts, SETTINGS.max_gap_s)
    return read_standing(standing, MARKER_SET)


def test_a_hinge_and_its_centre_come_back_from_two_clusters():
    """A shank that turns about a fixed axis of a still thigh."""
    thigh = np.array([[0.05, 0.3, 0.05], [-0.03, 0.2, 0.06], [0.02, 0.15, -0.04]])
    shank = np.array([[0.02, -0.1, 0.05], [-0.04, -0.2, 0.03], [0.01, -0.25, -0.05]])
    knee, bend = np.array([0.4, 0.5, 0.1]), np.radians(np.linspace(5.0, 80.0, 60))
    turned = np.stack(
        [
            [[np.cos(a), -np.sin(a), 0.0], [np.sin(a), np.cos(a), 0.0], [0.0, 0.0, 1.0]]
            for a in -bend
        ]
    )
    paths = np.concatenate(
        [np.repeat((thigh + knee)[None], 60, 0), shank @ np.swapaxes(turned, 1, 2) + knee], axis=1
    )
    markers = Markers(np.arange(60) / 100.0, ("A", "B", "C", "D", "E", "F"), paths, 100.0)
    one, other = segment_of(markers, "ABC"), segment_of(markers, "DEF")
    assert one is not None
    assert other is not None
    found = centre_between(one, other)
    assert found is not None
    np.testing.assert_allclose(found[0][:, :2], np.tile(knee[:2], (60, 1)), atol=1e-6)
    np.testing.assert_allclose(np.abs(found[1]), np.tile([0.0, 0.0, 1.0], (60, 1)), atol=1e-6)
    still = Markers(markers.time_s, markers.names, np.repeat(paths[:1], 60, 0), 100.0)
    assert centre_between(segment_of(still, "ABC"), segment_of(still, "DEF")) is None


def test_thighs_and_shanks_are_as_long_as_standing(run, stood):
    markers, added = with_joint_centres(read_trc(run, foreign=True), MARKER_SET)
    assert added == ["RKJC", "RAJC", "LKJC", "LAJC"]
    thighs, shanks = [], []
    for side in SIDES:
        letter = side[0].upper()
        hip = hip_centre_of(markers, MARKER_SET, side)
        knee, ankle = (markers.position(f"{letter}{joint}JC") for joint in "KA")
        thighs.append(np.nanmean(np.linalg.norm(hip - knee, axis=1)))
        shanks.append(np.nanmean(np.linalg.norm(knee - ankle, axis=1)))
    still = Markers(np.zeros(1), tuple(stood), np.array([list(stood.values())]), 1.0)
    true = [
        np.linalg.norm(hip_centre_of(still, MARKER_SET, s)[0] - stood[f"{s[0].upper()}KJC"])
        for s in SIDES
    ]
    lower = [np.linalg.norm(stood[f"{s}KJC"] - stood[f"{s}AJC"]) for s in "RL"]
    assert np.mean(thighs) == pytest.approx(np.mean(true), rel=0.02)
    assert np.mean(shanks) == pytest.approx(np.mean(lower), rel=0.06)


def test_feet_are_as_flat_as_standing_under_the_pelvis(run, stood):
    points = mean_positions(standing_of(run))
    for letter in "RL":
        heel, ball, toe = (points[letter + name] for name in ("CAL", "MT5", "TOE"))
        higher = stood[f"{letter}MT5"][1] - stood[f"{letter}CAL"][1]
        assert ball[1] - heel[1] == pytest.approx(higher, abs=0.012)
        assert toe[0] - heel[0] > 0.15
        assert points[f"{letter}ASI"][1] - heel[1] > 0.7


def test_the_same_runner_seen_elsewhere_and_later_stands_alike(run):
    markers = read_trc(run, foreign=True)
    moved = Markers(
        markers.time_s + 100.0,
        markers.names,
        markers.positions_m + np.array([3.0, 0.0, -2.0]),
        markers.rate_hz,
    )
    own, other = (
        mean_positions(stand_from_run(seen, MARKER_SET, SETTINGS.contacts, 0.1, "run.trc"))
        for seen in (markers, moved)
    )
    assert list(own) == list(other)
    np.testing.assert_allclose(list(own.values()), list(other.values()), atol=2e-4)


def test_loads_are_those_with_a_standing_trial_within_what_is_said(
    run, data_folder, generic_model, tmp_path
):
    files = [run, run.with_name("grf_run.mot")]
    found = {}
    for name, static in (("stood", run.with_name("static_run.trc")), ("ran", None)):
        runner = sl.scale_runner(
            static,
            name=name,
            mass_kg=72.84,
            height_m=1.80,
            marker_set="rajagopal_fullbody",
            folder=tmp_path / name,
            model=generic_model,
            instead=files if static is None else (),
        )
        trial = sl.solve_trial(runner, files, speed_m_s=3.7, belt_speed_m_s=3.7)
        found[name] = trial.metrics().groupby("metric")["value"].mean()
    table = pd.DataFrame(found)
    share = table["ran"] / table["stood"] - 1.0
    assert abs(share["knee_extension_moment_peak"]) < 0.06
    assert abs(share["ankle_plantarflexion_moment_peak"]) < 0.06
    apart = (table["ran"] - table["stood"]).abs()
    assert apart["knee_flexion_angle_peak"] < 5.0
    assert apart["ankle_dorsiflexion_angle_contact"] < 5.0
    assert apart["foot_strike_angle_contact"] < 3.5
    told = json.loads((tmp_path / "ran" / "scaling.json").read_text(encoding="utf-8"))
    assert "no standing trial" in told["warnings"][0]
    assert "from how segments turn" in told["warnings"][0]


def test_markers_that_only_a_standing_trial_has_are_asked_for(run):
    markers = read_trc(run, foreign=True)
    kept = [i for i, name in enumerate(markers.names) if name != "RMT5"]
    fewer = Markers(
        markers.time_s,
        tuple(markers.names[i] for i in kept),
        markers.positions_m[:, kept],
        markers.rate_hz,
    )
    with pytest.raises(RecordingError, match=r"no static_file, and no RMT5 while running"):
        stand_from_run(fewer, MARKER_SET, SETTINGS.contacts, 0.1, "run.trc")


def test_neither_a_standing_nor_a_running_trial_is_refused():
    with pytest.raises(sl.StrikeleanError, match="instead="):
        sl.scale_runner(None, name="x", mass_kg=60, height_m=1.7, marker_set="virtual")
