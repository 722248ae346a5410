"""Muscle and joint forces of two mirrored legs, through the files of the stages, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import tiny_models as tiny
from opensim_twin import compiled
from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.rigid_body import inverse_dynamics
from strikelean.dynamics.solve import motion_of
from strikelean.formats.series import TimeSeries
from strikelean.loads.reactions_solve import trial_reactions
from strikelean.model.forward import follow_couplings
from strikelean.model.tree import compile_tree
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.leg import MuscleSettings
from strikelean.muscles.paths import follow_paths, moment_arms
from strikelean.muscles.solve import read_legs, solve_muscles

SHANK_KG = 4.0
CENTRE_M, INSERTION_M, ORIGIN_M = 0.2, 0.1, 0.3
ARM_M = INSERTION_M * ORIGIN_M / np.hypot(INSERTION_M, ORIGIN_M)
WEIGHT_N = SHANK_KG * tiny.GRAVITY
MOMENT_NM = CENTRE_M * WEIGHT_N
LEFT_STANCE, RIGHT_STANCE = (0.05, 0.15), (0.25, 0.35)
CONTACTS = {"left": [LEFT_STANCE], "right": [RIGHT_STANCE]}


class Solved(NamedTuple):
    """What the stages give."""

    forces: TimeSeries
    activations: TimeSeries
    report: dict[str, Any]
    reactions: TimeSeries


def solve(folder: Path, **changes: object) -> Solved:
    """Hold both shanks level through 0.5 s and run the stages from moments on."""
    force_n, second = float(str(changes.get("force_n", 5000.0))), bool(changes.get("second"))
    model = tiny.hinged_legs(folder / "legs.osim", force_n, second)
    tree = compiled(model)
    time_s = np.arange(51) / 100.0
    motion = motion_of(tree, time_s, np.full((len(time_s), 2), np.pi / 2.0))
    moments = np.full((len(time_s), 2), MOMENT_NM * float(str(changes.get("load", 1.0))))
    settings = MuscleSettings("pennated", False, 0.0, 1.0, 1e-3)
    legs = read_legs(model, tree)
    muscles = solve_muscles(legs, motion, moments, CONTACTS, [settings])[0]
    still = np.zeros((len(time_s), 3))
    ground = {f"{body}_{side}": (still, still) for body in ("calcn",) for side in "rl"}
    paths = {side: leg.paths for side, leg in legs.items()}
    return Solved(
        muscles.forces,
        muscles.activations,
        muscles.report(),
        trial_reactions(paths, motion, muscles.forces, ground),
    )


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    return solve(tmp_path_factory.mktemp("single"))


def test_closed_form_of_the_moment_is_the_engines(tmp_path):
    tree, still = compiled(tiny.hinged_legs(tmp_path / "legs.osim")), np.zeros((1, 2))
    moments = inverse_dynamics(tree, np.full((1, 2), np.pi / 2.0), still, still, {})
    np.testing.assert_allclose(moments[0], MOMENT_NM, rtol=1e-12)


def test_muscle_carries_moment_over_arm_in_its_own_stance_only(single):
    forces = single.forces
    for letter, (start, end) in (("l", LEFT_STANCE), ("r", RIGHT_STANCE)):
        force = forces.column(f"lift0_{letter}")
        solved = np.flatnonzero(np.isfinite(force))
        # two frames before and after the contact are solved too
        times = forces.time_s[solved[[0, -1]]]
        np.testing.assert_allclose(times, [start - 0.02, end + 0.02], atol=1e-9)
        np.testing.assert_allclose(force[solved], MOMENT_NM / ARM_M, rtol=1e-6)


def test_status_is_solved_in_stance_and_blank_elsewhere(single):
    active = single.activations
    status = active.column("status_r")
    inside = np.isfinite(active.column("lift0_r"))
    assert np.all(status[inside] == 0.0)
    assert np.all(np.isnan(status[~inside]))
    report = single.report
    assert report["stance_frames"] == 30
    assert report["failed_share"] == report["carried_by_reserves_share"] == 0.0


def test_knee_carries_muscle_and_weight(single):
    reactions = single.reactions
    force_n = MOMENT_NM / ARM_M
    slope = np.hypot(INSERTION_M, ORIGIN_M)
    # laboratory: the muscle pulls the shank back (-X) and up; the joint answers
    pull = force_n * np.array([-INSERTION_M / slope, ORIGIN_M / slope, 0.0])
    joint = -pull + np.array([0.0, WEIGHT_N, 0.0])
    # the shank's -Y points forward and its X up
    expected = np.array([joint[1], -joint[0], 0.0])
    for letter in "rl":
        stem = f"tibia_{letter}_joint_on_tibia_{letter}_in_tibia_{letter}_"
        force = reactions.vector(stem + "f")
        solved = np.isfinite(force[:, 0])
        assert solved.sum() == 15
        np.testing.assert_allclose(force[solved], np.tile(expected, (15, 1)), rtol=1e-6, atol=1e-6)
        moment = reactions.vector(stem + "m")[solved]
        # a hinge without friction carries no moment about itself, and nothing acts beside it
        np.testing.assert_allclose(moment, 0.0, atol=1e-5)


def test_two_equal_muscles_share_and_load_the_joint_alike(single, tmp_path):
    pair = solve(tmp_path, second=True)
    forces = pair.forces
    first, other = (forces.column(f"lift{i}_r") for i in (0, 1))
    np.testing.assert_allclose(first, other, rtol=1e-12)
    np.testing.assert_allclose(first[np.isfinite(first)], 0.5 * MOMENT_NM / ARM_M, rtol=1e-6)
    one, two = (outputs.reactions for outputs in (single, pair))
    np.testing.assert_allclose(two.values, one.values, rtol=1e-4, atol=1e-3)


def test_too_weak_a_muscle_leaves_the_rest_to_the_reserve_and_says_so(tmp_path):
    weak = solve(tmp_path, force_n=20.0)
    active, forces = weak.activations, weak.forces
    inside = np.isfinite(active.column("status_l"))
    assert np.all(active.column("status_l")[inside] == 1.0)
    np.testing.assert_array_equal(active.column("lift0_l")[inside], 1.0)
    rest = MOMENT_NM - ARM_M * forces.column("lift0_l")[inside]
    np.testing.assert_allclose(active.column("reserve_knee_angle_l")[inside], rest, rtol=1e-8)
    report = weak.report
    assert report["carried_by_reserves_share"] == 1.0
    assert report["saturated_share"] == 1.0
    assert report["reserve_peak_nm"] == pytest.approx(rest.max(), abs=1e-3)


@pytest.mark.parametrize("muscle", ["quad_r", "gas_r"])
def test_arms_over_patella_and_cylinder_are_opensims(tmp_path, agree, muscle):
    engine = Multibody(tiny.pulley_leg(tmp_path / "pulley.osim"))
    tree = compile_tree(engine.model)
    values = np.zeros((9, len(tree.coordinates)))
    values[:, tree.coordinate_index("knee_angle_r")] = np.linspace(0.05, 1.4, 9)
    values[:, tree.coordinate_index("hip_flexion_r")] = np.linspace(-0.4, 0.8, 9)
    values = follow_couplings(tree, values)
    names = ("hip_flexion_r", "knee_angle_r")
    places = [tree.coordinate_index(name) for name in names]
    paths = follow_paths(compile_paths(engine, tree, (muscle,)), values, np.zeros_like(values))
    arms = moment_arms(tree, values, paths, places)[:, 0]
    part = engine.model.getMuscles().get(muscle)
    expected = np.empty_like(arms)
    for frame, row in enumerate(values):
        engine.place(row, np.zeros_like(row))
        for k, name in enumerate(names):
            coordinate = engine.model.getCoordinateSet().get(name)
            expected[frame, k] = part.computeMomentArm(engine.state, coordinate)
    assert np.abs(expected[:, 1]).min() > 0.005
    agree(f"moment arms of {muscle} of the tiny leg", np.abs(arms - expected).max(), 1e-8, "m")
