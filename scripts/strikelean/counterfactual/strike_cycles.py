"""What goes with the foot-strike angle in one recording: each foot's mean cycle, and its steps.

Of the steps only sums of products with the angle are kept: of many runners together they give
the slope within runners (:mod:`strikelean.counterfactual.templates`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.dynamics.solve import read_motion
from strikelean.errors import RecordingError
from strikelean.formats.files import write_table
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.trc import read_trc
from strikelean.loads.metrics_ground import IMPACT_WINDOW
from strikelean.loads.waveforms import resample
from strikelean.markersets import SIDES, MarkerSet, load_markerset
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
NUMBERS = {"foot_strike_angle": "deg", "contact_time": "s", "cycle_time": "s", "active_peak": "BW"}
# The active peak is the largest vertical force after the part of stance in which a peak is one of
# impact.
ACTIVE_FROM = round(IMPACT_WINDOW * STANCE)
# Where the foot is flat: its heading is taken there, percent of stance.
PLANTED = (30, 61)


@dataclass(frozen=True)
class StrikeInputs:
    """Files of one solved trial beside those of its cycles."""

    cycle: CycleInputs
    markers: Path
    marker_set: Path


def foot_pitch_deg(
    markers: Markers, marker_set: MarkerSet, foot: FootCycles, angle_deg: FloatArray
) -> FloatArray:
    """Return the pitch of a foot's heel-to-fifth-metatarsal line, (steps, 201) deg, toe up.

    By markers as they were recorded, as the foot-strike angle is: at contact a foot turns so fast
    that the motion's filter takes a fifth of what differs between runners. At contact it is the
    foot-strike angle.

    Args:
        markers: of the trial.
        marker_set: names the landmarks.
        foot: whose cycles.
        angle_deg: (steps,) foot-strike angles.
    """
    heel, ball = (
        markers.position(marker_set.landmark(foot.side, role))
        for role in ("heel", "fifth_metatarsal")
    )
    line = resample(markers.time_s, ball - heel, foot.grid)
    flat = slice(*PLANTED)
    ahead, aside = (np.median(line[axis, :, flat], axis=1, keepdims=True) for axis in (0, 2))
    along = (line[0] * ahead + line[2] * aside) / np.hypot(ahead, aside)
    pitch = np.degrees(np.unwrap(np.arctan2(line[1], along), axis=1))
    return np.asarray(pitch - pitch[:, :1] + angle_deg[:, None])


def _steps(
    foot: FootCycles, markers: Markers, marker_set: MarkerSet
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return waves (steps, 201) and numbers (steps,) of a foot's steps, those that are known."""
    start, end, after, angle = foot.spans.T
    waves = foot.waveforms()
    waves["thigh"] = waves["pelvis_tilt"] + waves["hip_flexion"]
    waves["foot_pitch"] = foot_pitch_deg(markers, marker_set, foot, angle)
    numbers = {
        "foot_strike_angle": angle,
        "contact_time": end - start,
        # a foot that lands early lands toe up: the cycle before is shorter, the one after longer
        "cycle_time": 0.5 * (after - foot.before),
        "active_peak": waves["ground_vertical_force"][:, ACTIVE_FROM : STANCE + 1].max(axis=1),
    }
    known = np.isfinite(np.stack([numbers[name] for name in NUMBERS])).all(axis=0)
    for name in WAVES:
        stance = STANCE + 1 if name.startswith(("cop_", "ground_")) else None
        known &= np.isfinite(waves[name][:, :stance]).all(axis=1)
    return (
        {name: waves[name][known] for name in WAVES},
        {name: numbers[name][known] for name in NUMBERS},
    )


def average_cycles(inputs: StrikeInputs, output: Path) -> None:
    """Write each foot's mean cycle, and how its steps go with their foot-strike angle.

    Columns are ``side``, ``quantity``, ``phase_percent`` (-1: a single number), ``steps``,
    ``mean`` and ``with_angle``: the sum over steps of the deviation from the mean times that of
    the foot-strike angle (deg).

    Raises:
        RecordingError: fewer than three whole cycles of a foot.
    """
    motion = read_motion(inputs.cycle.scaled_osim, inputs.cycle.kinematics)
    markers, marker_set = read_trc(inputs.markers), load_markerset(inputs.marker_set)
    tables = []
    for side in SIDES:
        foot = FootCycles(inputs.cycle, motion, side)
        waves, numbers = _steps(foot, markers, marker_set)
        angle = numbers["foot_strike_angle"]
        if len(angle) < MIN_STEPS:
            raise RecordingError(
                "average_cycles",
                f"{MIN_STEPS} cycles of the {side} foot, from contact to its next contact",
                f"{len(angle)}",
                "Raise steps.margin_s, so that swings are solved too; a single stance has no cycle",
            )
        for name in (*NUMBERS, *WAVES):
            values = numbers[name][:, None] if name in NUMBERS else waves[name]
            moved = (angle - angle.mean()) @ (values - values.mean(axis=0))
            tables.append(
                pd.DataFrame(
                    {
                        "side": side,
                        "quantity": name,
                        "phase_percent": -1 if name in NUMBERS else PHASE,
                        "steps": len(angle),
                        "mean": values.mean(axis=0),
                        "with_angle": moved,
                    }
                )
            )
    write_table(pd.concat(tables), output, digits=8)
