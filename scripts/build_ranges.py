"""Build the group statistics that virtual heel strikers are compared with."""

from stage import Job, run_stage
from strikelean.virtual.plausible import build_ranges


def main(job: Job) -> None:
    """Write mean, spread and percentiles of recorded heel strikers."""
    build_ranges(job.input.metrics, job.params.source, job.output.ranges)


run_stage(snakemake, main, on_error="stop")
