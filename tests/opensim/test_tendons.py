"""Muscles whose tendons stretch: against OpenSim's own equilibrium, and what must hold of any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import opensim as osim
import pytest

from strikelean.model.engine import muscle_names, open_model, quiet_engine
from strikelean.muscles.capacity import MuscleParameters, evaluate_capacity, read_parameters
from strikelean.muscles.kernel_values import Pull
from strikelean.muscles.leg import MuscleSettings
from strikelean.muscles.load import LegLoad, load_leg
from strikelean.muscles.muscle_kernel import TOLERANCE_N

STEP_S = 0.005
# optimal fibre and slack tendon, m; the last is shorter than its fibres
LENGTHS = ((0.05, 0.30), (0.06, 0.40), (0.11, 0.23), (0.10, 0.04))
RIGID = MuscleSettings("pennated", True, 0.01, 1.0, 1.0)
COMPLIANT = replace(RIGID, tendon="compliant")


def leg_load(parameters: MuscleParameters, pull: Pull, time_s: np.ndarray) -> LegLoad:
    """Return a leg without muscles of the hip alone."""
    return LegLoad(parameters, pull, time_s, np.zeros(len(parameters.names), dtype=bool))


def pulled(folder: Path, damping: float = 0.0) -> osim.Model:
    """Return a block on a slider, pulled by muscles with long tendons and a short one."""
    quiet_engine()
    model = osim.Model()
    block = osim.Body("block", 1.0, osim.Vec3(0), osim.Inertia(1, 1, 1))
    model.addBody(block)
    joint = osim.SliderJoint("rail", model.getGround(), block)
    joint.upd_coordinates(0).setName("slide")
    model.addJoint(joint)
    for number, (fibre, tendon) in enumerate(LENGTHS):
        muscle = osim.Millard2012EquilibriumMuscle(f"pull{number}", 3000.0, fibre, tendon, 0.3)
        muscle.set_max_contraction_velocity(15.0)
        muscle.set_fiber_damping(damping)
        muscle.addNewPathPoint("origin", model.getGround(), osim.Vec3(0))
        muscle.addNewPathPoint("insertion", block, osim.Vec3(0))
        model.addForce(muscle)
    path = folder / "pulled.osim"
    model.finalizeConnections()
    model.printToXML(str(path))
    return open_model(path)


def stance(frames: int = 45, scale: float = 1.0, step_s: float = STEP_S) -> tuple[Pull, np.ndarray]:
    """Return a muscle stretched and shortened while its moment rises and falls.

    All muscles pull with 5 cm on one joint.
    """
    time_s = step_s * np.arange(frames)
    phase = np.pi * np.arange(frames) / (frames - 1)
    rate = np.pi / ((frames - 1) * step_s)
    rest = np.array([fibre * np.cos(0.3) + tendon for fibre, tendon in LENGTHS])
    lengths = rest + 0.010 * np.sin(phase)[:, None]
    speeds = np.repeat(0.010 * rate * np.cos(phase)[:, None], len(LENGTHS), axis=1)
    arms = np.full((frames, 1, len(LENGTHS)), 0.05)
    return Pull(lengths, speeds, arms, scale * 220.0 * np.sin(phase)[:, None]), time_s


@pytest.mark.parametrize("activation", [0.05, 0.4, 1.0])
@pytest.mark.parametrize("stretch", [-0.01, 0.0, 0.015])
def test_a_muscle_at_rest_is_in_opensims_equilibrium(
    tmp_path: Path, activation: float, stretch: float
) -> None:
    """The tendon force that OpenSim's equilibrium finds is the one at which ours balances."""
    model = pulled(tmp_path, damping=0.1)
    state = model.initSystem()
    names = muscle_names(model)
    for number, name in enumerate(names[:3]):
        fibre, tendon = LENGTHS[number]
        length = fibre * np.cos(0.3) + tendon + stretch
        muscle = osim.Millard2012EquilibriumMuscle.safeDownCast(model.getMuscles().get(name))
        model.getCoordinateSet().get("slide").setValue(state, length, False)
        muscle.setActivation(state, activation)
        muscle.computeInitialFiberEquilibrium(state)
        model.realizeDynamics(state)
        expected = muscle.getTendonForce(state)
        own = read_parameters(model, [name])
        found = np.array([[muscle.getTendonLength(state)]]) - own.slack_length_m
        strain = found / own.slack_length_m / own.tendon_strain
        force = own.max_isometric_n * own.tendon.values(strain)
        capacity = evaluate_capacity(own, length - found, np.zeros((1, 1)), "pennated")
        fibres = activation * capacity.active_n + capacity.passive_n
        assert force[0, 0] == pytest.approx(expected, abs=0.1)
        assert fibres[0, 0] == pytest.approx(expected, abs=0.1)


def test_a_moving_muscle_has_the_fibre_speed_that_opensim_gives(tmp_path: Path) -> None:
    """With our activations and fibre lengths, OpenSim's fibres must move as ours do.

    Without any damping OpenSim reads speed off another, inverse curve; with a little it solves
    for the speed on the curve that we read too.
    """
    model = pulled(tmp_path, damping=0.002)
    state = model.initSystem()
    names = muscle_names(model)[:3]
    pull, time_s = stance(scale=0.9)
    pull = Pull(
        pull.lengths_m[:, :3], pull.speeds_m_s[:, :3], pull.arms_m[:, :, :3], pull.moments_nm
    )
    parameters = read_parameters(model, names)
    loaded = load_leg(leg_load(parameters, pull, time_s), COMPLIANT)
    rate = np.gradient(loaded.stretch_m, STEP_S, axis=0)
    capacity = evaluate_capacity(
        parameters, pull.lengths_m - loaded.stretch_m, pull.speeds_m_s - rate, "pennated"
    )
    checked = 0
    for frame in range(6, 40, 3):
        for number, name in enumerate(names):
            muscle = osim.Millard2012EquilibriumMuscle.safeDownCast(model.getMuscles().get(name))
            coordinate = model.getCoordinateSet().get("slide")
            coordinate.setValue(state, float(pull.lengths_m[frame, number]), False)
            coordinate.setSpeedValue(state, float(pull.speeds_m_s[frame, number]))
            muscle.setActivation(state, float(loaded.activations[frame, number]))
            fibre = capacity.fibre_length[frame, number] * parameters.optimal_length_m[number]
            muscle.setFiberLength(state, float(fibre))
            model.realizeDynamics(state)
            assert loaded.forces_n[frame, number] == pytest.approx(
                muscle.getTendonForce(state), abs=1.0
            )
            theirs = muscle.getNormalizedFiberVelocity(state)
            assert capacity.fibre_speed[frame, number] == pytest.approx(theirs, abs=0.01)
            checked += 1
    assert checked == 36


def test_forces_balance_and_carry_the_moment(tmp_path: Path) -> None:
    model = pulled(tmp_path)
    model.initSystem()
    parameters = read_parameters(model, muscle_names(model))
    pull, time_s = stance()
    loaded = load_leg(leg_load(parameters, pull, time_s), COMPLIANT)
    assert loaded.converged.all()
    assert loaded.residual_n.max() <= TOLERANCE_N
    made = 0.05 * loaded.forces_n.sum(axis=1) + loaded.reserves_nm[:, 0]
    np.testing.assert_allclose(made, pull.moments_nm[:, 0], atol=1e-6)
    assert (loaded.forces_n >= -1e-9).all()
    # the short tendon stays rigid, the others stretch most where they pull most
    assert (loaded.stretch_m[:, 3] == 0.0).all()
    for number in range(3):
        assert abs(int(loaded.stretch_m[:, number].argmax()) - 22) < 8


def test_a_tendon_that_hardly_stretches_is_a_rigid_one(tmp_path: Path) -> None:
    model = pulled(tmp_path)
    model.initSystem()
    parameters = read_parameters(model, muscle_names(model))
    pull, time_s = stance()
    rigid = load_leg(leg_load(parameters, pull, time_s), RIGID)
    off = []
    for strain in (1e-2, 1e-3, 1e-4):
        stiff = load_leg(
            leg_load(parameters, pull, time_s), replace(COMPLIANT, tendon_strain=strain)
        )
        off.append(float(np.abs(stiff.forces_n - rigid.forces_n).max()))
    assert off[0] > off[1] > off[2]
    assert off[2] < 2.0


def test_more_moment_stretches_every_tendon_more(tmp_path: Path) -> None:
    model = pulled(tmp_path)
    model.initSystem()
    parameters = read_parameters(model, muscle_names(model))
    peaks = []
    for scale in (0.5, 0.75, 1.0):
        pull, time_s = stance(scale=scale)
        peaks.append(
            load_leg(leg_load(parameters, pull, time_s), COMPLIANT).stretch_m.max(axis=0)[:3]
        )
    assert (np.diff(peaks, axis=0) > 0.0).all()


def test_contacts_are_solved_each_for_itself(tmp_path: Path) -> None:
    """Another contact beside it, another time of day and another order change nothing."""
    model = pulled(tmp_path)
    model.initSystem()
    parameters = read_parameters(model, muscle_names(model))
    first, time_s = stance(45)
    second, later_s = stance(31, scale=0.6)
    both = Pull(
        np.concatenate([first.lengths_m, second.lengths_m]),
        np.concatenate([first.speeds_m_s, second.speeds_m_s]),
        np.concatenate([first.arms_m, second.arms_m]),
        np.concatenate([first.moments_nm, second.moments_nm]),
    )
    alone = load_leg(leg_load(parameters, first, time_s + 100.0), COMPLIANT)
    together = load_leg(
        leg_load(parameters, both, np.concatenate([time_s, later_s + 0.5])), COMPLIANT
    )
    np.testing.assert_allclose(together.forces_n[:45], alone.forces_n, atol=1e-6)


def test_a_finer_clock_gives_the_same_forces(tmp_path: Path) -> None:
    model = pulled(tmp_path)
    model.initSystem()
    parameters = read_parameters(model, muscle_names(model))
    pull, time_s = stance(45)
    fine_pull, fine_s = stance(177, step_s=STEP_S / 4.0)
    coarse = load_leg(leg_load(parameters, pull, time_s), COMPLIANT).forces_n
    fine = load_leg(leg_load(parameters, fine_pull, fine_s), COMPLIANT).forces_n[::4]
    assert np.abs(fine - coarse)[3:].max() < 0.02 * fine.max()


def test_a_leg_without_frames_has_nothing_to_carry(tmp_path: Path) -> None:
    model = pulled(tmp_path)
    model.initSystem()
    names = muscle_names(model)
    pull, time_s = stance()
    none = Pull(*(part[:0] for part in pull))
    found = load_leg(leg_load(read_parameters(model, names), none, time_s[:0]), COMPLIANT)
    assert found.forces_n.shape == (0, len(names))


def test_a_frame_that_is_not_a_number_does_not_pass_as_solved(tmp_path: Path) -> None:
    model = pulled(tmp_path)
    model.initSystem()
    parameters = read_parameters(model, muscle_names(model))
    pull, time_s = stance()
    pull.moments_nm[20] = np.nan
    loaded = load_leg(leg_load(parameters, pull, time_s), COMPLIANT)
    assert not loaded.converged[20]
    assert loaded.converged[:20].all()
    pull.lengths_m[10, 1] = np.nan
    loaded = load_leg(leg_load(parameters, pull, time_s), COMPLIANT)
    assert not loaded.converged[10]
    assert loaded.converged[:10].all()
