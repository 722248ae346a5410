"""Units as recordings name them, in metres, newtons and newton metres."""

from __future__ import annotations

import re

LENGTHS = {
    "m": 1.0,
    "meter": 1.0,
    "meters": 1.0,
    "metre": 1.0,
    "metres": 1.0,
    "dm": 0.1,
    "cm": 1e-2,
    "mm": 1e-3,
    "centimeter": 1e-2,
    "centimeters": 1e-2,
    "centimetres": 1e-2,
    "millimeter": 1e-3,
    "millimeters": 1e-3,
    "millimetres": 1e-3,
    "um": 1e-6,
    "µm": 1e-6,
    "μm": 1e-6,
    "in": 0.0254,
    "inch": 0.0254,
    "inches": 0.0254,
    "ft": 0.3048,
}
FORCES = {"n": 1.0, "newton": 1.0, "newtons": 1.0, "kn": 1e3}
MOMENTS = {"nm": 1.0, "nmm": 1e-3, "ncm": 1e-2, "knm": 1e3, "nmeter": 1.0, "newtonmeter": 1.0}


def factor(units: dict[str, float], text: str) -> float | None:
    """Return what a unit's name is worth in SI, None for one that says nothing here.

    Spelling does not matter: ``N.mm``, ``N*mm``, ``N mm`` and ``Nmm`` are one.
    """
    return units.get(re.sub(r"[\s.*·⋅_-]", "", text).lower())
