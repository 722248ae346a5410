"""The static trial: the stillest second of a runner standing, without gaps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_standing
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.trc import read_trc
from strikelean.lab.floor import lower_markers

STEP = "read_static"
_STILL_S = 1.0
_MOVED_M = 0.02


def _hold_gaps(path: FloatArray) -> FloatArray:
    """Fill a standing marker's gaps (T, 3) by straight lines, held at the ends."""
    seen = np.isfinite(path[:, 0])
    frames = np.arange(path.shape[0])
    return np.column_stack([np.interp(frames, frames[seen], path[seen, axis]) for axis in range(3)])


def _stillest(positions: FloatArray, length: int) -> slice:
    """Return the stretch of ``length`` frames in which the markers move least."""
    if positions.shape[0] <= length:
        return slice(0, positions.shape[0])
    # Running variance of each coordinate, from running sums of values and squares.
    centred = positions.reshape(positions.shape[0], -1)
    centred = centred - centred.mean(axis=0)
    total = np.cumsum(np.vstack([np.zeros(centred.shape[1]), centred]), axis=0)
    squares = np.cumsum(np.vstack([np.zeros(centred.shape[1]), centred**2]), axis=0)
    mean = (total[length:] - total[:-length]) / length
    variance = (squares[length:] - squares[:-length]) / length - mean**2
    start = int(np.argmin(variance.sum(axis=1)))
    return slice(start, start + length)


def read_static(
    path: Path,
    axes: Axes,
    floor_height_m: float | None = None,
    needed: Collection[str] | None = None,
) -> Markers:
    """Read a static trial (C3D or TRC) in laboratory axes and keep its stillest second.

    A standing marker hardly moves, so its gaps are bridged by straight lines and held at
    the ends; markers never seen are left out.

    Args:
        path: the file.
        axes: how its axes point.
        floor_height_m: height of the floor over the laboratory's zero; None: of the force plates
            that the runner stands on, or 0 where the file has none. It becomes height 0.
        needed: markers that are asked for; another label that two markers have is no mistake.

    Returns:
        Markers without NaN, metres, with the reader's notes.

    Raises:
        RecordingError: unreadable, no marker at all, or the runner moved: a median marker
            wanders by over 20 mm (standard deviation) even in the stillest second.
    """
    floor_m = floor_height_m
    if path.suffix.lower() == ".c3d":
        markers, surface_m = read_standing(path, axes, needed)
        floor_m = surface_m if floor_m is None else floor_m
    else:
        markers = axes.turn_markers(read_trc(path, foreign=True, needed=needed))
    markers = lower_markers(markers, floor_m or 0.0)
    seen: NDArray[np.bool_] = np.any(np.isfinite(markers.positions_m[..., 0]), axis=0)
    if not seen.any():
        raise RecordingError(STEP, f"markers in {path.name}", "none", "Record the trial again")
    names = tuple(name for name, known in zip(markers.names, seen.tolist(), strict=True) if known)
    positions = np.stack(
        [_hold_gaps(markers.positions_m[:, index]) for index in np.flatnonzero(seen)], axis=1
    )
    still = _stillest(positions, max(2, round(_STILL_S * markers.rate_hz)))
    wander = float(np.median(np.linalg.norm(np.std(positions[still], axis=0), axis=1)))
    if wander > _MOVED_M:
        raise RecordingError(
            STEP,
            f"a runner standing still for {_STILL_S:g} s in {path.name}",
            f"markers that wander by {1000 * wander:.0f} mm",
            "Name a static trial in static_file",
        )
    return replace(markers, time_s=markers.time_s[still], names=names, positions_m=positions[still])
