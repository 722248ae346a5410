"""recovery.csv: every laboratory's recordings, solved as any recording is, beside the truth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from strikelean.config.settings import Settings
from strikelean.errors import SolverError, StrikeleanError
from strikelean.formats.files import excluded_reason, write_table
from strikelean.lab.check_belt import Speeds
from strikelean.layout import RunnerFiles
from strikelean.loads.trial_loads import LoadSettings, TrialFacts
from strikelean.muscles.solve import read_legs
from strikelean.pipeline import RunnerModel, Trial, solve_loads
from strikelean.runners import Running, ScaledRunner, record_trial, scale_runner, solve_recorded
from strikelean.standing import Sizes
from strikelean.virtual.compare_truth import (
    Recovered,
    TrueRunner,
    compare_contacts,
    compare_loads,
    filtered_truth,
    read_recovered,
    recovered_loads,
    true_loads,
)
from strikelean.virtual.drawn_runners import DrawnRunner
from strikelean.virtual.laboratory import record_running, record_standing
from strikelean.virtual.recovered_contrasts import COLUMNS
from strikelean.virtual.runner import (
    VirtualStudy,
    compile_body,
    happened,
    laboratory_of,
    make_body,
    run_habitual,
    run_techniques,
    soles_of,
)
from strikelean.virtual.settings import HABITUAL, LABORATORIES, MISMATCHED
from strikelean.virtual.true_trial import Filtering, TrueTrial, TruthFiles, read_truth

Progress = Callable[[str], None]


@dataclass(frozen=True)
class RecordedFiles:
    """What the workflow wrote of a virtual trial, and what was true."""

    loads: Path
    metrics: Path
    contacts: Path
    truth: TruthFiles


@dataclass(frozen=True)
class RecoverySettings:
    """What the comparison takes from the configuration.

    Attributes:
        trial: how recordings are read and solved.
        marker_set: file of the runners' marker set.
    """

    trial: Settings
    marker_set: Path

    @property
    def filtering(self) -> Filtering:
        """How recordings are filtered."""
        recording = self.trial.recording
        return Filtering(recording.cutoff_hz, recording.filter_order, recording.cop_min_force_n)

    def loads(self, study: VirtualStudy, runner: DrawnRunner, trial: str) -> LoadSettings:
        """Return what metrics need to know of a trial."""
        facts = TrialFacts(
            subject=runner.name,
            trial=trial,
            mass_kg=runner.sizes.mass_kg,
            height_m=runner.sizes.height_m,
            belt_speed_m_s=study.settings.belt_speed_m_s,
            trunk_markers=study.marker_set.trunk,
            virtual=True,
        )
        return self.trial.loads(facts)


@dataclass(frozen=True)
class Truth:
    """One true trial of a runner, that recordings of it are compared with.

    Attributes:
        study: what runners are made from.
        runner: who ran.
        model_osim: their true model.
        true: the same compiled, with how muscles truly share moments.
        trial: what truly happened.
        settings: of recordings and their solves.
    """

    study: VirtualStudy
    runner: DrawnRunner
    model_osim: Path
    true: TrueRunner
    trial: TrueTrial
    settings: RecoverySettings

    @classmethod
    def of(
        cls,
        study: VirtualStudy,
        runner: DrawnRunner,
        model_osim: Path,
        trial: TrueTrial,
        settings: RecoverySettings,
        laboratory: str,
    ) -> Truth:
        """Return a runner's trial as it truly was, with the true body of a laboratory."""
        muscles = settings.trial.muscles
        if laboratory == MISMATCHED:
            muscles = replace(muscles, exponent=study.settings.mismatch["muscle_exponent"])
        model = RunnerModel(trial.tree, read_legs(model_osim, trial.tree))
        true = TrueRunner(model, soles_of(runner, trial.tree), muscles)
        return cls(study, runner, model_osim, true, trial, settings)

    @cached_property
    def filtered(self) -> Trial:
        """The true trial filtered as recordings are, the same for every laboratory."""
        return filtered_truth(self.true, self.trial, self.study.marker_set, self.settings.filtering)

    def rows(self, name: str, found: Recovered) -> Iterator[dict[str, object]]:
        """Yield what recordings of the trial gave back, beside it."""
        loads = self.settings.loads(self.study, self.runner, name)
        true = true_loads(self.true, self.filtered, found.contacts, loads)
        units = {name: metric.unit for name, metric in loads.metrics.items()}
        yield from compare_loads(found, recovered_loads(true, found.contacts), units)
        yield from compare_contacts(found.contacts, self.trial, self.true, self.study.marker_set)


def _true_trials(
    truth: Truth, laboratory: str, files: Mapping[str, TruthFiles], osim: Path, progress: Progress
) -> Iterator[tuple[str, Truth]]:
    """Yield trials of the body that a laboratory records, as they truly were, the habitual first.

    Args:
        truth: the first habitual recording, of the body that the cohort's own laboratory records.
        laboratory: that records. Where it is another body's, that body runs anew.
        files: of the own body's other recordings, those that are asked for.
        osim: where to write another body.
        progress: called with a line of text now and then.
    """
    study, runner = truth.study, truth.runner
    settings = study.settings
    first = settings.recordings_of(HABITUAL)[0]
    if (laboratory == MISMATCHED) == (settings.laboratory == MISMATCHED):
        yield first, truth
        for name, place in files.items():
            own = read_truth(place, truth.trial.tree, settings.belt_speed_m_s or 0.0)
            yield name, replace(truth, trial=own)
        return
    make_body(study, runner, laboratory, osim)
    habitual = run_habitual(study, runner, compile_body(study, osim), progress).trial
    truth = Truth.of(study, runner, osim, habitual, truth.settings, laboratory)
    asked = {first, *files}

    def recorded(trial: str, true: TrueTrial) -> Iterator[tuple[str, Truth]]:
        for name, own in happened(study, runner, trial, true).items():
            if name in asked:
                yield name, replace(truth, trial=own)

    yield from recorded(HABITUAL, habitual)
    of_trial = settings.recordings()
    changed = dict.fromkeys(of_trial[name] for name in files)
    trials = [trial for trial in changed if trial != HABITUAL]
    techniques = [settings.trials()[trial] for trial in trials]
    runs = run_techniques(study, runner, habitual, techniques, progress)
    for trial, run in zip(trials, runs, strict=True):
        if isinstance(run, SolverError):
            progress(f"{laboratory}, {trial}: left out, {run}")
        else:
            yield from recorded(trial, run.trial)


def recover_elsewhere(
    truth: Truth,
    laboratory: str,
    files: Mapping[str, TruthFiles],
    progress: Progress = lambda line: None,
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield trials and their rows as a laboratory records them that did not record the cohort.

    Recordings are solved in this process, as the workflow solves them.

    Args:
        truth: the first habitual recording, of the body that the cohort's own laboratory records.
        laboratory: that records. Where it is another body's, that body runs anew.
        files: of the own body's other recordings, those to be recorded beside it.
        progress: called with a line of text now and then.

    Raises:
        StrikeleanError: the body cannot be made or scaled.
    """
    study, runner, settings = truth.study, truth.runner, truth.settings
    sizes = Sizes(runner.name, runner.sizes.mass_kg, runner.sizes.height_m)
    scaled = None
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        trials = _true_trials(truth, laboratory, files, folder / "true_model.osim", progress)
        for name, own in trials:
            records = laboratory_of(study, runner, own.trial.tree, laboratory)
            if scaled is None:
                standing = folder / "static.c3d"
                record_standing(records, standing)
                model, place = study.generic_osim, RunnerFiles(folder)
                scaled = scale_runner(
                    standing, sizes, settings.marker_set, model, place, settings.trial
                )
            try:
                record_running(records, own.trial, name, folder / "run.c3d")
                found = _solve_recording(folder / "run.c3d", scaled, own, name)
                for row in own.rows(name, found):
                    yield name, row
            except StrikeleanError as error:
                progress(f"{laboratory}, {name}: left out, {error}")
                continue
            progress(f"{laboratory}, {name}: recorded and recovered")


def _solve_recording(path: Path, scaled: ScaledRunner, truth: Truth, name: str) -> Recovered:
    """Return the loads of a recording, solved as the workflow solves it."""
    settings = truth.settings
    entered = Speeds(truth.study.settings.speed_m_s, truth.study.settings.belt_speed_m_s)
    recording = record_trial(Running((path,), speeds=entered), scaled, settings.trial)
    trial = solve_recorded(recording, scaled, settings.trial)
    loads = settings.loads(truth.study, truth.runner, name)
    found = solve_loads(trial, settings.trial.muscles, loads)
    return recovered_loads(found.loads or {}, trial.contacts)


def recover_runner(
    study: VirtualStudy,
    name: str,
    model_osim: Path,
    trials: Mapping[str, RecordedFiles],
    settings: RecoverySettings,
    output: Path,
    progress: Progress = lambda line: None,
    *,
    all_trials_by: Collection[str] = (),
) -> None:
    """Write how much of a runner's truth each laboratory's recordings give back.

    The cohort's own laboratory has all trials, from the workflow's files; the others record
    the habitual recordings here, some of them every one, and the same stages run in this process.

    Args:
        study: what runners are made from.
        name: of the runner.
        model_osim: their true model.
        trials: files by recording.
        settings: of recordings and their solves.
        output: table written, the columns of recovery.csv.
        progress: called with a line of text now and then.
        all_trials_by: other laboratories that record every trial, for what comes back of the
            differences between them.
    """
    runner, own = study.runner(name), study.settings.laboratory
    tree = compile_body(study, model_osim)
    speed = study.settings.belt_speed_m_s or 0.0
    first, *more = study.settings.recordings_of(HABITUAL)
    habitual = read_truth(trials[first].truth, tree, speed)
    truth = Truth.of(study, runner, model_osim, habitual, settings, own)
    rows: list[dict[str, object]] = []

    others = {
        trial: files.truth
        for trial, files in trials.items()
        if trial != first and excluded_reason(files.truth.motion) is None
    }

    def keep(laboratory: str, trial: str, found: Iterable[dict[str, object]]) -> None:
        told = {"subject": name, "trial": trial, "laboratory": laboratory}
        rows.extend(told | row for row in found)

    for laboratory in LABORATORIES:
        if laboratory != own:
            try:
                every = laboratory in all_trials_by
                asked = {name: others[name] for name in others if every or name in more}
                for trial, row in recover_elsewhere(truth, laboratory, asked, progress):
                    keep(laboratory, trial, [row])
            except StrikeleanError as error:
                progress(f"{laboratory}: left out, {error}")
            continue
        for trial, files in trials.items():
            try:
                recovered = read_recovered(files.loads, files.metrics, files.contacts)
                true = read_truth(files.truth, tree, speed)
            except StrikeleanError as error:
                progress(f"{trial}: left out, {error}")
                continue
            own_truth = truth if trial == first else replace(truth, trial=true)
            keep(laboratory, trial, own_truth.rows(trial, recovered))
            progress(f"{trial}: compared")
    write_table(pd.DataFrame(rows, columns=list(COLUMNS)), output)
