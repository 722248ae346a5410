"""Patellofemoral stress with a frontal-plane term, an estimate that stands on assumptions.

None of the classical methods knows the frontal plane. Huberti & Hayes 1984 (J Bone Joint Surg
Am 66:715-724, PMID 6725318) turned the Q-angle of twelve cadaver knees by 10 degrees at 20
degrees of flexion: peak contact pressure rose by 45 % with a larger Q-angle and by 50 % with a
smaller one. Here classical stress is multiplied by one plus those shares, taken as linear in
the shift from 0 to 10 degrees. Assumed, and not tested by anybody:

- the shift of the Q-angle is the abduction (valgus) of the knee from the runner's own standing,
  degree for degree; hip and tibial rotation, which move the ends of the quadriceps and of the
  patellar tendon too, are left out for want of a figure;
- what holds at 20 degrees of flexion for peak pressure of a cadaver holds at every flexion for
  the mean stress of a runner;
- the rise is linear and has no threshold.

So the estimate rises with valgus and with varus *because it was built so*: it shows how large the
published effect would be in these runners, and proves nothing about its truth. Knee abduction
from skin markers carries errors as large as itself. Shown beside the classical stress, never
in its place, and no load of any other kind is computed from it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from strikelean.formats.series import FloatArray
from strikelean.loads import patellofemoral as pfj
from strikelean.loads.metrics import Metric, integral
from strikelean.loads.metrics_waveforms import StanceWaveform

RISE_VALGUS, RISE_VARUS = 0.45, 0.50
"""Rise of peak pressure at a Q-angle of +10 and of -10 deg; Huberti & Hayes 1984, abstract."""

DATA_DEG = 10.0
"""Largest shift of the Q-angle that was measured, deg, to either side."""

METHOD = "joint_reaction"
"""The force that is multiplied: this project's norm among the three."""


def stress_factor(shift_deg: ArrayLike) -> FloatArray:
    """Return by how much a shift of the Q-angle multiplies stress, any shape, 1 at no shift.

    Args:
        shift_deg: change of the Q-angle, larger (valgus) positive, degrees. Beyond 10 deg
            the line is continued past the data.

    Source: Huberti & Hayes 1984 (PMID 6725318), 20 degrees of flexion.
    """
    shift = np.asarray(shift_deg, dtype=np.float64)
    rise = np.where(shift >= 0.0, RISE_VALGUS, RISE_VARUS)
    return np.asarray(1.0 + rise * np.abs(shift) / DATA_DEG, dtype=np.float64)


def held_factor(shift_deg: ArrayLike) -> FloatArray:
    """Return the factor held at the ends of the data."""
    return stress_factor(np.clip(np.asarray(shift_deg, dtype=np.float64), -DATA_DEG, DATA_DEG))


def frontal_waveforms(
    waveforms: Mapping[str, StanceWaveform],
) -> dict[str, StanceWaveform]:
    """Return the shift of the Q-angle and the stress with the frontal term, (S, 101) each.

    Stress is NaN beyond the data of the area curve, as the classical one, and beyond 10
    degrees of shift.
    """
    abduction = waveforms["knee_adduction_angle"]
    shift = -abduction.values
    result = {
        "patellofemoral_q_angle_shift": StanceWaveform(
            shift,
            "deg",
            "larger Q-angle (valgus) positive",
            abduction.frame,
            abduction.basis,
            "frontal",
        )
    }
    known = np.where(np.abs(shift) <= DATA_DEG, stress_factor(shift), np.nan)
    for curve in pfj.AREA_CURVES:
        classical = waveforms[f"patellofemoral_stress_{METHOD}_{curve.name}"]
        result[f"patellofemoral_stress_frontal_{curve.name}"] = StanceWaveform(
            classical.values * known,
            classical.unit,
            classical.sign,
            classical.frame,
            classical.basis,
            "frontal",
        )
    return result


def frontal_metrics(
    waveforms: Mapping[str, StanceWaveform], duration_s: FloatArray, per_km: FloatArray
) -> dict[str, Metric]:
    """Return shift of the Q-angle and stress with the frontal term of every step.

    The value holds area and factor at the ends of their data; where either is left, low
    and high say how much continuing them would change.

    Args:
        waveforms: quantities over stance, those of :func:`frontal_waveforms` included.
        duration_s: (S,) contact times.
        per_km: (S,) contacts of this foot in a kilometre.
    """
    shift = waveforms["patellofemoral_q_angle_shift"]
    flexion = waveforms["knee_flexion_angle"]
    force = waveforms[f"patellofemoral_force_{METHOD}"]
    far = (np.abs(shift.values) > DATA_DEG).any(axis=1)
    result = {
        "patellofemoral_q_angle_shift_mean": Metric(
            integral(shift.values, np.ones(shift.values.shape[0])), shift.basis
        ),
        "patellofemoral_q_angle_shift_peak": Metric(shift.values.max(axis=1), shift.basis),
    }
    for curve in pfj.AREA_CURVES:
        held, continued = pfj.bracketing_stresses_mpa(force.values, flexion.values, curve)
        held = held * held_factor(shift.values)
        continued = continued * stress_factor(shift.values)
        beyond = far | (pfj.beyond_data_share(flexion.values, curve) > 0.0)
        stem = f"patellofemoral_stress_frontal_{curve.name}"
        for statistic, (value, other) in {
            "peak": (held.max(axis=1), continued.max(axis=1)),
            "impulse": (integral(held, duration_s), integral(continued, duration_s)),
        }.items():
            low = np.where(beyond, np.minimum(value, other), np.nan)
            high = np.where(beyond, np.maximum(value, other), np.nan)
            result[f"{stem}_{statistic}"] = Metric(value, force.basis, low, high)
        result[f"{stem}_cumulative_per_km"] = result[f"{stem}_impulse"].scaled(per_km)
    return result
