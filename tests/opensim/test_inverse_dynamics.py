"""Inverse dynamics with closed forms: coupled speeds, a bouncing block, a swinging rod."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tiny_models as tiny
from opensim_twin import compiled, no_muscles
from strikelean.dynamics.rigid_body import body_demand, inverse_dynamics
from strikelean.dynamics.solve import (
    Motion,
    ground_wrenches,
    moments_table,
    read_motion,
    report_dynamics,
    solve_dynamics,
)
from strikelean.errors import RecordingError
from strikelean.formats.ground import GroundForces, read_ground, write_ground
from strikelean.formats.series import TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.loads.joint_reactions import reaction_at
from strikelean.model.forward import solve_forward
from strikelean.motion.coordinates_io import write_coordinates

TRUNK_KG, FOOT_KG = 60.0, 1.0
MASS_KG = TRUNK_KG + 2 * FOOT_KG
RATE_HZ = 200.0
COP_AHEAD_M = 0.08


def test_weight_and_acceleration_of_a_mass_on_a_vertical_rail(tmp_path):
    tree = compiled(tiny.sliding_mass(tmp_path / "mass.osim", 3.5))
    force = inverse_dynamics(tree, *(np.array([[x]]) for x in (0.4, -2.0, 1.3)), {})
    assert force[0, 0] == pytest.approx(3.5 * (tiny.GRAVITY + 1.3), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_double_pendulum_has_its_textbook_moments(tmp_path, seed):
    """Centrifugal and Coriolis terms included (any textbook on analytical mechanics)."""
    (m1, m2), (l1, l2) = (2.0, 3.0), (0.4, 0.6)
    tree = compiled(tiny.double_pendulum(tmp_path / "double.osim", (m1, m2), (l1, l2)))
    rng = np.random.default_rng(seed)
    q, u, a = rng.uniform(-2, 2, 2), rng.normal(0, 8, 2), rng.normal(0, 80, 2)
    moments = inverse_dynamics(tree, q[None], u[None], a[None], {})[0]
    # absolute angles of both rods from the vertical
    first, second = q[0], q[0] + q[1]
    w1, w2 = u[0], u[0] + u[1]
    a1, a2 = a[0], a[0] + a[1]
    cosine, sine = np.cos(first - second), np.sin(first - second)
    upper = (m1 + m2) * l1**2 * a1 + m2 * l1 * l2 * (a2 * cosine + w2**2 * sine)
    upper += (m1 + m2) * tiny.GRAVITY * l1 * np.sin(first)
    lower = m2 * l2**2 * a2 + m2 * l1 * l2 * (a1 * cosine - w1**2 * sine)
    lower += m2 * tiny.GRAVITY * l2 * np.sin(second)
    np.testing.assert_allclose(moments, [upper + lower, lower], rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_swinging_rod_pulls_at_its_hinge_as_newton_says(tmp_path, seed):
    mass, centre, inertia = 2.5, 0.45, 0.07
    tree = compiled(tiny.pendulum(tmp_path / "rod.osim", mass, centre, inertia))
    rng = np.random.default_rng(seed)
    angle, speed, turning = rng.uniform(-0.7, 0.7), rng.normal(0, 5), rng.normal(0, 30)
    motion = Motion(
        tree,
        np.zeros(1),
        np.array([[angle]]),
        np.array([[speed]]),
        np.array([[turning]]),
        100.0,
    )
    none = no_muscles(1)
    reaction = reaction_at(
        motion,
        0,
        solve_forward(motion.tree, motion.coordinates),
        body_demand(tree, motion.coordinates, motion.speeds, motion.accelerations),
        {},
        none,
        np.zeros((1, 0)),
    )
    along = mass * (speed**2 * centre + tiny.GRAVITY * np.cos(angle))
    across = mass * (turning * centre + tiny.GRAVITY * np.sin(angle))
    # in the rod's own frame: Y up along it, X across it
    np.testing.assert_allclose(reaction.force_n[0], [across, along, 0.0], atol=1e-9)
    turn = (inertia + mass * centre**2) * turning + mass * tiny.GRAVITY * centre * np.sin(angle)
    np.testing.assert_allclose(reaction.moment_nm[0], [0.0, 0.0, turn], atol=1e-9)


def bounce(folder: Path, shift_s: float = 0.0) -> tuple[Path, Path, Path]:
    """Write a block on two feet that rises and falls, and the ground force that makes it.

    The force, of both feet alike, acts 0.08 m ahead of the ankles and comes ``shift_s`` late.
    """
    model = tiny.standing_block(folder / "block.osim", TRUNK_KG, FOOT_KG)
    tree = compiled(model)
    time_s = np.arange(0.0, 1.0, 1.0 / RATE_HZ)
    omega, size = 2.0 * np.pi * 2.0, 0.04
    values = np.zeros((len(time_s), len(tree.coordinates)))
    values[:, tree.coordinate_index("pelvis_ty")] = 0.9 + size * np.sin(omega * time_s)
    write_coordinates(folder / "motion.mot", tree, time_s, values)
    force_s = np.arange(-0.2, 1.2, 1.0 / (5 * RATE_HZ))
    late = force_s - shift_s
    lift = MASS_KG * (tiny.GRAVITY - size * omega**2 * np.sin(omega * late))
    ground = GroundForces(force_s, np.zeros((len(force_s), 2, 3, 3)))
    for side, z in (("right", 0.1), ("left", -0.1)):
        foot = ground.foot(side)
        foot.force_n[:, 1] = lift / 2
        foot.point_m[:, 0], foot.point_m[:, 2] = COP_AHEAD_M, z
    write_ground(folder / "grf.mot", ground)
    return model, folder / "motion.mot", folder / "grf.mot"


def solved(model, motion_mot, grf_mot):
    """Return motion, generalised forces and report of files."""
    motion, grf = read_motion(model, motion_mot), read_ground(grf_mot)
    wrenches = ground_wrenches(grf, motion.time_s)
    forces = solve_dynamics(motion, wrenches)
    return motion, forces, report_dynamics(motion, forces, wrenches, grf)


def test_true_ground_force_leaves_nothing_at_the_root(tmp_path):
    inputs = bounce(tmp_path)
    motion, forces, told = solved(*inputs)
    moments = moments_table(motion.tree, motion.time_s, forces)
    middle = slice(10, -10)  # the spline's ends are poorer in the second derivative
    force = moments.vector("pelvis_t", ("x_force", "y_force", "z_force"))[middle]
    np.testing.assert_allclose(force, 0.0, atol=1e-3)
    turn = moments.vector("pelvis_", ("list_moment", "rotation_moment"))[middle]
    np.testing.assert_allclose(turn, 0.0, atol=1e-3)
    # the force passes ahead of the hinge of each ankle, which holds against it alone
    grf = read_sto(tmp_path / "grf.mot")
    lift = np.interp(moments.time_s, grf.time_s, grf.column("ground_force_r_vy"))[middle]
    for letter in "rl":
        ankle = moments.column(f"ankle_angle_{letter}_moment")[middle]
        np.testing.assert_allclose(ankle, -COP_AHEAD_M * lift, atol=2e-2)
    tilt = moments.column("pelvis_tilt_moment")[middle]
    np.testing.assert_allclose(tilt, -2 * COP_AHEAD_M * lift, atol=4e-2)
    assert told["mass_kg"] == pytest.approx(MASS_KG)
    assert abs(told["lag_s"]) < 1e-4


@pytest.mark.parametrize("shift_s", [0.008, -0.006])
def test_late_force_is_seen_in_the_lag(tmp_path, shift_s):
    inputs = bounce(tmp_path, shift_s)
    told = solved(*inputs)[2]
    assert told["lag_s"] == pytest.approx(shift_s, abs=5e-4)
    assert told["lag_residual_rms_n"] < told["lag_residual_rms_unshifted_n"]


def test_force_of_another_time_is_refused(tmp_path):
    model, motion, grf = bounce(tmp_path)
    table = read_sto(grf)
    write_sto(grf, TimeSeries(table.time_s + 5.0, table.columns, table.values))
    with pytest.raises(RecordingError, match="same trial"):
        solved(model, motion, grf)
