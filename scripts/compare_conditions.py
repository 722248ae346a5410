"""Compare conditions and foot-strike classes."""

from stage import Job, run_stage
from strikelean.studies.compare import CompareOutputs, compare_conditions
from strikelean.studies.inputs import primary_metrics, read_cohort, read_definitions, study_inputs


def main(job: Job) -> None:
    """Write comparisons and regressions of a cohort."""
    inputs = study_inputs(job.input, job.params)
    primary = primary_metrics(*read_definitions(inputs))
    outputs = CompareOutputs(job.output.comparisons, job.output.regressions)
    compare_conditions(read_cohort(inputs), primary, outputs)


run_stage(snakemake, main, on_error="note")
