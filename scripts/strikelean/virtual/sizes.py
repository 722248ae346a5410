"""How large a virtual runner is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray

# What carries a segment's name in the model; both sides alike.
SEGMENTS: Mapping[str, tuple[str, ...]] = {
    "pelvis": ("pelvis",),
    "thigh": ("femur_{}", "patella_{}"),
    "shank": ("tibia_{}",),
    "foot": ("talus_{}", "calcn_{}", "toes_{}"),
    "torso": ("torso",),
    "arm": ("humerus_{}", "ulna_{}", "radius_{}", "hand_{}"),
}


@dataclass(frozen=True)
class BodySizes:
    """How large a runner is.

    Attributes:
        height_m, mass_kg: stature and mass.
        factors: size of each segment over the generic model's.
    """

    height_m: float
    mass_kg: float
    factors: Mapping[str, float]

    def by_body(self) -> dict[str, FloatArray]:
        """Return (3,) scale factors of every body."""
        found = {}
        for segment, names in SEGMENTS.items():
            for name in names:
                for side in "rl" if "{}" in name else "":
                    found[name.format(side)] = np.full(3, self.factors[segment])
                if "{}" not in name:
                    found[name] = np.full(3, self.factors[segment])
        return found
