"""Write the tables of a cohort of virtual runners."""

from stage import Job, run_stage
from strikelean.virtual.tables import virtual_tables, write_tables


def main(job: Job) -> None:
    """Write subjects.tsv and trials.tsv."""
    subjects, trials = virtual_tables(
        job.params.section, job.input.marker_set, job.wildcards["cohort"]
    )
    write_tables(subjects, trials, job.output.subjects, job.output.trials)


run_stage(snakemake, main, on_error="stop")
