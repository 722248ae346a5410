"""Compare conditions and foot-strike classes."""

from stage import Job, run_stage
from strikelean.studies.compare import compare_conditions


def main(job: Job) -> None:
    """Call the library."""
    compare_conditions(job)


run_stage(snakemake, main, excludes=False)
