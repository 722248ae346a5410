"""Solve the same runner with another technique, to the loads of every step."""

from stage import Job, run_stage
from strikelean.config.settings import Settings
from strikelean.counterfactual.write import solve_counterfactual
from strikelean.declarations import find_declaration
from strikelean.layout import TrialFiles
from strikelean.techniques import parse_technique
from trial_job import facts_of, recorded_files


def main(job: Job) -> None:
    """Write a trial like a recorded one, how the solves kept their rules, and the band."""
    technique = parse_technique(job.technique)
    solve_counterfactual(
        recorded_files(job),
        technique,
        Settings.from_config(job.params.settings),
        facts_of(job),
        TrialFiles(job.output.markers.parent),
        find_declaration(job.input.techniques, technique.condition),
        template=job.input.template or None,
        speed=job.input.speed or None,
        progress=job.say,
        written=job.keep,
    )


run_stage(snakemake, main)
