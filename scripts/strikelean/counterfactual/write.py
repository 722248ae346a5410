"""A derived trial as files: the same as a recording's, so that every later stage is unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.config.settings import Settings
from strikelean.counterfactual.cadence import read_posture
from strikelean.counterfactual.derive import DerivedTrial
from strikelean.counterfactual.evaluate import Evaluation, body_points
from strikelean.counterfactual.propose import Choices
from strikelean.counterfactual.recorded_trial import RecordedFiles, RecordedTrial, read_recorded
from strikelean.counterfactual.solve_techniques import TechniqueSolver
from strikelean.counterfactual.speed import read_speed
from strikelean.counterfactual.templates import read_template
from strikelean.declarations import Declaration
from strikelean.errors import StrikeleanError
from strikelean.formats.contacts import write_contacts
from strikelean.formats.files import write_table, write_text
from strikelean.formats.ground import write_ground
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.layout import TrialFiles
from strikelean.loads.metrics_table import BAND_COLUMNS, Prediction
from strikelean.loads.trial_loads import TrialFacts
from strikelean.motion.coordinates_io import write_coordinates
from strikelean.muscles.solve import read_legs
from strikelean.pipeline import Progress, RunnerModel, Trial, quiet, read_trial
from strikelean.resources import cadence_posture
from strikelean.techniques import LEAN_WARNS_DEG, Technique
from strikelean.trial_results import finish_trial


def open_runner(
    recorded: RecordedFiles,
    settings: Settings,
    facts: TrialFacts,
    template: Path | None = None,
    speed: Path | None = None,
) -> TechniqueSolver:
    """Read a recording with all that is needed to change it.

    Args:
        recorded: files of the recording.
        settings: how a technique is worked out, and how a trial is solved.
        facts: of the recording.
        template: slopes on foot-strike angle, for strikes; else None.
        speed: what goes with running speed, for speeds; else None.
    """
    chosen, loads = settings.techniques(), settings.loads(facts)
    base = read_recorded(recorded, chosen.strides, settings.recording.cop_min_force_n)
    report = json.loads(recorded.trial.kinematics_report.read_text(encoding="utf-8"))
    how = Evaluation(
        legs=read_legs(recorded.model, base.motion.tree),
        muscles=settings.muscles,
        loads=loads,
        torso_observed=bool(report["torso_observed"]),
    )
    slopes = None if template is None else read_template(template)
    posture = read_posture(cadence_posture()) if chosen.cadence_posture else None
    choices = Choices(
        hip_share=chosen.hip_share,
        lean_step_rate=chosen.lean_step_rate,
        vertical=chosen.strike_vertical_force,
        contact_time=chosen.strike_contact_time,
        step_rate=chosen.strike_step_rate,
    )
    with_speed = None if speed is None else read_speed(speed)
    return TechniqueSolver(base, how, choices, slopes, posture=posture, speed=with_speed)


def write_derived(
    base: RecordedTrial,
    trial: DerivedTrial,
    reports: Mapping[str, Mapping[str, Any]],
    files: TrialFiles,
    torso_observed: bool,
) -> None:
    """Write a derived trial's motion, forces, markers, contacts and reports."""
    tree = base.motion.tree
    write_trc(files.markers, trial.markers)
    write_ground(files.grf, trial.grf)
    write_ground(files.grf_unfiltered, trial.grf_unfiltered)
    write_coordinates(files.kinematics, tree, trial.time_s, trial.coordinates)
    write_sto(files.body_points, body_points(base, trial, torso_observed), "body_points")
    write_contacts(trial.contacts, files.contacts)
    for name, path in (("recording", files.recording), ("kinematics", files.kinematics_report)):
        write_text(path, json.dumps(reports[name], indent=2, allow_nan=False) + "\n")


def _warnings(technique: Technique, torso_observed: bool, refused: str, *, lone: bool) -> list[str]:
    lines = []
    if lone:
        lines.append("solved from stances alone, the other foot's step taken as their mirror image")
    if abs(technique.lean_deg) > LEAN_WARNS_DEG:
        lines.append(f"a lean beyond {LEAN_WARNS_DEG} deg is a stretch of the model")
    if technique.lean_deg and not torso_observed:
        lines.append("the trunk was not recorded: its lean starts from an assumed one")
    if refused:
        lines.append(f"strides refused: {refused}")
    return lines


def solve_counterfactual(
    recorded: RecordedFiles,
    technique: Technique,
    settings: Settings,
    facts: TrialFacts,
    files: TrialFiles,
    declaration: Declaration,
    *,
    template: Path | None = None,
    speed: Path | None = None,
    progress: Progress = quiet,
    written: Callable[[Sequence[Path]], None] = lambda paths: None,
) -> Trial:
    """Take a recording's runner with another technique to its loads, and write the trial's files.

    Args:
        recorded: files of the recording.
        technique: what is asked.
        settings: how a technique is worked out, and how a trial is solved.
        facts: of the recording.
        files: written; ``band.csv`` has how far each metric moves with the choices.
        declaration: what the technique says of metrics.
        template: slopes on foot-strike angle, for strikes; else None.
        speed: what goes with running speed, for speeds; else None.
        progress: called with a line of text as the work goes on.
        written: called with the files of a stage that has ended.

    Raises:
        SolverError: every stride was refused.
        RecordingError, ConfigError: unusable inputs.
    """
    runner = open_runner(recorded, settings, facts, template, speed)
    solved = runner.solve(technique, progress=progress)
    trial = runner.derive(solved)
    observed = runner.how.torso_observed
    figures = solved.figures() | {"technique": technique.name}
    of_recording = recorded.trial
    reports = {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name, path in (
            ("recording", of_recording.recording),
            ("kinematics", of_recording.kinematics_report),
        )
    }
    reports["recording"] |= {
        "derived_from": facts.trial,
        "technique": technique.name,
        "warnings": [
            *reports["recording"].get("warnings", []),
            *_warnings(technique, observed, solved.reasons(), lone=runner.base.lone),
        ],
    }
    write_derived(runner.base, trial, reports, files, observed)
    write_text(files.counterfactual, json.dumps(figures, indent=2) + "\n")
    strides = settings.techniques().band_strides
    progress(f"band: from {strides} strides, one choice at a time")
    write_table(runner.band(solved, strides, progress), files.band)
    written((*files.of_recording(), *files.of_kinematics(), files.counterfactual, files.band))
    # read from its files, as what a recording wrote is: every later stage is the same
    changed = read_trial(files, RunnerModel(runner.base.motion.tree, runner.how.legs))
    own = facts.derived(technique.name, 1.0 + technique.speed_percent / 100.0)
    prediction = Prediction(files.band, declaration)
    return finish_trial(
        changed, settings, own, files, recorded.runner.scaling, prediction, progress
    )


def band_conditions(
    recorded: RecordedFiles,
    techniques: Mapping[str, Technique],
    settings: Settings,
    facts: TrialFacts,
    outputs: Mapping[str, Path],
    template: Path | None = None,
    progress: Progress = quiet,
) -> None:
    """Write how far predictions of a runner's other conditions move with the choices.

    For virtual runners: what they do in a condition is a prediction already, worked out under
    one set of choices; this says how much another would have changed it.

    Args:
        recorded: files of the recording that conditions were made from.
        techniques: by condition's trial.
        settings: how a technique is worked out, and how a trial is solved.
        facts: of the recording.
        outputs: a band each; without rows where every stride was refused, or none could be
            worked out.
        template: slopes on foot-strike angle, for strikes; else None.
        progress: called with a line of text as the work goes on.
    """
    runner = open_runner(recorded, settings, facts, template)
    bands = _bands(runner, list(techniques.values()), settings.techniques().band_strides, progress)
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
