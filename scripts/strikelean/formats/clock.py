"""When samples were taken: even times out of times that were rounded when they were written.

Software writes times with a few decimals, so that steps of 1/60 s read 0.016, 0.017, 0.017. What
was sampled evenly is told from what was not by one question: is there an even grid that every
written time lies on, within half a unit of its last decimal? Where whole samples are absent the
grid goes on underneath, and the hole is known exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray

# The first has its reasons in floating-point numbers: 1e-9 s of 1000 s is what remains of 15
# digits. The second is a tenth of a sample: a foot at 10 m/s moves 10 mm in it at 100 Hz, a force
# sampled at 1000 Hz knows nothing of it. The project's choice.
_EXACT_S = 1e-9
_UNEVEN_SHARE = 0.1
# Steps this close to each other are even enough to keep the times as written, whatever their sum
# (a clock added up in single precision drifts).
_LOCAL_SHARE, _LOCAL_S = 0.02, 2e-6
_MAX_DECIMALS = 9
# Fewest digits that a whole column of times can be rounded to.
_MIN_DIGITS, _MAX_DIGITS = 4, 12
# Round rates first: where rounding leaves a choice, a camera runs at 120 Hz, not at 119.9.
_ROUND_HZ = (100.0, 50.0, 10.0, 5.0, 1.0)
# Steps of which more than this share are wider than others are uneven, not full of holes.
_HOLES_SHARE = 0.1
# A rate that a header states is right when it is this near: 59.94 Hz is often called 60.
SAME_RATE = 2e-3


class UnevenError(ValueError):
    """Times that no even grid explains; ``row`` is the first that is off, from 0."""

    def __init__(self, row: int, text: str) -> None:
        self.row = row
        super().__init__(text)


@dataclass(frozen=True)
class Clock:
    """The even grid that times lie on.

    Attributes:
        start_s: time of the first sample.
        rate_hz: of the grid; NaN for a single sample of unknown rate.
        frames: (T,) place of every sample on the grid, the first is 0.
        time_s: (T,) times of the samples.
        off_s: how far a written time lies from the grid, rounding aside.
    """

    start_s: float
    rate_hz: float
    frames: NDArray[np.int64]
    time_s: FloatArray
    off_s: float = 0.0

    def holes(self) -> list[tuple[int, int]]:
        """Return (row after it, samples absent) of every hole."""
        steps = np.diff(self.frames)
        return [(int(row) + 1, int(steps[row]) - 1) for row in np.flatnonzero(steps > 1)]

    def grid_s(self) -> FloatArray:
        """Return the times of the whole grid, holes filled, (frames[-1] + 1,)."""
        if not self.holes():
            return self.time_s
        return self.start_s + np.arange(int(self.frames[-1]) + 1) / self.rate_hz


def _decimals(time_s: FloatArray) -> int | None:
    """Return with how many decimals times were written, None for more than can be told."""
    for decimals in range(_MAX_DECIMALS + 1):
        scaled = time_s * 10.0**decimals
        if float(np.max(np.abs(scaled - np.round(scaled)))) < 1e-3:
            return decimals
    return None


def _significant_half_s(time_s: FloatArray) -> FloatArray | None:
    """Return half a unit of the last significant digit, (T,); None for more than can be told."""
    values = time_s.tolist()
    for digits in range(_MIN_DIGITS, _MAX_DIGITS + 1):
        if all(value == float(f"{value:.{digits}g}") for value in values):
            size = np.floor(np.log10(np.maximum(np.abs(time_s), 1e-12)))
            half: FloatArray = 0.5 * 10.0 ** (size + 1 - digits)
            return half
    return None


def _roundings(time_s: FloatArray) -> Iterator[FloatArray]:
    """Yield how far each written time may be from the true one, (T,): ways to round."""
    decimals = _decimals(time_s)
    half = 0.5 * 10.0**-decimals if decimals is not None else 0.0
    yield np.full(time_s.size, half)
    significant = _significant_half_s(time_s)
    if significant is not None and float(np.max(significant)) > half:
        yield significant


def _misfit_s(time_s: FloatArray, frames: FloatArray, step_s: float, half_s: FloatArray) -> float:
    """Return how far beyond its rounding the worst time lies from the best grid of this step."""
    rest = time_s - frames * step_s
    return 0.5 * float(np.max(rest - half_s) - np.min(rest + half_s))


def _step_s(
    time_s: FloatArray, frames: FloatArray, half_s: FloatArray, stated_hz: float | None
) -> float:
    """Return the step of the grid: a stated or round one where times allow it, else the best."""
    ends_s = float((time_s[-1] - time_s[0]) / frames[-1])
    rates = [round(1.0 / ends_s / unit) * unit for unit in _ROUND_HZ]
    if stated_hz is not None and abs(stated_hz * ends_s - 1.0) < SAME_RATE:
        rates.insert(0, stated_hz)
    for rate in rates:
        if rate > 0.0 and _misfit_s(time_s, frames, 1.0 / rate, half_s) <= _EXACT_S:
            return 1.0 / rate
    if _misfit_s(time_s, frames, ends_s, half_s) <= _EXACT_S:
        return ends_s
    # loaded here: it takes longer than most files to read, whose clocks are exact
    from scipy.optimize import minimize_scalar

    reach = max(2.0 * float(np.max(half_s)) / frames[-1], 1e-3 * ends_s)
    best = minimize_scalar(
        lambda step: _misfit_s(time_s, frames, step, half_s),
        bounds=(ends_s - reach, ends_s + reach),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(best.x)


def _start(time_s: FloatArray, frames: FloatArray, step_s: float, half_s: FloatArray) -> float:
    """Return when frame 0 was: a whole number of steps where times allow it, else as written."""
    rest = time_s - frames * step_s
    low, high = float(np.max(rest - half_s)), float(np.min(rest + half_s))
    for start in (round(time_s[0] / step_s) * step_s, float(time_s[0])):
        if low - _EXACT_S <= start <= high + _EXACT_S:
            return start
    return 0.5 * (low + high)


def _on_units(time_s: FloatArray, half_s: FloatArray, stated_hz: float | None) -> FloatArray | None:
    """Return the places of samples whose step is the unit they are written in, else None.

    Rounding alone would let such times pass for a slower rate without holes: 1000 Hz with three
    decimals and one sample absent reads like 999 Hz. A rate that nobody sets is no answer.
    """
    steps, unit = np.diff(time_s), 2.0 * float(np.max(half_s))
    if unit <= 0.0 or abs(float(np.median(steps)) / unit - 1.0) > 1e-6:
        return None
    if stated_hz is not None and abs(stated_hz * unit - 1.0) > SAME_RATE:
        return None
    rate_hz = steps.size / float(time_s[-1] - time_s[0])
    frames = np.arange(time_s.size, dtype=np.float64)
    for round_hz in _ROUND_HZ[:-1]:
        rate = round(rate_hz / round_hz) * round_hz
        other = rate > 0.0 and abs(rate * unit - 1.0) > 1e-6
        if other and _misfit_s(time_s, frames, 1.0 / rate, half_s) <= _EXACT_S:
            return None
    counts = np.round(steps / unit)
    # holes and rows that stand twice are few; a rate that is no round one has other steps all along
    few = np.count_nonzero(counts != 1) <= max(3, 0.01 * steps.size)
    return np.concatenate([[0.0], np.cumsum(counts)]) if few else None


def _places(
    time_s: FloatArray, half_s: FloatArray, stated_hz: float | None
) -> Iterator[FloatArray]:
    """Yield where on a grid the samples may lie, (T,): without holes, then with them."""
    on_units = _on_units(time_s, half_s, stated_hz)
    if on_units is not None:
        yield on_units
        return
    yield np.arange(time_s.size, dtype=np.float64)
    steps = np.diff(time_s)
    ends_s = float((time_s[-1] - time_s[0]) / steps.size)
    unit, usual = 2.0 * float(np.max(half_s)), float(np.median(steps)) or ends_s
    # a step with a hole is about two usual ones or more; rounding moves both by up to a unit
    fine = (1.5 * usual,) if unit < 0.6 * usual else ()
    for limit in (1.5 * usual + unit, 1.05 * ends_s + unit, *fine):
        wide = steps > limit
        # holes are few: steps that differ all along are uneven
        if not 0 < np.count_nonzero(wide) <= _HOLES_SHARE * steps.size:
            continue
        # the longest run without a hole tells the step
        edges = np.concatenate([[0], np.flatnonzero(wide) + 1, [time_s.size]])
        longest = int(np.argmax(np.diff(edges)))
        run = slice(int(edges[longest]), int(edges[longest + 1]))
        step = usual
        if run.stop - run.start > 2 and time_s[run][-1] > time_s[run][0]:
            inner = np.arange(run.stop - run.start, dtype=np.float64)
            step = _step_s(time_s[run], inner, half_s[run], stated_hz)
        counts = np.where(wide, np.maximum(1.0, np.round(steps / step)), 1.0)
        yield np.concatenate([[0.0], np.cumsum(counts)])


def _without_repeats(clock: Clock) -> Clock:
    again = np.flatnonzero(np.diff(clock.frames) == 0)
    if again.size:
        row = int(again[0]) + 1
        raise UnevenError(row, f"{clock.time_s[row]:g} s again")
    return clock


def even_clock(time_s: FloatArray, stated_hz: float | None = None) -> Clock:
    """Return the even grid that written times lie on.

    Args:
        time_s: (T,) seconds, as written; they must not go back.
        stated_hz: the rate a header states, preferred where the times allow it.

    Raises:
        UnevenError: no even grid, with or without holes, is within rounding of the times.
    """
    if time_s.size < 2:
        rate = float("nan") if stated_hz is None else stated_hz
        return Clock(float(time_s[0]), rate, np.zeros(1, dtype=np.int64), time_s)
    if time_s[-1] <= time_s[0]:
        raise UnevenError(1, f"{time_s[1]:g} s again")
    best: Clock | None = None
    for half_s in _roundings(time_s):
        for frames in _places(time_s, half_s, stated_hz):
            step_s = _step_s(time_s, frames, half_s, stated_hz)
            off_s = max(0.0, _misfit_s(time_s, frames, step_s, half_s))
            if best is None or off_s < best.off_s:
                start_s = _start(time_s, frames, step_s, half_s)
                places = np.round(frames).astype(np.int64)
                best = Clock(start_s, 1.0 / step_s, places, start_s + frames * step_s, off_s)
            if off_s <= _EXACT_S:
                return _without_repeats(best)
    assert best is not None
    steps = np.diff(time_s)
    again = np.flatnonzero(steps == 0.0)
    if again.size:
        row = int(again[0]) + 1
        raise UnevenError(row, f"{time_s[row]:g} s again")
    usual = float(np.median(steps))
    if float(np.max(np.abs(steps - usual))) <= _LOCAL_SHARE * usual + _LOCAL_S:
        rate_hz = float((time_s.size - 1) / (time_s[-1] - time_s[0]))
        return Clock(float(time_s[0]), rate_hz, np.arange(time_s.size), time_s)
    if best.off_s <= _UNEVEN_SHARE / best.rate_hz:
        return best
    row = int(np.argmax(np.abs(time_s - best.time_s)))
    raise UnevenError(
        row,
        f"{time_s[row]:g} s, {1000.0 * abs(time_s[row] - best.time_s[row]):.1f} ms beside "
        f"{best.rate_hz:.6g} Hz",
    )
