"""What was looked at in a running trial, for a person who wants to see it, faults and all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from strikelean.formats.series import Markers, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.findings import Finding


@dataclass(frozen=True)
class Examined:
    """A running trial as far as it was read, before what is wrong with it refuses it.

    Attributes:
        markers: in laboratory axes, gaps filled.
        wrenches: of the ground, in laboratory axes; without their offset once contacts were found.
        contacts: every contact found; none where markers stood wrong and nobody looked for any.
        findings: of all checks so far, plausible ones too.
        notes: what readers repaired or left out, one line each.
    """

    markers: Markers
    wrenches: tuple[Wrench, ...]
    contacts: Sequence[Contact]
    findings: Sequence[Finding]
    notes: tuple[str, ...]


Look = Callable[[Examined], None]
"""Is handed what was examined, perhaps twice: the later one holds more."""


def look_away(examined: Examined) -> None:
    """Look at nothing."""
