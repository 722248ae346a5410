"""Errors of measurement that leave a tidy file: each moves its own figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import body_runner as body
import force_runner as runner
from strikelean.lab.baseline import DRIFT_M, DRIFT_N, check_baselines, remove_baseline
from strikelean.lab.check_joints import ANKLE, ankle_gap_m, check_joints, place_segment
from strikelean.lab.check_repeats import FRAMES, SAMPLES, SPIKE, TOP, check_repeats

RUN = runner.running(noise_n=1.0)
USUAL = RUN.read().summary["plausibility"]
"""E of a runner without any error."""


def said(changed: runner.Running) -> tuple[dict[str, float], str]:
    """Return the figures and the warnings of a recording."""
    summary = changed.read().summary
    return summary["plausibility"], "; ".join(summary["warnings"])


@settings(max_examples=8, deadline=None)
@given(share=st.floats(-0.018, 0.018))
def test_a_tilt_of_the_forces_is_measured(share):
    angle = np.arctan(share)
    turn = np.array(
        [[np.cos(angle), np.sin(angle), 0.0], [-np.sin(angle), np.cos(angle), 0.0], [0, 0, 1.0]]
    )
    tilted = RUN.changed(
        lambda w: replace(w, force_n=w.force_n @ turn.T, moment_nm=w.moment_nm @ turn.T)
    )
    figures, words = said(tilted)
    away = figures["unexplained_impulse_forward_share"] - USUAL["unexplained_impulse_forward_share"]
    assert away == pytest.approx(share, abs=1e-3)
    assert ("tilted" in words) == (abs(figures["unexplained_impulse_forward_share"]) > 0.008)


@settings(max_examples=8, deadline=None)
@given(gain=st.floats(0.85, 1.15))
def test_the_gain_of_one_plate_of_two_is_measured(gain):
    def louder(w):
        own = 1.0 if w.label == "left" else gain
        return replace(w, force_n=own * w.force_n, moment_nm=own * w.moment_nm)

    figures, words = said(RUN.named().changed(louder))
    ratio = figures["newton_slope_up_right_over_left"]
    assert ratio == pytest.approx(gain * USUAL["newton_slope_up_right_over_left"], rel=0.01)
    assert ("under the right one" in words) == (not 1.0 / 1.08 <= ratio <= 1.08)


@settings(max_examples=8, deadline=None)
@given(gain=st.floats(0.8, 1.4))
def test_the_gain_of_the_forward_force_is_measured(gain):
    louder = RUN.changed(lambda w: replace(w, force_n=w.force_n * np.array([gain, 1.0, 1.0])))
    figures = said(louder)[0]
    usual = USUAL["force_towards_mass_centre_slope"]
    # the force of a plate on the floor moves its pressure little
    assert figures["force_towards_mass_centre_slope"] == pytest.approx(gain * usual, rel=0.03)


@pytest.mark.parametrize("late_s", [-0.008, 0.0, 0.008])
def test_a_plate_that_is_late_is_told_from_a_late_recording(late_s):
    def shifted(w):
        rows = np.clip(np.arange(w.time_s.size) - round(late_s * w.rate_hz), 0, w.time_s.size - 1)
        late = replace(w, force_n=w.force_n[rows], moment_nm=w.moment_nm[rows])
        return late if w.label == "right" else w

    figures, words = said(RUN.named().changed(shifted))
    assert figures["clock_error_right_less_left_s"] == pytest.approx(
        round(late_s * runner.FORCE_HZ) / runner.FORCE_HZ, abs=1.5e-3
    )
    assert ("of the right foot that come" in words) == (late_s != 0.0)
    both = RUN.changed(lambda w: replace(w, time_s=w.time_s + late_s))
    assert "of the right foot" not in said(both)[1]


def test_a_clock_that_runs_slowly_drifts():
    def slow(w):
        clock = 0.998 * w.time_s
        columns = [
            np.column_stack([np.interp(clock, w.time_s, part[:, i]) for i in range(3)])
            for part in (w.force_n, w.moment_nm)
        ]
        return replace(w, force_n=columns[0], moment_nm=columns[1])

    figures, words = said(RUN.changed(slow))
    # half of the recording lies between the middles of both halves
    assert figures["clock_drift_s"] == pytest.approx(0.002 * 8 * runner.STEP_S, abs=2e-3)
    assert "one clock from the first contact to the last" in words


def test_copies_are_told_from_measured_samples():
    markers, wrenches = RUN.recording.markers, RUN.recording.wrenches
    clean = {finding.figure: finding for finding in check_repeats(markers, wrenches)}
    assert clean[FRAMES].value == 0.0
    assert clean[SAMPLES].value == 0.0
    rows = np.arange(markers.time_s.size)
    held = replace(markers, positions_m=markers.positions_m[rows // 2 * 2])
    again = np.where((rows > 100) & (rows < 121), rows - 20, rows)
    twice = replace(markers, positions_m=markers.positions_m[again])
    for copied, share in ((held, 0.5), (twice, 20 / rows.size)):
        found = check_repeats(copied, wrenches)[0]
        assert found.value == pytest.approx(share, abs=0.005)
        assert found.level == "doubtful"


def test_blank_frames_are_no_copies_of_each_other():
    markers = RUN.recording.markers
    places = markers.positions_m.copy()
    places[100:200] = np.nan
    blank = replace(markers, positions_m=places)
    assert check_repeats(blank, RUN.recording.wrenches)[0].value == 0.0


def test_a_cut_off_peak_and_a_spike_are_said():
    wrench = RUN.recording.wrenches[0]
    cut = wrench.force_n.copy()
    cut[:, 1] = np.minimum(cut[:, 1], 0.8 * cut[:, 1].max())
    spiked = wrench.force_n.copy()
    spiked[400, 0] += 1500.0
    for force, figure in ((cut, TOP), (spiked, SPIKE)):
        found = check_repeats(RUN.recording.markers, [replace(wrench, force_n=force)])
        assert [f.figure for f in found if f.level == "doubtful"] == [figure]


def test_a_plate_that_drifts_is_said():
    wrench = RUN.recording.wrenches[0]
    slope = np.linspace(0.0, 1.0, wrench.time_s.size)[:, np.newaxis]
    drifting = replace(
        wrench,
        force_n=wrench.force_n + slope * [0.0, 40.0, 0.0],
        moment_nm=wrench.moment_nm + slope * [0.0, 0.0, 40.0],
    )
    findings = {
        finding.figure: finding
        for finding in check_baselines([("plate 1", remove_baseline(drifting, 50.0)[1])])
    }
    assert findings[DRIFT_N].value == pytest.approx(20.0, abs=6.0)
    assert findings[DRIFT_N].level == findings[DRIFT_M].level == "doubtful"
    steady = check_baselines([("plate 1", remove_baseline(wrench, 50.0)[1])])
    assert {finding.level for finding in steady} == {"plausible"}


def test_a_segment_is_placed_where_it_was_moved_to():
    random = np.random.default_rng(2)
    standing = body.standing()
    names = ["R.Thigh1", "R.Thigh2", "R.Thigh3", "R.Thigh4"]
    turn = Rotation.from_rotvec(random.normal(size=3)).as_matrix()
    moved = body.mapped(standing, turn, np.array([1.0, 2.0, 3.0]))
    point = np.array([0.3, 0.4, 0.1])
    placed = place_segment(standing, moved, names).take(point)
    np.testing.assert_allclose(placed, np.broadcast_to(turn @ point + [1, 2, 3], placed.shape),
                               atol=1e-9)  # fmt: skip


def test_an_ankle_that_nobody_marked_is_not_judged():
    found = check_joints(body.standing(), body.running(), body.MARKERSET)
    assert found.figure == ANKLE
    assert np.isnan(ankle_gap_m(body.standing(), body.running(), body.MARKERSET, "right"))
    assert found.level == "plausible"
