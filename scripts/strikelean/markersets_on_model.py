"""Mistakes in a marker set that the generic model shows: names it has not, a wrong order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.markersets import HIP_CENTRE, MarkerSet
from strikelean.suggestions import suggest

# ASIS and posterior spines lie 0.16 m one behind the other on the generic model, the sides 0.1 m
# apart and more; a marker put on by description errs by less.
CLEAR_M = 0.02


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def name_mistakes(
    marker_set: MarkerSet, bodies: Collection[str], own: Mapping[str, str]
) -> Iterator[str]:
    """Yield what a marker set names and a model has not, with the names that it has.

    Args:
        marker_set: what is checked.
        bodies: the model's.
        own: the model's own markers, each with its body.
    """
    scaled = {body for rule in marker_set.scaling for body in rule.bodies}
    for body in sorted(scaled - set(bodies)):
        hint = suggest(body, bodies) or f"The model has {_listed(bodies)}."
        yield f"no body {body} to scale: {hint}"
    for marker in marker_set.markers:
        if marker.body not in bodies:
            hint = suggest(marker.body, bodies) or f"The model has {_listed(bodies)}."
            yield f"no body {marker.body} for marker {marker.name}: {hint}"
        if marker.at is None:
            continue
        if marker.at not in own:
            near = suggest(marker.at, own)
            hint = near or f"The model has {_listed(own)}; or give location_m instead of at."
            yield f"no marker {marker.at} for {marker.name} to stand at: {hint}"
        elif marker.body in bodies and own[marker.at] != marker.body:
            yield (
                f"marker {marker.name} on body {marker.body} at {marker.at}, which is a place on "
                f"{own[marker.at]}"
            )


def order_mistakes(marker_set: MarkerSet, places_m: Mapping[str, FloatArray]) -> Iterator[str]:
    """Yield hip centres, and roles of the trunk, whose markers stand in a wrong order.

    A marker whose place the static trial alone gives is not judged.

    Args:
        marker_set: what is checked.
        places_m: (3,) of its markers on the unscaled model standing: forward, up, to the right.
    """
    unplaced = {m.name for m in marker_set.markers if m.at is None and m.location_m is None}
    places_m = {name: place for name, place in places_m.items() if name not in unplaced}
    trunk = {role: places_m[name] for role, name in marker_set.trunk.items() if name in places_m}
    for behind, ahead in (
        ("c7", "clavicle"),
        ("psis_right", "asis_right"),
        ("psis_left", "asis_left"),
    ):
        if {behind, ahead} <= set(trunk) and (trunk[ahead] - trunk[behind])[0] < CLEAR_M:
            named = f"{marker_set.trunk[ahead]} and {marker_set.trunk[behind]}"
            yield f"trunk {ahead} ahead of {behind}; found {named} the other way round"
    for point in marker_set.computed:
        known = [places_m[name] for name in point.markers if name in places_m]
        if point.method != HIP_CENTRE or len(known) < max(3, len(point.markers)):
            continue
        right, left, *back = known
        middle = np.mean([right, left], axis=0)
        wrong = [
            what
            for what, apart in (
                ("the first to the right of the second", (right - left)[2]),
                ("the first two ahead of the others", (middle - np.mean(back, axis=0))[0]),
                ("the third to the right of the fourth", (back[0] - back[-1])[2]),
            )
            if apart < CLEAR_M and not (len(back) == 1 and "third" in what)
        ]
        if wrong:
            yield (
                f"computed {point.name}: right ASIS, left ASIS, then right and left PSIS or one "
                f"sacrum marker, that is {' and '.join(wrong)}; found {', '.join(point.markers)}"
            )
