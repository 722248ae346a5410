"""What lies where under results/: every file's name, once.

``results/<cohort>/<subject>/<trial>/``; a derived trial's folder is ``<recorded>~<technique>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class _Folder(Protocol):
    @property
    def folder(self) -> Path: ...


class _File:
    """A file of a folder, by its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, owner: _Folder, kind: type | None = None) -> Path:
        return owner.folder / self.name


@dataclass(frozen=True)
class TrialFiles:
    """Files of one trial, in the order in which they are made."""

    folder: Path

    # solve_trial, or solve_counterfactual: what was recorded
    markers = _File("markers.trc")
    grf = _File("grf.mot")
    grf_unfiltered = _File("grf_unfiltered.mot")
    contacts = _File("contacts.csv")
    recording = _File("recording.json")
    # its motion
    kinematics = _File("kinematics.mot")
    body_points = _File("body_points.sto")
    kinematics_report = _File("kinematics.json")
    # where residuals are to be reduced: the runner's model with the masses of this trial
    reduced_model = _File("reduced.osim")
    # solve_trial, where asked
    kinematics_knee3 = _File("kinematics_knee3.mot")
    knee3_model = _File("knee3.osim")
    # solve_counterfactual alone
    counterfactual = _File("counterfactual.json")
    band = _File("band.csv")
    # its loads
    moments = _File("moments.sto")
    dynamics_report = _File("dynamics.json")
    muscle_forces = _File("muscle_forces.sto")
    activations = _File("activations.sto")
    muscles_report = _File("muscles.json")
    joint_reactions = _File("joint_reactions.sto")
    loads = _File("loads.h5")
    metrics = _File("metrics.csv")
    quality = _File("quality.json")
    muscle_variants = _File("muscle_variants.csv")

    def model(self, runner: RunnerFiles) -> Path:
        """Return the model that the trial's motion was solved with."""
        return self.reduced_model if self.reduced_model.is_file() else runner.model

    def of_recording(self) -> tuple[Path, ...]:
        """Return what is written of a recording once it is read."""
        return self.markers, self.grf, self.grf_unfiltered, self.contacts, self.recording

    def of_forces(self) -> tuple[Path, ...]:
        """Return what is written of a trial's moments, muscle forces and joint reactions."""
        return (
            self.moments,
            self.dynamics_report,
            self.muscle_forces,
            self.activations,
            self.muscles_report,
            self.joint_reactions,
        )

    def of_kinematics(self) -> tuple[Path, ...]:
        """Return what is written of a trial's motion."""
        return self.kinematics, self.body_points, self.kinematics_report


@dataclass(frozen=True)
class RunnerFiles:
    """Files of one runner."""

    folder: Path

    static = _File("static.trc")
    model = _File("scaled.osim")
    scaling = _File("scaling.json")

    def trial(self, name: str) -> TrialFiles:
        """Return the files of one of their trials."""
        return TrialFiles(self.folder / name)


@dataclass(frozen=True)
class CohortFiles:
    """What a finished run has of a cohort; its tables go by their names (results.py)."""

    folder: Path

    quality = _File("quality.csv")

    def runner(self, name: str) -> RunnerFiles:
        """Return the files of one runner."""
        return RunnerFiles(self.folder / name)
