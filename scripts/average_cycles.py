"""Average the cycles of a runner, from contact to the foot's next contact."""

from stage import Job, run_stage
from strikelean.stride.mean_cycles import CycleInputs, average_cycles


def main(job: Job) -> None:
    """Write the runner's mean cycle."""
    given, params = job.input, job.params
    inputs = CycleInputs(
        given.model,
        given.kinematics,
        given.body_points,
        given.grf,
        given.contacts,
        params.mass_kg,
        params.height_m,
    )
    average_cycles(inputs, job.output.cycle)


run_stage(snakemake, main)
