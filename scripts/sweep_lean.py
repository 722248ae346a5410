"""Solve one recording at every angle of trunk lean, to its loads."""

from counterfactual_job import inputs_of, loads_of, settings_of
from stage import Job, run_stage
from strikelean.counterfactual.sweep import sweep_lean


def main(job: Job) -> None:
    """Write the metrics at each angle, with their band."""
    sweep_lean(
        inputs_of(job),
        job.params.asked["angles_deg"],
        settings_of(job),
        loads_of(job),
        job.output.sweep,
        progress=job.say,
    )


run_stage(snakemake, main)
