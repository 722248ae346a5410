"""A foot's cycles: what legs, feet and ground do from contact to the foot's next contact.

Phase runs from 0 at contact to 100 at toe-off and 200 at the next contact, so that stances of
different length lie over each other. Left feet are mirrored: everything reads as of a right foot.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.dynamics.solve import Motion
from strikelean.formats.contacts import read_contacts
from strikelean.formats.ground import read_ground
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.formats.sto import read_sto
from strikelean.loads.waveforms import resample
from strikelean.model.forward import solve_forward

STANCE, CYCLE = 100, 200
PHASE = np.arange(CYCLE + 1)
# Share of the cycle's steps that must be known for a runner's mean.
MIN_STEPS = 3
# A foot's next contact comes no later than this (project definition: slow running).
LONGEST_STRIDE_S = 1.2
LEG = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
)
PELVIS = {"pelvis_tilt": 1.0, "pelvis_list": -1.0, "pelvis_rotation": -1.0}
UNITS = (
    dict.fromkeys((*LEG, *PELVIS, "foot_pitch"), "deg")
    | dict.fromkeys(("pelvis_height", "pelvis_sideways"), "m/height")
    | dict.fromkeys(("cop_along", "cop_across"), "1")
    | {f"ground_{axis}_force": "BW" for axis in ("forward", "vertical", "outward")}
    | {"ground_free_moment": "BW m"}
)


@dataclass(frozen=True)
class CycleInputs:
    """Files of one solved trial, and its runner."""

    scaled_osim: Path
    kinematics: Path
    body_points: Path
    grf: Path
    contacts: Path
    mass_kg: float
    height_m: float


class FootCycles:
    """One foot of a trial over its cycles.

    Attributes:
        spans: (steps, 4) start, end, the same foot's next contact (s), foot-strike angle (deg).
        before: (steps,) the same foot's contact before (s), NaN where it is not known.
        grid: (steps, 201) times of the phases.
    """

    def __init__(self, inputs: CycleInputs, motion: Motion, side: str) -> None:
        self.inputs, self.motion, self.side, self.letter = inputs, motion, side, side[0]
        self.mirror = 1.0 if side == "right" else -1.0
        contacts = read_contacts(inputs.contacts)
        own = [contact for contact in contacts if contact.side == side and contact.valid]
        rows = []
        for number, contact in enumerate(own):
            start, end = contact.start_s, contact.end_s
            before = own[number - 1].start_s if number else -np.inf
            after = own[number + 1].start_s if number + 1 < len(own) else np.inf
            if contact.selected and after - start < LONGEST_STRIDE_S:
                known = before if start - before < LONGEST_STRIDE_S else np.nan
                rows.append((start, end, after, contact.foot_strike_angle_deg, known))
        every = np.array(rows).reshape(-1, 5)
        self.spans, self.before = every[:, :4], every[:, 4]
        phase = PHASE / STANCE
        first, last, follow = (self.spans[:, i][:, None] for i in range(3))
        self.grid = np.where(
            phase <= 1.0,
            first + np.minimum(phase, 1.0) * (last - first),
            last + np.maximum(phase - 1.0, 0.0) * (follow - last),
        )

    def waveforms(self) -> dict[str, FloatArray]:
        """Return every quantity, (steps, 201)."""
        motion, tree = self.motion, self.motion.tree
        found = {name: np.degrees(self._coordinate(f"{name}_{self.letter}")) for name in LEG}
        for name, sign in PELVIS.items():
            factor = self.mirror if sign < 0 else 1.0
            found[name] = factor * np.degrees(self._coordinate(name))
        height = self.inputs.height_m
        found["pelvis_height"] = self._coordinate("pelvis_ty") / height
        sideways = self._coordinate("pelvis_tz")
        found["pelvis_sideways"] = (
            self.mirror * (sideways - np.nanmean(sideways, axis=1, keepdims=True)) / height
        )
        pose = solve_forward(tree, motion.coordinates)
        axis = pose.rotations[:, tree.body_index(f"calcn_{self.letter}"), :, 0]
        pitch = np.degrees(np.arctan2(axis[:, 1], axis[:, 0]))
        found["foot_pitch"] = resample(motion.time_s, pitch, self.grid)
        return found | self._ground()

    def _coordinate(self, name: str) -> FloatArray:
        values = self.motion.coordinates[:, self.motion.tree.coordinate_index(name)]
        return resample(self.motion.time_s, values, self.grid)

    def _ground(self) -> dict[str, FloatArray]:
        """Return force in body weights and pressure in foot lengths; NaN in swing."""
        grf, points = read_ground(self.inputs.grf), read_sto(self.inputs.body_points)
        stance = np.where(PHASE <= STANCE, 1.0, np.nan)
        weight = self.inputs.mass_kg * GRAVITY_M_S2

        foot = grf.foot(self.side)

        def over_stance(part: FloatArray) -> dict[str, FloatArray]:
            return dict(zip("xyz", resample(grf.time_s, part, self.grid) * stance, strict=True))

        force, place = over_stance(foot.force_n), over_stance(foot.point_m)
        heel, ball = (self._point(points, name) for name in ("heel", "mt5"))
        line = {a: ball[a] - heel[a] for a in "xz"}
        length = np.hypot(line["x"], line["z"])
        planted = np.median(length[:, 30:61], axis=1, keepdims=True)
        ahead = {a: place[a] - heel[a] for a in "xz"}
        along = (ahead["x"] * line["x"] + ahead["z"] * line["z"]) / length
        across = (ahead["z"] * line["x"] - ahead["x"] * line["z"]) / length
        turn = over_stance(foot.torque_nm)["y"]
        return {
            "cop_along": along / planted,
            "cop_across": self.mirror * across / planted,
            "ground_forward_force": force["x"] / weight,
            "ground_vertical_force": force["y"] / weight,
            "ground_outward_force": self.mirror * force["z"] / weight,
            "ground_free_moment": -self.mirror * turn / weight,
        }

    def _point(self, points: TimeSeries, name: str) -> dict[str, FloatArray]:
        columns = {a: points.column(f"{name}_{self.letter}_{a}") for a in "xz"}
        return {a: resample(points.time_s, values, self.grid) for a, values in columns.items()}
