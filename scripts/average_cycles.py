"""Average the cycles of a runner's feet, and how their steps go with the foot-strike angle."""

from stage import Job, run_stage
from strikelean.counterfactual.strike_cycles import average_cycles
from strikelean.stride.mean_cycles import CycleInputs


def main(job: Job) -> None:
    """Write each foot's mean cycle."""
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
