"""A lean as a problem for OpenSim Moco: torque-driven tracking of one stance."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import opensim as osim
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.model.engine import open_model, save_model
from strikelean.model.walk import walk_tree
from strikelean.stride.scales import SIDEWAYS, Scales
from strikelean.stride.stride import SOLE_ROLES, Stride
from strikelean.stride.targets import THORAX, Targets

ROOT = "pelvis_"
TORQUE_NM = 100.0
# Coordinates that may not change are held to this, rad or m.
STILL = 0.002
# Half-widths of bounds about the recording: coordinates, speeds, controls of root and joints.
FREE, SPEED, ROOT_CONTROL, CONTROL = 0.6, 10.0, 30.0, 1.5
ACCELERATION = 2000.0
ITERATIONS, TOLERANCE, CONSTRAINT = 100, 1e-3, 1e-4


@dataclass(frozen=True)
class MocoCase:
    """What Moco is asked.

    Attributes:
        model_osim: without muscles and patellae.
        stride: as recorded.
        targets: what is asked.
        moving: coordinates that may change.
        scales: one standard deviation of each residual.
        span_s: part of the stride that is solved.
        torques: (K, Q) as recorded.
        guess: coordinates, speeds, accelerations, torques to start from, (K, Q) each.
    """

    model_osim: Path
    stride: Stride
    targets: Targets
    moving: NDArray[np.int64]
    scales: Scales
    span_s: tuple[float, float]
    torques: FloatArray
    guess: tuple[FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class MocoAnswer:
    """What Moco found.

    Attributes:
        time_s: (N,) its mesh.
        coordinates, torques: by coordinate, (N,) rad or m, N m or N.
        seconds, iterations, converged: of its solver.
    """

    time_s: FloatArray
    coordinates: dict[str, FloatArray]
    torques: dict[str, FloatArray]
    seconds: float
    iterations: int
    converged: bool


def reduce_model(scaled_osim: Path, target: Path) -> None:
    """Write a scaled model without muscles, patellae and constraints."""
    model = open_model(scaled_osim)
    for part, unwanted in (
        (model.updForceSet(), ""),
        (model.updConstraintSet(), ""),
        (model.updJointSet(), "patellofemoral"),
        (model.updBodySet(), "patella"),
    ):
        for index in reversed(range(part.getSize())):
            if part.get(index).getName().startswith(unwanted):
                part.remove(index)
    save_model(model, target)


def _external_loads(case: MocoCase, folder: Path) -> Path:
    """Write ground forces, which travel with their foot, and the recording's own residual."""
    stride, root = case.stride, case.targets.root
    pose = walk_tree(stride.tree, stride.coordinates)
    parts: dict[str, tuple[str, FloatArray, FloatArray, FloatArray]] = {}
    for foot, sole in zip(stride.feet, stride.soles, strict=True):
        arm = foot.point_m.T - pose.positions_m[sole.body]
        inner = np.einsum("ijt,it->jt", pose.rotations[sole.body], arm).T
        body = stride.tree.bodies[sole.body]
        parts[f"ground_{foot.side}"] = (body, foot.force_n, inner, foot.torque_nm)
    parts["residual"] = ("pelvis", root[3:].T, np.zeros_like(root[3:].T), root[:3].T)
    names = [f"{name}_{kind}{axis}" for name in parts for kind in "vpm" for axis in "xyz"]
    values = np.hstack([np.hstack(part[1:]) for part in parts.values()])
    table = folder / "moco_loads.mot"
    write_sto(table, TimeSeries(stride.time_s, tuple(names), values))
    loads = osim.ExternalLoads()
    loads.setDataFileName(str(table))
    for name, (body, *_) in parts.items():
        force = osim.ExternalForce()
        force.setName(name)
        force.set_applied_to_body(body)
        force.set_force_expressed_in_body("ground")
        force.set_point_expressed_in_body(body)
        force.set_force_identifier(f"{name}_v")
        force.set_point_identifier(f"{name}_p")
        force.set_torque_identifier(f"{name}_m")
        loads.cloneAndAppend(force)
    path = folder / "moco_loads.xml"
    loads.printToXML(str(path))
    return path


def _driven_model(case: MocoCase, folder: Path) -> osim.Model:
    """Return the model with loads, a torque on every coordinate, markers on the soles."""
    plain = open_model(case.model_osim)
    coordinates = plain.getCoordinateSet()
    found = [coordinates.get(i) for i in range(coordinates.getSize())]
    # a plain list: beside ezc3d OpenSim does not know its own vector of strings again
    locked = list(dict.fromkeys(c.getJoint().getName() for c in found if c.get_locked()))
    processor = osim.ModelProcessor(str(case.model_osim))
    processor.append(osim.ModOpReplaceJointsWithWelds(locked))
    processor.append(osim.ModOpAddExternalLoads(str(_external_loads(case, folder))))
    model = processor.process()
    for name in _coordinates(model):
        actuator = osim.CoordinateActuator(name)
        actuator.setName(f"torque_{name}")
        actuator.setOptimalForce(_unit(name))
        model.addForce(actuator)
    for foot, sole in zip(case.stride.feet, case.stride.soles, strict=True):
        body = model.getBodySet().get(case.stride.tree.bodies[sole.body])
        for role, point in zip(SOLE_ROLES, sole.points_m, strict=True):
            place = osim.Vec3(*(float(x) for x in point))
            model.addMarker(osim.Marker(f"{role}_{foot.side}", body, place))
    model.finalizeConnections()
    return model


def _coordinates(model: osim.Model) -> list[str]:
    coordinates = model.getCoordinateSet()
    return [coordinates.get(i).getName() for i in range(coordinates.getSize())]


def _unit(name: str) -> float:
    return 1.0 if name.startswith(ROOT) else TORQUE_NM


def _control(name: str) -> str:
    return f"/forceset/torque_{name}"


class _Problem:
    """The study of one case."""

    def __init__(self, case: MocoCase, folder: Path) -> None:
        self.case, self.folder = case, folder
        self.model = _driven_model(case, folder)
        self.model.initSystem()
        self.names = _coordinates(self.model)
        coordinates = self.model.getCoordinateSet()
        self.paths = {n: coordinates.get(n).getAbsolutePathString() for n in self.names}
        self.columns = {n: case.stride.tree.names.index(n) for n in self.names}
        self.study = osim.MocoStudy()
        self.problem = self.study.updProblem()
        self.problem.setModelAsCopy(self.model)
        self.problem.setTimeBounds(*case.span_s)
        self._bound()
        self._track_states()
        self._track_soles()
        self._track_torques()

    def _moves(self, name: str) -> bool:
        return self.columns[name] in self.case.moving

    def _bound(self) -> None:
        stride = self.case.stride
        for name, column in self.columns.items():
            value, speed = stride.coordinates[:, column], stride.speeds[:, column]
            torque = self.case.torques[:, column] / _unit(name)
            room = FREE if self._moves(name) else 0.05
            effort = ROOT_CONTROL if name.startswith(ROOT) else CONTROL
            for place, values, wide, put in (
                (f"{self.paths[name]}/value", value, room, self.problem.setStateInfo),
                (f"{self.paths[name]}/speed", speed, SPEED, self.problem.setStateInfo),
                (_control(name), torque, effort, self.problem.setControlInfo),
            ):
                put(place, [float(values.min() - wide), float(values.max() + wide)])

    def _table(self, file: str, coordinates: FloatArray) -> osim.TableProcessor:
        names = tuple(f"{self.paths[n]}/value" for n in self.names)
        values = coordinates[:, [self.columns[n] for n in self.names]]
        write_sto(self.folder / file, TimeSeries(self.case.stride.time_s, names, values))
        return osim.TableProcessor(str(self.folder / file))

    def _scale(self, name: str) -> float:
        scales = self.case.scales
        if not self._moves(name):
            return STILL
        if name in ("pelvis_tx", "pelvis_ty", "pelvis_tz"):
            return scales.pelvis_m
        return scales.sideways_rad if name.startswith(SIDEWAYS) else scales.angle_rad

    def _track_states(self) -> None:
        """Coordinates about their template, and the thorax about the asked lean."""
        stride, targets = self.case.stride, self.case.targets
        goal = osim.MocoStateTrackingGoal("states", 1.0)
        goal.setReference(self._table("moco_states.sto", stride.coordinates + targets.coordinates))
        goal.setAllowUnusedReferences(True)
        for name in self.names:
            goal.setWeightForState(f"{self.paths[name]}/value", self._scale(name) ** -2.0)
            goal.setWeightForState(f"{self.paths[name]}/speed", 0.0)
        self.problem.addGoal(goal)
        thorax = targets.thorax
        assert thorax is not None
        body = stride.tree.bodies.index(THORAX)
        own = walk_tree(stride.tree, stride.coordinates).rotations[body]
        turn = np.einsum("ikt,jkt->ijt", thorax, own)[:, :, 0]
        # the whole body turned by the lean: its thorax stands as asked
        leaned = stride.coordinates.copy()
        leaned[:, stride.tree.names.index("pelvis_tilt")] += np.arctan2(turn[1, 0], turn[0, 0])
        # an angle moves two of the thorax' three axes
        lean = osim.MocoOrientationTrackingGoal("thorax", 2.0 * self.case.scales.thorax_rad**-2.0)
        lean.setStatesReference(self._table("moco_thorax.sto", leaned))
        lean.setFramePaths(["/bodyset/torso"])
        self.problem.addGoal(lean)

    def _track_soles(self) -> None:
        """Sole points where they were; the stance foot throughout as if loaded."""
        stride, scales = self.case.stride, self.case.scales
        weights, names, places = osim.SetMarkerWeights(), [], []
        for index, foot in enumerate(stride.feet):
            scale = scales.sole_m if index == 0 else scales.swing_m
            for number, role in enumerate(SOLE_ROLES):
                names.append(f"{role}_{foot.side}")
                places.append(self.case.targets.soles_m[index][:, number].T)
                weights.cloneAndAppend(osim.MarkerWeight(names[-1], scale**-2.0))
        rate = 1.0 / float(np.median(np.diff(stride.time_s)))
        path = self.folder / "moco_soles.trc"
        write_trc(path, Markers(stride.time_s, tuple(names), np.stack(places, axis=1), rate))
        goal = osim.MocoMarkerTrackingGoal("soles", 1.0)
        goal.setMarkersReference(osim.MarkersReference(str(path), weights))
        goal.setAllowUnusedReferences(True)
        self.problem.addGoal(goal)

    def _track_torques(self) -> None:
        """What drives the root, next to nothing; joint torques about the own ones, loosely."""
        stride, scales = self.case.stride, self.case.scales
        values = np.column_stack(
            [self.case.torques[:, c] / _unit(n) for n, c in self.columns.items()]
        )
        path = self.folder / "moco_torques.sto"
        names = tuple(map(_control, self.names))
        write_sto(path, TimeSeries(stride.time_s, names, values))
        goal = osim.MocoControlTrackingGoal("torques", 1.0)
        goal.setReference(osim.TableProcessor(str(path)))
        for name in self.names:
            scale = 1.0
            if name.startswith(ROOT):
                turns = not name.startswith("pelvis_t") or name == "pelvis_tilt"
                scale = scales.root_moment_nm if turns else scales.root_force_n
            goal.setWeightForControl(_control(name), scale**-2.0)
        self.problem.addGoal(goal)

    def solve(self) -> tuple[Any, float]:
        """Return Moco's solution and the seconds it took."""
        start, end = self.case.span_s
        time_s = self.case.stride.time_s
        solver = self.study.initCasADiSolver()
        frames = int(((time_s >= start - 1e-9) & (time_s <= end + 1e-9)).sum())
        solver.set_num_mesh_intervals(frames - 1)
        solver.set_transcription_scheme("trapezoidal")
        solver.set_multibody_dynamics_mode("implicit")
        bounds = osim.MocoBounds(-ACCELERATION, ACCELERATION)
        solver.set_implicit_multibody_acceleration_bounds(bounds)
        solver.set_scale_variables_using_bounds(True)
        solver.set_optim_max_iterations(ITERATIONS)
        solver.set_optim_convergence_tolerance(TOLERANCE)
        solver.set_optim_constraint_tolerance(CONSTRAINT)
        solver.set_parallel(0)
        solver.set_verbosity(0)
        guess = solver.createGuess("bounds")
        mesh = np.linspace(start, end, guess.getNumTimes())
        guess.setTime(osim.Vector.createFromMat(mesh))
        for name, column in self.columns.items():
            value, speed, acceleration, torque = (
                osim.Vector.createFromMat(np.interp(mesh, time_s, part[:, column] / unit))
                for part, unit in zip(self.case.guess, (1, 1, 1, _unit(name)), strict=True)
            )
            guess.setState(f"{self.paths[name]}/value", value)
            guess.setState(f"{self.paths[name]}/speed", speed)
            guess.setDerivative(f"{self.paths[name]}/accel", acceleration)
            guess.setControl(_control(name), torque)
        solver.setGuess(guess)
        before = time.perf_counter()
        solution = self.study.solve()
        return solution, time.perf_counter() - before


def solve_with_moco(case: MocoCase, folder: Path) -> MocoAnswer:
    """Return Moco's answer to a case; its files go into a folder."""
    problem = _Problem(case, folder)
    solution, seconds = problem.solve()
    converged = bool(solution.success())
    solution.unseal()
    return MocoAnswer(
        np.asarray(solution.getTimeMat()),
        {n: np.asarray(solution.getStateMat(f"{problem.paths[n]}/value")) for n in problem.names},
        {n: np.asarray(solution.getControlMat(_control(n))) * _unit(n) for n in problem.names},
        seconds,
        int(solution.getNumIterations()),
        converged,
    )
