"""Solve one recording at every angle of trunk lean, to its loads."""

from stage import Job, run_stage
from strikelean.config.settings import Settings
from strikelean.counterfactual.sweep import sweep_lean
from trial_job import facts_of, recorded_files


def main(job: Job) -> None:
    """Write the metrics at each angle with their band, and how the runner moves there."""
    sweep_lean(
        recorded_files(job),
        job.params.asked["angles_deg"],
        Settings.from_config(job.params.settings),
        facts_of(job),
        job.output.sweep,
        progress=job.say,
        poses=job.output.poses,
    )


run_stage(snakemake, main)
