"""Write the tables of a cohort of virtual runners."""

from stage import Job, run_stage
from strikelean.virtual.drawn_runners import virtual_tables, write_tables
from strikelean.virtual.settings import VirtualSettings


def main(job: Job) -> None:
    """Write subjects.tsv and trials.tsv."""
    settings = VirtualSettings.from_config(job.params.section)
    subjects, trials = virtual_tables(settings, job.input.marker_set, job.wildcards["cohort"])
    write_tables(subjects, trials, job.output.subjects, job.output.trials)


run_stage(snakemake, main, on_error="stop")
