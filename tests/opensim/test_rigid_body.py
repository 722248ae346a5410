"""Batched Newton-Euler dynamics against OpenSim's engine, and where that engine errs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_models as tiny
from opensim_twin import Twin, compiled
from strikelean.dynamics.rigid_body import (
    body_demand,
    inverse_dynamics,
    move_bodies,
    with_engine_defect,
)
from strikelean.model.forward import Pose, mass_centre, solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import walk_tree
from test_joint_kinds import KINDS, chain


def violent_motion(tree: KinematicTree, frames: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Return coordinates, speeds and accelerations of the size of a sprinter's."""
    rng = np.random.default_rng(seed)
    lower = np.array([max(c.lower, -1.5) for c in tree.coordinates])
    upper = np.array([min(c.upper, 1.5) for c in tree.coordinates])
    size = (frames, len(lower))
    return rng.uniform(lower, upper, size), 8.0 * rng.normal(size=size), rng.normal(0, 80, size)


def some_wrenches(tree: KinematicTree, frames: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(9)
    return {
        body: (rng.normal(0, 800, (frames, 3)), rng.normal(0, 60, (frames, 3)))
        for body in tree.bodies[::4]
    }


def engines_difference(path: Path, frames: int = 6) -> tuple[float, float, float]:
    """Return the largest force and differences from OpenSim's: as it is, and its defect added."""
    twin = Twin(path)
    tree = compiled(path)
    motion, ground = violent_motion(tree, frames), some_wrenches(tree, frames)
    theirs = twin.motion_forces(*motion, ground)
    ours = inverse_dynamics(tree, *motion, ground)
    like = inverse_dynamics(with_engine_defect(tree), *motion, ground)
    return tuple(float(np.abs(x).max()) for x in (theirs, theirs - ours, theirs - like))


def test_dynamics_of_every_joint_kind_are_opensims(tmp_path, agree):
    size, difference, _ = engines_difference(chain(tmp_path, KINDS[1:]))
    agree("inverse dynamics, all joint kinds, against OpenSim", difference / size, 1e-9, "of peak")


def test_dynamics_of_the_generic_model_are_opensims_but_for_its_defect(generic_model, agree):
    size, raw, difference = engines_difference(generic_model)
    agree("inverse dynamics, generic model, against OpenSim", difference / size, 1e-9, "of peak")
    # at these speeds, several times a runner's, the defect is plain to see
    assert raw > 1e3 * difference


def test_opensim_contradicts_its_own_positions_where_a_function_turns_several_axes(generic_model):
    """The knee turns about three axes with one coordinate; its acceleration must be the second
    difference of OpenSim's own rotations, and is ours, not OpenSim's."""
    twin, tree = Twin(generic_model), compiled(generic_model)
    knee, tibia = tree.coordinate_index("knee_angle_r"), tree.body_index("tibia_r")
    place, speed = np.zeros(len(tree.coordinates)), np.zeros(len(tree.coordinates))
    place[knee], speed[knee] = 0.6, 7.0
    still = np.zeros_like(speed)
    twin.place(place, speed)
    theirs = twin.body_accelerations(still, tree.bodies)[0][tibia]
    ours = move_bodies(tree, walk_tree(tree, place[None]), speed[None], still[None])[tibia]

    def turned(seconds: float) -> np.ndarray:
        twin.place(place + seconds * speed, speed)
        body = twin.model.getBodySet().get("tibia_r")
        velocity = body.getVelocityInGround(twin.state).get(0)
        return np.array([velocity.get(i) for i in range(3)])

    step = 1e-5
    true = (turned(step) - turned(-step)) / (2.0 * step)
    np.testing.assert_allclose(ours.angular[:, 0], true, atol=1e-6)
    assert np.abs(theirs - true).max() > 1e-3


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_momentum_balances_whatever_the_motion(zoo_tree, seed):
    """All bodies' demands add up to what the centre of mass needs (Newton, Euler)."""
    motion = violent_motion(zoo_tree, 1, seed)
    demand = body_demand(zoo_tree, *motion)
    step = 1e-4
    moved = [motion[0] + t * motion[1] + 0.5 * t**2 * motion[2] for t in (-step, 0.0, step)]
    centre = [mass_centre(zoo_tree, solve_open(zoo_tree, values)) for values in moved]
    acceleration = (centre[0] - 2.0 * centre[1] + centre[2]) / step**2
    needed = zoo_tree.masses_kg.sum() * (acceleration[0] - zoo_tree.gravity_m_s2)
    scale = np.abs(demand.forces_n).max()
    np.testing.assert_allclose(demand.forces_n[0].sum(axis=0), needed, atol=1e-5 * scale)


def solve_open(tree: KinematicTree, values: np.ndarray) -> Pose:
    """Return the pose with dependent coordinates as they are given."""
    return solve_forward(replace(tree, couplings=()), values)


@pytest.fixture(scope="module")
def zoo_tree(tmp_path_factory):
    return compiled(tiny.joint_zoo(tmp_path_factory.mktemp("zoo") / "zoo.osim"))


def test_a_wrench_and_its_opposite_leave_nothing(zoo_tree):
    """Forces are linear in the wrenches: equal and opposite ones cancel exactly."""
    motion, ground = violent_motion(zoo_tree, 5), some_wrenches(zoo_tree, 5)
    free = inverse_dynamics(zoo_tree, *motion, {})
    pushed = inverse_dynamics(zoo_tree, *motion, ground)
    opposite = {body: (-force, -moment) for body, (force, moment) in ground.items()}
    pulled = inverse_dynamics(zoo_tree, *motion, opposite)
    np.testing.assert_allclose(0.5 * (pushed + pulled), free, atol=1e-9 * np.abs(pushed).max())
