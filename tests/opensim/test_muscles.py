"""Capacity, moment arms and the sharing of moments, on problems with known answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.solve import Motion
from strikelean.model.engine import muscle_names, open_model
from strikelean.model.tree import compile_tree
from strikelean.muscles.capacity import evaluate_capacity, read_parameters
from strikelean.muscles.paths import follow_paths, moment_arms
from strikelean.muscles.redundancy import share_moments
from strikelean.muscles.solve import LegSolution, MuscleSettings, solve_leg
from tiny_models import muscled_hinge

ARM_M = 0.05
SETTINGS = MuscleSettings("pennated", False, 0.0, 1.0, 1.0)


def _solved(path: Path, moment_nm: float, settings: MuscleSettings = SETTINGS) -> LegSolution:
    engine = Multibody(path)
    tree = compile_tree(engine.model)
    still = np.zeros((2, 1))
    motion = Motion(tree, np.array([0.0, 0.01]), still, still, still, 100.0)
    moments = np.full((2, 1), moment_nm)
    return solve_leg(engine, motion, moments, np.arange(2), "right", settings)


def _arm_sign(path: Path) -> float:
    engine = Multibody(path)
    paths = follow_paths(engine, ("flexor0_r",), np.zeros((1, 1)), np.zeros((1, 1)))
    return float(moment_arms(compile_tree(engine.model), np.zeros((1, 1)), paths, [0])[0, 0, 0])


def test_one_muscle_carries_moment_over_arm(tmp_path: Path) -> None:
    path = muscled_hinge(tmp_path)
    arm = _arm_sign(path)
    assert abs(arm) == pytest.approx(ARM_M, rel=1e-6)
    leg = _solved(path, 10.0 * np.sign(arm))
    made = leg.forces_n[:, 0] * abs(arm) + np.abs(leg.reserves_nm[:, 0])
    np.testing.assert_allclose(made, 10.0, rtol=1e-9)
    assert leg.forces_n[0, 0] == pytest.approx(10.0 / ARM_M, rel=0.01)
    assert (leg.status == 0).all()


def test_two_equal_muscles_share_equally(tmp_path: Path) -> None:
    path = muscled_hinge(tmp_path, muscles=2)
    leg = _solved(path, 10.0 * np.sign(_arm_sign(path)))
    assert leg.forces_n[0, 0] == pytest.approx(leg.forces_n[0, 1])
    assert leg.forces_n[0].sum() * ARM_M == pytest.approx(10.0, rel=0.01)


def test_a_moment_no_muscle_can_make_is_left_to_the_reserve_and_said(tmp_path: Path) -> None:
    path = muscled_hinge(tmp_path)
    leg = _solved(path, -10.0 * np.sign(_arm_sign(path)))
    np.testing.assert_allclose(leg.activations, 0.0, atol=1e-12)
    np.testing.assert_allclose(np.abs(leg.reserves_nm), 10.0)
    assert (leg.status == 1).all()


def test_a_muscle_too_weak_saturates(tmp_path: Path) -> None:
    path = muscled_hinge(tmp_path)
    leg = _solved(path, 500.0 * np.sign(_arm_sign(path)))
    np.testing.assert_allclose(leg.activations, 1.0)
    assert leg.clamped_share == 1.0
    made = leg.forces_n[:, 0] * ARM_M + np.abs(leg.reserves_nm[:, 0])
    np.testing.assert_allclose(made, 500.0, rtol=1e-6)


def test_reserves_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        share_moments(np.ones((1, 1, 1)), np.ones((1, 1)), np.zeros(1))


def _random_problem(seed: int, muscles: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return 50.0 * rng.normal(size=(3, 4, muscles)), spread * rng.normal(size=(3, 4))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 30), st.sampled_from([1.0, 60.0, 500.0]))
def test_optimality_conditions_hold(seed: int, muscles: int, spread: float) -> None:
    gains, moments = _random_problem(seed, muscles, spread)
    reserve = np.full(4, 2.0)
    solution = share_moments(gains, moments, reserve, (0.01, 1.0))
    assert solution.converged.all()
    made = np.einsum("tkn,tn->tk", gains, solution.activations) + solution.reserves_nm
    np.testing.assert_allclose(made, moments, atol=1e-5)
    wanted = np.einsum("tkn,tk->tn", gains, solution.multipliers)
    np.testing.assert_allclose(solution.activations, np.clip(wanted, 0.01, 1.0), atol=1e-9)
    np.testing.assert_allclose(solution.reserves_nm, reserve**2 * solution.multipliers)


def test_the_same_optimum_as_a_general_solver() -> None:
    gains, moments = _random_problem(7, 12, 60.0)
    solution = share_moments(gains, moments, np.ones(4))
    for frame in range(len(moments)):
        equal = np.hstack([gains[frame], np.eye(4)])
        found = minimize(
            lambda x: 0.5 * x @ x,
            np.full(16, 0.1),
            jac=lambda x: x,
            bounds=[(0, 1)] * 12 + [(None, None)] * 4,
            constraints={
                "type": "eq",
                "fun": lambda x, equal=equal, frame=frame: equal @ x - moments[frame],
                "jac": lambda x, equal=equal: equal,
            },
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 500},
        )
        np.testing.assert_allclose(solution.activations[frame], found.x[:12], atol=1e-7)


@pytest.fixture(scope="module")
def bent_leg(generic_model: Path) -> tuple[osim.Model, osim.State, dict[str, float]]:
    """The generic model in mid-stance, moving."""
    model = open_model(generic_model)
    state = model.initSystem()
    pose = {
        "hip_flexion_r": 0.5,
        "hip_adduction_r": -0.1,
        "knee_angle_r": 0.8,
        "ankle_angle_r": 0.3,
        "subtalar_angle_r": 0.1,
    }
    for name, value in pose.items():
        coordinate = model.getCoordinateSet().get(name)
        coordinate.setValue(state, value, False)
        coordinate.setSpeedValue(state, 3.0)
    model.assemble(state)
    muscles = model.getMuscles()
    for index in range(muscles.getSize()):
        muscles.get(index).setActivation(state, 1.0)
    model.realizeDynamics(state)
    return model, state, pose


def test_arms_are_opensims_through_wrapping_and_the_patella(
    generic_model: Path, bent_leg: tuple[osim.Model, osim.State, dict[str, float]]
) -> None:
    model, state, pose = bent_leg
    tree = compile_tree(model, [])
    values = np.array([[coordinate.default for coordinate in tree.coordinates]])
    for name, value in pose.items():
        values[0, tree.coordinate_index(name)] = value
    from strikelean.model.forward import follow_couplings

    values = follow_couplings(tree, values)
    muscles = ("recfem_r", "vaslat_r", "gasmed_r", "psoas_r", "glmed1_r", "perlong_r", "bflh_r")
    paths = follow_paths(Multibody(generic_model), muscles, values, np.zeros_like(values))
    arms = moment_arms(tree, values, paths, [tree.coordinate_index(name) for name in pose])
    for i, muscle in enumerate(muscles):
        for k, name in enumerate(pose):
            coordinate = model.getCoordinateSet().get(name)
            expected = model.getMuscles().get(muscle).computeMomentArm(state, coordinate)
            assert arms[0, i, k] == pytest.approx(expected, abs=1e-8)


def test_capacity_is_opensims(bent_leg: tuple[osim.Model, osim.State, dict[str, float]]) -> None:
    model, state, _ = bent_leg
    names = [name for name in muscle_names(model) if name.endswith("_r")]
    parts = [model.getMuscles().get(name) for name in names]
    lengths = np.array([[part.getLength(state) for part in parts]])
    speeds = np.array([[part.getLengtheningSpeed(state) for part in parts]])
    parameters = read_parameters(model, names)
    own = evaluate_capacity(parameters, lengths, speeds, "pennated")
    active = [part.getActiveFiberForceAlongTendon(state) for part in parts]
    np.testing.assert_allclose(own.active_n[0], active, atol=1e-2)
    passive = [
        osim.Millard2012EquilibriumMuscle.safeDownCast(part).getPassiveFiberElasticForceAlongTendon(
            state
        )
        for part in parts
    ]
    np.testing.assert_allclose(own.passive_n[0], passive, atol=1e-2)
    tool = evaluate_capacity(parameters, lengths, speeds, "opensim_tool")
    stock = np.array([part.calcInextensibleTendonActiveFiberForce(state, 1.0) for part in parts])
    strong = stock > 50.0
    np.testing.assert_allclose(tool.active_n[0][strong], stock[strong], rtol=5e-3)
