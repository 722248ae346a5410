"""Which part of the body markers of an unknown set sit on: by height, side, and what stays rigid.

Standing, every part has its share of the stature; running, distances within a part stay and those
across a joint change. Heights give a first division for every stature that people have, the
stature under which the parts are most rigid is taken, and markers near a joint then go to the
part whose markers keep their distance to them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from strikelean.drafting.pairs import distances
from strikelean.formats.series import FloatArray, Markers

# Heights over the floor as shares of the stature (Drillis & Contini 1966, as printed by Winter,
# doi 10.1002/9780470549148, chapter 4: ankle 0.039, knee 0.285, hip 0.530, shoulder 0.818, chin
# 0.870), laid between the markers that people put on: those of a joint are the upper part's (knee)
# or the shank's (malleoli), anterior spines lie over the hip, iliac crests under the trunk.
_TOPS = (("foot", 0.043), ("shank", 0.262), ("thigh", 0.535), ("pelvis", 0.635), ("trunk", 0.885))
HEAD = "head"
LEG = ("foot", "shank", "thigh")
# The lowest markers of a foot are so high over the floor.
_LOWEST = 0.015
# Beside the hips and farther out than they are wide there are arms alone (hip breadth 0.191,
# shoulders 0.259 of the stature, same source).
_ARM_ACROSS, _ARM_LOWEST = 0.125, 0.40
# Where the highest markers of a set are: on the head, on neck and shoulders, on the pelvis. Of the
# statures that these would mean the usual one is taken (adults, Fryar 2018, National Health
# Statistics Reports 122: means 1.62 and 1.76 m).
_HIGHEST, _USUAL_M = (0.96, 0.845, 0.585), 1.70
_FEET_M = 0.15
_STATURES_M = (1.35, 2.20)
# Where the gap between the markers of shank and knee is looked for.
_KNEE = (0.222, 0.300)
# Markers on both sides of a knee: apart by its breadth, and by less than this ahead and up.
_BREADTH, _LEVEL = (0.045, 0.095), (0.025, 0.015)
# A marker within this share of the stature of a joint may be either part's.
_NEAR = 0.07
# Malleoli: between heel and toes, and as high over the lowest marker of the foot.
_ANKLE_ALONG, _ANKLE_UP, _LOW = (0.12, 0.50), 0.018, 0.085
# Change of a distance beyond which it says no more than that there is a joint between.
_LOOSE_M = 0.05
# A marker changes its part for another one by at least this.
_BETTER_M, _BETTER_BELOW_M = 0.002, 0.008
# A part may bend (an arm does): as many of its markers as fix a point in space decide.
_RIGID = 3
_NEIGHBOURS = {
    "foot": ("shank",),
    "shank": ("foot", "thigh"),
    "thigh": ("shank", "pelvis"),
    "pelvis": ("thigh", "trunk"),
    "trunk": ("pelvis", "arm", HEAD),
    "arm": ("trunk",),
    HEAD: ("trunk",),
}
_CENTRAL = ("pelvis", "trunk", HEAD)


@dataclass(frozen=True)
class Division:
    """Markers by the part of the body they sit on.

    Attributes:
        names: M markers.
        places_m: (M, 3) standing: forward, up over the floor, to the right of the midline.
        parts: of each marker: ``pelvis``, ``trunk``, ``head``, or with the side before it
            ``right foot``, ``left thigh``, ``right arm``.
        stature_m: as known, else as the highest markers speak for.
        spread_m: (M, M) standard deviation of distances while running; NaN where not seen.
    """

    names: tuple[str, ...]
    places_m: FloatArray
    parts: tuple[str, ...]
    stature_m: float
    spread_m: FloatArray

    def of(self, part: str) -> list[int]:
        """Return the numbers of a part's markers."""
        return [number for number, own in enumerate(self.parts) if own == part]


def _midline(places: FloatArray) -> float:
    """Return where the middle between the feet is across, metres."""
    low = places[:, 1] < float(np.min(places[:, 1])) + _FEET_M
    return 0.5 * float(np.max(places[low, 2]) + np.min(places[low, 2]))


def _standing_places(standing: Markers) -> FloatArray:
    """Return places (M, 3) over the lowest marker, from the middle between the feet."""
    places = np.median(standing.positions_m, axis=0)
    origin = [np.median(places[:, 0]), np.min(places[:, 1]), _midline(places)]
    return np.asarray(places - origin)


def running_spread_m(names: Sequence[str], running: Sequence[Markers]) -> FloatArray:
    """Return how much distances (M, M) change while running, metres; NaN where never seen."""
    found = np.full((len(running), len(names), len(names)), np.nan)
    for number, markers in enumerate(running):
        seen = [place for place, name in enumerate(names) if name in markers]
        if len(seen) < 2:
            continue
        apart = distances(markers, [names[place] for place in seen])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=RuntimeWarning)  # never seen together
            found[number][np.ix_(seen, seen)] = np.nanstd(apart, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)
        return np.asarray(np.nanmedian(found, axis=0))


def _guessed_stature(places: FloatArray, spread: FloatArray, stature_m: float | None) -> float:
    """Return the stature that the highest markers speak for.

    Of the ways to read them the one that leaves parts rigid, or is near the stature as known.
    """
    top = float(np.max(places[:, 1]))
    found = [top / share for share in _HIGHEST]
    found = [value for value in found if _STATURES_M[0] <= value <= _STATURES_M[1]]
    if stature_m is not None and found:
        return min(found, key=lambda value: abs(value - stature_m))
    loose = {value: _looseness(_by_height(places, value), spread) for value in found}
    least = min(loose.values(), default=0.0)
    alike = [value for value in found if loose[value] < least + _BETTER_M]
    return min(alike, key=lambda value: abs(value - _USUAL_M), default=_USUAL_M)


def _level_pairs(places: FloatArray) -> list[float]:
    """Return the heights of pairs of markers across a knee, in statures.

    One on either side of it: level with each other, none ahead of the other, and apart by a knee's
    breadth; the tuberosity and the head of the fibula are not.

    Args:
        places: (K, 3) of the markers of one leg, in statures.
    """
    inside = places[(places[:, 1] > _KNEE[0]) & (places[:, 1] < _KNEE[1])]
    apart = np.abs(inside[:, np.newaxis] - inside[np.newaxis])
    breadth = (apart[..., 2] > _BREADTH[0]) & (apart[..., 2] < _BREADTH[1])
    level = (apart[..., 0] < _LEVEL[0]) & (apart[..., 1] < _LEVEL[1]) & breadth
    pairs = np.argwhere(np.triu(level))
    return [float(min(inside[one, 1], inside[other, 1])) for one, other in pairs]


def _knee(places: FloatArray) -> float:
    """Return the height between shank and thigh, in statures: under the markers of the knee.

    Where no pair of them is seen, the middle of the widest gap about the knee.

    Args:
        places: (K, 3) of the markers below the hips, in statures.
    """
    pairs = [
        height for sign in (1.0, -1.0) for height in _level_pairs(places[sign * places[:, 2] > 0.0])
    ]
    if pairs:
        return max(pairs) - 0.5 * _LEVEL[1]
    edges = np.clip(np.sort(places[:, 1]), *_KNEE)
    gaps = np.diff([_KNEE[0], *edges, _KNEE[1]])
    widest = int(np.argmax(gaps))
    low = [_KNEE[0], *edges][widest]
    return float(low + 0.5 * gaps[widest]) if gaps[widest] > 0.0 else dict(_TOPS)["shank"]


def _by_height(places: FloatArray, stature: float) -> list[str]:
    shares = places / stature + [0.0, _LOWEST, 0.0]
    heights, tops = shares[:, 1], dict(_TOPS)
    tops["shank"] = _knee(shares[heights < tops["thigh"]])
    parts = []
    for height, across in zip(heights, places[:, 2], strict=True):
        side = "right" if across > 0.0 else "left"
        if abs(across) > _ARM_ACROSS * stature and height > _ARM_LOWEST:
            parts.append(f"{side} arm")
            continue
        level = next((part for part, top in tops.items() if height < top), HEAD)
        parts.append(level if level in _CENTRAL else f"{side} {level}")
    return parts


def _looseness(parts: Sequence[str], spread: FloatArray) -> float:
    """Return how much distances within pelvis and legs change, metres, mean over the parts."""
    capped = np.minimum(spread, _LOOSE_M)
    needed = ["pelvis", *(f"{side} {part}" for side in ("right", "left") for part in LEG)]
    means = []
    for part in needed:
        own = [number for number, other in enumerate(parts) if other == part]
        pairs = capped[np.ix_(own, own)][np.triu_indices(len(own), 1)]
        known = pairs[np.isfinite(pairs)]
        # without two markers it is no part
        means.append(float(np.mean(known)) if known.size else _LOOSE_M)
    return float(np.mean(means))


def _put_ankles(places: FloatArray, parts: Sequence[str], stature: float) -> list[str]:
    """Return parts with the malleoli on the shank: beside the foot's axis and over its markers."""
    settled = list(parts)
    for side in ("right", "left"):
        own = [
            number
            for number, part in enumerate(parts)
            if part in (f"{side} foot", f"{side} shank") and places[number, 1] < _LOW * stature
        ]
        if len(own) < 2:
            continue
        ahead, up = places[own, 0], places[own, 1]
        along = (ahead - ahead.min()) / max(float(np.ptp(ahead)), 1e-6)
        for number, share, height in zip(own, along, up - up.min(), strict=True):
            beside = _ANKLE_ALONG[0] < share < _ANKLE_ALONG[1]
            if beside and height > _ANKLE_UP * stature:
                settled[number] = f"{side} shank"
    return settled


def _to(part: str, spread: FloatArray, parts: Sequence[str], marker: int) -> float:
    """Return how much a marker's distances to a part's nearest in kind change, NaN for none."""
    others = [n for n, own in enumerate(parts) if own == part and n != marker]
    known = spread[marker, others]
    known = known[np.isfinite(known)]
    return float(np.mean(np.sort(known)[:_RIGID])) if known.size else float("nan")


def _options(part: str, up: float, across: float) -> list[str]:
    """Return the neighbours that a marker at this height, in statures, may belong to."""
    side = part.split()[0] if " " in part else ("right" if across > 0.0 else "left")
    plain = part.split()[-1]
    tops = dict(_TOPS)
    found = []
    for other in _NEIGHBOURS[plain]:
        lower = min((plain, other), key=lambda name: tops.get(name, 1.0))
        joint = None if "arm" in (plain, other) else tops[lower]
        if joint is None or abs(up - joint) < _NEAR:
            found.append(other if other in _CENTRAL else f"{side} {other}")
    return found


def _settle(places: FloatArray, parts: list[str], spread: FloatArray, stature: float) -> list[str]:
    """Return parts after markers have gone to the neighbour that keeps its distance to them."""
    for _ in range(10):
        moves: list[tuple[float, int, str]] = []
        for marker, part in enumerate(parts):
            own = _to(part, spread, parts, marker)
            own = _LOOSE_M if np.isnan(own) else own
            height = float(places[marker, 1]) / stature + _LOWEST
            for other in _options(part, height, float(places[marker, 2])):
                there = _to(other, spread, parts, marker)
                # a marker of the knee keeps its distances to both; skin moves more on the thigh
                upper = part.endswith("thigh") and other.endswith("shank")
                if there < own - (_BETTER_BELOW_M if upper else _BETTER_M):
                    moves.append((own - there, marker, other))
        if not moves:
            break
        _, marker, other = max(moves)
        parts = [other if number == marker else part for number, part in enumerate(parts)]
    return parts


def _about_vertical(places: FloatArray, angle: float) -> FloatArray:
    """Return places (..., 3) turned about the vertical, radians; from forward to the left."""
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
    return np.asarray(places @ turn.T)


def _roughly_turned(standing: Markers, running: Sequence[Markers]) -> Markers:
    """Return a standing trial turned about the vertical until it lies on the mean running pose."""
    for markers in running:
        names = [name for name in standing.names if name in markers]
        if len(names) < 3:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=RuntimeWarning)  # frames without a marker
            moving = np.stack([markers.position(name) for name in names], axis=1)
            moving = np.nanmedian(moving - np.nanmean(moving, axis=1, keepdims=True), axis=0)
        still = np.stack([np.median(standing.position(name), axis=0) for name in names])
        known = np.isfinite(moving).all(axis=1)
        if np.count_nonzero(known) < 3:
            continue
        still, moving = still[known] - still[known].mean(axis=0), moving[known]
        moving = moving - moving.mean(axis=0)
        along = float(np.sum(still[:, 0] * moving[:, 0] + still[:, 2] * moving[:, 2]))
        aside = float(np.sum(still[:, 2] * moving[:, 0] - still[:, 0] * moving[:, 2]))
        angle = float(np.arctan2(aside, along))
        return replace(standing, positions_m=_about_vertical(standing.positions_m, angle))
    return standing


def _heading(places: FloatArray, parts: Sequence[str]) -> float:
    """Return by how much two feet point to the right of forward, radians; 0 for fewer."""
    ways = []
    for side in ("right", "left"):
        own = [number for number, part in enumerate(parts) if part == f"{side} foot"]
        if len(own) < 2:
            return 0.0
        flat = places[own][:, [0, 2]]
        apart = flat[np.newaxis] - flat[:, np.newaxis]
        first, last = np.unravel_index(np.argmax(np.sum(apart**2, axis=2)), (len(own), len(own)))
        way = apart[first, last]
        ways.append(way * np.sign(way[0]) / np.linalg.norm(way))
    ahead, right = np.sum(ways, axis=0)
    return float(np.arctan2(right, ahead))


def divide(standing: Markers, running: Sequence[Markers], stature_m: float | None) -> Division:
    """Return which part of the body every marker of a standing trial sits on.

    Args:
        standing: the stillest second, up along the second axis, facing anywhere.
        running: of the same runner, in laboratory axes.
        stature_m: where it is known.
    """
    standing = _roughly_turned(standing, running)
    places = _standing_places(standing)
    spread = running_spread_m(standing.names, running)
    stature = _guessed_stature(places, spread, stature_m)
    turned = _about_vertical(places, _heading(places, _by_height(places, stature)))
    places = turned - [0.0, 0.0, _midline(turned)]
    parts = _put_ankles(places, _by_height(places, stature), stature)
    parts = _put_ankles(places, _settle(places, parts, spread, stature), stature)
    return Division(standing.names, places, tuple(parts), stature, spread)
