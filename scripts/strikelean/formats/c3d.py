"""C3D: markers and force plates, in metres, newtons and the runner's own axes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d_file import STEP, C3DFile, read_file
from strikelean.formats.force_plates import PlateReadings, read_plates, standing_surface_m
from strikelean.formats.series import FloatArray, Markers, Recording
from strikelean.formats.trc import blank_zeros
from strikelean.formats.units import LENGTHS, factor

# Lists of labels whose points are angles, moments and the like, no positions.
_COMPUTED = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS")
# How far a runner's markers lie from their middle (median of both): 0.36 to 0.58 m in the public
# running dataset, full-body and virtual recordings. Metres taken for millimetres leave this span.
_REACH_M = (0.05, 2.5)
# Where no unit is stated: wide enough for a child's feet and a tall runner, narrower than the step
# from one unit to the next.
_REACH_GUESSED_M = (0.15, 1.4)
# Rates that disagree by more than rounding name different clocks.
_RATE_ROUNDED, _RATE_CONTRADICTED = 1e-5, 0.01


def _reach(positions: FloatArray) -> float:
    """Return the median distance of markers from their middle, in the positions' own unit."""
    frames = positions[:: max(1, positions.shape[0] // 200)]
    seen = np.asarray(np.isfinite(frames).all(axis=2))
    reaches = []
    for frame, known in zip(frames, seen, strict=True):
        if np.count_nonzero(known) >= 2:
            points = frame[known]
            apart = np.linalg.norm(points - np.median(points, axis=0), axis=1)
            reaches.append(float(np.median(apart)))
    return float(np.median(reaches)) if reaches else 0.0


def _unit_m(file: C3DFile, positions: FloatArray) -> tuple[float, tuple[str, ...]]:
    """Return what POINT:UNITS is worth in metres, and what there is to say of it.

    A stated unit must leave markers where a body's can be; one that says nothing is told from
    that, as the units in use lie ten times apart.
    """
    stated = (file.texts("POINT:UNITS") or [""])[0]
    unit, reach = factor(LENGTHS, stated), _reach(positions)
    if unit is None:
        low, high = _REACH_GUESSED_M
        fitting = [name for name in ("m", "cm", "mm") if low < reach * LENGTHS[name] < high]
        if not fitting:
            raise RecordingError(
                STEP,
                f"markers in m, cm or mm in {file.name}",
                f"POINT:UNITS '{stated}' and markers {reach:.3g} of it from their middle",
                "Export the recording in one of these units",
            )
        note = f"POINT:UNITS says '{stated}': markers taken to be in {fitting[0]} from their size"
        return LENGTHS[fitting[0]], (note,)
    if reach > 0.0 and not _REACH_M[0] < reach * unit < _REACH_M[1]:
        raise RecordingError(
            STEP,
            f"markers {_REACH_M[0]} to {_REACH_M[1]} m from their middle in {file.name}",
            f"{reach * unit:.3g} m in the stated unit (POINT:UNITS '{stated}')",
            "Correct POINT:UNITS, or export the recording again",
        )
    return unit, ()


def _one_of(copies: FloatArray) -> FloatArray | None:
    """Return the one path (T, 3) that copies (copies, T, 3) of a label can be, None for two.

    Copies never seen count for nothing; where several are seen at once they must agree.
    """
    path: FloatArray = copies[0].copy()
    for copy in copies[1:]:
        both = np.isfinite(path) & np.isfinite(copy)
        if np.any(path[both] != copy[both]):
            return None
        path = np.where(np.isfinite(path), path, copy)
    return path


def _markers(file: C3DFile, needed: Collection[str] | None) -> tuple[Markers, float]:
    """Return the labelled markers in the file's axes, and what the file's unit is worth in metres.

    Their clock starts at frame 1 = 0 s.
    """
    labels = file.texts("POINT:LABELS")[: file.points.shape[1]]
    computed = {label for group in _COMPUTED for label in file.texts(f"POINT:{group}")}
    # Capture software prefixes the runner's name ("Ann:RASI") and stars what it could not name.
    places: dict[str, list[int]] = {}
    for index, label in enumerate(labels):
        name = label.rpartition(":")[2].strip()
        if name and not name.startswith("*") and label not in computed:
            places.setdefault(name, []).append(index)
    if not places or file.points.shape[0] == 0:
        raise RecordingError(
            STEP, f"labelled markers in {file.name}", "none", "Label the markers and export again"
        )
    blanked = blank_zeros(file.points)
    notes, names, paths = [], [], []
    for name, copies in places.items():
        path = _one_of(blanked[:, copies].transpose(1, 0, 2))
        if path is None and (needed is None or name in needed):
            raise RecordingError(
                STEP,
                f"every marker once in {file.name}",
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
    positions = np.stack(paths, axis=1) if paths else np.zeros((file.points.shape[0], 0, 3))
    unit, said = _unit_m(file, positions)
    time_s = _start_s(file) + np.arange(positions.shape[0]) / file.rate_hz
    markers = Markers(time_s, tuple(names), positions * unit, file.rate_hz, (*said, *notes))
    return markers, unit


def _start_s(file: C3DFile) -> float:
    return (file.first_frame - 1) / file.rate_hz


def _force_rate_hz(file: C3DFile) -> tuple[float, tuple[str, ...]]:
    """Return the rate of the analog samples: whole samples a frame, whatever ANALOG:RATE says.

    Raises:
        RecordingError: ANALOG:RATE names another clock.
    """
    rate_hz = file.samples * file.rate_hz
    stated = file.numbers("ANALOG:RATE").ravel()[:1]
    if stated.size == 0 or not np.isfinite(stated[0]) or stated[0] <= 0.0:
        return rate_hz, ()
    off = abs(float(stated[0]) / rate_hz - 1.0)
    if off > _RATE_CONTRADICTED:
        raise RecordingError(
            STEP,
            f"{rate_hz:g} Hz of force in {file.name} ({file.samples} samples in each of "
            f"{file.rate_hz:g} frames a second)",
            f"ANALOG:RATE {stated[0]:g} Hz",
            "Correct POINT:RATE or ANALOG:RATE, or export the recording again",
        )
    if off > _RATE_ROUNDED:
        note = f"ANALOG:RATE says {stated[0]:g} Hz: {rate_hz:.7g} Hz used, as frames hold samples"
        return rate_hz, (note,)
    return rate_hz, ()


def read_c3d(
    path: Path, axes: Axes, forces: bool = True, needed: Collection[str] | None = None
) -> Recording:
    """Read a C3D file into laboratory axes, metres, newtons and seconds.

    Samples that are not-a-number, exactly (0, 0, 0) or have a negative residual become
    NaN. Times count from the first frame of the capture, so that a trimmed file keeps
    its clock. Plates become wrenches about the laboratory origin.

    Args:
        path: the file.
        axes: how the file's axes map to forward, up and right.
        forces: False leaves the plates alone.
        needed: markers that somebody asks for; two that differ under one such label are refused,
            under another label left out. None: all are needed.

    Returns:
        The recording; ``feet`` is None for every plate, ``wrenches`` empty when the file
        has no plate that anybody touched. What was repaired or left out stands in ``notes``.

    Raises:
        RecordingError: unreadable, in unknown units, without labelled markers, or with a used
            plate that says too little of itself or has blank samples while it is loaded.
        ExcludedError: an earlier step excluded the trial.
    """
    file = read_file(path)
    own, unit_m = _markers(file, needed)
    markers = axes.turn_markers(own)
    read, notes = PlateReadings((), ()), markers.notes
    if forces and file.samples:
        rate_hz, said = _force_rate_hz(file)
        read = read_plates(file, axes, unit_m, _start_s(file), rate_hz)
        notes = (*notes, *said, *read.notes)
    feet = (None,) * len(read.wrenches)
    return Recording(markers, read.wrenches, feet, (path.name,), notes)


def read_standing(
    path: Path, axes: Axes, needed: Collection[str] | None = None
) -> tuple[Markers, float | None]:
    """Read the markers of a C3D file of a standing person, and how high the floor under them is.

    Args:
        path: the file.
        axes: how its axes point.
        needed: as for :func:`read_c3d`.

    Returns:
        The markers, and the height of the plates over the laboratory's zero, metres; None where no
        plate says.

    Raises:
        RecordingError: unreadable, in unknown units, or without labelled markers.
        ExcludedError: an earlier step excluded the trial.
    """
    file = read_file(path)
    own, unit_m = _markers(file, needed)
    markers = axes.turn_markers(own)
    heights = markers.positions_m[..., 1]
    if not np.isfinite(heights).any():
        return markers, None
    lowest_m = float(np.nanpercentile(heights, 1.0))
    return markers, standing_surface_m(file, axes, unit_m, lowest_m)
