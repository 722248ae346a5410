"""Check strikes: do heel strikers made to land otherwise move towards those who do?"""

from stage import Job, run_stage
from strikelean.studies.inputs import read_cohort, study_inputs
from strikelean.studies.strike_check import write_strike_check


def main(job: Job) -> None:
    """Write recorded, predicted and real values of the named metrics."""
    cohort = read_cohort(study_inputs(job.input, job.params))
    write_strike_check(cohort, job.input.quality, job.output.strike_check)


run_stage(snakemake, main, on_error="note")
