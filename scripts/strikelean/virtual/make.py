"""Make a virtual runner: who they are, what they do, and what the laboratory records of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from strikelean.errors import SolverError
from strikelean.exclusions import write_note
from strikelean.formats.files import Note, write_text
from strikelean.virtual.laboratory import record_running, record_standing
from strikelean.virtual.names import HABITUAL, trial_names
from strikelean.virtual.runner import (
    World,
    compile_body,
    laboratory_of,
    make_body,
    run_habitual,
    run_techniques,
)
from strikelean.virtual.truth_files import TruthFiles, write_truth

Progress = Callable[[str], None]


@dataclass(frozen=True)
class TrialOutputs:
    """Files of one trial: its recording, and what was true."""

    recording: Path
    truth: TruthFiles


@dataclass(frozen=True)
class RunnerOutputs:
    """Files of a runner.

    Attributes:
        model: their true model.
        standing: recording of the standing trial.
        laws: how the true trials keep nature's laws.
        trials: by name.
    """

    model: Path
    standing: Path
    laws: Path
    trials: Mapping[str, TrialOutputs]


def make_virtual_runner(
    world: World,
    name: str,
    laboratory: str,
    outputs: RunnerOutputs,
    progress: Progress = lambda line: None,
) -> None:
    """Write a runner's true model and trials, and their recordings.

    A technique that they cannot run leaves its reason in the files of that trial.

    Args:
        world: what runners are made from.
        name: of the runner.
        laboratory: that records them.
        outputs: files written.
        progress: called with a line of text now and then.

    Raises:
        SolverError: the habitual trial finds no balance or breaks a law.
    """
    runner = world.runner(name)
    make_body(world, runner, laboratory, outputs.model)
    tree = compile_body(world, outputs.model)
    records = laboratory_of(world, runner, tree, laboratory)
    record_standing(records, outputs.standing)
    habitual = run_habitual(world, runner, tree, progress)
    techniques = trial_names(world.section)
    changed = [technique for technique in techniques.values() if technique]
    others = run_techniques(world, runner, habitual.trial, changed, progress)
    figures = {}
    for trial_name in techniques:
        files = outputs.trials[trial_name]
        done = habitual if trial_name == HABITUAL else next(others)
        if isinstance(done, SolverError):
            reason = str(done.located(name, trial_name))
            truth = files.truth
            unmade = [files.recording, truth.motion, truth.ground, truth.contacts]
            write_note(unmade, Note(reason))
            progress(reason)
            continue
        figures[trial_name] = done.laws.figures()
        write_truth(done.trial, files.truth)
        record_running(records, done.trial, trial_name, files.recording)
    write_text(outputs.laws, json.dumps(figures, indent=1) + "\n")
