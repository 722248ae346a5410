"""OpenSim's inverse dynamics, static optimisation and joint reaction tools, run on our files.

They are the engine ``opensim``, for verification; the engine ``fast`` does without them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim as osim

from strikelean.errors import SolverError
from strikelean.formats.ground import PREFIXES
from strikelean.formats.series import TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.markersets import SIDES
from strikelean.model.engine import coordinate_names, open_model, save_model

# Strong enough to carry the root without effort, as residual actuators are meant to.
ROOT_ACTUATOR_N = 10_000.0


def cut_motion(source: Path, target: Path, start_s: float, end_s: float) -> None:
    """Write the rows of a table between two times."""
    series = read_sto(source)
    inside = (series.time_s >= start_s - 1e-9) & (series.time_s <= end_s + 1e-9)
    part = TimeSeries(
        series.time_s[inside],
        series.columns,
        series.values[inside],
        series.in_degrees,
        series.header,
    )
    write_sto(target, part)


def write_external_loads(path: Path, grf_mot: Path) -> None:
    """Write the set-up file that applies ``grf.mot`` to both hindfeet."""
    loads = osim.ExternalLoads()
    loads.setDataFileName(str(grf_mot.resolve()))
    for side in SIDES:
        force = osim.ExternalForce()
        letter = side[0]
        force.setName(f"ground_{letter}")
        force.set_applied_to_body(f"calcn_{letter}")
        force.set_force_expressed_in_body("ground")
        force.set_point_expressed_in_body("ground")
        push, point, torque = (prefix.format(letter) for prefix in PREFIXES)
        force.set_force_identifier(push)
        force.set_point_identifier(point)
        force.set_torque_identifier(torque)
        loads.cloneAndAppend(force)
    loads.printToXML(str(path))


def run_inverse_dynamics(
    scaled_osim: Path,
    kinematics_mot: Path,
    grf_mot: Path,
    folder: Path,
    span_s: tuple[float, float],
) -> TimeSeries:
    """Return OpenSim's generalised forces over a stretch without holes, unfiltered."""
    loads = folder / "external_loads.xml"
    write_external_loads(loads, grf_mot)
    tool = osim.InverseDynamicsTool()
    model = open_model(scaled_osim)
    model.initSystem()
    tool.setModel(model)
    tool.setCoordinatesFileName(str(kinematics_mot))
    tool.setExternalLoadsFileName(str(loads))
    tool.setLowpassCutoffFrequency(-1)
    tool.setStartTime(span_s[0])
    tool.setEndTime(span_s[1])
    tool.setResultsDir(str(folder))
    tool.setOutputGenForceFileName("inverse_dynamics.sto")
    excluded = osim.ArrayStr()
    excluded.append("Muscles")
    excluded.append("Actuators")
    tool.setExcludedForces(excluded)
    if not tool.run():
        raise SolverError(
            "solve_dynamics", "OpenSim's inverse dynamics to run", "a failure", "Read its log above"
        )
    return read_sto(folder / "inverse_dynamics.sto")


def actuated_model(scaled_osim: Path, target: Path, reserve_nm: float) -> None:
    """Write the model with muscles, reserves on every free coordinate and root actuators.

    The generic model's own torque actuators are left out, so that both engines share
    moments among the same actuators.
    """
    model = open_model(scaled_osim)
    forces = model.updForceSet()
    for index in reversed(range(forces.getSize())):
        if osim.Muscle.safeDownCast(forces.get(index)) is None:
            forces.remove(index)
    couplers = {name for name in coordinate_names(model) if name.endswith("_beta")}
    for name in coordinate_names(model):
        coordinate = model.getCoordinateSet().get(name)
        if coordinate.get_locked() or name in couplers:
            continue
        actuator = osim.CoordinateActuator(name)
        actuator.setName(f"reserve_{name}")
        leg = name.rsplit("_", 1)[0] in {
            "hip_flexion",
            "hip_adduction",
            "hip_rotation",
            "knee_angle",
            "ankle_angle",
            "subtalar_angle",
        }
        actuator.setOptimalForce(reserve_nm if leg else ROOT_ACTUATOR_N)
        actuator.setMinControl(-float("inf"))
        actuator.setMaxControl(float("inf"))
        model.addForce(actuator)
    save_model(model, target)


def _analyze(
    model_osim: Path,
    kinematics_mot: Path,
    grf_mot: Path,
    folder: Path,
    span_s: tuple[float, float],
    analysis: osim.Analysis,
) -> None:
    loads = folder / "external_loads.xml"
    write_external_loads(loads, grf_mot)
    setup = folder / "analyze.xml"
    tool = osim.AnalyzeTool()
    tool.setName("stock")
    tool.setModelFilename(str(model_osim))
    tool.setCoordinatesFileName(str(kinematics_mot))
    tool.setExternalLoadsFileName(str(loads))
    tool.setLowpassCutoffFrequency(-1)
    tool.setInitialTime(span_s[0])
    tool.setFinalTime(span_s[1])
    tool.setResultsDir(str(folder))
    tool.setSolveForEquilibrium(False)
    tool.updAnalysisSet().cloneAndAppend(analysis)
    tool.printToXML(str(setup))
    # a fresh tool builds the model itself; one made in memory keeps a stale state
    if not osim.AnalyzeTool(str(setup)).run():
        raise SolverError(
            analysis.getName(), "OpenSim's analysis to run", "a failure", "Read its log above"
        )


def run_static_optimisation(
    actuated_osim: Path,
    kinematics_mot: Path,
    grf_mot: Path,
    folder: Path,
    span_s: tuple[float, float],
) -> tuple[TimeSeries, TimeSeries]:
    """Return OpenSim's activations and forces over a stretch without holes."""
    analysis = osim.StaticOptimization()
    analysis.setName("StaticOptimization")
    analysis.setStartTime(span_s[0])
    analysis.setEndTime(span_s[1])
    analysis.setUseModelForceSet(True)
    analysis.setUseMusclePhysiology(True)
    analysis.setActivationExponent(2.0)
    analysis.setConvergenceCriterion(1e-6)
    # 200 ran out in one of 22 frames, 2 N m short; where it ends it does so far below
    analysis.setMaxIterations(1000)
    _analyze(actuated_osim, kinematics_mot, grf_mot, folder, span_s, analysis)
    names = ("activation", "force")
    found = [read_sto(folder / f"stock_StaticOptimization_{name}.sto") for name in names]
    return found[0], found[1]


def run_joint_reaction(
    actuated_osim: Path,
    kinematics_mot: Path,
    grf_mot: Path,
    forces_sto: Path,
    folder: Path,
    span_s: tuple[float, float],
) -> TimeSeries:
    """Return OpenSim's joint reactions on the children, in the children's frames."""
    analysis = osim.JointReaction()
    analysis.setName("JointReaction")
    analysis.setStartTime(span_s[0])
    analysis.setEndTime(span_s[1])
    analysis.setForcesFileName(str(forces_sto))
    for setter, value in (("setInFrame", "child"), ("setOnBody", "child")):
        words = osim.ArrayStr()
        words.append(value)
        getattr(analysis, setter)(words)
    _analyze(actuated_osim, kinematics_mot, grf_mot, folder, span_s, analysis)
    return read_sto(folder / "stock_JointReaction_ReactionLoads.sto")


def actuator_forces(
    muscle_forces: TimeSeries, reserves: TimeSeries, moments: TimeSeries, model: Path
) -> TimeSeries:
    """Return the force of every actuator of :func:`actuated_model`, for the joint reaction tool.

    Args:
        muscle_forces: our tendon forces.
        reserves: our ``activations.sto``, for its ``reserve_*`` columns.
        moments: generalised forces, which root and upper-body actuators carry.
        model: the actuated model.
    """
    names, columns = [], []
    opened = open_model(model)  # kept alive: the set belongs to it
    forces = opened.getForceSet()
    for index in range(forces.getSize()):
        name = forces.get(index).getName()
        if name in muscle_forces.columns:
            values = np.nan_to_num(muscle_forces.column(name))
        else:
            coordinate = name.removeprefix("reserve_")
            kinds = [f"{coordinate}_{kind}" for kind in ("moment", "force")]
            values = moments.column(next(kind for kind in kinds if kind in moments.columns))
            if name in reserves.columns:
                # a leg in swing was not solved: its net moment stands in for its muscles
                reserve = reserves.column(name)
                values = np.where(np.isfinite(reserve), reserve, values)
        names.append(name)
        columns.append(values)
    return TimeSeries(muscle_forces.time_s, tuple(names), np.column_stack(columns))
