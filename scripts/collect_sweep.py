"""Collect a sweep over trunk lean, and the slopes per degree."""

from stage import Job, run_stage
from strikelean.counterfactual.sweep import SweepPart, collect_sweep
from strikelean.studies.dose import write_dose_response


def main(job: Job) -> None:
    """Write the sweep, what became of every angle, and dose and response."""
    parts = [
        SweepPart(subject, trial, tuple(job.params.asked["angles_deg"]), path)
        for (subject, trial), path in zip(job.params.parts, job.input.parts, strict=True)
    ]
    collect_sweep(parts, job.output.sweep, job.output.manifest)
    write_dose_response(
        job.output.sweep,
        job.input.studies,
        job.input.metrics_list.parent,
        job.output.dose_response,
        virtual=job.params.virtual,
    )


run_stage(snakemake, main, on_error="note", reads_notes=("parts",))
