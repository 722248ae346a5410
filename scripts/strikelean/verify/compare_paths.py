"""Compiled muscle paths beside OpenSim's own evaluation, on the same frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strikelean.dynamics.multibody import Multibody
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.geometry import MusclePaths
from strikelean.muscles.paths import PathMotion, follow_paths


@dataclass(frozen=True)
class PathDifferences:
    """Compiled less OpenSim's, absolute.

    Attributes:
        compiled: the paths that were compared.
        lengths_m, speeds_m_s: (T, N).
        forces, moments_m: (T, N) largest component on any body per newton of tension, moments
            about the laboratory's origin.
        opensim: what OpenSim says.
    """

    compiled: MusclePaths
    lengths_m: FloatArray
    speeds_m_s: FloatArray
    forces: FloatArray
    moments_m: FloatArray
    opensim: PathMotion


def _dense(motion: PathMotion, bodies: int) -> FloatArray:
    """Return pulls (6, N, B + 1, T), ground the last."""
    shape = (6, len(motion.muscles), bodies + 1, len(motion.lengths_m))
    pulls = np.zeros(shape)
    pulls[:, motion.pair_muscles, motion.pair_bodies] = motion.pulls
    return pulls


def compare_paths(
    engine: Multibody,
    tree: KinematicTree,
    muscles: Sequence[str],
    coordinates: FloatArray,
    speeds: FloatArray,
) -> PathDifferences:
    """Evaluate (T, Q) coordinates and speeds both ways.

    Args:
        engine: the model.
        tree: the same model, compiled.
        muscles: N names.
        coordinates: radians and metres.
        speeds: their rates.
    """
    compiled = compile_paths(engine, tree, muscles, engine_defect=True)
    own = follow_paths(compiled, coordinates, speeds)
    twin = compile_paths(engine, tree, muscles, compiled=False)
    stock = follow_paths(twin, coordinates, speeds)
    apart = np.abs(_dense(own, len(tree.bodies)) - _dense(stock, len(tree.bodies))).max(axis=2)
    return PathDifferences(
        compiled=compiled,
        lengths_m=np.abs(own.lengths_m - stock.lengths_m),
        speeds_m_s=np.abs(own.speeds_m_s - stock.speeds_m_s),
        forces=apart[:3].max(axis=0).T,
        moments_m=apart[3:].max(axis=0).T,
        opensim=stock,
    )
