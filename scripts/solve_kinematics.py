"""Solve inverse kinematics of a trial."""

from stage import Job, run_stage
from strikelean.motion.solve import solve_kinematics


def main(job: Job) -> None:
    """Call the library."""
    solve_kinematics(job)


run_stage(snakemake, main)
