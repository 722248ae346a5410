"""What every rule about studies reads: the cohort's tables, its studies, claims and techniques."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.formats.files import excluded_reason, read_rows, require_data
from strikelean.loads.choices import read_choices
from strikelean.loads.cohort import read_metrics
from strikelean.loads.runner_size import RunnerSize
from strikelean.studies.cohort import Cohort, build_cohort
from strikelean.studies.definitions import Claims, Study
from strikelean.studies.reading import read_claims, read_studies
from strikelean.studies.sweep_trials import sweep_trials
from strikelean.studies.techniques import read_techniques


@dataclass(frozen=True)
class StudyInputs:
    """Files and facts of one cohort.

    Attributes:
        metrics, quality: metrics.csv and quality.csv of the cohort.
        studies: config/studies/*.yaml but the claims.
        claims: config/studies/claims.yaml, None where no claims are asked for.
        techniques: models/techniques/*.yaml.
        schemas: config/schemas, with metrics.yaml.
        virtual: whether the runners are virtual.
        runners: ``{subject: {mass_kg, height_m}}``.
        choices: choices.csv of the cohort, None where nothing is predicted.
        sweep: sweep.csv of the cohort, None where nothing was swept or it is not asked for.
    """

    metrics: Path
    quality: Path
    studies: Sequence[Path]
    claims: Path | None
    techniques: Sequence[Path]
    schemas: Path
    virtual: bool = False
    runners: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    choices: Path | None = None
    sweep: Path | None = None


def study_inputs(given: Any, params: Any) -> StudyInputs:
    """Return the inputs of a rule about studies.

    Args:
        given: its files by name; ``studies``, ``claims``, ``choices`` and ``sweep`` may be absent.
        params: ``virtual`` and ``runners``.
    """
    return StudyInputs(
        metrics=given.metrics,
        quality=given.quality,
        studies=getattr(given, "studies", ()),
        claims=getattr(given, "claims", None),
        techniques=given.techniques,
        schemas=given.metrics_list.parent,
        virtual=bool(params.virtual),
        runners=params.runners,
        choices=getattr(given, "choices", None) or None,
        sweep=getattr(given, "sweep", None) or None,
    )


def excluded_trials(quality: Path) -> list[tuple[str, str, str]]:
    """Return (subject, trial, reason) of the trials that quality.csv excludes."""
    require_data(quality, "read_quality")
    text = dict.fromkeys(("subject", "trial", "included", "reason"), str)
    table = read_rows(quality, text).fillna({"reason": ""})
    own = table[table["included"] != "yes"]
    return list(zip(own["subject"], own["trial"], own["reason"], strict=True))


def read_cohort(inputs: StudyInputs, side: str = "both") -> Cohort:
    """Read a cohort's tables and average them; a sweep's angles count as derived trials.

    Raises:
        RecordingError: a table is absent or lacks columns.
        ConfigMistakesError: a technique's file is broken.
    """
    metrics = read_metrics(inputs.metrics)
    choices = None if inputs.choices is None else read_choices(inputs.choices)
    # without a sweep that could be collected the other trials still answer
    if inputs.sweep is not None and excluded_reason(inputs.sweep) is None:
        sweep = read_rows(inputs.sweep, dict.fromkeys(("subject", "trial", "side", "metric"), str))
        steps, shifts = sweep_trials(sweep, metrics)
        metrics = pd.concat([metrics, steps], ignore_index=True)
        choices = pd.concat([choices, shifts], ignore_index=True)
    return build_cohort(
        metrics,
        side=side,
        virtual=inputs.virtual,
        techniques=read_techniques(inputs.techniques, inputs.schemas),
        runners={
            subject: RunnerSize(float(own["mass_kg"]), float(own["height_m"]))
            for subject, own in inputs.runners.items()
        },
        excluded=excluded_trials(inputs.quality),
        choices=choices,
    )


def read_definitions(inputs: StudyInputs) -> tuple[tuple[Study, ...], Claims]:
    """Read studies and claims.

    Raises:
        ConfigMistakesError: every mistake in them.
    """
    studies = read_studies(inputs.studies, inputs.schemas)
    names = [study.name for study in studies]
    if inputs.claims is None:
        return studies, Claims((), ())
    return studies, read_claims(inputs.claims, inputs.schemas, names)


def primary_metrics(studies: Sequence[Study], claims: Claims) -> tuple[str, ...]:
    """Return the metrics that studies and claims name, each once, in their order."""
    named = [metric for study in studies for effect in study.effects for metric in effect.metrics]
    named += [metric for claim in claims.claims for metric in claim.metrics]
    return tuple(dict.fromkeys(named))
