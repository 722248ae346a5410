"""How strong the hip's own muscles must be for what a recording asks of them.

A net moment is measured; whether muscles can make it hangs on how strong the model's are. Where
they cannot, reserves stand in, which are no muscles. In running that is the hip in abduction and
internal rotation at once (docs/methods.md): a factor on the muscles that cross the hip alone is
looked for, so that those that load knee and ankle stay as they are. It comes on top of what size
tells (``scaling.strength``): mass to the power 2/3, or muscle volumes (Handsfield 2014,
doi 10.1016/j.jbiomech.2013.12.002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.muscles.redundancy import share_moments

ALLOWED_SHARE = 0.02
"""Share of stance frames in which reserves may carry much (project choice)."""
WEAKEST, STRONGEST, STEPS = 0.25, 8.0, 8
"""Range that is searched, and halvings of it on a logarithmic scale: to 1.4 %."""


@dataclass(frozen=True)
class Demand:
    """What S frames ask of one leg's muscles, as they were solved.

    Attributes:
        gains_nm: (S, K, N) moment of each muscle at full activation, hip factor 1.
        hip_alone: (N,) whether a muscle crosses the hip alone.
        left_nm: (S, K) moments to make, passive ones taken off.
        limit_nm: (K,) reserves above which they carry much.
        enough: (S,) a factor that is known to be enough, infinite where none is.
    """

    gains_nm: FloatArray
    hip_alone: NDArray[np.bool_]
    left_nm: FloatArray
    limit_nm: FloatArray
    enough: FloatArray

    def lacking(
        self, factor: float, reserve_nm: float, bounds: tuple[float, float]
    ) -> NDArray[np.bool_]:
        """Return whether reserves carry much in each frame (S,)."""
        rows = np.flatnonzero(self.enough > factor)
        found = np.zeros(len(self.enough), dtype=bool)
        if len(rows):
            reserves = np.full(self.left_nm.shape[1], reserve_nm)
            gains = self.gains_nm[rows] * np.where(self.hip_alone, factor, 1.0)
            solved = share_moments(gains, self.left_nm[rows], reserves, bounds, tolerance_nm=1e-3)
            found[rows] = (np.abs(solved.reserves_nm) > self.limit_nm).any(axis=1)
        return found


def needed_strength(
    legs: Sequence[Demand], reserve_nm: float, bounds: tuple[float, float]
) -> float:
    """Return the least factor on the hip's own muscles that carries what both legs ask.

    Fibres are taken at the lengths and speeds that were solved. Reserves may carry much in
    ``ALLOWED_SHARE`` of frames.

    Args:
        legs: of one trial.
        reserve_nm: moment of a reserve that costs as much as one fully active muscle.
        bounds: of activations.

    Returns:
        The factor, to 1.4 %; infinite where ``STRONGEST`` is not enough.
    """

    def lacks(factor: float) -> bool:
        found = [leg.lacking(factor, reserve_nm, bounds) for leg in legs]
        return float(np.mean(np.concatenate(found))) > ALLOWED_SHARE

    if lacks(STRONGEST):
        return float("inf")
    low, high = np.log(WEAKEST), np.log(STRONGEST)
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if lacks(float(np.exp(middle))) else (low, middle)
    return float(np.exp(high))
