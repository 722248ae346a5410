"""Cutting and resampling: what is kept, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from strikelean.loads.waveforms import derivative, finite_runs, resample, stance_grid

RATE_HZ = 100.0


def test_the_grid_has_both_ends() -> None:
    grid = stance_grid(np.array([1.0, 2.0]), np.array([1.2, 2.3]))
    assert grid.shape == (2, 101)
    assert grid[:, 0].tolist() == [1.0, 2.0]
    assert grid[:, -1] == pytest.approx([1.2, 2.3])


def test_a_peak_between_two_samples_survives_resampling() -> None:
    time = np.arange(200) / RATE_HZ
    # 15 Hz, the usual cut-off, at 100 samples a second: straight lines lose up to 11 %
    values = np.cos(2 * np.pi * 15.0 * (time - 1.005))
    at = np.array([1.005])
    assert resample(time, values, at)[0] == pytest.approx(1.0, abs=0.02)
    assert np.interp(at, time, values)[0] < 0.9


def test_nothing_is_interpolated_across_a_hole_between_windows() -> None:
    time = np.concatenate([np.arange(50), np.arange(100, 150)]) / RATE_HZ
    at = np.array([0.25, 0.75, 1.25])
    assert np.isnan(resample(time, time, at)).tolist() == [False, True, False]


def test_nothing_is_interpolated_across_a_gap() -> None:
    time = np.arange(100) / RATE_HZ
    values = time.copy()
    values[40:60] = np.nan
    result = resample(time, values, np.array([0.3, 0.5, 0.7]))
    assert result[[0, 2]] == pytest.approx([0.3, 0.7])
    assert np.isnan(result[1])


def test_one_sample_beyond_an_end_takes_the_end_value_farther_is_missing() -> None:
    time = np.arange(10) / RATE_HZ
    result = resample(time, time**2, np.array([-0.008, 0.099, 0.2]))
    assert result[:2] == pytest.approx([0.0, 0.09**2])
    assert np.isnan(result[2])


def test_a_lone_sample_does_not_become_a_waveform() -> None:
    values = np.array([np.nan, 1.0, np.nan, np.nan])
    assert np.isnan(resample(np.arange(4) / RATE_HZ, values, np.array([0.01, 0.03]))).all()


def test_runs_break_at_gaps_and_at_holes() -> None:
    time = np.array([0.0, 0.01, 0.02, 0.5, 0.51, 0.52])
    values = np.array([1.0, 1.0, np.nan, 1.0, 1.0, 1.0])
    assert finite_runs(time, values) == [slice(0, 2), slice(3, 6)]


def test_derivative_of_a_sine() -> None:
    time = np.arange(300) / 150.0
    rate = derivative(time, np.sin(2 * np.pi * time))
    assert rate == pytest.approx(2 * np.pi * np.cos(2 * np.pi * time), abs=0.02)


def test_columns_together_are_each_column_alone():
    rng = np.random.default_rng(5)
    time = np.concatenate([np.arange(40), np.arange(60, 90)]) / RATE_HZ
    values = rng.normal(size=(len(time), 6))
    values[10:15, 1] = values[10:15, 4] = np.nan
    values[:, 2] = np.nan
    values[50:, 3] = np.nan
    at = rng.uniform(-0.02, 0.95, size=(3, 30))
    together, rates = resample(time, values, at), derivative(time, values)
    assert together.shape == (6, 3, 30)
    for column in range(6):
        np.testing.assert_array_equal(together[column], resample(time, values[:, column], at))
        np.testing.assert_array_equal(rates[:, column], derivative(time, values[:, column]))
