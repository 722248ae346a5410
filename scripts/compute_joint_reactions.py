"""Compute joint reactions of a trial."""

from stage import Job, run_stage
from strikelean.loads.reactions_solve import ReactionInputs, compute_joint_reactions


def main(job: Job) -> None:
    """Write the forces at hip, knee, patellofemoral joint and ankle."""
    given = job.input
    inputs = ReactionInputs(
        given.model,
        given.kinematics,
        given.grf,
        given.forces,
        given.activations,
        given.moments,
    )
    compute_joint_reactions(inputs, job.output.reactions, job.params.engine, progress=job.say)


run_stage(snakemake, main)
