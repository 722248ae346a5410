"""Collect the included trials into tables and one file of waveforms."""

from stage import Job, run_stage
from strikelean.loads.choices import collect_choices
from strikelean.loads.cohort import collect_cohort, included_trials
from strikelean.provenance import describe_environment
from strikelean.quality import TrialResult
from strikelean.virtual.names import VIRTUAL_RUNNERS


def main(job: Job) -> None:
    """Write metrics.csv, cohort.h5 and choices.csv."""
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
    counted = included_trials(job.input.quality)
    banded = zip(map(tuple, job.params.banded), job.input.bands, strict=True)
    collect_choices({place: path for place, path in banded if place in counted}, job.output.choices)


OF_TRIALS = ("trial_quality", "metrics", "loads", "bands")
run_stage(snakemake, main, on_error="note", reads_notes=OF_TRIALS)
