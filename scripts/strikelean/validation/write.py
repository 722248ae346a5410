"""validation.csv and its summary, from a cohort's tables and predictions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.config.validation import ValidationRow
from strikelean.declarations import read_declarations
from strikelean.formats.files import excluded_reason, read_rows, write_table
from strikelean.loads.cohort import read_metrics
from strikelean.studies.definitions import PERCENT
from strikelean.studies.inputs import excluded_trials
from strikelean.validation.built import Built, built_from_of, not_independent
from strikelean.validation.measured import METRIC_OF
from strikelean.validation.predicted import Prediction, prediction_of
from strikelean.validation.rows import (
    VALIDATION_COLUMNS,
    Place,
    Steps,
    Validation,
    validation_table,
)
from strikelean.validation.summary import summarise

TEXT = ("asked", "technique", "side", "metric", "unit", "choice", "reason")
SOLVER = "second_solver"


@dataclass(frozen=True)
class ValidationInputs:
    """Files and facts of one cohort.

    Attributes:
        metrics, quality: metrics.csv and quality.csv of the cohort.
        predicted: predicted_changes.csv of every recording that is changed.
        techniques: models/techniques/*.yaml.
        metrics_list: metrics.yaml.
        moco: what a second solver found (benchmarks/moco.json), None where nobody asked it.
        rows: of the table of validations.
        built: what the cohort's predictions are built from.
        quantities: metrics that are compared.
    """

    metrics: Path
    quality: Path
    predicted: Sequence[Path]
    techniques: Sequence[Path]
    metrics_list: Path
    moco: Path | None
    rows: Sequence[Mapping[str, Any]]
    built: Mapping[str, Any]
    quantities: Sequence[str]


def _place(path: Path) -> Place:
    return path.parents[1].name, path.parent.name


def _predictions(
    paths: Sequence[Path],
) -> tuple[dict[tuple[str, str, str], Prediction], dict[Place, str]]:
    """Return what was predicted, and why a recording has none."""
    found, reasons = {}, {}
    for path in paths:
        why_not = excluded_reason(path)
        if why_not is not None:
            reasons[_place(path)] = why_not
            continue
        table = read_rows(path, dict.fromkeys(TEXT, str))
        for asked, own in table.groupby("asked", sort=False):
            found[(*_place(path), str(asked))] = prediction_of(own)
    return found, reasons


def _solver_rows(moco: Path | None) -> pd.DataFrame:
    """Return what a second solver found of the same problem: no recording, so it counts in none."""
    if moco is None:
        return pd.DataFrame(columns=list(VALIDATION_COLUMNS))
    figures = json.loads(moco.read_text(encoding="utf-8"))
    own, other = (float(figures[f"knee_peak_{name}_percent"]) for name in ("held", "moco"))
    row = {
        "comparison": SOLVER,
        "kind": "solver",
        "quantity": "knee_extension_moment_peak",
        "unit": PERCENT,
        "counted": "no",
        "predicted_change": own,
        "recorded_change": other,
        "error": own - other,
        "reason": "another solver on the same problem (OpenSim Moco), no recording",
    }
    return pd.DataFrame([row], columns=list(VALIDATION_COLUMNS))


def write_validation(inputs: ValidationInputs, output: Path, summary: Path) -> None:
    """Write validation.csv and how often predictions held.

    Args:
        inputs: of the cohort.
        output, summary: tables written.

    Raises:
        RecordingError: a table is absent or lacks columns.
    """
    metrics = read_metrics(inputs.metrics)
    metrics = metrics[~metrics["trial"].str.contains("~", regex=False)]
    units = {
        str(name): str(unit) for name, unit in zip(metrics["metric"], metrics["unit"], strict=True)
    }
    predictions, reasons = _predictions(inputs.predicted)
    excluded = {
        (subject, trial): reason for subject, trial, reason in excluded_trials(inputs.quality)
    }
    rows = [ValidationRow(**row) for row in inputs.rows]
    built = Built(**inputs.built)
    barred = {row: not_independent(row, built) for row in rows if row.ask}
    # what was asked is shown beside what came of it, and counts nowhere
    quantities = list(dict.fromkeys([*inputs.quantities, *METRIC_OF.values()]))
    validation = Validation(
        rows=rows,
        steps=Steps(metrics, units),
        predictions=predictions,
        quantities=quantities,
        built_from=built_from_of(rows, built),
        not_independent=barred,
        reasons={**reasons, **excluded},
    )
    declared = read_declarations(inputs.techniques, inputs.metrics_list)
    table = validation_table(validation, declared)
    write_table(pd.concat([table, _solver_rows(inputs.moco)]), output)
    write_table(summarise(table), summary)
