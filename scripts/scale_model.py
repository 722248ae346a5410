"""Read a runner's standing trial and scale the generic model to it."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.checking.kept import ScaledFrom, take_scaling
from strikelean.formats.axes import Axes
from strikelean.lab.floor import stated_height_m
from strikelean.layout import RunnerFiles
from strikelean.standing import Sizes, Standing, scale_to_standing


def main(job: Job) -> None:
    """Write the stillest second, the runner's model and how it was scaled."""
    params = job.params
    axes = Axes(**params.recording["axes"])
    static, floor_m = Path(params.static), stated_height_m(params.recording["floor_height"])
    sizes, files = (
        Sizes(str(job.subject), params.mass_kg, params.height_m),
        RunnerFiles(job.output.model.parent),
    )
    source = ScaledFrom(
        static, axes, floor_m, job.input.model, job.input.marker_set, sizes, params.strength
    )
    key = source.key(params.kept["code"])
    if take_scaling(Path(params.kept["archive"]), key, files):
        job.say("took over the standing trial and the model as checked")
        return
    scale_to_standing(
        Standing(static, axes, floor_m),
        sizes,
        job.input.marker_set,
        job.input.model,
        files,
        params.strength,
        job.say,
    )


run_stage(snakemake, main)
