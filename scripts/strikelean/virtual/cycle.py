"""A virtual runner's stride as the templates have it: motion and ground, not yet in balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.stride.mean_cycles import LEG, PELVIS
from strikelean.stride.splines import PeriodicBasis
from strikelean.virtual.gait_table import GaitTable
from strikelean.virtual.ground import ContactShape, contact_shape

# Recorded angles were filtered at 15 Hz; what a mean over cycles adds above is no motion.
SMOOTH_HZ = 16.0
SAMPLES = 512
# Knots of the motion; 12 ms follow a ground force of 50 Hz.
KNOT_S = 0.012
# The forearm is close to perpendicular to the upper arm (Yegian 2019, doi 10.1242/jeb.197228).
# How far arms swing is worked out: they balance the legs' turning about the vertical (Hinrichs
# 1987, Arellano & Kram 2014, doi 10.1242/jeb.100420). The other figures are this project's start.
ELBOW_DEG = 95.0
ARM_DEG: Mapping[str, float] = {"arm_flex": -10.0, "arm_add": -15.0, "pro_sup": 45.0}
ARM_SWING_DEG, ARM_LAG = 20.0, 0.1


@dataclass(frozen=True)
class RunnerStyle:
    """How a runner runs.

    Attributes:
        cycle: mean cycle of :meth:`GaitTable.runner`.
        lean_rad: trunk lean, forward positive.
    """

    cycle: Mapping[str, FloatArray]
    lean_rad: float


@dataclass(frozen=True)
class StrideTemplate:
    """One stride, repeated without end; time 0 is the right foot's contact (50 N).

    Attributes:
        basis: splines of the motion over a stride that begins in the middle of a flight.
        coefficients: (count, Q), rad and m.
        contact: of a right foot.
        contact_s: from 50 N to 50 N.
    """

    basis: PeriodicBasis
    coefficients: FloatArray
    contact: ContactShape
    contact_s: float

    @property
    def period_s(self) -> float:
        """Duration of the stride."""
        return self.basis.period_s

    def motion(self, time_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return coordinates, speeds and accelerations at (K,) times, (K, Q) each."""
        found = [self.basis.matrix(time_s, order) @ self.coefficients for order in range(3)]
        return found[0], found[1], found[2]


def foot_phase(time_s: FloatArray, start_s: float, contact_s: float, period_s: float) -> FloatArray:
    """Return a foot's phase, 0 contact, 100 toe-off, 200 its next contact, at (K,) times."""
    since = np.mod(time_s - start_s, period_s)
    swing = (since - contact_s) / (period_s - contact_s)
    return np.asarray(100.0 * np.where(since <= contact_s, since / contact_s, 1.0 + swing))


def _smooth(values: FloatArray, period_s: float) -> FloatArray:
    waves = np.fft.rfft(values, axis=0)
    waves[np.arange(len(waves)) / period_s > SMOOTH_HZ] = 0.0
    return np.asarray(np.fft.irfft(waves, len(values), axis=0))


def stride_template(
    table: GaitTable, style: RunnerStyle, names: tuple[str, ...], height_m: float
) -> StrideTemplate:
    """Return a runner's stride as the templates have it.

    Both feet do the same, half a stride apart; the pelvis does what suits both.

    Args:
        table: group statistics.
        style: of the runner.
        names: coordinates of the model.
        height_m: stature.
    """
    cycle = style.cycle
    period, contact = float(cycle["cycle_time"][0]), float(cycle["contact_time"][0])
    time_s = np.arange(SAMPLES) / SAMPLES * period
    phases = {
        side: foot_phase(time_s, start, contact, period)
        for side, start in zip(SIDES, (0.0, 0.5 * period), strict=True)
    }
    values = np.zeros((SAMPLES, len(names)))

    def put(name: str, found: FloatArray) -> None:
        values[:, names.index(name)] = found

    def both(name: str, sign: float) -> FloatArray:
        right, left = (table.at(name, cycle[name], phases[side]) for side in SIDES)
        return np.asarray(0.5 * (right + sign * left))

    for side in SIDES:
        for name in LEG:
            put(f"{name}_{side[0]}", np.radians(table.at(name, cycle[name], phases[side])))
    for name, sign in PELVIS.items():
        put(name, np.radians(both(name, sign)))
    put("pelvis_ty", height_m * both("pelvis_height", 1.0))
    put("pelvis_tz", height_m * both("pelvis_sideways", -1.0))
    # the thorax leans and otherwise faces where the runner runs
    put("lumbar_extension", -style.lean_rad - values[:, names.index("pelvis_tilt")])
    put("lumbar_bending", -values[:, names.index("pelvis_list")])
    put("lumbar_rotation", -values[:, names.index("pelvis_rotation")])
    _put_arms(put, time_s / period)
    count = round(period / KNOT_S)
    basis = PeriodicBasis(-0.5 * (0.5 * period - contact), period, count)
    smooth = _smooth(values, period)
    coefficients = np.asarray(np.linalg.lstsq(basis.matrix(time_s), smooth, rcond=None)[0], float)
    return StrideTemplate(basis, coefficients, contact_shape(table, cycle), contact)


def _put_arms(put: object, share: FloatArray) -> None:
    assert callable(put)
    swing = np.radians(ARM_SWING_DEG) * np.cos(2.0 * np.pi * (share - ARM_LAG))
    for side, sign in (("r", -1.0), ("l", 1.0)):
        for name, angle in ARM_DEG.items():
            rest = np.full(len(share), np.radians(angle))
            # an arm is back when its own leg is in front
            put(f"{name}_{side}", rest + (sign * swing if name == "arm_flex" else 0.0))
        put(f"elbow_flex_{side}", np.full(len(share), np.radians(ELBOW_DEG)))
