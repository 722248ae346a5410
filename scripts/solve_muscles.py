"""Solve muscle forces of a trial."""

from stage import Job, run_stage
from strikelean.muscles.solve import solve_muscles


def main(job: Job) -> None:
    """Call the library."""
    solve_muscles(job)


run_stage(snakemake, main)
