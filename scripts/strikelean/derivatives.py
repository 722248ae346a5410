"""Rates of change of sampled signals, window by window."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import make_interp_spline

from strikelean.formats.series import FloatArray
from strikelean.signals import time_runs

# Quintic, as OpenSim's inverse dynamics tool: accelerations are then twice differentiable.
DEGREE = 5


def differentiate(time_s: FloatArray, values: FloatArray, rate_hz: float) -> list[FloatArray]:
    """Return first and second time derivative of (T, C) samples, each (T, C).

    An interpolating quintic spline is laid through every unbroken stretch of time; nothing
    is smoothed here, filter first.

    Raises:
        ValueError: a stretch of fewer than six samples.
    """
    first, second = np.empty_like(values), np.empty_like(values)
    for run in time_runs(time_s, rate_hz):
        spline = make_interp_spline(time_s[run], values[run], k=DEGREE)
        first[run] = spline(time_s[run], 1)
        second[run] = spline(time_s[run], 2)
    return [first, second]
