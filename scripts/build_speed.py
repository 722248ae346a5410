"""Build the table of what goes with running speed within runners."""

from stage import Job, run_stage
from strikelean.counterfactual.speed import SpeedCycle, build_speed


def main(job: Job) -> None:
    """Write the slopes of all runners but the one that a job is about."""
    excluded = [job.subject] if job.subject else []
    cycles = [
        SpeedCycle(subject, float(speed), cycle)
        for (subject, speed), cycle in zip(job.params.recordings, job.input.cycles, strict=True)
    ]
    build_speed(cycles, job.params.source, job.output.speed, excluded)


# without a runner in it, a table is to be kept: a note in its place would be kept as well
FOR_ALL = "subject" not in dict(snakemake.wildcards.items())
run_stage(snakemake, main, on_error="stop" if FOR_ALL else "exclude", reads_notes=("cycles",))
