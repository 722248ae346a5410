"""Read a standing trial."""

from stage import Job, run_stage
from strikelean.formats.axes import Axes
from strikelean.formats.trc import write_trc
from strikelean.lab.static import read_static


def main(job: Job) -> None:
    """Write the stillest second, in laboratory axes and metres."""
    static = read_static(job.input.static, Axes(**job.params.axes))
    for note in static.notes:
        job.say(f"{job.input.static.name}: {note}")
    write_trc(job.output.static, static)


run_stage(snakemake, main)
