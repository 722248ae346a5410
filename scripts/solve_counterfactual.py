"""Solve the same runner with another technique."""

from counterfactual_job import inputs_of, loads_of, settings_of
from stage import Job, run_stage
from strikelean.counterfactual.write import solve_counterfactual
from strikelean.layout import TrialFiles
from strikelean.techniques import parse_technique


def main(job: Job) -> None:
    """Write a trial like a recorded one, how the solves kept their rules, and the band."""
    solve_counterfactual(
        inputs_of(job),
        parse_technique(job.technique),
        settings_of(job),
        loads_of(job),
        TrialFiles(job.output.markers.parent),
        progress=job.say,
    )


run_stage(snakemake, main)
