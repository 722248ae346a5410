"""When a force plate was touched, where it was loaded, and which of its samples are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from strikelean.errors import RecordingError
from strikelean.formats.c3d_file import STEP
from strikelean.formats.plate_kinds import Plate
from strikelean.formats.series import FloatArray
from strikelean.signals import contiguous_runs, lowpass

# A touch: force that leaves its own level, slow drift taken off, by the contact threshold for
# longer than a switching spike lasts behind the low-pass. Noise of 15 N SD at 1000 Hz keeps 5 N.
TOUCH_N, TOUCH_S = 50.0, 0.03
_TOUCH_HZ, _DRIFT_S = 60.0, 2.0
# Where a centre of pressure means something: half of the largest force, and 100 N.
_LOADED_N, _LOADED_SHARE = 100.0, 0.5
# No running contact hides in a gap this short (0.1 s is the shortest one counted).
_GAP_S = 0.05


@dataclass(frozen=True)
class Load:
    """When a plate was loaded.

    Attributes:
        well: (N,) by at least half of its largest force, and 100 N.
        free: (N,) by nothing: within the contact threshold of its unloaded level.
    """

    well: NDArray[np.bool_]
    free: NDArray[np.bool_]


def smooth_load(load: FloatArray, rate_hz: float) -> FloatArray:
    """Return a load (N,) behind a light low-pass, missing samples bridged."""
    known = np.isfinite(load)
    clock = np.arange(load.size)
    bridged = np.interp(clock, clock[known], load[known])
    smooth = lowpass(bridged, rate_hz, min(_TOUCH_HZ, 0.4 * rate_hz))
    return np.where(np.isfinite(smooth), smooth, bridged)


def idle_reason(load: FloatArray, rate_hz: float) -> str:
    """Return why a plate with this load (N,) was touched by nobody, '' when somebody did."""
    known = load[np.isfinite(load)]
    if known.size < max(2.0, TOUCH_S * rate_hz):
        return "it reads not-a-number"
    if np.ptp(known) == 0.0:
        return f"it reads {known[0]:.0f} N all the time"
    smooth = smooth_load(load, rate_hz)
    # the running level needs no more than some samples a contact
    every = max(1, int(rate_hz // 100.0))
    width = int(_DRIFT_S * rate_hz / every) | 1
    slow = median_filter(smooth[::every], width, mode="nearest")
    clock = np.arange(smooth.size)
    away = np.abs(smooth - np.interp(clock, clock[::every], slow)) > TOUCH_N
    longest = max((run.stop - run.start for run in contiguous_runs(away)), default=0)
    if longest >= TOUCH_S * rate_hz:
        return ""
    return f"nobody touched it (within {TOUCH_N:g} N of its own level)"


def unloaded_level_n(load: FloatArray) -> float:
    """Return what a plate reads unloaded: of its usual lowest and highest, what is nearer zero."""
    low, high = np.nanpercentile(load, [5.0, 95.0])
    return float(low if abs(low) < abs(high) else high)


def find_load(load: FloatArray, rate_hz: float) -> Load:
    """Return when a plate with this load (N,) was loaded."""
    smooth = smooth_load(load, rate_hz)
    away = np.abs(smooth - unloaded_level_n(smooth))
    return Load(away >= max(_LOADED_N, _LOADED_SHARE * float(away.max())), away < TOUCH_N)


def bridge_gaps(
    plate: Plate, values: FloatArray, rate_hz: float, start_s: float, name: str
) -> tuple[FloatArray, list[str]]:
    """Return a used plate's samples (N, channels) without inner gaps, and what there is to say.

    A gap too short to hide a contact, with an unloaded plate on both sides, becomes a straight
    line. At either end of the recording it stays blank: there the recording begins or ends.

    Args:
        plate: that was used.
        values: (N, channels) scaled analog samples.
        rate_hz: of them.
        start_s: time of the first.
        name: of the file, for the message.

    Raises:
        RecordingError: another gap; the force of a foot would be invented.
    """
    values = np.where(np.isfinite(values), values, np.nan)
    load = plate.load(values)
    with np.errstate(invalid="ignore"):
        free = np.abs(load - unloaded_level_n(load)) < TOUCH_N
    if plate.kind == 1:
        # nothing is loaded: there is no centre of pressure, and none is needed
        values[free, 3:] = np.nan_to_num(values[free, 3:])
    missing = np.asarray(~np.isfinite(values).all(axis=1))
    filled, bridged = values.copy(), 0
    for gap in contiguous_runs(missing):
        if gap.start == 0 or gap.stop == missing.size:
            continue
        length = gap.stop - gap.start
        if length > _GAP_S * rate_hz or not (free[gap.start - 1] and free[gap.stop]):
            raise RecordingError(
                STEP,
                f"numbers from {plate.label} in {name} wherever it may be loaded",
                f"not-a-number at {start_s + gap.start / rate_hz:.3f} s "
                f"for {1000.0 * length / rate_hz:.0f} ms",
                "Export the forces again, or cut the recording before it",
            )
        share = np.linspace(0.0, 1.0, length + 2)[1:-1, np.newaxis]
        filled[gap] = (1.0 - share) * values[gap.start - 1] + share * values[gap.stop]
        bridged += length
    note = f"{plate.label}: {bridged} samples not-a-number while unloaded were bridged"
    return filled, [note] if bridged else []


def common_span(
    blocks: Sequence[FloatArray],
    plates: Sequence[Plate],
    rate_hz: float,
    start_s: float,
    name: str,
) -> tuple[slice, list[str]]:
    """Return the samples that every used plate has, and what is lost at the ends.

    Raises:
        RecordingError: there are none.
    """
    known = [np.asarray(np.isfinite(block).all(axis=1)) for block in blocks]

    def missing(part: slice) -> str:
        labels = [p.label for p, there in zip(plates, known, strict=True) if not there[part].all()]
        return " and ".join(labels)

    every = np.flatnonzero(np.logical_and.reduce(known))
    if every.size < TOUCH_S * rate_hz:
        raise RecordingError(
            STEP,
            f"numbers from {missing(slice(None))} in {name}, which somebody touched",
            "not-a-number",
            "Export the forces again",
        )
    span = slice(int(every[0]), int(every[-1]) + 1)
    notes = []
    if span.start:
        at = start_s + span.start / rate_hz
        notes.append(f"force begins at {at:.3f} s: {missing(slice(span.start))} blank before")
    if span.stop < known[0].size:
        at = start_s + (span.stop - 1) / rate_hz
        notes.append(f"force ends at {at:.3f} s: {missing(slice(span.stop, None))} blank after")
    return span, notes
