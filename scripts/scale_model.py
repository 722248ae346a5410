"""Read a standing trial, or mid stances in its place, and scale the generic model to it."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.checking.kept import ScaledFrom, take_scaling
from strikelean.formats.axes import Axes
from strikelean.lab.floor import stated_height_m
from strikelean.layout import RunnerFiles
from strikelean.standing import Sizes, scale_to_standing, standing_of


def main(job: Job) -> None:
    """Write the stillest second, the runner's model and how it was scaled."""
    params = job.params
    axes = Axes(**params.recording["axes"])
    floor_m = stated_height_m(params.recording["floor_height"])
    recordings = [Path(path) for path in params.static]
    standing = standing_of(recordings, axes, floor_m, params.instead)
    sizes = Sizes(str(job.subject), params.mass_kg, params.height_m)
    files = RunnerFiles(job.output.model.parent)
    source = ScaledFrom(standing, job.input.model, job.input.marker_set, sizes, params.strength)
    key = source.key(params.kept["code"])
    if take_scaling(Path(params.kept["archive"]), key, files):
        job.say("took over the standing trial and the model as checked")
        return
    scale_to_standing(
        standing,
        sizes,
        job.input.marker_set,
        job.input.model,
        files,
        params.strength,
        job.say,
    )


run_stage(snakemake, main)
