"""When a foot is on the ground, from the vertical force of a plate."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.series import FloatArray, Wrench
from strikelean.signals import contiguous_runs, lowpass, samples_in

# Light filter for detection alone: it takes off the belt's vibration (about 10 N standard
# deviation in flight in the RBDS recordings, 5 N after it) and moves no edge by over 2 ms.
_DETECTION_HZ = 60.0
# Below this a gap or a contact is flicker at the threshold, not a flight or a step.
_FLICKER_S = 0.03
# How far beyond the threshold's crossings the last newtons of a contact are looked for.
_TAIL_S = 0.05


@dataclass(frozen=True)
class ContactRules:
    """What counts as a contact; the recording section of the configuration.

    Attributes:
        threshold_n: vertical force above which the foot is on the ground.
        min_contact_s: a shorter contact is not a running step.
        max_contact_s: a longer one is not either.
    """

    threshold_n: float = 50.0
    min_contact_s: float = 0.1
    max_contact_s: float = 0.5


@dataclass(frozen=True)
class Contact:
    """One contact of one foot.

    Attributes:
        start_s: vertical force rises through the threshold, between samples.
        end_s: vertical force falls through it.
        begin_s: first force that belongs to the contact (force leaves zero).
        finish_s: last force that belongs to it.
        wrench: number of the wrench that carries it.
        side: ``right``, ``left`` or None.
        reason: why the contact is not valid; empty when it is.
        misplaced: the reason is that the force lies under no foot, or under the wrong one; as a
            force it is a whole running contact.
    """

    start_s: float
    end_s: float
    begin_s: float
    finish_s: float
    wrench: int
    side: str | None = None
    reason: str = ""
    misplaced: bool = False

    @property
    def valid(self) -> bool:
        """Whether the contact may be analysed."""
        return not self.reason and self.side is not None

    @property
    def duration_s(self) -> float:
        """Contact time in seconds."""
        return self.end_s - self.start_s


def smooth_vertical(wrench: Wrench) -> FloatArray:
    """Return the vertical force (N,) after the light filter used for detection."""
    cutoff_hz = min(_DETECTION_HZ, 0.4 * wrench.rate_hz)
    return lowpass(wrench.force_n[:, 1], wrench.rate_hz, cutoff_hz)


def join_plates(wrenches: tuple[Wrench, ...]) -> Wrench:
    """Add the wrenches of several plates that share a clock.

    A runner has one foot on the ground at a time, so tandem belts, split belts and rows of
    plates are one surface, and a foot across two plates is one contact.
    """
    return replace(
        wrenches[0],
        force_n=np.sum([wrench.force_n for wrench in wrenches], axis=0),
        moment_nm=np.sum([wrench.moment_nm for wrench in wrenches], axis=0),
        label=" + ".join(wrench.label for wrench in wrenches),
    )


def _without_flicker(loaded: np.ndarray, shortest: int) -> list[slice]:
    """Return runs of load with short interruptions closed and short runs dropped."""
    closed = loaded.copy()
    for gap in contiguous_runs(~loaded):
        if gap.start > 0 and gap.stop < loaded.size and gap.stop - gap.start < shortest:
            closed[gap] = True
    return [run for run in contiguous_runs(closed) if run.stop - run.start >= shortest]


def _crossing(time_s: FloatArray, force: FloatArray, below: int, above: int, level: float) -> float:
    share = (level - force[below]) / (force[above] - force[below])
    return float(time_s[below] + share * (time_s[above] - time_s[below]))


def _reason(
    contact: Contact, run: slice, samples: int, peak_n: float, weight_n: float, rules: ContactRules
) -> str:
    if run.start == 0 or run.stop == samples:
        return "cut off by the start or end of the recording"
    if contact.duration_s > rules.max_contact_s:
        return (
            f"longer than {rules.max_contact_s:g} s: both feet on one plate at once, or not running"
        )
    if contact.duration_s < rules.min_contact_s:
        return f"shorter than {rules.min_contact_s:g} s"
    if peak_n < weight_n:
        # With any flight at all, the mean force of a whole contact exceeds body weight.
        return "vertical force never reaches body weight: foot partly beside the plate"
    return ""


def find_contacts(
    wrench: Wrench, number: int, mass_kg: float, rules: ContactRules
) -> list[Contact]:
    """Find the contacts on one plate, in time order, sides not yet known.

    Args:
        wrench: without its baseline.
        number: the wrench's number in the recording.
        mass_kg: runner's mass, for the check that a whole foot was on the plate.
        rules: threshold and durations.

    Returns:
        Contacts with sub-sample start and end; those not usable carry a reason.
    """
    force, time_s = smooth_vertical(wrench), wrench.time_s
    samples = force.size
    shortest = max(2, samples_in(_FLICKER_S, wrench.rate_hz))
    tail = samples_in(_TAIL_S, wrench.rate_hz)
    runs = _without_flicker(force > rules.threshold_n, shortest)
    contacts = []
    for place, run in enumerate(runs):
        first, last = run.start, run.stop - 1
        level = rules.threshold_n
        start = _crossing(time_s, force, first - 1, first, level) if first else time_s[0]
        end = _crossing(time_s, force, last + 1, last, level) if run.stop < samples else time_s[-1]
        # Not past the middle of the flight: what lies beyond belongs to the other contact.
        earliest = max(0, first - tail, (runs[place - 1].stop + first) // 2 if place else 0)
        latest = min(samples - 1, last + tail)
        if place + 1 < len(runs):
            latest = min(latest, (runs[place + 1].start + last) // 2)
        before = np.flatnonzero(force[earliest:first] <= 0.0)
        after = np.flatnonzero(force[last : latest + 1] <= 0.0)
        begin = earliest + int(before[-1]) + 1 if before.size else earliest
        finish = last + int(after[0]) - 1 if after.size else latest
        contact = Contact(
            float(start), float(end), float(time_s[begin]), float(time_s[finish]), number
        )
        reason = _reason(
            contact, run, samples, float(np.max(force[run])), mass_kg * GRAVITY_M_S2, rules
        )
        contacts.append(replace(contact, reason=reason))
    return contacts
