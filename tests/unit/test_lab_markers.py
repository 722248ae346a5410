"""Gaps, exchanged labels, the static trial, synchrony and windows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lab_runner as runner
from strikelean.constants import GRAVITY_M_S2
from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.series import Markers
from strikelean.formats.trc import write_trc
from strikelean.lab.contacts import Contact
from strikelean.lab.gaps import fill_gaps
from strikelean.lab.labels import exchange_labels, exchanged_labels
from strikelean.lab.static import read_static
from strikelean.lab.synchrony import estimate_lag
from strikelean.lab.windows import select_contacts, windows_around


def waving(frames: int = 300) -> Markers:
    time_s = np.arange(frames) / 150.0
    path = 0.3 * np.column_stack([np.sin(9.0 * time_s), np.cos(9.0 * time_s), time_s])
    return Markers(time_s, ("A",), path[:, np.newaxis], 150.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(20, 270), st.integers(1, 14))
def test_short_gaps_are_filled_close_to_the_truth(start, length):
    whole = waving()
    holed = whole.positions_m.copy()
    holed[start : start + length] = np.nan
    filled, counts = fill_gaps(replace(whole, positions_m=holed), 0.1)
    assert counts["A"].filled == length
    assert counts["A"].left == 0
    assert np.abs(filled.positions_m - whole.positions_m).max() < 0.002


def test_long_gaps_and_open_ends_stay_blank_and_are_counted():
    whole = waving()
    holed = whole.positions_m.copy()
    holed[100:115] = np.nan  # 16 intervals of 1/150 s: over 0.1 s
    holed[:3] = np.nan
    holed[-2:] = np.nan
    filled, counts = fill_gaps(replace(whole, positions_m=holed), 0.1)
    np.testing.assert_array_equal(np.isnan(filled.positions_m), np.isnan(holed))
    assert counts["A"].left == 20
    assert counts["A"].longest_s == pytest.approx(16 / 150.0)


def test_nothing_is_filled_when_no_gap_is_allowed():
    whole = waving()
    holed = whole.positions_m.copy()
    holed[50] = np.nan
    filled, _ = fill_gaps(replace(whole, positions_m=holed), 0.0)
    assert np.isnan(filled.positions_m[50]).all()


def test_a_jump_is_counted_and_left_alone():
    whole = waving()
    jumping = whole.positions_m.copy()
    jumping[80, 0, 1] += 0.2
    same, counts = fill_gaps(replace(whole, positions_m=jumping), 0.1)
    assert counts["A"].jumps == 1
    np.testing.assert_array_equal(same.positions_m, jumping)
    assert fill_gaps(whole, 0.1)[1]["A"].jumps == 0


def test_labels_exchanged_between_trials_are_found_and_put_right():
    running = runner.markers()
    wrong = exchange_labels(running, [("R.MT5", "R.Toe")])
    pairs = exchanged_labels(runner.static(), wrong, runner.MARKERSET)
    assert pairs == [("R.MT5", "R.Toe")]
    np.testing.assert_array_equal(exchange_labels(wrong, pairs).positions_m, running.positions_m)


def test_right_labels_and_a_displaced_marker_are_left_alone():
    running = runner.markers()
    assert exchanged_labels(runner.static(), running, runner.MARKERSET) == []
    moved = running.positions_m.copy()
    moved[:, running.names.index("R.MT5")] += [0.0, 0.03, 0.0]
    displaced = replace(running, positions_m=moved)
    assert exchanged_labels(runner.static(), displaced, runner.MARKERSET) == []


def test_the_stillest_second_of_a_static_trial_is_kept_without_gaps(tmp_path):
    standing = runner.static()
    frames = 450
    positions = np.tile(standing.positions_m[:1], (frames, 1, 1))
    positions[:200] += 0.05 * np.sin(np.arange(200) / 9.0)[:, np.newaxis, np.newaxis]
    positions[260:270, 0] = np.nan
    positions[:, 3] = np.nan
    trial = Markers(np.arange(frames) / 150.0, standing.names, positions, 150.0)
    write_trc(tmp_path / "static.trc", trial)
    kept = read_static(tmp_path / "static.trc", Axes())
    assert kept.time_s.size == 150
    assert kept.time_s[0] >= 200 / 150.0 - 1e-6
    assert "R.Side" not in kept
    assert np.isfinite(kept.positions_m).all()
    np.testing.assert_allclose(
        kept.positions_m[:, 0], standing.positions_m[0, 0][np.newaxis].repeat(150, 0)
    )


def test_a_runner_is_no_static_trial(tmp_path):
    write_trc(tmp_path / "run.trc", runner.markers())
    with pytest.raises(RecordingError, match="standing still"):
        read_static(tmp_path / "run.trc", Axes())


@settings(max_examples=15, deadline=None)
@given(st.floats(-0.045, 0.045))
def test_a_made_up_lag_is_found_to_half_a_millisecond(lag_s):
    mass = 70.0
    time_s = 1.0 + np.arange(300) / 150.0
    force_time = np.arange(2400) / 600.0

    def force(at: np.ndarray) -> np.ndarray:
        return mass * GRAVITY_M_S2 + 900.0 * np.sin(17.0 * at) + 200.0 * np.sin(34.0 * at + 1.0)

    acceleration = force(time_s) / mass - GRAVITY_M_S2
    acceleration[40:60] = np.nan
    late = force(force_time - lag_s)
    lag = estimate_lag(time_s, acceleration, force_time, late, mass)
    assert lag.lag_s == pytest.approx(lag_s, abs=5e-4)
    assert lag.rms_n <= lag.rms_at_zero_n + 0.01
    assert not lag.at_limit
    # a wrong mass shifts the level, not the clock
    assert estimate_lag(time_s, acceleration, force_time, late + 50.0, mass).lag_s == pytest.approx(
        lag_s, abs=5e-4
    )


def test_a_lag_beyond_the_range_says_so():
    time_s = 1.0 + np.arange(300) / 150.0
    force_time = np.arange(2400) / 600.0
    wave = 700.0 * np.sin(9.0 * (force_time - 0.09))
    lag = estimate_lag(time_s, 10.0 * np.sin(9.0 * time_s), force_time, wave, 70.0)
    assert lag.at_limit


def test_too_little_overlap_is_refused():
    with pytest.raises(RecordingError, match="20 frames"):
        estimate_lag(np.arange(9) / 150.0, np.zeros(9), np.arange(99) / 600.0, np.zeros(99), 70.0)


SPANS = st.lists(
    st.tuples(st.floats(0, 10), st.floats(0.05, 0.5)).map(lambda p: (p[0], p[0] + p[1])), max_size=8
)


@given(SPANS, st.floats(0.0, 0.3))
def test_windows_cover_every_contact_with_its_margin_and_never_touch(spans, margin):
    windows = windows_around(spans, margin)
    for start, end in spans:
        assert any(a <= start - margin and end + margin <= b for a, b in windows)
    assert all(a[1] < b[0] for a, b in pairwise(windows))


def test_the_first_valid_contacts_of_each_foot_are_selected():
    sides = ["right", "left"] * 4
    contacts = [
        Contact(t, t + 0.2, t, t + 0.2, 0, side, "" if i != 2 else "short")
        for i, (t, side) in enumerate(zip(np.arange(8) * 0.36, sides, strict=True))
    ]
    assert select_contacts(contacts, 2) == [0, 1, 3, 4]
    assert select_contacts(contacts, 99) == [0, 1, 3, 4, 5, 6, 7]
