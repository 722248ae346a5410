"""The files that a page is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


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
        choices: choices.csv, how far each prediction moves under each choice.
        technique_files: models/techniques, what each sets, keeps and leaves free.
        recovery, plausibility: tables of virtual runners.
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
    choices: Path | None = None
    technique_files: Sequence[Path] = ()
    recovery: Path | None = None
    plausibility: Path | None = None

    @property
    def schemas(self) -> Path:
        """Folder of the schemas, which metrics.yaml is one of."""
        return self.metrics_list.parent
