"""One trial from its recording to its loads: what a trial is, and each stage as a function.

The scripts of the rules, another technique of the same runner, what recordings give back of a
virtual runner, and docs/python.md all call these functions. A new stage is put in here and into
one script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from strikelean.dynamics.solve import (
    GroundWrenches,
    Motion,
    StockFiles,
    ground_wrenches,
    moments_table,
    motion_of,
    report_dynamics,
    solve_dynamics,
)
from strikelean.formats.contacts import Contacts, read_contacts
from strikelean.formats.ground import GroundForces, read_ground
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.layout import TrialFiles
from strikelean.loads.metrics_waveforms import TrialTables
from strikelean.loads.net_moments import net_knee_moments
from strikelean.loads.reactions_solve import (
    StockActuators,
    reactions_by_opensim,
    trial_reactions,
)
from strikelean.loads.trial_loads import (
    LoadSettings,
    SideLoads,
    low_passed_ground,
    slow_ground,
    trial_loads,
)
from strikelean.model.engine import open_model
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.motion.coordinates_io import coordinates_table, read_coordinates
from strikelean.motion.solve import Kinematics
from strikelean.muscles.leg import Leg, MuscleSettings
from strikelean.muscles.paths import fold_couplings
from strikelean.muscles.solve import TrialMuscles, read_legs, solve_muscles

if TYPE_CHECKING:
    pass

Progress = Callable[[str], None]
Made = TypeVar("Made")


def quiet(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class RunnerModel:
    """A runner's scaled model, compiled.

    Attributes:
        tree: bodies, joints and coordinates.
        legs: muscles by side.
    """

    tree: KinematicTree
    legs: Mapping[str, Leg]


def read_model(scaled_osim: Path) -> RunnerModel:
    """Compile a scaled model; ModelError or SolverError where it cannot be used."""
    model = open_model(scaled_osim)
    model.initSystem()
    tree = compile_tree(model)
    # opened once: the tree has taken what it needs
    return RunnerModel(tree, read_legs(scaled_osim, tree, model))


@dataclass(frozen=True)
class Trial:
    """A trial: how a runner moved, what the ground did, and what was computed from it so far.

    Attributes:
        model: of the runner.
        motion: filtered coordinates with their rates, radians and metres.
        wrenches: of the ground on the motion's rows, from ``grf``; none where none was measured.
        grf, grf_unfiltered: ground force of each foot, the first filtered as the motion is.
        contacts: of both feet.
        body_points: laboratory positions of joints and landmarks, m.
        markers: as recorded, gaps filled, or None.
        knee3: kinematics of the knee with three rotations, or None.
        notes: what could not be had and is blank, one line each.
        forces: (T, Q) net generalised forces, once :func:`solve_moments` ran.
        muscles: of both legs in stance, once :func:`share_muscles` ran.
        reactions: of the joints in stance, once :func:`solve_reactions` ran.
        loads: waveforms and metrics by side, once :func:`measure_loads` ran.
    """

    model: RunnerModel
    motion: Motion
    wrenches: GroundWrenches
    grf: GroundForces
    grf_unfiltered: GroundForces
    contacts: Contacts
    body_points: TimeSeries
    markers: Markers | None = None
    knee3: TimeSeries | None = None
    notes: tuple[str, ...] = ()
    forces: FloatArray | None = None
    muscles: TrialMuscles | None = None
    reactions: TimeSeries | None = None
    loads: Mapping[str, SideLoads] | None = None

    def moments(self) -> TimeSeries:
        """Return the table of moments.sto: ``<coordinate>_moment`` in N m, ``_force`` in N."""
        forces = made(self.forces, "solve_moments")
        return moments_table(self.motion.tree, self.motion.time_s, forces)

    @cached_property
    def dynamics_report(self) -> dict[str, object]:
        """Root residuals over whole contacts, and the lag between force and markers."""
        forces = made(self.forces, "solve_moments")
        return report_dynamics(self.motion, forces, self.wrenches, self.grf)


def made(value: Made | None, stage: str) -> Made:
    """Return what an earlier stage made; RuntimeError where it did not run."""
    if value is None:
        raise RuntimeError(f"{stage} comes first")
    return value


def trial_of(
    model: RunnerModel,
    kinematics: Kinematics,
    grf: GroundForces,
    grf_unfiltered: GroundForces,
    contacts: Contacts,
    markers: Markers | None = None,
) -> Trial:
    """Return the trial of solved kinematics; the model is the one they were solved with."""
    motion = motion_of(model.tree, kinematics.time_s, kinematics.coordinates)
    wrenches = ground_wrenches(grf, motion.time_s) if grf.measured else {}
    points = kinematics.body_points
    return Trial(model, motion, wrenches, grf, grf_unfiltered, contacts, points, markers)


def read_trial(files: TrialFiles, model: RunnerModel) -> Trial:
    """Read a trial up to its kinematics.

    Args:
        files: of the trial.
        model: of the runner.

    Raises:
        RecordingError: a file is absent or broken, or ground forces do not span the motion.
        ExcludedError: an earlier step excluded the trial.
    """
    motion = motion_of(model.tree, *read_coordinates(files.kinematics, model.tree))
    grf = read_ground(files.grf)
    return Trial(
        model=model,
        motion=motion,
        wrenches=ground_wrenches(grf, motion.time_s),
        grf=grf,
        grf_unfiltered=read_ground(files.grf_unfiltered),
        contacts=read_contacts(files.contacts),
        body_points=read_sto(files.body_points),
        markers=read_trc(files.markers),
    )


def solve_moments(trial: Trial, stock: StockFiles | None = None) -> Trial:
    """Return the trial with its net generalised forces.

    Args:
        trial: with its kinematics.
        stock: the trial's files, to let OpenSim's inverse dynamics do it.
    """
    return replace(trial, forces=solve_dynamics(trial.motion, trial.wrenches, stock))


def share_muscles(
    trial: Trial,
    settings: MuscleSettings,
    progress: Progress | None = None,
    stock: StockFiles | None = None,
) -> Trial:
    """Return the trial with the forces of its muscles in stance, by static optimisation.

    Args:
        trial: with its moments.
        settings: how they are shared.
        progress: called with a line of text now and then.
        stock: the trial's files, to let OpenSim's static optimisation do it.

    Raises:
        RecordingError: no contact is selected.
    """
    return share_in_ways(trial, [settings], progress, stock)[0]


def share_in_ways(
    trial: Trial,
    ways: Sequence[MuscleSettings],
    progress: Progress | None = None,
    stock: StockFiles | None = None,
    before: TrialMuscles | None = None,
) -> list[Trial]:
    """Return the trial as of :func:`share_muscles`, once for each way to share.

    Muscle paths are taken over from ``before``, of this trial under other settings.
    """
    motion, spans = trial.motion, trial.contacts.spans()
    moments = made(trial.forces, "solve_moments")
    # what the coupled patella carries is the knee's
    folded = fold_couplings(motion.tree, motion.coordinates, moments)
    legs = trial.model.legs
    found = solve_muscles(legs, motion, folded, spans, ways, progress, stock, before)
    return [replace(trial, muscles=muscles) for muscles in found]


def solve_reactions(
    trial: Trial, progress: Progress | None = None, stock: StockFiles | None = None
) -> Trial:
    """Return the trial with the reactions of hip, knee, patellofemoral joint and ankle."""
    muscles = made(trial.muscles, "share_muscles")
    motion = trial.motion
    paths = {side: leg.paths for side, leg in trial.model.legs.items()}
    found = trial_reactions(paths, motion, muscles.forces, trial.wrenches, progress, muscles.legs)
    if stock is not None:
        actuators = StockActuators(stock, muscles.activations, trial.moments())
        found = reactions_by_opensim(actuators, motion, muscles.forces, found)
    return replace(trial, reactions=found)


def _nothing(time_s: FloatArray) -> TimeSeries:
    """Return a table without columns: whatever is looked for in it is blank."""
    return TimeSeries(time_s, (), np.empty((time_s.size, 0)))


def angle_tables(trial: Trial) -> TrialTables:
    """Return what is known of a trial without forces: all that a force would tell is blank."""
    motion = trial.motion
    nothing = _nothing(motion.time_s)
    return TrialTables(
        contacts=trial.contacts,
        kinematics=coordinates_table(motion.tree, motion.time_s, motion.coordinates),
        body_points=trial.body_points,
        moments=nothing,
        muscle_forces=nothing,
        joint_reactions=nothing,
        ground=trial.grf_unfiltered,
        knee3=trial.knee3,
        markers=trial.markers,
        notes=trial.notes,
    )


def tables_of(trial: Trial, settings: LoadSettings) -> TrialTables:
    """Return what the loads of a trial with its joint reactions are computed from."""
    if not trial.grf.measured:
        return angle_tables(trial)
    ground, motion = trial.grf_unfiltered, trial.motion
    cutoff_hz = settings.loading_rate_cutoff_hz
    return TrialTables(
        contacts=trial.contacts,
        kinematics=coordinates_table(motion.tree, motion.time_s, motion.coordinates),
        body_points=trial.body_points,
        moments=trial.moments(),
        muscle_forces=made(trial.muscles, "share_muscles").forces,
        joint_reactions=made(trial.reactions, "solve_reactions"),
        ground=low_passed_ground(ground, cutoff_hz, settings.filter_order),
        knee3=trial.knee3,
        net_moments=net_knee_moments(motion, trial.wrenches),
        markers=trial.markers,
        notes=tuple(note for note in (slow_ground(ground, cutoff_hz), *trial.notes) if note),
    )


def measure_loads(trial: Trial, settings: LoadSettings) -> Trial:
    """Return the trial with waveforms and metrics of every selected step.

    Raises:
        RecordingError: no contact is selected.
    """
    return replace(trial, loads=trial_loads(tables_of(trial, settings), settings))


def solve_loads(
    trial: Trial,
    muscles: MuscleSettings,
    loads: LoadSettings,
    progress: Progress = quiet,
    stock: StockFiles | None = None,
) -> Trial:
    """Take a trial from its kinematics to its loads.

    Args:
        trial: with its kinematics.
        muscles: how moments are shared.
        loads: what metrics need to know of the trial.
        progress: called with a line of text as the work goes on.
        stock: the trial's files, to let OpenSim's tools do all but the metrics.
    """
    trial = solve_moments(trial, stock)
    progress(f"inverse dynamics: {len(trial.motion.time_s)} frames")
    trial = share_muscles(trial, muscles, progress, stock)
    trial = measure_loads(solve_reactions(trial, progress, stock), loads)
    known = made(trial.loads, "measure_loads")
    counts = ", ".join(f"{own.steps.number.size} {side}" for side, own in known.items())
    progress(f"evaluated {counts} steps")
    return trial
