"""Build the table of what goes with the foot-strike angle, per degree."""

from stage import Job, run_stage
from strikelean.counterfactual.templates import build_template


def main(job: Job) -> None:
    """Write the slopes of all runners but the one that a job is about."""
    excluded = [job.subject] if job.subject else []
    build_template(job.input.cycles, job.params.source, job.output.template, excluded)


# without a runner in it, a template is to be kept: a note in its place would be kept as well
FOR_ALL = "subject" not in dict(snakemake.wildcards.items())
run_stage(snakemake, main, on_error="stop" if FOR_ALL else "exclude", reads_notes=("cycles",))
