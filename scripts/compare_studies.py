"""Set published effects beside the computed ones."""

from stage import Job, run_stage
from strikelean.studies.inputs import read_cohort, read_definitions, study_inputs
from strikelean.studies.published import compare_studies


def main(job: Job) -> None:
    """Write every published effect with what this cohort computes for it."""
    inputs = study_inputs(job.input, job.params)
    studies, _ = read_definitions(inputs)
    compare_studies(read_cohort(inputs), studies, job.output.studies)


run_stage(snakemake, main, on_error="note", reads_notes=("sweep",))
