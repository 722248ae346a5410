"""Check a runner's standing trial, model and recordings, and keep what was read for the study."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from stage import Job, run_stage
from strikelean.checking.runner import Codes, Person, Run, check_runner
from strikelean.config.settings import Settings
from strikelean.formats.files import write_text
from strikelean.lab.check_belt import Speeds


def main(job: Job) -> None:
    """Write what was found of every file, and what was read of them."""
    params = job.params
    person = Person(
        str(job.subject),
        params.mass_kg,
        params.height_m,
        None if params.instead else Path(params.static[0]),
        job.input.marker_set,
        job.input.model,
        tuple(Path(path) for path in params.static) if params.instead else (),
    )
    runs = [
        Run(
            run["name"],
            run["condition"],
            tuple(Path(path) for path in run["files"]),
            run["start_s"],
            run["end_s"],
            Speeds(run["speed_m_s"], run["belt_speed_m_s"]),
        )
        for run in params.runs
    ]
    with TemporaryDirectory(dir=job.output.check.parent) as scratch:
        found = check_runner(
            person,
            runs,
            Settings.from_config(params.settings),
            Path(scratch),
            job.output.kept,
            Codes(**params.codes),
            job.say,
        )
    write_text(job.output.check, json.dumps(found, allow_nan=False) + "\n")
    faults = sum(
        one["kind"] == "fault" for part in (found, *found["trials"]) for one in part["told"]
    )
    many = f"{len(runs)} recording{'' if len(runs) == 1 else 's'}"
    stood = "" if params.instead else "the standing trial and "
    told = f"{faults} fault{'' if faults == 1 else 's'}" if faults else "no fault"
    job.tell(f"{job.subject}: read {stood}{many}, found {told} in a file")


# a defect is told in the table, the other runners are checked all the same
run_stage(snakemake, main, on_error="note")
