"""Regress a runner's own steps on their foot-strike angle."""

from stage import Job, run_stage
from strikelean.studies.inputs import primary_metrics, read_cohort, read_definitions, study_inputs
from strikelean.studies.step_slopes import write_step_slopes


def main(job: Job) -> None:
    """Write what goes with the foot-strike angle within runners, beside what is predicted."""
    inputs = study_inputs(job.input, job.params)
    primary = primary_metrics(*read_definitions(inputs))
    write_step_slopes(read_cohort(inputs), primary, job.output.slopes)


run_stage(snakemake, main, on_error="note")
