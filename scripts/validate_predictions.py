"""Set recorded changes beside predicted ones, and say how often predictions held."""

from stage import Job, run_stage
from strikelean.validation.write import ValidationInputs, write_validation


def main(job: Job) -> None:
    """Write every change with its prediction, and the shares."""
    write_validation(
        ValidationInputs(
            metrics=job.input.metrics,
            quality=job.input.quality,
            predicted=job.input.predicted,
            techniques=job.input.techniques,
            metrics_list=job.input.metrics_list,
            moco=job.input.moco or None,
            rows=job.params.rows,
            built=job.params.built,
            quantities=job.params.quantities,
        ),
        job.output.validation,
        job.output.summary,
    )


run_stage(snakemake, main, on_error="note", reads_notes=("predicted",))
