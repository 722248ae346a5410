"""Joint reactions of both legs in stance, as one stage of the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.rigid_body import body_demand
from strikelean.dynamics.solve import Motion, read_ground_wrenches, read_motion
from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.formats.sto import read_sto, write_sto
from strikelean.loads.joint_reactions import Reaction, reaction_at
from strikelean.markersets import SIDES
from strikelean.model.forward import solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.paths import follow_paths

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
    engine: Multibody,
    motion: Motion,
    rows: NDArray[np.int64],
    forces: TimeSeries,
    ground: dict[str, tuple[FloatArray, FloatArray]],
    side: str,
    progress: Progress | None = None,
) -> list[Reaction]:
    """Return the reactions of one leg's joints at (S,) rows.

    Args:
        engine: the runner's model.
        motion: coordinates with their rates.
        rows: frames, in which that leg's muscle forces are known.
        forces: tendon forces, one column a muscle.
        ground: ``{body: (force, moment)}`` about the laboratory origin, (T, 3).
        side: ``right`` or ``left``.
        progress: called with a line of text now and then.
    """
    letter = side[0]
    muscles = tuple(name for name in forces.columns if name.endswith(f"_{letter}"))
    tensions = forces.values[rows][:, [forces.index(name) for name in muscles]]
    part = motion.at(rows)
    demand = body_demand(part.tree, part.coordinates, part.speeds, part.accelerations)
    compiled = compile_paths(engine, part.tree, muscles)
    paths = follow_paths(compiled, part.coordinates, part.speeds, progress)
    pose = solve_forward(motion.tree, motion.coordinates[rows])
    here = {body: (force[rows], turn[rows]) for body, (force, turn) in ground.items()}
    return [
        reaction_at(
            motion,
            carrying_joint(motion.tree, f"{body}_{letter}"),
            pose,
            demand,
            here,
            paths,
            tensions,
        )
        for body in CARRIED_BODIES
        if f"{body}_{letter}" in motion.tree.bodies
    ]


def compute_joint_reactions(
    scaled_osim: Path,
    kinematics_mot: Path,
    grf_mot: Path,
    forces_sto: Path,
    output_sto: Path,
    progress: Progress | None = None,
) -> None:
    """Write the reactions of hip, knee, patellofemoral joint and ankle of both legs.

    Columns are named as OpenSim's analysis names them,
    ``<joint>_on_<body>_in_<body>_fx``: force (N), moment (N m) and point (m) of the proximal
    on the distal body at the joint, in the distal body's base frame; NaN outside stance.
    """
    motion = read_motion(scaled_osim, kinematics_mot)
    ground = read_ground_wrenches(grf_mot, motion.time_s)
    forces = read_sto(forces_sto)
    engine = Multibody(scaled_osim)
    names: list[str] = []
    columns: list[FloatArray] = []
    for side in SIDES:
        own = [i for i, name in enumerate(forces.columns) if name.endswith(f"_{side[0]}")]
        rows = np.flatnonzero(np.isfinite(forces.values[:, own]).all(axis=1))
        for reaction in leg_reactions(engine, motion, rows, forces, ground, side, progress):
            stem = f"{reaction.joint}_on_{reaction.body}_in_{reaction.body}_"
            names += [stem + component for component in COMPONENTS]
            point = np.broadcast_to(reaction.point_m, (len(rows), 3))
            full = np.full((len(motion.time_s), len(COMPONENTS)), np.nan)
            full[rows] = np.hstack([reaction.force_n, reaction.moment_nm, point])
            columns.append(full)
    write_sto(
        output_sto,
        TimeSeries(motion.time_s, tuple(names), np.hstack(columns)),
        "Joint reactions",
    )
