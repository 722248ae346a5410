"""Sharing what frames ask of a leg among its muscles, in one way or several at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.muscles.capacity import MuscleParameters, evaluate_capacity
from strikelean.muscles.redundancy import RedundancySolution, share_moments
from strikelean.muscles.tendons import Loaded, Muscles, Pull, Share, load_contacts
from strikelean.signals import time_runs

if TYPE_CHECKING:
    from strikelean.muscles.leg import MuscleSettings


def load_in_ways(
    parameters: MuscleParameters,
    pull: Pull,
    time_s: FloatArray,
    ways: Sequence[MuscleSettings],
    hip_alone: NDArray[np.bool_] | None = None,
) -> list[Loaded]:
    """Share what frames ask of a leg among its muscles, once for each way.

    Ways with stretching tendons and the same cost are solved side by side: what a frame takes is
    mostly the number of calls.

    Args:
        parameters: of its N muscles.
        pull: lengths, arms and moments of the frames.
        time_s: (S,) of the frames; a hole parts contacts.
        ways: capacity, tendons, bounds, reserves, of each way.
        hip_alone: (N,) muscles that have the factor of the hip, none by default.
    """
    alone = np.zeros(len(parameters.names), dtype=bool) if hip_alone is None else hip_alone
    found: dict[int, Loaded] = {}
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, way in enumerate(ways):
        if way.tendon == "rigid" or len(time_s) < 2:
            found[number] = _load_rigid(parameters, pull, way, _strength(way, alone))
        else:
            key = (way.exponent, way.activation_min, way.activation_max, way.reserve_nm)
            groups.setdefault(key, []).append(number)
    for numbers in groups.values():
        own = [ways[number] for number in numbers]
        found |= zip(numbers, _load_compliant(parameters, pull, time_s, own, alone), strict=True)
    return [found[number] for number in range(len(ways))]


def _strength(way: MuscleSettings, hip_alone: NDArray[np.bool_]) -> FloatArray:
    """Return the factor (N,) on each muscle's active force."""
    return np.asarray(way.strength * np.where(hip_alone, way.hip_strength, 1.0))


def _costs(parameters: MuscleParameters, way: MuscleSettings) -> FloatArray:
    """Return (N,) weights of activations in the cost."""
    if way.volume_weighted:
        return parameters.relative_volume()
    return np.ones(len(parameters.names))


def _share(way: MuscleSettings, coordinates: int) -> Share:
    """Return the redundancy solver for some coordinates."""
    bounds = (way.activation_min, way.activation_max)
    reserves = np.full(coordinates, way.reserve_nm)

    def share(
        gains: FloatArray, moments: FloatArray, weights: FloatArray, start: FloatArray | None
    ) -> RedundancySolution:
        return share_moments(
            gains,
            moments,
            reserves,
            bounds,
            exponent=way.exponent,
            weights=weights,
            start=start,
        )

    return share


def _load_rigid(
    parameters: MuscleParameters, pull: Pull, way: MuscleSettings, strength: FloatArray
) -> Loaded:
    """Share moments under tendons that keep their length, active forces times (N,) factors."""
    capacity = evaluate_capacity(parameters, pull.lengths_m, pull.speeds_m_s, way.capacity)
    active = strength * capacity.active_n
    passive = way.passive_force * capacity.passive_n
    left = pull.moments_nm - np.einsum("tkn,tn->tk", pull.arms_m, passive)
    gains = pull.arms_m * active[:, None, :]
    share = _share(way, pull.moments_nm.shape[1])
    solution = share(gains, left, _costs(parameters, way), None)
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
        1,
    )


def _load_compliant(
    parameters: MuscleParameters,
    pull: Pull,
    time_s: FloatArray,
    ways: Sequence[MuscleSettings],
    hip_alone: NDArray[np.bool_],
) -> list[Loaded]:
    """Share moments under tendons that stretch, in ways with the same bounds and exponent."""
    frames, count = len(time_s), len(ways)
    of_muscles = np.ones(len(parameters.names))

    def by_frame(values: Sequence[FloatArray]) -> FloatArray:
        return np.repeat(np.array(values), frames, axis=0)

    muscles = Muscles(
        parameters=parameters,
        strength=by_frame([_strength(way, hip_alone) for way in ways]),
        passive=by_frame([way.passive_force * of_muscles for way in ways]),
        weights=by_frame([_costs(parameters, way) for way in ways]),
        tendon_strain=by_frame([way.tendon_strain * parameters.tendon_strain for way in ways]),
        bounds=(ways[0].activation_min, ways[0].activation_max),
        exponent=ways[0].exponent,
    )
    step_s = float(np.median(np.diff(time_s)))
    runs = [
        slice(run.start + number * frames, run.stop + number * frames)
        for number in range(count)
        for run in time_runs(time_s, 1.0 / step_s)
    ]
    share = _share(ways[0], pull.moments_nm.shape[1])
    every = load_contacts(muscles, pull.of(np.tile(np.arange(frames), count)), runs, step_s, share)
    return [every.of(slice(n * frames, (n + 1) * frames)) for n in range(count)]
