"""Constants that the whole library shares."""

from __future__ import annotations

GRAVITY_M_S2 = 9.80665
"""Standard gravity (CGPM 1901, resolution 2)."""

UPPER_BODY = ("torso", "thorax", "trunk", "head", "humerus", "ulna", "radius", "hand")
"""Beginnings of the names of bodies whose markers no load of the leg needs: they may be missing."""
