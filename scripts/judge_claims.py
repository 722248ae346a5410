"""Judge what the article claims."""

from stage import Job, run_stage
from strikelean.studies.claim_tests import of_cohorts
from strikelean.studies.claims import ClaimOutputs, judge_claims
from strikelean.studies.inputs import read_cohort, read_definitions, study_inputs


def main(job: Job) -> None:
    """Write every claim with its verdict, and every test with its numbers."""
    inputs = study_inputs(job.input, job.params)
    _, claims = read_definitions(inputs)
    outputs = ClaimOutputs(job.output.claims, job.output.claim_tests)
    cohort = read_cohort(inputs)
    judge_claims(cohort, claims, outputs, of_cohorts(cohort.under_muscles()))


run_stage(snakemake, main, on_error="note", reads_notes=("sweep",))
