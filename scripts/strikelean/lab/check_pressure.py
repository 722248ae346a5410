"""Does the pressure lie under the foot, go where it goes, and turn it no more than friction can?"""

from __future__ import annotations

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.lab.evidence import MIDDLE, Evidence, Stances
from strikelean.lab.findings import Finding
from strikelean.lab.newton import correlation
from strikelean.markersets import SIDES

DISTANCE = "pressure_to_foot_m"
FOLLOWS_FORWARD = "pressure_follows_foot_forward"
FOLLOWS_RIGHT = "pressure_follows_foot_right"
TORQUE = "free_torque_share"

# Measured over 26 running trials of the public dataset, 5 full-body trials and 30 virtual ones.
# Mid-stance distance of the pressure from the heel-to-fifth-metatarsal segment: 0.055 to 0.091 m
# (markers stand on the shoe); from the other foot, in the air: over 0.26 m.
WRONG_DISTANCE_M = 0.12
# Share of contacts under the other foot: a runner alternates, so one foot's columns that hold both
# feet's contacts have half of them there, exchanged ones all.
_BOTH = (0.3, 0.7)
# Farther than a plate is wide, it is a unit.
_UNIT_M = 5.0
# The pressure's place for each metre of the foot's: 0.71 to 0.96 forward, as it rolls ahead while
# the belt takes the foot back, 0.43 to 0.79 to the right, as feet press on their inner sides;
# across the axes up to 0.16. Mirrored, the same with a minus.
_LEAST_SLOPE = 0.2
# Spread of the foot (standard deviation) from which a slope is told: a belt moves it by 0.11 to
# 0.18 m, the two tracks of a runner lie 0.025 to 0.09 m beside their middle.
_SPREAD_AHEAD_M = 0.06
_SPREAD_ASIDE_M = 0.02
# Correlation of the feet's places forward and aside above which they lie on one line; up to 0.2 on
# a belt.
_ONE_LINE = 0.7
# A foot turns on the ground against friction up to 1 (a rubber sole) times half of its length, were
# the whole force at its two ends; measured: 0.02 to 0.16. N mm for N m make it 1000 times larger.
MAX_TORQUE_SHARE = 0.6
_MILLIMETRES = 10.0


def median(values: FloatArray) -> float:
    """Return the median of the known values, NaN where there is none."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _distance(stances: Stances) -> FloatArray:
    """Return each contact's distance (C,) from the foot it was given to, else the lower."""
    given = [told or seen for told, seen in zip(stances.stated, stances.seen, strict=True)]
    return np.array(
        [
            float("nan") if side is None else stances.distance_m[side][row]
            for row, side in enumerate(given)
        ]
    )


def _under_other(stances: Stances) -> float:
    """Return the share of contacts whose pressure lies under the other foot than they are given."""
    under_other = 0
    told = [side for side in stances.stated if side is not None]
    for row, side in enumerate(stances.stated):
        if side is not None:
            other = SIDES[1] if side == SIDES[0] else SIDES[0]
            under_other += bool(
                stances.distance_m[side][row] > WRONG_DISTANCE_M > stances.distance_m[other][row]
            )
    return under_other / max(1, len(told))


def _beside(stances: Stances) -> str:
    """Return in words where the pressure lies, seen from the middle of the foot on the ground."""
    offset = (stances.pressure_m - 0.5 * (stances.heel_m + stances.ball_m))[:, MIDDLE]
    middles = np.mean(offset, axis=1).reshape(-1, 3)
    ahead, right = median(middles[:, 0]), median(middles[:, 2])
    if not np.isfinite(ahead + right):
        return ""
    return (
        f", {abs(ahead):.2f} m {'ahead of' if ahead > 0 else 'behind'} and {abs(right):.2f} m to "
        f"the {'right' if right > 0 else 'left'} of its middle"
    )


def check_distance(stances: Stances) -> Finding:
    """Return how far the pressure lies from the foot it is given to."""
    distance = median(_distance(stances))
    if not distance > WRONG_DISTANCE_M:
        return Finding(DISTANCE, distance)
    expected = "the centre of pressure under the foot it is given to (within 0.12 m of its markers)"
    other = _under_other(stances)
    if other > _BOTH[0]:
        exchanged = other > _BOTH[1]
        cause = (
            "columns of right and left are exchanged"
            if exchanged
            else "columns of one foot hold contacts of both"
        )
        return Finding(
            DISTANCE,
            distance,
            "wrong",
            expected,
            f"{distance:.2f} m, under the other foot in {100 * other:.0f} % of contacts: {cause}",
            "Exchange the names of the right and the left force columns"
            if exchanged
            else "Name the columns after the plate (ground_force_1_vx), or write each foot its own",
        )
    action = (
        "Give moments in N m and places in m, or state the units of both"
        if distance > _UNIT_M
        else "See whether the plate's origin and corners, the axes of its moments, and the clocks "
        "of forces and markers are right"
    )
    return Finding(
        DISTANCE,
        distance,
        "wrong",
        expected,
        f"{distance:.2f} m from the markers of the foot on the ground{_beside(stances)}",
        action,
    )


def check_follows(stances: Stances) -> list[Finding]:
    """Return how the pressure moves with the foot, forward and to the right.

    The foot's own movement on a belt, the two feet's tracks and the places of single steps spread
    the feet over a plate; the pressure must spread the same way. Not judged where the feet spread
    too little, or along one line as the steps of a runner who passes by.
    """
    foot = 0.5 * (stances.heel_m + stances.ball_m).reshape(-1, 3)[:, [0, 2]]
    pressure = stances.pressure_m.reshape(-1, 3)[:, [0, 2]]
    known = np.all(np.isfinite(np.hstack([foot, pressure])), axis=1)
    unknown = [Finding(FOLLOWS_FORWARD, np.nan), Finding(FOLLOWS_RIGHT, np.nan)]
    if not known.any():
        return unknown
    foot = foot[known] - np.mean(foot[known], axis=0)
    pressure = pressure[known] - np.mean(pressure[known], axis=0)
    if abs(correlation(foot[:, 0], foot[:, 1])) > _ONE_LINE:
        return unknown
    slopes = np.linalg.lstsq(foot, pressure, rcond=None)[0]
    spread = np.std(foot, axis=0)
    findings = []
    for axis, least in enumerate((_SPREAD_AHEAD_M, _SPREAD_ASIDE_M)):
        slope = float(slopes[axis, axis])
        if spread[axis] < least:
            findings.append(unknown[axis])
        elif slope > _LEAST_SLOPE or any(finding.level == "wrong" for finding in findings):
            # Both axes have one cause: it is said once.
            findings.append(Finding(unknown[axis].figure, slope))
        else:
            across = float(slopes[axis, 1 - axis])
            findings.append(_against(unknown[axis].figure, slope, across, axis))
    return findings


def _against(name: str, slope: float, across: float, axis: int) -> Finding:
    """Return the finding of a pressure that does not go where the foot goes."""
    way = ("forward", "to the right")[axis]
    found = f"{slope:+.2f} m"
    cause = (
        "Give the plate's moments in N m, or state their unit, and see whether its axes are right"
    )
    if abs(across) > 2.0 * max(abs(slope), _LEAST_SLOPE):
        found += f" (and {across:+.2f} m across): the pressure is turned about the vertical"
        cause = "See whether the plate's corners are listed from the right corner on"
    elif slope < -_LEAST_SLOPE:
        found += ": the pressure is mirrored"
        cause = (
            "See whether the signs of the plate's moments, of its origin's depth and of the axes "
            "are right, and its corners listed from the right corner on"
        )
    return Finding(
        name,
        slope,
        "wrong",
        f"a pressure that goes {way} with the foot (over {_LEAST_SLOPE:g} m for each metre)",
        found,
        cause,
    )


def check_torque(evidence: Evidence, stances: Stances) -> Finding:
    """Return the free torque about the vertical over the vertical force and the foot's length."""
    shares = []
    for side in SIDES:
        own = stances.on(side)
        torque = np.max(np.abs(stances.torque_nm[own]), axis=1)
        shares += list(
            torque / np.max(stances.force_n[own][..., 1], axis=1) / evidence.ball_m[side]
        )
    share = median(np.array(shares))
    if not share > MAX_TORQUE_SHARE:
        return Finding(TORQUE, share)
    return Finding(
        TORQUE,
        share,
        "wrong",
        "a free torque that friction under a foot can hold, up to "
        f"{MAX_TORQUE_SHARE:g} of vertical force times heel-to-metatarsal length",
        f"{share:.1f} times it",
        "Give moments and torques in N m, not in N mm"
        if share > _MILLIMETRES
        else "See whether forces, moments and centres of pressure are of one plate, with one sign",
    )
