"""The floor the runner runs on becomes height 0, wherever the laboratory's zero lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.series import Markers, Recording, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.findings import Finding
from strikelean.markersets import SIDES, MarkerSet

STEP = "settle_floor"
FROM_CORNERS = "from_corners"
# Plates of one floor are let in level; a runner does not step over 20 mm without a word of it.
_SHARED_M = 0.02
# A height worth a word: the corners' own survey is that good.
_WORTH_M = 0.001
# How high the forefoot's markers are in stance over their height in standing: -19 to -7 mm in 26
# trials of the public dataset and the full-body runner (shoe and belt give way), +1 to +10 mm in
# the virtual ones.
_PLANTED_M = (-0.035, 0.025)
_PLANTED_PART = (0.2, 0.6)
_FOREFOOT = ("fifth_metatarsal", "toe")


def stated_height_m(setting: str | float) -> float | None:
    """Return the height that ``recording.floor_height`` states, None where corners decide."""
    return None if setting == FROM_CORNERS else float(setting)


def lower_markers(markers: Markers, height_m: float) -> Markers:
    """Return markers with a floor at this height moved to height 0."""
    if height_m == 0.0:
        return markers
    return replace(markers, positions_m=markers.positions_m - np.array([0.0, height_m, 0.0]))


def lower_wrench(wrench: Wrench, height_m: float) -> Wrench:
    """Return a wrench about the point of the floor under the laboratory origin, for that height."""
    if height_m == 0.0:
        return replace(wrench, surface_m=0.0)
    about = wrench.moment_nm - np.cross(np.array([0.0, height_m, 0.0]), wrench.force_n)
    return replace(wrench, moment_nm=about, surface_m=0.0)


def settle_floor(recording: Recording, stated_m: float | None) -> Recording:
    """Move markers and forces so that the floor is at height 0.

    The floor is as high as the surfaces that the forces act on; each force is moved by the height
    of its own. A stated height goes before what the files say: the surfaces are put there.

    Args:
        recording: with heights over the laboratory's zero.
        stated_m: height of the floor in the configuration, None to take the surfaces'.

    Raises:
        RecordingError: surfaces that share no height.
    """
    known = {w.label: w.surface_m for w in recording.wrenches if w.surface_m is not None}
    heights = list(known.values()) or [0.0]
    if stated_m is None and max(heights) - min(heights) > _SHARED_M:
        shown = ", ".join(f"{label} {height:+.3f} m" for label, height in known.items())
        raise RecordingError(
            STEP,
            f"the used plates of {recording.source[-1]} at one height (within 20 mm)",
            shown,
            "Correct the plates' corners, or set recording.floor_height",
        )
    floor_m = float(np.mean(heights)) if stated_m is None else stated_m
    wrenches = tuple(
        lower_wrench(wrench, floor_m if wrench.surface_m is None else wrench.surface_m)
        for wrench in recording.wrenches
    )
    notes = recording.notes
    if abs(floor_m) > _WORTH_M:
        source = "of the plates" if stated_m is None else "recording.floor_height"
        notes = (*notes, f"floor at {floor_m:+.3f} m ({source}) moved to height 0")
    return replace(
        recording,
        markers=lower_markers(recording.markers, floor_m),
        wrenches=wrenches,
        notes=notes,
    )


def check_floor(
    contacts: Sequence[Contact], markers: Markers, static: Markers, markerset: MarkerSet
) -> Finding:
    """Compare how high planted feet are with how high they stand in the static trial.

    Both lie on their floor, so a difference is that of the two floors' heights: of the running
    trial's, on which the centre of pressure lies, or of the static trial's.

    Args:
        contacts: with their sides.
        markers: running, floor at height 0.
        static: standing, floor at height 0.
        markerset: names the landmarks.
    """
    differences = []
    for side in SIDES:
        own = [contact for contact in contacts if contact.side == side and contact.valid]
        for name in (markerset.landmarks[side].get(role, "") for role in _FOREFOOT):
            if name not in markers or name not in static:
                continue
            standing = float(np.nanmedian(static.position(name)[:, 1]))
            heights = markers.position(name)[:, 1]
            for contact in own:
                first, last = (contact.start_s + p * contact.duration_s for p in _PLANTED_PART)
                inside = heights[(markers.time_s >= first) & (markers.time_s <= last)]
                if np.isfinite(inside).any():
                    differences.append(float(np.nanmin(inside)) - standing)
    figure = "planted_foot_over_standing_m"
    value = float(np.median(differences)) if differences else float("nan")
    low, high = _PLANTED_M
    if not differences or low <= value <= high:
        return Finding(figure, value)
    return Finding(
        figure,
        value,
        "doubtful",
        f"feet in stance {1e3 * low:+.0f} to {1e3 * high:+.0f} mm over their height in standing",
        f"{1e3 * value:+.0f} mm",
        "Set recording.floor_height: the floor of this trial or of the static one lies elsewhere",
    )
