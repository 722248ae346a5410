"""Do force and markers share a clock? Newton's second law says by how much they do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray

_STEP_S = 0.001


@dataclass(frozen=True)
class Lag:
    """Delay between force and markers.

    Attributes:
        lag_s: positive when the force comes later on the clock than the movement.
        rms_n: RMS of m (a + g) - F at that lag.
        rms_at_zero_n: the same without a shift.
        at_limit: the smallest RMS lies at the end of the range searched, so the lag is
            at least this large, or cannot be told.
    """

    lag_s: float
    rms_n: float
    rms_at_zero_n: float
    at_limit: bool


def estimate_lag(
    time_s: FloatArray,
    com_acceleration_m_s2: FloatArray,
    force_time_s: FloatArray,
    vertical_force_n: FloatArray,
    mass_kg: float,
    max_lag_s: float = 0.05,
) -> Lag:
    """Find the delay at which the whole body obeys Newton's second law best.

    Minimises the RMS of m (a + g) - F(t + lag), less its mean (a wrong mass must not pass
    for a lag), on a 1 ms grid with a parabola through the lowest three.

    Args:
        time_s: (T,) marker times, may have holes.
        com_acceleration_m_s2: (T,) upward acceleration of the centre of mass, NaN allowed.
        force_time_s: (N,) force times.
        vertical_force_n: (N,) sum of the vertical forces, filtered like the markers.
        mass_kg: runner's mass.
        max_lag_s: range searched, both ways.

    Raises:
        RecordingError: fewer than 20 frames where both are known over the whole range.
    """
    inertia = mass_kg * (com_acceleration_m_s2 + GRAVITY_M_S2)
    usable = (
        np.isfinite(inertia)
        & (time_s >= force_time_s[0] + max_lag_s)
        & (time_s <= force_time_s[-1] - max_lag_s)
    )
    if np.count_nonzero(usable) < 20:
        raise RecordingError(
            "estimate_lag",
            "20 frames with force and movement",
            f"{np.count_nonzero(usable)}",
            "Check that force and markers overlap in time",
        )
    inertia, times = inertia[usable], time_s[usable]

    def rms(lag: float) -> float:
        residual = inertia - np.interp(times + lag, force_time_s, vertical_force_n)
        return float(np.std(residual))

    count = int(np.ceil(max_lag_s / _STEP_S))
    lags = np.arange(-count, count + 1) * _STEP_S
    errors = np.array([rms(float(lag)) for lag in lags])
    best = int(np.argmin(errors))
    at_limit = best in (0, lags.size - 1)
    lag_s = float(lags[best])
    if not at_limit:
        # The mean square, not its root, is a parabola near its minimum.
        left, middle, right = errors[best - 1 : best + 2] ** 2
        curvature = left - 2.0 * middle + right
        if curvature > 0.0:
            lag_s += 0.5 * _STEP_S * float((left - right) / curvature)
    return Lag(lag_s, rms(lag_s), rms(0.0), at_limit)
