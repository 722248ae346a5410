"""One hinge, one or two muscles over a wheel: force, sharing and joint load by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from known_models import MASS_KG, muscled_hinge
from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.rigid_body import body_demand
from strikelean.dynamics.solve import Motion
from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray
from strikelean.loads.joint_reactions import reaction_at
from strikelean.model.forward import solve_forward
from strikelean.model.tree import compile_tree
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.leg import LegSolution, MuscleSettings, read_leg, solve_leg
from strikelean.muscles.paths import follow_paths
from strikelean.muscles.redundancy import CARRIED_BY_RESERVES, SOLVED

WHEEL_M = 0.05
# below zero the muscle wraps, so that its arm is the wheel's radius
ANGLE_RAD = -0.4


def standing(engine: Multibody, angle_rad: float = ANGLE_RAD) -> Motion:
    """Return one frame of the hinge at rest."""
    tree = compile_tree(engine.model)
    zero = np.zeros((1, 1))
    return Motion(tree, np.zeros(1), np.full((1, 1), angle_rad), zero, zero, 100.0)


def share(folder: Path, moment_nm: float, muscles: int = 1, **changes: object) -> LegSolution:
    """Return how the hinge's muscles make a moment, with reserves of 1e-3 N m."""
    engine = Multibody(muscled_hinge(folder, muscles))
    chosen = {"passive_force": True, "activation_max": 1.0} | changes
    settings = MuscleSettings(
        "pennated",
        bool(chosen["passive_force"]),
        0.0,
        float(str(chosen["activation_max"])),
        1e-3,
        strength=float(str(chosen.get("strength", 1.0))),
    )
    rows = np.array([0])
    moments: FloatArray = np.array([[moment_nm]])
    motion = standing(engine)
    leg = read_leg(engine, motion.tree, "right")
    return solve_leg(leg, rows, motion, moments, [settings])[0]


@pytest.mark.parametrize("passive", [True, False])
def test_one_muscle_pulls_with_moment_over_arm(tmp_path: Path, passive: bool) -> None:
    leg = share(tmp_path, 20.0, passive_force=passive)
    assert leg.forces_n[0, 0] == pytest.approx(20.0 / WHEEL_M, rel=1e-6)
    assert 0.0 < leg.activations[0, 0] < 1.0
    assert leg.status.tolist() == [SOLVED]


def test_a_stronger_muscle_is_less_active_at_the_same_force(tmp_path: Path) -> None:
    one, twice = (
        share(tmp_path, 20.0, passive_force=False, strength=factor) for factor in (1.0, 2.0)
    )
    assert twice.forces_n[0, 0] == pytest.approx(one.forces_n[0, 0], rel=1e-6)
    assert twice.activations[0, 0] == pytest.approx(one.activations[0, 0] / 2.0, rel=1e-6)


def test_two_equal_muscles_share_equally(tmp_path: Path) -> None:
    leg = share(tmp_path, 20.0, muscles=2)
    assert leg.forces_n[0, 0] == pytest.approx(leg.forces_n[0, 1], rel=1e-9)
    assert leg.forces_n[0].sum() == pytest.approx(20.0 / WHEEL_M, rel=1e-6)


@pytest.mark.parametrize("ceiling", [1.0, 0.5])
def test_a_moment_beyond_the_muscles_goes_to_the_reserve(tmp_path: Path, ceiling: float) -> None:
    leg = share(tmp_path, 200.0, activation_max=ceiling)
    assert leg.activations[0, 0] == ceiling
    assert leg.clamped_share == 1.0
    rest = 200.0 - WHEEL_M * leg.forces_n[0, 0]
    assert rest > 100.0
    assert leg.reserves_nm[0, 0] == pytest.approx(rest, rel=1e-6)
    assert leg.status.tolist() == [CARRIED_BY_RESERVES]


def test_a_muscle_cannot_push(tmp_path: Path) -> None:
    leg = share(tmp_path, -20.0, passive_force=False)
    assert leg.activations[0, 0] == 0.0
    assert leg.reserves_nm[0, 0] == pytest.approx(-20.0)
    assert leg.status.tolist() == [CARRIED_BY_RESERVES]


def test_a_leg_without_muscles_is_an_error(tmp_path: Path) -> None:
    engine = Multibody(muscled_hinge(tmp_path))
    with pytest.raises(SolverError, match="ending in _l"):
        read_leg(engine, compile_tree(engine.model), "left")


def test_the_joint_carries_muscle_and_weight(tmp_path: Path) -> None:
    """The muscle leaves the wheel along the arm's own Y axis, whatever the angle."""
    engine = Multibody(muscled_hinge(tmp_path))
    motion, force_n = standing(engine), 400.0
    compiled = compile_paths(engine, motion.tree, ("flexor0_r",))
    paths = follow_paths(compiled, motion.coordinates, motion.speeds)
    reaction = reaction_at(
        motion,
        0,
        solve_forward(motion.tree, motion.coordinates),
        body_demand(motion.tree, motion.coordinates, motion.speeds, motion.accelerations),
        {},
        paths,
        np.array([[force_n]]),
    )
    weight_n = -MASS_KG * engine.gravity[1]
    expected = [
        weight_n * np.sin(ANGLE_RAD),
        weight_n * np.cos(ANGLE_RAD) - force_n,
        0.0,
    ]
    np.testing.assert_allclose(reaction.force_n[0], expected, atol=1e-6)
    turn = weight_n * 0.25 * np.sin(ANGLE_RAD) - force_n * WHEEL_M
    np.testing.assert_allclose(reaction.moment_nm[0], [0.0, 0.0, turn], atol=1e-6)
