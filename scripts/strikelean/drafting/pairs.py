"""Which files belong together: markers and forces, a runner's running and standing trials."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from strikelean.drafting.file_names import key_words
from strikelean.drafting.recordings import ForceFile, MarkerFile
from strikelean.formats.series import FloatArray, Markers

# Markers and forces must share a contact and what is around it, as when they are read.
_SHARED_S = 0.3
_SAME_SPAN_S = 0.02
# Distances that change by less while running are within a segment (skin moves by some millimetres).
_RIGID_M = 0.006
# As lab/check_segments.py: a runner's own standing trial disagrees by 1 to 3 mm in 26 recordings of
# the public dataset, another's by 7 mm and more.
OWN_M, STRANGER_M = 0.004, 0.007
_FRAMES = 200


def _shared_s(markers: MarkerFile, forces: ForceFile) -> float:
    times = markers.markers.time_s
    return min(float(times[-1]), forces.end_s) - max(float(times[0]), forces.start_s)


def _same_span(markers: MarkerFile, forces: ForceFile) -> bool:
    times = markers.markers.time_s
    apart = abs(float(times[0]) - forces.start_s), abs(float(times[-1]) - forces.end_s)
    return max(apart) < _SAME_SPAN_S


def pair_forces(
    running: Sequence[MarkerFile], forces: Sequence[ForceFile], names: Mapping[Path, str]
) -> dict[Path, ForceFile]:
    """Return the table of forces of each file of markers that has one.

    One of the same name in the same folder is it, whatever is wrong with it. Otherwise of those
    that share time with the markers the one whose name has the same words, else the only one in the
    folder, else the only one that starts and ends with it.

    Args:
        running: files of markers without plates of their own.
        forces: every table of forces.
        names: runner of every file of both kinds.
    """
    found: dict[Path, ForceFile] = {}
    for file in running:
        namesake = [t for t in forces if t.place.with_suffix("") == file.place.with_suffix("")]
        own = [
            table
            for table in forces
            if names[table.place] == names[file.place] and _shared_s(file, table) > _SHARED_S
        ]
        words = [t for t in own if key_words(t.path.stem) == key_words(file.path.stem)]
        siblings = [other for other in running if other.place.parent == file.place.parent]
        folder = [t for t in own if t.place.parent == file.place.parent]
        spans = [t for t in own if _same_span(file, t)]
        for choice in (namesake, words, folder if len(siblings) == 1 else [], spans):
            if len(choice) == 1:
                found[file.place] = choice[0]
                break
    given = list(found.values())
    return {place: table for place, table in found.items() if given.count(table) == 1}


def distances(markers: Markers, names: Sequence[str]) -> FloatArray:
    """Return distances (T, M, M) between markers in some hundred frames, metres."""
    step = max(1, len(markers.time_s) // _FRAMES)
    paths = np.stack([markers.position(name)[::step] for name in names], axis=1)
    return np.asarray(np.linalg.norm(paths[:, :, np.newaxis] - paths[:, np.newaxis], axis=3))


def lengths_mismatch_m(
    standing: Markers, running: Markers, segments: Iterable[Sequence[str]] | None
) -> float:
    """Return how a standing trial disagrees with a running one on the lengths within segments.

    Args:
        standing: of somebody.
        running: of a runner.
        segments: labels of the markers of each rigid part of legs and pelvis; None where nobody
            knows them: then all pairs whose distance hardly changes while running.

    Returns:
        Median disagreement, metres; NaN for fewer than three pairs.
    """
    names = [name for name in running.names if name in standing]
    if len(names) < 3:
        return float("nan")
    moving, still = distances(running, names), distances(standing, names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)  # markers never seen together
        spread, usual = np.nanstd(moving, axis=0), np.nanmedian(moving, axis=0)
        apart = np.abs(usual - np.nanmedian(still, axis=0))
    rigid = spread < _RIGID_M
    if segments is not None:
        member = [[name in segment for name in names] for segment in segments]
        rigid = np.any([np.outer(own, own) for own in member], axis=0)
    pairs = np.triu_indices(len(names), 1)
    known = apart[pairs][rigid[pairs] & np.isfinite(apart[pairs])]
    return float(np.median(known)) if known.size >= 3 else float("nan")


def choose_standing(
    standing: Sequence[MarkerFile],
    running: Sequence[MarkerFile],
    segments: Sequence[Sequence[str]] | None,
) -> tuple[MarkerFile | None, float]:
    """Return which of some standing trials fits a runner's running best, and its mismatch, metres.

    The first where nothing can be compared.
    """
    found = []
    for file in standing:
        sizes = [lengths_mismatch_m(file.markers, one.markers, segments) for one in running]
        known = [size for size in sizes if np.isfinite(size)]
        found.append(float(np.median(known)) if known else float("nan"))
    if not found:
        return None, float("nan")
    order = np.argsort(np.nan_to_num(np.array(found), nan=np.inf), kind="stable")
    return standing[int(order[0])], found[int(order[0])]
