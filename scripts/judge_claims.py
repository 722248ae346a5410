"""Judge what the article claims."""

from stage import Job, run_stage
from strikelean.studies.claims import judge_claims
from strikelean.studies.inputs import read_cohort, read_definitions, study_inputs


def main(job: Job) -> None:
    """Write every claim with its verdict and the numbers behind it."""
    inputs = study_inputs(job.input, job.params)
    _, claims = read_definitions(inputs)
    judge_claims(read_cohort(inputs), claims, job.output.claims)


run_stage(snakemake, main, on_error="note", reads_notes=("sweep",))
