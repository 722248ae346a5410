"""How and where the foot lands: pressure under it, the heel's turn, the sole, the midline.

All of it is geometry of a few points of the foot (heel, fifth metatarsal, toe landmark of the
marker set) and of the ground force's centre of pressure. No pressure plate takes part, so the
contact area is only stood for by how much of the sole is near the ground.
"""

from __future__ import annotations

import numpy as np

from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.lab.strike import FIRST_S
from strikelean.loads.steps import Steps, points_at
from strikelean.loads.waveforms import POINTS

HEEL_DOWN_M = 0.005
"""Height above its lowest in that stance under which a heel counts as down (project
definition: a shod heel still sinks a few millimetres after it has touched)."""

SOLE_NEAR_M = 0.010
"""Height above its lowest under which a part of the sole counts as landed (project definition)."""

EARLY_SHARE = 0.10
"""Part of stance over which the landed share of the sole is averaged (project definition)."""

PRESSURE_METRICS = (
    "centre_of_pressure_lateral_contact",
    "centre_of_pressure_hip_distance_contact",
    "centre_of_pressure_com_distance_contact",
)


def _first_pressure(steps: Steps, ground: GroundForces, body_points: TimeSeries) -> FloatArray:
    """Return the three places of the centre of pressure of every step, (S, 3) metres.

    Medians over the frames of the first instants of contact, as the strike index has them.
    """
    foot = steps.side[0]
    outward = 1.0 if foot == "r" else -1.0
    spans = [
        np.flatnonzero((ground.time_s >= start) & (ground.time_s <= start + FIRST_S))
        for start in steps.start_s
    ]
    rows = np.concatenate(spans)
    pressure = dict(zip("xyz", ground.foot(steps.side).point_m[rows].T, strict=True))
    marks = [f"{name}_{foot}_{a}" for name in ("heel", "mt5", "toe") for a in "xz"]
    place = points_at(body_points, [*marks, f"hip_{foot}_x", "com_x"], ground.time_s[rows])
    heel, ball, toe = (
        {a: place[f"{name}_{foot}_{a}"] for a in "xz"} for name in ("heel", "mt5", "toe")
    )
    forward, right = (0.5 * (ball[a] + toe[a]) - heel[a] for a in "xz")
    beside = (pressure["z"] - heel["z"]) * forward - (pressure["x"] - heel["x"]) * right
    seen = np.stack(
        [
            outward * beside / np.hypot(forward, right),
            pressure["x"] - place[f"hip_{foot}_x"],
            pressure["x"] - place["com_x"],
        ]
    )
    places = np.full((steps.number.size, 3), np.nan)
    edges = np.cumsum([0, *(len(span) for span in spans)])
    for row in range(len(spans)):
        for column, values in enumerate(seen[:, edges[row] : edges[row + 1]]):
            known = values[np.isfinite(values)]
            if known.size:
                places[row, column] = np.median(known)
    return places


def landed_share(heel_m: FloatArray, ball_m: FloatArray, near_m: float) -> FloatArray:
    """Return the share of the heel-to-metatarsal line that is nearer the ground than ``near_m``.

    Args:
        heel_m, ball_m: heights of its two ends, same shape, metres.
        near_m: height that counts as landed.

    Returns:
        0 to 1, the line taken as straight; NaN where an end is unknown.
    """
    low, high = np.minimum(heel_m, ball_m), np.maximum(heel_m, ball_m)
    slope = np.where(high > low, high - low, 1.0)
    share = np.clip((near_m - low) / slope, 0.0, 1.0)
    share = np.where(high <= near_m, 1.0, np.where(low > near_m, 0.0, share))
    return np.where(np.isfinite(low) & np.isfinite(high), share, np.nan)


def _heights(steps: Steps, points: TimeSeries) -> list[FloatArray]:
    """Return heel's and ball's height above its lowest in each stance, (S, 101) metres each."""
    names = [f"{name}_{steps.side[0]}_y" for name in ("heel", "mt5")]
    height = points_at(points, names, steps.grid())
    return [height[name] - height[name].min(axis=1, keepdims=True) for name in names]


def _cross_over(steps: Steps, points: TimeSeries) -> FloatArray:
    """Return the cross-over index, (S,): 0 under the own hip, 1 on the midline, above 1 across."""
    own, other = ("r", "l") if steps.side == "right" else ("l", "r")
    names = [f"hip_{foot}_{axis}" for foot in (own, other) for axis in "xyz"]
    place = points_at(points, [*names, f"heel_{own}_z"], steps.start_s)
    hips = {foot: np.stack([place[f"hip_{foot}_{a}"] for a in "xyz"]) for foot in (own, other)}
    half = 0.5 * np.sqrt(((hips[own] - hips[other]) ** 2).sum(axis=0))
    middle = 0.5 * (hips[own][2] + hips[other][2])
    outward = 1.0 if own == "r" else -1.0
    out = outward * (place[f"heel_{own}_z"] - middle)
    return np.asarray(1.0 - out / half, dtype=np.float64)


def landing_metrics(
    steps: Steps, ground: GroundForces, body_points: TimeSeries
) -> dict[str, FloatArray]:
    """Return the landing of every step.

    Args:
        steps: contacts of one foot.
        ground: of both feet.
        body_points: laboratory positions, m.

    Returns:
        ``{metric: (S,)}``; NaN where a point is unknown. A heel that never reaches the
        ground counts as down at its lowest: where the ground lies is not measured.
    """
    pressure = _first_pressure(steps, ground, body_points)
    heel, ball = _heights(steps, body_points)
    down = np.argmax(heel <= HEEL_DOWN_M, axis=1).astype(np.float64)
    down[~np.isfinite(heel).all(axis=1)] = np.nan
    early = round(EARLY_SHARE * (POINTS - 1)) + 1
    landed = landed_share(heel[:, :early], ball[:, :early], SOLE_NEAR_M)
    return dict(zip(PRESSURE_METRICS, pressure.T, strict=True)) | {
        "heel_contact_time": 100.0 * down / (POINTS - 1),
        "foot_contact_share_early": landed.mean(axis=1),
        "cross_over_index_contact": _cross_over(steps, body_points),
    }
