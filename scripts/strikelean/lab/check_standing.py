"""Whether a standing trial alone can be a person's, before a model is scaled to it.

What is wrong here (sides, ends of a foot or of the pelvis exchanged, another unit, another axis up)
would be told by the scaling in words that blame the marker set.
"""

from __future__ import annotations

import numpy as np

from strikelean.formats.axes import Axes
from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.check_landmarks import ROLES, check_foot_shape, check_seen
from strikelean.lab.check_markers import (
    any_wrong,
    check_against,
    check_sides,
    check_size,
    check_tilt,
    hint_of_axes,
    nearest_axis,
    right_of_left,
)
from strikelean.lab.facing import UP, Directions, above_feet, directions, usual_place
from strikelean.lab.findings import Finding
from strikelean.markersets import SIDES, MarkerSet

FEET = ("right foot", "left foot")
# The middle of one foot's landmarks over the other's: up to 4 mm in 14 runners of the public
# dataset (Fukuchi 2017, doi 10.7717/peerj.3298), 2 mm in the full-body trial, 0 in virtual runners.
RAISED_DOUBTFUL_M, RAISED_WRONG_M = 0.04, 0.10


def check_standing(static: Markers, markerset: MarkerSet, axes: Axes) -> list[Finding]:
    """Return whether a standing trial shows a person who stands on both feet, turned any way.

    As in :func:`strikelean.lab.check_markers.check_orientation`, later checks are left out where
    one before has found the cause.

    Args:
        static: in laboratory axes, metres.
        markerset: names landmarks and bodies.
        axes: as configured, to name what should stand there instead.
    """
    findings = [check_seen("standing", static, markerset, tuple(ROLES))]
    if any_wrong(findings):
        return findings
    above = above_feet(static, markerset)
    findings.append(check_size("standing", above))
    if any_wrong(findings) or not np.isfinite(above).all():
        return findings
    up = nearest_axis(above)
    hint = hint_of_axes(up, directions(static, markerset, up).facing, axes)
    findings += [check_tilt("standing", above, hint)]
    if any_wrong(findings):
        return findings
    findings.append(_raised_foot(static, markerset))
    if any_wrong(findings):
        return findings
    found = _by_sides(directions(static, markerset, UP), static, markerset)
    findings.append(check_against("standing", found, markerset))
    if any_wrong(findings):
        return findings
    findings.append(check_sides("standing", static, found.facing, markerset))
    return findings if any_wrong(findings) else findings + check_foot_shape(static, markerset)


def _by_sides(found: Directions, static: Markers, markerset: MarkerSet) -> Directions:
    """Return the directions with the part against the others told by the right side's place.

    Where both feet point one way and the pelvis the other, two votes to one say nothing: exchanged
    labels of heels and toes are one mistake. Right markers lie to the right of whoever is right.
    """
    if {*found.votes} != {"pelvis", *FEET} or found.against not in (("pelvis",), FEET):
        return found
    right = right_of_left(static, markerset)
    pelvis = found.votes["pelvis"]
    if not np.isfinite(right).all():
        return found
    if np.dot(np.cross(pelvis, UP), right) > 0.0:
        return Directions(found.votes, pelvis, FEET)
    return Directions(found.votes, found.votes[FEET[0]], ("pelvis",))


def _height(static: Markers, markerset: MarkerSet, side: str) -> float:
    place: FloatArray = usual_place(static, [markerset.landmark(side, role) for role in ROLES])
    return float(place[1])


def _raised_foot(static: Markers, markerset: MarkerSet) -> Finding:
    """Look for a runner who stands on one foot."""
    right, left = (_height(static, markerset, side) for side in SIDES)
    apart = right - left
    figure = "standing_foot_right_over_left_m"
    if not abs(apart) > RAISED_DOUBTFUL_M:
        return Finding(figure, apart)
    return Finding(
        figure,
        apart,
        "wrong" if abs(apart) > RAISED_WRONG_M else "doubtful",
        f"a runner standing on both feet, within {1000 * RAISED_DOUBTFUL_M:g} mm of one height",
        f"the {SIDES[0] if apart > 0.0 else SIDES[1]} foot {1000 * abs(apart):.0f} mm over the "
        "other",
        "Name a trial of quiet standing in static_file, or correct the labels of that foot",
    )
