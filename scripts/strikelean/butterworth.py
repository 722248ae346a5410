"""Butterworth's low-pass there and back, and peaks that stand out.

scipy.signal has both. It takes half a second to import, with scipy.stats in its wake: an eighth of
what a trial costs from its recording to its loads. ``tests/unit/test_butterworth.py`` holds what
comes out here against it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from strikelean.formats.series import FloatArray

Section = tuple[FloatArray, FloatArray]


def butterworth(poles: int, cutoff_hz: float, rate_hz: float) -> list[Section]:
    """Return a low-pass as sections of at most two poles, with a gain of 1 at rest.

    Args:
        poles: of one pass.
        cutoff_hz: -3 dB frequency of one pass, below half the rate.
        rate_hz: sampling rate.

    Returns:
        Coefficients of input and output, (3,) each, newest sample first, by the bilinear
        transform (Oppenheim & Schafer 2010, Discrete-Time Signal Processing, section 7.2).
    """
    warped = np.tan(np.pi * cutoff_hz / rate_hz)
    sections = []
    for pair in range(poles // 2):
        damping = 2.0 * np.sin(np.pi * (2 * pair + 1) / (2 * poles)) * warped
        first = 1.0 + damping + warped**2
        given = warped**2 * np.array([1.0, 2.0, 1.0]) / first
        back = np.array([first, 2.0 * (warped**2 - 1.0), 1.0 - damping + warped**2]) / first
        sections.append((given, back))
    if poles % 2:
        first = 1.0 + warped
        given = warped * np.array([1.0, 1.0, 0.0]) / first
        sections.append((given, np.array([first, warped - 1.0, 0.0]) / first))
    return sections


def _pass(sections: list[Section], values: FloatArray) -> FloatArray:
    """Return (T, N) samples filtered forwards; before the first they were at rest at its value."""
    for given, back in sections:
        moved = values - values[0]
        right = given[0] * moved
        right[1:] += given[1] * moved[:-1]
        right[2:] += given[2] * moved[:-2]
        # what comes out at a sample with what came out before: a band of three diagonals
        bands = np.repeat(back[:, None], len(values), axis=1)
        values = values[0] + solve_banded((2, 0), bands, right, check_finite=False)
    return values


def there_and_back(sections: list[Section], values: FloatArray, padding: int) -> FloatArray:
    """Return (T, N) samples filtered forwards, then backwards, so that nothing is delayed.

    Args:
        sections: of :func:`butterworth`.
        values: without a NaN.
        padding: samples, fewer than T, by which both ends are lengthened, turned about the end's
            value, so that the filter has settled where the samples begin.
    """
    before = 2.0 * values[0] - values[padding:0:-1]
    after = 2.0 * values[-1] - values[-2 : -padding - 2 : -1]
    passed = _pass(sections, np.concatenate([before, values, after]))
    passed = _pass(sections, passed[::-1])[::-1]
    return np.asarray(passed[padding : padding + len(values)])


def standing_out(values: FloatArray, height: float) -> NDArray[np.int64]:
    """Return where (T,) values have a local maximum that stands out by a height.

    A maximum stands out by what lies between it and the higher of the two lowest values, before
    and after it, on the way to anything that is higher, or to the end (its prominence). Of equal
    neighbours the middle one counts. A NaN is an end.
    """
    if not values.size:
        return np.array([], dtype=np.int64)
    steps = np.flatnonzero(np.diff(values))
    first, last = np.r_[0, steps + 1], np.r_[steps, len(values) - 1]
    level = values[first]
    tops = 1 + np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:]))
    found = []
    for top in tops:
        higher = np.flatnonzero(~(level <= level[top]))
        begin = higher[higher < top].max(initial=-1) + 1
        end = higher[higher > top].min(initial=len(level))
        foot = max(level[begin:top].min(), level[top:end].min())
        if level[top] - foot >= height:
            found.append((first[top] + last[top]) // 2)
    return np.array(found, dtype=np.int64)
