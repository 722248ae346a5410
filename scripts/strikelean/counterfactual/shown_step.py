"""Which step of a trial figures show, for those who make their points and those who draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from strikelean.markersets import SIDES

ANGLE = "trunk_lean_change_deg"
"""Column of a sweep's tables."""
KNEE_PEAK = "knee_extension_moment_peak"


def usual_step(peaks: Mapping[int, float]) -> int:
    """Return the step whose peak lies nearest the mean of all, the earlier of two as near.

    Args:
        peaks: peak knee extension moment by step, none of them NaN.
    """
    mean = sum(peaks.values()) / len(peaks)
    return min(sorted(peaks), key=lambda step: round(abs(peaks[step] - mean), 6))


def shown_step(metrics: pd.DataFrame, steps: Sequence[tuple[int, str]]) -> tuple[int, str] | None:
    """Return the step that a figure shows, with its side: of the right foot where it has any.

    Of a foot's steps it is the one whose peak knee extension moment lies nearest their mean; the
    first where no moment is known.

    Args:
        metrics: rows of metrics.csv of one trial.
        steps: number and side of those that may be shown.
    """
    for side in SIDES:
        own = [number for number, foot in steps if foot == side]
        rows = metrics[(metrics["metric"] == KNEE_PEAK) & (metrics["side"] == side)]
        peaks = rows[rows["step"].isin(own)].set_index("step")["value"].dropna()
        if not peaks.empty:
            return usual_step({int(step): float(peaks[step]) for step in peaks.index}), side
        if own:
            return min(own), side
    return None
