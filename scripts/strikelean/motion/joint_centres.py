"""Centres of knees and ankles from a run, where no marker shows them: from how segments turn.

Two segments of a joint share one point that neither of them moves away from (symmetrical centre of
rotation: Ehrig 2006, doi 10.1016/j.jbiomech.2005.10.002). A knee turns about an axis, along which
that point is open (the axis as in Ehrig 2007, doi 10.1016/j.jbiomech.2006.10.026): there it is put
into the plane of the hip centre, square to the axis, and the ankle with it. People's thighs and
shanks lean from that plane by a few degrees: that moves a centre sideways and leaves lengths alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.facing import seen_names
from strikelean.lab.steps import NEEDED_MARKERS
from strikelean.markersets import SIDES, MarkerSet
from strikelean.model.landmarks import hip_centre_of

# Passes until a segment's mean shape and its poses agree to well under a millimetre.
_SHAPE_PASSES = 5
# A joint that turns less than this (root mean square over the weakest of the two directions across
# its axis, rad) shows no centre; knees and ankles of runners turn 0.25 to 0.43 and 0.15 to 0.3.
_LEAST_TURN = 0.1


@dataclass(frozen=True)
class Segment:
    """How a segment's markers move together.

    Attributes:
        rotations: (T, 3, 3).
        origins_m: (T, 3) the middle of its markers.
        seen: (T,) frames in which all of them are.
    """

    rotations: FloatArray
    origins_m: FloatArray
    seen: NDArray[np.bool_]

    def place(self, point_m: FloatArray) -> FloatArray:
        """Return the path (T, 3) of a point (3,) that the segment carries."""
        return np.asarray(self.rotations @ point_m + self.origins_m)


def _poses(paths: FloatArray, shape: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return rotations (T, 3, 3) and middles (T, 3) that lay a shape (N, 3) on paths (T, N, 3)."""
    middles = paths.mean(axis=1)
    u, _, v = np.linalg.svd(np.swapaxes(paths - middles[:, None], 1, 2) @ shape)
    turn = np.tile(np.eye(3), (len(paths), 1, 1))
    turn[:, 2, 2] = np.sign(np.linalg.det(u @ v))
    return np.asarray(u @ turn @ v), middles


def segment_of(markers: Markers, names: Sequence[str]) -> Segment | None:
    """Return how markers of a segment move, None where fewer than three are seen together."""
    known = seen_names(markers, names)
    if len(known) < NEEDED_MARKERS:
        return None
    paths = np.stack([markers.position(name) for name in known], axis=1)
    seen: NDArray[np.bool_] = np.all(np.isfinite(paths), axis=(1, 2))
    if np.count_nonzero(seen) < NEEDED_MARKERS:
        return None
    own = paths[seen]
    shape = own[0] - own[0].mean(axis=0)
    for _ in range(_SHAPE_PASSES):
        rotations, middles = _poses(own, shape)
        shape = np.mean(
            np.swapaxes(rotations, 1, 2) @ np.swapaxes(own - middles[:, None], 1, 2), 0
        ).T
    every = np.full((len(paths), 3, 3), np.nan)
    origins = np.full((len(paths), 3), np.nan)
    every[seen], origins[seen] = _poses(own, shape)
    return Segment(every, origins, seen)


def centre_between(one: Segment, other: Segment) -> tuple[FloatArray, FloatArray] | None:
    """Return the path (T, 3) of the centre of two segments' joint, and its axis (T, 3).

    Along the axis the centre is near the segments' markers. None where the joint hardly turns.
    """
    both = one.seen & other.seen
    if np.count_nonzero(both) < NEEDED_MARKERS:
        return None
    stacked = np.concatenate([one.rotations[both], -other.rotations[both]], axis=2).reshape(-1, 6)
    apart = (other.origins_m[both] - one.origins_m[both]).ravel()
    _, sizes, directions = np.linalg.svd(stacked, full_matrices=False)
    if sizes[4] / np.sqrt(np.count_nonzero(both)) < _LEAST_TURN:
        return None
    found = np.linalg.lstsq(stacked, apart, rcond=None)[0]
    centre = 0.5 * (one.place(found[:3]) + other.place(found[3:]))
    axis = directions[5, 3:] / np.linalg.norm(directions[5, 3:])
    return centre, np.asarray(other.rotations @ axis)


def _into_plane(point: FloatArray, of: FloatArray, axis: FloatArray) -> FloatArray:
    """Return a path (T, 3) moved along an axis into the plane of another, on average."""
    ahead = np.nanmedian(np.sum((of - point) * axis, axis=1))
    return np.asarray(point + ahead * axis)


def _centres_of_leg(
    markers: Markers, marker_set: MarkerSet, side: str
) -> tuple[FloatArray, FloatArray] | None:
    """Return the paths (T, 3) of knee and ankle centre of a leg, None where nothing shows them."""
    bodies = marker_set.bodies()
    names = {
        bone: [n for body in of for n in bodies.get(f"{body}_{side[0]}", ())]
        for bone, of in (("thigh", ("femur",)), ("shank", ("tibia",)), ("foot", ("calcn", "toes")))
    }
    thigh, shank, foot = (segment_of(markers, names[bone]) for bone in ("thigh", "shank", "foot"))
    if thigh is None or shank is None or foot is None:
        return None
    knee, ankle = centre_between(thigh, shank), centre_between(shank, foot)
    hip = hip_centre_of(markers, marker_set, side)
    if knee is None or ankle is None or hip is None:
        return None
    middle = _into_plane(knee[0], hip, knee[1])
    return middle, _into_plane(ankle[0], middle, knee[1])


def with_joint_centres(markers: Markers, marker_set: MarkerSet) -> tuple[Markers, list[str]]:
    """Return markers with those joint centres of the legs that a set asks for and a run lacks.

    Args:
        markers: running, gaps filled.
        marker_set: of the recording; its centres are the markers that start ``at`` the model's.

    Returns:
        Markers, and the names that were added.
    """
    computed = {point.name: point for point in marker_set.computed}
    names, paths = list(markers.names), [markers.positions_m]
    added: list[str] = []

    def lacks(name: str) -> bool:
        """Return whether a centre is asked for, and neither there nor worked out from markers."""
        sources = computed[name].markers if name in computed else ("",)
        known = seen_names(markers, [name]) or all(source in markers for source in sources)
        return bool(name) and not known

    for side in SIDES:
        at = [f"{side[0].upper()}{joint}JC" for joint in "HKA"]
        asked = [next((m.name for m in marker_set.markers if m.at == place), "") for place in at]
        hip = hip_centre_of(markers, marker_set, side) if lacks(asked[0]) else None
        leg = _centres_of_leg(markers, marker_set, side) if any(map(lacks, asked[1:])) else None
        for name, path in zip(asked, (hip, *(leg or (None, None))), strict=True):
            if path is not None and lacks(name) and name not in names:
                names.append(name)
                paths.append(path[:, None])
                added.append(name)
    positions = np.concatenate(paths, axis=1)
    return Markers(markers.time_s, tuple(names), positions, markers.rate_hz, markers.notes), added
