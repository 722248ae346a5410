"""A trial's results as files, and how far they hang on how moments are shared among muscles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from strikelean.dynamics.solve import StockFiles
from strikelean.exclusions import write_note
from strikelean.formats.files import write_table, write_text
from strikelean.formats.sto import write_sto
from strikelean.lab.summary import NO_FORCES
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.loads.metrics_table import Prediction, band_of, metrics_table
from strikelean.loads.trial_loads import LoadSettings, TrialFacts, trial_loads
from strikelean.loads.write_loads import write_loads
from strikelean.muscles.leg import MuscleSettings
from strikelean.pipeline import (
    Progress,
    Trial,
    made,
    measure_loads,
    quiet,
    share_in_ways,
    solve_loads,
    solve_reactions,
    tables_of,
)
from strikelean.quality import read_report

if TYPE_CHECKING:
    from strikelean.config.settings import Settings


def vary_muscles(
    trial: Trial,
    variants: Mapping[str, MuscleSettings],
    loads: LoadSettings,
    own: pd.DataFrame,
    progress: Progress = quiet,
) -> pd.DataFrame:
    """Return how far each metric moves where moments are shared in another way.

    The net moments are the same; muscle forces, joint reactions and all that comes of them are
    worked out again, one variant at a time.

    Args:
        trial: with its loads.
        variants: settings by name.
        loads: the trial's loads were measured with.
        own: the trial's metrics.
        progress: called with a line of text as the work goes on.

    Returns:
        As :func:`strikelean.loads.metrics_table.band_of`, a column a variant; without rows where
        there is none.
    """
    tables, tried = tables_of(trial, loads), {}
    shared = share_in_ways(trial, list(variants.values()), before=trial.muscles)
    for name, one in zip(variants, shared, strict=True):
        other = solve_reactions(one)
        # all else is the trial's own
        moved = replace(
            tables,
            muscle_forces=made(other.muscles, "share_muscles").forces,
            joint_reactions=made(other.reactions, "solve_reactions"),
        )
        tried[name] = metrics_table(trial_loads(moved, loads), loads)
        progress(f"muscles otherwise: {name}")
    band = band_of(own, tried)
    return band[band[list(tried)].abs().gt(0.0).any(axis=1)] if tried else band.iloc[:0]


def _write_report(path: Path, report: Mapping[str, object]) -> None:
    write_text(path, json.dumps(report, indent=2) + "\n")


def write_forces(trial: Trial, files: TrialFiles) -> None:
    """Write moments, muscle forces and joint reactions, in formats that OpenSim's GUI opens."""
    muscles = made(trial.muscles, "share_muscles")
    write_sto(files.moments, trial.moments(), "Inverse Dynamics")
    _write_report(files.dynamics_report, trial.dynamics_report)
    write_sto(files.muscle_forces, muscles.forces, "Muscle forces along the tendon (N)")
    write_sto(files.activations, muscles.activations, "Activations, reserves (N m) and status")
    _write_report(files.muscles_report, muscles.report())
    write_sto(files.joint_reactions, made(trial.reactions, "solve_reactions"), "Joint reactions")


def write_trial_loads(
    trial: Trial,
    settings: LoadSettings,
    files: TrialFiles,
    reports: Mapping[str, Path],
    prediction: Prediction | None = None,
) -> pd.DataFrame:
    """Write loads.h5, metrics.csv and quality.json of a trial with its loads; return its metrics.

    Args:
        trial: with its loads.
        settings: they were measured with.
        files: where they go.
        reports: JSON reports of the stages before: ``recording``, ``scaling``, ``kinematics``,
            ``counterfactual``; any may be absent.
        prediction: of a derived trial, else None.
    """
    muscles = made(trial.muscles, "share_muscles")
    told = {stage: read_report(path) for stage, path in reports.items()}
    told |= {"dynamics": trial.dynamics_report, "muscles": muscles.report()}
    return write_loads(
        tables_of(trial, settings),
        made(trial.loads, "measure_loads"),
        settings,
        files,
        told,
        muscles.activations,
        prediction,
    )


def finish_angles(
    trial: Trial,
    settings: Settings,
    facts: TrialFacts,
    files: TrialFiles,
    scaling: Path,
    progress: Progress = quiet,
) -> Trial:
    """Write what a trial without forces has: its angles; a note in place of all that needs forces.

    Args and errors as of :func:`finish_trial`.
    """
    loads = settings.loads(facts)
    solved = measure_loads(trial, loads)
    reports = {
        "recording": files.recording,
        "scaling": scaling,
        "kinematics": files.kinematics_report,
    }
    write_note(files.of_forces(), NO_FORCES)
    told = {stage: read_report(path) for stage, path in reports.items()}
    tables, found = tables_of(solved, loads), made(solved.loads, "measure_loads")
    own = write_loads(tables, found, loads, files, told)
    write_table(band_of(own, {}).iloc[:0], files.muscle_variants)
    progress(NO_FORCES.reason)
    return solved


def finish_trial(
    trial: Trial,
    settings: Settings,
    facts: TrialFacts,
    files: TrialFiles,
    scaling: Path,
    prediction: Prediction | None = None,
    progress: Progress = quiet,
) -> Trial:
    """Take a trial from its kinematics to its loads, and write them.

    Args:
        trial: with its kinematics, whose files are written.
        settings: of the configuration.
        facts: of the trial.
        files: of the trial.
        scaling: scaling.json of the runner's model, which lies beside scaled.osim.
        prediction: of a derived trial, else None.
        progress: called with a line of text as the work goes on.

    Raises:
        RecordingError, SolverError: what cannot be computed, and why.
    """
    if not trial.grf.measured:
        return finish_angles(trial, settings, facts, files, scaling, progress)
    stock = None
    if settings.engine == "opensim":
        stock = StockFiles(files.model(RunnerFiles(scaling.parent)), files.kinematics, files.grf)
    loads = settings.loads(facts)
    solved = solve_loads(trial, settings.muscles, loads, progress, stock)
    reports = {
        "recording": files.recording,
        "scaling": scaling,
        "kinematics": files.kinematics_report,
    }
    if prediction is not None and files.counterfactual.is_file():
        reports["counterfactual"] = files.counterfactual
    write_forces(solved, files)
    own = write_trial_loads(solved, loads, files, reports, prediction)
    # its own tools share in one way only
    variants = settings.muscle_variants if stock is None else {}
    moved = vary_muscles(solved, variants, loads, own, progress)
    write_table(moved, files.muscle_variants)
    return solved
