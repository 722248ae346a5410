"""Which foot a contact belongs to: the one the force passes under."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.forces import centre_of_pressure
from strikelean.markersets import SIDES, MarkerSet
from strikelean.signals import at_times

# The stance foot's landmarks lie 0.03-0.1 m from the force; the swinging foot is 0.2-0.6 m up.
_FAR_M = 0.20
_CLEAR_M = 0.08
# Looked at in the middle of the contact, where the force is large and the other foot high.
_MIDDLE = (0.25, 0.75)
_LOOKS = 21
# A foot cannot return in less than this share of its usual stride.
_STRIDE_SHARE = 0.75


def distance_to_segment(point: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the distance of (..., 3) points from the segments a-b, (...)."""
    along = b - a
    length_2 = np.sum(along**2, axis=-1)
    share = np.clip(np.sum((point - a) * along, axis=-1) / length_2, 0.0, 1.0)
    distance: FloatArray = np.linalg.norm(point - a - share[..., np.newaxis] * along, axis=-1)
    return distance


def foot_distances(
    contact: Contact, wrench: Wrench, markers: Markers, markerset: MarkerSet
) -> dict[str, float]:
    """Return each foot's median distance from the centre of pressure in mid contact, metres.

    NaN for a foot whose heel or fifth metatarsal was not seen in that time.
    """
    share = np.linspace(*_MIDDLE, _LOOKS)
    times = contact.start_s + share * contact.duration_s
    force = at_times(wrench.time_s, wrench.force_n, times)
    moment = at_times(wrench.time_s, wrench.moment_nm, times)
    pressure = centre_of_pressure(force, moment, min_force_n=1.0)
    distances = {}
    for side in SIDES:
        heel, ball = (
            at_times(markers.time_s, markers.position(markerset.landmark(side, role)), times)
            for role in ("heel", "fifth_metatarsal")
        )
        apart = distance_to_segment(pressure, heel, ball)
        seen = apart[np.isfinite(apart)]
        distances[side] = float(np.median(seen)) if seen.size else float("nan")
    return distances


def _decide(distances: dict[str, float]) -> tuple[str | None, str]:
    known = {side: value for side, value in distances.items() if np.isfinite(value)}
    if not known:
        return None, "no foot markers seen during the contact"
    side = min(known, key=lambda name: known[name])
    if known[side] > _FAR_M:
        return None, f"no foot within {_FAR_M:g} m of the force"
    other = [value for name, value in known.items() if name != side]
    if other and other[0] - known[side] < _CLEAR_M:
        return None, "both feet equally near the force"
    return side, ""


def assign_foot(
    contact: Contact, wrench: Wrench, markers: Markers, markerset: MarkerSet
) -> Contact:
    """Return the contact with its side, or with the reason why it has none."""
    side, reason = _decide(foot_distances(contact, wrench, markers, markerset))
    misplaced = bool(reason) and not contact.reason
    return replace(contact, side=side, reason=contact.reason or reason, misplaced=misplaced)


def confirm_foot(
    contact: Contact, wrench: Wrench, markers: Markers, markerset: MarkerSet
) -> Contact:
    """Return a contact whose foot the file names, with a reason where no such foot is near."""
    if contact.side is None or contact.reason:
        return contact
    distance = foot_distances(contact, wrench, markers, markerset)[contact.side]
    if not distance > _FAR_M:
        return contact
    reason = f"the {contact.side} foot is {distance:.2f} m from the force that the file gives it"
    return replace(contact, reason=reason, misplaced=True)


def check_alternation(contacts: list[Contact]) -> list[Contact]:
    """Mark contacts of one foot that follow each other faster than a stride.

    Runners alternate. Two contacts of the same side closer than three quarters of the
    median stride cannot both be right, and nothing says which is wrong: both are refused.
    """
    checked = list(contacts)
    for side in SIDES:
        places = [
            index for index, item in enumerate(contacts) if item.side == side and not item.misplaced
        ]
        starts = np.array([contacts[index].start_s for index in places])
        if starts.size < 3:
            continue
        strides = np.diff(starts)
        for early, late, stride in zip(places[:-1], places[1:], strides, strict=True):
            if stride < _STRIDE_SHARE * float(np.median(strides)):
                for index in (early, late):
                    if not checked[index].reason:
                        reason = f"two {side} contacts within one stride"
                        checked[index] = replace(checked[index], reason=reason, misplaced=True)
    return checked
