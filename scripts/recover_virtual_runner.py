"""Compare what recordings of a virtual runner give back with what was true."""

from stage import Job, run_stage
from strikelean.config.settings import Settings
from strikelean.virtual.recovery import RecordedFiles, RecoverySettings, recover_runner
from strikelean.virtual.runner import StudyInputs, read_study
from strikelean.virtual.settings import VirtualSettings
from strikelean.virtual.true_trial import TruthFiles


def main(job: Job) -> None:
    """Write the runner's rows of recovery.csv."""
    given, params = job.input, job.params
    inputs = StudyInputs(given.generic, given.marker_set, given.gait, given.strike)
    trial = Settings.from_config(params.config)
    virtual = VirtualSettings.from_config(params.section)
    study = read_study(inputs, virtual, trial.strength)
    parts = (given.loads, given.metrics, given.contacts, given.motion, given.ground, given.spans)
    trials = {
        name: RecordedFiles(loads, metrics, contacts, TruthFiles(*truth))
        for name, loads, metrics, contacts, *truth in zip(virtual.recordings(), *parts, strict=True)
    }
    settings = RecoverySettings(trial, given.marker_set)
    recover_runner(
        study,
        str(job.subject),
        given.model,
        trials,
        settings,
        job.output.recovery,
        job.say,
        all_trials_by=params.all_trials_by,
    )


TRIAL_FILES = ("loads", "metrics", "contacts", "motion", "ground", "spans")
run_stage(snakemake, main, reads_notes=TRIAL_FILES)
