"""The tidy table of metrics, one row a step and metric, and what a prediction adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from strikelean.declarations import WITHHELD, Declaration
from strikelean.formats.files import excluded_reason

if TYPE_CHECKING:  # what only reads the table does without all that makes it
    from strikelean.loads.trial_loads import LoadSettings, SideLoads

METRIC_COLUMNS = (
    "subject",
    "trial",
    "condition",
    "side",
    "step",
    "metric",
    "value",
    "value_low",
    "value_high",
    "unit",
    "basis",
)
# a trial's own table: its condition is a label of the cohort's tables, and may change without it
TRIAL_COLUMNS = tuple(name for name in METRIC_COLUMNS if name != "condition")
BAND_KEY = ["side", "metric"]
BAND_COLUMNS = [*BAND_KEY, "below", "above"]
"""Of band.csv, before one column a choice."""


def metrics_table(
    loads: Mapping[str, SideLoads],
    settings: LoadSettings,
) -> pd.DataFrame:
    """Return the tidy table of metrics, one row a step and metric.

    Metrics come in the list's order; a value that is not known is blank, so what is
    missing can be seen. Brackets are blank where there are none.

    Args:
        loads: of every side.
        settings: with the list of metrics, and subject and trial, the same in every row.

    Raises:
        KeyError: a metric was computed that the list does not have (a defect).
    """
    definitions = settings.metrics
    columns: dict[str, list[np.ndarray]] = {"value": [], "value_low": [], "value_high": []}
    labels: dict[str, list[str]] = {"side": [], "metric": [], "unit": [], "basis": []}
    steps, counts = [], []
    for side, own in loads.items():
        unlisted = set(own.metrics) - set(definitions)
        if unlisted:
            raise KeyError(f"metrics not in the list: {sorted(unlisted)}")
        count = own.steps.number.size
        none = np.full(count, np.nan)
        names = [name for name in definitions if name in own.metrics]
        for name in names:
            metric = own.metrics[name]
            columns["value"].append(metric.values)
            columns["value_low"].append(metric.low if metric.low.size else none)
            columns["value_high"].append(metric.high if metric.high.size else none)
            row = (side, name, definitions[name].unit, metric.basis)
            for label, text in zip(labels.values(), row, strict=True):
                label.append(text)
            steps.append(own.steps.number)
            counts.append(count)
    # labels repeat: one array of references a column, not one table a metric
    table = {name: np.repeat(np.array(text, dtype=object), counts) for name, text in labels.items()}
    table |= {name: np.concatenate(parts) for name, parts in columns.items()}
    told = {key: getattr(settings.facts, key) for key in ("subject", "trial")}
    frame = pd.DataFrame(table | {"step": np.concatenate(steps)} | told)
    return frame[list(TRIAL_COLUMNS)]


def band_of(central: pd.DataFrame, tried: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how far each metric moves with the choices.

    Args:
        central: metrics (columns of metrics.csv) of some strides under the choices made.
        tried: of the same strides under one other choice each.

    Returns:
        side, metric, below, above (at most 0, at least 0, in the metric's unit) and one column a
        variant with its shift.
    """

    def means(table: pd.DataFrame) -> pd.Series[float]:
        return table.groupby(BAND_KEY, sort=False)["value"].mean()

    middle = means(central)
    shifts = {name: means(table) - middle for name, table in tried.items()}
    table = pd.DataFrame(shifts, index=middle.index)
    below, above = table.min(axis=1).clip(upper=0.0), table.max(axis=1).clip(lower=0.0)
    table.insert(0, "below", below.fillna(0.0))
    table.insert(1, "above", above.fillna(0.0))
    return table.reset_index()


def add_band(metrics: pd.DataFrame, band: pd.DataFrame) -> pd.DataFrame:
    """Return metrics with ``value_low`` and ``value_high`` widened by a band.

    What is known of one foot alone holds for both: a virtual runner on a runway has the band of a
    condition from one stance. A bracket that a metric has of its own (stress beyond a contact
    area's data) is kept inside.

    Args:
        metrics: columns of metrics.csv.
        band: side, metric, below (at most 0) and above (at least 0), in the metric's unit; without
            rows nothing is known, and metrics stay as they are.
    """
    if band.empty:
        return metrics
    sides = set(band["side"])
    if len(sides) == 1:
        others = sorted(set(metrics["side"]) - sides)
        band = pd.concat([band, *(band.assign(side=side) for side in others)])
    widths = metrics[BAND_KEY].merge(band[[*BAND_KEY, "below", "above"]], on=BAND_KEY, how="left")
    result = metrics.copy()
    for column, width in (("value_low", "below"), ("value_high", "above")):
        edge = result[column].where(result[column].notna(), result["value"])
        result[column] = edge + widths[width].fillna(0.0).to_numpy()
    return result


@dataclass(frozen=True)
class Prediction:
    """What a derived trial has beside its motion.

    Attributes:
        band: band.csv, how far each metric moves with what was chosen, not known; where it
            holds the note of a solve that failed no band is known.
        declaration: what its technique says of metrics; None of a virtual runner's recording,
            in which nothing is withheld.
    """

    band: Path
    declaration: Declaration | None


def predicted_table(metrics: pd.DataFrame, prediction: Prediction) -> tuple[pd.DataFrame, str]:
    """Return a derived trial's metrics with their band, blank where they are not reliable.

    Beside them stands why there is no band, empty where there is one.
    """
    why_not = excluded_reason(prediction.band)
    note = "" if why_not is None else f"without the model's band: {why_not}"
    result = metrics.copy() if note else add_band(metrics, pd.read_csv(prediction.band))
    if prediction.declaration is None:
        return result, note
    statuses = {name: prediction.declaration.status(name) for name in result["metric"].unique()}
    withheld = result["metric"].map(statuses) == WITHHELD
    result.loc[withheld, ["value", "value_low", "value_high"]] = np.nan
    return result, note
