"""One curve a runner out of cohort.h5: steps averaged within side, then sides and trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.hdf5 import Waveform
from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import KNOWN_SHARE

PER_MASS, PER_WEIGHT = "mass", "weight"


def runner_curve(
    waveforms: Mapping[str, Waveform], subject: str, trials: Sequence[str], quantity: str
) -> FloatArray | None:
    """Return a runner's mean curve (101,), or None where nothing is known.

    Steps are averaged within a side, then sides and trials; a point known in fewer than half
    of a side's steps is left blank, for the few would not be the side's usual steps.
    """
    curves = []
    for trial in trials:
        for side in ("right", "left"):
            found = waveforms.get(f"{subject}/{trial}/{side}/{quantity}")
            if found is None or not len(found.values):
                continue
            known = np.isfinite(found.values)
            counted = known.sum(axis=0)
            usual = (counted > 0) & (counted >= KNOWN_SHARE * len(found.values))
            if not usual.any():
                continue
            mean = np.full(found.values.shape[1], np.nan)
            total = np.where(known, found.values, 0.0).sum(axis=0)
            mean[usual] = total[usual] / counted[usual]
            curves.append(mean)
    return np.asarray(np.mean(curves, axis=0)) if curves else None


def divisor(per: str, mass_kg: float) -> float:
    """Return what a runner's curve is divided by: mass in kg, weight in newtons, or 1."""
    return {PER_MASS: mass_kg, PER_WEIGHT: mass_kg * GRAVITY_M_S2}.get(per, 1.0)
