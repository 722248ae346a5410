"""Every kind of joint and joint function that can be compiled, and those that cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from known_models import knee_like
from opensim_twin import Twin, no_muscles
from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.rigid_body import body_demand, inverse_dynamics
from strikelean.dynamics.solve import Motion
from strikelean.errors import ModelError
from strikelean.loads.joint_reactions import reaction_at
from strikelean.model.engine import open_model, quiet_engine
from strikelean.model.forward import solve_forward
from strikelean.model.functions import compile_function
from strikelean.model.tree import compile_tree
from test_compiled_tree import largest_error, random_poses

KINDS = ("FreeJoint", "GimbalJoint", "SliderJoint", "PlanarJoint", "UniversalJoint", "WeldJoint")


def chain(folder: Path, kinds: tuple[str, ...]) -> Path:
    """Write a chain of bodies, one joint of each kind, with turned and shifted frames."""
    quiet_engine()
    rng = np.random.default_rng(4)

    def some(size: float) -> osim.Vec3:
        return osim.Vec3(*rng.uniform(-size, size, 3).tolist())

    model = osim.Model()
    model.setName("chain")
    parent: osim.PhysicalFrame = model.getGround()
    for number, kind in enumerate(kinds):
        inertia = osim.Inertia(0.02, 0.03, 0.025)
        body = osim.Body(f"part{number}", 1.0 + number, some(0.1), inertia)
        model.addBody(body)
        places = (some(0.3), some(1.0)), (some(0.3), some(1.0))
        joint = getattr(osim, kind)(f"joint{number}", parent, *places[0], body, *places[1])
        model.addJoint(joint)
        model.addMarker(osim.Marker(f"marker{number}", body, some(0.2)))
        parent = body
    path = folder / "chain.osim"
    model.finalizeConnections()
    model.printToXML(str(path))
    return path


def test_joints_with_turned_frames_are_where_opensim_has_them(tmp_path: Path) -> None:
    assert largest_error(chain(tmp_path, KINDS), 10) < 1e-9


def test_a_joint_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    model = open_model(chain(tmp_path, ("BallJoint",)))
    model.initSystem()
    with pytest.raises(ModelError, match="BallJoint joint0"):
        compile_tree(model)


def _line() -> osim.Function:
    return osim.LinearFunction(-1.5, 0.3)


def _polynomial() -> osim.Function:
    return osim.PolynomialFunction(osim.Vector.createFromMat(np.array([0.2, -1.0, 0.5, 0.1, 0.3])))


def _spline() -> osim.Function:
    spline = osim.SimmSpline()
    for x, y in ((-1.0, 0.4), (-0.3, 0.1), (0.2, 0.0), (0.9, 0.5), (1.1, 0.2)):
        spline.addPoint(x, y)
    return spline


def _pieces() -> osim.Function:
    pieces = osim.PiecewiseLinearFunction()
    for x, y in ((-1.0, 0.4), (0.2, 0.0), (1.1, 0.2)):
        pieces.addPoint(x, y)
    return pieces


@pytest.mark.parametrize("scale", [None, -0.7])
@pytest.mark.parametrize(
    "build", [lambda: osim.Constant(0.4), _line, _polynomial, _spline, _pieces]
)
def test_functions_are_opensims_inside_and_beyond_their_ends(
    build: Callable[[], osim.Function], scale: float | None
) -> None:
    quiet_engine()
    function = build()
    if scale is not None:
        multiplier = osim.MultiplierFunction()
        multiplier.setScale(scale)
        multiplier.setFunction(function)
        # it owns the function now; Python must not free it as well
        function.this.disown()
        function = multiplier
    curve = compile_function(function)
    x = np.linspace(-2.51, 2.49, 101)
    expected = [function.calcValue(osim.Vector(1, float(value))) for value in x]
    np.testing.assert_allclose(curve.value(x), expected, atol=1e-10)
    slope = (curve.value(x + 1e-6) - curve.value(x - 1e-6)) / 2e-6
    np.testing.assert_allclose(curve.derivative(x), slope, atol=2e-6)
    np.testing.assert_allclose(curve.scaled(3.0).value(x), 3.0 * curve.value(x), atol=1e-12)


def test_a_function_of_another_kind_is_refused_by_name() -> None:
    quiet_engine()
    with pytest.raises(ModelError, match="Sine"):
        compile_function(osim.Sine(1.0, 1.0, 0.0))


def _motion(engine: Multibody, frames: int) -> Motion:
    tree = compile_tree(engine.model)
    rng = np.random.default_rng(5)
    size = (frames, len(tree.coordinates))
    speeds, accelerations = 3.0 * rng.normal(size=size), 20.0 * rng.normal(size=size)
    return Motion(
        tree, np.arange(frames) / 100, random_poses(tree, frames), speeds, accelerations, 100.0
    )


def test_reactions_along_a_joints_axes_are_the_generalised_forces(tmp_path: Path) -> None:
    """Newton and Euler beyond each joint against the multibody engine, in violent motion."""
    engine = Twin(chain(tmp_path, KINDS[1:]))
    motion, frames = _motion(engine, 4), 4
    tree = motion.tree
    rng = np.random.default_rng(6)
    ground = {"part4": (300.0 * rng.normal(size=(frames, 3)), 40.0 * rng.normal(size=(frames, 3)))}
    pose = solve_forward(tree, motion.coordinates, partials=True)
    demand = body_demand(tree, motion.coordinates, motion.speeds, motion.accelerations)
    idle = no_muscles(frames)
    moving = motion.coordinates, motion.speeds, motion.accelerations
    expected = engine.motion_forces(*moving, ground)
    np.testing.assert_allclose(inverse_dynamics(tree, *moving, ground), expected, rtol=1e-9)
    for column in pose.columns:
        reaction = reaction_at(
            motion, column.joint, pose, demand, ground, idle, np.zeros((frames, 0))
        )
        turned = pose.rotations[:, tree.joints[column.joint].child]
        force = np.einsum("tij,tj->ti", turned, reaction.force_n)
        moment = np.einsum("tij,tj->ti", turned, reaction.moment_nm)
        power = (force * column.linear + moment * column.angular).sum(axis=1)
        np.testing.assert_allclose(power, expected[:, column.coordinate], rtol=1e-8, atol=1e-6)


def test_a_joint_whose_speeds_are_no_rates_is_refused_for_dynamics(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="FreeJoint joint0"):
        Multibody(chain(tmp_path, KINDS[:2]))


def test_a_dependent_coordinate_follows_whatever_is_asked_of_it(tmp_path: Path) -> None:
    model = open_model(knee_like(tmp_path))
    model.initSystem()
    tree = compile_tree(model)
    poses = random_poses(tree, 3)
    wrong = poses.copy()
    wrong[:, tree.coordinate_index("knee_angle_r_beta")] += 0.5
    right, same = solve_forward(tree, poses), solve_forward(tree, wrong)
    np.testing.assert_array_equal(right.rotations, same.rotations)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    model = open_model(knee_like(tmp_path))
    model.initSystem()
    tree = compile_tree(model)
    with pytest.raises(ModelError, match="coordinate tail_angle"):
        tree.coordinate_index("tail_angle")
    with pytest.raises(ModelError, match="body tail"):
        tree.body_index("tail")
