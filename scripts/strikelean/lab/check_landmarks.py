"""Whether the landmarks and segments that results hang on were seen, and are one foot's each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from strikelean.formats.series import Markers
from strikelean.lab.facing import UP, seen_names, usual_place
from strikelean.lab.findings import Finding
from strikelean.lab.steps import NEEDED_MARKERS, is_needed
from strikelean.markersets import SIDES, MarkerSet

# Measured over the trials named in :mod:`strikelean.lab.check_markers`. Heel to toe landmark:
# 0.20-0.25 m; the fifth metatarsal 0.09-0.11 m lateral of that line.
FOOT_M = (0.1, 0.4)
LATERAL_M = 0.01

ROLES = {"heel": "heel", "fifth_metatarsal": "fifth metatarsal", "toe": "toe"}


def set_file(markerset: MarkerSet) -> str:
    """Return the marker set's file, as a user knows it."""
    return f"models/markersets/{markerset.name}.yaml"


def check_seen(
    trial: str, markers: Markers, markerset: MarkerSet, roles: tuple[str, ...]
) -> Finding:
    """Look for landmarks that were never seen."""
    asked = {
        markerset.landmark(side, role): f"{ROLES[role]} of the {side} foot"
        for side in SIDES
        for role in reversed(roles)
    }
    absent = [f"{name} ({what})" for name, what in asked.items() if not seen_names(markers, [name])]
    figure = f"landmarks_unseen_{trial}"
    if not absent:
        return Finding(figure, 0.0)
    return Finding(
        figure,
        float(len(absent)),
        "wrong",
        f"the landmarks of both feet in the {trial} trial: which foot a contact belongs to, its "
        "strike angle and its strike index are worked out from them",
        f"no frame with {', '.join(absent)}",
        f"Label them, or name other markers of that foot under landmarks in {set_file(markerset)}",
    )


def check_segments_seen(running: Markers, markerset: MarkerSet) -> Finding:
    """Look for segments of the legs that too few markers show in any frame."""
    few = []
    for body, names in markerset.bodies().items():
        seen = seen_names(running, names)
        if is_needed(body) and len(seen) < min(NEEDED_MARKERS, len(names)):
            few.append(f"{body} ({', '.join(seen) or 'none'} of {', '.join(names)})")
    if not few:
        return Finding("segments_unseen", 0.0)
    return Finding(
        "segments_unseen",
        float(len(few)),
        "wrong",
        f"{NEEDED_MARKERS} markers, or all, of every segment of legs and pelvis while running",
        f"too few seen on {'; '.join(few)}",
        "Label them, or name the marker set that matches the recording in subjects.tsv",
    )


def check_shared_bodies(markerset: MarkerSet) -> Finding:
    """Look for landmarks of one side that sit on the other side's foot."""
    body_of = {marker.name: marker.body for marker in markerset.markers}
    right, left = (
        {body_of[name] for name in markerset.landmarks[side].values() if name in body_of}
        for side in SIDES
    )
    shared = sorted(right & left)
    if not shared:
        return Finding("landmarks_on_one_body", 0.0)
    return Finding(
        "landmarks_on_one_body",
        float(len(shared)),
        "wrong",
        "landmarks of the right foot and of the left one on different bodies",
        f"both on {', '.join(shared)}",
        f"Correct the landmarks in {set_file(markerset)}: one of them is the other foot's",
    )


def check_foot_shape(static: Markers, markerset: MarkerSet) -> list[Finding]:
    """Look for landmarks that cannot be one foot's."""
    lengths, lateral = {}, {}
    for side, outward in zip(SIDES, (1.0, -1.0), strict=True):
        heel, ball, toe = (usual_place(static, [markerset.landmark(side, role)]) for role in ROLES)
        line = (toe - heel) * (1.0 - UP)
        lengths[side] = float(np.linalg.norm(line))
        right = np.cross(line, UP) / max(lengths[side], 1e-9)
        lateral[side] = outward * float(np.dot(ball - heel, right))
    found = [_foot_length(lengths, markerset)]
    if not all(markerset.has_fifth_metatarsal(side) for side in SIDES):
        return found
    medial = [side for side in SIDES if lateral[side] < LATERAL_M]
    worst = min(lateral.values())
    if not medial:
        return [*found, Finding("fifth_metatarsal_lateral_m", worst)]
    names = ", ".join(markerset.landmark(side, "fifth_metatarsal") for side in medial)
    return [
        *found,
        Finding(
            "fifth_metatarsal_lateral_m",
            worst,
            "wrong",
            "the fifth metatarsal lateral of the line from heel to toe landmark, standing",
            f"{1000 * worst:.0f} mm ({names})",
            "Exchange it with the marker it changed places with (first metatarsal, other foot), "
            f"in the labels or in {set_file(markerset)}",
        ),
    ]


def _foot_length(lengths_m: Mapping[str, float], markerset: MarkerSet) -> Finding:
    short, long = min(lengths_m.values()), max(lengths_m.values())
    odd = short if short < FOOT_M[0] else long
    if FOOT_M[0] <= odd <= FOOT_M[1]:
        return Finding("foot_length_m", odd)
    return Finding(
        "foot_length_m",
        odd,
        "wrong",
        f"{FOOT_M[0]:g} to {FOOT_M[1]:g} m from a heel to its toe landmark, standing",
        f"{odd:.3f} m",
        f"Name heel and toe of one and the same foot under landmarks in {set_file(markerset)}",
    )
