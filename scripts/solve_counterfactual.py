"""Solve the same runner with another technique."""

from counterfactual_job import inputs_of, loads_of, settings_of
from stage import Job, run_stage
from strikelean.counterfactual.write import CounterfactualOutputs, solve_counterfactual
from strikelean.techniques import parse_technique


def main(job: Job) -> None:
    """Write a trial like a recorded one, how the solves kept their rules, and the band."""
    solve_counterfactual(
        inputs_of(job),
        parse_technique(job.technique),
        settings_of(job),
        loads_of(job),
        CounterfactualOutputs(**vars(job.output)),
        progress=job.say,
    )


run_stage(snakemake, main)
