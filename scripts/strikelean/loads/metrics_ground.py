"""Metrics of the ground's force: peaks, impact peak, loading rates, impulses.

Loading rates depend on filter and definition more than on runners, so both are named:
force low-passed at ``filter.loading_rate_cutoff_hz``; the slope between 20 and 80 % of
the time from contact to impact peak (method B of Ueda 2016, 10.1055/s-0042-107248,
who found the instantaneous rate to differ less between methods than the average).
Where there is no impact peak 13 % of stance stands in for its time: common practice,
but its origin could not be verified here, so it is this project's definition.
"""

from __future__ import annotations

import numpy as np

from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray
from strikelean.loads.steps import Steps
from strikelean.loads.waveforms import resample, stance_grid

FINE_POINTS = 501
"""Points of stance for events: 0.5 ms apart in a contact of 0.25 s."""

IMPACT_WINDOW = 0.25
"""Share of stance in which a local maximum counts as impact peak (project definition)."""

IMPACT_PROMINENCE_BW = 0.01
"""How far an impact peak stands out, body weights (project definition: above noise)."""

IMPACT_FALLBACK = 0.13
"""Share of stance that replaces the time of an impact peak that is absent."""

RATE_WINDOW = (0.2, 0.8)
"""Part of the time from contact to impact peak over which loading rates are taken."""


def impact_index(vertical_n: FloatArray, body_weight_n: float) -> int | None:
    """Return the index of the impact peak in one stance, or None when there is none.

    It is the first local maximum of vertical force within the first quarter of stance
    that comes before the largest force and stands out by 1 % of body weight.

    Args:
        vertical_n: (P,) vertical force over stance, evenly spaced, contact to toe-off.
        body_weight_n: body weight in newtons.
    """
    # slow to import, and the tables of a cohort do without
    from scipy.signal import find_peaks

    if not np.all(np.isfinite(vertical_n)):
        return None
    peaks, _ = find_peaks(vertical_n, prominence=IMPACT_PROMINENCE_BW * body_weight_n)
    last = min(IMPACT_WINDOW * (vertical_n.size - 1), float(np.argmax(vertical_n)) - 1.0)
    early = peaks[peaks <= last]
    return int(early[0]) if early.size else None


def loading_rates(
    vertical_n: FloatArray, duration_s: float, peak_index: int | None
) -> tuple[float, float]:
    """Return the average and the instantaneous vertical loading rate in N/s.

    Args:
        vertical_n: (P,) vertical force over one stance.
        duration_s: contact time.
        peak_index: index of the impact peak, None when it is absent.

    Source: Ueda 2016 (10.1055/s-0042-107248), method B; without an impact peak 13 % of
    stance replaces its time (project definition).
    """
    points = vertical_n.size
    last = peak_index if peak_index is not None else IMPACT_FALLBACK * (points - 1)
    first, second = (share * last for share in RATE_WINDOW)
    at = np.linspace(first, second, 101)
    seconds = at * duration_s / (points - 1)
    force = np.interp(at, np.arange(points), vertical_n)
    average = (force[-1] - force[0]) / (seconds[-1] - seconds[0])
    slopes = np.gradient(vertical_n, duration_s / (points - 1))
    instantaneous = np.interp(at, np.arange(points), slopes).max()
    return float(average), float(instantaneous)


def ground_metrics(
    steps: Steps, ground: GroundForces, body_weight_n: float, impacts: bool = True
) -> dict[str, FloatArray]:
    """Return the ground-force metrics of each step.

    Args:
        steps: contacts of one foot.
        ground: low-passed for loading rates.
        body_weight_n: body weight in newtons.
        impacts: whether force was sampled fast enough for impact peak and loading rates.

    Returns:
        ``{metric: (S,)}``; NaN where force is missing or too slow, impact force NaN where
        there is no impact peak.
    """
    grid = stance_grid(steps.start_s, steps.end_s, FINE_POINTS)
    force_n = ground.foot(steps.side).force_n
    forward, vertical = resample(ground.time_s, force_n[:, :2], grid)
    duration = steps.contact_time_s
    count = steps.number.size
    present, impact = np.full(count, np.nan), np.full(count, np.nan)
    average, instantaneous = np.full(count, np.nan), np.full(count, np.nan)
    for row in range(count):
        if not impacts or not np.all(np.isfinite(vertical[row])):
            continue
        index = impact_index(vertical[row], body_weight_n)
        present[row] = float(index is not None)
        impact[row] = np.nan if index is None else vertical[row, index]
        average[row], instantaneous[row] = loading_rates(vertical[row], float(duration[row]), index)
    spacing = duration / (FINE_POINTS - 1)
    return {
        "ground_vertical_force_peak": vertical.max(axis=1),
        "ground_vertical_force_impulse": np.trapezoid(vertical, axis=1) * spacing,
        "ground_impact_peak_present": present,
        "ground_impact_force_peak": impact,
        "ground_vertical_force_loading_rate_average": average,
        "ground_vertical_force_loading_rate_instantaneous": instantaneous,
        "ground_braking_force_peak": -forward.min(axis=1),
        "ground_braking_force_impulse": np.trapezoid(np.maximum(-forward, 0.0), axis=1) * spacing,
        "ground_propulsive_force_peak": forward.max(axis=1),
        "ground_propulsive_force_impulse": np.trapezoid(np.maximum(forward, 0.0), axis=1) * spacing,
    }
