"""Solve the kinematics of the knee with three rotations."""

from stage import Job, run_stage
from strikelean.motion.solve import solve_kinematics_knee3


def main(job: Job) -> None:
    """Call the library."""
    solve_kinematics_knee3(job)


run_stage(snakemake, main)
