"""Moment arms and capacity of the generic model in a moving pose against OpenSim's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from strikelean.dynamics.multibody import Multibody
from strikelean.model.engine import muscle_names, open_model
from strikelean.model.forward import follow_couplings
from strikelean.model.tree import compile_tree
from strikelean.muscles.capacity import evaluate_capacity, read_parameters
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.paths import follow_paths, moment_arms


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
    values = follow_couplings(tree, values)
    muscles = ("recfem_r", "vaslat_r", "gasmed_r", "psoas_r", "glmed1_r", "perlong_r", "bflh_r")
    compiled = compile_paths(Multibody(generic_model), tree, muscles)
    paths = follow_paths(compiled, values, np.zeros_like(values))
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
