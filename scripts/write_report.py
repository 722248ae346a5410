"""Write the report page."""

from stage import Job, run_stage
from strikelean.report.page import write_report


def main(job: Job) -> None:
    """Call the library."""
    write_report(job)


run_stage(snakemake, main, excludes=False)
