"""Another step rate as real runners show it: posture at contact and contact time change with it.

What runners change besides the length of their steps is asked as published within-runner changes
say; loads are never asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from strikelean.counterfactual.retiming import Retiming
from strikelean.errors import ConfigError
from strikelean.formats.files import read_statistics
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import Targets

KNEE, HIP, CONTACT_TIME = "knee_flexion_contact", "hip_flexion_loading", "contact_time_exponent"
COLUMNS = ("quantity", "unit", "step_rate_percent", "change", "standard_error")
# Share of a contact in which loading is over: peak knee flexion at 39 to 45 % of it in 14 public
# runners and six virtual ones; what is asked at contact passes within it, before and after.
LOADING = 0.4
# How far an asked angle may be missed, and for how long it is asked: about two frames.
ASKED_RAD, ASKED_S = 0.0044, 0.010


@dataclass(frozen=True)
class Posture:
    """Published changes with the step rate.

    Attributes:
        source: where they come from, with DOI.
        percent: by quantity, changes of the step rate, rising.
        changes, errors: by quantity, at those: rad, or an exponent; standard errors.
    """

    source: str
    percent: Mapping[str, FloatArray]
    changes: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]

    def change(self, quantity: str, percent: float, standard_errors: float = 0.0) -> float:
        """Return a quantity's change at a change of the step rate.

        Between published step rates it is a straight line, beyond the last one a line through
        nothing and that one.

        Args:
            quantity: a name of the table.
            percent: change of the step rate.
            standard_errors: that are added to it.
        """
        known = self.percent[quantity]
        inside = float(np.clip(percent, known[0], known[-1]))
        beyond = percent / inside if inside else 1.0
        change, error = (
            float(np.interp(inside, known, values[quantity])) * beyond
            for values in (self.changes, self.errors)
        )
        return change + standard_errors * error


@cache
def read_posture(path: Path) -> Posture:
    """Read a table of changes with the step rate.

    Raises:
        ConfigError: no such file, or not such a table.
    """
    notes, table = read_statistics(
        path, "read_posture", "a table of changes with the step rate", "models/techniques"
    )
    quantities = {KNEE, HIP, CONTACT_TIME}
    if not set(COLUMNS) <= set(table.columns) or set(table["quantity"]) != quantities:
        raise ConfigError(
            "read_posture",
            f"columns {', '.join(COLUMNS)} with {', '.join(sorted(quantities))} in {path.name}",
            "others",
            "Restore the delivered table",
        )
    percent, changes, errors = {}, {}, {}
    for quantity, part in table.groupby("quantity"):
        name, ordered = str(quantity), part.sort_values("step_rate_percent")
        factor = np.pi / 180.0 if ordered["unit"].iloc[0] == "deg" else 1.0
        percent[name] = ordered["step_rate_percent"].to_numpy(dtype=float)
        changes[name] = factor * ordered["change"].to_numpy(dtype=float)
        errors[name] = factor * ordered["standard_error"].to_numpy(dtype=float)
    return Posture(notes["source"], percent, changes, errors)


def step_rate(percent: float, posture: Posture | None, contact_shift: float = 0.0) -> Retiming:
    """Return what another step rate changes in a stride's time.

    Args:
        percent: change of the step rate.
        posture: published changes; without, contact time goes with the step time.
        contact_shift: standard errors by which contact time goes more with the step time.
    """
    rate = 1.0 + percent / 100.0
    if posture is None or not percent:
        return Retiming(rate)
    exponent = posture.change(CONTACT_TIME, 0.0, contact_shift)
    return Retiming(rate, dict.fromkeys(SIDES, rate**-exponent))


def ask_posture(
    stride: Stride, targets: Targets, posture: Posture, percent: float, landing_shift: float = 0.0
) -> Targets:
    """Return the targets with the knee at contact and the hip in loading as published.

    Each is asked at its instant; on the way there and back, within the loading response and as
    long before contact, the change is held no tighter than any other.

    Args:
        stride: in its new time.
        targets: to add to.
        posture: published changes.
        percent: change of the step rate.
        landing_shift: standard errors by which the knee at contact is more flexed.
    """
    names = stride.tree.names
    template, held = targets.coordinates.copy(), targets.held.copy()
    wanted = {
        "knee_angle": posture.change(KNEE, percent, landing_shift),
        "hip_flexion": posture.change(HIP, percent),
    }
    for foot in stride.feet:
        loading_s = LOADING * (foot.end_s - foot.start_s)
        for joint, change in wanted.items():
            place = names.index(f"{joint}_{foot.side[0]}")
            at = foot.start_s
            if joint == "hip_flexion":
                at = _peak_s(stride, foot, place, loading_s)
            since = _since(stride, at)
            ease = np.clip(since / loading_s, -1.0, 1.0)
            template[:, place] += change * (1.0 - ease**2) ** 3
            held[:, place] += np.exp(-0.5 * (since / ASKED_S) ** 2) / ASKED_RAD
    return replace(targets, coordinates=template, held=held)


def _since(stride: Stride, at_s: float) -> FloatArray:
    """Return (K,) times since an instant of a stride that repeats, within half a period."""
    half = 0.5 * stride.period_s
    return np.asarray(np.mod(stride.time_s - at_s + half, stride.period_s) - half)


def _peak_s(stride: Stride, foot: FootForce, place: int, loading_s: float) -> float:
    """Return when a coordinate is largest in the loading response."""
    rows = (stride.time_s >= foot.start_s) & (stride.time_s <= foot.start_s + loading_s)
    if not rows.any():
        return foot.start_s
    return float(stride.time_s[rows][np.argmax(stride.coordinates[rows, place])])
