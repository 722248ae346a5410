"""A runner with their scaled model, and their recordings solved in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from strikelean.config.settings import Settings
from strikelean.dynamics.segment_masses import with_masses
from strikelean.errors import StrikeleanError
from strikelean.exclusions import write_note
from strikelean.formats.files import Note
from strikelean.formats.series import Markers
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import read_trc
from strikelean.lab.check_belt import Speeds
from strikelean.lab.examined import Look, look_away
from strikelean.lab.recording import TrialRecording, read_recording
from strikelean.lab.summary import write_recording
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.loads.metrics_table import Prediction
from strikelean.loads.trial_loads import TrialFacts
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.model.scaling import write_inertias
from strikelean.motion.solve import solve_kinematics, solve_kinematics_knee3, write_kinematics
from strikelean.pipeline import (
    Progress,
    RunnerModel,
    Trial,
    quiet,
    read_model,
    trial_of,
)
from strikelean.standing import Sizes, scale_to_standing, standing_for
from strikelean.stride.reduced_trial import reduce_residuals
from strikelean.trial_results import finish_trial


@dataclass(frozen=True)
class ScaledRunner:
    """A runner whose model was scaled.

    Attributes:
        sizes: name, mass and stature.
        marker_set: markers of their recordings.
        static: their standing trial, in laboratory axes.
        files: static.trc, scaled.osim and scaling.json.
        model: compiled.
    """

    sizes: Sizes
    marker_set: MarkerSet
    static: Markers
    files: RunnerFiles
    model: RunnerModel


def scale_runner(
    static_file: Path | None,
    sizes: Sizes,
    marker_set: Path,
    generic_osim: Path,
    files: RunnerFiles,
    settings: Settings,
    instead: Sequence[Path] = (),
) -> ScaledRunner:
    """Return a runner whose model was scaled to a standing trial; see :func:`scale_to_standing`.

    ``instead`` are the files of a running trial, taken where ``static_file`` is None.
    """
    standing = standing_for(static_file, instead, settings.recording)
    static = scale_to_standing(standing, sizes, marker_set, generic_osim, files, settings.strength)
    return ScaledRunner(sizes, load_markerset(marker_set), static, files, read_model(files.model))


def read_runner(sizes: Sizes, marker_set: Path, files: RunnerFiles) -> ScaledRunner:
    """Return a runner whose model was scaled, from its files.

    Raises:
        ExcludedError, RecordingError, ModelError: a file cannot be used.
    """
    static, model = read_trc(files.static), read_model(files.model)
    return ScaledRunner(sizes, load_markerset(marker_set), static, files, model)


@dataclass(frozen=True)
class Running:
    """A recording of running, and what to use of it.

    Attributes:
        files: one C3D, or TRC and MOT.
        start_s, end_s: window to use, None for the recording's own.
        speeds: of runner and belt, to check the recording; None asks nothing.
    """

    files: Sequence[Path]
    start_s: float | None = None
    end_s: float | None = None
    speeds: Speeds | None = None


def record_trial(
    running: Running, runner: ScaledRunner, settings: Settings, look: Look = look_away
) -> TrialRecording:
    """Read a running trial of a runner; see :func:`strikelean.lab.recording.read_recording`."""
    return read_recording(
        running.files,
        runner.static,
        runner.marker_set,
        runner.sizes.mass_kg,
        settings.recording,
        running.start_s,
        running.end_s,
        running.speeds,
        look,
    )


def solve_recorded(
    recording: TrialRecording,
    runner: ScaledRunner,
    settings: Settings,
    progress: Progress | None = None,
    files: TrialFiles | None = None,
) -> Trial:
    """Return a recording's trial with its kinematics.

    Args:
        recording: of the runner.
        runner: scaled.
        settings: of the configuration.
        progress: called with a line of text now and then.
        files: where to write what the kinematics stage writes, None nowhere.

    Raises:
        RecordingError, SolverError: the recording cannot be solved.
    """
    found = solve_kinematics(
        runner.files.model,
        recording.markers,
        recording.contacts,
        runner.marker_set,
        settings.kinematics,
        progress,
        runner.model.tree,
    )
    model, masses = runner.model, None
    if settings.reduce_residuals and recording.grf.measured:
        reduced = reduce_residuals(
            found, recording.grf, recording.contacts, recording.markers, runner.marker_set
        )
        found, masses = reduced.kinematics, reduced.masses
        if masses is not None:
            model = replace(model, tree=with_masses(model.tree, masses))
    if files is not None:
        write_kinematics(found, files)
        _write_model(runner, model, files, settings)
    return trial_of(
        model,
        found,
        recording.grf,
        recording.grf_unfiltered,
        recording.contacts,
        recording.markers,
    )


def _write_model(
    runner: ScaledRunner, model: RunnerModel, files: TrialFiles, settings: Settings
) -> None:
    """Write the model of a trial whose residuals were to be reduced; no older one stays."""
    files.reduced_model.unlink(missing_ok=True)
    if settings.reduce_residuals:
        write_inertias(runner.files.model, model.tree, files.reduced_model)


def _with_knee3(
    trial: Trial, runner: ScaledRunner, settings: Settings, files: TrialFiles, progress: Progress
) -> Trial:
    """Return the trial with the angles of a knee with three rotations, or with why it has none."""
    assert trial.markers is not None
    try:
        found = solve_kinematics_knee3(
            runner.files.model,
            trial.markers,
            trial.contacts,
            runner.marker_set,
            files.knee3_model,
            settings.kinematics,
            progress,
        )
    except StrikeleanError as error:
        told = str(error.located(runner.sizes.name, files.folder.name))
        write_note((files.kinematics_knee3, files.knee3_model), Note(told))
        return replace(trial, notes=(f"knee with three rotations left blank: {told}",))
    write_sto(files.kinematics_knee3, found, "Coordinates")
    return replace(trial, knee3=found)


def solve_trial(
    running: Running,
    runner: ScaledRunner,
    settings: Settings,
    facts: TrialFacts,
    files: TrialFiles,
    *,
    knee3: bool = False,
    prediction: Prediction | None = None,
    progress: Progress = quiet,
    written: Callable[[Sequence[Path]], None] = lambda paths: None,
    kept: TrialRecording | None = None,
) -> Trial:
    """Take a recording to its loads, and write every file of the trial.

    Args:
        running: the recording.
        runner: who runs, scaled.
        settings: of the configuration.
        facts: of the trial.
        files: written.
        knee3: whether to solve, apart from all else, a knee with three rotations.
        prediction: how far numbers move with what was chosen, where the recording is a
            virtual runner's in another condition; else None.
        progress: called with a line of text as the work goes on.
        written: called with the files of a stage that has ended.
        kept: the recording as it was read already (:mod:`strikelean.checking.kept`), or None.

    Raises:
        RecordingError, SolverError, ModelError: what cannot be used, and why.
    """
    recording = kept or record_trial(running, runner, settings)
    write_recording(recording, files)
    written(files.of_recording())
    progress("took over the recording as checked" if kept else "read the recording")
    trial = solve_recorded(recording, runner, settings, progress, files)
    written(files.of_kinematics())
    if knee3:
        trial = _with_knee3(trial, runner, settings, files, progress)
    return finish_trial(trial, settings, facts, files, runner.files.scaling, prediction, progress)
