"""Read a runner's standing trial and scale the generic model to it."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.formats.axes import Axes
from strikelean.lab.floor import stated_height_m
from strikelean.layout import RunnerFiles
from strikelean.standing import Sizes, Standing, scale_to_standing


def main(job: Job) -> None:
    """Write the stillest second, the runner's model and how it was scaled."""
    params = job.params
    axes = Axes(**params.recording["axes"])
    scale_to_standing(
        Standing(Path(params.static), axes, stated_height_m(params.recording["floor_height"])),
        Sizes(str(job.subject), params.mass_kg, params.height_m),
        job.input.marker_set,
        job.input.model,
        RunnerFiles(job.output.model.parent),
        params.strength,
        job.say,
    )


run_stage(snakemake, main)
