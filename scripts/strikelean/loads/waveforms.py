"""From tables over time to waveforms over 101 points of stance.

Resampling is a cubic spline: at 100 samples a second a component at the usual 15 Hz
cut-off loses up to 11 % between samples when joined by straight lines, (pi f h)^2 / 2,
and 1 % by a cubic, and peaks are what is reported.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray
from strikelean.signals import contiguous_runs, time_runs

POINTS = 101
"""Points of a waveform: 0, 1, ... 100 % of stance."""


def stance_grid(start_s: FloatArray, end_s: FloatArray, points: int = POINTS) -> FloatArray:
    """Return the times of the points of stance, (S, points), both ends included."""
    share = np.linspace(0.0, 1.0, points)
    return start_s[:, None] + (end_s - start_s)[:, None] * share


def finite_runs(time_s: FloatArray, values: FloatArray) -> list[slice]:
    """Return the stretches without a NaN and without a hole in time.

    A hole is an interval longer than one and a half samples: tables hold only the
    windows that were solved.
    """
    if time_s.size < 2:
        return []
    finite = np.isfinite(values)
    rate_hz = 1.0 / float(np.median(np.diff(time_s)))
    return [
        slice(window.start + part.start, window.start + part.stop)
        for window in time_runs(time_s, rate_hz)
        for part in contiguous_runs(finite[window])
    ]


def _spline(time_s: FloatArray, values: FloatArray) -> CubicSpline | None:
    """Return a natural-enough spline, or None where there are too few samples."""
    if time_s.size < 2:
        return None
    return CubicSpline(time_s, values, bc_type="not-a-knot" if time_s.size > 3 else "natural")


def _alike(time_s: FloatArray, columns: FloatArray) -> list[tuple[NDArray[np.int64], list[slice]]]:
    """Return columns (T, N) that are known at the same times, and their stretches."""
    lots: dict[bytes, list[int]] = {}
    for number, packed in enumerate(np.packbits(np.isfinite(columns), axis=0).T):
        lots.setdefault(packed.tobytes(), []).append(number)
    return [
        (np.array(numbers), finite_runs(time_s, columns[:, numbers[0]]))
        for numbers in lots.values()
    ]


def resample(time_s: FloatArray, values: FloatArray, at_s: FloatArray) -> FloatArray:
    """Return values at other times by cubic splines that never cross a gap.

    A time up to one sample beyond the ends of a stretch takes its end value: contacts
    begin between two frames, and muscles are solved only for frames in stance. Farther
    out, and inside gaps, the result is NaN.

    Args:
        time_s: (T,) seconds, increasing, may have holes.
        values: (T,) or (T, N), NaN where missing.
        at_s: times wanted, any shape.

    Returns:
        Values of the shape of ``at_s``; of N columns, one after the other, (N, ...).
    """
    columns, at = values.reshape(len(time_s), -1), at_s.ravel()
    result = np.full((columns.shape[1], at.size), np.nan)
    shape = (*values.shape[1:], *at_s.shape)
    if time_s.size < 2:
        return result.reshape(shape)
    step = float(np.median(np.diff(time_s))) * (1.0 + 1e-9)
    for numbers, stretches in _alike(time_s, columns):
        unknown = np.ones(at.size, dtype=bool)
        for stretch in stretches:
            times = time_s[stretch]
            near = (at >= times[0] - step) & (at <= times[-1] + step)
            wanted = np.flatnonzero(near & ((at >= times[0]) & (at <= times[-1]) | unknown))
            if wanted.size == 0:
                continue
            spline = _spline(times, columns[stretch][:, numbers])
            if spline is not None:
                found = spline(np.clip(at[wanted], times[0], times[-1]))
                result[numbers[:, None], wanted] = found.T
                unknown[wanted] = False
    return result.reshape(shape)


def derivative(time_s: FloatArray, values: FloatArray) -> FloatArray:
    """Return the time derivative at the samples, (T,) or (T, N), by splines within stretches."""
    columns = values.reshape(len(time_s), -1)
    result = np.full(columns.shape, np.nan)
    for numbers, stretches in _alike(time_s, columns):
        for stretch in stretches:
            spline = _spline(time_s[stretch], columns[stretch][:, numbers])
            if spline is not None:
                result[stretch, numbers] = spline(time_s[stretch], 1)
    return result.reshape(values.shape)
