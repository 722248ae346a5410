"""Does a foot lie in mid stance as it stood in the static trial?

In mid stance a foot lies on the ground, heel and metatarsals alike, however it landed: there its
line from heel to fifth metatarsal is as steep as it was standing. A static trial on tiptoe, on a
wedge, or in other shoes, and a heel or toe marker that was put on anew, turn the zero of the ankle
and every foot-strike angle by what is seen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from strikelean.formats.series import Markers
from strikelean.lab.contacts import Contact
from strikelean.lab.findings import Finding, Range, level_of
from strikelean.lab.strike import StandingFoot, foot_angle_deg
from strikelean.markersets import SIDES, MarkerSet
from strikelean.signals import at_times

FLAT = "mid_stance_foot_over_standing_deg"
_MID_STANCE = np.linspace(0.25, 0.5, 7)
# Median of a foot's contacts, toe-up positive, in 26 running trials of the public dataset -4.3 to
# 0.6 deg with every kind of strike, in 3 full-body trials -3.4 to -1.7, in virtual runners -1.4 to
# -1.1. Static trials made on tiptoe give what the heel was raised by, less 2 deg. A runner whose
# heel never comes down is nobody's mistake, so that way only warns.
_USUAL_DEG: Range = (-10.0, 5.0)
_POSSIBLE_DEG: Range = (-90.0, 15.0)


def check_flat_foot(
    contacts: Sequence[Contact],
    markers: Markers,
    markerset: MarkerSet,
    standing: Mapping[str, StandingFoot],
) -> Finding:
    """Compare each foot's angle to the ground in mid stance with the static trial's.

    Args:
        contacts: with their sides.
        markers: running.
        markerset: names the landmarks.
        standing: each foot in the static trial, by side.
    """
    found = {side: _mid_stance_deg(side, contacts, markers, markerset) for side in SIDES}
    over = {side: angle - standing[side].angle_deg for side, angle in found.items()}
    known = {side: value for side, value in over.items() if np.isfinite(value)}
    if not known:
        return Finding(FLAT, float("nan"))
    side = max(
        known, key=lambda name: max(known[name] - _USUAL_DEG[1], _USUAL_DEG[0] - known[name])
    )
    value = known[side]
    level = level_of(value, _USUAL_DEG, _POSSIBLE_DEG)
    if level == "plausible":
        return Finding(FLAT, value)
    low, high = _USUAL_DEG
    heel, ball = (markerset.landmark(side, role) for role in ("heel", "fifth_metatarsal"))
    cause = (
        "See whether the runner stands with flat feet in the static trial"
        if value > 0.0
        else "See whether the runner lands and stays on the forefoot, stands with flat feet in the "
        "static trial"
    )
    return Finding(
        FLAT,
        value,
        level,
        f"a foot that lies in mid stance as it stood, within {low:g} to {high:+g} deg",
        f"the {side} one {value:+.0f} deg toe-up of it ({heel} to {ball})",
        f"{cause}, in the same shoes, with {heel} and {ball} where they were while running",
    )


def _mid_stance_deg(
    side: str, contacts: Sequence[Contact], markers: Markers, markerset: MarkerSet
) -> float:
    """Return a foot's angle to the ground in the middle of its contacts, toe-up positive, deg."""
    angles = []
    for contact in contacts:
        if contact.side != side or not contact.valid:
            continue
        times = contact.start_s + _MID_STANCE * contact.duration_s
        heel, ball = (
            at_times(markers.time_s, markers.position(markerset.landmark(side, role)), times)
            for role in ("heel", "fifth_metatarsal")
        )
        angle = foot_angle_deg(heel, ball)
        if np.isfinite(angle).any():
            angles.append(float(np.nanmedian(angle)))
    return float(np.median(angles)) if angles else float("nan")
