"""Loads of a trial as files: loads.h5, metrics.csv and quality.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from strikelean.formats.files import write_table, write_text
from strikelean.formats.hdf5 import Waveform, write_waveforms
from strikelean.formats.series import TimeSeries
from strikelean.layout import TrialFiles
from strikelean.loads.metrics_table import Prediction, metrics_table, predicted_table
from strikelean.loads.metrics_waveforms import TrialTables
from strikelean.loads.trial_loads import LoadSettings, SideLoads
from strikelean.quality import load_figures, stage_figures


def waveforms_of(loads: Mapping[str, SideLoads]) -> dict[str, Waveform]:
    """Return waveforms by their place in loads.h5, step numbers among them."""
    places: dict[str, Waveform] = {}
    for side, own in loads.items():
        number = own.steps.number.astype(np.float64)
        places[f"{side}/steps"] = Waveform(number, "1", "number in contacts.csv", "", "measured")
        for quantity, waveform in own.waveforms.items():
            places[f"{side}/{quantity}"] = waveform
    return places


def write_loads(
    tables: TrialTables,
    loads: Mapping[str, SideLoads],
    settings: LoadSettings,
    files: TrialFiles,
    reports: Mapping[str, Any],
    activations: TimeSeries | None = None,
    prediction: Prediction | None = None,
) -> pd.DataFrame:
    """Write loads.h5, metrics.csv and quality.json; return the metrics as they were computed.

    Args:
        tables: that the loads were computed from.
        loads: by side.
        settings: they were computed with.
        files: where they go.
        reports: what each stage says of itself, by stage: ``recording``, ``scaling``,
            ``kinematics``, ``dynamics``, ``muscles``, ``counterfactual``; any may be absent.
        activations: table of activations.sto, or None.
        prediction: of a derived trial, else None.
    """
    figures = stage_figures(reports, activations)
    figures |= load_figures(
        tables.contacts, {side: own.metrics for side, own in loads.items()}, settings.facts.mass_kg
    )
    provenance = {
        "subject": settings.facts.subject,
        "trial": settings.facts.trial,
        "torso_observed": "yes" if tables.torso_observed else "no",
    }
    write_waveforms(files.loads, waveforms_of(loads), provenance)
    table = own = metrics_table(loads, settings)
    notes = list(tables.notes)
    if prediction is not None:
        table, note = predicted_table(table, prediction)
        notes += [note] if note else []
    write_table(table, files.metrics)
    figures["stage_warnings"] = "; ".join(filter(None, [str(figures["stage_warnings"]), *notes]))
    write_text(files.quality, json.dumps(figures, indent=1, allow_nan=False) + "\n")
    return own
