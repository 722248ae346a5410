"""Write the page of a cohort."""

from typing import Any

from stage import Job, run_stage
from strikelean.report.page import write_report
from strikelean.report.page_files import DrawnRunner, DrawnTrial, PageFiles


def drawn(given: dict[str, Any], job: Job) -> dict[str, Any]:
    """Take the files that figures of runners are made of, and return them as the page's."""
    of_trial = [given.pop(name) for name in ("body_points", "grf", "contacts")]
    of_runner = [given.pop(name) for name in ("static", "marker_sets")]
    trials = [
        DrawnTrial(*named, *files)
        for named, *files in zip(job.params.trials, *of_trial, strict=True)
    ]
    runners = {
        name: DrawnRunner(**size, static=static, marker_set=marker_set)
        for (name, size), static, marker_set in zip(
            job.params.runners.items(), *of_runner, strict=True
        )
    }
    swept = given.pop("sweep_poses")
    return {"drawn_trials": trials, "drawn_runners": runners, "sweep_poses": swept}


def main(job: Job) -> None:
    """Write one page for people from the cohort's tables, waveforms and motions."""
    given = dict(vars(job.input))
    waveforms, studies = given.pop("cohort"), given.pop("study_files")
    figures = drawn(given, job)
    # a table that this cohort has not comes as an empty list
    tables = {name: path or None for name, path in given.items()}
    files = PageFiles(waveforms=waveforms, study_files=studies, **tables, **figures)
    asked = job.params.settings
    write_report(files, job.output.report, asked["cohort"], asked, virtual=job.params.virtual)


# whatever could not be made, the page says so
run_stage(snakemake, main, on_error="stop", reads_notes=list(dict(snakemake.input.items())))
