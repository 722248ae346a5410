"""The files that a page is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class DrawnTrial:
    """What the figure of a trial is made of.

    Attributes:
        subject, trial, condition: as in the tables.
        body_points, grf, contacts: of the trial.
    """

    subject: str
    trial: str
    condition: str
    body_points: Path
    grf: Path
    contacts: Path


@dataclass(frozen=True)
class DrawnRunner:
    """What the figures of a runner are made of, beside their trials.

    Attributes:
        mass_kg, height_m: as measured.
        static: the standing trial.
        marker_set: names its landmarks.
    """

    mass_kg: float
    height_m: float
    static: Path
    marker_set: Path


@dataclass(frozen=True)
class PageFiles:
    """The files that a page is made of.

    Attributes:
        quality, metrics, waveforms, comparisons, regressions, studies, claims, claim_tests,
            waveform_tests: the cohort's files.
        slopes: within_runner_slopes.csv.
        published_summary: what several studies say together.
        study_files, claims_file: config/studies, for what the tables do not carry.
        metrics_list: ``metrics.yaml``, for the definitions.
        sweep, dose_response, strike_check: tables of other techniques, where there are any.
        validation, validation_summary: recorded changes beside predicted ones, where there are any.
        choices: choices.csv, how far each prediction moves under each choice.
        technique_files: models/techniques, what each sets, keeps and leaves free.
        recovery, plausibility: tables of virtual runners.
        drawn_trials, drawn_runners: of the figures of runners, trials in the order of the tables,
            runners by their names.
        sweep_poses: how each swept trial's runner moves at every angle.
    """

    quality: Path
    metrics: Path
    waveforms: Path
    comparisons: Path
    regressions: Path
    studies: Path
    claims: Path
    claim_tests: Path
    waveform_tests: Path
    study_files: Sequence[Path]
    claims_file: Path
    metrics_list: Path
    slopes: Path | None = None
    published_summary: Path | None = None
    sweep: Path | None = None
    dose_response: Path | None = None
    strike_check: Path | None = None
    validation: Path | None = None
    validation_summary: Path | None = None
    choices: Path | None = None
    technique_files: Sequence[Path] = ()
    recovery: Path | None = None
    plausibility: Path | None = None
    drawn_trials: Sequence[DrawnTrial] = ()
    drawn_runners: Mapping[str, DrawnRunner] = field(default_factory=dict)
    sweep_poses: Sequence[Path] = ()

    @property
    def schemas(self) -> Path:
        """Folder of the schemas, which metrics.yaml is one of."""
        return self.metrics_list.parent
