"""Inverse dynamics of one trial: net generalised forces, and what is left at the root."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from strikelean.derivatives import differentiate
from strikelean.dynamics.rigid_body import (
    BodyDemand,
    bodies_demand,
    generalised_forces,
    move_bodies,
)
from strikelean.dynamics.stock_tools import cut_motion, run_inverse_dynamics
from strikelean.errors import RecordingError
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.lab.synchrony import estimate_lag
from strikelean.markersets import SIDES
from strikelean.model.engine import open_model
from strikelean.model.forward import Pose, mass_centre, solve_forward
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.model.walk import TreePose, walk_tree
from strikelean.motion.coordinates_io import read_coordinates
from strikelean.signals import at_times, contiguous_runs, nearest_rows, time_runs

GroundWrenches = dict[str, tuple[FloatArray, FloatArray]]
"""Force and moment of the ground by body, (T, 3) each, about the laboratory origin."""
ROOT_FORCES = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
ROOT_MOMENTS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
# The ground acts on the hindfoot: toes are locked to it.
FOOT_BODY = "calcn"


@dataclass(frozen=True)
class Motion:
    """Coordinates with their rates, on the rows of ``kinematics.mot``.

    Attributes:
        tree: the runner's compiled model.
        time_s: (T,) times, with holes between windows.
        coordinates, speeds, accelerations: (T, Q) radians and metres, per s, per s^2.
        rate_hz: sampling rate.
    """

    tree: KinematicTree
    time_s: FloatArray
    coordinates: FloatArray
    speeds: FloatArray
    accelerations: FloatArray
    rate_hz: float

    def at(self, rows: NDArray[np.int64]) -> Motion:
        """Return some rows of the motion."""
        return replace(
            self,
            time_s=self.time_s[rows],
            coordinates=self.coordinates[rows],
            speeds=self.speeds[rows],
            accelerations=self.accelerations[rows],
        )

    @cached_property
    def walked(self) -> TreePose:
        """Where every body and joint is."""
        return walk_tree(self.tree, self.coordinates)

    @cached_property
    def demand(self) -> BodyDemand:
        """What the motion needs of every body."""
        moved = move_bodies(self.tree, self.walked, self.speeds, self.accelerations)
        return bodies_demand(self.tree, self.walked, moved)

    @cached_property
    def pose(self) -> Pose:
        """Where every body is, dependent coordinates set from the others."""
        return solve_forward(self.tree, self.coordinates)


def read_motion(scaled_osim: Path, kinematics_mot: Path) -> Motion:
    """Read filtered kinematics and differentiate them window by window."""
    model = open_model(scaled_osim)
    model.initSystem()
    tree = compile_tree(model)
    return motion_of(tree, *read_coordinates(kinematics_mot, tree))


def ground_wrenches(ground: GroundForces, time_s: FloatArray) -> GroundWrenches:
    """Return ``{body: (force, moment)}``, (T, 3) each about the laboratory origin, at times.

    Raises:
        RecordingError: the forces do not span the kinematics.
    """
    # the two files end within a frame or a sample of each other when their rates differ
    frame = max(float(np.median(np.diff(times))) for times in (time_s, ground.time_s))
    inside = np.clip(time_s, ground.time_s[0], ground.time_s[-1])
    wanted = np.where(np.abs(inside - time_s) < frame, inside, time_s)
    wrenches = {}
    for side in SIDES:
        foot = ground.foot(side)
        force, moment = (
            at_times(ground.time_s, values, wanted) for values in (foot.force_n, foot.moment_nm)
        )
        if not np.isfinite(force).all():
            raise RecordingError(
                "solve_dynamics",
                f"ground forces from {time_s[0]:.2f} to {time_s[-1]:.2f} s",
                f"{ground.time_s[0]:.2f} to {ground.time_s[-1]:.2f} s of forces",
                "Check that force and marker files are of the same trial",
            )
        wrenches[f"{FOOT_BODY}_{side[0]}"] = (force, moment)
    return wrenches


def moment_column(tree: KinematicTree, index: int) -> str:
    """Return OpenSim's column name of a coordinate's generalised force."""
    kind = "moment" if tree.coordinates[index].rotational else "force"
    return f"{tree.coordinates[index].name}_{kind}"


def moments_table(tree: KinematicTree, time_s: FloatArray, forces: FloatArray) -> TimeSeries:
    """Return generalised forces (T, Q) as the table of ``moments.sto``."""
    columns = tuple(moment_column(tree, index) for index in range(len(tree.coordinates)))
    return TimeSeries(time_s, columns, forces)


def motion_of(tree: KinematicTree, time_s: FloatArray, coordinates: FloatArray) -> Motion:
    """Return (T, Q) coordinates with their rates, differentiated stretch by stretch."""
    rate_hz = float(1.0 / np.median(np.diff(time_s)))
    speeds, accelerations = differentiate(time_s, coordinates, rate_hz)
    return Motion(tree, time_s, coordinates, speeds, accelerations, rate_hz)


def whole_contacts(
    time_s: FloatArray, loaded: NDArray[np.bool_], rate_hz: float
) -> NDArray[np.bool_]:
    """Return (T,): where a foot is loaded, without contacts cut by the end of a stretch.

    Within a few frames of an end neither filter nor spline has settled: what is left over
    there says nothing of the recording. All that is loaded where no contact is whole.
    """
    whole = np.zeros(loaded.shape, dtype=bool)
    for stretch in time_runs(time_s, rate_hz):
        for contact in contiguous_runs(loaded[stretch]):
            if contact.start > 0 and contact.stop < stretch.stop - stretch.start:
                whole[stretch.start + contact.start : stretch.start + contact.stop] = True
    return whole if whole.any() else loaded


def report_dynamics(
    motion: Motion, forces: FloatArray, wrenches: GroundWrenches, grf: GroundForces
) -> dict[str, object]:
    """Return root residuals over whole contacts, and the lag between force and markers.

    Args:
        motion: filtered coordinates with their rates.
        forces: (T, Q) generalised forces.
        wrenches: of the ground on the motion's rows.
        grf: ground forces of both feet on their own clock.

    Raises:
        RecordingError: no foot is loaded in the motion.
    """
    tree = motion.tree
    mass = float(tree.masses_kg.sum())
    vertical = sum(force[:, 1] for force, _ in wrenches.values())
    loaded = whole_contacts(motion.time_s, np.asarray(vertical) > 0.0, motion.rate_hz)
    if not loaded.any():
        raise RecordingError(
            "solve_dynamics",
            "a loaded foot in the windows around the selected contacts",
            "no vertical force in them",
            "Look at the contacts and the forces of the recording",
        )
    force_columns = [tree.coordinate_index(name) for name in ROOT_FORCES]
    moment_columns = [tree.coordinate_index(name) for name in ROOT_MOMENTS]
    com = mass_centre(tree, motion.pose)
    acceleration = differentiate(motion.time_s, com, motion.rate_hz)[1]
    total = sum(grf.foot(side).force_n[:, 1] for side in SIDES)
    lag = estimate_lag(motion.time_s, acceleration[:, 1], grf.time_s, np.asarray(total), mass)
    peak = float(np.max(np.linalg.norm(sum(f for f, _ in wrenches.values()), axis=1)))
    residual_force = forces[:, force_columns][loaded]
    residual_moment = forces[:, moment_columns][loaded]
    height = float(np.mean(com[:, 1]))
    report: dict[str, object] = {
        f"residual_{name}_rms_n": float(np.sqrt(np.mean(residual_force[:, i] ** 2)))
        for i, name in enumerate(ROOT_FORCES)
    }
    report |= {
        f"residual_{name}_rms_nm": float(np.sqrt(np.mean(residual_moment[:, i] ** 2)))
        for i, name in enumerate(ROOT_MOMENTS)
    }
    size = np.linalg.norm(residual_force, axis=1)
    turn = np.linalg.norm(residual_moment, axis=1)
    return report | {
        "residual_force_rms_n": float(np.sqrt(np.mean(size**2))),
        "residual_force_peak_n": float(size.max()),
        "residual_force_peak_share_of_peak_grf": float(size.max()) / peak,
        "residual_moment_rms_nm": float(np.sqrt(np.mean(turn**2))),
        "residual_moment_peak_nm": float(turn.max()),
        "residual_moment_peak_share_of_com_height_times_peak_grf": float(turn.max())
        / (height * peak),
        "peak_grf_n": peak,
        "lag_s": lag.lag_s,
        "lag_at_search_limit": lag.at_limit,
        "lag_residual_rms_n": lag.rms_n,
        "lag_residual_rms_unshifted_n": lag.rms_at_zero_n,
        "mass_kg": mass,
    }


@dataclass(frozen=True)
class StockFiles:
    """Files of a trial, for OpenSim's own tools.

    Attributes:
        scaled_osim, kinematics, grf: model, filtered coordinates, filtered ground forces.
    """

    scaled_osim: Path
    kinematics: Path
    grf: Path


def _by_opensim(motion: Motion, files: StockFiles) -> FloatArray:
    """Return generalised forces (T, Q) from OpenSim's tool, stretch by stretch."""
    names = [moment_column(motion.tree, i) for i in range(len(motion.tree.coordinates))]
    forces = np.empty_like(motion.coordinates)
    for run in time_runs(motion.time_s, motion.rate_hz):
        span = float(motion.time_s[run][0]), float(motion.time_s[run][-1])
        with TemporaryDirectory() as scratch:
            folder = Path(scratch)
            cut_motion(files.kinematics, folder / "kinematics.mot", *span)
            found = run_inverse_dynamics(
                files.scaled_osim, folder / "kinematics.mot", files.grf, folder, span
            )
        rows = nearest_rows(found.time_s, motion.time_s[run])
        forces[run] = found.values[rows][:, [found.index(name) for name in names]]
    return forces


def solve_dynamics(
    motion: Motion, wrenches: GroundWrenches, stock: StockFiles | None = None
) -> FloatArray:
    """Return the generalised forces (T, Q) of every frame, N m or N, OpenSim's signs.

    Args:
        motion: filtered coordinates with their rates.
        wrenches: of the ground, filtered at the same cut-off.
        stock: the trial's files, to let OpenSim's inverse dynamics do it.
    """
    if stock is not None:
        return _by_opensim(motion, stock)
    return generalised_forces(motion.tree, motion.walked, motion.demand, wrenches)
