"""Compute joint reactions of a trial."""

from stage import Job, run_stage
from strikelean.loads.reactions_solve import compute_joint_reactions


def main(job: Job) -> None:
    """Write the forces at hip, knee, patellofemoral joint and ankle."""
    compute_joint_reactions(
        job.input.model,
        job.input.kinematics,
        job.input.grf,
        job.input.forces,
        job.output.reactions,
        progress=job.say,
    )


run_stage(snakemake, main)
