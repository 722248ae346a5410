"""A derived trial as files: the same as a recording's, so that every later stage is unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.counterfactual.bands import BAND_COLUMNS
from strikelean.counterfactual.derive import DerivedTrial
from strikelean.counterfactual.evaluate import Evaluation, body_points
from strikelean.counterfactual.propose import Choices
from strikelean.counterfactual.recorded_trial import BaseInputs, BaseTrial, read_base
from strikelean.counterfactual.solve_techniques import TechniqueSolver
from strikelean.counterfactual.templates import read_template
from strikelean.errors import StrikeleanError
from strikelean.formats.contacts import write_contacts
from strikelean.formats.files import write_table, write_text
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.layout import TrialFiles
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.trial_loads import LoadSettings
from strikelean.motion.coordinates_io import write_coordinates
from strikelean.muscles.leg import MuscleSettings
from strikelean.muscles.solve import read_legs
from strikelean.techniques import LEAN_WARNS_DEG, Technique

Progress = Callable[[str], None]


@dataclass(frozen=True)
class CounterfactualInputs:
    """Files a derived trial is made of.

    Attributes:
        base: of the recording.
        recording_json, kinematics_json: reports of the recording, carried along.
        template: group statistics, for strikes; else None.
    """

    base: BaseInputs
    recording_json: Path
    kinematics_json: Path
    template: Path | None


@dataclass(frozen=True)
class CounterfactualSettings:
    """What the configuration says.

    Attributes:
        strides, band_strides: strides of the trial, and of its band.
        hip_share: part of a lean that comes from the hips.
        cop_min_force_n: as for the recording.
        muscles: how moments are shared.
    """

    strides: int
    band_strides: int
    hip_share: float
    cop_min_force_n: float
    muscles: MuscleSettings


def open_runner(
    inputs: CounterfactualInputs, settings: CounterfactualSettings, loads: LoadSettings
) -> TechniqueSolver:
    """Read a recording with all that is needed to change it."""
    base = read_base(inputs.base, settings.strides, settings.cop_min_force_n)
    report = json.loads(inputs.kinematics_json.read_text(encoding="utf-8"))
    how = Evaluation(
        legs=read_legs(inputs.base.scaled_osim, base.motion.tree),
        muscles=settings.muscles,
        loads=loads,
        definitions=read_metrics_list(loads.metrics_list),
        torso_observed=bool(report["torso_observed"]),
    )
    choices = Choices(hip_share=settings.hip_share)
    template = None if inputs.template is None else read_template(inputs.template)
    return TechniqueSolver(base, how, choices, template)


def write_derived(
    base: BaseTrial,
    trial: DerivedTrial,
    reports: Mapping[str, Mapping[str, Any]],
    files: TrialFiles,
    torso_observed: bool,
) -> None:
    """Write a derived trial's motion, forces, markers, contacts and reports."""
    tree = base.motion.tree
    write_trc(files.markers, trial.markers)
    write_sto(files.grf, trial.grf)
    write_sto(files.grf_unfiltered, trial.grf_unfiltered)
    write_coordinates(files.kinematics, tree, trial.time_s, trial.coordinates)
    write_sto(files.body_points, body_points(base, trial, torso_observed), "body_points")
    write_contacts(trial.contacts, files.contacts)
    for name, path in (("recording", files.recording), ("kinematics", files.kinematics_report)):
        write_text(path, json.dumps(reports[name], indent=2, allow_nan=False) + "\n")


def _warnings(technique: Technique, torso_observed: bool, refused: str) -> list[str]:
    lines = []
    if abs(technique.lean_deg) > LEAN_WARNS_DEG:
        lines.append(f"a lean beyond {LEAN_WARNS_DEG} deg is a stretch of the model")
    if technique.lean_deg and not torso_observed:
        lines.append("the trunk was not recorded: its lean starts from an assumed one")
    if refused:
        lines.append(f"strides refused: {refused}")
    return lines


def solve_counterfactual(
    inputs: CounterfactualInputs,
    technique: Technique,
    settings: CounterfactualSettings,
    loads: LoadSettings,
    files: TrialFiles,
    progress: Progress = lambda line: None,
) -> None:
    """Work out a recording's runner with another technique, and write the trial's files.

    Args:
        inputs: the recording's files.
        technique: what is asked.
        settings: strides and choices.
        loads: what metrics need, of the recording; for the band.
        files: written; ``band.csv`` has how far each metric moves with the choices.
        progress: called with a line of text as the work goes on.

    Raises:
        SolverError: every stride was refused.
        RecordingError, ConfigError: unusable inputs.
    """
    runner = open_runner(inputs, settings, loads)
    solved = runner.solve(technique, progress=progress)
    trial = runner.derive(solved)
    observed = runner.how.torso_observed
    figures = solved.figures() | {"technique": technique.name}
    reports = {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name, path in (
            ("recording", inputs.recording_json),
            ("kinematics", inputs.kinematics_json),
        )
    }
    reports["recording"] |= {
        "derived_from": loads.trial,
        "technique": technique.name,
        "warnings": [
            *reports["recording"].get("warnings", []),
            *_warnings(technique, observed, solved.reasons()),
        ],
    }
    write_derived(runner.base, trial, reports, files, observed)
    write_text(files.counterfactual, json.dumps(figures, indent=2) + "\n")
    progress(f"band: from {settings.band_strides} strides, one choice at a time")
    band = runner.band(solved, settings.band_strides, progress)
    write_table(band, files.band)


def band_conditions(
    inputs: CounterfactualInputs,
    techniques: Mapping[str, Technique],
    settings: CounterfactualSettings,
    loads: LoadSettings,
    outputs: Mapping[str, Path],
    progress: Progress = lambda line: None,
) -> None:
    """Write how far predictions of a runner's other conditions move with the choices.

    For virtual runners: what they do in a condition is a prediction already, worked out under
    one set of choices; this says how much another would have changed it.

    Args:
        inputs: files of the recording that conditions were made from.
        techniques: by condition's trial.
        settings: strides and choices.
        loads: what metrics need, of the recording.
        outputs: a band each; without rows where every stride was refused, or none could be
            worked out.
        progress: called with a line of text as the work goes on.
    """
    runner = open_runner(inputs, settings, loads)
    bands = _bands(runner, list(techniques.values()), settings.band_strides, progress)
    for name, band in zip(techniques, bands, strict=True):
        write_table(band, outputs[name])


def _bands(
    runner: TechniqueSolver, techniques: Sequence[Technique], strides: int, progress: Progress
) -> list[pd.DataFrame]:
    """Return a band each, worked out side by side; without rows where there is none."""
    try:
        solved = runner.solve_all(techniques)
        for one in solved:
            progress(f"{one.technique.name}: {one.reasons() or 'solved'}")
        worked = iter(runner.bands([one for one in solved if one.strides], strides, progress))
        none = pd.DataFrame(columns=BAND_COLUMNS)
        return [next(worked) if one.strides else none for one in solved]
    except StrikeleanError as error:
        if len(techniques) == 1:
            progress(f"{techniques[0].name}: {error}")
            return [pd.DataFrame(columns=BAND_COLUMNS)]
    # one condition less, not all of them
    return [_bands(runner, [technique], strides, progress)[0] for technique in techniques]
