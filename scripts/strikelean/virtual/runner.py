"""A virtual runner: their true body, their true trials, and what the laboratory records of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from strikelean.counterfactual.templates import Template, read_template
from strikelean.errors import ConfigError, SolverError
from strikelean.exclusions import write_note
from strikelean.formats.files import Note, write_text
from strikelean.formats.series import FloatArray
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.model.engine import open_model, save_model
from strikelean.model.mismatch import Mismatch, disturb_model, misshape
from strikelean.model.scaling import attach_markers, fibre_lengths_m, scale_bodies, scale_strength
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.stride.stride import Sole
from strikelean.techniques import parse_technique
from strikelean.virtual.drawn_runners import (
    BodySizes,
    DrawnRunner,
    draw_runners,
    draw_scores,
    random_source,
)
from strikelean.virtual.gait import balance_gait
from strikelean.virtual.gait_table import GaitTable, RunnerStyle, read_gait_table, stride_template
from strikelean.virtual.laboratory import Laboratory, record_running, record_standing
from strikelean.virtual.laws import TrialLaws, broken_laws, check_laws, require_lawful
from strikelean.virtual.runway import passes, plates_of
from strikelean.virtual.settings import (
    FLAWLESS,
    HABITUAL,
    MATCHED,
    MATCHED_NOISE_FREE,
    MISMATCHED,
    VirtualSettings,
)
from strikelean.virtual.sole import shoe_soles
from strikelean.virtual.techniques import change_techniques
from strikelean.virtual.trial import make_trial, rebalance
from strikelean.virtual.true_trial import TrueTrial, TruthFiles, write_truth

Progress = Callable[[str], None]

# How often a trial that does not quite keep the laws is brought nearer to them.
POLISHES = 2


@dataclass(frozen=True)
class StudyInputs:
    """Files that virtual runners are made from.

    Attributes:
        generic_osim: edited generic model.
        marker_set: of the laboratory.
        gait: group statistics of heel strikers' cycles.
        strike: group means of a strike.
    """

    generic_osim: Path
    marker_set: Path
    gait: Path
    strike: Path


@dataclass(frozen=True)
class VirtualStudy:
    """Everything that virtual runners are made from, read once.

    Attributes:
        settings: who runners are and what they do.
        strength: method of scaling maximum isometric force.
        generic_osim: edited generic model.
        marker_set: of the laboratory.
        table: statistics of heel strikers' cycles.
        strike: group means of a strike.
        runners: all runners drawn.
        scores: of the principal variations between runners, by runner.
    """

    settings: VirtualSettings
    strength: str
    generic_osim: Path
    marker_set: MarkerSet
    table: GaitTable
    strike: Template
    runners: Sequence[DrawnRunner]
    scores: Mapping[str, FloatArray]

    def runner(self, name: str) -> DrawnRunner:
        """Return a runner by name; ConfigError where none was drawn."""
        known = {runner.name: runner for runner in self.runners}
        if name not in known:
            expected = f"a virtual runner, one of {', '.join(known)}"
            raise ConfigError("draw_runners", expected, name, "Raise virtual.runners, or name one")
        return known[name]


def _require_places(marker_set: MarkerSet) -> None:
    """Refuse a marker set that does not say where on a body all of its markers sit."""
    own = [m for m in marker_set.markers if m.name not in marker_set.computed_names()]
    lost = [m.name for m in own if m.at is None and m.location_m is None]
    if lost:
        raise ConfigError(
            "make_virtual_runner",
            f"a place on the generic model for every marker of set {marker_set.name}",
            f"neither at nor location_m for {', '.join(lost)}",
            f"Add them in models/markersets/{marker_set.name}.yaml, or choose another set in "
            "virtual.marker_set",
        )


def read_study(inputs: StudyInputs, settings: VirtualSettings, strength: str) -> VirtualStudy:
    """Read what virtual runners are made from, and draw them.

    Raises:
        ConfigError: the marker set cannot be put on a body.
    """
    marker_set, table = load_markerset(inputs.marker_set), read_gait_table(inputs.gait)
    _require_places(marker_set)
    runners = draw_runners(settings, marker_set.model_height_m)
    return VirtualStudy(
        settings,
        strength,
        inputs.generic_osim,
        marker_set,
        table,
        read_template(inputs.strike),
        runners,
        draw_scores(settings, table.counts()[0]),
    )


def make_body(study: VirtualStudy, runner: DrawnRunner, laboratory: str, output_osim: Path) -> None:
    """Write a runner's true model, with the mismatch where the laboratory is the mismatched one."""
    mismatch, random = None, None
    if laboratory == MISMATCHED:
        mismatch = Mismatch.from_config(study.settings.mismatch)
        random = random_source(study.settings.seed, runner.name, "mismatch")
    build_body(
        study.generic_osim,
        study.marker_set,
        runner.sizes,
        study.strength,
        output_osim,
        mismatch,
        random,
    )


def compile_body(study: VirtualStudy, model_osim: Path) -> KinematicTree:
    """Return a true model compiled, with the markers of the marker set."""
    model = open_model(model_osim)
    model.initSystem()
    return compile_tree(model, [marker.name for marker in study.marker_set.markers])


def soles_of(runner: DrawnRunner, tree: KinematicTree) -> tuple[Sole, ...]:
    """Return a runner's soles, right first."""
    return shoe_soles(tree, runner.sizes.factors["foot"])


def laboratory_of(
    study: VirtualStudy, runner: DrawnRunner, tree: KinematicTree, name: str
) -> Laboratory:
    """Return the laboratory of a name with its flaws."""
    flaws = study.settings.flaws
    if name == MATCHED:
        flaws = flaws.without_misplacement()
    elif name == MATCHED_NOISE_FREE:
        flaws = FLAWLESS
    soles = soles_of(runner, tree)
    seed = study.settings.seed
    runway = study.settings.runway
    plates = () if runway is None else plates_of(runway)
    return Laboratory(name, runner.name, tree, soles, study.marker_set, flaws, seed, plates)


def happened(
    study: VirtualStudy, runner: DrawnRunner, trial: str, true: TrueTrial
) -> dict[str, TrueTrial]:
    """Return what happened in each recording of a true trial: the trial itself, or its passes.

    Args:
        study: what runners are made from.
        runner: who ran.
        trial: its name.
        true: the trial, on a belt.

    Raises:
        SolverError: the trial is too short for the passes of a runway.
    """
    settings = study.settings
    names = settings.recordings_of(trial)
    if settings.runway is None:
        return dict.fromkeys(names, true)
    random = random_source(settings.seed, runner.name, trial, "passes")
    made = passes(true, soles_of(runner, true.tree), settings.runway, random)
    return dict(zip(names, made, strict=True))


@dataclass(frozen=True)
class TrueRun:
    """A true trial, and how it keeps nature's laws."""

    trial: TrueTrial
    laws: TrialLaws


def _lawful_run(
    trial: TrueTrial, soles: tuple[Sole, ...], what: str, progress: Progress
) -> TrueRun:
    laws = check_laws(trial, soles)
    for _ in range(POLISHES):
        if not broken_laws(laws):
            break
        trial = rebalance(trial, soles)
        laws = check_laws(trial, soles)
    require_lawful(laws, what)
    progress(f"{what}: residual {100 * laws.residual_share:.2f} % of the peak force")
    return TrueRun(trial, laws)


def run_habitual(
    study: VirtualStudy,
    runner: DrawnRunner,
    tree: KinematicTree,
    progress: Progress = lambda line: None,
) -> TrueRun:
    """Return a runner's habitual trial.

    Args:
        study: what runners are made from.
        runner: who runs.
        tree: the true model, compiled.
        progress: called with a line of text now and then.

    Raises:
        SolverError: no balance is found, or a law is broken.
    """
    settings = study.settings
    soles = soles_of(runner, tree)
    height = runner.sizes.height_m
    style = RunnerStyle(study.table.runner(study.scores[runner.name], height), runner.lean_rad)
    template = stride_template(study.table, style, tree.names, height)
    gait = balance_gait(tree, soles, template, settings.speed_m_s)
    progress("gait in balance")
    random = random_source(settings.seed, runner.name, "steps")
    trial = make_trial(gait, study.table, settings.strides, random)
    return _lawful_run(trial, soles, f"{runner.name} {HABITUAL}", progress)


def run_techniques(
    study: VirtualStudy,
    runner: DrawnRunner,
    habitual: TrueTrial,
    techniques: Sequence[str],
    progress: Progress = lambda line: None,
) -> Iterator[TrueRun | SolverError]:
    """Yield a runner's trial with each of some techniques, as truly run.

    Args:
        study: what runners are made from.
        runner: who runs.
        habitual: their habitual trial.
        techniques: their names.
        progress: called with a line of text now and then.

    Yields:
        The trial; where no balance is found or a law is broken, the error in its place.
    """
    soles, asked = soles_of(runner, habitual.tree), [parse_technique(name) for name in techniques]
    trials = change_techniques(habitual, soles, asked, study.strike, progress)
    for technique, trial in zip(techniques, trials, strict=True):
        if isinstance(trial, SolverError):
            yield trial
            continue
        try:
            yield _lawful_run(trial, soles, f"{runner.name} {technique}", progress)
        except SolverError as error:
            yield error


@dataclass(frozen=True)
class TrialOutputs:
    """Files of one trial: its recording, and what was true."""

    recording: Path
    truth: TruthFiles

    def places(self) -> tuple[Path, ...]:
        """Return all of them."""
        return self.recording, self.truth.motion, self.truth.ground, self.truth.contacts


@dataclass(frozen=True)
class RunnerOutputs:
    """Files of a runner.

    Attributes:
        model: their true model.
        standing: recording of the standing trial.
        laws: how the true trials keep nature's laws.
        trials: recordings by name.
    """

    model: Path
    standing: Path
    laws: Path
    trials: Mapping[str, TrialOutputs]


def make_virtual_runner(
    study: VirtualStudy,
    name: str,
    laboratory: str,
    outputs: RunnerOutputs,
    progress: Progress = lambda line: None,
) -> None:
    """Write a runner's true model and trials, and their recordings.

    A technique that they cannot run leaves its reason in the files of that trial.

    Args:
        study: what runners are made from.
        name: of the runner.
        laboratory: that records them.
        outputs: files written.
        progress: called with a line of text now and then.

    Raises:
        SolverError: the habitual trial finds no balance or breaks a law.
    """
    runner = study.runner(name)
    make_body(study, runner, laboratory, outputs.model)
    tree = compile_body(study, outputs.model)
    records = laboratory_of(study, runner, tree, laboratory)
    record_standing(records, outputs.standing)
    habitual = run_habitual(study, runner, tree, progress)
    techniques = study.settings.trials()
    changed = [technique for technique in techniques.values() if technique]
    others = run_techniques(study, runner, habitual.trial, changed, progress)
    figures = {}
    for trial_name in techniques:
        recordings = {own: outputs.trials[own] for own in study.settings.recordings_of(trial_name)}
        done = habitual if trial_name == HABITUAL else next(others)
        if isinstance(done, SolverError):
            reason = str(done.located(name, trial_name))
            unmade = [place for own in recordings.values() for place in own.places()]
            write_note(unmade, Note(reason))
            progress(reason)
            continue
        figures[trial_name] = done.laws.figures()
        for own, true in happened(study, runner, trial_name, done.trial).items():
            write_truth(true, recordings[own].truth)
            record_running(records, true, own, recordings[own].recording)
    write_text(outputs.laws, json.dumps(figures, indent=1) + "\n")


def build_body(
    generic_osim: Path,
    marker_set: MarkerSet,
    sizes: BodySizes,
    strength: str,
    output_osim: Path,
    mismatch: Mismatch | None = None,
    random: np.random.Generator | None = None,
) -> None:
    """Write a runner's true model, its markers where the generic model has them.

    Args:
        generic_osim: edited generic model.
        marker_set: of the laboratory.
        sizes: of the runner.
        strength: method of :func:`strikelean.model.scaling.scale_strength`.
        output_osim: model written.
        mismatch: what differs from the scaled generic model, None for nothing.
        random: random numbers for that.
    """
    model = open_model(generic_osim)
    generic_mass = model.getTotalMass(model.initSystem())
    attach_markers(model, marker_set)
    lengths = fibre_lengths_m(model)
    factors = sizes.by_body()
    if mismatch is not None and random is not None:
        factors = misshape(factors, mismatch, random)
    scale_bodies(model, factors, sizes.mass_kg)
    heights = (sizes.height_m, marker_set.model_height_m)
    scale_strength(model, lengths, strength, (sizes.mass_kg, generic_mass), heights)
    if mismatch is not None and random is not None:
        disturb_model(model, mismatch, random)
    save_model(model, output_osim)
