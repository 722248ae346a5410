"""What goes with the foot-strike angle in one recording: each foot's mean cycle, and its steps.

Of the steps only sums of products with the angle are kept: of many runners together they give
the slope within runners (:mod:`strikelean.counterfactual.templates`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.dynamics.solve import read_motion
from strikelean.errors import RecordingError
from strikelean.formats.files import write_table
from strikelean.formats.series import FloatArray
from strikelean.loads.metrics_ground import IMPACT_WINDOW
from strikelean.markersets import SIDES
from strikelean.stride.mean_cycles import (
    MIN_STEPS,
    PHASE,
    STANCE,
    CycleInputs,
    FootCycles,
)

WAVES = {
    "thigh": "deg",
    "hip_flexion": "deg",
    "knee_angle": "deg",
    "foot_pitch": "deg",
    "cop_along": "1",
    "cop_across": "1",
    "ground_forward_force": "BW",
    "ground_vertical_force": "BW",
}
"""Quantities over the cycle, with their units.

``thigh`` is its turn in the laboratory, pelvis tilt and hip flexion together: where the pelvis'
markers were put moves both against each other, and their sum hardly."""
IMPULSE = "vertical_impulse"
NUMBERS = {
    "foot_strike_angle": "deg",
    "contact_time": "s",
    "cycle_time": "s",
    "active_peak": "BW",
    IMPULSE: "BW s",
}
# The active peak is the largest vertical force after the part of stance in which a peak is one of
# impact.
ACTIVE_FROM = round(IMPACT_WINDOW * STANCE)


def _steps(foot: FootCycles) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return waves (steps, 201) and numbers (steps,) of a foot's steps, those that are known."""
    start, end, after, angle = foot.spans.T
    waves = foot.waveforms()
    waves["thigh"] = waves["pelvis_tilt"] + waves["hip_flexion"]
    numbers = {
        "foot_strike_angle": angle,
        "contact_time": end - start,
        # a foot that lands early lands toe up: the cycle before is shorter, the one after longer
        "cycle_time": 0.5 * (after - foot.before),
        "active_peak": waves["ground_vertical_force"][:, ACTIVE_FROM : STANCE + 1].max(axis=1),
        IMPULSE: waves["ground_vertical_force"][:, : STANCE + 1].mean(axis=1) * (end - start),
    }
    known = np.isfinite(np.stack([numbers[name] for name in NUMBERS])).all(axis=0)
    for name in WAVES:
        stance = STANCE + 1 if name.startswith(("cop_", "ground_")) else None
        known &= np.isfinite(waves[name][:, :stance]).all(axis=1)
    return (
        {name: waves[name][known] for name in WAVES},
        {name: numbers[name][known] for name in NUMBERS},
    )


def average_cycles(inputs: CycleInputs, output: Path) -> None:
    """Write each foot's mean cycle, and how its steps go with their foot-strike angle.

    Columns are ``side``, ``quantity``, ``phase_percent`` (-1: a single number), ``steps``,
    ``mean``, ``with_angle`` and ``with_impulse``: the sums over steps of the deviation from the
    mean times that of the foot-strike angle (deg), and of the vertical impulse (body weight s).

    Raises:
        RecordingError: fewer than three whole cycles of a foot.
    """
    motion = read_motion(inputs.scaled_osim, inputs.kinematics)
    tables = []
    for side in SIDES:
        waves, numbers = _steps(FootCycles(inputs, motion, side))
        angle, impulse = numbers["foot_strike_angle"], numbers[IMPULSE]
        if len(angle) < MIN_STEPS:
            raise RecordingError(
                "average_cycles",
                f"{MIN_STEPS} cycles of the {side} foot, from contact to its next contact",
                f"{len(angle)}",
                "Raise steps.margin_s, so that swings are solved too; a single stance has no cycle",
            )
        for name in (*NUMBERS, *WAVES):
            values = numbers[name][:, None] if name in NUMBERS else waves[name]
            away = values - values.mean(axis=0)
            tables.append(
                pd.DataFrame(
                    {
                        "side": side,
                        "quantity": name,
                        "phase_percent": -1 if name in NUMBERS else PHASE,
                        "steps": len(angle),
                        "mean": values.mean(axis=0),
                        "with_angle": (angle - angle.mean()) @ away,
                        "with_impulse": (impulse - impulse.mean()) @ away,
                    }
                )
            )
    write_table(pd.concat(tables), output, digits=8)
