"""Capacity and moment arms against OpenSim, on tiny models and on the whole generic one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from known_models import sliding_mass
from strikelean.dynamics.multibody import Multibody
from strikelean.errors import ModelError
from strikelean.model.engine import muscle_names, open_model, quiet_engine
from strikelean.model.forward import follow_couplings
from strikelean.model.tree import compile_tree
from strikelean.muscles.capacity import evaluate_capacity, read_parameters
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.paths import follow_paths, moment_arms

PENNATIONS = (0.0, 0.2, 0.6)


def pulled_slider(folder: Path) -> Path:
    """Write a block on a slider, pulled by muscles of several pennations."""
    quiet_engine()
    model = osim.Model()
    model.setName("pulled_slider")
    block = osim.Body("block", 1.0, osim.Vec3(0), osim.Inertia(1, 1, 1))
    model.addBody(block)
    joint = osim.SliderJoint("rail", model.getGround(), block)
    joint.upd_coordinates(0).setName("slide")
    model.addJoint(joint)
    for number, angle in enumerate(PENNATIONS):
        muscle = osim.Millard2012EquilibriumMuscle(f"pull{number}", 1000.0, 0.1, 0.2, angle)
        muscle.set_ignore_tendon_compliance(True)
        muscle.set_max_contraction_velocity(15.0)
        muscle.addNewPathPoint("origin", model.getGround(), osim.Vec3(0))
        muscle.addNewPathPoint("insertion", block, osim.Vec3(0))
        model.addForce(muscle)
    path = folder / "pulled_slider.osim"
    model.finalizeConnections()
    model.printToXML(str(path))
    return path


def quadriceps(folder: Path) -> Path:
    """Write a shank hung from ground, a patella that follows it, and a muscle over both.

    The muscle wraps a cylinder on the ground and crosses the patella on its way.
    """
    quiet_engine()
    model = osim.Model()
    model.setName("quadriceps")
    for name, coordinate in (("tibia_r", "knee_angle_r"), ("patella_r", "knee_angle_r_beta")):
        body = osim.Body(name, 1.0, osim.Vec3(0), osim.Inertia(0.01, 0.01, 0.01))
        model.addBody(body)
        joint = osim.PinJoint(f"{name}_joint", model.getGround(), body)
        joint.upd_coordinates(0).setName(coordinate)
        model.addJoint(joint)
    leader = osim.ArrayStr()
    leader.append("knee_angle_r")
    coupler = osim.CoordinateCouplerConstraint()
    coupler.setIndependentCoordinateNames(leader)
    coupler.setDependentCoordinateName("knee_angle_r_beta")
    curve = osim.PolynomialFunction(osim.Vector.createFromMat(np.array([-0.1, 0.7, 0.05])))
    coupler.setFunction(curve)
    model.addConstraint(coupler)
    wheel = osim.WrapCylinder()
    wheel.setName("condyle")
    wheel.set_radius(0.03)
    wheel.set_length(1.0)
    wheel.set_quadrant("x")
    model.updGround().addWrapObject(wheel)
    bodies = model.getBodySet()
    muscle = osim.Millard2012EquilibriumMuscle("vasti_r", 3000.0, 0.1, 0.3, 0.1)
    muscle.addNewPathPoint("origin", model.getGround(), osim.Vec3(0.01, 0.4, 0))
    muscle.addNewPathPoint("cap", bodies.get("patella_r"), osim.Vec3(0.05, 0.06, 0))
    muscle.addNewPathPoint("tuberosity", bodies.get("tibia_r"), osim.Vec3(0.02, -0.08, 0))
    path = osim.GeometryPath.safeDownCast(muscle.updPath())
    path.addPathWrap(model.updGround().getWrapObject("condyle"))
    muscle.set_ignore_tendon_compliance(True)
    model.addForce(muscle)
    file = folder / "quadriceps.osim"
    model.finalizeConnections()
    model.printToXML(str(file))
    return file


@pytest.mark.parametrize("speed_m_s", [-2.0, -0.7, 0.0, 0.4, 2.0])
@pytest.mark.parametrize("length_m", [0.15, 0.202, 0.24, 0.28, 0.3, 0.34, 0.37])
def test_a_muscle_on_a_slider_has_opensims_capacity(
    tmp_path: Path, length_m: float, speed_m_s: float
) -> None:
    """From a slack tendon (0.15 m) over fibres too short to pull to well stretched ones."""
    model = open_model(pulled_slider(tmp_path))
    state = model.initSystem()
    names = muscle_names(model)
    parts = [
        osim.Millard2012EquilibriumMuscle.safeDownCast(model.getMuscles().get(name))
        for name in names
    ]
    for part in parts:
        part.setActivation(state, 1.0)
    coordinate = model.getCoordinateSet().get("slide")
    coordinate.setValue(state, length_m, False)
    coordinate.setSpeedValue(state, speed_m_s)
    model.realizeDynamics(state)
    shape = (1, len(names))
    found = evaluate_capacity(
        read_parameters(model, names),
        np.full(shape, length_m),
        np.full(shape, speed_m_s),
        "pennated",
    )
    active = [part.getActiveFiberForceAlongTendon(state) for part in parts]
    passive = [part.getPassiveFiberElasticForceAlongTendon(state) for part in parts]
    lengths = [part.getNormalizedFiberLength(state) for part in parts]
    np.testing.assert_allclose(found.fibre_length[0], lengths, atol=1e-9)
    np.testing.assert_allclose(found.active_n[0], active, atol=1e-2)
    np.testing.assert_allclose(found.passive_n[0], passive, atol=1e-2)
    tool = evaluate_capacity(
        read_parameters(model, names),
        np.full(shape, length_m),
        np.full(shape, speed_m_s),
        "opensim_tool",
    )
    stock = [part.calcInextensibleTendonActiveFiberForce(state, 1.0) for part in parts]
    np.testing.assert_allclose(tool.active_n[0], stock, rtol=5e-3, atol=1e-2)


def test_the_tools_capacity_leaves_out_the_cosine(tmp_path: Path) -> None:
    model = open_model(pulled_slider(tmp_path))
    model.initSystem()
    muscles = read_parameters(model, muscle_names(model))
    lengths, speeds = np.full((1, 3), 0.29), np.zeros((1, 3))
    own = evaluate_capacity(muscles, lengths, speeds, "pennated")
    tool = evaluate_capacity(muscles, lengths, speeds, "opensim_tool")
    np.testing.assert_allclose(own.active_n, tool.active_n * own.cos_pennation, rtol=1e-12)
    assert own.cos_pennation[0, 2] < 0.9
    np.testing.assert_array_equal(own.passive_n, tool.passive_n)


def test_another_kind_of_muscle_is_refused_by_name(tmp_path: Path) -> None:
    model = open_model(sliding_mass(tmp_path))
    muscle = osim.Thelen2003Muscle("old", 1000.0, 0.1, 0.2, 0.0)
    muscle.addNewPathPoint("origin", model.getGround(), osim.Vec3(1, 0, 0))
    muscle.addNewPathPoint("insertion", model.getBodySet().get("block"), osim.Vec3(0))
    model.addForce(muscle)
    model.initSystem()
    with pytest.raises(ModelError, match="Thelen2003Muscle"):
        read_parameters(model, ["old"])


@pytest.mark.parametrize("angle", [-1.2, -0.6, -0.1, 0.3])
def test_arm_over_a_wheel_and_a_coupled_patella_is_opensims(tmp_path: Path, angle: float) -> None:
    engine = Multibody(quadriceps(tmp_path))
    tree = compile_tree(engine.model)
    values = np.zeros((1, 2))
    values[0, tree.coordinate_index("knee_angle_r")] = angle
    values = follow_couplings(tree, values)
    paths = follow_paths(compile_paths(engine, tree, ("vasti_r",)), values, np.zeros_like(values))
    knee = tree.coordinate_index("knee_angle_r")
    arm = moment_arms(tree, values, paths, [knee])[0, 0, 0]
    engine.place(values[0], np.zeros(2))
    muscle = engine.model.getMuscles().get("vasti_r")
    coordinate = engine.model.getCoordinateSet().get("knee_angle_r")
    assert arm == pytest.approx(muscle.computeMomentArm(engine.state, coordinate), abs=1e-8)
    # the patella's share is not small, so that leaving it out would show
    alone = moment_arms(tree, values, paths, [0, 1])[0, 0]
    assert alone[tree.coordinate_index("knee_angle_r_beta")] == 0.0
    assert abs(arm) > 0.01


def test_a_tension_turns_a_joint_as_its_length_changes(tmp_path: Path) -> None:
    """Virtual work, on a path that wraps throughout: the arm is minus dL/dq."""
    engine = Multibody(quadriceps(tmp_path))
    tree = compile_tree(engine.model)
    knee, step = tree.coordinate_index("knee_angle_r"), 1e-5
    values = np.zeros((3, 2))
    values[:, knee] = -0.6 + step * np.array([-1.0, 0.0, 1.0])
    values = follow_couplings(tree, values)
    paths = follow_paths(compile_paths(engine, tree, ("vasti_r",)), values, np.zeros_like(values))
    arm = moment_arms(tree, values, paths, [knee])[1, 0, 0]
    change = (paths.lengths_m[2, 0] - paths.lengths_m[0, 0]) / (2 * step)
    assert arm == pytest.approx(-change, abs=1e-6)


def test_every_arm_of_a_leg_is_opensims(generic_model: Path) -> None:
    engine = Multibody(generic_model)
    tree = compile_tree(engine.model, [])
    values = np.array([[coordinate.default for coordinate in tree.coordinates]])
    pose = {
        "hip_flexion_l": 0.6,
        "hip_adduction_l": -0.1,
        "hip_rotation_l": 0.15,
        "knee_angle_l": 0.9,
        "ankle_angle_l": 0.25,
        "subtalar_angle_l": -0.1,
    }
    for name, value in pose.items():
        values[0, tree.coordinate_index(name)] = value
    values = follow_couplings(tree, values)
    muscles = tuple(name for name in muscle_names(engine.model) if name.endswith("_l"))
    paths = follow_paths(compile_paths(engine, tree, muscles), values, np.zeros_like(values))
    found = moment_arms(tree, values, paths, [tree.coordinate_index(name) for name in pose])[0]
    engine.place(values[0], np.zeros(values.shape[1]))
    parts = [engine.model.getMuscles().get(name) for name in muscles]
    coordinates = [engine.model.getCoordinateSet().get(name) for name in pose]
    expected = [
        [part.computeMomentArm(engine.state, coordinate) for coordinate in coordinates]
        for part in parts
    ]
    np.testing.assert_allclose(found, expected, atol=1e-8)
