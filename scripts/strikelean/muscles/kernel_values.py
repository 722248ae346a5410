"""What the compiled loops of muscles read and fill (:mod:`strikelean.muscles.muscle_kernel`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray


class Table(NamedTuple):
    """Curves of N muscles, in cubic pieces on one even grid.

    Attributes:
        pieces: (curves, pieces, 4) coefficients, highest power first.
        which: (N,) curve of each muscle.
        first, last, step: of the grid; beyond it a curve keeps its last value.
    """

    pieces: FloatArray
    which: NDArray[np.int64]
    first: float
    last: float
    step: float


class Driven(NamedTuple):
    """N muscles with their tendons, and one way of driving them; SI, (N,) each.

    Attributes:
        max_isometric_n, optimal_m, slack_m, thickness_m: of fibres and tendons.
        shortest_m: of the fibres.
        fastest_m_s: highest fibre speed.
        at_most_m: stretch of the tendons at maximum isometric force.
        elastic: whether a tendon stretches.
        strength, passive: factors on active and on passive force.
        weights: of activations in the cost.
        force_length, elastic_force, force_speed, tendon: curves, normalised.
    """

    max_isometric_n: FloatArray
    optimal_m: FloatArray
    slack_m: FloatArray
    thickness_m: FloatArray
    shortest_m: FloatArray
    fastest_m_s: FloatArray
    at_most_m: FloatArray
    elastic: NDArray[np.bool_]
    strength: FloatArray
    passive: FloatArray
    weights: FloatArray
    force_length: Table
    elastic_force: Table
    force_speed: Table
    tendon: Table


class Cost(NamedTuple):
    """How moments are shared.

    Attributes:
        lowest, highest: bounds of activations.
        exponent: of the cost of activations.
        reserve_squared: (K,) of the reserves' moments, N^2 m^2.
    """

    lowest: float
    highest: float
    exponent: float
    reserve_squared: FloatArray


class Pull(NamedTuple):
    """What S frames ask of N muscles.

    Attributes:
        lengths_m, speeds_m_s: (S, N) of muscles with their tendons.
        arms_m: (S, K, N) moment arms.
        moments_nm: (S, K) moments to make.
    """

    lengths_m: FloatArray
    speeds_m_s: FloatArray
    arms_m: FloatArray
    moments_nm: FloatArray


class Loaded(NamedTuple):
    """Muscles in equilibrium with their tendons at S frames.

    Attributes:
        forces_n: (S, N) along the tendon, those that share the moments.
        activations: (S, N).
        reserves_nm, multipliers: (S, K).
        active_n, passive_n: (S, N) force at full activation, and of stretched fibres.
        stretch_m: (S, N) of the tendons.
        residual_n: (S,) largest difference between a tendon's force and its fibres'.
        converged: (S,).
    """

    forces_n: FloatArray
    activations: FloatArray
    reserves_nm: FloatArray
    multipliers: FloatArray
    active_n: FloatArray
    passive_n: FloatArray
    stretch_m: FloatArray
    residual_n: FloatArray
    converged: NDArray[np.bool_]
