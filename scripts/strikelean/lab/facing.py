"""Which way markers say a runner stands, faces and moves, without knowing the axes.

Everything is worked out from the upward direction that the markers themselves show (from the feet
to what is above them), so that a wrong choice of axes can be told from a wrong marker.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray, Markers
from strikelean.markersets import SIDES, MarkerSet, back_of_pelvis

UP: FloatArray = np.array([0.0, 1.0, 0.0])
FORWARD: FloatArray = np.array([1.0, 0.0, 0.0])
# A foot is on the ground for about a third of a stride; its lowest fifth lies well within.
_LOW_SHARE = 0.2
# Directions of a runner differ by up to 35 deg (the feet point outwards; measured over the trials
# named in :mod:`strikelean.lab.check_markers`); one that differs by more has its ends exchanged.
AGREE_DEG = 60.0
# Slower than this over a foot on the ground, nobody runs: no direction is taken from it.
_RUNNING_M_S = 0.5


@dataclass(frozen=True)
class Directions:
    """What the markers say of the way a runner faces.

    Attributes:
        votes: unit vectors (3,) by what they come from: ``pelvis``, ``right foot``,
            ``left foot``, ``progression``; only those that were seen.
        facing: (3,) mean of those that most others agree with; NaN where nothing was seen.
        against: names of the votes that point another way.
    """

    votes: Mapping[str, FloatArray]
    facing: FloatArray
    against: tuple[str, ...]


def seen_names(markers: Markers, names: Iterable[str]) -> list[str]:
    """Return which of some markers are in the recording and seen in it at least once."""
    return [
        name
        for name in dict.fromkeys(names)
        if name in markers and np.isfinite(markers.position(name)).all(axis=1).any()
    ]


def usual_place(markers: Markers, names: Iterable[str]) -> FloatArray:
    """Return the mean (3,) of markers' median positions; NaN where none was seen."""
    places = [np.nanmedian(markers.position(name), axis=0) for name in seen_names(markers, names)]
    return np.asarray(np.mean(places, axis=0)) if places else np.full(3, np.nan)


def _middle(markers: Markers, names: Iterable[str]) -> FloatArray:
    """Return the mean place (T, 3) of those of some markers that are seen, frame by frame."""
    seen = seen_names(markers, names)
    if not seen:
        return np.full((len(markers.time_s), 3), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)  # frames in which none is seen
        return np.asarray(np.nanmean([markers.position(name) for name in seen], axis=0))


def usual_offset(markers: Markers, names: Iterable[str], base: Iterable[str]) -> FloatArray:
    """Return the median (3,) of the way from some markers' middle to others', frame by frame.

    Overground a runner passes by, and each marker is seen on another part of the way: only what is
    seen at once is compared. NaN where that never happens.
    """
    return _median_rows(_middle(markers, names) - _middle(markers, base))


def foot_bodies(markerset: MarkerSet) -> set[str]:
    """Return the bodies that carry the landmarks of the feet."""
    landmarks = {name for roles in markerset.landmarks.values() for name in roles.values()}
    return {marker.body for marker in markerset.markers if marker.name in landmarks}


def foot_markers(markerset: MarkerSet) -> list[str]:
    """Return the tracked markers of both feet."""
    feet, bodies = foot_bodies(markerset), markerset.bodies()
    return [name for body in bodies if body in feet for name in bodies[body]]


def upper_markers(markers: Markers, markerset: MarkerSet) -> list[str]:
    """Return the pelvis' markers, or where none was seen all tracked ones above the feet."""
    feet, bodies = foot_bodies(markerset), markerset.bodies()
    pelvis = [name for body in bodies if body.lower().startswith("pelvis") for name in bodies[body]]
    pelvis += [
        name
        for role, name in markerset.trunk.items()
        if role.startswith(("asis", "psis", "sacrum"))
    ]
    others = [name for body in bodies if body not in feet for name in bodies[body]]
    return seen_names(markers, pelvis) or seen_names(markers, others)


def above_feet(markers: Markers, markerset: MarkerSet) -> FloatArray:
    """Return the vector (3,) from the feet to the pelvis, metres; NaN where not seen."""
    return usual_offset(markers, upper_markers(markers, markerset), foot_markers(markerset))


def angle_deg(first: FloatArray, second: FloatArray) -> float:
    """Return the angle between two vectors (3,), degrees; NaN where one is unknown."""
    sizes = float(np.linalg.norm(first) * np.linalg.norm(second))
    if not sizes > 0.0:
        return float("nan")
    return float(np.degrees(np.arccos(np.clip(np.dot(first, second) / sizes, -1.0, 1.0))))


def _level(vector: FloatArray, up: FloatArray) -> FloatArray | None:
    """Return the unit vector along the ground, None where there is none."""
    flat = vector - np.dot(vector, up) * up
    size = float(np.linalg.norm(flat))
    return flat / size if size > 0.0 else None


def _pelvis_forward(markers: Markers, markerset: MarkerSet) -> FloatArray:
    front = [markerset.trunk.get(f"asis_{side}", "") for side in SIDES]
    back = list(back_of_pelvis(markerset.trunk))
    if not back or len(seen_names(markers, front + back)) < len(front + back):
        return np.full(3, np.nan)
    ahead, behind = (
        np.mean([markers.position(name) for name in names], axis=0) for names in (front, back)
    )
    return _median_rows(ahead - behind)


def _low_frames(heel: FloatArray, ball: FloatArray, up: FloatArray) -> NDArray[np.int64]:
    """Return the rows (K,) in which a foot is lowest; none where it was never seen whole."""
    height = (heel + ball) @ up
    seen = np.isfinite(height)
    if not seen.any():
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(seen & (height <= np.quantile(height[seen], _LOW_SHARE)))


def _median_rows(rows: FloatArray) -> FloatArray:
    known = rows[np.isfinite(rows).all(axis=1)]
    return np.asarray(np.median(known, axis=0)) if len(known) else np.full(3, np.nan)


def _rates(markers: Markers, names: Iterable[str]) -> FloatArray:
    """Return the mean velocity (T, 3) of markers, m/s, frame by frame over those seen."""
    rates = [
        np.gradient(markers.position(name), axis=0) * markers.rate_hz
        for name in seen_names(markers, names)
    ]
    if not rates:
        return np.full((len(markers.time_s), 3), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)  # frames in which none is seen
        return np.asarray(np.nanmean(rates, axis=0))


def directions(markers: Markers, markerset: MarkerSet, up: FloatArray) -> Directions:
    """Return which way a runner faces and moves, by every part that shows it.

    The pelvis from the mid-PSIS to the mid-ASIS; each foot from the heel to the middle of
    fifth metatarsal and toe landmark while it is lowest (in swing it points down and back);
    the progression of the body over a foot on the ground, which is forward on a treadmill and
    overground alike.

    Args:
        markers: standing or running.
        markerset: names the landmarks.
        up: (3,) unit vector that the markers show as upward.
    """
    found: dict[str, FloatArray] = {"pelvis": _pelvis_forward(markers, markerset)}
    moves = len(markers.time_s) > 1
    body = _rates(markers, upper_markers(markers, markerset)) if moves else None
    over = []
    for side in SIDES:
        names = [markerset.landmark(side, role) for role in ("heel", "fifth_metatarsal")]
        if len(seen_names(markers, names)) < len(names):
            continue
        heel, ball = (markers.position(name) for name in names)
        low = _low_frames(heel, ball, up)
        toe = markerset.landmark(side, "toe")
        # the toe landmark lies medial of the foot's axis as the fifth metatarsal lies lateral
        front = 0.5 * (ball + markers.position(toe)) if seen_names(markers, [toe]) else ball
        found[f"{side} foot"] = _median_rows((front - heel)[low])
        if body is not None:
            over.append(_median_rows((body - _rates(markers, names))[low]))
    travel = _median_rows(np.array(over)) if over else np.full(3, np.nan)
    if np.linalg.norm(travel - np.dot(travel, up) * up) > _RUNNING_M_S:
        found["progression"] = travel
    votes = {name: level for name, way in found.items() if (level := _usable(way, up)) is not None}
    return Directions(votes, *_majority(votes))


def _usable(way: FloatArray, up: FloatArray) -> FloatArray | None:
    return _level(way, up) if np.isfinite(way).all() else None


def _majority(votes: Mapping[str, FloatArray]) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the mean of the votes that agree with most others, and who does not."""
    if not votes:
        return np.full(3, np.nan), ()
    parties = [
        [other for other in votes if angle_deg(votes[name], votes[other]) < AGREE_DEG]
        for name in votes
    ]
    party = max(parties, key=len)
    facing = np.sum([votes[name] for name in party], axis=0)
    against = tuple(name for name in votes if name not in party)
    return facing / np.linalg.norm(facing), against
