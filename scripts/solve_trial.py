"""Solve a recorded trial: from markers and ground forces to the loads of every step."""

from pathlib import Path

from stage import Job, run_stage
from strikelean.checking.kept import ReadFrom, take_recording
from strikelean.config.settings import Settings
from strikelean.lab.check_belt import Speeds
from strikelean.layout import TrialFiles
from strikelean.loads.metrics_table import Prediction
from strikelean.runners import Running, read_runner, solve_trial
from strikelean.standing import Sizes
from trial_job import facts_of, runner_files


def main(job: Job) -> None:
    """Write markers, forces, contacts, motion, muscle and joint forces, metrics and quality."""
    params, facts = job.params, facts_of(job)
    sizes = Sizes(facts.subject, facts.mass_kg, facts.height_m)
    settings = Settings.from_config(params.settings)
    speeds = Speeds(params.speed_m_s, facts.belt_speed_m_s)
    files = tuple(Path(path) for path in params.files)
    source = ReadFrom(
        files,
        params.start_s,
        params.end_s,
        speeds,
        job.input.static,
        job.input.marker_set,
        facts.mass_kg,
        settings.recording,
    )
    solve_trial(
        Running(files, params.start_s, params.end_s, speeds),
        read_runner(sizes, job.input.marker_set, runner_files(job)),
        settings,
        facts,
        TrialFiles(job.output.markers.parent),
        knee3=hasattr(job.output, "kinematics_knee3"),
        # what a virtual runner does in another condition is a prediction, though it is recorded
        prediction=Prediction(job.input.band, None) if job.input.band else None,
        progress=job.say,
        written=job.keep,
        kept=take_recording(Path(params.kept["archive"]), source.key(params.kept["code"])),
    )


run_stage(snakemake, main, reads_notes=("band",))
