"""Net moments of the knee: a known answer, the generalised force, a mirror, a turned laboratory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from opensim_twin import compiled
from standing_runner import pose_of
from strikelean.dynamics.rigid_body import body_demand
from strikelean.dynamics.solve import Motion, solve_dynamics
from strikelean.loads.joint_reactions import net_wrench
from strikelean.loads.net_moments import net_knee_moments
from strikelean.loads.reactions_solve import carrying_joint
from strikelean.model.forward import solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import joint_columns, walk_tree

FORCE_N = np.array([0.0, 1500.0, 0.0])


@pytest.fixture(scope="module")
def tree(generic_model) -> KinematicTree:
    return compiled(generic_model)


def still(tree: KinematicTree, degrees: dict[str, float], frames: int = 3) -> Motion:
    """Return a runner who holds a pose."""
    values = np.tile(pose_of(tree, degrees), (frames, 1))
    return Motion(tree, np.arange(frames) / 100.0, values, 0.0 * values, 0.0 * values, 100.0)


def ground_at(point_m: np.ndarray, frames: int, foot: str) -> dict[str, tuple]:
    """Return a vertical force through a point under a foot."""
    force = np.tile(FORCE_N, (frames, 1))
    return {f"calcn_{foot}": (force, np.cross(np.tile(point_m, (frames, 1)), force))}


def massless(tree: KinematicTree) -> KinematicTree:
    return replace(tree, masses_kg=0.0 * tree.masses_kg, inertias_kg_m2=0.0 * tree.inertias_kg_m2)


@pytest.mark.parametrize(("side", "inward"), [("r", -1.0), ("l", 1.0)])
def test_a_force_medial_of_the_knee_is_held_by_an_abduction_moment(tree, side, inward):
    """Static single leg: force times lever arm in the frontal plane, and nothing elsewhere."""
    light = massless(tree)
    motion = still(light, {})
    pose = solve_forward(light, motion.coordinates)
    joint = carrying_joint(light, f"tibia_{side}")
    knee = pose.origins_m[0, joint]
    arm_m = 0.05
    point = np.array([knee[0], 0.0, knee[2] + inward * arm_m])
    found = net_knee_moments(motion, ground_at(point, 3, side))
    moment = np.array([found.column(f"knee_net_moment_{side}_{a}")[0] for a in "xyz"])
    # the tibia of the upright model stands within a degree of the vertical
    sign = -1.0 if side == "r" else 1.0
    assert sign * moment[0] == pytest.approx(FORCE_N[1] * arm_m, rel=2e-3)
    assert np.linalg.norm(moment) == pytest.approx(FORCE_N[1] * arm_m, rel=1e-9)
    assert moment[1:] == pytest.approx([0.0, 0.0], abs=3.0)


def test_a_force_behind_the_knee_is_held_by_an_extension_moment(tree):
    light = massless(tree)
    motion = still(light, {"knee_angle_r": 40.0})
    knee = solve_forward(light, motion.coordinates).origins_m[0, carrying_joint(light, "tibia_r")]
    found = net_knee_moments(motion, ground_at(knee - np.array([0.1, 0.5, 0.0]), 3, "r"))
    moment = np.array([found.column(f"knee_net_moment_r_{axis}")[0] for axis in "xyz"])
    assert np.linalg.norm(moment) == pytest.approx(150.0, rel=1e-9)
    # the coupled knee turns the tibia's axes by a few degrees out of the sagittal plane
    assert moment[2] == pytest.approx(150.0, rel=0.02)


def test_the_generalised_force_is_the_net_wrench_along_the_knee_s_own_motion(tree):
    """Force and moment, taken along the way the knee moves, are the moment of inverse dynamics."""
    rng = np.random.default_rng(4)
    frames = 5
    values = np.tile(pose_of(tree, {"knee_angle_r": 45.0, "hip_flexion_r": 30.0}), (frames, 1))
    motion = Motion(
        tree,
        np.arange(frames) / 100.0,
        values,
        3.0 * rng.normal(size=values.shape),
        30.0 * rng.normal(size=values.shape),
        100.0,
    )
    ground = ground_at(np.array([0.1, 0.0, 0.12]), frames, "r")
    joint = carrying_joint(tree, "tibia_r")
    demand = body_demand(tree, motion.coordinates, motion.speeds, motion.accelerations)
    pose = solve_forward(tree, values)
    force, moment = net_wrench(motion, joint, pose, demand, ground)
    knee = tree.coordinate_index("knee_angle_r")
    angular, linear = joint_columns(walk_tree(tree, values).joints[joint])[knee]
    along = np.einsum("it,ti->t", angular, moment) + np.einsum("it,ti->t", linear, force)
    expected = solve_dynamics(motion, ground)[:, knee]
    np.testing.assert_allclose(along, expected, atol=1e-9 * np.abs(expected).max())


def test_what_a_motion_needs_at_some_frames_is_what_those_frames_need(tree):
    values = np.random.default_rng(4).normal(size=(5, len(tree.names)))
    motion = Motion(tree, np.arange(5) / 100.0, 0.1 * values, values, 10.0 * values, 100.0)
    some = np.array([1, 3])
    part = motion.at(some)
    for name in ("forces_n", "moments_nm", "centres_m"):
        found, expected = (getattr(d, name) for d in (motion.demand.at(some), part.demand))
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    for name in ("rotations", "positions_m", "origins_m"):
        found, expected = (getattr(p, name) for p in (motion.pose.at(some), part.pose))
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_turning_and_shifting_the_laboratory_changes_nothing(tree):
    turn, shift = 0.7, np.array([3.0, 0.0, -2.0])
    motion = still(tree, {"knee_angle_r": 35.0, "hip_adduction_r": 8.0})
    moved = motion.coordinates.copy()
    rotation = tree.coordinate_index("pelvis_rotation")
    before = solve_forward(tree, moved).positions_m[0, tree.body_index("pelvis")]
    moved[:, rotation] += turn
    c, s = np.cos(turn), np.sin(turn)
    about_y = np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
    target = about_y @ before + shift
    for axis, index in zip("xyz", range(3), strict=True):
        place = tree.coordinate_index(f"pelvis_t{axis}")
        here = solve_forward(tree, moved).positions_m[0, tree.body_index("pelvis")]
        moved[:, place] += target[index] - here[index]
    point = np.array([0.15, 0.0, 0.05])
    push = np.array([120.0, 1500.0, -60.0])

    def ground(force: np.ndarray, at: np.ndarray) -> dict[str, tuple]:
        forces = np.tile(force, (3, 1))
        return {"calcn_r": (forces, np.cross(np.tile(at, (3, 1)), forces))}

    found = net_knee_moments(motion, ground(push, point))
    again = net_knee_moments(
        replace(motion, coordinates=moved), ground(about_y @ push, about_y @ point + shift)
    )
    np.testing.assert_allclose(again.values, found.values, atol=1e-8)


def test_a_mirrored_runner_has_mirrored_moments(tree):
    """The left leg's moment under the mirrored force is the right one's, axes mirrored."""
    pose = {"knee_angle_r": 40.0, "hip_flexion_r": 25.0, "hip_adduction_r": 6.0}
    pose |= {name[:-1] + "l": value for name, value in pose.items()}
    motion = still(tree, pose)
    right = ground_at(np.array([0.1, 0.0, 0.07]), 3, "r")
    left = ground_at(np.array([0.1, 0.0, -0.07]), 3, "l")
    one, two = net_knee_moments(motion, right), net_knee_moments(motion, left)
    for axis, sign in (("x", -1.0), ("y", -1.0), ("z", 1.0)):
        np.testing.assert_allclose(
            two.column(f"knee_net_moment_l_{axis}"),
            sign * one.column(f"knee_net_moment_r_{axis}"),
            atol=1e-6,
        )
