"""Muscles in series with tendons that stretch: what each pulls with, frame after frame.

A tendon of a stretch s pulls F(s); its fibres, with what is left of the muscle's length, pull
a A(s, ds/dt) + P(s) along it, a the activation. Both are equal, and the moments of all muscles
add up to what is asked for, at every frame. Activations share the moments as under rigid tendons
(:mod:`strikelean.muscles.redundancy`), by the capacities A at the length and speed that the
fibres then have: a = clip(A R^T y), R the moment arms.

How fast a tendon stretches ties neighbouring frames together, and strongly: the stretch follows
force with a time constant of force-velocity slope over tendon stiffness, some 70 ms for a
running soleus. Repeating the whole trial with the tendon forces of the round before diverges
where that is longer than two frames, so frames are solved in turn, those of all contacts
together, with the speed of stretch taken implicitly from the two frames before (second-order
backward differences; Hairer & Wanner 1996, doi 10.1007/978-3-642-05221-7). In the first frame of
a contact tendons are taken to keep their length.

Within a frame each round linearises fibres and tendons and lets the redundancy solver share what
follows: Newton's method, with the step in fibre speed limited, until no tendon's force is off by
more than ``TOLERANCE_N``.

Curves: Millard 2013 (doi 10.1115/1.4023390), those of the model. As in the authors' use of the
generic model, a tendon shorter than the optimal fibre stays rigid: it would stretch by less than
5 % of a length that is itself small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.muscles.capacity import Capacity, MuscleParameters, capacity_and_slopes
from strikelean.muscles.redundancy import RedundancySolution

TOLERANCE_N = 1.0
MAX_ROUNDS = 40
# Largest change of a round: of fibre speed (of the fastest) and of strain (of that at maximum
# isometric force); from round STEADY on ever less, so that no two states are taken in turn.
SPEED_STEP, STRAIN_STEP, STEADY = 0.2, 0.2, 8
# A slack tendon has no stiffness; this share of that at maximum force keeps a round's equations
# regular, and changes how many rounds it takes but not where they end.
LEAST_STIFFNESS = 0.01
# What the first frame of a contact begins with, of the strain at maximum isometric force.
START_STRAIN = 0.2

Share = Callable[[FloatArray, FloatArray, FloatArray, FloatArray | None], RedundancySolution]
"""Shares moments (T, K) among muscles with gains (T, K, N), weights (T, N) and a start (T, K)."""


@dataclass(frozen=True)
class Pull:
    """What R frames ask of N muscles.

    Attributes:
        lengths_m, speeds_m_s: (R, N) of muscles with their tendons.
        arms_m: (R, K, N) moment arms.
        moments_nm: (R, K) moments to make.
    """

    lengths_m: FloatArray
    speeds_m_s: FloatArray
    arms_m: FloatArray
    moments_nm: FloatArray

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Pull:
        """Return that of some of the frames."""
        return Pull(
            self.lengths_m[rows], self.speeds_m_s[rows], self.arms_m[rows], self.moments_nm[rows]
        )


def join_pulls(pulls: Sequence[Pull]) -> Pull:
    """Return what frames ask, one part after the other."""
    return Pull(
        *(np.concatenate([getattr(pull, field.name) for pull in pulls]) for field in fields(Pull))
    )


@dataclass(frozen=True)
class Loaded:
    """Muscles in equilibrium with their tendons at R frames.

    Attributes:
        forces_n: (R, N) along the tendon, those that share the moments.
        activations: (R, N).
        reserves_nm, multipliers: (R, K).
        active_n, passive_n: (R, N) force at full activation, and of stretched fibres.
        stretch_m: (R, N) of the tendons.
        residual_n: (R,) largest difference between a tendon's force and its fibres'.
        converged: (R,).
        rounds: of the frame that took the most.
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
    rounds: int

    def of(self, rows: slice) -> Loaded:
        """Return some of the frames."""
        return Loaded(
            self.forces_n[rows],
            self.activations[rows],
            self.reserves_nm[rows],
            self.multipliers[rows],
            self.active_n[rows],
            self.passive_n[rows],
            self.stretch_m[rows],
            self.residual_n[rows],
            self.converged[rows],
            self.rounds,
        )

    def put(self, rows: NDArray[np.int64] | NDArray[np.bool_], other: Loaded) -> None:
        """Overwrite some of the frames."""
        for name, values in vars(self).items():
            if isinstance(values, np.ndarray):
                values[rows] = getattr(other, name)


def nothing_loaded(frames: int, coordinates: int, muscles: int) -> Loaded:
    """Return frames that are yet to be filled."""
    of_muscles, of_joints = (frames, muscles), (frames, coordinates)
    return Loaded(
        np.zeros(of_muscles),
        np.zeros(of_muscles),
        np.zeros(of_joints),
        np.zeros(of_joints),
        np.zeros(of_muscles),
        np.zeros(of_muscles),
        np.zeros(of_muscles),
        np.zeros(frames),
        np.zeros(frames, dtype=bool),
        0,
    )


@dataclass(frozen=True)
class Muscles:
    """N muscles with their tendons, and how they are driven at R frames.

    Attributes:
        parameters: of the model, by frame where frames are of several legs.
        strength, passive: (R, N) factors on active and on passive force.
        weights: (R, N) of activations in the cost.
        tendon_strain: (R, N) of the tendons at maximum isometric force.
        bounds, exponent: of activations, and of their cost.
    """

    parameters: MuscleParameters
    strength: FloatArray
    passive: FloatArray
    weights: FloatArray
    tendon_strain: FloatArray
    bounds: tuple[float, float]
    exponent: float

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Muscles:
        """Return the same at some of the frames."""
        return replace(
            self,
            parameters=self.parameters.of(rows),
            strength=self.strength[rows],
            passive=self.passive[rows],
            weights=self.weights[rows],
            tendon_strain=self.tendon_strain[rows],
        )

    @property
    def elastic(self) -> NDArray[np.bool_]:
        """Whether each tendon stretches, (N,) or (R, N) as the parameters are."""
        own = self.parameters
        return np.asarray(own.slack_length_m >= own.optimal_length_m)

    def activation(self, asked: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return activations for what is asked of them, A R^T y, and their relative slope.

        The slope is d log a / d log asked, 0 at a bound.
        """
        power = 1.0 / (self.exponent - 1.0)
        wanted = np.maximum(asked / self.weights, 0.0) ** power
        free = (wanted > self.bounds[0]) & (wanted < self.bounds[1])
        return np.clip(wanted, *self.bounds), np.where(free, power, 0.0)

    def tendon(self, stretch_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return force and stiffness (R, N) of stretched tendons, N and N/m."""
        own = self.parameters
        at_most_m = own.slack_length_m * self.tendon_strain
        force, slope = own.tendon.values_and_slopes(stretch_m / at_most_m)
        return own.max_isometric_n * force, own.max_isometric_n * slope / at_most_m

    def fibres(
        self, pull: Pull, stretch_m: FloatArray, rate_m_s: FloatArray, stiffening: float
    ) -> tuple[Capacity, FloatArray, FloatArray]:
        """Return the capacity under a stretch, and how active and passive force fall with more.

        Args:
            pull: lengths and speeds of muscles with their tendons.
            stretch_m, rate_m_s: (R, N) of the tendons.
            stiffening: how much faster a tendon stretches for every metre more, 1/s.
        """
        capacity, slopes = capacity_and_slopes(
            self.parameters, pull.lengths_m - stretch_m, pull.speeds_m_s - rate_m_s
        )
        capacity = replace(
            capacity,
            active_n=self.strength * capacity.active_n,
            passive_n=self.passive * capacity.passive_n,
        )
        active = self.strength * (slopes.active_n_m + stiffening * slopes.active_n_s_m)
        return capacity, active, self.passive * slopes.passive_n_m


@dataclass(frozen=True)
class Before:
    """The frames before those that are solved.

    Attributes:
        rate: how much faster a tendon stretches for every metre more, 1/s; 0 in a first frame.
        offset_m_s: (R, N) the rest of the speed of stretch.
        stretch_m: (R, N) what to begin with.
        multipliers: (R, K) what to begin with.
    """

    rate: float
    offset_m_s: FloatArray
    stretch_m: FloatArray
    multipliers: FloatArray

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Before:
        """Return that of some of the frames."""
        return Before(
            self.rate, self.offset_m_s[rows], self.stretch_m[rows], self.multipliers[rows]
        )


def load_frames(muscles: Muscles, pull: Pull, before: Before, share: Share) -> Loaded:
    """Bring fibres and tendons of R frames into equilibrium.

    Args:
        muscles: N muscles.
        pull: what the frames ask.
        before: the frames before them.
        share: the redundancy solver.
    """
    found = nothing_loaded(len(pull.lengths_m), *pull.arms_m.shape[1:])
    rows, rounds = np.arange(len(pull.lengths_m)), 0
    while len(rows) and rounds < MAX_ROUNDS:
        rounds += 1
        now = _one_round(muscles, pull, before, share, min(1.0, STEADY / rounds))
        found.put(rows, now)
        left = ~now.converged | (now.residual_n > TOLERANCE_N)
        rows, pull, muscles = rows[left], pull.of(left), muscles.of(left)
        before = replace(before, stretch_m=now.stretch_m, multipliers=now.multipliers).of(left)
    return replace(found, rounds=rounds)


def _one_round(
    muscles: Muscles, pull: Pull, before: Before, share: Share, boldness: float
) -> Loaded:
    """Return R frames after one linearised step, of at most a share of the largest allowed."""
    stretch, own, elastic = before.stretch_m, muscles.parameters, muscles.elastic
    rate = before.rate * stretch + before.offset_m_s
    capacity, falls, passive_falls = muscles.fibres(pull, stretch, rate, before.rate)
    tendon, stiffness = muscles.tendon(stretch)
    most = own.max_isometric_n / (own.slack_length_m * muscles.tendon_strain)
    stiffness = np.maximum(stiffness, LEAST_STIFFNESS * most)
    asked = capacity.active_n * np.einsum("tk,tkn->tn", before.multipliers, pull.arms_m)
    activation, slope = muscles.activation(asked)
    fibre = activation * capacity.active_n + capacity.passive_n
    # a muscle with less capacity is also asked for less activation
    yielding = activation * falls * (1.0 + slope) + passive_falls
    yielding = np.maximum(yielding, -0.5 * stiffness)
    # of a change in fibre force the tendon, which gives, passes on this share
    passed = np.where(elastic, stiffness / (stiffness + yielding), 1.0)
    tendon = np.where(elastic, tendon, fibre)
    gains = capacity.active_n * passed
    base = tendon + (fibre - tendon) * passed - gains * activation
    left = pull.moments_nm - np.einsum("tkn,tn->tk", pull.arms_m, base)
    solution = share(
        pull.arms_m * gains[:, None, :], left, passed * muscles.weights, before.multipliers
    )
    forces = base + gains * solution.activations
    more = (fibre - tendon + capacity.active_n * (solution.activations - activation)) / (
        stiffness + yielding
    )
    limit = STRAIN_STEP * own.slack_length_m * muscles.tendon_strain
    if before.rate > 0.0:
        fastest = own.optimal_length_m * own.max_velocity
        limit = np.minimum(limit, SPEED_STEP * fastest / before.rate)
    limit = boldness * limit
    stretch = np.where(elastic, np.maximum(stretch + np.clip(more, -limit, limit), 0.0), 0.0)
    # both as they are, not as the step takes them to be
    off = np.maximum(np.abs(forces - tendon), np.abs(forces - fibre))
    off = np.where(elastic, off, 0.0)
    return Loaded(
        forces,
        solution.activations,
        solution.reserves_nm,
        solution.multipliers,
        capacity.active_n,
        capacity.passive_n,
        stretch,
        off.max(axis=1),
        solution.converged,
        1,
    )


def load_contacts(
    muscles: Muscles, pull: Pull, runs: list[slice], step_s: float, share: Share
) -> Loaded:
    """Bring fibres and tendons into equilibrium at all frames of some contacts.

    Args:
        muscles: N muscles.
        pull: what the frames of all contacts ask, one after the other.
        runs: frames of each contact.
        step_s: time between frames.
        share: the redundancy solver.
    """
    rounds = 0
    found = nothing_loaded(len(pull.lengths_m), *pull.arms_m.shape[1:])
    starts = np.array([run.start for run in runs], dtype=np.int64)
    counts = np.array([run.stop - run.start for run in runs], dtype=np.int64)
    for frame in range(counts.max(initial=0)):
        rows = starts[counts > frame] + frame
        own = muscles.of(rows)
        last, one_before = found.stretch_m[rows - 1], found.stretch_m[rows - 2]
        if frame == 0:
            begin = START_STRAIN * own.tendon_strain * own.parameters.slack_length_m
            begin = np.where(own.elastic, begin, 0.0)
            before = Before(0.0, np.zeros_like(begin), begin, found.multipliers[rows])
        elif frame == 1:
            before = Before(1.0 / step_s, -last / step_s, last, found.multipliers[rows - 1])
        else:
            before = Before(
                1.5 / step_s,
                (one_before - 4.0 * last) / (2.0 * step_s),
                np.maximum(2.0 * last - one_before, 0.0),
                found.multipliers[rows - 1],
            )
        now = load_frames(own, pull.of(rows), before, share)
        rounds = max(rounds, now.rounds)
        found.put(rows, now)
    return replace(found, rounds=rounds)
