"""Solve muscle forces of a trial by static optimisation."""

from stage import Job, run_stage
from strikelean.muscles.leg import MuscleSettings
from strikelean.muscles.solve import solve_muscles


def main(job: Job) -> None:
    """Write tendon forces, activations with reserves and status, and a summary."""
    outputs = {
        "forces": job.output.forces,
        "activations": job.output.activations,
        "report": job.output.report,
    }
    solve_muscles(
        job.input.model,
        job.input.kinematics,
        job.input.moments,
        job.input.contacts,
        outputs,
        MuscleSettings.from_config(job.params.muscles),
        job.input.grf if job.params.engine == "opensim" else None,
        progress=job.say,
    )


run_stage(snakemake, main)
