"""What the explorer explores: the loads, and the techniques with their doses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.report.digits import interval_decimals, rounded, signed
from strikelean.report.doses import Curve
from strikelean.techniques import LEAN_WARNS_DEG

MOST_DIGITS = 3
"""Digits of a value that are printed at most, however narrow its band."""


@dataclass(frozen=True)
class Load:
    """One load that is explored.

    Attributes:
        metric: its name.
        label: as printed.
        percent: its change is in percent of the runner's own; else in its unit, as where it
            stands beside a study that gave no percentage.
    """

    metric: str
    label: str
    percent: bool = True


_STRESS, _IMPULSE = "patellofemoral_stress", "extension_moment_cumulative_per_km_per_kg"
LOADS = (
    Load("knee_extension_moment_peak_per_kg", "Knee extension moment, peak"),
    Load(f"{_STRESS}_net_moment_powers_peak", "Kneecap stress by net moment, peak"),
    Load(f"{_STRESS}_joint_reaction_powers_peak", "Kneecap stress by joint reaction, peak"),
    Load("hip_extension_moment_peak_per_kg", "Hip extension moment, peak"),
    Load("lumbar_extension_moment_peak_per_kg", "Back (lumbar) moment, peak"),
    Load("achilles_force_peak_bw", "Achilles tendon force, peak"),
    Load(f"knee_{_IMPULSE}", "Knee extension impulse a kilometre", percent=False),
    Load(f"hip_{_IMPULSE}", "Hip extension impulse a kilometre", percent=False),
)
METRICS = tuple(load.metric for load in LOADS)


@dataclass(frozen=True)
class Kind:
    """One technique that is explored.

    Attributes:
        name: key of the page's state, and of what is published.
        condition: of its trials, whose declaration says what is a finding.
        unit: of a dose.
        axis: name of the dose's axis.
        of_dose: what a dose is, after its number.
        start: dose to begin with, the nearest solved one, where none was recorded.
        stretch: dose beyond which the model is stretched.
        asked: setting that gives more doses.
        noun: what has doses, in a sentence.
    """

    name: str
    condition: str
    unit: str
    axis: str
    of_dose: str
    start: float
    stretch: float
    asked: str
    noun: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "lean", "lean", "deg", "change of trunk lean, deg (forward positive)",
            "deg of forward lean", 5.0, float(LEAN_WARNS_DEG),
            "sweep.trunk_lean_change_deg, 0 among them", "angle of lean",
        ),
        Kind(
            "cadence", "cadence", "%", "change of step rate at the same speed, %",
            "% of step rate", 10.0, np.inf, "counterfactual.techniques (cadence+05, cadence+10)",
            "step rate",
        ),
        Kind(
            "strike", "forefoot_upright", "%", "way from own landing to the forefoot's, %",
            "% of the way to a forefoot landing", 100.0, np.inf,
            "counterfactual.techniques (forefoot+050, forefoot)", "strike",
        ),
    )
}  # fmt: skip


def signed_change(value: float, decimals: int) -> str:
    """Return a change with its sign, a dash where it is not known."""
    text = rounded(float(value), decimals)
    return f"+{text}" if np.isfinite(value) and round(float(value), decimals) > 0 else text


def dose_text(kind: Kind, dose: float) -> str:
    """Return a dose as printed, with its sign and unit."""
    sign = "+" if dose > 0 and kind.name != "strike" else ""
    return f"{sign}{signed(dose, 0)} {kind.unit}"


def described(
    kind: Kind, curve: Curve, doses: Sequence[float] | FloatArray, decimals: int, unit: str
) -> str:
    """Return a curve in words: its changes at the ends of what was solved."""
    known = np.flatnonzero(np.isfinite(curve.change))
    ends = dict.fromkeys(int(place) for place in known[[0, -1]])
    told = (
        f"{signed_change(float(curve.change[n]), decimals)} {unit} at {dose_text(kind, doses[n])}"
        for n in ends
    )
    return ", ".join(told)


def printed_decimals(curve: Curve, place: int, *, percent: bool) -> tuple[int, int]:
    """Return the decimals of a value and of a change that their bands at one dose bear."""
    value = abs(float(curve.value[place]))
    most = max(0, MOST_DIGITS - 1 - math.floor(math.log10(value))) if value > 0.0 else 2
    change = interval_decimals(curve.change_low[place], curve.change_high[place])
    return (
        min(interval_decimals(curve.low[place], curve.high[place]), most),
        min(change, 1) if percent else change,
    )
