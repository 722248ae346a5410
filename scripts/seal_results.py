"""Seal the results of a cohort once nothing failed, or end the run with what did."""

from stage import Job, run_stage
from strikelean.report.seal import seal_results


def main(job: Job) -> None:
    """Write the checksums of the page and of all that it rests on."""
    seal_results(job.input.results, job.input.page, job.output.sums)


run_stage(snakemake, main, on_error="stop", reads_notes=("page", "results"))
