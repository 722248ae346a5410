"""Scale the generic model to a runner."""

from stage import Job, run_stage
from strikelean.motion.scale_model import scale_model


def main(job: Job) -> None:
    """Write the runner's model and how it was scaled."""
    scale_model(
        job.input.model,
        job.input.static,
        job.input.marker_set,
        job.output.model,
        job.output.scaling,
        subject=str(job.subject),
        mass_kg=job.params.mass_kg,
        height_m=job.params.height_m,
        strength=job.params.strength,
    )


run_stage(snakemake, main)
