"""Classes of foot strike by its angle, for whoever reads results; how it is measured: strike.py."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

# Cut-offs of the foot-strike angle alone: Mo 2023, against the strike index of 43 runners.
# Altman & Davis 2012 (10.1016/j.gaitpost.2011.09.104) are cited with 8.0 and -1.6.
REARFOOT_ABOVE_DEG = 7.4
FOREFOOT_BELOW_DEG = -0.8
REARFOOT, MIDFOOT, FOREFOOT = "rearfoot", "midfoot", "forefoot"
MIXED = "mixed"
"""Feet of different classes."""


def strike_class(foot_strike_angle_deg: float) -> str:
    """Return ``rearfoot``, ``midfoot`` or ``forefoot``; empty when the angle is unknown."""
    if not np.isfinite(foot_strike_angle_deg):
        return ""
    if foot_strike_angle_deg > REARFOOT_ABOVE_DEG:
        return REARFOOT
    return FOREFOOT if foot_strike_angle_deg < FOREFOOT_BELOW_DEG else MIDFOOT


def class_of_feet(classes: Iterable[str]) -> str:
    """Return the class that all feet share, ``mixed`` where they differ, empty if none is known."""
    known = {name for name in classes if name}
    return (known.pop() if len(known) == 1 else MIXED) if known else ""
