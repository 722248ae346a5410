"""C3D: markers and force plates, in metres, newtons and the runner's own axes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d_file import STEP, C3DFile, read_file
from strikelean.formats.force_plates import PlateReadings, read_plates, standing_surface_m
from strikelean.formats.marker_files import blank_zeros, gather_markers, metres_per_unit
from strikelean.formats.series import Markers, Recording

# Lists of labels whose points are angles, moments and the like, no positions.
_COMPUTED = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS")
# Rates that disagree by more than rounding name different clocks.
_RATE_ROUNDED, _RATE_CONTRADICTED = 1e-5, 0.01


def _markers(file: C3DFile, needed: Collection[str] | None) -> tuple[Markers, float]:
    """Return the labelled markers in the file's axes, and what the file's unit is worth in metres.

    Their clock starts at frame 1 = 0 s.
    """
    if file.points.shape[0] == 0:
        raise RecordingError(STEP, f"frames in {file.name}", "none", "Export the recording again")
    computed = {label for group in _COMPUTED for label in file.texts(f"POINT:{group}")}
    labels = [
        "" if label in computed else label
        for label in file.texts("POINT:LABELS")[: file.points.shape[1]]
    ]
    names, positions, notes = gather_markers(
        file.name, labels, blank_zeros(file.points), STEP, needed
    )
    stated = (file.texts("POINT:UNITS") or [""])[0]
    unit, said = metres_per_unit(file.name, "POINT:UNITS", stated, positions, STEP)
    time_s = _start_s(file) + np.arange(positions.shape[0]) / file.rate_hz
    return Markers(time_s, names, positions * unit, file.rate_hz, (*said, *notes)), unit


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
