"""What every file of markers has to be asked: which column is which marker, and in what unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray
from strikelean.formats.units import LENGTHS, factor
from strikelean.marker_names import respelled

# How far a runner's markers lie from their middle (median of both): 0.36 to 0.58 m in the public
# running dataset, full-body and virtual recordings. Metres taken for millimetres leave this span.
_REACH_M = (0.05, 2.5)
# Where no unit is stated: wide enough for a child's feet and a tall runner, narrower than the step
# from one unit to the next.
_REACH_GUESSED_M = (0.15, 1.4)
# Labels named in the note on other spellings.
_TOLD = 3


def marker_name(label: str) -> str | None:
    """Return the marker a label names, None where it names none.

    Capture software prefixes the runner's name (``Ann:RASI``) and stars what it could not name.
    """
    name = label.rpartition(":")[2].strip()
    return name if name and not name.startswith("*") else None


def _one_path(copies: FloatArray) -> FloatArray | None:
    """Return the one path (T, 3) that copies (copies, T, 3) of a marker can be, None for two.

    Copies never seen count for nothing; where several are seen at once they must agree.
    """
    path: FloatArray = copies[0].copy()
    for copy in copies[1:]:
        both = np.isfinite(path) & np.isfinite(copy)
        if np.any(path[both] != copy[both]):
            return None
        path[~np.isfinite(path)] = copy[~np.isfinite(path)]
    return path


def blank_zeros(positions: FloatArray) -> FloatArray:
    """Return (T, M, 3) positions with unseen samples NaN in all three coordinates.

    A marker exactly at the origin has never been seen: it is how laboratory software
    writes a gap.
    """
    unseen = np.any(~np.isfinite(positions), axis=2) | np.all(positions == 0.0, axis=2)
    return np.where(unseen[:, :, np.newaxis], np.nan, positions)


def _told_spellings(meant: Mapping[str, str]) -> list[str]:
    """Return one note on labels that were read as the names asked for."""
    if not meant:
        return []
    told = [f"{label} as {name}" for label, name in meant.items()][:_TOLD]
    more = f" and {len(meant) - _TOLD} more" if len(meant) > _TOLD else ""
    return [f"labels spelt otherwise than in the marker set: {', '.join(told)}{more}"]


def gather_markers(
    file: str,
    labels: Sequence[str],
    positions: FloatArray,
    step: str,
    needed: Collection[str] | None = None,
) -> tuple[tuple[str, ...], FloatArray, tuple[str, ...]]:
    """Return marker names, their positions (T, M, 3), and what there is to say of them.

    Args:
        file: its name, for messages.
        labels: L labels as they stand in the file.
        positions: (T, L, 3), NaN where not seen.
        step: that reads them, for messages.
        needed: markers that somebody asks for, or a mapping to their other names; labels that
            spell them otherwise are read as them. Two that differ under one such label are
            refused, under another label left out. None: all are needed, as they are spelt.

    Raises:
        RecordingError: no label names a marker, or one names two.
    """
    places: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        name = marker_name(label)
        if name is not None:
            places.setdefault(name, []).append(index)
    notes: list[str] = []
    if needed is not None:
        wanted = needed if isinstance(needed, Mapping) else dict.fromkeys(needed, ())
        meant = respelled(list(places), wanted)
        places = {meant.get(name, name): columns for name, columns in places.items()}
        notes += _told_spellings(meant)
    names, paths = [], []
    for name, copies in places.items():
        path = _one_path(positions[:, copies].transpose(1, 0, 2))
        if path is None and (needed is None or name in needed):
            raise RecordingError(
                step,
                f"every marker once in {file}",
                f"'{name}' {len(copies)} times, at different places",
                "Keep one runner a file, or rename the copies",
            )
        if path is None:
            notes.append(f"marker {name} left out: {len(copies)} that differ have its label")
            continue
        if len(copies) > 1:
            notes.append(f"marker {name} has {len(copies)} labels: they agree, one is used")
        names.append(name)
        paths.append(path)
    if not paths:
        raise RecordingError(
            step, f"labelled markers in {file}", "none", "Label the markers and export again"
        )
    return tuple(names), np.stack(paths, axis=1), tuple(notes)


def _reach(positions: FloatArray) -> float:
    """Return the median distance of markers from their middle, in the positions' own unit."""
    frames = positions[:: max(1, positions.shape[0] // 200)]
    seen: NDArray[np.bool_] = np.all(np.isfinite(frames), axis=2)
    reaches = []
    for frame, known in zip(frames, seen, strict=True):
        if np.count_nonzero(known) >= 2:
            points = frame[known]
            apart = np.linalg.norm(points - np.median(points, axis=0), axis=1)
            reaches.append(float(np.median(apart)))
    return float(np.median(reaches)) if reaches else 0.0


def metres_per_unit(
    file: str, key: str, stated: str, positions: FloatArray, step: str
) -> tuple[float, tuple[str, ...]]:
    """Return what the stated unit is worth in metres, and what there is to say of it.

    A stated unit must leave markers where a body's can be; one that says nothing is told from
    that, as the units in use lie ten times apart.

    Args:
        file: its name, for messages.
        key: where the file states the unit, for messages.
        stated: what stands there.
        positions: (T, M, 3) in the file's own unit, NaN where not seen.
        step: that reads them, for messages.

    Raises:
        RecordingError: no unit fits the size of a body, or the stated one does not.
    """
    unit, reach = factor(LENGTHS, stated), _reach(positions)
    if unit is None:
        low, high = _REACH_GUESSED_M
        fitting = [name for name in ("m", "cm", "mm") if low < reach * LENGTHS[name] < high]
        if not fitting:
            raise RecordingError(
                step,
                f"{key} of mm, cm or m in {file}",
                f"'{stated}', and markers {reach:.3g} of it from their middle",
                "State the unit, or export the recording again",
            )
        note = f"{key} says '{stated}': markers taken to be in {fitting[0]} from their size"
        return LENGTHS[fitting[0]], (note,)
    if reach > 0.0 and not _REACH_M[0] < reach * unit < _REACH_M[1]:
        raise RecordingError(
            step,
            f"markers {_REACH_M[0]} to {_REACH_M[1]} m from their middle in {file}",
            f"{reach * unit:.3g} m in the stated unit ({key} '{stated}')",
            f"Correct {key}, or export the recording again",
        )
    return unit, ()
