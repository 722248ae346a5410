"""How and where the foot lands: pressure under it, the heel's turn, the sole, the midline.

All of it is geometry of a few points of the foot (heel, fifth metatarsal, toe landmark of the
marker set) and of the ground force's centre of pressure. No pressure plate takes part, so the
contact area is only stood for by how much of the sole is near the ground.
"""

from __future__ import annotations

import numpy as np

from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.lab.strike import FIRST_S
from strikelean.loads.steps import Steps, point_at
from strikelean.loads.waveforms import POINTS, resample

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


def _point(points: TimeSeries, name: str, axis: str, at_s: FloatArray) -> FloatArray:
    return point_at(points, f"{name}_{axis}", at_s)


def _first_pressure(steps: Steps, ground: TimeSeries, body_points: TimeSeries) -> FloatArray:
    """Return the three places of the centre of pressure of every step, (S, 3) metres.

    Medians over the frames of the first instants of contact, as the strike index has them.
    """
    foot = steps.side[0]
    outward = 1.0 if foot == "r" else -1.0
    places = np.full((steps.number.size, 3), np.nan)
    for row, start in enumerate(steps.start_s):
        early = (ground.time_s >= start) & (ground.time_s <= start + FIRST_S)
        time = ground.time_s[early]
        pressure = {a: ground.column(f"ground_force_{foot}_p{a}")[early] for a in "xz"}
        heel, ball, toe = (
            {a: _point(body_points, f"{name}_{foot}", a, time) for a in "xz"}
            for name in ("heel", "mt5", "toe")
        )
        forward, right = (0.5 * (ball[a] + toe[a]) - heel[a] for a in "xz")
        beside = (pressure["z"] - heel["z"]) * forward - (pressure["x"] - heel["x"]) * right
        seen = np.stack(
            [
                outward * beside / np.hypot(forward, right),
                pressure["x"] - _point(body_points, f"hip_{foot}", "x", time),
                pressure["x"] - _point(body_points, "com", "x", time),
            ]
        )
        known = np.isfinite(seen)
        for place in range(3):
            if known[place].any():
                places[row, place] = np.median(seen[place, known[place]])
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


def _heights(steps: Steps, points: TimeSeries, name: str) -> FloatArray:
    """Return a landmark's height above its lowest in each stance, (S, 101) metres."""
    column = f"{name}_{steps.side[0]}_y"
    if column not in points.columns:
        return np.full((steps.number.size, POINTS), np.nan)
    height = resample(points.time_s, points.column(column), steps.grid())
    return np.asarray(height - height.min(axis=1, keepdims=True), dtype=np.float64)


def _cross_over(steps: Steps, points: TimeSeries) -> FloatArray:
    """Return the cross-over index, (S,): 0 under the own hip, 1 on the midline, above 1 across."""
    own, other = ("r", "l") if steps.side == "right" else ("l", "r")
    hips = {
        foot: np.stack([_point(points, f"hip_{foot}", axis, steps.start_s) for axis in "xyz"])
        for foot in (own, other)
    }
    half = 0.5 * np.sqrt(((hips[own] - hips[other]) ** 2).sum(axis=0))
    middle = 0.5 * (hips[own][2] + hips[other][2])
    outward = 1.0 if own == "r" else -1.0
    out = outward * (_point(points, f"heel_{own}", "z", steps.start_s) - middle)
    return np.asarray(1.0 - out / half, dtype=np.float64)


def landing_metrics(
    steps: Steps, ground: TimeSeries, body_points: TimeSeries
) -> dict[str, FloatArray]:
    """Return the landing of every step.

    Args:
        steps: contacts of one foot.
        ground: columns ``ground_force_r_px`` ..., centre of pressure, m.
        body_points: laboratory positions, m.

    Returns:
        ``{metric: (S,)}``; NaN where a point is unknown. A heel that never reaches the
        ground counts as down at its lowest: where the ground lies is not measured.
    """
    pressure = _first_pressure(steps, ground, body_points)
    heel, ball = (_heights(steps, body_points, name) for name in ("heel", "mt5"))
    down = np.argmax(heel <= HEEL_DOWN_M, axis=1).astype(np.float64)
    down[~np.isfinite(heel).all(axis=1)] = np.nan
    early = round(EARLY_SHARE * (POINTS - 1)) + 1
    landed = landed_share(heel[:, :early], ball[:, :early], SOLE_NEAR_M)
    return dict(zip(PRESSURE_METRICS, pressure.T, strict=True)) | {
        "heel_contact_time": 100.0 * down / (POINTS - 1),
        "foot_contact_share_early": landed.mean(axis=1),
        "cross_over_index_contact": _cross_over(steps, body_points),
    }
