"""Read a running trial: markers, ground forces and contacts."""

from stage import Job, run_stage
from strikelean.lab.recording import read_recording


def main(job: Job) -> None:
    """Call the library."""
    read_recording(job)


run_stage(snakemake, main)
