"""Checks of contacts that need the whole recording, and figures over many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from strikelean.constants import GRAVITY_M_S2, UPPER_BODY
from strikelean.formats.contacts import FootContact
from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.contacts import Contact
from strikelean.markersets import SIDES, MarkerSet

# Markers that fix a segment in space.
NEEDED_MARKERS = 3
_STRIDE_SPREAD = 0.3
# Held at rest where they were not recorded; joint loads of the legs do not ask for them.


def refuse_overlaps(contacts: Sequence[Contact]) -> list[Contact]:
    """Mark contacts during which the other foot is on the ground too: that is walking."""
    checked = list(contacts)
    for i, first in enumerate(contacts):
        for j, second in enumerate(contacts[i + 1 :], start=i + 1):
            if second.start_s >= first.end_s:
                break
            if {first.side, second.side} == set(SIDES):
                for index in (i, j):
                    reason = checked[index].reason or "both feet on the ground at once: walking"
                    checked[index] = replace(checked[index], reason=reason)
    return checked


def _too_near(margin_s: float) -> str:
    return f"less than {margin_s:g} s (steps.margin_s) from the start or end of the recording"


def room_s(
    contacts: Sequence[Contact], span_s: tuple[float, float], margin_s: float
) -> float | None:
    """Return the most time before and after any of the contacts that lack their margin alone.

    None where no contact was refused for its margin, see :func:`refuse_outside`.
    """
    near = [contact for contact in contacts if contact.reason == _too_near(margin_s)]
    rooms = [min(one.start_s - span_s[0], span_s[1] - one.end_s) for one in near]
    return max(rooms, default=None)


def refuse_outside(
    contacts: Sequence[Contact],
    span_s: tuple[float, float],
    margin_s: float,
    start_s: float | None,
    end_s: float | None,
) -> list[Contact]:
    """Mark contacts whose margin leaves the recording, or that lie outside the asked window."""
    checked = []
    for contact in contacts:
        reason = ""
        early = start_s is not None and contact.start_s < start_s
        late = end_s is not None and contact.end_s > end_s
        if contact.start_s - margin_s < span_s[0] or contact.end_s + margin_s > span_s[1]:
            reason = _too_near(margin_s)
        elif early or late:
            reason = "outside the time window asked for in the trials table"
        misplaced = contact.misplaced and not reason
        checked.append(replace(contact, reason=contact.reason or reason, misplaced=misplaced))
    return checked


def is_needed(body: str) -> bool:
    """Whether a segment's markers are needed: all but those of trunk, arms and head."""
    return not body.lower().startswith(UPPER_BODY)


def missing_shares(
    contact: Contact | FootContact, markers: Markers, markerset: MarkerSet
) -> dict[str, float]:
    """Return, for each tracked segment, the share of a contact's frames it is not fixed in.

    Not fixed: fewer than three of its markers (or than all, where the set has fewer) are
    there. 1 for a segment whose markers were not recorded at all.
    """
    inside = (markers.time_s >= contact.start_s) & (markers.time_s <= contact.end_s)
    shares = {}
    for body, names in markerset.bodies().items():
        columns = [markers.names.index(name) for name in names if name in markers]
        seen = np.isfinite(markers.positions_m[inside][:, columns, 0]).sum(axis=1)
        short = seen < min(NEEDED_MARKERS, len(names))
        shares[body] = float(np.mean(short)) if short.size else 1.0
    return shares


def refuse_unseen(
    contacts: Sequence[Contact], markers: Markers, markerset: MarkerSet, max_share: float
) -> list[Contact]:
    """Mark contacts in which a needed segment is not fixed for more than ``max_share``.

    Segments never recorded are no reason to prefer one contact over another; they show in
    the summary and exclude the trial there.
    """
    recorded = {
        body
        for body, names in markerset.bodies().items()
        if is_needed(body)
        and sum(name in markers for name in names) >= min(NEEDED_MARKERS, len(names))
    }
    checked = []
    for contact in contacts:
        reason = contact.reason
        if not reason:
            shares = missing_shares(contact, markers, markerset)
            body = max(sorted(recorded), key=lambda name: shares[name], default=None)
            if body is not None and shares[body] > max_share:
                reason = f"too few markers on {body} for {100 * shares[body]:.0f} % of it"
        checked.append(replace(contact, reason=reason))
    return checked


def body_weight_ratio(
    contacts: Sequence[Contact], time_s: FloatArray, vertical_n: FloatArray, mass_kg: float
) -> tuple[float, int]:
    """Return mean vertical force over whole strides in body weights, and how many strides.

    Over a whole number of strides the body ends as it began, so the mean force is its
    weight; plate gain, mass and missed contacts all show here. A stride counts from one
    right contact to the next with exactly one left contact between and a usual duration;
    the longest unbroken row of such strides is taken. (NaN, 0) when there is none.
    """
    known = [contact for contact in contacts if contact.side is not None]
    best: tuple[float, float, int] = (0.0, 0.0, 0)
    own = [index for index, contact in enumerate(known) if contact.side == SIDES[0]]
    starts = [known[index].start_s for index in own]
    if len(own) < 2:
        return float("nan"), 0
    usual = float(np.median(np.diff(starts)))
    first, count = 0, 0
    for place in range(len(own) - 1):
        stride = starts[place + 1] - starts[place]
        whole = own[place + 1] - own[place] == 2 and abs(stride / usual - 1.0) < _STRIDE_SPREAD
        whole = whole and not known[own[place]].reason.startswith("cut off")
        first, count = (first if count else place, count + 1) if whole else (place + 1, 0)
        if count > best[2]:
            best = (starts[first], starts[place + 1], count)
    inside = (time_s >= best[0]) & (time_s < best[1])
    if best[2] == 0 or not inside.any():
        return float("nan"), 0
    return float(np.mean(vertical_n[inside])) / (mass_kg * GRAVITY_M_S2), best[2]


def total_vertical(wrenches: Sequence[Wrench]) -> FloatArray:
    """Return the sum of the vertical forces of wrenches that share a clock, (N,)."""
    total: FloatArray = np.sum([wrench.force_n[:, 1] for wrench in wrenches], axis=0)
    return total
