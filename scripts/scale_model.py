"""Read a standing trial, or mid stances in its place, and scale the generic model to it."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.formats.axes import Axes
from strikelean.lab.floor import stated_height_m
from strikelean.layout import RunnerFiles
from strikelean.standing import Sizes, scale_to_standing, standing_of


def main(job: Job) -> None:
    """Write the stillest second, the runner's model and how it was scaled."""
    params = job.params
    axes = Axes(**params.recording["axes"])
    floor_m = stated_height_m(params.recording["floor_height"])
    files = [Path(path) for path in params.static]
    scale_to_standing(
        standing_of(files, axes, floor_m, params.instead),
        Sizes(str(job.subject), params.mass_kg, params.height_m),
        job.input.marker_set,
        job.input.model,
        RunnerFiles(job.output.model.parent),
        params.strength,
        job.say,
    )


run_stage(snakemake, main)
