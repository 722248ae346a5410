"""The kinematics of one trial: markers in, coordinates and body points out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strikelean.constants import ASSUMED_LEAN_DEG
from strikelean.errors import ConfigError, RecordingError
from strikelean.formats.contacts import Contacts
from strikelean.formats.files import write_text
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.formats.sto import write_sto
from strikelean.lab.facing import seen_names
from strikelean.lab.windows import windows_around
from strikelean.layout import TrialFiles
from strikelean.markersets import SIDES, MarkerSet
from strikelean.model.engine import open_model
from strikelean.model.forward import follow_couplings, marker_positions, solve_forward
from strikelean.model.knee3 import build_knee3_model, grood_suntay
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.motion.body_points import body_points_table
from strikelean.motion.coordinates_io import coordinates_table, write_coordinates
from strikelean.motion.inverse_kinematics import (
    KinematicSettings,
    KinematicSolution,
    default_pose,
    observed_coordinates,
    resting_on_limits,
    solve_inverse_kinematics,
)
from strikelean.motion.stock_kinematics import solve_with_opensim
from strikelean.motion.unseen_trunk import (
    TORSO_COORDINATES,
    can_stand,
    stand_trunk,
)
from strikelean.signals import fewest_samples, lowpass, time_runs

Progress = Callable[[str], None]
ENGINES = ("fast", "opensim")
# The runner must face +X; beyond this the axes of the recording are mistaken.
MAX_HEADING_RAD = np.radians(60.0)


@dataclass(frozen=True)
class SolveSettings:
    """What the kinematics stage takes from the configuration.

    Attributes:
        engine: ``fast`` (own solver) or ``opensim``.
        accuracy: OpenSim's accuracy, for ``opensim``.
        margin_s: time solved before and after each selected contact.
        cutoff_hz: low-pass of the coordinates, the same as that of the forces.
        order: order of that filter.
    """

    engine: str
    accuracy: float
    margin_s: float
    cutoff_hz: float
    order: int


def _inside(time_s: FloatArray, windows: list[tuple[float, float]]) -> NDArray[np.bool_]:
    inside = np.zeros(len(time_s), dtype=bool)
    for start, end in windows:
        inside |= (time_s >= start - 1e-9) & (time_s <= end + 1e-9)
    return inside


def _tracked(marker_set: MarkerSet, chosen: Markers, model_markers: set[str]) -> dict[str, float]:
    """Return the weights of markers that are on the model and seen in the frames to solve."""
    tracked = {
        definition.name: definition.running_weight
        for definition in marker_set.markers
        if definition.running_weight > 0
        and definition.name in model_markers
        and seen_names(chosen, [definition.name])
    }
    if len(tracked) < 3:
        raise RecordingError(
            "solve_kinematics",
            f"the running markers of set {marker_set.name} in the frames to solve",
            f"only {', '.join(tracked) or 'none'} of them",
            "Name the marker set that matches the recording in subjects.tsv",
        )
    # landmarks that do not pull still move with their body, and metrics read them
    landmarks = (name for side in SIDES for name in marker_set.landmarks[side].values())
    return tracked | {
        name: 0.0 for name in landmarks if name in model_markers and name not in tracked
    }


@dataclass(frozen=True)
class Frames:
    """The frames to solve and the model to solve them with."""

    tree: KinematicTree
    marker_set: MarkerSet
    recording: Markers
    chosen: Markers
    weights: FloatArray

    def observed(self) -> NDArray[np.bool_]:
        """Return (Q,): which coordinates the markers fix."""
        return observed_coordinates(self.tree, self.weights, default_pose(self.tree))

    def torso_observed(self) -> bool:
        """Whether markers fix the trunk."""
        free, names = self.observed(), self.tree.names
        lumbar = [name for name in TORSO_COORDINATES if name in names]
        return bool(lumbar) and all(free[names.index(name)] for name in lumbar)

    def trunk_assumed(self) -> bool:
        """Whether the trunk is held in the laboratory: no marker shows any of its turns."""
        free, names = self.observed(), self.tree.names
        return can_stand(self.tree) and not any(
            free[names.index(name)] for name in TORSO_COORDINATES
        )


def _require_frames(chosen: Markers, settings: SolveSettings) -> None:
    """Refuse frames that cannot be filtered and differentiated."""
    rate = chosen.rate_hz
    if rate <= 2.0 * settings.cutoff_hz:
        raise RecordingError(
            "solve_kinematics",
            f"markers at more than {2.0 * settings.cutoff_hz:g} Hz, twice filter.cutoff_hz",
            f"{rate:g} Hz",
            "Record markers faster, or lower filter.cutoff_hz",
        )
    needed = fewest_samples(settings.order)
    runs = time_runs(chosen.time_s, rate)
    short = min(runs, key=lambda run: run.stop - run.start, default=slice(0, 0))
    if short.stop - short.start < needed:
        where = f" from {chosen.time_s[short][0]:.2f} s" if short.stop > short.start else ""
        raise RecordingError(
            "solve_kinematics",
            f"at least {needed} frames of markers around every selected contact",
            f"{short.stop - short.start}{where}",
            "Look at the contacts, and at steps.margin_s",
        )


def prepare_frames(
    osim_path: Path,
    recording: Markers,
    contacts: Contacts,
    marker_set: MarkerSet,
    settings: SolveSettings,
    compiled: KinematicTree | None = None,
) -> Frames:
    """Return the frames to solve; ``compiled`` is the model with all its markers, where it is."""
    spans = sorted(span for side in contacts.spans().values() for span in side)
    inside = _inside(recording.time_s, windows_around(spans, settings.margin_s))
    chosen = replace(
        recording,
        time_s=recording.time_s[inside],
        positions_m=recording.positions_m[inside],
    )
    _require_frames(chosen, settings)
    if compiled is None:
        model = open_model(osim_path)
        model.initSystem()
        compiled = compile_tree(model)
    tracked = _tracked(marker_set, chosen, set(compiled.markers))
    tree = compiled.with_markers(list(tracked))
    unseen = np.full((len(chosen.time_s), 3), np.nan)
    paths = [chosen.position(name) if tracked[name] > 0 else unseen for name in tree.markers]
    solved = replace(chosen, names=tree.markers, positions_m=np.stack(paths, axis=1))
    return Frames(tree, marker_set, recording, solved, np.array(list(tracked.values())))


def _solve(
    frames: Frames, osim_path: Path, settings: SolveSettings, progress: Progress | None
) -> KinematicSolution:
    if settings.engine not in ENGINES:
        raise ConfigError(
            "solve_kinematics",
            f"engine one of {', '.join(ENGINES)}",
            f"'{settings.engine}'",
            "Correct config.yaml",
        )
    tree, chosen = frames.tree, frames.chosen
    if settings.engine == "fast":
        return solve_inverse_kinematics(
            tree, chosen.positions_m, frames.weights, KinematicSettings(), progress=progress
        )
    free = frames.observed()
    dependent = {coupling.dependent for coupling in tree.couplings}
    held = {
        coordinate.name: coordinate.default
        for index, coordinate in enumerate(tree.coordinates)
        if not free[index] and index not in dependent
    }
    pulls = np.flatnonzero(frames.weights > 0)
    names = tuple(tree.markers[index] for index in pulls)
    weights = dict(zip(names, frames.weights[pulls].tolist(), strict=True))
    values = np.empty((len(chosen.time_s), len(tree.coordinates)))
    solved = np.empty(len(values), dtype=bool)
    for run in time_runs(chosen.time_s, chosen.rate_hz):
        places = chosen.positions_m[run][:, pulls]
        part = Markers(chosen.time_s[run], names, places, chosen.rate_hz)
        values[run], solved[run] = solve_with_opensim(
            osim_path, part, weights, held, settings.accuracy, progress
        )
    placed = marker_positions(tree, solve_forward(tree, values))
    errors = np.linalg.norm(placed - chosen.positions_m, axis=2)
    resting = resting_on_limits(tree, values, np.flatnonzero(free))
    return KinematicSolution(values, errors, solved, resting, 0)


def check_heading(tree: KinematicTree, coordinates: FloatArray) -> None:
    pose = solve_forward(tree, coordinates)
    forward = pose.rotations[:, tree.body_index("pelvis"), :, 0].mean(axis=0)
    heading = abs(float(np.arctan2(forward[2], forward[0])))
    if heading > MAX_HEADING_RAD:
        raise RecordingError(
            "solve_kinematics",
            "a runner who faces +X (forward)",
            f"one turned by {np.degrees(heading):.0f} deg",
            "Set recording.axes in the config so that forward is the running direction",
        )


def _filtered(frames: Frames, coordinates: FloatArray, settings: SolveSettings) -> FloatArray:
    time_s = frames.chosen.time_s
    smooth = lowpass(coordinates, frames.chosen.rate_hz, settings.cutoff_hz, settings.order, time_s)
    return follow_couplings(frames.tree, smooth)


def _rms(errors_m: FloatArray, axis: int) -> FloatArray:
    """Return the root mean square along an axis, NaN without a warning where nothing is known."""
    known = np.isfinite(errors_m)
    count = known.sum(axis=axis)
    total = np.where(known, errors_m, 0.0) ** 2
    return np.asarray(
        np.sqrt(np.divide(total.sum(axis=axis), count, out=np.full(count.shape, np.nan),
                          where=count > 0))
    )  # fmt: skip


def frame_statistics(frames: Frames, solution: KinematicSolution) -> dict[str, object]:
    rms, per_marker = _rms(solution.errors_m, 1), _rms(solution.errors_m, 0)
    shares = solution.at_limit.mean(axis=0)
    free = frames.observed()
    coordinates = frames.tree.coordinates
    dependent = {coupling.dependent for coupling in frames.tree.couplings}
    assumed = frames.trunk_assumed()
    return {
        "frames": len(rms),
        "rate_hz": frames.chosen.rate_hz,
        "marker_rms_m": float(np.sqrt(np.nanmean(rms**2))),
        "marker_rms_worst_frame_m": float(np.nanmax(rms)),
        "marker_max_m": float(np.nanmax(solution.errors_m)),
        "marker_worst": frames.tree.markers[int(np.nanargmax(per_marker))],
        "unconverged_share": float(1.0 - solution.converged.mean()),
        "iterations": solution.iterations,
        "limit_share": {
            frames.tree.names[i]: round(float(share), 4) for i, share in enumerate(shares) if share
        },
        "held_at_rest": [
            coordinate.name
            for i, coordinate in enumerate(coordinates)
            if not free[i] and not coordinate.locked and i not in dependent
            if not (assumed and coordinate.name in TORSO_COORDINATES)
        ],
        "torso_observed": frames.torso_observed(),
        "trunk_assumed_lean_deg": ASSUMED_LEAN_DEG if assumed else None,
    }


@dataclass(frozen=True)
class Kinematics:
    """The solved windows of a trial.

    Attributes:
        tree: runner's model with the markers that were tracked.
        time_s: (T,) times, with holes between windows.
        unfiltered, coordinates: (T, Q) radians and metres, as solved and low-passed.
        body_points: laboratory positions of joints and landmarks, m.
        report: marker errors, limits, and what the markers fix.
    """

    tree: KinematicTree
    time_s: FloatArray
    unfiltered: FloatArray
    coordinates: FloatArray
    body_points: TimeSeries
    report: dict[str, object]


def solve_kinematics(
    scaled_osim: Path,
    recording: Markers,
    contacts: Contacts,
    marker_set: MarkerSet,
    settings: SolveSettings,
    progress: Progress | None = None,
    compiled: KinematicTree | None = None,
) -> Kinematics:
    """Solve the windows around the selected contacts of one trial.

    Args:
        scaled_osim: runner's model.
        recording: gap-filled markers.
        contacts: those selected are solved.
        marker_set: of the recording.
        settings: engine, margin and filter.
        progress: called with a line of text now and then.
        compiled: the runner's model with all its markers, where it is compiled already.

    Raises:
        RecordingError, ModelError, SolverError, ConfigError.
    """
    frames = prepare_frames(scaled_osim, recording, contacts, marker_set, settings, compiled)
    solution = _solve(frames, scaled_osim, settings, progress)
    check_heading(frames.tree, solution.coordinates)
    if frames.trunk_assumed():
        steady = stand_trunk(frames.tree, solution.coordinates)
        solution = replace(solution, coordinates=steady)
    smooth = _filtered(frames, solution.coordinates, settings)
    time_s, rate_hz = frames.chosen.time_s, frames.chosen.rate_hz
    points = body_points_table(
        frames.tree,
        frames.marker_set,
        frames.recording,
        time_s,
        smooth,
        rate_hz,
        frames.torso_observed(),
    )
    report = frame_statistics(frames, solution) | {"engine": settings.engine}
    return Kinematics(frames.tree, time_s, solution.coordinates, smooth, points, report)


def write_kinematics(found: Kinematics, files: TrialFiles) -> None:
    """Write the three files of solved kinematics."""
    write_coordinates(files.kinematics, found.tree, found.time_s, found.coordinates)
    write_sto(files.body_points, found.body_points, "body_points")
    write_text(files.kinematics_report, json.dumps(found.report, indent=2) + "\n")


def solve_kinematics_knee3(
    scaled_osim: Path,
    recording: Markers,
    contacts: Contacts,
    marker_set: MarkerSet,
    output_osim: Path,
    settings: SolveSettings,
    progress: Progress | None = None,
) -> TimeSeries:
    """Solve the same windows with knees that turn freely about three axes.

    Writes the variant model to ``output_osim``.

    Returns:
        The variant's coordinates as in ``kinematics.mot`` and, per side, ``knee_flexion_*``,
        ``knee_adduction_*`` and ``knee_rotation_*``: total Grood-Suntay angles in degrees,
        flexion, adduction and internal rotation positive.
    """
    build_knee3_model(scaled_osim, output_osim)
    frames = prepare_frames(output_osim, recording, contacts, marker_set, settings)
    solution = _solve(frames, output_osim, settings, progress)
    smooth = _filtered(frames, solution.coordinates, settings)
    tree, time_s = frames.tree, frames.chosen.time_s
    pose = solve_forward(tree, smooth)
    names, columns = [], []
    for letter, side in (("r", "right"), ("l", "left")):
        femur, tibia = tree.body_index(f"femur_{letter}"), tree.body_index(f"tibia_{letter}")
        angles = grood_suntay(pose.rotations[:, femur], pose.rotations[:, tibia], side)
        names += [f"knee_{kind}_{letter}" for kind in ("flexion", "adduction", "rotation")]
        columns.append(np.degrees(angles))
    table = coordinates_table(tree, time_s, smooth)
    return replace(
        table,
        columns=table.columns + tuple(names),
        values=np.concatenate([table.values, *columns], axis=1),
    )
