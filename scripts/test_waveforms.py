"""Test whole curves over stance."""

from stage import Job, run_stage
from strikelean.studies.inputs import read_cohort, study_inputs
from strikelean.studies.waveform_files import write_waveform_tests


def main(job: Job) -> None:
    """Write the tests of every quantity of cohort.h5."""
    cohort = read_cohort(study_inputs(job.input, job.params))
    write_waveform_tests(cohort, job.input.cohort, job.output.table, job.output.store)


run_stage(snakemake, main, on_error="note")
