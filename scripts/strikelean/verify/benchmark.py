"""Both engines on the same trial: what each needs to run a stage, and how its time is taken.

Opening files and models counts for neither engine. OpenSim's tools open them themselves, so their
cost is the slope of time over frames, from a short and a long run; ours is all of a call's time.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics import stock_tools
from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.solve import (
    GroundWrenches,
    Motion,
    ground_wrenches,
    read_motion,
    solve_dynamics,
)
from strikelean.formats.contacts import read_contacts
from strikelean.formats.ground import read_ground
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.formats.trc import read_trc
from strikelean.loads.joint_reactions import Reaction
from strikelean.loads.reactions_solve import leg_reactions
from strikelean.markersets import SIDES, load_markerset
from strikelean.model.engine import open_model
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from strikelean.motion.stock_kinematics import solve_with_opensim
from strikelean.muscles.capacity import evaluate_capacity
from strikelean.muscles.leg import Leg, LegSolution, MuscleSettings, read_leg, solve_leg
from strikelean.muscles.paths import fold_couplings, follow_paths, moment_arms
from strikelean.verify.like_opensim import moments_like_opensims

STAGES = ("kinematics", "dynamics", "muscles", "joint_loads")
# A run that takes less, s, is repeated.
_SHORT_S = 2.0
SHORT_FRAMES, REPEATS = 4, 5
# What the stock tool shares moments with, so that both engines solve the same problem.
TOOL_MUSCLES = MuscleSettings("opensim_tool", False, 0.01, 1.0, 1.0)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class BenchmarkTrial:
    """A solved trial to run both engines on.

    Attributes:
        folder: its files, as the pipeline leaves them.
        markerset_path: its marker set.
        spans: first selected contact of each side, (start, end) seconds.
    """

    folder: Path
    markerset_path: Path
    spans: dict[str, tuple[float, float]]


def read_trial(folder: Path, markerset_path: Path) -> BenchmarkTrial:
    """Return a trial with the first selected contact of each side."""
    selected = read_contacts(folder / "contacts.csv").spans()
    spans = {side: own[0] for side, own in selected.items() if own}
    return BenchmarkTrial(folder, markerset_path, spans)


def timed(function: Callable[..., object], *arguments: object) -> float:
    """Return the seconds a call takes."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def peak_memory_mb() -> float:
    """Return the largest resident size of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


class Fast:
    """Our own solvers on one trial."""

    def __init__(self, trial: BenchmarkTrial) -> None:
        folder = trial.folder
        self.motion: Motion = read_motion(folder / "scaled.osim", folder / "kinematics.mot")
        self.engine = Multibody(folder / "scaled.osim")
        # with OpenSim's mistakes, where what is compared would otherwise differ by them
        self.legs = {
            side: read_leg(self.engine, self.motion.tree, side, engine_defect=True)
            for side in SIDES
        }
        self.ground = ground_wrenches(read_ground(folder / "grf.mot"), self.motion.time_s)
        like = moments_like_opensims(
            folder / "scaled.osim", folder / "kinematics.mot", folder / "grf.mot"
        )
        self.moments = fold_couplings(self.motion.tree, self.motion.coordinates, like.values)
        self.forces = read_sto(folder / "muscle_forces.sto")
        self.tree, self.markers, self.weights = _tracked(trial)

    def rows(self, span: tuple[float, float]) -> NDArray[np.int64]:
        """Return the rows of the motion within a span."""
        times = self.motion.time_s
        return np.flatnonzero((times >= span[0] - 1e-9) & (times <= span[1] + 1e-9))

    def kinematics(self, span: tuple[float, float]) -> FloatArray:
        """Return coordinates (S, Q) of the frames in a span."""
        part = cut_markers(self.markers, span)
        targets = np.stack([part.position(name) for name in self.tree.markers], axis=1)
        values = np.array(list(self.weights.values()))
        return solve_inverse_kinematics(self.tree, targets, values).coordinates

    def dynamics(self, span: tuple[float, float]) -> FloatArray:
        """Return generalised forces (S, Q)."""
        rows = self.rows(span)
        return solve_dynamics(self.motion.at(rows), self._ground_at(rows))

    def _ground_at(self, rows: NDArray[np.int64]) -> GroundWrenches:
        return {body: (force[rows], turn[rows]) for body, (force, turn) in self.ground.items()}

    def muscles(self, span: tuple[float, float], side: str) -> LegSolution:
        """Return one leg's muscle forces."""
        return self._muscles(self.legs[side], self.rows(span))

    def _muscles(self, leg: Leg, rows: NDArray[np.int64]) -> LegSolution:
        return solve_leg(leg, rows, self.motion, self.moments, [TOOL_MUSCLES])[0]

    def gains(self, rows: NDArray[np.int64], side: str) -> tuple[FloatArray, FloatArray]:
        """Return moment per activation (S, K, N), and the moments asked for (S, K)."""
        leg, motion = self.legs[side], self.motion
        places = [motion.tree.coordinate_index(name) for name in leg.coordinates]
        paths = follow_paths(leg.paths, motion.coordinates[rows], motion.speeds[rows])
        arms = moment_arms(motion.tree, motion.coordinates[rows], paths, places)
        lengths = (paths.lengths_m, paths.speeds_m_s)
        capacity = evaluate_capacity(leg.parameters, *lengths, TOOL_MUSCLES.capacity)
        gains = arms.transpose(0, 2, 1) * capacity.active_n[:, None, :]
        return gains, self.moments[rows][:, places]

    def joint_loads(self, span: tuple[float, float], side: str) -> list[Reaction]:
        """Return one leg's joint reactions."""
        return self.reactions_at(self.rows(span), side)

    def reactions_at(self, rows: NDArray[np.int64], side: str) -> list[Reaction]:
        """Return one leg's joint reactions at some rows."""
        paths = self.legs[side].paths
        own = [self.forces.index(name) for name in paths.muscles]
        tensions = self.forces.values[rows][:, own]
        part, every = self.motion.at(rows), np.arange(len(rows))
        return leg_reactions(paths, part, every, tensions, self._ground_at(rows), side)

    def stance(self) -> NDArray[np.int64]:
        """Return the rows in which either foot stands, of all contacts that were solved."""
        return np.flatnonzero(np.isfinite(self.forces.values).any(axis=1))

    def both_muscles(self, rows: NDArray[np.int64]) -> dict[str, LegSolution]:
        """Return the muscle forces of both legs at some rows, as OpenSim's tool solves both."""
        return {side: self._muscles(leg, rows) for side, leg in self.legs.items()}

    def both_loads(self, solved: dict[str, LegSolution]) -> None:
        """Compute the joint reactions of both legs."""
        motion = replace(self.motion)  # that nothing is known of yet
        for side, leg in solved.items():
            paths = self.legs[side].paths
            leg_reactions(paths, motion, leg.rows, leg.forces_n, self.ground, side)


def _tracked(trial: BenchmarkTrial) -> tuple[KinematicTree, Markers, dict[str, float]]:
    model = open_model(trial.folder / "scaled.osim")
    model.initSystem()
    markers = read_trc(trial.folder / "markers.trc")
    own = {marker.getName() for marker in model.getMarkerSet()}
    weights = {
        m.name: m.running_weight
        for m in load_markerset(trial.markerset_path).markers
        if m.running_weight > 0 and m.name in own and m.name in markers
    }
    return compile_tree(model, list(weights)), markers, weights


def cut_markers(markers: Markers, span: tuple[float, float]) -> Markers:
    """Return the frames within a span."""
    inside = (markers.time_s >= span[0] - 1e-9) & (markers.time_s <= span[1] + 1e-9)
    return Markers(
        markers.time_s[inside], markers.names, markers.positions_m[inside], markers.rate_hz
    )


class Stock:
    """OpenSim's tools on the same trial."""

    def __init__(self, trial: BenchmarkTrial, scratch: Path, fast: Fast) -> None:
        self.folder, self.scratch = trial.folder, scratch
        self.fast = fast
        self.kinematics_mot = scratch / "kinematics.mot"
        start = min(span[0] for span in trial.spans.values()) - 0.1
        end = max(span[1] for span in trial.spans.values()) + 0.1
        stock_tools.cut_motion(trial.folder / "kinematics.mot", self.kinematics_mot, start, end)
        self.actuated = scratch / "actuated.osim"
        stock_tools.actuated_model(trial.folder / "scaled.osim", self.actuated, 1.0)
        self.forces_sto = scratch / "forces.sto"
        names = ("muscle_forces.sto", "activations.sto", "moments.sto")
        forces, active, moments = (read_sto(trial.folder / name) for name in names)
        carried = stock_tools.actuator_forces(forces, active, moments, self.actuated)
        write_sto(self.forces_sto, carried)

    def kinematics(self, span: tuple[float, float], accuracy: float = 1e-6) -> FloatArray:
        """Return coordinates (S, Q)."""
        names = self.fast.tree.markers
        part = cut_markers(self.fast.markers, span)
        positions = np.stack([part.position(name) for name in names], axis=1)
        chosen = Markers(part.time_s, names, positions, part.rate_hz)
        scaled = self.folder / "scaled.osim"
        return solve_with_opensim(scaled, chosen, self.fast.weights, {}, accuracy)[0]

    def dynamics(self, span: tuple[float, float]) -> TimeSeries:
        """Return OpenSim's generalised forces."""
        grf, scaled = self.folder / "grf.mot", self.folder / "scaled.osim"
        return stock_tools.run_inverse_dynamics(
            scaled, self.kinematics_mot, grf, self.scratch, span
        )

    def muscles(self, span: tuple[float, float]) -> TimeSeries:
        """Return OpenSim's activations."""
        grf = self.folder / "grf.mot"
        return stock_tools.run_static_optimisation(
            self.actuated, self.kinematics_mot, grf, self.scratch, span
        )[0]

    def joint_loads(self, span: tuple[float, float], forces: Path | None = None) -> TimeSeries:
        """Return OpenSim's joint reactions under our muscle forces, or those of a file."""
        grf = self.folder / "grf.mot"
        return stock_tools.run_joint_reaction(
            self.actuated, self.kinematics_mot, grf, forces or self.forces_sto, self.scratch, span
        )


def _least_s(run: Callable[..., object], span: tuple[float, float]) -> float:
    """Return how long a run takes, s; the least of some where one alone is mostly chance."""
    first = timed(run, span)
    again = REPEATS - 1 if first < _SHORT_S else 0
    return min(first, *(timed(run, span) for _ in range(again)), first)


def slope_ms(run: Callable[..., object], span: tuple[float, float], step_s: float) -> float:
    """Return the cost of a frame in milliseconds, the slope from a short to a long run."""
    frames = round((span[1] - span[0]) / step_s) + 1
    short = (span[0], span[0] + (SHORT_FRAMES - 1) * step_s)
    run(short)  # warm: caches filled, libraries loaded
    times = [_least_s(run, chosen) for chosen in (short, span)]
    return 1000.0 * (times[1] - times[0]) / (frames - SHORT_FRAMES)


def share_ms(run: Callable[[], object], frames: int) -> float:
    """Return the cost of a frame in milliseconds: all of a call's time, the median of five."""
    return 1000.0 * float(np.median([timed(run) for _ in range(REPEATS)])) / frames
