"""Which contacts are solved, and the stretches of time around them."""

from __future__ import annotations

from collections.abc import Sequence

from strikelean.lab.contacts import Contact
from strikelean.markersets import SIDES


def select_contacts(contacts: Sequence[Contact], per_foot: int) -> list[int]:
    """Return the places of the first ``per_foot`` valid contacts of each side, in order."""
    chosen: list[int] = []
    for side in SIDES:
        own = [i for i, contact in enumerate(contacts) if contact.valid and contact.side == side]
        chosen += own[:per_foot]
    return sorted(chosen)


def windows_around(
    spans_s: Sequence[tuple[float, float]], margin_s: float
) -> list[tuple[float, float]]:
    """Widen (start, end) spans by a margin on both sides and merge those that touch."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted((start - margin_s, end + margin_s) for start, end in spans_s):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
