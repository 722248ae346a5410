"""Sharing what frames ask of a leg among its muscles, in one way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.muscles.capacity import MuscleParameters, evaluate_capacity
from strikelean.muscles.kernel_values import Cost, Driven, Loaded, Pull
from strikelean.muscles.redundancy import share_moments
from strikelean.muscles.tendons import load_contacts
from strikelean.signals import time_runs

if TYPE_CHECKING:
    from strikelean.muscles.leg import MuscleSettings


@dataclass(frozen=True)
class LegLoad:
    """What the frames of one leg ask of its muscles.

    Attributes:
        parameters: of its N muscles.
        pull: lengths, arms and moments of S frames.
        time_s: (S,) of the frames; a hole parts contacts.
        hip_alone: (N,) muscles that have the factor of the hip.
    """

    parameters: MuscleParameters
    pull: Pull
    time_s: FloatArray
    hip_alone: NDArray[np.bool_]


def load_leg(leg: LegLoad, way: MuscleSettings) -> Loaded:
    """Share what frames ask of a leg among its muscles.

    Args:
        leg: its muscles and frames.
        way: capacity, tendons, bounds, reserves.
    """
    if way.tendon == "rigid" or len(leg.time_s) < 2:
        return _load_rigid(leg, way)
    step_s = float(np.median(np.diff(leg.time_s)))
    runs = time_runs(leg.time_s, 1.0 / step_s)
    reserves = np.full(leg.pull.moments_nm.shape[1], way.reserve_nm**2)
    cost = Cost(way.activation_min, way.activation_max, way.exponent, reserves)
    return load_contacts(_driven(leg, way), cost, leg.pull, runs, step_s)


def _strength(leg: LegLoad, way: MuscleSettings) -> FloatArray:
    """Return the factor (N,) on each muscle's active force."""
    return np.asarray(way.strength * np.where(leg.hip_alone, way.hip_strength, 1.0))


def _costs(leg: LegLoad, way: MuscleSettings) -> FloatArray:
    """Return (N,) weights of activations in the cost."""
    if way.volume_weighted:
        return leg.parameters.relative_volume()
    return np.ones(len(leg.parameters.names))


def _driven(leg: LegLoad, way: MuscleSettings) -> Driven:
    """Return a leg's muscles as the compiled loops read them."""
    own = leg.parameters
    return Driven(
        max_isometric_n=own.max_isometric_n,
        optimal_m=own.optimal_length_m,
        slack_m=own.slack_length_m,
        thickness_m=own.optimal_length_m * np.sin(own.pennation_rad),
        shortest_m=own.min_length * own.optimal_length_m,
        fastest_m_s=own.optimal_length_m * own.max_velocity,
        at_most_m=own.slack_length_m * own.tendon_strain * way.tendon_strain,
        # as in the authors' use of the generic model, a tendon shorter than the fibre stays rigid
        elastic=own.slack_length_m >= own.optimal_length_m,
        strength=_strength(leg, way),
        passive=np.full(len(own.names), float(way.passive_force)),
        weights=_costs(leg, way),
        force_length=own.active.table,
        elastic_force=own.passive.table,
        force_speed=own.velocity.table,
        tendon=own.tendon.table,
    )


def _load_rigid(leg: LegLoad, way: MuscleSettings) -> Loaded:
    """Share moments under tendons that keep their length."""
    pull, strength = leg.pull, _strength(leg, way)
    capacity = evaluate_capacity(leg.parameters, pull.lengths_m, pull.speeds_m_s, way.capacity)
    active = strength * capacity.active_n
    passive = way.passive_force * capacity.passive_n
    solution = share_moments(
        pull.arms_m * active[:, None, :],
        pull.moments_nm - np.einsum("tkn,tn->tk", pull.arms_m, passive),
        np.full(pull.moments_nm.shape[1], way.reserve_nm),
        (way.activation_min, way.activation_max),
        exponent=way.exponent,
        weights=_costs(leg, way),
    )
    return Loaded(
        solution.activations * active + passive,
        solution.activations,
        solution.reserves_nm,
        solution.multipliers,
        active,
        passive,
        np.zeros_like(active),
        np.zeros(len(active)),
        solution.converged,
    )
