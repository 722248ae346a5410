"""From waveforms to one number per step: peaks, impulses, rates, loads per kilometre.

Metric names are ``<quantity>_<statistic>`` with an ending for the unit a value is
divided by: ``_bw`` body weight, ``_per_kg`` body mass, ``_per_height`` body height.
``config/schemas/metrics.yaml`` is the one list of them; a test keeps it and this code
in step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.judging import SHORTEST_STEP_M
from strikelean.loads import patellofemoral as pfj
from strikelean.loads.metrics_waveforms import StanceWaveform
from strikelean.loads.runner_size import RunnerSize

RATE_WINDOW = (0.2, 0.8)
"""Part of the time from contact to a load's peak over which its rate is averaged
(project definition, after the window used for the ground's force)."""


@dataclass(frozen=True)
class Metric:
    """One metric over the steps of one foot.

    Attributes:
        values: (S,), NaN where unknown.
        basis: ``measured``, ``virtual``, ``assumed`` or ``predicted``.
        low, high: (S,) bracket, NaN where there is none; empty when there never is.
    """

    values: FloatArray
    basis: str
    low: FloatArray = field(default_factory=lambda: np.empty(0))
    high: FloatArray = field(default_factory=lambda: np.empty(0))

    def scaled(self, factor: float | FloatArray) -> Metric:
        """Return the metric in another unit; ``factor`` is one number, or one a step."""
        low, high = (part * factor if part.size else part for part in (self.low, self.high))
        return Metric(self.values * factor, self.basis, low, high)

    def at(self, rows: NDArray[np.int64]) -> Metric:
        """Return the metric of some steps."""
        low, high = (part[rows] if part.size else part for part in (self.low, self.high))
        return Metric(self.values[rows], self.basis, low, high)


def _peak(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    return np.asarray(values.max(axis=1), dtype=np.float64)


def _minimum(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    return np.asarray(values.min(axis=1), dtype=np.float64)


def _contact(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    return values[:, 0]


def _mean(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    return integral(values, np.ones(values.shape[0]))


def _excursion(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    return _peak(values, duration_s) - _contact(values, duration_s)


def integral(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    """Return the time integral over stance, (S,), by the trapezoidal rule."""
    area = np.trapezoid(values, axis=1) * duration_s / (values.shape[1] - 1)
    return np.asarray(area, dtype=np.float64)


def _positive(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    return integral(np.maximum(values, 0.0), duration_s)


def _negative(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    return integral(np.minimum(values, 0.0), duration_s)


def average_loading_rate(values: FloatArray, duration_s: FloatArray) -> FloatArray:
    """Return the slope between 20 and 80 % of the time from contact to the peak, (S,).

    NaN where the peak is the first point: there is no rise to speak of.
    """
    rates = np.full(values.shape[0], np.nan)
    index = np.arange(values.shape[1], dtype=np.float64)
    for row, curve in enumerate(values):
        if not np.all(np.isfinite(curve)):
            continue
        last = int(np.argmax(curve))
        first_share, second_share = (share * last for share in RATE_WINDOW)
        if last == 0:
            continue
        first, second = np.interp([first_share, second_share], index, curve)
        seconds = (second_share - first_share) * duration_s[row] / (curve.size - 1)
        rates[row] = (second - first) / seconds
    return rates


Statistic = Callable[[FloatArray, FloatArray], FloatArray]

STATISTICS: Mapping[str, Mapping[str, Statistic]] = {
    "angle": {
        "contact": _contact,
        "mean": _mean,
        "peak": _peak,
        "minimum": _minimum,
        "excursion": _excursion,
    },
    "moment": {
        "peak": _peak,
        "minimum": _minimum,
        "impulse": _positive,
        "impulse_negative": _negative,
    },
    "hinge": {"peak": _peak, "minimum": _minimum},
    "power": {
        "peak": _peak,
        "minimum": _minimum,
        "work_positive": _positive,
        "work_negative": _negative,
    },
    "force": {"peak": _peak, "impulse": integral, "loading_rate": average_loading_rate},
    "shear": {"peak": _peak, "minimum": _minimum},
    "group": {"peak": _peak, "impulse": integral},
    # stress is missing beyond the area's data; see stress_metrics
    "stress": {},
    # see patellofemoral_frontal
    "frontal": {},
    "ground": {},
}
"""Statistics of each kind of quantity; a statistic is NaN where a needed point is."""

STRESS_STATISTICS: Mapping[str, Statistic] = STATISTICS["force"]

PER_KILOMETRE = ("moment", "force")
"""Kinds whose impulse is also added up over a kilometre."""

NORMALISED = {
    "moment": "per_kg",
    "hinge": "per_kg",
    "power": "per_kg",
    "force": "bw",
    "shear": "bw",
    "group": "bw",
}
"""How each kind is divided for comparisons between runners, beside the plain unit."""

GROUND_IN_BODY_WEIGHTS = (
    "ground_vertical_force_peak",
    "ground_vertical_force_impulse",
    "ground_impact_force_peak",
    "ground_vertical_force_loading_rate_average",
    "ground_vertical_force_loading_rate_instantaneous",
    "ground_braking_force_peak",
    "ground_braking_force_impulse",
    "ground_propulsive_force_peak",
    "ground_propulsive_force_impulse",
)
LENGTHS_PER_HEIGHT = (
    "step_length",
    "heel_hip_distance_contact",
    "heel_com_distance_contact",
    "ankle_hip_distance_contact",
    "ankle_com_distance_contact",
    "centre_of_pressure_hip_distance_contact",
    "centre_of_pressure_com_distance_contact",
)
NEEDS_COM = (
    "heel_com_distance_contact",
    "ankle_com_distance_contact",
    "centre_of_pressure_com_distance_contact",
)


def metric_name(quantity: str, statistic: str) -> str:
    """Return the name of a quantity's statistic (``knee_sagittal_work_positive``)."""
    if statistic.startswith("work_"):
        return f"{quantity.removesuffix('_power')}_{statistic}"
    return f"{quantity}_{statistic}"


def contacts_per_km(step_length_m: FloatArray) -> float:
    """Return how often one foot lands in a kilometre, from the mean step length.

    A foot lands once every two steps. NaN when no step length is known, or when they are
    too short to be running (a treadmill whose belt speed was not given).
    """
    known = step_length_m[np.isfinite(step_length_m)]
    mean = float(known.mean()) if known.size else float("nan")
    return 1000.0 / (2.0 * mean) if mean > SHORTEST_STEP_M else float("nan")


def waveform_metrics(
    waveforms: Mapping[str, StanceWaveform],
    duration_s: FloatArray,
    per_km: FloatArray,
    runner: RunnerSize,
) -> dict[str, Metric]:
    """Return every metric taken from waveforms.

    Args:
        waveforms: quantities over stance, (S, 101) each.
        duration_s: (S,) contact times.
        per_km: (S,) contacts of this foot in a kilometre, NaN when unknown.
        runner: mass and height.
    """
    result: dict[str, Metric] = {}
    for quantity, waveform in waveforms.items():
        own: dict[str, Metric] = {}
        for statistic, reduce in STATISTICS[waveform.kind].items():
            values = reduce(waveform.values, duration_s)
            own[metric_name(quantity, statistic)] = Metric(values, waveform.basis)
        if waveform.kind in PER_KILOMETRE:
            impulse = own[f"{quantity}_impulse"]
            own[f"{quantity}_cumulative_per_km"] = impulse.scaled(per_km)
        result.update(own)
        result.update(_normalised(own, NORMALISED.get(waveform.kind), runner))
    result.update(stress_metrics(waveforms, duration_s, per_km))
    return result


def _normalised(
    metrics: Mapping[str, Metric], ending: str | None, runner: RunnerSize
) -> dict[str, Metric]:
    if ending is None:
        return {}
    divisor = {
        "bw": runner.weight_n,
        "per_kg": runner.mass_kg,
        "per_height": runner.height_m,
    }[ending]
    return {f"{name}_{ending}": metric.scaled(1.0 / divisor) for name, metric in metrics.items()}


def stress_metrics(
    waveforms: Mapping[str, StanceWaveform], duration_s: FloatArray, per_km: FloatArray
) -> dict[str, Metric]:
    """Return the metrics of patellofemoral stress, and the share of stance beyond the data.

    The value takes the contact area held at its data's end; where the knee goes beyond
    the data, low and high say how much that choice matters (the curve continued instead).
    """
    flexion = waveforms["knee_flexion_angle"]
    result = {}
    for curve in pfj.AREA_CURVES:
        share = pfj.beyond_data_share(flexion.values, curve)
        name = f"patellofemoral_area_{curve.name}_beyond_data_share"
        result[name] = Metric(share, flexion.basis)
        for method in pfj.METHODS:
            force = waveforms[f"patellofemoral_force_{method}"]
            held, continued = pfj.bracketing_stresses_mpa(force.values, flexion.values, curve)
            stem = f"patellofemoral_stress_{method}_{curve.name}"
            for statistic, reduce in STRESS_STATISTICS.items():
                value, other = reduce(held, duration_s), reduce(continued, duration_s)
                low = np.where(share > 0.0, np.minimum(value, other), np.nan)
                high = np.where(share > 0.0, np.maximum(value, other), np.nan)
                result[f"{stem}_{statistic}"] = Metric(value, force.basis, low, high)
            impulse = result[f"{stem}_impulse"]
            result[f"{stem}_cumulative_per_km"] = impulse.scaled(per_km)
    return result


def plain_metrics(
    values: Mapping[str, FloatArray], runner: RunnerSize, basis: str, com_basis: str
) -> dict[str, Metric]:
    """Return metrics that are one number per step from the start, and their variants.

    Args:
        values: ``{metric: (S,)}`` of steps and ground force.
        runner: mass and height.
        basis: basis of what was measured.
        com_basis: basis of what depends on the centre of mass.
    """
    result = {
        name: Metric(array, com_basis if name in NEEDS_COM else basis)
        for name, array in values.items()
    }
    for names, ending in ((GROUND_IN_BODY_WEIGHTS, "bw"), (LENGTHS_PER_HEIGHT, "per_height")):
        chosen = {name: result[name] for name in names if name in result}
        result.update(_normalised(chosen, ending, runner))
    return result
