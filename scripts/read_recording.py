"""Read a running trial: markers, ground forces and contacts."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.formats.trc import read_trc
from strikelean.lab.check_belt import Speeds
from strikelean.lab.recording import RecordingSettings, read_recording
from strikelean.lab.summary import write_recording
from strikelean.layout import TrialFiles
from strikelean.markersets import load_markerset


def main(job: Job) -> None:
    """Write markers, forces, contacts and what there is to say of them."""
    params = job.params
    settings = RecordingSettings.from_config(
        params.recording, params.steps, params.filter, params.max_missing_segment_share
    )
    trial = read_recording(
        [Path(path) for path in params.files],
        read_trc(job.input.static),
        load_markerset(job.input.marker_set),
        params.mass_kg,
        settings,
        params.start_s,
        params.end_s,
        Speeds(params.speed_m_s, params.belt_speed_m_s),
    )
    write_recording(trial, TrialFiles(job.output.markers.parent))


run_stage(snakemake, main)
