"""What is said of a recording: recording.json and contacts.csv."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from strikelean.exclusions import write_note
from strikelean.formats.contacts import Contacts, write_contacts
from strikelean.formats.files import Note, write_text
from strikelean.formats.ground import write_ground
from strikelean.formats.series import Markers, Recording
from strikelean.formats.trc import write_trc
from strikelean.lab.baseline import Baseline
from strikelean.lab.findings import Finding, doubts, figures
from strikelean.lab.gaps import GapCount
from strikelean.lab.seen_steps import count_seen
from strikelean.lab.steps import is_needed, missing_shares
from strikelean.lab.strike import StandingFoot
from strikelean.lab.strike_classes import strike_class
from strikelean.layout import TrialFiles
from strikelean.markersets import SIDES, MarkerSet

if TYPE_CHECKING:
    from strikelean.lab.recording import TrialRecording

NO_FORCES = Note("no forces were recorded: angles alone, no loads and no other technique")
"""In place of what only forces can give."""

# Vertical force of an unloaded plate worth a line; the public dataset's plates read up to 6 N.
_OFFSET_N = 10.0


def _number(value: float, digits: int = 4) -> float | None:
    """Return a number JSON can hold: None in place of not-a-number."""
    return round(float(value), digits) if math.isfinite(value) else None


def _median(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _side_summary(contacts: Contacts, side: str, standing: StandingFoot) -> dict[str, Any]:
    own = [contact for contact in contacts if contact.side == side]
    valid = [contact for contact in own if contact.valid]
    angle = _median([contact.foot_strike_angle_deg for contact in valid])
    return {
        "found": len(own),
        "valid": len(valid),
        "selected": sum(contact.selected for contact in own),
        "contact_time_s": _number(_median([contact.duration_s for contact in valid])),
        "foot_strike_angle_deg": _number(angle),
        "strike_class": strike_class(angle),
        "strike_index_percent": _number(
            _median([contact.strike_index_percent for contact in valid])
        ),
        "standing_angle_deg": _number(standing.angle_deg),
        "foot_length_m": _number(standing.length_m),
    }


def _warnings(
    contacts: Contacts,
    gaps: Mapping[str, GapCount],
    exchanged: Sequence[tuple[str, str]],
    tracked: Collection[str],
    baselines: Sequence[tuple[str, Baseline]],
) -> list[str]:
    """Return one line for each thing a person should look at."""
    lines = [f"labels {a} and {b} were exchanged against the static trial" for a, b in exchanged]
    jumping = sorted(name for name, gap in gaps.items() if gap.jumps and name in tracked)
    if jumping:
        lines.append(f"single-frame jumps in {', '.join(jumping)}")
    absent = sorted(name for name in tracked if name not in gaps)
    if absent:
        lines.append(f"not recorded: {', '.join(absent)}")
    ambiguous = sum(contact.side is None for contact in contacts)
    if ambiguous:
        lines.append(f"{ambiguous} contacts without a foot")
    seen = count_seen(contacts)
    if seen:
        many = "1 step" if seen == 1 else f"{seen} steps"
        lines.append(f"{many} timed by the feet's markers: no plate felt the contact before")
    lines += [
        f"{label} reads {baseline.force_n[1]:+.0f} N where its pressure is written as unloaded: "
        "that was taken off where the pressure is"
        for label, baseline in baselines
        if baseline.stated_pressure and abs(baseline.force_n[1]) > _OFFSET_N
    ]
    return lines


def summarise(
    recording: Recording,
    markers: Markers,
    markerset: MarkerSet,
    contacts: Contacts,
    gaps: Mapping[str, GapCount],
    exchanged: Sequence[tuple[str, str]],
    baselines: Sequence[tuple[str, Baseline]],
    standing: Mapping[str, StandingFoot],
    weight: tuple[float, int],
    findings: Sequence[Finding],
) -> dict[str, Any]:
    """Return the content of ``recording.json``; medians are over all valid contacts of a side."""
    tracked = {name for names in markerset.bodies().values() for name in names}
    missing = {
        str(contact.step): {
            body: _number(share)
            for body, share in missing_shares(contact, markers, markerset).items()
        }
        for contact in contacts
        if contact.selected
    }
    return {
        "source": list(recording.source),
        "marker_rate_hz": markers.rate_hz,
        "force_rate_hz": recording.wrenches[0].rate_hz if recording.wrenches else None,
        "forces_recorded": bool(recording.wrenches),
        "markers": list(markers.names),
        "markers_not_recorded": sorted(tracked - set(markers.names)),
        "labels_exchanged": [list(pair) for pair in exchanged],
        "gaps": {
            name: {
                "filled": gap.filled,
                "left": gap.left,
                "longest_s": _number(gap.longest_s),
                "jumps": gap.jumps,
            }
            for name, gap in gaps.items()
            if gap.filled or gap.left or gap.jumps
        },
        "missing_segment_share": {
            number: {body: share for body, share in shares.items() if is_needed(body)}
            for number, shares in missing.items()
        },
        "missing_upper_body_share": {
            number: {body: share for body, share in shares.items() if not is_needed(body)}
            for number, shares in missing.items()
        },
        "body_weight_ratio": _number(weight[0]),
        "body_weight_strides": weight[1],
        "plate_weight_error": _number(weight[0] - 1.0),
        "baselines": [
            {
                "label": label,
                "force_n": [_number(value) for value in baseline.force_n],
                "moment_nm": [_number(value) for value in baseline.moment_nm],
                "point_m": [_number(value) for value in baseline.point_m],
                "noise_n": _number(baseline.noise_n),
            }
            for label, baseline in baselines
        ],
        "steps": {side: _side_summary(contacts, side, standing[side]) for side in SIDES},
        "steps_without_side": sum(contact.side is None for contact in contacts),
        "plausibility": figures(findings),
        "warnings": [
            *recording.notes,
            *_warnings(contacts, gaps, exchanged, tracked, baselines),
            *doubts(findings),
        ],
    }


def write_recording(recording: TrialRecording, files: TrialFiles) -> None:
    """Write the five files of a recorded trial, each whole or not at all."""
    files.folder.mkdir(parents=True, exist_ok=True)
    write_trc(files.markers, recording.markers)
    if recording.grf.measured:
        write_ground(files.grf, recording.grf)
        write_ground(files.grf_unfiltered, recording.grf_unfiltered)
    else:
        write_note((files.grf, files.grf_unfiltered), NO_FORCES)
    write_contacts(recording.contacts, files.contacts)
    write_text(files.recording, json.dumps(recording.summary, indent=2, allow_nan=False) + "\n")
