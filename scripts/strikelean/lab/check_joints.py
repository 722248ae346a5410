"""Do foot and shank meet at one ankle while running, as they did standing?

Shoes other than in the static trial, or markers of a foot put on anew, keep every distance within
the foot and move the ankle in it: all sagittal moments of the leg follow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.findings import Finding
from strikelean.markersets import SIDES, MarkerSet

ANKLE = "ankle_gap_m"

# Median distance of the ankle by the foot from the ankle by the shank: 26 running trials of the
# public dataset 2 to 11 mm, 3 full-body trials 3 to 5 mm, 30 virtual ones 2 to 6 mm.
_DOUBTFUL_M = 0.015
_WRONG_M = 0.03
_SHANK = ("tibia", "shank")
_FOOT = ("calcn", "foot")
# The generic model's markers on the ankle.
_ENDS = ("LMAL", "MMAL")
_LEAST_MARKERS = 3
# Frames looked at; more say no more.
_FRAMES = 500


@dataclass(frozen=True)
class Placement:
    """How the standing segment is turned and moved to where it is in F frames.

    Attributes:
        frames: rows (F,) of the running trial in which all its markers were seen.
        rotation: (F, 3, 3).
        standing_m: (3,) middle of its markers, standing.
        running_m: (F, 3) the same, running.
    """

    frames: NDArray[np.int64]
    rotation: FloatArray
    standing_m: FloatArray
    running_m: FloatArray

    def take(self, point_m: FloatArray) -> FloatArray:
        """Return where a standing point (3,) of the segment comes to lie, (F, 3)."""
        return np.asarray(self.running_m + self.rotation @ (point_m - self.standing_m))


def place_segment(static: Markers, running: Markers, names: list[str]) -> Placement:
    """Fit a rigid segment to its markers, least squares, frame by frame.

    Kabsch 1976, doi 10.1107/S0567739476001873.
    """
    standing = np.stack([np.nanmean(static.position(name), axis=0) for name in names])
    moving = np.stack([running.position(name) for name in names], axis=1)
    seen = np.flatnonzero(np.isfinite(moving).all(axis=(1, 2)))
    frames = seen[:: max(1, seen.size // _FRAMES)]
    moving = moving[frames]
    before, after = standing.mean(axis=0), moving.mean(axis=1)
    spread = np.einsum("mi,fmj->fij", standing - before, moving - after[:, np.newaxis])
    left, _, right = np.linalg.svd(spread)
    proper = np.tile(np.eye(3), (frames.size, 1, 1))
    proper[:, 2, 2] = np.linalg.det(left) * np.linalg.det(right)
    rotation = np.swapaxes(right, 1, 2) @ proper @ np.swapaxes(left, 1, 2)
    return Placement(frames, rotation, before, after)


def _tracked(
    static: Markers, running: Markers, markerset: MarkerSet, prefixes: tuple[str, ...], ending: str
) -> list[str]:
    for body, names in markerset.bodies().items():
        if body.lower().startswith(prefixes) and body.endswith(ending):
            return [
                name
                for name in names
                if name in static
                and name in running
                and np.isfinite(static.position(name)).all(axis=1).any()
                and np.mean(np.isfinite(running.position(name)[:, 0])) > 0.5
            ]
    return []


def ankle_gap_m(static: Markers, running: Markers, markerset: MarkerSet, side: str) -> float:
    """Return the median distance between the ankles of shank and foot, m; NaN where unseen.

    The ankle is the standing middle of both malleoli, carried along by either segment's markers.
    """
    letter, ending = side[0].upper(), f"_{side[0]}"
    points = [
        np.nanmean(static.position(marker.name), axis=0)
        for marker in markerset.markers
        if marker.at in {letter + end for end in _ENDS}
        and marker.name in static
        and np.isfinite(static.position(marker.name)).all(axis=1).any()
    ]
    names = [_tracked(static, running, markerset, kind, ending) for kind in (_SHANK, _FOOT)]
    if len(points) < len(_ENDS) or min(len(group) for group in names) < _LEAST_MARKERS:
        return float("nan")
    ankle = np.mean(points, axis=0)
    shank, foot = (place_segment(static, running, group) for group in names)
    _, one, other = np.intersect1d(shank.frames, foot.frames, return_indices=True)
    if not one.size:
        return float("nan")
    apart = shank.take(ankle)[one] - foot.take(ankle)[other]
    # in the shank's standing axes, so that what swings with the leg does not cancel
    own = np.einsum("fji,fj->fi", shank.rotation[one], apart)
    return float(np.linalg.norm(np.median(own, axis=0)))


def check_joints(static: Markers, running: Markers, markerset: MarkerSet) -> Finding:
    """Return the larger gap of both ankles."""
    gaps = {side: ankle_gap_m(static, running, markerset, side) for side in SIDES}
    known = {side: gap for side, gap in gaps.items() if np.isfinite(gap)}
    if not known:
        return Finding(ANKLE, float("nan"))
    side = max(known, key=lambda name: known[name])
    gap = known[side]
    if not gap > _DOUBTFUL_M:
        return Finding(ANKLE, gap)
    bound = _WRONG_M if gap > _WRONG_M else _DOUBTFUL_M
    return Finding(
        ANKLE,
        gap,
        "wrong" if gap > _WRONG_M else "doubtful",
        f"foot and shank to meet at the ankle running as standing, within {1000 * bound:g} mm",
        f"them {1000 * gap:.0f} mm apart on the {side}",
        "See whether the static trial was recorded in the same shoes and with the same foot and "
        "shank markers",
    )
