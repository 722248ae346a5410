"""Write the table and the page of a check."""

from stage import Job, run_stage
from strikelean.checking.cohort import judge_cohort
from strikelean.checking.results import read_runner_checks, write_check
from strikelean.judging import Limits


def main(job: Job) -> None:
    """Judge what was found of all runners; write it as table, as text and as a page."""
    params = job.params
    runners = read_runner_checks(job.input.checks)
    checked = judge_cohort(runners, Limits(**params.limits), warnings=params.warnings)
    folder = params.folder
    write_check(checked, params.settings, job.output.table.parent, f"{folder}/check.html")


run_stage(snakemake, main, on_error="stop", reads_notes=("checks",))
