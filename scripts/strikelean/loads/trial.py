"""Loads of one trial: read its files, evaluate every step, write the three results."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from strikelean.formats.files import excluded_reason, write_table, write_text
from strikelean.formats.hdf5 import Waveform, write_waveforms
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.metrics_table import Prediction, metrics_table, predicted_table
from strikelean.loads.metrics_waveforms import TrialTables
from strikelean.loads.steps import read_contacts
from strikelean.loads.trial_loads import (
    LoadSettings,
    SideLoads,
    low_passed_ground,
    slow_ground,
    trial_loads,
)
from strikelean.quality import load_figures, stage_figures


@dataclass(frozen=True)
class LoadInputs:
    """Files of one trial.

    Attributes:
        contacts, ground, markers, kinematics, body_points, moments, muscle_forces,
            joint_reactions: contacts.csv, grf_unfiltered.mot, markers.trc,
            kinematics.mot, body_points.sto, moments.sto, muscle_forces.sto and
            joint_reactions.sto.
        knee3: kinematics_knee3.mot, None when it was not asked for; where it holds the note of
            a solve that failed its metrics are blank.
        reports: the stages' JSON reports by stage (``recording``, ``scaling``,
            ``kinematics``, ``dynamics``, ``muscles``); any may be absent.
        activations: activations.sto, for the reserves, or None.
        prediction: of a derived trial, else None.
    """

    contacts: Path
    ground: Path
    markers: Path
    kinematics: Path
    body_points: Path
    moments: Path
    muscle_forces: Path
    joint_reactions: Path
    knee3: Path | None = None
    reports: Mapping[str, Path] = field(default_factory=dict)
    activations: Path | None = None
    prediction: Prediction | None = None


@dataclass(frozen=True)
class LoadOutputs:
    """Where loads.h5, metrics.csv and quality.json go."""

    waveforms: Path
    metrics: Path
    quality: Path


def read_tables(inputs: LoadInputs, settings: LoadSettings) -> TrialTables:
    """Read a trial's files.

    Raises:
        RecordingError: a file is absent or broken.
        ExcludedError: an earlier step excluded the trial.
    """
    ground = read_sto(inputs.ground)
    notes = [slow_ground(ground, settings.loading_rate_cutoff_hz)]
    knee3 = None
    if inputs.knee3 is not None:
        why_not = excluded_reason(inputs.knee3)
        if why_not is None:
            knee3 = read_sto(inputs.knee3)
        else:
            notes.append(f"knee with three rotations left blank: {why_not}")
    return TrialTables(
        contacts=read_contacts(inputs.contacts),
        kinematics=read_sto(inputs.kinematics),
        body_points=read_sto(inputs.body_points),
        moments=read_sto(inputs.moments),
        muscle_forces=read_sto(inputs.muscle_forces),
        joint_reactions=read_sto(inputs.joint_reactions),
        ground=low_passed_ground(ground, settings.loading_rate_cutoff_hz, settings.filter_order),
        knee3=knee3,
        markers=read_trc(inputs.markers),
        notes=tuple(note for note in notes if note),
    )


def hdf5_waveforms(loads: Mapping[str, SideLoads]) -> dict[str, Waveform]:
    """Return waveforms by their place in loads.h5, step numbers among them."""
    places: dict[str, Waveform] = {}
    for side, own in loads.items():
        number = own.steps.number.astype(np.float64)
        places[f"{side}/steps"] = Waveform(number, "1", "number in contacts.csv", "", "measured")
        for quantity, waveform in own.waveforms.items():
            places[f"{side}/{quantity}"] = waveform
    return places


def compute_loads(
    inputs: LoadInputs,
    outputs: LoadOutputs,
    settings: LoadSettings,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Compute the loads of one trial and write loads.h5, metrics.csv and quality.json.

    Args:
        inputs: the trial's files.
        outputs: the three files written.
        settings: what the files do not say.
        progress: called with a line of text as the work goes on.

    Raises:
        RecordingError: a file is absent or broken, or no contact is selected.
        ExcludedError: an earlier step excluded the trial.
        ConfigError: the list of metrics is broken.
    """
    definitions = read_metrics_list(settings.metrics_list)
    tables = read_tables(inputs, settings)
    progress("read the trial's tables")
    loads = trial_loads(tables, settings)
    counts = ", ".join(f"{own.steps.number.size} {side}" for side, own in loads.items())
    progress(f"evaluated {counts} steps")
    figures = stage_figures(inputs.reports, inputs.activations)
    figures |= load_figures(
        tables.contacts, {side: own.metrics for side, own in loads.items()}, settings.mass_kg
    )
    provenance = {
        "subject": settings.subject,
        "trial": settings.trial,
        "condition": settings.condition,
        "torso_observed": "yes" if tables.torso_observed else "no",
    }
    write_waveforms(outputs.waveforms, hdf5_waveforms(loads), provenance)
    table = metrics_table(loads, settings, definitions)
    notes = list(tables.notes)
    if inputs.prediction is not None:
        table, note = predicted_table(table, inputs.prediction)
        notes += [note] if note else []
    write_table(table, outputs.metrics)
    told = str(figures["stage_warnings"] or "")
    figures["stage_warnings"] = "; ".join(filter(None, [told, *notes]))
    write_text(outputs.quality, json.dumps(figures, indent=1, allow_nan=False) + "\n")
    progress(f"wrote {outputs.metrics.name}")
