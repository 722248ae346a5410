"""Make a virtual runner and record them."""

from stage import Job, run_stage
from strikelean.virtual.make import RunnerOutputs, TrialOutputs, make_virtual_runner
from strikelean.virtual.names import trial_names
from strikelean.virtual.runner import WorldInputs, read_world
from strikelean.virtual.truth_files import TruthFiles


def main(job: Job) -> None:
    """Write the runner's true model and trials, and their recordings."""
    given, output, section = job.input, vars(job.output), job.params.section
    inputs = WorldInputs(given.model, given.marker_set, given.gait, given.strike)
    trials = {
        name: TrialOutputs(
            output[name],
            TruthFiles(*(output[f"{name}_{part}"] for part in ("motion", "ground", "contacts"))),
        )
        for name in trial_names(section)
    }
    outputs = RunnerOutputs(output["model"], output["standing"], output["laws"], trials)
    world = read_world(inputs, section, job.params.strength)
    make_virtual_runner(world, str(job.subject), section["laboratory"], outputs, job.say)


run_stage(snakemake, main)
