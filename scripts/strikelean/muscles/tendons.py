"""Muscles in series with tendons that stretch: what each pulls with, frame after frame.

A tendon of a stretch s pulls F(s); its fibres, with what is left of the muscle's length, pull
a A(s, ds/dt) + P(s) along it, a the activation. Both are equal, and the moments of all muscles
add up to what is asked for, at every frame. Activations share the moments as under rigid tendons
(:mod:`strikelean.muscles.redundancy`), by the capacities A at the length and speed that the
fibres then have: a = clip(A R^T y), R the moment arms.

How fast a tendon stretches ties neighbouring frames together, and strongly: the stretch follows
force with a time constant of force-velocity slope over tendon stiffness, some 70 ms for a
running soleus. Repeating the whole trial with the tendon forces of the round before diverges
where that is longer than two frames, so the frames of a contact are solved in turn, with the speed
of stretch taken implicitly from the two frames before (second-order
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

from collections.abc import Sequence

import numpy as np

from strikelean.muscles.kernel_values import Cost, Driven, Loaded, Pull
from strikelean.muscles.muscle_kernel import load_contact


def load_contacts(
    muscles: Driven, cost: Cost, pull: Pull, runs: Sequence[slice], step_s: float
) -> Loaded:
    """Bring fibres and tendons into equilibrium at all frames of some contacts.

    Args:
        muscles: N muscles.
        cost: how moments are shared.
        pull: what the frames of all contacts ask, one after the other.
        runs: frames of each contact.
        step_s: time between frames.
    """
    asked = Pull(*(np.ascontiguousarray(part) for part in pull))
    of_muscles, of_joints = pull.lengths_m.shape, pull.moments_nm.shape
    loaded = Loaded(
        forces_n=np.zeros(of_muscles),
        activations=np.zeros(of_muscles),
        reserves_nm=np.zeros(of_joints),
        multipliers=np.zeros(of_joints),
        active_n=np.zeros(of_muscles),
        passive_n=np.zeros(of_muscles),
        stretch_m=np.zeros(of_muscles),
        residual_n=np.zeros(len(pull.lengths_m)),
        converged=np.zeros(len(pull.lengths_m), dtype=np.bool_),
    )
    for run in runs:
        load_contact(muscles, cost, asked, run.start, run.stop, step_s, loaded)
    loaded.reserves_nm[:] = cost.reserve_squared * loaded.multipliers
    return loaded
