"""Read a standing trial."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.formats.axes import Axes
from strikelean.formats.trc import write_trc
from strikelean.lab.floor import stated_height_m
from strikelean.lab.static import read_static
from strikelean.markersets import load_markerset


def main(job: Job) -> None:
    """Write the stillest second, in laboratory axes and metres; the log says what was repaired."""
    recording = job.params.recording
    path = Path(job.params.static)
    static = read_static(
        path,
        Axes(**recording["axes"]),
        stated_height_m(recording["floor_height"]),
        load_markerset(job.input.marker_set).marker_names(),
    )
    for note in static.notes:
        job.say(f"{path.name}: {note}")
    write_trc(job.output.static, static)


run_stage(snakemake, main)
