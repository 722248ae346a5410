"""Make a virtual runner and record them."""

from stage import Job, run_stage
from strikelean.virtual.runner import (
    RunnerOutputs,
    StudyInputs,
    TrialOutputs,
    make_virtual_runner,
    read_study,
)
from strikelean.virtual.settings import VirtualSettings
from strikelean.virtual.true_trial import TruthFiles


def main(job: Job) -> None:
    """Write the runner's true model and trials, and their recordings."""
    given, output = job.input, vars(job.output)
    settings = VirtualSettings.from_config(job.params.section)
    inputs = StudyInputs(given.model, given.marker_set, given.gait, given.strike)
    trials = {
        name: TrialOutputs(
            output[name],
            TruthFiles(*(output[f"{name}_{part}"] for part in ("motion", "ground", "contacts"))),
        )
        for name in settings.recordings()
    }
    outputs = RunnerOutputs(output["model"], output["standing"], output["laws"], trials)
    study = read_study(inputs, settings, job.params.strength)
    make_virtual_runner(study, str(job.subject), settings.laboratory, outputs, job.say)


run_stage(snakemake, main)
