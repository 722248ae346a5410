"""How high a stated centre of pressure lies."""

from __future__ import annotations

import numpy as np

from strikelean.formats.series import FloatArray

# Where a centre of pressure means something.
_LOADED_N = 100.0
_FEW = 10
# A point on a surface keeps its height: a wrench axis' point, or an incline's, does not.
_STEADY_M = 0.005


def surface_height_m(force_n: FloatArray, place_m: FloatArray) -> float | None:
    """Return the height of the surface that a stated centre of pressure lies on, metres.

    Args:
        force_n: (N, 3) laboratory axes.
        place_m: (N, 3) the stated centre of pressure, laboratory axes.

    Returns:
        Median height under load; None where nothing is loaded, or where the height wanders by over
        5 mm (5th to 95th percentile), so that the points are not on one level surface.
    """
    loaded = np.abs(force_n[:, 1]) > _LOADED_N
    heights = place_m[loaded, 1]
    heights = heights[np.isfinite(heights)]
    if heights.size < _FEW:
        return None
    low, high = np.percentile(heights, [5.0, 95.0])
    return float(np.median(heights)) if high - low <= _STEADY_M else None
