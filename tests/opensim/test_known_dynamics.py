"""Inverse dynamics and joint reactions whose answers stand in a textbook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from known_models import LENGTH_M, MASS_KG, pendulum, sliding_mass
from opensim_twin import compiled, no_muscles
from strikelean.dynamics.rigid_body import body_demand, inverse_dynamics
from strikelean.dynamics.solve import Motion
from strikelean.loads.joint_reactions import reaction_at
from strikelean.model.forward import solve_forward

G = 9.80665


def test_a_sliding_mass_needs_mass_times_acceleration(tmp_path: Path) -> None:
    tree = compiled(sliding_mass(tmp_path))
    motion = ([0.0, 0.3, 0.1], [0.0, 0.0, 0.0], [0.0, 4.0, 0.0])
    forces = inverse_dynamics(tree, *(np.array([row]) for row in motion), {})[0]
    assert forces[tree.names.index("slide")] == pytest.approx(MASS_KG * 4.0)
    assert forces[tree.names.index("lift")] == pytest.approx(MASS_KG * G, rel=1e-4)


def test_the_ground_carries_a_standing_weight(tmp_path: Path) -> None:
    tree = compiled(sliding_mass(tmp_path))
    place, still = np.array([[0.0, 0.3, 0.1]]), np.zeros((1, 3))
    up = np.array([[0.0, -MASS_KG * tree.gravity_m_s2[1], 0.0]])
    moment = np.cross(np.array([[0.3, 0.0, 0.0]]), up)
    forces = inverse_dynamics(tree, place, still, still, {"block": (up, moment)})
    np.testing.assert_allclose(forces, 0.0, atol=1e-9)


@pytest.mark.parametrize("angle", [0.0, 0.4, -0.8])
def test_a_hanging_weight_turns_by_its_arm(tmp_path: Path, angle: float) -> None:
    tree, still = compiled(pendulum(tmp_path)), np.zeros((1, 1))
    moment = inverse_dynamics(tree, np.array([[angle]]), still, still, {})
    assert moment[0, 0] == pytest.approx(MASS_KG * G * LENGTH_M * np.sin(angle), rel=1e-4, abs=1e-9)


def test_a_swinging_weight_pulls_with_weight_and_centripetal_force(tmp_path: Path) -> None:
    tree = compiled(pendulum(tmp_path))
    speed = 3.0
    motion = Motion(
        tree, np.zeros(1), np.zeros((1, 1)), np.full((1, 1), speed), np.zeros((1, 1)), 100.0
    )
    none = no_muscles(1)
    reaction = reaction_at(
        motion,
        0,
        solve_forward(tree, motion.coordinates),
        body_demand(tree, motion.coordinates, motion.speeds, motion.accelerations),
        {},
        none,
        np.zeros((1, 0)),
    )
    expected = MASS_KG * (-tree.gravity_m_s2[1] + speed**2 * LENGTH_M)
    np.testing.assert_allclose(reaction.force_n[0], [0.0, expected, 0.0], atol=1e-9)
    np.testing.assert_allclose(reaction.moment_nm[0], 0.0, atol=1e-9)
    np.testing.assert_allclose(reaction.point_m, [0.0, LENGTH_M, 0.0])
