"""What a model predicts of the changes of one recording, as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.config.settings import Settings
from strikelean.config.validation import ValidationRow
from strikelean.counterfactual.predict_changes import predict_changes
from strikelean.counterfactual.recorded_trial import RecordedFiles
from strikelean.counterfactual.write import open_runner
from strikelean.errors import RecordingError
from strikelean.formats.files import write_table
from strikelean.loads.trial_loads import TrialFacts
from strikelean.pipeline import Progress, quiet
from strikelean.techniques import Technique, parse_technique
from strikelean.validation.measured import METRIC_OF, Place, measured_technique, read_means
from strikelean.validation.rows import asked_key


@dataclass(frozen=True)
class PredictionInputs:
    """What is asked of one recording.

    Attributes:
        asked: a change each: ``row`` of the table of validations, ``controls`` taken off.
        places, steps: recordings whose steps say what is asked, and their metrics.csv.
        quantities: metrics that are compared.
    """

    asked: Sequence[Mapping[str, Any]]
    places: Sequence[Place]
    steps: Sequence[Path]
    quantities: Sequence[str]


def _pair(row: ValidationRow) -> tuple[Place, Place]:
    return (row.subject, row.recorded), (row.subject, row.to)


def _techniques(inputs: PredictionInputs) -> tuple[dict[str, Technique], dict[str, str]]:
    """Return the techniques by what is asked, and why others cannot be asked."""
    means = read_means(dict(zip(inputs.places, inputs.steps, strict=True)))
    techniques: dict[str, Technique] = {}
    reasons: dict[str, str] = {}
    for one in inputs.asked:
        row = ValidationRow(**one["row"])
        key = asked_key(row)
        if not row.to:
            techniques[key] = parse_technique(row.ask)
            continue
        controls = [_pair(ValidationRow(**other)) for other in one["controls"]]
        try:
            techniques[key] = measured_technique(row.parts, _pair(row), controls, means)
        except RecordingError as error:
            reasons[key] = str(error.located(row.subject, row.recorded))
    return techniques, reasons


def write_predictions(
    recorded: RecordedFiles,
    inputs: PredictionInputs,
    settings: Settings,
    facts: TrialFacts,
    output: Path,
    *,
    template: Path | None = None,
    speed: Path | None = None,
    progress: Progress = quiet,
) -> None:
    """Write what a model predicts of every change that is asked of a recording.

    Args:
        recorded: files of the recording.
        inputs: what is asked.
        settings: how a technique is worked out, and how a trial is solved.
        facts: of the recording.
        output: predicted_changes.csv; what cannot be asked or solved has one row with the reason.
        template: group statistics, for strikes; else None.
        speed: what goes with running speed, for speeds; else None.
        progress: called with a line of text now and then.

    Raises:
        RecordingError, ConfigError: unusable inputs.
    """
    techniques, reasons = _techniques(inputs)
    runner = open_runner(recorded, settings, facts, template, speed)
    quantities = list(dict.fromkeys([*inputs.quantities, *METRIC_OF.values()]))
    table = predict_changes(
        runner,
        techniques,
        quantities,
        settings.muscle_variants,
        settings.techniques().band_strides,
        progress,
    )
    told = pd.DataFrame([{"asked": key, "reason": reason} for key, reason in reasons.items()])
    write_table(pd.concat([table, told]).reindex(columns=table.columns), output)
