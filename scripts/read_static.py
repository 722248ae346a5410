"""Read a standing trial."""

from stage import Job, run_stage
from strikelean.lab.recording import read_static


def main(job: Job) -> None:
    """Call the library."""
    read_static(job)


run_stage(snakemake, main)
