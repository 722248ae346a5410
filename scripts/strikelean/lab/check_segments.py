"""Whether the segments of a running trial are those of the static trial, and stay themselves.

A segment is nearly rigid: the distances between its markers are the same standing and running and
from one frame to the next. Another runner's static trial, a marker that fell off and was put
back elsewhere, and one that wanders to another label all break that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.facing import seen_names
from strikelean.lab.findings import Finding, Level
from strikelean.lab.labels import median_distances
from strikelean.lab.steps import is_needed
from strikelean.markersets import MarkerSet

# Root mean square over the segments of legs and pelvis of how far the distances within them
# disagree between the trials: what is doubtful and what is wrong, in recordings of strides and in
# shorter ones, over which skin does not even out. Measured with the own static trial: 0.9-3.3 mm
# over 59 running trials, up to 3.5 mm over any 2 s and 5.2 mm over any 0.35 s (one stance) of them;
# with the static trial of another runner of the public dataset (182 pairs, doi
# 10.7717/peerj.3298) 3.8-19 mm, over 4 mm in 99 % and over 7 mm in 66 %, of another virtual
# runner (30 pairs) 4.4-15 mm.
STRIDES_S = 2.0
MISMATCH_STRIDES_M = (0.004, 0.007)
MISMATCH_SHORT_M = (0.0055, 0.008)
# What remains within a segment once the one displaced marker is left out.
UNDISTURBED_M = 0.004
# Distances of each segment disagree by one factor: another unit, not another person.
UNIT_FACTOR = 1.8
# Median over the segments of running over standing distance, off one: by up to 0.0035 in 59
# running trials; 0.01 in one trial alone moves a knee moment by 4 %.
RATIO = "static_size_ratio"
SIZE_STRIDES = (0.006, 0.02)
SIZE_SHORT = (0.012, 0.03)
# A marker alone that disagrees by more than skin and shoe do: 8 mm at most in a segment of those
# trials.
DISPLACED_M = 0.015
# How far a marker leaves its place among its segment's markers: up to 25 mm (pelvis), and in at
# most 1 % of the frames to 37 mm; a marker that carries another's label is 50 mm and more out.
STRAY_M = 0.028
STRAY_SHARE = 0.02
FAR_M = 0.04
_ENOUGH = 4


@dataclass(frozen=True)
class Mismatch:
    """How a segment's distances disagree between two trials.

    Attributes:
        rms_m: root mean square over its pairs of markers, a displaced one left out.
        ratio: median of running over standing distance.
        displaced: the marker that alone disagrees, or blank.
        displaced_m: how far it is out, root mean square over its pairs.
    """

    rms_m: float
    ratio: float
    displaced: str = ""
    displaced_m: float = 0.0


def _rms(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(known**2))) if known.size else float("nan")


def _mismatch(names: Sequence[str], standing: FloatArray, moving: FloatArray) -> Mismatch:
    """Compare (M, M) distances of one segment, and leave out one marker that explains all."""
    pairs = np.triu_indices(len(names), 1)
    apart = moving - standing
    whole = _rms(apart[pairs])
    ratios = (moving / np.where(standing > 0.0, standing, np.nan))[pairs]
    known = ratios[np.isfinite(ratios)]
    ratio = float(np.median(known)) if known.size else float("nan")
    if len(names) < _ENOUGH or not whole > UNDISTURBED_M:
        return Mismatch(whole, ratio)
    own = [_rms(np.delete(apart[i], i)) for i in range(len(names))]
    worst = int(np.nanargmax(own))
    rest = np.delete(np.delete(apart, worst, 0), worst, 1)
    without = _rms(rest[np.triu_indices(len(names) - 1, 1)])
    if own[worst] > DISPLACED_M and without < UNDISTURBED_M:
        return Mismatch(without, ratio, names[worst], own[worst])
    return Mismatch(whole, ratio)


def segment_mismatches(
    static: Markers, running: Markers, markerset: MarkerSet
) -> dict[str, Mismatch]:
    """Return how each needed segment of two markers or more disagrees between the trials."""
    found = {}
    for body, members in markerset.bodies().items():
        names = [name for name in seen_names(running, members) if seen_names(static, [name])]
        if not is_needed(body) or len(names) < 2:
            continue
        mismatch = _mismatch(
            names, median_distances(static, names), median_distances(running, names)
        )
        if np.isfinite(mismatch.rms_m):
            found[body] = mismatch
    return found


def check_static(static: Markers, running: Markers, markerset: MarkerSet) -> list[Finding]:
    """Return whether the static trial is of the runner who runs.

    Args:
        static: standing.
        running: labels already put right (:func:`strikelean.lab.labels.exchange_labels`).
        markerset: which markers are of one segment.
    """
    found = segment_mismatches(static, running, markerset)
    if not found:
        return [Finding("static_mismatch_m", float("nan"))]
    ratio = float(np.median([one.ratio for one in found.values()]))
    if not 1.0 / UNIT_FACTOR < ratio < UNIT_FACTOR:
        return [_other_unit(ratio)]
    size = float(np.sqrt(np.mean([one.rms_m**2 for one in found.values()])))
    seen_s = np.count_nonzero(np.isfinite(running.positions_m).any(axis=(1, 2))) / running.rate_hz
    strides = seen_s >= STRIDES_S
    bounds = MISMATCH_STRIDES_M if strides else MISMATCH_SHORT_M
    return [
        _other_runner(size, found, bounds),
        _other_size(ratio, SIZE_STRIDES if strides else SIZE_SHORT),
        *_displaced(found),
    ]


def _other_size(ratio: float, bounds: tuple[float, float]) -> Finding:
    off = abs(ratio - 1.0)
    if not off > bounds[0]:
        return Finding(RATIO, ratio)
    bound = bounds[1] if off > bounds[1] else bounds[0]
    return Finding(
        RATIO,
        ratio,
        "wrong" if off > bounds[1] else "doubtful",
        f"segments of one size in the static and the running trial, within {100 * bound:g} %",
        f"those of the running trial {ratio:.3f} times as large",
        "See whether both trials were recorded with one calibration, and the static one is this "
        "runner's",
    )


def _other_unit(ratio: float) -> Finding:
    return Finding(
        RATIO,
        ratio,
        "wrong",
        "segments of one size in the static and the running trial",
        f"those of the running trial {ratio:.4g} times as large",
        "Correct the unit in one of the two files",
    )


def _other_runner(
    size_m: float, found: Mapping[str, Mismatch], bounds_m: tuple[float, float]
) -> Finding:
    level: Level = "plausible"
    if size_m > bounds_m[0]:
        level = "wrong" if size_m > bounds_m[1] else "doubtful"
    if level == "plausible":
        return Finding("static_mismatch_m", size_m)
    worst = sorted(found, key=lambda body: -found[body].rms_m)[:3]
    bound = bounds_m[1] if level == "wrong" else bounds_m[0]
    return Finding(
        "static_mismatch_m",
        size_m,
        level,
        "markers of a segment as far apart running as standing, within "
        f"{1000 * bound:g} mm RMS over the segments",
        f"{1000 * size_m:.1f} mm ("
        + ", ".join(f"{body} {1000 * found[body].rms_m:.0f}" for body in worst)
        + ")",
        "Name this runner's own static trial, of the same session, in static_file"
        if level == "wrong"
        else "Look whether static_file is this runner's, of the same session",
    )


def _displaced(found: Mapping[str, Mismatch]) -> list[Finding]:
    moved = {one.displaced: one.displaced_m for one in found.values() if one.displaced}
    worst = max(moved.values(), default=0.0)
    if not moved:
        return [Finding("displaced_marker_m", worst)]
    names = ", ".join(f"{name} by {1000 * size:.0f} mm" for name, size in moved.items())
    return [
        Finding(
            "displaced_marker_m",
            worst,
            "doubtful",
            "every marker in its place on its segment, standing and running",
            f"{names} out of place",
            "Leave it out of the marker set for this runner (running_weight 0), or record a "
            "new static trial with it where it is",
        )
    ]


def stray_shares(running: Markers, markerset: MarkerSet) -> dict[str, float]:
    """Return, by marker, the share of its frames away from its usual place on its segment.

    Away: the median over its segment's other markers of how far its distance to each is from
    the usual one, over ``STRAY_M``. Markers stray that do so in over ``STRAY_SHARE`` of their
    frames, or anywhere by over ``FAR_M``; others are absent. Segments of three or more.
    """
    shares = {}
    for members in markerset.bodies().values():
        names = seen_names(running, members)
        if len(names) < 3:
            continue
        paths = np.stack([running.position(name) for name in names])
        usual = median_distances(running, names)
        for number, name in enumerate(names):
            others = np.delete(np.arange(len(names)), number)
            apart = np.linalg.norm(paths[others] - paths[number], axis=2)
            off = np.abs(apart - usual[number, others][:, np.newaxis])
            known = off[:, np.isfinite(off).all(axis=0)]
            away = np.median(known, axis=0) if known.size else np.zeros(1)
            share = float(np.mean(away > STRAY_M))
            if share > STRAY_SHARE or away.max() > FAR_M:
                shares[name] = share
    return shares


def check_strays(running: Markers, markerset: MarkerSet) -> Finding:
    """Return whether markers keep their place on their segment through the running trial."""
    shares = stray_shares(running, markerset)
    if not shares:
        return Finding("stray_marker_share", 0.0)
    worst = sorted(shares, key=lambda name: -shares[name])
    names = ", ".join(f"{name} in {100 * shares[name]:.2g} % of frames" for name in worst[:5])
    return Finding(
        "stray_marker_share",
        shares[worst[0]],
        "doubtful",
        f"markers within {1000 * STRAY_M:g} mm of their place on their segment, save for single "
        "frames",
        names,
        "Look at the labels in these frames: a marker carries another one's for a while",
    )
