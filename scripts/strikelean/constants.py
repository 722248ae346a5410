"""Constants that the whole library shares."""

from __future__ import annotations

GRAVITY_M_S2 = 9.80665
"""Standard gravity (CGPM 1901, resolution 2)."""

UPPER_BODY = ("torso", "thorax", "trunk", "head", "humerus", "ulna", "radius", "hand")
"""Beginnings of the names of bodies whose markers no load of the leg needs: they may be missing."""

ASSUMED_LEAN_DEG = 7.3
"""Of a trunk that nobody saw: mean self-selected lean of 24 runners at 3.4 m/s (Teng & Powers 2014,
10.2519/jospt.2014.5249). Runners differ, so what hangs on it is marked assumed."""
