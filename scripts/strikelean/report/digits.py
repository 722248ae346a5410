"""Numbers as printed: no more digits than the interval bears."""

from __future__ import annotations

import math

import numpy as np

UNKNOWN = "\u2013"
MINUS = "\u2212"
NO_WIDTH = 1e-6
"""Width over size below which an interval has none."""


def known(value: object) -> bool:
    """Return whether a table's cell holds a finite number."""
    return isinstance(value, (int, float, np.integer, np.floating)) and math.isfinite(value)


def signed(value: float, decimals: int) -> str:
    """Return a number with so many decimals and a true minus sign, never minus zero."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def number(value: object, digits: int = 3) -> str:
    """Return a number with so many significant digits, a dash where it is unknown."""
    if not known(value):
        return UNKNOWN
    size = float(value)  # type: ignore[arg-type]
    return signed(size, _decimals(abs(size), digits))


def count(value: object) -> str:
    """Return a whole number, a dash where it is unknown."""
    return f"{float(value):.0f}" if known(value) else UNKNOWN  # type: ignore[arg-type]


def _decimals(size: float, digits: int) -> int:
    return max(0, digits - 1 - math.floor(math.log10(size))) if size else 0


def interval_decimals(low: object, high: object) -> int:
    """Return the decimals that give half the interval's width two significant digits.

    An interval of no width bears as many as its ends with three digits.
    """
    if not (known(low) and known(high)):
        return 2
    ends = float(low), float(high)  # type: ignore[arg-type]
    width, size = abs(ends[1] - ends[0]), max(abs(end) for end in ends)
    if width > NO_WIDTH * size:
        return _decimals(width / 2.0, 2)
    return _decimals(size, 3) if size > 0.0 else 2


def rounded(value: object, decimals: int) -> str:
    """Return a number with so many decimals, a dash where it is unknown."""
    return signed(float(value), decimals) if known(value) else UNKNOWN  # type: ignore[arg-type]


def interval(low: object, high: object, decimals: int) -> str:
    """Return a confidence interval, a dash where it is unknown."""
    if not (known(low) and known(high)):
        return UNKNOWN
    return f"{rounded(low, decimals)} to {rounded(high, decimals)}"


def probability(value: object) -> str:
    """Return a p-value with two digits, a dash where there was no test."""
    if not known(value):
        return UNKNOWN
    size = float(value)  # type: ignore[arg-type]
    if size < 0.001:
        return "< 0.001"
    return f"{size:.3f}" if size < 0.0995 else f"{size:.2f}"
