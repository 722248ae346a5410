"""Solve inverse dynamics of a trial."""

from stage import Job, run_stage
from strikelean.dynamics.solve import solve_dynamics


def main(job: Job) -> None:
    """Write generalised forces and the residuals at the root."""
    solve_dynamics(
        job.input.model,
        job.input.kinematics,
        job.input.grf,
        job.output.moments,
        job.output.report,
        job.params.engine,
        progress=job.say,
    )


run_stage(snakemake, main)
