"""Which markers of an unknown set name a bony landmark: by where they lie on their part standing.

Proposals for a person to confirm: a marker takes the place of a landmark when it is the outermost
of its part in the directions that define that landmark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strikelean.drafting.segments import Division

SIDES = ("right", "left")
# Marker of the generic model that stands at each landmark, without the side's letter.
PLACES = {
    "asis": "ASI",
    "psis": "PSI",
    "knee_lateral": "LFC",
    "knee_medial": "MFC",
    "ankle_lateral": "LMAL",
    "ankle_medial": "MMAL",
    "heel": "CAL",
    "toe": "TOE",
    "fifth_metatarsal": "MT5",
    "acromion": "ACR",
    "c7": "C7",
    "clavicle": "CLAV",
}
# In statures: how far posterior spines lie beside the midline, and how near to it a marker on it;
# the front of a foot is beyond this share of its length; markers of a joint lie so near the lowest
# of the part above it; shoulders lie beyond this.
_SPINES, _MIDLINE, _FRONT, _JOINT, _SHOULDER = (0.008, 0.065), 0.02, 0.55, 0.05, 0.055


@dataclass(frozen=True)
class Landmark:
    """A marker that is proposed for a landmark.

    Attributes:
        role: key of ``PLACES``, or ``sacrum``.
        side: ``right``, ``left``, or '' on the midline.
        marker: its number in the division.
    """

    role: str
    side: str
    marker: int

    @property
    def at(self) -> str | None:
        """Marker of the generic model at whose place it starts, None where that has none."""
        place = PLACES.get(self.role)
        letter = self.side[:1].upper()
        return None if place is None else f"{letter}{place}"


class _Proposals:
    """Landmarks found one after the other; a marker names one alone."""

    def __init__(self, division: Division) -> None:
        self.division = division
        self.found: list[Landmark] = []

    def free(self, part: str) -> list[int]:
        taken = {landmark.marker for landmark in self.found}
        return [marker for marker in self.division.of(part) if marker not in taken]

    def put(self, role: str, side: str, markers: Sequence[int], axis: int, sign: float) -> None:
        """Propose the outermost of some markers along an axis: 0 forward, 1 up, 2 right."""
        if markers:
            places = self.division.places_m
            best = max(markers, key=lambda marker: sign * float(places[marker, axis]))
            self.found.append(Landmark(role, side, best))

    def to_the_right(self, part: str) -> dict[int, float]:
        """Return how far a part's markers lie right of its own middle, in statures."""
        across = {m: float(self.division.places_m[m, 2]) for m in self.division.of(part)}
        if not across:
            return {}
        middle = 0.5 * (max(across.values()) + min(across.values()))
        return {m: (value - middle) / self.division.stature_m for m, value in across.items()}


def _out(side: str) -> float:
    return 1.0 if side == "right" else -1.0


def _pelvis(made: _Proposals) -> None:
    places, own = made.division.places_m, made.free("pelvis")
    if len(own) < 3:
        return
    ahead, right = places[own, 0], made.to_the_right("pelvis")
    middle = 0.5 * float(ahead.max() + ahead.min())
    front = [m for m in own if places[m, 0] > middle]
    back = [m for m in own if places[m, 0] <= middle]
    for side in SIDES:
        apart = [m for m in front if _out(side) * right[m] > _SPINES[0]]
        made.put("asis", side, apart, 0, 1.0)
    low, high = _SPINES
    spines = {side: [m for m in back if low < _out(side) * right[m] < high] for side in SIDES}
    if all(spines.values()):
        for side, markers in spines.items():
            made.put("psis", side, markers, 0, -1.0)
    else:
        made.put("sacrum", "", [m for m in back if abs(right[m]) < _MIDLINE], 0, -1.0)


def _joint(made: _Proposals, side: str, part: str, names: tuple[str, str]) -> None:
    """Propose the lateral and the medial marker of the joint at the lower end of a part.

    Of several on the outer side the one that is level with the inner one.
    """
    places, own = made.division.places_m, made.free(f"{side} {part}")
    foot = made.division.of(f"{side} foot")
    if not own or not foot:
        return
    reach = _JOINT * made.division.stature_m
    lowest = min(float(places[m, 1]) for m in own)
    near = [m for m in own if places[m, 1] < lowest + reach]
    out, axis = _out(side), float(places[foot, 2].mean())
    lateral = [m for m in near if out * (places[m, 2] - axis) > 0.0]
    medial = [m for m in near if m not in lateral]
    if lateral and medial:
        made.put(names[1], side, medial, 2, -out)
        inner = places[made.found[-1].marker]
        near_it = min(lateral, key=lambda m: float(abs(places[m, :2] - inner[:2]).sum()))
        made.found.append(Landmark(names[0], side, near_it))
    else:
        made.put(
            names[0], side, [m for m in lateral if places[m, 1] < lowest + 0.5 * reach], 2, out
        )


def _foot(made: _Proposals, side: str) -> None:
    places, own = made.division.places_m, made.free(f"{side} foot")
    if len(own) < 2:
        return
    rear, front = (float(f(places[m, 0] for m in own)) for f in (min, max))
    ahead = [m for m in own if places[m, 0] > rear + _FRONT * (front - rear)]
    # of markers on the heel the one that is both far back and low shows how the foot lands
    behind = [m for m in own if m not in ahead]
    heel = min(behind, key=lambda m: float(places[m, 0] + places[m, 1]))
    made.found.append(Landmark("heel", side, heel))
    out = _out(side)
    if len(ahead) > 1:
        made.put("fifth_metatarsal", side, ahead, 2, out)
    made.put("toe", side, [m for m in ahead if m in made.free(f"{side} foot")], 2, -out)


def _trunk(made: _Proposals) -> None:
    places, right = made.division.places_m, made.to_the_right("trunk")
    for side in SIDES:
        apart = [m for m in right if _out(side) * right[m] > _SHOULDER]
        made.put("acromion", side, apart, 1, 1.0)
    middle = [m for m in made.free("trunk") if abs(right[m]) < _MIDLINE]
    shoulders = [one.marker for one in made.found if one.role == "acromion"]
    if len(middle) < 2 and not shoulders:
        return
    ahead = [float(places[m, 0]) for m in (shoulders if len(middle) < 2 else middle)]
    between = 0.5 * (max(ahead) + min(ahead)) if middle else 0.0
    made.put("c7", "", [m for m in middle if places[m, 0] < between], 1, 1.0)
    made.put("clavicle", "", [m for m in middle if places[m, 0] >= between], 1, 1.0)


def propose(division: Division) -> tuple[Landmark, ...]:
    """Return the markers that are proposed for landmarks; those that are not found are absent."""
    made = _Proposals(division)
    _pelvis(made)
    for side in SIDES:
        _joint(made, side, "thigh", ("knee_lateral", "knee_medial"))
        _joint(made, side, "shank", ("ankle_lateral", "ankle_medial"))
        _foot(made, side)
    _trunk(made)
    return tuple(made.found)
