"""Masses of segments and the trunk's mass centre, fitted to what is left over at the root.

What a motion needs of the ground is linear in each body's mass and, for small shifts, in the place
of its mass centre. How far they would have to differ from the scaled generic ones so that least is
left over is a small least-squares problem over all frames, with bounds; the whole body's mass is
kept. OpenSim's residual reduction moves the trunk's mass centre and recommends masses in the same
way (Delp 2007, doi 10.1109/TBME.2007.901024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from strikelean.dynamics.rigid_body import bodies_demand, move_bodies
from strikelean.dynamics.solve import Motion
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import cross, walk_tree

# Segments by the bodies that make them up; both sides weigh alike.
SEGMENTS: Mapping[str, tuple[str, ...]] = {
    "pelvis": ("pelvis",),
    "trunk": ("torso",),
    "thighs": ("femur",),
    "shanks": ("tibia", "patella"),
    "feet": ("talus", "calcn", "toes"),
    "arms": ("humerus", "ulna", "radius", "hand"),
}
TRUNK = "torso"
# One standard deviation, and the farthest that is allowed (project choices). Regressions miss
# segments' masses by 10 % and more (five of them against X-ray absorptiometry: Rossi 2013, J Sports
# Sci Med 12:761; up to 40 %: Merrill 2019, PMC6905426), so these are a part of what is not known.
MASS_SD, MASS_BOUND = 0.03, 0.05
CENTRE_SD_M, CENTRE_BOUND_M = 0.01, 0.02
# Samples a second that tell something new, after a low-pass filter at 15 Hz.
FREE_SAMPLES_HZ = 30.0
# Weight of the whole body's mass among the residuals: kept to 1e-6 of itself, then exactly.
KEPT = 1e6
STEP_M = 1e-3


@dataclass(frozen=True)
class MassChange:
    """How a body's masses were changed.

    Attributes:
        shares: change of each segment's mass, share of it.
        trunk_centre_m: (3,) shift of the trunk's mass centre in its own frame: forward, up, right.
    """

    shares: Mapping[str, float]
    trunk_centre_m: FloatArray


def _needed(motion: Motion, tree: KinematicTree) -> FloatArray:
    """Return what each body's motion needs of the ground, (B, 6, T): moment about the pelvis'
    origin (N m), force (N)."""
    pose = walk_tree(tree, motion.coordinates)
    moved = move_bodies(tree, pose, motion.speeds, motion.accelerations)
    demand = bodies_demand(tree, pose, moved)
    pelvis = pose.positions_m[tree.joints[0].child].T[:, None]
    turns = demand.moments_nm + np.cross(demand.centres_m - pelvis, demand.forces_n)
    both = np.concatenate([turns, demand.forces_n], axis=2)
    return np.asarray(both.transpose(1, 2, 0))


def segment_bodies(tree: KinematicTree) -> dict[str, NDArray[np.int64]]:
    """Return the bodies of each segment that a model has."""
    stems = np.array([name.split("_")[0] for name in tree.bodies])
    found = {name: np.flatnonzero(np.isin(stems, own)) for name, own in SEGMENTS.items()}
    return {name: rows for name, rows in found.items() if tree.masses_kg[rows].sum() > 0.0}


def with_masses(tree: KinematicTree, change: MassChange) -> KinematicTree:
    """Return a model with masses changed: inertias with them, the whole body's mass as before."""
    factors = np.ones(len(tree.bodies))
    for name, rows in segment_bodies(tree).items():
        factors[rows] += change.shares.get(name, 0.0)
    factors *= tree.masses_kg.sum() / (factors @ tree.masses_kg)
    centres = tree.mass_centres_m.copy()
    if TRUNK in tree.bodies:
        centres[tree.body_index(TRUNK)] += change.trunk_centre_m
    return replace(
        tree,
        masses_kg=tree.masses_kg * factors,
        mass_centres_m=centres,
        inertias_kg_m2=tree.inertias_kg_m2 * factors[:, None, None],
    )


def fit_masses(motion: Motion, ground: FloatArray, rows: NDArray[np.int64]) -> MassChange:
    """Return the change of masses under which least is left over at the root.

    Args:
        motion: of a trial.
        ground: (6, T) what the ground gives: moment about the laboratory's origin (N m), force (N).
        rows: frames that count.
    """
    tree, some = motion.tree, motion.at(rows)
    needed = _needed(some, tree)
    pelvis = walk_tree(tree, some.coordinates).positions_m[tree.joints[0].child]
    given = ground[:, rows].copy()
    given[:3] -= cross(pelvis, given[3:])
    whole = needed.sum(axis=0)
    left = whole - given
    segments = segment_bodies(tree)
    columns = [needed[own].sum(axis=0) for own in segments.values()]
    axes = 3 if TRUNK in tree.bodies else 0
    for axis in range(axes):
        centres = tree.mass_centres_m.copy()
        centres[tree.body_index(TRUNK), axis] += STEP_M
        moved = _needed(some, replace(tree, mass_centres_m=centres)).sum(axis=0)
        columns.append((moved - whole) / STEP_M)
    # each component counts by its own size, and frames only as far as they tell something new
    size = np.sqrt((left**2).mean(axis=1)) * np.sqrt(max(1.0, motion.rate_hz / FREE_SAMPLES_HZ))
    size = np.where(size > 0.0, size, 1.0)[:, None]
    masses = [tree.masses_kg[own].sum() / tree.masses_kg.sum() for own in segments.values()]
    deviation = np.array([MASS_SD] * len(segments) + [CENTRE_SD_M] * axes)
    bound = np.array([MASS_BOUND] * len(segments) + [CENTRE_BOUND_M] * axes)
    sums = np.array([*masses, *[0.0] * axes])
    slopes = np.stack([(column / size).ravel() for column in columns], axis=1)
    slopes = np.concatenate([slopes, np.diag(1.0 / deviation), KEPT * sums[None]])
    values = np.concatenate([-(left / size).ravel(), np.zeros(len(deviation) + 1)])
    found = lsq_linear(slopes, values, (-bound, bound)).x
    shares = dict(zip(segments, found[: len(segments)].tolist(), strict=True))
    return MassChange(shares, found[len(segments) :] if axes else np.zeros(3))
