"""How a foot strikes: its angle to the ground and where the force first appears under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from strikelean.formats.contacts import FootContact
from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.forces import centre_of_pressure
from strikelean.lab.strike_classes import strike_class
from strikelean.markersets import MarkerSet
from strikelean.signals import at_times

# How far ahead of the heel the fifth metatarsal lies, over the second: 0.81 on the generic model,
# 0.85 in shoes (fifth over first, mean of 14 runners of the public dataset).
FIFTH_OVER_SECOND = 0.82
# The first frames: long enough for a median over a treadmill's vibration, short enough
# that a heel striker's force has not yet rolled forward.
FIRST_S = 0.015


@dataclass(frozen=True)
class StandingFoot:
    """One foot in the static trial.

    Attributes:
        angle_deg: heel-to-fifth-metatarsal line against the ground, toe-up positive.
        length_m: horizontal distance from the heel marker to the toe landmark.
        toe_turn_rad: angle about the vertical from the heel-to-fifth-metatarsal line to the
            heel-to-toe line, so that a trial whose toe marker is missing still has an axis.
        ball_m: distance from the heel to the fifth metatarsal along the heel-to-toe line; a usual
            share of the toe landmark's where the set has none.
    """

    angle_deg: float
    length_m: float
    toe_turn_rad: float
    ball_m: float


def _heading(vectors: FloatArray) -> FloatArray:
    """Return the direction of (K, 3) vectors in the floor plane, radians from X towards Z."""
    heading: FloatArray = np.arctan2(vectors[:, 2], vectors[:, 0])
    return heading


def foot_angle_deg(heel: FloatArray, fifth_metatarsal: FloatArray) -> FloatArray:
    """Return the angle of heel-to-fifth-metatarsal lines (K, 3) to the ground, toe-up +, deg."""
    line = fifth_metatarsal - heel
    angle: FloatArray = np.degrees(np.arctan2(line[:, 1], np.hypot(line[:, 0], line[:, 2])))
    return angle


def standing_foot(static: Markers, markerset: MarkerSet, side: str) -> StandingFoot:
    """Measure one foot in the static trial, medians over time.

    Raises:
        RecordingError: a landmark of the foot is not in the static trial.
        ConfigError: the marker set names no such landmark.
    """
    heel, ball, toe = (
        static.position(markerset.landmark(side, role))
        for role in ("heel", "fifth_metatarsal", "toe")
    )
    to_toe, to_ball = np.nanmedian(toe - heel, axis=0), np.nanmedian(ball - heel, axis=0)
    length = float(np.hypot(to_toe[0], to_toe[2]))
    turn = _heading(to_toe[np.newaxis])[0] - _heading(to_ball[np.newaxis])[0]
    return StandingFoot(
        angle_deg=float(np.nanmedian(foot_angle_deg(heel, ball))),
        length_m=length,
        toe_turn_rad=float((turn + np.pi) % (2.0 * np.pi) - np.pi),
        ball_m=float(np.hypot(to_ball[0], to_ball[2]) * np.cos(turn))
        if markerset.has_fifth_metatarsal(side)
        else FIFTH_OVER_SECOND * length,
    )


def foot_strike_angle_deg(
    contact: Contact, markers: Markers, markerset: MarkerSet, standing: StandingFoot
) -> float:
    """Return the foot's angle at contact less its standing angle, toe-up positive, degrees.

    Markers are taken between their frames at the instant of contact; NaN when the heel or
    the fifth metatarsal was not seen there or the side is unknown.
    """
    if contact.side is None:
        return float("nan")
    heel, ball = (
        at_times(
            markers.time_s,
            markers.position(markerset.landmark(contact.side, role)),
            np.array([contact.start_s]),
        )
        for role in ("heel", "fifth_metatarsal")
    )
    return float(foot_angle_deg(heel, ball)[0]) - standing.angle_deg


def strike_index_percent(
    contact: Contact,
    wrench: Wrench,
    markers: Markers,
    markerset: MarkerSet,
    standing: StandingFoot,
    min_force_n: float,
) -> float:
    """Return where the force first appears, 0 at the heel marker, 100 at the toe landmark.

    Median over the first frames with ``min_force_n`` of unfiltered vertical force, of the
    centre of pressure's distance ahead of the heel marker along the foot's axis, over the
    foot's standing length. The axis is the horizontal heel-to-toe line, carried by the
    heel and the fifth metatarsal. The length ends at the toe landmark of the marker set: in
    sets whose landmark is a metatarsal head, 100 lies at the ball and not at the toe's tip, so
    published bands of the strike index, which are of shoe length, do not apply.

    Returns:
        Percent, may lie outside 0-100; NaN when the foot was not seen.
    """
    if contact.side is None:
        return float("nan")
    early = (
        (wrench.time_s >= contact.start_s)
        & (wrench.time_s <= contact.start_s + FIRST_S)
        & (wrench.force_n[:, 1] >= min_force_n)
    )
    if not early.any():
        return float("nan")
    pressure = centre_of_pressure(wrench.force_n[early], wrench.moment_nm[early], min_force_n)
    heel, ball = (
        at_times(
            markers.time_s,
            markers.position(markerset.landmark(contact.side, role)),
            wrench.time_s[early],
        )
        for role in ("heel", "fifth_metatarsal")
    )
    heading = _heading(ball - heel) + standing.toe_turn_rad
    ahead = pressure - heel
    distance = ahead[:, 0] * np.cos(heading) + ahead[:, 2] * np.sin(heading)
    seen = distance[np.isfinite(distance)]
    return 100.0 * float(np.median(seen)) / standing.length_m if seen.size else float("nan")


def struck(
    number: int,
    contact: Contact,
    selected: bool,
    wrench: Wrench | None,
    markers: Markers,
    markerset: MarkerSet,
    standing: Mapping[str, StandingFoot],
    min_force_n: float,
) -> FootContact:
    """Return a contact as contacts.csv has it, with how its foot struck.

    Args:
        number: of the contact in its recording.
        contact: whose strike is unknown where it is cut off or its foot is unknown.
        selected: whether it is analysed.
        wrench: that carries it, unfiltered; None without forces: the strike index is unknown.
        markers: of the feet, laboratory.
        markerset: names the landmarks.
        standing: each foot in the static trial.
        min_force_n: vertical force below which the centre of pressure means nothing.
    """
    angle, index = np.nan, np.nan
    if contact.side is not None and not contact.reason.startswith("cut off"):
        foot = standing[contact.side]
        angle = foot_strike_angle_deg(contact, markers, markerset, foot)
        if wrench is not None:
            index = strike_index_percent(contact, wrench, markers, markerset, foot, min_force_n)
    return FootContact(
        number,
        contact.side,
        contact.start_s,
        contact.end_s,
        contact.valid,
        contact.reason,
        selected,
        angle,
        index,
        strike_class(angle),
    )
