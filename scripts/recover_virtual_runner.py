"""Compare what recordings of a virtual runner give back with what was true."""

from stage import Job, run_stage
from strikelean.config.settings import Settings
from strikelean.virtual.names import trial_names
from strikelean.virtual.recover import RecordedFiles, RecoverySettings, recover_runner
from strikelean.virtual.runner import WorldInputs, read_world
from strikelean.virtual.truth_files import TruthFiles


def main(job: Job) -> None:
    """Write the runner's rows of recovery.csv."""
    given, params = job.input, job.params
    inputs = WorldInputs(given.generic, given.marker_set, given.gait, given.strike)
    trial = Settings.from_config(params.config)
    world = read_world(inputs, params.section, trial.strength)
    parts = (given.loads, given.metrics, given.contacts, given.motion, given.ground, given.spans)
    trials = {
        name: RecordedFiles(loads, metrics, contacts, TruthFiles(*truth))
        for name, loads, metrics, contacts, *truth in zip(
            trial_names(params.section), *parts, strict=True
        )
    }
    settings = RecoverySettings(trial, given.marker_set, given.metrics_list)
    output = job.output.recovery
    recover_runner(world, str(job.subject), given.model, trials, settings, output, job.say)


TRIAL_FILES = ("loads", "metrics", "contacts", "motion", "ground", "spans")
run_stage(snakemake, main, reads_notes=TRIAL_FILES)
