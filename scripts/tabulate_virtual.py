"""Write the tables of a cohort of virtual runners."""

from stage import Job, run_stage
from strikelean.virtual.tables import write_tables


def main(job: Job) -> None:
    """Write subjects.tsv and trials.tsv."""
    write_tables(job.params.subjects, job.params.trials, job.output.subjects, job.output.trials)


run_stage(snakemake, main, excludes=False)
