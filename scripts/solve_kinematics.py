"""Solve inverse kinematics of a trial."""

from stage import Job, run_stage
from strikelean.motion.solve import SolveSettings, solve_kinematics


def main(job: Job) -> None:
    """Write filtered angles, body points and marker errors."""
    outputs = {
        "kinematics": job.output.kinematics,
        "body_points": job.output.body_points,
        "report": job.output.report,
    }
    solve_kinematics(
        job.input.model,
        job.input.markers,
        job.input.contacts,
        job.input.marker_set,
        outputs,
        SolveSettings(**job.params.settings),
        progress=job.say,
    )


run_stage(snakemake, main)
