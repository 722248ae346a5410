"""A runner with their scaled model, and their recordings solved in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from strikelean.config.settings import Settings
from strikelean.formats.series import Markers
from strikelean.formats.trc import write_trc
from strikelean.lab.check_belt import Speeds
from strikelean.lab.recording import TrialRecording, read_recording
from strikelean.lab.static import read_static
from strikelean.lab.summary import contact_table
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.motion.scale_model import scale_model
from strikelean.motion.solve import solve_kinematics, write_kinematics
from strikelean.pipeline import (
    RunnerModel,
    Trial,
    read_model,
    trial_of,
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Sizes:
    """Who runs.

    Attributes:
        name: of the runner.
        mass_kg, height_m: as measured.
    """

    name: str
    mass_kg: float
    height_m: float


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
    static_file: Path,
    sizes: Sizes,
    marker_set: Path,
    generic_osim: Path,
    files: RunnerFiles,
    settings: Settings,
) -> ScaledRunner:
    """Read a standing trial and scale the generic model to it.

    Args:
        static_file: C3D or TRC.
        sizes: name, mass and stature.
        marker_set: file of the marker set.
        generic_osim: edited generic model (:func:`strikelean.model.generic.build_generic_model`).
        files: written.
        settings: of the configuration.

    Raises:
        RecordingError, ModelError, ConfigError: the static trial or marker set cannot be used.
    """
    markers, recording = load_markerset(marker_set), settings.recording
    static = read_static(
        static_file, recording.axes, recording.floor_height_m, markers.marker_names()
    )
    files.folder.mkdir(parents=True, exist_ok=True)
    write_trc(files.static, static)
    scale_model(
        generic_osim,
        files.static,
        marker_set,
        files.model,
        files.scaling,
        subject=sizes.name,
        mass_kg=sizes.mass_kg,
        height_m=sizes.height_m,
        strength=settings.strength,
    )
    return ScaledRunner(sizes, markers, static, files, read_model(files.model))


def record_trial(
    recordings: Sequence[Path],
    runner: ScaledRunner,
    settings: Settings,
    speeds: Speeds | None = None,
) -> TrialRecording:
    """Read a running trial of a runner; see :func:`strikelean.lab.recording.read_recording`."""
    return read_recording(
        recordings,
        runner.static,
        runner.marker_set,
        runner.sizes.mass_kg,
        settings.recording,
        speeds=speeds,
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
    contacts = contact_table(recording.steps)
    found = solve_kinematics(
        runner.files.model,
        recording.markers,
        contacts,
        runner.marker_set,
        settings.kinematics,
        progress,
    )
    if files is not None:
        write_kinematics(found, files)
    return trial_of(
        runner.model,
        found,
        recording.grf,
        recording.grf_unfiltered,
        contacts,
        recording.markers,
    )
