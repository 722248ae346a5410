"""What a recording's forces must fulfil, all of it: the list of every check of them.

Each asks something that knows nothing of what it checks: the feet by their markers, Newton's law
by the mass centre, the belt by the foot that stands on it. What cannot be told (one step, markers
that are not there) is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from strikelean.formats.series import Markers, Wrench
from strikelean.lab.check_belt import GROUND, SPEED, Speeds, check_speeds
from strikelean.lab.check_clock import check_clock, check_spans
from strikelean.lab.check_direction import FORE_AFT, FORWARD, INDEX, UP, check_direction
from strikelean.lab.check_place import AHEAD, RIGHT, check_place
from strikelean.lab.check_pressure import (
    DISTANCE,
    FOLLOWS_FORWARD,
    FOLLOWS_RIGHT,
    TORQUE,
    check_distance,
    check_follows,
    check_torque,
)
from strikelean.lab.contacts import Contact
from strikelean.lab.evidence import Evidence, look_at_stances
from strikelean.lab.findings import Finding
from strikelean.lab.mass_centre import find_mass_centre
from strikelean.lab.strike import StandingFoot
from strikelean.markersets import MarkerSet

_AFTER_CLOCK = (
    INDEX,
    FORE_AFT,
    FORWARD,
    UP,
    DISTANCE,
    FOLLOWS_FORWARD,
    FOLLOWS_RIGHT,
    TORQUE,
    AHEAD,
    RIGHT,
    GROUND,
    SPEED,
)


def gather(
    markers: Markers,
    markerset: MarkerSet,
    wrenches: tuple[Wrench, ...],
    contacts: Sequence[Contact],
    mass_kg: float,
    standing: Mapping[str, StandingFoot],
) -> Evidence:
    """Collect what the checks look at: contacts whose force is a whole one, whatever their foot."""
    whole = tuple(contact for contact in contacts if contact.valid or contact.misplaced)
    return Evidence(
        markers,
        markerset,
        wrenches,
        whole,
        mass_kg,
        {side: foot.ball_m for side, foot in standing.items()},
        {side: foot.toe_turn_rad for side, foot in standing.items()},
        find_mass_centre(markers, markerset),
    )


def check_forces(evidence: Evidence, speeds: Speeds | None) -> list[Finding]:
    """Return everything that was found of the forces; the likeliest cause first.

    Where the clocks are apart nothing else can be told, and nothing else is.

    Args:
        evidence: of the recording.
        speeds: what the trials table says, None not to ask.
    """
    spans = check_spans(evidence)
    if not evidence.contacts:
        return spans
    stances = look_at_stances(evidence)
    clock = check_clock(evidence, stances)
    if any(finding.level == "wrong" for finding in clock):
        return [*clock, *(Finding(figure, np.nan) for figure in _AFTER_CLOCK)]
    direction = check_direction(evidence, stances)
    follows = check_follows(stances)
    distance = check_distance(stances)
    place = check_place(evidence, stances)
    if any(finding.level == "wrong" for finding in (*follows, distance)):
        # The same fault; by how many centimetres says nothing more.
        place = [Finding(finding.figure, finding.value) for finding in place]
    return [
        *clock,
        *spans,
        *direction,
        *follows,
        distance,
        check_torque(evidence, stances),
        *place,
        *check_speeds(evidence, stances, speeds),
    ]
