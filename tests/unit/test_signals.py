"""Filters and resampling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strikelean.errors import RecordingError
from strikelean.signals import (
    at_times,
    contiguous_runs,
    lowpass,
    over_stance,
    samples_in,
    time_runs,
)

RATE_HZ = 300.0


def gain(frequency_hz: float, cutoff_hz: float, order: int) -> float:
    time_s = np.arange(6000) / RATE_HZ
    wave = np.sin(2.0 * np.pi * frequency_hz * time_s)
    middle = slice(2000, 4000)
    return float(np.std(lowpass(wave, RATE_HZ, cutoff_hz, order)[middle]) / np.std(wave[middle]))


@pytest.mark.parametrize("order", [2, 4, 6])
@pytest.mark.parametrize("cutoff_hz", [6.0, 15.0, 50.0])
def test_both_passes_together_have_their_3_db_at_the_cutoff(order, cutoff_hz):
    assert gain(cutoff_hz, cutoff_hz, order) == pytest.approx(np.sqrt(0.5), abs=0.005)
    assert gain(cutoff_hz / 10.0, cutoff_hz, order) == pytest.approx(1.0, abs=0.02)


def test_a_higher_order_stops_more():
    assert gain(45.0, 15.0, 4) < gain(45.0, 15.0, 2) < 0.2


@settings(max_examples=30, deadline=None)
@given(st.floats(-1e4, 1e4), st.floats(-100, 100), st.integers(30, 400))
def test_constants_and_slopes_pass_unchanged(level, slope, samples):
    line = level + slope * np.arange(samples) / RATE_HZ
    tolerance = 1e-5 * (1.0 + abs(level) + abs(slope))
    np.testing.assert_allclose(lowpass(line, RATE_HZ, 15.0), line, atol=tolerance)


def test_a_symmetric_pulse_is_not_delayed():
    time_s = np.arange(301) / RATE_HZ
    pulse = np.exp(-(((time_s - 0.5) / 0.03) ** 2))
    filtered = lowpass(pulse, RATE_HZ, 15.0)
    np.testing.assert_allclose(filtered, filtered[::-1], atol=1e-6)
    assert np.argmax(filtered) == 150


def test_nothing_leaks_over_a_gap_and_short_runs_stay_blank():
    wave = np.r_[np.zeros(60), 1000.0 * np.ones(60)]
    wave[58:62] = np.nan
    filtered = lowpass(wave, RATE_HZ, 15.0)
    np.testing.assert_allclose(filtered[:58], 0.0, atol=1e-9)
    np.testing.assert_allclose(filtered[62:], 1000.0)
    assert np.isnan(filtered[58:62]).all()
    wave[10:] = np.nan
    assert np.isnan(lowpass(wave[:40], RATE_HZ, 15.0)[10:]).all()
    assert np.isnan(lowpass(wave[3:12], RATE_HZ, 15.0)).all()


def test_a_hole_in_time_ends_a_run():
    time_s = np.r_[np.arange(60), 500 + np.arange(60)] / RATE_HZ
    wave = np.r_[np.zeros(60), np.ones(60)]
    assert time_runs(time_s, RATE_HZ) == [slice(0, 60), slice(60, 120)]
    np.testing.assert_allclose(lowpass(wave, RATE_HZ, 15.0, time_s=time_s), wave, atol=1e-9)


@pytest.mark.parametrize("rate_hz", [25.0, 29.9, 30.0])
def test_samples_too_slow_for_the_cut_off_are_a_fault_of_the_recording(rate_hz):
    with pytest.raises(RecordingError, match=rf"more than 30 Hz.* found {rate_hz:g} Hz"):
        lowpass(np.zeros(100), rate_hz, 15.0)
    assert np.isfinite(lowpass(np.zeros(100), 30.1, 15.0)).all()


@pytest.mark.parametrize(("cutoff_hz", "order"), [(15.0, 3), (0.0, 4)])
def test_impossible_filters_are_refused(cutoff_hz, order):
    with pytest.raises(ValueError, match=r"order|cut-off"):
        lowpass(np.zeros(100), RATE_HZ, cutoff_hz, order)


@given(st.lists(st.booleans(), max_size=40))
def test_runs_cover_exactly_what_is_present(flags):
    present = np.array(flags, dtype=bool)
    covered = np.zeros(present.size, dtype=bool)
    for run in contiguous_runs(present):
        assert run.start < run.stop
        assert not covered[run].any()
        covered[run] = True
    np.testing.assert_array_equal(covered, present)


def test_interpolation_gives_nan_beyond_the_ends():
    np.testing.assert_allclose(
        at_times(np.array([0.0, 1.0]), np.array([[0.0], [2.0]]), np.array([-1.0, 0.5, 2.0]))[:, 0],
        [np.nan, 1.0, np.nan],
    )


@given(st.integers(1, 4000), st.floats(20.0, 2000.0))
def test_a_rate_that_is_off_in_its_last_digit_counts_the_same_samples(count: int, rate: float):
    for off in (1.0 - 1e-12, 1.0, 1.0 + 1e-12):
        assert samples_in(count / rate, rate * off) == count


def test_stance_is_resampled_without_extrapolating():
    time_s = np.arange(100) / 100.0
    values = np.column_stack([np.sin(6.0 * time_s), time_s])
    stance = over_stance(time_s, values, 0.2, 0.5)
    wanted = np.linspace(0.2, 0.5, 101)
    np.testing.assert_allclose(stance[:, 0], np.sin(6.0 * wanted), atol=1e-5)
    np.testing.assert_allclose(stance[:, 1], wanted, atol=1e-9)
    assert np.isnan(over_stance(time_s, values, 0.8, 1.2)).all()
    values[35, 0] = np.nan
    assert np.isnan(over_stance(time_s, values, 0.2, 0.5)).all()
