"""How stable the ankle is in stance: frontal range, time in eversion, quasi-stiffness."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.loads.metrics import Metric
from strikelean.loads.metrics_waveforms import StanceWaveform
from strikelean.loads.runner_size import RunnerSize

FEWEST_POINTS = 5
"""Points of stance from which a slope is taken (project definition)."""

SMALLEST_RANGE_DEG = 2.0
"""Dorsiflexion under which a quotient of moment and angle means nothing (project definition)."""


def quasi_stiffness(moment_nm: FloatArray, dorsiflexion_deg: FloatArray) -> FloatArray:
    """Return the slope of ankle moment on angle while the ankle is loaded, (S,) N m/deg.

    Loading is the phase in which the plantarflexion moment rises while the ankle
    dorsiflexes (dynamic joint stiffness as in Garofolini 2019, 10.3390/app9194100, who
    divide it further): from the smallest dorsiflexion before its peak to the peak. After a
    heel strike that leaves the fall of the forefoot out. The slope is by least squares.

    Args:
        moment_nm: (S, P) internal plantarflexion moment over stance.
        dorsiflexion_deg: (S, P) ankle angle, dorsiflexion positive.

    Returns:
        NaN where a point is missing, or loading is shorter than five points or 2 degrees.
    """
    result = np.full(moment_nm.shape[0], np.nan)
    for row, (moment, angle) in enumerate(zip(moment_nm, dorsiflexion_deg, strict=True)):
        if not (np.isfinite(moment).all() and np.isfinite(angle).all()):
            continue
        last = int(np.argmax(angle))
        first = int(np.argmin(angle[: last + 1]))
        enough = last - first + 1 >= FEWEST_POINTS
        if enough and angle[last] - angle[first] >= SMALLEST_RANGE_DEG:
            loading = slice(first, last + 1)
            result[row] = np.polyfit(angle[loading], moment[loading], 1)[0]
    return result


def ankle_metrics(waveforms: Mapping[str, StanceWaveform], runner: RunnerSize) -> dict[str, Metric]:
    """Return frontal range, time in eversion and quasi-stiffness of every step.

    Args:
        waveforms: quantities over stance, (S, 101) each.
        runner: mass, for the stiffness per kilogram.
    """
    frontal = waveforms["subtalar_inversion_angle"]
    known = np.isfinite(frontal.values).all(axis=1)
    everted = np.where(known, 100.0 * (frontal.values < 0.0).mean(axis=1), np.nan)
    moment, angle = (
        waveforms[name] for name in ("ankle_plantarflexion_moment", "ankle_dorsiflexion_angle")
    )
    stiffness = Metric(quasi_stiffness(moment.values, angle.values), moment.basis)
    return {
        "subtalar_inversion_angle_range": Metric(np.ptp(frontal.values, axis=1), frontal.basis),
        "subtalar_eversion_duration": Metric(everted, frontal.basis),
        "ankle_quasi_stiffness": stiffness,
        "ankle_quasi_stiffness_per_kg": stiffness.scaled(1.0 / runner.mass_kg),
    }
