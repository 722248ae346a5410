"""Derivatives of the wrench a motion needs, and of points, against differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tiny_models as tiny
from opensim_twin import compiled
from strikelean.dynamics.rigid_body import body_demand
from strikelean.dynamics.wrench_sensitivity import follow_motion, wrench_sensitivity
from strikelean.model.forward import follow_couplings, place_points, solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import body_twists, cross, walk_tree
from test_rigid_body import violent_motion

Motion = tuple[np.ndarray, ...]


def needed_wrench(tree: KinematicTree, motion: Motion) -> np.ndarray:
    """Return (6, T) moment about the origin and force that all bodies need."""
    demand = body_demand(tree, *follow_motion(tree, *motion))
    moments = demand.moments_nm + np.cross(demand.centres_m, demand.forces_n)
    return np.concatenate([moments.sum(axis=1), demand.forces_n.sum(axis=1)], axis=1).T


def check_derivatives(tree: KinematicTree, motion: Motion) -> float:
    """Return the largest error of any derivative, as a share of the largest of its kind."""
    found = wrench_sensitivity(tree, follow_motion(tree, *motion))
    np.testing.assert_allclose(found.wrench, needed_wrench(tree, motion), rtol=1e-9, atol=1e-6)
    worst = 0.0
    followers = {coupling.dependent for coupling in tree.couplings}
    kinds = found.slopes.transpose(2, 1, 3, 0)
    for kind, derivative in enumerate(kinds):
        step = (1e-6, 1e-4, 1e-2)[kind]
        for index in set(range(len(tree.coordinates))) - followers:
            ahead, behind = ([part.copy() for part in motion] for _ in range(2))
            ahead[kind][:, index] += step
            behind[kind][:, index] -= step
            expected = (needed_wrench(tree, ahead) - needed_wrench(tree, behind)) / (2 * step)
            error = np.abs(expected - derivative[:, index]).max()
            worst = max(worst, float(error / np.abs(derivative).max()))
    assert not any(part[:, index].any() for part in kinds for index in followers)
    return worst


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    return compiled(tiny.joint_zoo(tmp_path_factory.mktemp("zoo") / "zoo.osim"))


def test_derivatives_of_every_joint_kind(zoo, agree):
    worst = check_derivatives(zoo, violent_motion(zoo, 5))
    agree("derivatives of the needed wrench, all joint kinds, against differences", worst, 1e-6, "")


def test_derivatives_of_the_generic_model(generic_model, agree):
    tree = compiled(generic_model)
    worst = check_derivatives(tree, violent_motion(tree, 4))
    agree("derivatives of the needed wrench, generic model, against differences", worst, 1e-6, "")


def test_bodies_turn_and_shift_as_their_twists_say(zoo):
    values = follow_couplings(zoo, violent_motion(zoo, 3)[0])
    free = replace(zoo, couplings=())
    arm = np.array([0.1, -0.2, 0.05])
    for body in range(len(zoo.bodies)):
        pose = walk_tree(free, values)
        twists = body_twists(free, pose, body)
        bodies = np.array([body])
        point = place_points(solve_forward(free, values), bodies, arm[None])[:, 0].T
        for index in range(len(zoo.coordinates)):
            shift = np.zeros_like(values)
            shift[:, index] = 1e-6
            ahead, behind = (
                place_points(solve_forward(free, values + s * shift), bodies, arm[None])[:, 0].T
                for s in (1.0, -1.0)
            )
            found = cross(twists[:3, index], point) + twists[3:, index]
            np.testing.assert_allclose(found, (ahead - behind) / 2e-6, atol=1e-7)
