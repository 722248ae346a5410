"""Compare virtual heel strikers with recorded ones."""

from stage import Job, run_stage
from strikelean.virtual.plausible import check_plausibility


def main(job: Job) -> None:
    """Write plausibility.csv."""
    job.say(check_plausibility(job.input.metrics, job.input.ranges, job.output.plausibility))


run_stage(snakemake, main, on_error="note")
