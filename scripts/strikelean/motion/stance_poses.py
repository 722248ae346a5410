"""A runner through one stance as a few points, for drawing: joints, soles, trunk, ground force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from strikelean.constants import GRAVITY_M_S2
from strikelean.errors import RecordingError
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.markersets import FOOT_POINTS, SIDES, MarkerSet
from strikelean.signals import at_times, over_stance

STEP = "draw_runner"
FRAMES = 60
STANCE_PERCENT_NAME = "stance_percent"
STANCE_PERCENT = np.linspace(0.0, 100.0, FRAMES)
# Heights of hip, shoulder, chin and crown over stature: Drillis & Contini 1966, as Figure 4.1 of
# Winter 2009 (Biomechanics and Motor Control of Human Movement, 4th edition) has them.
HIP, SHOULDER, CHIN, CROWN = 0.530, 0.818, 0.870, 1.0
TRUNK_OVER_STATURE = SHOULDER - HIP
# of a head on the trunk's line, over the trunk's length
HEAD_ABOVE_TRUNK = (0.5 * (CHIN + CROWN) - SHOULDER) / TRUNK_OVER_STATURE
HEAD_RADIUS = 0.5 * (CROWN - CHIN) / TRUNK_OVER_STATURE
LEG = ("hip", "knee", "ankle", "sole_heel", "sole_toe")
LEGS = ("stance", "other")
PLACES = (
    *("com", "pelvis", "trunk_top"),
    *(f"{leg}_{name}" for leg in LEGS for name in LEG),
    "pressure",
)
"""Points, metres; then the ground force, body weights."""
COLUMNS = tuple(f"{name}_{axis}" for name in (*PLACES, "force") for axis in "xyz")


@dataclass(frozen=True)
class SoleShape:
    """Where the floor lies under a foot's landmarks, in the frame that they span.

    Attributes:
        up: (3,) the vertical of standing: along heel to toe, sideways, and across both.
        heel_m, toe_m: heights of the landmarks above the floor.
    """

    up: FloatArray
    heel_m: float
    toe_m: float

    def soles(
        self, heel: FloatArray, ball: FloatArray, toe: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the sole below heel and toe, (T, 3) each, of landmarks (T, 3) in metres."""
        up = np.einsum("tij,i->tj", foot_frame(heel, ball, toe), self.up)
        return heel - self.heel_m * up, toe - self.toe_m * up


def foot_frame(heel: FloatArray, ball: FloatArray, toe: FloatArray) -> FloatArray:
    """Return three unit vectors (T, 3 vectors, 3) that landmarks (T, 3), metres, of a foot span.

    Where toe and ball are one marker (a set without the fifth metatarsal) nothing shows how the
    foot rolls about its length, and it is drawn as not rolling.
    """
    along = toe - heel
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    if np.array_equal(ball, toe, equal_nan=True):
        across = np.array([0.0, 1.0, 0.0]) - along[:, 1:2] * along
    else:
        across = np.cross(along, ball - heel)
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    return np.stack([along, np.cross(across, along), across], axis=1)


def sole_shapes(static: Markers, marker_set: MarkerSet) -> dict[str, SoleShape]:
    """Return the soles of both feet, by side, from how they stand flat on the floor.

    Args:
        static: the standing trial, floor at height 0.
        marker_set: names the landmarks.

    Raises:
        RecordingError, ConfigError: a landmark is not there.
    """
    found = {}
    for side in SIDES:
        heel, ball, toe = (
            np.nanmedian(static.position(marker_set.landmark(side, role)), axis=0)[np.newaxis]
            for role in (FOOT_POINTS["heel"], FOOT_POINTS["mt5"], FOOT_POINTS["toe"])
        )
        up = foot_frame(heel, ball, toe)[0] @ np.array([0.0, 1.0, 0.0])
        found[side] = SoleShape(up, float(heel[0, 1]), float(toe[0, 1]))
    return found


@dataclass(frozen=True)
class Body:
    """What a figure of a runner needs beside a trial.

    Attributes:
        mass_kg, height_m: of the runner.
        soles: of both feet, by side.
    """

    mass_kg: float
    height_m: float
    soles: Mapping[str, SoleShape]


def trunk_axis(points: TimeSeries) -> FloatArray:
    """Return the trunk's direction (T, 3): the model's, else the markers' line, else NaN."""
    for name in ("torso_axis", "trunk_line"):
        if f"{name}_x" in points.columns:
            axis = points.vector(f"{name}_")
            if np.isfinite(axis).all():
                return axis
    return np.full((len(points.time_s), 3), np.nan)


def stance_pose(
    points: TimeSeries, ground: GroundForces, side: str, span_s: tuple[float, float], body: Body
) -> FloatArray:
    """Return a runner through one contact.

    Args:
        points: of body_points.sto.
        ground: of grf.mot.
        side: foot on the ground.
        span_s: start and end of the contact.
        body: the runner.

    Returns:
        (60, columns of COLUMNS) from 0 to 100 % of stance. Places in metres: X forward, Y up from
        the floor, Z to the right, X and Z from the centre of mass, so that neither the
        laboratory's origin nor a treadmill matters; the legs as the one on the ground and the
        other. Forces in body weights.

    Raises:
        RecordingError: a column is absent, or the motion has a hole in the contact.
    """
    other = next(name for name in SIDES if name != side)
    found: dict[str, FloatArray] = {name: points.vector(f"{name}_") for name in ("com", "pelvis")}
    for leg, foot in zip(LEGS, (side, other), strict=True):
        own = {
            name: points.vector(f"{name}_{foot[0]}_")
            for name in ("hip", "knee", "ankle", *FOOT_POINTS)
        }
        soles = body.soles[foot].soles(own["heel"], own["mt5"], own["toe"])
        for name in LEG[:3]:
            found[f"{leg}_{name}"] = own[name]
        found[f"{leg}_sole_heel"], found[f"{leg}_sole_toe"] = soles
    hips = 0.5 * (found["stance_hip"] + found["other_hip"])
    known = np.stack([found[name] for name in PLACES if name in found], axis=1)
    moved = over_stance(points.time_s, known, *span_s, FRAMES)
    if not np.isfinite(moved).all():
        raise RecordingError(
            STEP,
            f"the runner's motion from {span_s[0]:.3f} to {span_s[1]:.3f} s",
            "a hole in body_points.sto",
            "Look at the markers of this step",
        )
    top = hips + TRUNK_OVER_STATURE * body.height_m * trunk_axis(points)
    instants = np.linspace(*span_s, FRAMES)
    # straight lines: a force that begins within a few samples makes a spline ring
    acting = ground.foot(side)
    push, pressure = (
        at_times(ground.time_s, values, instants) for values in (acting.force_n, acting.point_m)
    )
    drawn = dict(zip((n for n in PLACES if n in found), np.moveaxis(moved, 1, 0), strict=True))
    drawn["trunk_top"] = over_stance(points.time_s, top, *span_s, FRAMES)
    drawn["pressure"] = pressure
    below = drawn["com"] * np.array([1.0, 0.0, 1.0])
    blocks = [drawn[name] - below for name in PLACES]
    blocks.append(push / (body.mass_kg * GRAVITY_M_S2))
    return np.concatenate(blocks, axis=1)


def part(pose: FloatArray, name: str) -> FloatArray:
    """Return one point, or the force, of a pose, (60, 3)."""
    first = COLUMNS.index(f"{name}_x")
    return np.asarray(pose[:, first : first + 3])


def knee_arm_m(pose: FloatArray) -> FloatArray:
    """Return how far the force's line passes behind the knee in the side view, (60,) metres.

    The force's moment about the knee in the sagittal plane over the force's size in that plane:
    positive behind the knee's centre, where the force bends the knee and its extensors hold
    against it. NaN where there is no force.
    """
    push = part(pose, "force")[:, :2]
    arm = (part(pose, "pressure") - part(pose, "stance_knee"))[:, :2]
    size = np.hypot(push[:, 0], push[:, 1])
    turning = arm[:, 1] * push[:, 0] - arm[:, 0] * push[:, 1]
    behind: FloatArray = np.divide(turning, size, out=np.full(len(size), np.nan), where=size > 0.0)
    return behind


def pose_table(pose: FloatArray) -> pd.DataFrame:
    """Return a pose as rows of a table, to the tenth of a millimetre and of a thousandth."""
    table = pd.DataFrame(np.round(pose, 4), columns=list(COLUMNS))
    table.insert(0, STANCE_PERCENT_NAME, STANCE_PERCENT)
    return table


def pose_of_table(table: pd.DataFrame) -> FloatArray:
    """Return what :func:`pose_table` wrote of one stance."""
    return table.sort_values(STANCE_PERCENT_NAME)[list(COLUMNS)].to_numpy(dtype=np.float64)
