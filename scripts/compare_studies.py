"""Set published effects beside the computed ones."""

from stage import Job, run_stage
from strikelean.studies.inputs import read_cohort, read_definitions, study_inputs
from strikelean.studies.pooled import write_published_summary
from strikelean.studies.published import compare_studies


def main(job: Job) -> None:
    """Write every published effect with what this cohort computes for it."""
    inputs = study_inputs(job.input, job.params)
    studies, _ = read_definitions(inputs)
    cohort = read_cohort(inputs)
    compare_studies(cohort, studies, job.output.studies)
    write_published_summary(cohort, studies, job.output.summary)


run_stage(snakemake, main, on_error="note", reads_notes=("sweep",))
