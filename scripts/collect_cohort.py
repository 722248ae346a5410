"""Collect the included trials into one table and one file of waveforms."""

from stage import Job, run_stage
from strikelean.loads.cohort import collect_cohort
from strikelean.provenance import describe_environment
from strikelean.quality import TrialResult
from strikelean.virtual.settings import VIRTUAL_RUNNERS


def main(job: Job) -> None:
    """Write metrics.csv and cohort.h5."""
    trials = [
        TrialResult(subject, trial, quality, metrics, loads)
        for (subject, trial), quality, metrics, loads in zip(
            job.params.trials,
            job.input.trial_quality,
            job.input.metrics,
            job.input.loads,
            strict=True,
        )
    ]
    provenance = describe_environment() | {"code": job.params.code}
    if job.params.virtual:
        provenance["runners"] = VIRTUAL_RUNNERS
    collect_cohort(trials, job.input.quality, job.output.metrics, job.output.cohort, provenance)


run_stage(snakemake, main, on_error="note", reads_notes=("trial_quality", "metrics", "loads"))
