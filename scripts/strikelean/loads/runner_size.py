"""A runner's mass and stature, for whatever loads are divided by."""

from __future__ import annotations

from dataclasses import dataclass

from strikelean.constants import GRAVITY_M_S2


@dataclass(frozen=True)
class RunnerSize:
    """What loads are divided by.

    Attributes:
        mass_kg: body mass.
        height_m: body height.
    """

    mass_kg: float
    height_m: float

    @property
    def weight_n(self) -> float:
        """Body weight, N."""
        return self.mass_kg * GRAVITY_M_S2
