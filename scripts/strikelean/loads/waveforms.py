"""From tables over time to waveforms over 101 points of stance.

Resampling is a cubic spline: at 100 samples a second a component at the usual 15 Hz
cut-off loses up to 11 % between samples when joined by straight lines, (pi f h)^2 / 2,
and 1 % by a cubic, and peaks are what is reported.
"""

from __future__ import annotations

import numpy as np
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


def resample(time_s: FloatArray, values: FloatArray, at_s: FloatArray) -> FloatArray:
    """Return values at other times by cubic splines that never cross a gap.

    A time up to one sample beyond the ends of a stretch takes its end value: contacts
    begin between two frames, and muscles are solved only for frames in stance. Farther
    out, and inside gaps, the result is NaN.

    Args:
        time_s: (T,) seconds, increasing, may have holes.
        values: (T,), NaN where missing.
        at_s: times wanted, any shape.

    Returns:
        Values of the shape of ``at_s``.
    """
    result = np.full(at_s.shape, np.nan)
    if time_s.size < 2:
        return result
    step = float(np.median(np.diff(time_s))) * (1.0 + 1e-9)
    for stretch in finite_runs(time_s, values):
        times = time_s[stretch]
        near = (at_s >= times[0] - step) & (at_s <= times[-1] + step)
        wanted = near & ((at_s >= times[0]) & (at_s <= times[-1]) | np.isnan(result))
        spline = _spline(times, values[stretch])
        if spline is not None and wanted.any():
            result[wanted] = spline(np.clip(at_s[wanted], times[0], times[-1]))
    return result


def derivative(time_s: FloatArray, values: FloatArray) -> FloatArray:
    """Return the time derivative at the samples, (T,), by cubic splines within stretches."""
    result = np.full(values.shape, np.nan)
    for stretch in finite_runs(time_s, values):
        spline = _spline(time_s[stretch], values[stretch])
        if spline is not None:
            result[stretch] = spline(time_s[stretch], 1)
    return result
