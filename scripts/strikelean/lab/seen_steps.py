"""Steps that no plate timed: the other foot's contact before, seen by its markers.

One plate in a runway feels a stance and not the one before. When the other foot landed then says
its markers; so that what markers see late cancels, a step lasts from that landing to this foot's
own as its markers show it, not as the plate does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from strikelean.formats.contacts import Contacts, FootContact
from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.contacts import Contact, ContactRules
from strikelean.lab.marker_contacts import find_marker_contacts
from strikelean.markersets import SIDES, MarkerSet
from strikelean.signals import at_times

# A plate and a foot's markers tell of the same landing within this (markers are 0 to 19 ms late).
SAME_S = 0.06
# Running steps are shorter (slowest of the public dataset, 2.5 m/s: 0.42 s).
LONGEST_STEP_S = 0.6


def _timed_by_plates(contacts: Contacts) -> list[bool]:
    """Return of each contact whether a plate felt the other foot's before it."""
    timed = [
        before.valid and after.valid and {before.side, after.side} == set(SIDES)
        for before, after in pairwise(contacts)
    ]
    return [False, *timed][: len(contacts)]


def _before(contact: FootContact, landings: Sequence[Contact]) -> tuple[float, float, str] | None:
    """Return when a foot landed by its markers, when the other one did before, and which it is."""
    own = [
        seen
        for seen in landings
        if seen.side == contact.side and abs(seen.start_s - contact.start_s) < SAME_S
    ]
    if not own:
        return None
    landed = own[0].start_s
    earlier = [seen for seen in landings if landed - LONGEST_STEP_S < seen.start_s < landed]
    last = earlier[-1] if earlier else None
    if last is None or last.side is None or last.side == contact.side:
        return None
    return landed, last.start_s, last.side


def _heel(markers: Markers, markerset: MarkerSet, side: str, at_s: float) -> FloatArray:
    path = markers.position(markerset.landmark(side, "heel"))
    return np.asarray(at_times(markers.time_s, path, np.array([at_s]))[0])


def with_seen_steps(
    contacts: Contacts, markers: Markers, markerset: MarkerSet, rules: ContactRules
) -> Contacts:
    """Return contacts with the steps that ended with them, where no plate felt the one before.

    Recordings with whole strides stay as they are: what their plates missed is no step.

    Args:
        contacts: of the plates.
        markers: filled, of the whole recording, laboratory.
        markerset: names the feet's landmarks.
        rules: durations of a running contact.

    Returns:
        The same contacts. Those selected have the time since the other foot's landing and how far
        from its heel theirs landed; NaN where the other foot was not seen to land.
    """
    timed = _timed_by_plates(contacts)
    # plates that feel two steps in a row feel whole strides, all that there are
    if any(all(both) for both in pairwise(timed)):
        return contacts
    landings = [c for c in find_marker_contacts(markers, markerset, rules) if c.valid]
    rows = []
    for contact, known in zip(contacts, timed, strict=True):
        found = _before(contact, landings) if contact.selected and not known else None
        if found is not None:
            landed, earlier, other = found
            apart = _heel(markers, markerset, str(contact.side), landed)
            apart = apart - _heel(markers, markerset, other, earlier)
            contact = replace(
                contact,
                step_time_s=landed - earlier,
                heel_ahead_m=float(apart[0]),
                heel_across_m=float(apart[2]),
            )
        rows.append(contact)
    return Contacts(rows)


def count_seen(contacts: Contacts) -> int:
    """Return how many steps are known by markers alone."""
    return sum(np.isfinite(contact.step_time_s) for contact in contacts)
