"""Compute joint reactions of a trial."""

from stage import Job, run_stage
from strikelean.loads.reactions_solve import compute_joint_reactions


def main(job: Job) -> None:
    """Call the library."""
    compute_joint_reactions(job)


run_stage(snakemake, main)
