"""Sharing what frames ask of legs among their muscles, in one way or several at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.muscles.capacity import MuscleParameters, evaluate_capacity
from strikelean.muscles.redundancy import RedundancySolution, share_moments
from strikelean.muscles.tendons import Loaded, Muscles, Pull, Share, join_pulls, load_contacts
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

    @property
    def size(self) -> tuple[int, int]:
        """Coordinates and muscles."""
        return self.pull.moments_nm.shape[1], len(self.parameters.names)


def load_legs(legs: Sequence[LegLoad], ways: Sequence[MuscleSettings]) -> list[list[Loaded]]:
    """Share what frames ask of legs among their muscles, once for each way.

    Legs of as many muscles, and ways with stretching tendons and the same cost, are solved side by
    side: what a frame takes is mostly the number of calls.

    Args:
        legs: of one motion.
        ways: capacity, tendons, bounds, reserves, of each way.

    Returns:
        By leg, by way.
    """
    found: dict[tuple[int, int], Loaded] = {}
    groups: dict[tuple[object, ...], tuple[set[int], set[int]]] = {}
    for place, leg in enumerate(legs):
        for number, way in enumerate(ways):
            if way.tendon == "rigid" or len(leg.time_s) < 2:
                found[place, number] = _load_rigid(leg, way)
            else:
                cost = (way.exponent, way.activation_min, way.activation_max, way.reserve_nm)
                places, numbers = groups.setdefault((*leg.size, *cost), (set(), set()))
                places.add(place)
                numbers.add(number)
    for places, numbers in groups.values():
        pairs = [(place, number) for place in sorted(places) for number in sorted(numbers)]
        own = [legs[place] for place in sorted(places)], [ways[n] for n in sorted(numbers)]
        found |= zip(pairs, _load_compliant(*own), strict=True)
    return [[found[place, n] for n in range(len(ways))] for place in range(len(legs))]


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


def _load_rigid(leg: LegLoad, way: MuscleSettings) -> Loaded:
    """Share moments under tendons that keep their length."""
    pull, strength = leg.pull, _strength(way, leg.hip_alone)
    capacity = evaluate_capacity(leg.parameters, pull.lengths_m, pull.speeds_m_s, way.capacity)
    active = strength * capacity.active_n
    passive = way.passive_force * capacity.passive_n
    left = pull.moments_nm - np.einsum("tkn,tn->tk", pull.arms_m, passive)
    gains = pull.arms_m * active[:, None, :]
    share = _share(way, pull.moments_nm.shape[1])
    solution = share(gains, left, _costs(leg.parameters, way), None)
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


def _load_compliant(legs: Sequence[LegLoad], ways: Sequence[MuscleSettings]) -> list[Loaded]:
    """Share moments under tendons that stretch, by leg and way, legs outside.

    Legs have as many coordinates and muscles, ways the same bounds, exponent and reserves.
    """
    pairs = [(leg, way) for leg in legs for way in ways]
    counts = [len(leg.time_s) for leg, _ in pairs]

    def by_frame(values: Sequence[FloatArray]) -> FloatArray:
        return np.repeat(np.array(values), counts, axis=0)

    of_muscles = np.ones(legs[0].size[1])
    of_rows = [len(leg.time_s) * len(ways) for leg in legs]
    first = legs[0].parameters
    muscles = Muscles(
        parameters=first
        if len(legs) == 1
        else MuscleParameters.by_row([leg.parameters for leg in legs], of_rows),
        strength=by_frame([_strength(way, leg.hip_alone) for leg, way in pairs]),
        passive=by_frame([way.passive_force * of_muscles for _, way in pairs]),
        weights=by_frame([_costs(leg.parameters, way) for leg, way in pairs]),
        tendon_strain=by_frame(
            [way.tendon_strain * leg.parameters.tendon_strain for leg, way in pairs]
        ),
        bounds=(ways[0].activation_min, ways[0].activation_max),
        exponent=ways[0].exponent,
    )
    step_s = float(np.median(np.diff(legs[0].time_s)))
    ends = np.cumsum(counts).tolist()
    runs = [
        slice(run.start + end - count, run.stop + end - count)
        for (leg, _), count, end in zip(pairs, counts, ends, strict=True)
        for run in time_runs(leg.time_s, 1.0 / step_s)
    ]
    share = _share(ways[0], legs[0].size[0])
    pull = join_pulls([leg.pull for leg, _ in pairs])
    every = load_contacts(muscles, pull, runs, step_s, share)
    return [every.of(slice(end - n, end)) for n, end in zip(counts, ends, strict=True)]
