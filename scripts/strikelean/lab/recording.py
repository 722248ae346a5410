"""One running trial, from its files to contacts, forces of each foot and filled markers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.contacts import Contacts
from strikelean.formats.ground import GroundForces, unmeasured_ground
from strikelean.formats.mot import join_forces, read_trc_and_mot
from strikelean.formats.series import Markers, Recording, Wrench
from strikelean.lab import steps as checks
from strikelean.lab.baseline import check_baselines
from strikelean.lab.check_belt import GROUND, Speeds
from strikelean.lab.check_flat_foot import check_flat_foot
from strikelean.lab.check_forces import check_forces, check_without_forces, gather, timed_by
from strikelean.lab.check_joints import check_joints
from strikelean.lab.check_markers import check_orientation
from strikelean.lab.check_rates import check_rates
from strikelean.lab.check_repeats import check_repeats
from strikelean.lab.check_segments import check_static, check_strays
from strikelean.lab.contacts import Contact, ContactRules
from strikelean.lab.examined import Examined, Look, look_away
from strikelean.lab.feet import check_alternation
from strikelean.lab.findings import Finding, require_plausible
from strikelean.lab.floor import FROM_CORNERS, check_floor, settle_floor, stated_height_m
from strikelean.lab.forces import filter_feet, ground_forces, split_feet
from strikelean.lab.gaps import fill_gaps
from strikelean.lab.labels import exchange_labels, exchanged_labels
from strikelean.lab.marker_contacts import find_marker_contacts
from strikelean.lab.seen_steps import with_seen_steps
from strikelean.lab.shared_clock import Clocks, compare_clocks, moved_earlier
from strikelean.lab.strike import StandingFoot, standing_foot, struck
from strikelean.lab.summary import summarise
from strikelean.lab.surfaces import contacts_on, find_surfaces
from strikelean.lab.windows import check_window, select_contacts
from strikelean.markersets import SIDES, MarkerSet

STEP = "read_recording"
SHORTEST_S = 0.2
"""No contact with its edges is shorter."""


@dataclass(frozen=True)
class RecordingSettings:
    """The values of the configuration that this stage uses.

    Attributes:
        axes: how the laboratory's axes point.
        contacts: threshold and durations of a contact.
        max_gap_s: longest marker gap that is filled.
        cop_min_force_n: vertical force below which a centre of pressure means nothing.
        cutoff_hz: low-pass of the ground force, the same as of the kinematics.
        filter_order: of both passes together.
        contacts_per_foot: first valid contacts of each foot that are selected.
        margin_s: time kept before and after them.
        max_missing_segment_share: share of a contact in which a recorded segment may have
            fewer than three markers.
        floor_height_m: height of the floor over the laboratory's zero, None: of the plates.
        correct_clock: whether forces are moved onto the markers' clock where both means that
            tell of it agree (:mod:`strikelean.lab.shared_clock`).
    """

    axes: Axes
    contacts: ContactRules
    max_gap_s: float
    cop_min_force_n: float
    cutoff_hz: float
    filter_order: int
    contacts_per_foot: int
    margin_s: float
    max_missing_segment_share: float
    floor_height_m: float | None = None
    correct_clock: bool = True

    @classmethod
    def from_config(
        cls,
        recording: Mapping[str, Any],
        steps: Mapping[str, Any],
        filtering: Mapping[str, Any],
        max_missing_segment_share: float,
    ) -> RecordingSettings:
        """Build from the sections recording, steps and filter of a validated configuration."""
        return cls(
            axes=Axes(**recording["axes"]),
            contacts=ContactRules(
                float(recording["contact_threshold_n"]),
                float(recording["min_contact_s"]),
                float(recording["max_contact_s"]),
            ),
            max_gap_s=float(recording["max_gap_s"]),
            cop_min_force_n=float(recording["cop_min_force_n"]),
            cutoff_hz=float(filtering["cutoff_hz"]),
            filter_order=int(filtering["order"]),
            contacts_per_foot=int(steps["contacts_per_foot"]),
            margin_s=float(steps["margin_s"]),
            max_missing_segment_share=max_missing_segment_share,
            floor_height_m=stated_height_m(recording.get("floor_height", FROM_CORNERS)),
            correct_clock=bool(recording["correct_clock"]),
        )


@dataclass(frozen=True)
class TrialRecording:
    """What a running trial holds for the stages after this one.

    Attributes:
        markers: filled, cut to the selected contacts and their margin.
        grf: filtered force, point and torque of each foot, same span; NaN where none was measured.
        grf_unfiltered: the same before the filter.
        contacts: every contact found.
        summary: what ``recording.json`` says.
    """

    markers: Markers
    grf: GroundForces
    grf_unfiltered: GroundForces
    contacts: Contacts
    summary: dict[str, Any]


def load_files(
    files: Sequence[Path], axes: Axes, needed: Collection[str] | None = None
) -> Recording:
    """Read a C3D file, or a TRC (or C3D) file of markers and a MOT file of forces.

    A TRC file alone, or a C3D file that knows no plate, is a recording without forces.

    Args:
        files: named in the trials table.
        axes: how their axes point.
        needed: markers that are asked for; another label that two markers have is no mistake.

    Raises:
        RecordingError: another number or kind of files, under 0.2 s, or plates without a force.
    """
    kinds = tuple(path.suffix.lower() for path in files)
    if kinds == (".c3d",):
        recording = read_c3d(files[0], axes, needed=needed)
    elif len(kinds) == 2 and kinds[0] == ".c3d" and kinds[1] in (".mot", ".sto"):
        seen = read_c3d(files[0], axes, forces=False, needed=needed)
        markers = replace(seen.markers, notes=seen.notes)
        recording = join_forces(markers, files[0].name, files[1], axes)
    elif len(kinds) == 2 and kinds[0] == ".trc" and kinds[1] in (".mot", ".sto"):
        recording = read_trc_and_mot(files[0], files[1], axes, needed)
    elif kinds == (".trc",):
        recording = read_trc_and_mot(files[0], None, axes, needed)
    else:
        raise RecordingError(
            STEP,
            "one .c3d file, or a .trc and a .mot file separated by ';' (one .trc: angles alone)",
            ", ".join(path.name for path in files) or "no file",
            "Correct the files column of the trials table",
        )
    times = recording.markers.time_s
    if times.size < 2 or times[-1] - times[0] < SHORTEST_S:
        raise RecordingError(
            STEP,
            f"at least {SHORTEST_S:g} s of running in {files[0].name}",
            f"{times.size} frames of markers",
            "Export the whole trial",
        )
    plates = [note for note in recording.notes if "plate" in note]
    if not recording.wrenches and plates:
        raise RecordingError(
            STEP,
            f"ground forces in {files[0].name}",
            "; ".join(plates),
            "Add the MOT file of the forces to the files column, after a ';'; for joint angles "
            "alone export the markers as TRC",
        )
    return recording


def _on_one_clock(
    surfaces: tuple[tuple[Wrench, ...], tuple[str | None, ...]],
    markers: Markers,
    markerset: MarkerSet,
    mass_kg: float,
    settings: RecordingSettings,
    standing: Mapping[str, StandingFoot],
) -> tuple[tuple[Wrench, ...], list[Contact], Clocks]:
    """Return forces and contacts on the markers' clock, and what is known of the forces' own."""
    wrenches, sides = surfaces
    rules = settings.contacts
    contacts = contacts_on(wrenches, sides, markers, markerset, mass_kg, rules)
    clocks = compare_clocks(gather(markers, markerset, wrenches, contacts, mass_kg, standing))
    if settings.correct_clock and clocks.to_correct_s:
        clocks = replace(clocks, corrected_s=clocks.to_correct_s)
        wrenches = moved_earlier(wrenches, clocks.corrected_s)
        contacts = contacts_on(wrenches, sides, markers, markerset, mass_kg, rules)
    return wrenches, contacts, clocks


def _ground_speed_m_s(findings: Sequence[Finding], speeds: Speeds | None) -> float:
    """Return how fast the ground moves back: as stated where the feet agree, else as they show."""
    seen = next((one for one in findings if one.figure == GROUND), Finding(GROUND, 0.0))
    if speeds is not None and seen.level == "plausible":
        return speeds.belt_speed_m_s or 0.0
    return float(np.nan_to_num(seen.value))


def _require_valid(
    contacts: list[Contact], span_s: tuple[float, float], settings: RecordingSettings, what: str
) -> None:
    if any(contact.valid for contact in contacts):
        return
    reasons = Counter(contact.reason for contact in contacts).most_common(1)
    many = f"{len(contacts)} contact{'' if len(contacts) == 1 else 's'}"
    found = f"{many}, none valid ({reasons[0][0]})" if reasons else "no contact"
    action = f"Look at {what} and the recording section of the configuration"
    room_s = checks.room_s(contacts, span_s, settings.margin_s)
    if room_s is not None:
        action = (
            "Export more of the recording before and after the contact, or set steps.margin_s to "
            f"the {math.floor(100.0 * room_s) / 100.0:.2f} s that there are"
        )
    raise RecordingError(
        STEP,
        "contacts of a running foot",
        f"{found}, in a recording from {span_s[0]:.2f} to {span_s[1]:.2f} s",
        action,
    )


def _cut(ground: GroundForces, start_s: float, end_s: float) -> GroundForces:
    inside = (ground.time_s >= start_s) & (ground.time_s <= end_s)
    return GroundForces(ground.time_s[inside], ground.values[inside])


def read_recording(
    files: Sequence[Path],
    static: Markers,
    markerset: MarkerSet,
    mass_kg: float,
    settings: RecordingSettings,
    start_s: float | None = None,
    end_s: float | None = None,
    speeds: Speeds | None = None,
    look: Look = look_away,
) -> TrialRecording:
    """Read a running trial and prepare it for kinematics and dynamics.

    Args:
        files: one C3D, or TRC and MOT; a TRC alone (or a C3D without plates) has no forces.
        static: the static trial of the same runner (:func:`strikelean.lab.static.read_static`
            or its ``static.trc``).
        markerset: which markers the recording has.
        mass_kg: runner's mass.
        settings: the values of the configuration.
        start_s: contacts starting earlier are not used, on the recording's clock.
        end_s: contacts ending later are not used.
        speeds: what the trials table says of the running and the belt; None asks neither.
        look: is shown what was found before any of it refuses the trial.

    Raises:
        RecordingError: unreadable files, wrong axes, a plate never unloaded, forces that cannot
            be this runner's, or not one valid contact.
        ConfigError: the marker set names no heel, fifth metatarsal or toe.
    """
    recording = load_files(files, settings.axes, markerset.spellings())
    recording = settle_floor(recording, settings.floor_height_m)
    exchanged = exchanged_labels(static, recording.markers, markerset)
    markers, gaps = fill_gaps(exchange_labels(recording.markers, exchanged), settings.max_gap_s)
    findings = check_orientation(markers, static, markerset, settings.axes)
    look(Examined(markers, recording.wrenches, (), findings, recording.notes))
    require_plausible(findings, STEP)
    wrenches, sides, baselines = find_surfaces(recording, settings.contacts.threshold_n)
    standing = {side: standing_foot(static, markerset, side) for side in SIDES}
    clocks = Clocks()
    if wrenches:
        wrenches, contacts, clocks = _on_one_clock(
            (wrenches, sides), markers, markerset, mass_kg, settings, standing
        )
    else:
        contacts = find_marker_contacts(markers, markerset, settings.contacts)
        contacts = check_alternation(checks.refuse_overlaps(contacts))
    clock = wrenches[0].time_s if wrenches else markers.time_s
    span = (
        float(max(markers.time_s[0], clock[0])),
        float(min(markers.time_s[-1], clock[-1])),
    )
    contacts = checks.refuse_outside(contacts, span, settings.margin_s, start_s, end_s)
    contacts = checks.refuse_unseen(
        contacts, markers, markerset, settings.max_missing_segment_share
    )
    evidence = gather(markers, markerset, wrenches, contacts, mass_kg, standing)
    forces = (check_forces if wrenches else check_without_forces)(evidence, speeds)
    flat = check_flat_foot(contacts, markers, markerset, standing)
    # without forces nothing hangs on where the floor lies
    floor = [check_floor(contacts, markers, static, markerset)] if wrenches else []
    findings += [
        *check_static(static, markers, markerset),
        check_strays(markers, markerset),
        check_joints(static, markers, markerset),
        *check_repeats(recording.markers, recording.wrenches),
        *check_rates(wrenches, contacts, markers.rate_hz),
        check_window(start_s, end_s, span, 1.0 / markers.rate_hz),
        *check_baselines(baselines),
        *timed_by(forces, [*floor, flat]),
        *(clocks.findings() if wrenches else []),
        *forces,
    ]
    look(Examined(markers, wrenches, contacts, findings, recording.notes))
    require_plausible(findings, STEP)
    _require_valid(contacts, span, settings, "the vertical force" if wrenches else "the feet")
    chosen = set(select_contacts(contacts, settings.contacts_per_foot))
    found = Contacts(
        [
            struck(
                place + 1,
                contact,
                place in chosen,
                wrenches[contact.wrench] if wrenches else None,
                markers,
                markerset,
                standing,
                settings.cop_min_force_n,
            )
            for place, contact in enumerate(contacts)
        ]
    )
    found = with_seen_steps(found, markers, markerset, settings.contacts)
    found = found.corrected(clocks.corrected_s)
    first = min(contacts[place].start_s for place in chosen) - settings.margin_s
    last = max(contacts[place].end_s for place in chosen) + settings.margin_s
    inside = (markers.time_s >= first) & (markers.time_s <= last)
    seen = replace(markers, time_s=markers.time_s[inside], positions_m=markers.positions_m[inside])
    if wrenches:
        feet = split_feet(wrenches, contacts)
        speed = _ground_speed_m_s(findings, speeds)
        filtered = filter_feet(feet, contacts, settings.cutoff_hz, settings.filter_order, speed)
        grf, grf_unfiltered = (
            _cut(ground_forces(each, settings.cop_min_force_n), first, last)
            for each in (filtered, feet)
        )
        vertical = checks.total_vertical(wrenches)
        weight = checks.body_weight_ratio(contacts, clock, vertical, mass_kg)
    else:
        grf = grf_unfiltered = unmeasured_ground(markers.time_s[inside])
        weight = (math.nan, 0)
    return TrialRecording(
        markers=seen,
        grf=grf,
        grf_unfiltered=grf_unfiltered,
        contacts=found,
        summary=summarise(
            recording,
            markers,
            markerset,
            found,
            gaps,
            exchanged,
            baselines,
            standing,
            weight,
            findings,
        ),
    )
