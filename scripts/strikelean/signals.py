"""Filters, runs of unbroken samples and resampling: what every stage does to a signal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray

# A step of more than this many sampling intervals is a hole between two windows.
_HOLE = 1.5


def samples_in(duration_s: float, rate_hz: float) -> int:
    """Return the fewest sampling intervals that last a duration.

    A rate that was worked out from times is off in its last digits; that must not add one.
    """
    return int(np.ceil(duration_s * rate_hz - 1e-6))


def contiguous_runs(present: NDArray[np.bool_]) -> list[slice]:
    """Return the slices of unbroken True in (T,), in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def time_runs(time_s: FloatArray, rate_hz: float) -> list[slice]:
    """Return the slices of (T,) times without a hole between neighbours."""
    if time_s.size == 0:
        return []
    cuts = np.flatnonzero(np.diff(time_s) > _HOLE / rate_hz) + 1
    edges = [0, *cuts.tolist(), time_s.size]
    return [slice(a, b) for a, b in pairwise(edges)]


def fewest_samples(order: int) -> int:
    """Return how many samples in a row :func:`lowpass` of an order needs to settle."""
    return 3 * (order // 2 + 1) + 1


def lowpass(
    values: FloatArray,
    rate_hz: float,
    cutoff_hz: float,
    order: int = 4,
    time_s: FloatArray | None = None,
) -> FloatArray:
    r"""Filter with a zero-lag Butterworth low-pass whose -3 dB point is ``cutoff_hz``.

    The filter runs forwards and backwards, ``order / 2`` poles a pass, so that the two
    passes together have ``order``. Two passes lower the -3 dB point; each pass is
    therefore designed for a higher one,
    :math:`\tan(\pi f_c'/f_s) = \tan(\pi f_c/f_s) / (\sqrt 2 - 1)^{1/(2n)}` with n poles a
    pass (0.802 for n = 2): Winter 2009, Biomechanics and Motor Control of Human Movement,
    doi 10.1002/9780470549148, section 3.4.4.2.

    Each unbroken run of finite rows is filtered by itself: a row with a NaN in any column
    breaks the run for all columns, and nothing is carried over a hole in time. Runs too
    short to settle (up to three samples a pole) come back as NaN, as unfiltered samples
    would pass for filtered ones.

    Args:
        values: (T,) or (T, ...) samples.
        rate_hz: sampling rate.
        cutoff_hz: -3 dB frequency after both passes.
        order: even, of both passes together.
        time_s: (T,) times, when there may be holes between windows.

    Raises:
        ValueError: odd order, or a cut-off of 0 or less.
        RecordingError: a sampling rate that is not above twice the cut-off.
    """
    # a third of a second to import, which stages that filter nothing do without
    from scipy.signal import butter, sosfiltfilt

    if order < 2 or order % 2:
        raise ValueError(f"order must be even, not {order}")
    poles = order // 2
    correction = (np.sqrt(2.0) - 1.0) ** (1.0 / (2.0 * poles))
    if cutoff_hz <= 0.0:
        raise ValueError(f"cut-off must be above 0 Hz, not {cutoff_hz} Hz")
    if cutoff_hz >= rate_hz / 2.0:
        raise RecordingError(
            "low_pass",
            f"samples at more than {2 * cutoff_hz:g} Hz, twice the cut-off of {cutoff_hz:g} Hz",
            f"{rate_hz:g} Hz",
            "Record faster, or lower the cut-off (section filter of the configuration)",
        )
    design_hz = rate_hz / np.pi * np.arctan(np.tan(np.pi * cutoff_hz / rate_hz) / correction)
    sections = butter(poles, design_hz, fs=rate_hz, output="sos")
    rows = values.reshape(values.shape[0], -1)
    finite = np.all(np.isfinite(rows), axis=1)
    clock = np.arange(rows.shape[0]) / rate_hz if time_s is None else time_s
    filtered = np.full(rows.shape, np.nan)
    shortest = fewest_samples(order) - 1
    # Two periods of the cut-off, mirrored at both ends, let the filter settle.
    padding = max(shortest, samples_in(2.0 / cutoff_hz, rate_hz))
    for block in time_runs(clock, rate_hz):
        for part in contiguous_runs(finite[block]):
            run = slice(block.start + part.start, block.start + part.stop)
            length = run.stop - run.start
            if length > shortest:
                filtered[run] = sosfiltfilt(
                    sections, rows[run], axis=0, padlen=min(padding, length - 1)
                )
    return filtered.reshape(values.shape)


def nearest_rows(time_s: FloatArray, wanted_s: FloatArray) -> NDArray[np.int64]:
    """Return, for (K,) times, the rows of (T,) increasing times that lie nearest."""
    later = np.clip(np.searchsorted(time_s, wanted_s), 1, len(time_s) - 1)
    earlier = wanted_s - time_s[later - 1] < time_s[later] - wanted_s
    return np.asarray(later - earlier, dtype=np.int64)


def at_times(time_s: FloatArray, values: FloatArray, wanted_s: FloatArray) -> FloatArray:
    """Interpolate (T, ...) values linearly at (K,) times; NaN beyond the ends and at NaN."""
    rows = values.reshape(values.shape[0], -1)
    out = np.empty((wanted_s.size, rows.shape[1]))
    for column in range(rows.shape[1]):
        out[:, column] = np.interp(wanted_s, time_s, rows[:, column], left=np.nan, right=np.nan)
    return out.reshape((wanted_s.size, *values.shape[1:]))


def over_stance(
    time_s: FloatArray, values: FloatArray, start_s: float, end_s: float, points: int = 101
) -> FloatArray:
    """Resample (T, ...) by a cubic spline to ``points`` instants from start to end.

    Returns:
        (points, ...); all NaN when the samples do not span the interval or hold a NaN in
        it, so that nothing is extrapolated.
    """
    # a third of a second to import, which whoever reads results does without
    from scipy.interpolate import CubicSpline

    wanted = np.linspace(start_s, end_s, points)
    step = float(np.median(np.diff(time_s)))
    near = (time_s >= start_s - 4.0 * step) & (time_s <= end_s + 4.0 * step)
    inside = (time_s >= start_s - _HOLE * step) & (time_s <= end_s + _HOLE * step)
    rows = values.reshape(values.shape[0], -1)
    good = near & np.all(np.isfinite(rows), axis=1)
    nothing = np.full((points, *values.shape[1:]), np.nan)
    if np.any(inside & ~good) or np.count_nonzero(good) < 4:
        return nothing
    if time_s[good][0] > start_s + 1e-9 or time_s[good][-1] < end_s - 1e-9:
        return nothing
    resampled: FloatArray = CubicSpline(time_s[good], rows[good], axis=0)(wanted)
    return resampled.reshape((points, *values.shape[1:]))
