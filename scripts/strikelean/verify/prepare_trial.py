"""A recording to measure and to verify with, solved in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strikelean.config.settings import Settings
from strikelean.counterfactual.recorded_trial import RecordedFiles
from strikelean.dynamics.solve import StockFiles
from strikelean.formats.contacts import read_contacts
from strikelean.formats.files import read_yaml
from strikelean.formats.trc import read_trc
from strikelean.lab.summary import write_recording
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.markersets import MarkerSet
from strikelean.motion.solve import solve_kinematics, write_kinematics
from strikelean.pipeline import (
    Trial,
    read_model,
    read_trial,
    share_muscles,
    solve_moments,
    solve_reactions,
)
from strikelean.runners import Running, record_trial, scale_runner
from strikelean.standing import Sizes
from strikelean.trial_results import write_forces

FULLBODY_MASS_KG, FULLBODY_HEIGHT_M = 72.84, 1.80


@dataclass(frozen=True)
class Recorded:
    """A runner's recording.

    Attributes:
        files: recording, markers first.
        static: static trial.
        marker_set: name of the marker set.
        mass_kg, height_m: of the runner.
        contacts: contacts a foot.
    """

    files: tuple[Path, ...]
    static: Path
    marker_set: str
    mass_kg: float
    height_m: float
    contacts: int = 10


def read_config(top: Path) -> dict[str, Any]:
    """Return the delivered configuration."""
    config: dict[str, Any] = read_yaml(top / "config" / "config.yaml")
    return config


def markerset_path(top: Path, name: str) -> Path:
    """Return the file of a delivered marker set."""
    return top / "models" / "markersets" / f"{name}.yaml"


def recorded_files(folder: Path, markers: Path) -> RecordedFiles:
    """Return the files of a folder's solved recording, runner and trial in the same folder."""
    return RecordedFiles(RunnerFiles(folder), TrialFiles(folder), markers)


def solve_files(
    files: TrialFiles,
    scaled_osim: Path,
    marker_set: MarkerSet,
    settings: Settings,
) -> Trial:
    """Take a folder's recording to its joint reactions, and write every stage's files.

    Args:
        files: markers, ground forces and contacts are read; the rest is written.
        scaled_osim: runner's model.
        marker_set: of the recording.
        settings: of the configuration; with ``engine: opensim`` its tools do all of it.
    """
    contacts = read_contacts(files.contacts)
    found = solve_kinematics(
        scaled_osim, read_trc(files.markers), contacts, marker_set, settings.kinematics
    )
    write_kinematics(found, files)
    trial = read_trial(files, read_model(scaled_osim))
    stock = None
    if settings.engine == "opensim":
        stock = StockFiles(scaled_osim, files.kinematics, files.grf)
    trial = share_muscles(solve_moments(trial, stock), settings.muscles, stock=stock)
    trial = solve_reactions(trial, stock=stock)
    write_forces(trial, files)
    return trial


def solve_recording(
    folder: Path, top: Path, generic: Path, recorded: Recorded, config: dict[str, Any] | None = None
) -> Path:
    """Run every stage from recording to joint reactions into a folder and return it.

    Args:
        folder: written to.
        top: the project's folder.
        generic: edited generic model.
        recorded: whose recording.
        config: the configuration, the delivered one by default.
    """
    settings = Settings.from_config(config or read_config(top)).with_contacts(recorded.contacts)
    runner = scale_runner(
        recorded.static,
        Sizes("runner", recorded.mass_kg, recorded.height_m),
        markerset_path(top, recorded.marker_set),
        generic,
        RunnerFiles(folder),
        settings,
    )
    write_recording(record_trial(Running(recorded.files), runner, settings), TrialFiles(folder))
    solve_files(TrialFiles(folder), runner.files.model, runner.marker_set, settings)
    return folder


def fullbody_recording(data: Path) -> Recorded:
    """Return the full-body recording (mass and stature as distributed with it)."""
    folder = data / "fullbody"
    files = (folder / "motion_capture_run.trc", folder / "grf_run.mot")
    static = folder / "static_run.trc"
    return Recorded(files, static, "rajagopal_fullbody", FULLBODY_MASS_KG, FULLBODY_HEIGHT_M)
