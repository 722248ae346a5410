"""Compare conditions and foot-strike classes, beside what was published."""

from stage import Job, run_stage
from strikelean.studies.compare import CompareOutputs, compare_conditions


def main(job: Job) -> None:
    """Write comparisons, regressions and the signs of published effects."""
    outputs = CompareOutputs(
        job.output.comparisons, job.output.regressions, job.output.published_signs
    )
    compare_conditions(job.input.metrics, job.input.metrics_list, job.input.studies, outputs)


run_stage(snakemake, main, excludes=False)
