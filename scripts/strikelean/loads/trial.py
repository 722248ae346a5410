"""Loads of one trial: read its files, evaluate every step, write the three results."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.errors import RecordingError
from strikelean.formats.files import whole_file, write_text
from strikelean.formats.hdf5 import Waveform, write_waveforms
from strikelean.formats.series import TimeSeries
from strikelean.formats.sto import read_sto
from strikelean.formats.trc import read_trc
from strikelean.loads.achilles import MUSCLE_GROUPS
from strikelean.loads.metrics import (
    Metric,
    Runner,
    contacts_per_km,
    plain_metrics,
    torsion_metrics,
    waveform_metrics,
)
from strikelean.loads.metrics_ankle import ankle_metrics
from strikelean.loads.metrics_ground import ground_metrics
from strikelean.loads.metrics_landing import landing_metrics
from strikelean.loads.metrics_list import MetricDefinition, read_metrics_list
from strikelean.loads.metrics_waveforms import (
    StanceWaveform,
    TrialTables,
    WaveformSettings,
    evaluate_waveforms,
)
from strikelean.loads.patellofemoral_frontal import frontal_metrics, frontal_waveforms
from strikelean.loads.steps import Steps, read_contacts, spatiotemporal, steps_of
from strikelean.markersets import SIDES
from strikelean.quality import load_figures, stage_figures
from strikelean.signals import lowpass

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


@dataclass(frozen=True)
class LoadInputs:
    """Files of one trial.

    Attributes:
        contacts, ground, markers, kinematics, body_points, moments, muscle_forces,
            joint_reactions: contacts.csv, grf_unfiltered.mot, markers.trc,
            kinematics.mot, body_points.sto, moments.sto, muscle_forces.sto and
            joint_reactions.sto.
        knee3: kinematics_knee3.mot, None when it was not asked for.
        reports: the stages' JSON reports by stage (``recording``, ``scaling``,
            ``kinematics``, ``dynamics``, ``muscles``); any may be absent.
        activations: activations.sto, for the reserves, or None.
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


@dataclass(frozen=True)
class LoadOutputs:
    """Where loads.h5, metrics.csv and quality.json go."""

    waveforms: Path
    metrics: Path
    quality: Path


@dataclass(frozen=True)
class LoadSettings:
    """What the files do not say.

    Attributes:
        subject, trial, condition: as in the tables.
        mass_kg, height_m: of the runner.
        belt_speed_m_s: belt speed, None overground.
        loading_rate_cutoff_hz: low-pass of the ground force for peaks and rates.
        filter_order: order of that filter.
        trunk_markers: marker of each trunk role of the marker set.
        metrics_list: config/schemas/metrics.yaml.
        muscle_groups: members of each muscle group without the side's suffix.
    """

    subject: str
    trial: str
    condition: str
    mass_kg: float
    height_m: float
    belt_speed_m_s: float | None
    loading_rate_cutoff_hz: float
    filter_order: int
    trunk_markers: Mapping[str, str]
    metrics_list: Path
    muscle_groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MUSCLE_GROUPS)

    @property
    def basis(self) -> str:
        """``predicted`` for a derived trial (``<trial>~<technique>``), else ``measured``."""
        return "predicted" if "~" in self.trial else "measured"


@dataclass(frozen=True)
class SideLoads:
    """Waveforms and metrics of one foot."""

    steps: Steps
    waveforms: dict[str, StanceWaveform]
    metrics: dict[str, Metric]


def low_passed_ground(ground: TimeSeries, cutoff_hz: float, order: int) -> TimeSeries:
    """Return the ground table with its force columns low-passed, zero lag."""
    rate_hz = 1.0 / float(np.median(np.diff(ground.time_s)))
    values = ground.values.copy()
    forces = [i for i, name in enumerate(ground.columns) if name[-3:] in ("_vx", "_vy", "_vz")]
    values[:, forces] = lowpass(values[:, forces], rate_hz, cutoff_hz, order, ground.time_s)
    return replace(ground, values=values)


def read_tables(inputs: LoadInputs, settings: LoadSettings) -> TrialTables:
    """Read a trial's files.

    Raises:
        RecordingError: a file is absent or broken.
        ExcludedError: an earlier step excluded the trial.
    """
    ground = read_sto(inputs.ground)
    return TrialTables(
        contacts=read_contacts(inputs.contacts),
        kinematics=read_sto(inputs.kinematics),
        body_points=read_sto(inputs.body_points),
        moments=read_sto(inputs.moments),
        muscle_forces=read_sto(inputs.muscle_forces),
        joint_reactions=read_sto(inputs.joint_reactions),
        ground=low_passed_ground(ground, settings.loading_rate_cutoff_hz, settings.filter_order),
        knee3=read_sto(inputs.knee3) if inputs.knee3 is not None else None,
        markers=read_trc(inputs.markers),
    )


def trial_loads(tables: TrialTables, settings: LoadSettings) -> dict[str, SideLoads]:
    """Evaluate every selected step.

    Returns:
        Loads by side; a side without a selected contact is absent.

    Raises:
        RecordingError: no contact is selected on either side.
    """
    runner = Runner(settings.mass_kg, settings.height_m)
    all_steps = {side: steps_of(tables.contacts, side) for side in SIDES}
    known = {side: steps for side, steps in all_steps.items() if steps.number.size}
    if not known:
        raise RecordingError(
            "compute_loads",
            "at least one selected contact",
            f"none among {len(tables.contacts)}",
            "Look at the reasons in contacts.csv",
        )
    walked = {
        side: spatiotemporal(steps, tables.body_points, settings.belt_speed_m_s)
        for side, steps in known.items()
    }
    # One figure for both feet: a kilometre has as many right contacts as left ones.
    lengths = np.concatenate([metrics["step_length"] for metrics in walked.values()])
    per_km = contacts_per_km(lengths)
    measured = settings.basis == "measured"
    com_basis = "assumed" if measured and not tables.torso_observed else settings.basis
    evaluate = WaveformSettings(settings.trunk_markers, settings.muscle_groups, settings.basis)
    result = {}
    for side, steps in known.items():
        plain = walked[side] | ground_metrics(steps, tables.ground, runner.weight_n)
        plain |= landing_metrics(steps, tables.ground, tables.body_points)
        waveforms = evaluate_waveforms(tables, steps, evaluate)
        waveforms |= frontal_waveforms(waveforms)
        duration = steps.contact_time_s
        metrics = plain_metrics(plain, runner, settings.basis, com_basis)
        metrics |= waveform_metrics(waveforms, duration, per_km, runner)
        metrics |= torsion_metrics(waveforms, duration, per_km, runner)
        metrics |= ankle_metrics(waveforms, runner)
        metrics |= frontal_metrics(waveforms, duration, per_km)
        result[side] = SideLoads(steps, waveforms, metrics)
    return result


def metrics_table(
    loads: Mapping[str, SideLoads],
    settings: LoadSettings,
    definitions: Mapping[str, MetricDefinition],
) -> pd.DataFrame:
    """Return the tidy table of metrics, one row a step and metric.

    Metrics come in the list's order; a value that is not known is blank, so what is
    missing can be seen. Brackets are blank where there are none.

    Raises:
        KeyError: a metric was computed that the list does not have (a defect).
    """
    frames = []
    for side, own in loads.items():
        unlisted = set(own.metrics) - set(definitions)
        if unlisted:
            raise KeyError(f"metrics not in the list: {sorted(unlisted)}")
        count = own.steps.number.size
        for name, definition in definitions.items():
            if name not in own.metrics:
                continue
            metric = own.metrics[name]
            none = np.full(count, np.nan)
            frames.append(
                pd.DataFrame(
                    {
                        "side": side,
                        "step": own.steps.number,
                        "metric": name,
                        "value": metric.values,
                        "value_low": metric.low if metric.low.size else none,
                        "value_high": metric.high if metric.high.size else none,
                        "unit": definition.unit,
                        "basis": metric.basis,
                    }
                )
            )
    table = pd.concat(frames, ignore_index=True)
    for position, key in enumerate(("subject", "trial", "condition")):
        table.insert(position, key, getattr(settings, key))
    return table[list(METRIC_COLUMNS)]


def hdf5_waveforms(loads: Mapping[str, SideLoads]) -> dict[str, Waveform]:
    """Return waveforms by their place in loads.h5, step numbers among them."""
    places: dict[str, Waveform] = {}
    for side, own in loads.items():
        number = own.steps.number.astype(np.float64)
        places[f"{side}/steps"] = Waveform(number, "1", "number in contacts.csv", "", "measured")
        for quantity, waveform in own.waveforms.items():
            places[f"{side}/{quantity}"] = waveform
    return places


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with seven significant digits, whole or not at all."""
    with whole_file(path) as sibling:
        table.to_csv(sibling, index=False, float_format="%.7g", lineterminator="\n")


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
    write_table(metrics_table(loads, settings, definitions), outputs.metrics)
    write_text(outputs.quality, json.dumps(figures, indent=1, allow_nan=False) + "\n")
    progress(f"wrote {outputs.metrics.name}")
