"""Joint reactions of both legs in stance, as one stage of the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.solve import Motion, StockFiles
from strikelean.dynamics.stock_tools import (
    actuated_model,
    actuator_forces,
    cut_motion,
    run_joint_reaction,
)
from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.formats.sto import write_sto
from strikelean.loads.joint_reactions import Reaction, reaction_at
from strikelean.model.tree import KinematicTree
from strikelean.muscles.geometry import MusclePaths
from strikelean.muscles.leg import LegSolution
from strikelean.muscles.paths import PathMotion, follow_paths
from strikelean.muscles.stock_muscles import MARGIN_S
from strikelean.signals import contiguous_runs, nearest_rows

Progress = Callable[[str], None]
# Reported joints by the body they carry: hip, tibiofemoral, patellofemoral, ankle.
CARRIED_BODIES = ("femur", "tibia", "patella", "talus")
COMPONENTS = ("fx", "fy", "fz", "mx", "my", "mz", "px", "py", "pz")


def carrying_joint(tree: KinematicTree, body: str) -> int:
    """Return the index of the joint that carries a body; ModelError when there is none."""
    child = tree.body_index(body)
    for index, joint in enumerate(tree.joints):
        if joint.child == child:
            return index
    raise ModelError(
        "compute_joint_reactions", f"a joint that carries {body}", "none", "Check the model"
    )


def leg_reactions(
    compiled: MusclePaths,
    motion: Motion,
    rows: NDArray[np.int64],
    tensions_n: FloatArray,
    ground: dict[str, tuple[FloatArray, FloatArray]],
    side: str,
    progress: Progress | None = None,
    paths: PathMotion | None = None,
) -> list[Reaction]:
    """Return the reactions of one leg's joints at (S,) rows.

    Args:
        compiled: paths of the leg's N muscles.
        motion: coordinates with their rates.
        rows: frames, in which that leg's muscle forces are known.
        tensions_n: (S, N) tendon forces.
        ground: ``{body: (force, moment)}`` about the laboratory origin, (T, 3).
        side: ``right`` or ``left``.
        progress: called with a line of text now and then.
        paths: of the muscles at those rows, where they were followed before.
    """
    letter = side[0]
    if paths is None:
        paths = follow_paths(compiled, motion.coordinates[rows], motion.speeds[rows], progress)
    pose, demand = motion.pose.at(rows), motion.demand.at(rows)
    here = {body: (force[rows], turn[rows]) for body, (force, turn) in ground.items()}
    return [
        reaction_at(
            motion,
            carrying_joint(motion.tree, f"{body}_{letter}"),
            pose,
            demand,
            here,
            paths,
            tensions_n,
        )
        for body in CARRIED_BODIES
        if f"{body}_{letter}" in motion.tree.bodies
    ]


def trial_reactions(
    paths: Mapping[str, MusclePaths],
    motion: Motion,
    forces: TimeSeries,
    ground: dict[str, tuple[FloatArray, FloatArray]],
    progress: Progress | None = None,
    legs: Mapping[str, LegSolution] | None = None,
) -> TimeSeries:
    """Return the reactions of hip, knee, patellofemoral joint and ankle of both legs.

    Args:
        paths: compiled muscles by side.
        motion: coordinates with their rates.
        forces: tendon forces, NaN where they were not solved.
        ground: ``{body: (force, moment)}`` about the laboratory origin, (T, 3).
        progress: called with a line of text now and then.
        legs: that the forces come from, by side: paths of the same rows are taken over.

    Returns:
        Columns named as OpenSim's analysis names them, ``<joint>_on_<body>_in_<body>_fx``: force
        (N), moment (N m) and point (m) of the proximal on the distal body at the joint, in the
        distal body's base frame; NaN outside stance.
    """
    names: list[str] = []
    columns: list[FloatArray] = []
    for side, compiled in paths.items():
        own = [forces.index(name) for name in compiled.muscles]
        rows = np.flatnonzero(np.isfinite(forces.values[:, own]).all(axis=1))
        tensions = forces.values[rows][:, own]
        leg = None if legs is None else legs[side]
        followed = leg.paths if leg is not None and np.array_equal(leg.rows, rows) else None
        for reaction in leg_reactions(
            compiled, motion, rows, tensions, ground, side, progress, followed
        ):
            stem = f"{reaction.joint}_on_{reaction.body}_in_{reaction.body}_"
            names += [stem + component for component in COMPONENTS]
            point = np.broadcast_to(reaction.point_m, (len(rows), 3))
            full = np.full((len(motion.time_s), len(COMPONENTS)), np.nan)
            full[rows] = np.hstack([reaction.force_n, reaction.moment_nm, point])
            columns.append(full)
    return TimeSeries(motion.time_s, tuple(names), np.hstack(columns))


@dataclass(frozen=True)
class StockActuators:
    """What OpenSim's joint reaction analysis needs beside the trial's files.

    Attributes:
        files: model, coordinates and ground forces.
        activations, moments: tables of activations.sto and moments.sto.
    """

    files: StockFiles
    activations: TimeSeries
    moments: TimeSeries


def reactions_by_opensim(
    stock: StockActuators, motion: Motion, forces: TimeSeries, own: TimeSeries
) -> TimeSeries:
    """Return the reactions of :func:`trial_reactions` from OpenSim's joint reaction analysis.

    Args:
        stock: what its tool reads.
        motion: coordinates with their rates.
        forces: tendon forces.
        own: the own solver's reactions, whose columns and known frames are kept.
    """
    values = np.full(own.values.shape, np.nan)
    known = np.asarray(np.isfinite(own.values).any(axis=1))
    files = stock.files
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        actuated = folder / "actuated.osim"
        actuated_model(files.scaled_osim, actuated, 1.0)
        carried = actuator_forces(forces, stock.activations, stock.moments, actuated)
        write_sto(folder / "forces.sto", carried)
        # stretch by stretch of stance
        for run in contiguous_runs(known):
            times = motion.time_s[run]
            span = float(times[0]), float(times[-1])
            part = folder / "kinematics.mot"
            cut_motion(files.kinematics, part, span[0] - MARGIN_S, span[1] + MARGIN_S)
            found = run_joint_reaction(
                actuated, part, files.grf, folder / "forces.sto", folder, span
            )
            rows = nearest_rows(found.time_s, times)
            values[run] = found.values[rows][:, [found.index(name) for name in own.columns]]
    return replace(own, values=np.where(np.isfinite(own.values), values, np.nan))
