"""A virtual runner's true model: the generic one, scaled to sampled sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from strikelean.markersets import MarkerSet
from strikelean.model.engine import open_model, save_model
from strikelean.model.mismatch import Mismatch, disturb_model, misshape
from strikelean.model.scaling import (
    attach_markers,
    fibre_lengths_m,
    scale_bodies,
    scale_strength,
)
from strikelean.virtual.sizes import BodySizes


def build_body(
    generic_osim: Path,
    marker_set: MarkerSet,
    sizes: BodySizes,
    strength: str,
    output_osim: Path,
    mismatch: Mismatch | None = None,
    random: np.random.Generator | None = None,
) -> None:
    """Write a runner's true model, its markers where the generic model has them.

    Args:
        generic_osim: edited generic model.
        marker_set: of the laboratory.
        sizes: of the runner.
        strength: method of :func:`strikelean.model.scaling.scale_strength`.
        output_osim: model written.
        mismatch: what differs from the scaled generic model, None for nothing.
        random: source of chance for that.
    """
    model = open_model(generic_osim)
    generic_mass = model.getTotalMass(model.initSystem())
    attach_markers(model, marker_set)
    lengths = fibre_lengths_m(model)
    factors = sizes.by_body()
    if mismatch is not None and random is not None:
        factors = misshape(factors, mismatch, random)
    scale_bodies(model, factors, sizes.mass_kg)
    heights = (sizes.height_m, marker_set.model_height_m)
    scale_strength(model, lengths, strength, (sizes.mass_kg, generic_mass), heights)
    if mismatch is not None and random is not None:
        disturb_model(model, mismatch, random)
    save_model(model, output_osim)
