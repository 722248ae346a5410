"""A drafted marker set as its file: proposals that no study takes until a person confirms them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from strikelean.drafting.landmarks import SIDES, Landmark
from strikelean.drafting.segments import LEG, Division

_BODIES = {"pelvis": "pelvis", "trunk": "torso"}
_LEG_BODIES = {"thigh": "femur", "shank": "tibia", "foot": "calcn"}
_ARMS = ("humerus", "ulna", "radius", "hand")
# Bony landmarks set the standing pose, those of a shoe half as much, as in the delivered sets.
_SHOE = ("heel", "toe", "fifth_metatarsal")
_STANDING = {**dict.fromkeys(_SHOE, 5), "hip": 5}
_USUAL_WEIGHT = 10


def body_of(part: str) -> str | None:
    """Return the body of the generic model that a part is, None for arms and head."""
    side, _, plain = part.rpartition(" ")
    if plain in LEG:
        return f"{_LEG_BODIES[plain]}_{side[0]}"
    return _BODIES.get(plain)


class _Draft:
    """The names of a division's markers by landmark."""

    def __init__(self, division: Division, landmarks: Sequence[Landmark]) -> None:
        self.division = division
        self.by_role = {(one.role, one.side): division.names[one.marker] for one in landmarks}
        self.landmark_of = {division.names[one.marker]: one for one in landmarks}

    def name(self, role: str, side: str = "") -> str | None:
        return self.by_role.get((role, side))

    def both(self, role: str) -> list[str]:
        """Return a landmark of the right and the left side, nothing where one is absent."""
        found = [self.by_role.get((role, side)) for side in SIDES]
        return [name for name in found if name is not None] if all(found) else []

    def back(self) -> list[str]:
        sacrum = self.name("sacrum")
        return self.both("psis") or ([sacrum] if sacrum else [])

    def has_hips(self) -> bool:
        return bool(self.both("asis") and self.back())

    def centre(self, joint: str, side: str) -> bool:
        """Whether the middle of a joint can be worked out."""
        return all(self.name(f"{joint}_{face}", side) for face in ("lateral", "medial"))


def _flow(values: object) -> str:
    """Return a value as YAML and JSON alike write it."""
    return json.dumps(values, ensure_ascii=False)


def _centre(joint: str, side: str) -> str:
    """Return the name of a joint's centre; recordings may have one of their own."""
    return f"{side}_{joint}_centre"


def _place(joint: str, side: str) -> str:
    return f"{side[0].upper()}{joint[0].upper()}JC"


def _landmarks(draft: _Draft) -> Iterator[str]:
    yield "landmarks:"
    for side in SIDES:
        roles = {role: draft.name(role, side) for role in _SHOE}
        known = {role: name for role, name in roles.items() if name}
        absent = [role for role in ("heel", "toe") if role not in known]
        note = f"   # not found: {', '.join(absent)}" if absent else ""
        yield f"  {side}: {_flow(known)}{note}"
    trunk = {
        "c7": draft.name("c7"),
        "clavicle": draft.name("clavicle"),
        **{f"{role}_{side}": draft.name(role, side) for role in ("asis", "psis") for side in SIDES},
        "sacrum": draft.name("sacrum"),
    }
    yield f"trunk: {_flow({role: name for role, name in trunk.items() if name})}"


def _computed(draft: _Draft) -> Iterator[str]:
    points: list[dict[str, object]] = []
    if draft.has_hips():
        markers = [*draft.both("asis"), *draft.back()]
        points += [
            {
                "name": _centre("hip", side),
                "method": "hip_centre_harrington2007",
                "side": side,
                "markers": markers,
            }
            for side in SIDES
        ]
    for joint in ("knee", "ankle"):
        points += [
            {
                "name": _centre(joint, side),
                "method": "midpoint",
                "markers": [draft.name(f"{joint}_{face}", side) for face in ("lateral", "medial")],
            }
            for side in SIDES
            if all(draft.centre(joint, other) for other in SIDES)
        ]
    if points:
        yield "computed:"
        yield from (f"  - {_flow(point)}" for point in points)


def _joint(draft: _Draft, joint: str, side: str) -> str | None:
    """Return the point that stands for a joint in the scaling: its middle, else its marker."""
    if all(draft.centre(joint, other) for other in SIDES):
        return _centre(joint, side)
    return draft.name(f"{joint}_lateral", side)


def _pairs(ends: Iterable[tuple[str | None, str | None]]) -> list[list[str]]:
    return [[one, other] for one, other in ends if one and other]


def _rules(draft: _Draft) -> Iterator[tuple[list[str], str, list[list[str]]]]:
    """Yield bodies, axes and pairs; no pairs: by stature."""
    asis, back = draft.both("asis"), draft.back()
    if draft.has_hips():
        depth = _pairs(zip(asis, back * (3 - len(back)), strict=True))
        yield ["pelvis"], "X", depth
        yield ["pelvis"], "Y", [asis, *depth]
        yield ["pelvis"], "Z", [[_centre("hip", side) for side in SIDES]]
    else:
        yield ["pelvis"], "XYZ", []
    hips = {side: _centre("hip", side) for side in SIDES if draft.has_hips()}
    thighs = _pairs((hips.get(s), _joint(draft, "knee", s)) for s in SIDES)
    yield [f"{body}_{side[0]}" for side in SIDES for body in ("femur", "patella")], "XYZ", thighs
    shanks = _pairs((_joint(draft, "knee", s), _joint(draft, "ankle", s)) for s in SIDES)
    yield [f"tibia_{side[0]}" for side in SIDES], "XYZ", shanks
    feet = _pairs(
        (draft.name("heel", side), draft.name(role, side))
        for side in SIDES
        for role in ("toe", "fifth_metatarsal")
    )
    yield (
        [f"{body}_{side[0]}" for side in SIDES for body in ("talus", "calcn", "toes")],
        "XYZ",
        feet,
    )
    shoulders: Sequence[str | None] = draft.both("acromion") or [None, None]
    trunk = _pairs([(draft.name("c7"), draft.name("clavicle")), (shoulders[0], shoulders[1])])
    yield ["torso"], "XYZ", trunk
    yield [f"{body}_{side[0]}" for side in SIDES for body in _ARMS], "XYZ", []


def _scaling(draft: _Draft) -> Iterator[str]:
    yield "# Both sides share their factors; a part without a pair of landmarks goes by stature."
    yield "scaling:"
    for bodies, axes, pairs in _rules(draft):
        rule: dict[str, object] = {"bodies": bodies, "axes": axes}
        rule |= {"pairs": pairs} if pairs else {"source": "height"}
        yield f"  - {_flow(rule)}"


def _location(draft: _Draft, landmark: Landmark) -> list[float] | None:
    """Return where a landmark lies that no marker of the generic model stands at, metres.

    As in the delivered Plug-in Gait: on the sacrum between the posterior spines; a foot's only
    front marker over the head of the second metatarsal.
    """
    if landmark.role == "sacrum":
        return [-0.155, 0.035, 0.0]
    if landmark.role == "toe" and draft.name("fifth_metatarsal", landmark.side) is None:
        return [0.185, 0.035, -0.012 if landmark.side == "right" else 0.012]
    return None


def _entry(draft: _Draft, number: int) -> dict[str, object]:
    name = draft.division.names[number]
    entry: dict[str, object] = {"name": name, "body": body_of(draft.division.parts[number])}
    landmark = draft.landmark_of.get(name)
    weight = 0
    if landmark is not None:
        place = _location(draft, landmark)
        entry |= {"at": landmark.at} if place is None else {"location_m": place}
        weight = _STANDING.get(landmark.role, _USUAL_WEIGHT)
    spread = draft.division.spread_m[number]
    others = np.delete(spread, number)
    runs = bool(np.isfinite(others).any())
    return entry | {"static_weight": weight, "running_weight": int(runs)}


def _markers(draft: _Draft) -> Iterator[str]:
    yield "markers:"
    parts = draft.division.parts
    for part in dict.fromkeys(sorted(parts)):
        numbers = [number for number, own in enumerate(parts) if own == part]
        if body_of(part) is None:
            names = ", ".join(draft.division.names[number] for number in numbers)
            bodies = "humerus, ulna, radius, hand" if part.endswith("arm") else "torso"
            yield f"  # {part}, not used; bodies to give them: {bodies}: {names}"
            continue
        yield f"  # {part}"
        yield from (f"  - {_flow(_entry(draft, number))}" for number in numbers)
    yield "  # worked out on the standing trial"
    yield from (f"  - {_flow(entry)}" for entry in _centres(draft))


def _centres(draft: _Draft) -> Iterator[dict[str, object]]:
    made = {
        "hip": draft.has_hips(),
        **{j: all(draft.centre(j, side) for side in SIDES) for j in ("knee", "ankle")},
    }
    bodies = {"hip": "femur", "knee": "tibia", "ankle": "talus"}
    for joint in (joint for joint, true in made.items() if true):
        for side in SIDES:
            yield {
                "name": _centre(joint, side),
                "body": f"{bodies[joint]}_{side[0]}",
                "at": _place(joint, side),
                "static_weight": _STANDING.get(joint, _USUAL_WEIGHT),
                "running_weight": 0,
            }


def marker_set_text(
    name: str, division: Division, landmarks: Sequence[Landmark], told: Mapping[str, str]
) -> str:
    """Return a drafted marker set as the text of its file.

    Args:
        name: of the set.
        division: which marker sits on which part.
        landmarks: as proposed.
        told: ``picture`` (file to look at) and ``recording`` (standing trial it was drafted from).
    """
    draft = _Draft(division, landmarks)
    absent = [] if draft.has_hips() else ["hip centres (two anterior spines and the back of them)"]
    absent += [
        f"the outer marker of the {joint}"
        for joint in ("knee", "ankle")
        if not draft.both(f"{joint}_lateral")
    ]
    lines = [
        "# DRAFT: every body and landmark here is a program's proposal, from where the markers of",
        f"# {told['recording']} stand and which of them keep their distances while running.",
        f"# Look at {told['picture']}, correct what is wrong here, then write: confirmed: true",
        "# at: the marker of the generic model where a landmark's marker starts; others sit",
        "# where the standing trial shows them. docs/markersets.md explains the keys.",
        *(f"# NOT FOUND: {what}" for what in absent),
        f"name: {name}",
        "confirmed: false",
        f"source: drafted from {_flow(told['recording'])[1:-1]}",
        "model_height_m: 1.70   # stature of the generic model",
        "",
        "neutral: [subtalar_angle_r, subtalar_angle_l]",
        "static_ranges_deg: {knee_angle_r: [-15, 120], knee_angle_l: [-15, 120]}",
        "",
        *_landmarks(draft),
        "",
        *_computed(draft),
        "",
        *_scaling(draft),
        "",
        *_markers(draft),
    ]
    return "\n".join(lines) + "\n"
