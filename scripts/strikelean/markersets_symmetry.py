"""What a marker set says of one side and not of the other: most mistakes in one show so.

A mark put on the wrong place, a sign, a factor of a thousand, a name of the other side or a line
that was lost is a mistake of one entry, and the other side's entry is its mirror image. A set may
differ on purpose (a cluster that is put on as it fits), so it is told and not refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from strikelean.lab.steps import is_needed
from strikelean.marker_names import MIRROR, spelling_key
from strikelean.markersets import HIP_CENTRE, SIDES, MarkerDefinition, MarkerSet, ScaleRule

# Places on the two sides of a delivered set are equal; a cluster differs by where the straps fit.
APART_M = 0.03
# A weight is a matter of taste within this factor.
FACTOR = 10.0
Told = Iterator[tuple[str, str, str]]
"""What differs, on the right, on the left."""


def asymmetries(marker_set: MarkerSet) -> list[str]:
    """Return one line for each thing that a set says of one side and not of the other."""
    key = _Mirror(marker_set)
    checks = (_markers, _computed, _scaling, _landmarks, _ranges)
    return [
        f"{what}: {right} on the right, {left} on the left (models/markersets/{marker_set.name}"
        ".yaml)"
        for check in checks
        for what, right, left in check(marker_set, key)
    ]


class _Mirror:
    """Names of a set by what they are on the other side."""

    def __init__(self, marker_set: MarkerSet) -> None:
        names = {*marker_set.marker_names(), *marker_set.computed_names()}
        names |= {marker.name for marker in marker_set.markers}
        keys = {spelling_key(name): name for name in names}
        self.of: dict[str, str] = {}
        for key, name in keys.items():
            other = keys.get(MIRROR.get(key[:1], "") + key[1:])
            self.of[name] = other if other is not None and key[:1] in MIRROR else name

    def one(self, name: str) -> str:
        """Return a name's mirror image, the name itself where the set has none."""
        return self.of.get(name, name)

    def all(self, names: Iterable[str]) -> frozenset[str]:
        """Return the mirror images of names."""
        return frozenset(self.one(name) for name in names)


def _body(body: str) -> str:
    """Return the body of the other side."""
    return body[:-2] + {"_r": "_l", "_l": "_r"}.get(body[-2:], body[-2:])


def _at(place: str | None) -> str:
    """Return what a place on the generic model is called, its side aside."""
    key = spelling_key(place or "")
    return key[1:] if key[:1] in MIRROR else key


def _markers(marker_set: MarkerSet, mirror: _Mirror) -> Told:
    by_name = {marker.name: marker for marker in marker_set.markers}
    sided = [name for name in by_name if mirror.one(name) != name]
    if len(sided) < len(by_name) / 2:
        return  # names that do not say their side
    for name, marker in by_name.items():
        other = by_name.get(mirror.one(name), marker)
        if spelling_key(name)[:1] == "r" and other is not marker:
            yield from _pair(marker, other)
        leg = marker.body.endswith(("_r", "_l"))
        if leg and is_needed(marker.body) and other is marker:
            own, there = (name, "none") if marker.body.endswith("_r") else ("none", name)
            yield f"marker on {marker.body[:-2]}", own, there


def _pair(right: MarkerDefinition, left: MarkerDefinition) -> Told:
    what = f"marker {right.name} / {left.name}"
    if right.body != _body(left.body):
        yield f"{what}, body", right.body, left.body
    if _at(right.at) != _at(left.at) or (right.at or "x") == left.at:
        yield f"{what}, at", right.at or "nothing", left.at or "nothing"
    one_m, other_m = right.location_m, left.location_m
    if (one_m is None) != (other_m is None):
        yield f"{what}, location_m", str(one_m or "nothing"), str(other_m or "nothing")
    elif one_m is not None and other_m is not None:
        apart = np.abs(np.array(one_m) - np.array(other_m) * [1.0, 1.0, -1.0])
        if float(np.max(apart)) > APART_M:
            yield f"{what}, location_m (z mirrored)", str([*one_m]), str([*other_m])
    for key in ("static_weight", "running_weight"):
        one, other = getattr(right, key), getattr(left, key)
        if (one > 0) != (other > 0) or (other > 0 and not 1 / FACTOR <= one / other <= FACTOR):
            yield f"{what}, {key}", f"{one:g}", f"{other:g}"


def _computed(marker_set: MarkerSet, mirror: _Mirror) -> Told:
    points = {point.name: point for point in marker_set.computed}
    for name, point in points.items():
        other = points.get(mirror.one(name))
        if other is None:
            yield f"computed {name}", point.method, "nothing"
        elif spelling_key(name)[:1] == "r" or other is point:
            same = (
                list(point.markers) == list(other.markers)
                if point.method == HIP_CENTRE
                else mirror.all(point.markers) == frozenset(other.markers)
            )
            if point.method != other.method or not same:
                right, left = (f"{p.method} of {', '.join(p.markers)}" for p in (point, other))
                yield f"computed {name} / {other.name}", right, left


def _told(rule: ScaleRule) -> str:
    return "; ".join(" - ".join(pair) for pair in rule.pairs)


def _scaling(marker_set: MarkerSet, mirror: _Mirror) -> Told:
    rules: Mapping[frozenset[str], ScaleRule] = {
        frozenset((*rule.bodies, rule.axes)): rule for rule in marker_set.scaling
    }
    for rule in marker_set.scaling:
        there = rules.get(frozenset((*map(_body, rule.bodies), rule.axes)))
        if there is None:
            yield f"scaling of {', '.join(rule.bodies)} along {rule.axes}", "one rule", "none"
            continue
        pairs = {mirror.all(pair) for pair in rule.pairs}
        left = {frozenset(pair) for pair in there.pairs}
        if pairs != left and not rule.bodies[0].endswith("_l"):
            yield (
                f"scaling of {', '.join(rule.bodies)} along {rule.axes}",
                _told(rule),
                _told(there),
            )


def _landmarks(marker_set: MarkerSet, mirror: _Mirror) -> Told:
    right, left = (marker_set.landmarks[side] for side in SIDES)
    for role in {**right, **left}:
        one, other = right.get(role, "nothing"), left.get(role, "nothing")
        if mirror.one(one) != other:
            yield f"landmark {role}", one, other
    for role in ("asis", "psis"):
        one, other = (marker_set.trunk.get(f"{role}_{side}", "nothing") for side in SIDES)
        if mirror.one(one) != other:
            yield f"trunk {role}", one, other


def _ranges(marker_set: MarkerSet, mirror: _Mirror) -> Told:
    ranges = marker_set.static_ranges_deg
    for name in {name[:-2] for name in ranges if name.endswith(("_r", "_l"))}:
        one, other = (ranges.get(f"{name}_{letter}", "nothing") for letter in "rl")
        if one != other:
            yield f"static_ranges_deg {name}", str(one), str(other)
