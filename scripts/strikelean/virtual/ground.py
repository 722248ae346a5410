"""What the ground does to a virtual runner's foot in one contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray
from strikelean.stride.mean_cycles import STANCE
from strikelean.virtual.gait_table import GaitTable

FORCES = ("ground_forward_force", "ground_vertical_force", "ground_outward_force")
# Recorded contacts begin and end at 50 N; from there to nothing at most so many percent of stance.
LONGEST_TAIL = 4.0
# The centre of pressure is a quotient of small numbers near both ends of a contact: it is held.
PRESSURE_HELD = (1.0, 95.0)
STEP_PERCENT = 0.25
QUANTITIES = ("forward", "vertical", "outward", "turn", "along", "across", "height")
# Where the foot is in a contact, known outside it too.
PLACES = QUANTITIES[4:]


def _tail(value: float, slope: float) -> float:
    """Return the length of a parabola from nothing to a value with a slope, percent."""
    return min(2.0 * value / slope, LONGEST_TAIL) if slope > 0.0 else LONGEST_TAIL


@dataclass(frozen=True)
class ContactShape:
    """A contact of a right foot over its percent of stance, from nothing to nothing.

    Attributes:
        percent: (K,) from before 0 (rising through 50 N) to beyond 100 (falling through it).
        values: ``{quantity: (K,)}``: forward, vertical and outward force (body weights), turn
            (free moment about the vertical, body weight metres, as it acts on a right foot),
            along and across (centre of pressure, heel to fifth metatarsal lengths), height (of the
            sole's lowest point above its lowest in the contact, m).
    """

    percent: FloatArray
    values: Mapping[str, FloatArray]

    @property
    def span(self) -> tuple[float, float]:
        """Percent at which the force begins and ends."""
        return float(self.percent[0]), float(self.percent[-1])

    def at(self, quantity: str, percent: FloatArray) -> FloatArray:
        """Return a quantity at percents of stance; no force outside the contact."""
        first, last = self.span
        inner = np.clip(percent, first, last)
        found = CubicSpline(self.percent, self.values[quantity])(inner)
        if quantity in PLACES:
            return np.asarray(found)
        return np.asarray(np.where((percent > first) & (percent < last), found, 0.0))


def contact_shape(table: GaitTable, cycle: Mapping[str, FloatArray]) -> ContactShape:
    """Return a runner's contact.

    Args:
        table: knows the cycle's phases.
        cycle: a runner's, of :meth:`GaitTable.runner`.
    """
    stance = table.phases["ground_vertical_force"] <= STANCE
    known = table.phases["ground_vertical_force"][stance]
    vertical = cycle["ground_vertical_force"][stance]
    curve = CubicSpline(known, vertical)
    slopes = float(curve(0.0, 1)), float(-curve(100.0, 1))
    tails = _tail(vertical[0], slopes[0]), _tail(vertical[-1], slopes[1])
    percent: FloatArray = np.arange(-tails[0], 100.0 + tails[1] + 1e-9, STEP_PERCENT, np.float64)
    inner = np.clip(percent, 0.0, 100.0)
    # between 50 N and nothing the force keeps its direction
    early = np.clip(1.0 + percent / tails[0], 0.0, 1.0) ** 2
    late = np.clip(1.0 - (percent - 100.0) / tails[1], 0.0, 1.0) ** 2
    fade = np.where(percent < 0.0, early, np.where(percent > 100.0, late, 1.0))
    found = {
        short: CubicSpline(known, cycle[name][stance])(inner) * fade
        for short, name in zip(QUANTITIES[:3], FORCES, strict=True)
    }
    found["vertical"] = np.maximum(found["vertical"], 0.0)
    found["turn"] = -CubicSpline(known, cycle["ground_free_moment"][stance])(inner) * fade
    held = np.clip(percent, *PRESSURE_HELD)
    for short in ("along", "across"):
        values = CubicSpline(known, cycle[f"cop_{short}"][stance])(held)
        found[short] = np.clip(values, 0.0, 1.0) if short == "along" else values
    height = CubicSpline(known, cycle["sole_height"][stance])(inner)
    found["height"] = height - height.min()
    return ContactShape(percent, found)
