"""Fetch the generic model, or take the user's own, and make the recipe's edits."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.model.generic import build_generic_model


def main(job: Job) -> None:
    """Write the edited model and what was done to it."""
    build_generic_model(Path(job.params.source), job.output.model, job.output.provenance)


run_stage(snakemake, main, on_error="stop", quiet=False)
