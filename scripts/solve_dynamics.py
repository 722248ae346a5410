"""Solve inverse dynamics of a trial."""

from stage import Job, run_stage
from strikelean.dynamics.solve import solve_dynamics


def main(job: Job) -> None:
    """Call the library."""
    solve_dynamics(job)


run_stage(snakemake, main)
