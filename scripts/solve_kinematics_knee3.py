"""Solve the kinematics of the knee with three rotations."""

from stage import Job, run_stage
from strikelean.motion.solve import SolveSettings, solve_kinematics_knee3


def main(job: Job) -> None:
    """Write the variant model and its angles; nothing else uses them for loads."""
    solve_kinematics_knee3(
        job.input.model,
        job.input.markers,
        job.input.contacts,
        job.input.marker_set,
        job.output.kinematics,
        job.output.model,
        SolveSettings(**job.params.settings),
        progress=job.say,
    )


run_stage(snakemake, main)
