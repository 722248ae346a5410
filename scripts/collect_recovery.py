"""Collect what recordings of all virtual runners give back."""

from stage import Job, run_stage
from strikelean.virtual.recovered_contrasts import collect_recovery


def main(job: Job) -> None:
    """Write recovery.csv."""
    collect_recovery(job.input.parts, job.output.recovery)


run_stage(snakemake, main, on_error="note", reads_notes=("parts",))
