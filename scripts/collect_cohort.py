"""Collect the included trials into tables and one file of waveforms."""

from stage import Job, run_stage
from strikelean.declarations import read_declarations
from strikelean.loads.choices import MUSCLES, TECHNIQUE, collect_choices
from strikelean.loads.cohort import CohortOutputs, Techniques, collect_cohort, included_trials
from strikelean.provenance import describe_environment
from strikelean.quality import TrialResult
from strikelean.virtual.settings import HABITUAL, VIRTUAL_RUNNERS


def main(job: Job) -> None:
    """Write metrics.csv, within_runner.csv, cohort.h5 and choices.csv."""
    trials = [
        TrialResult(*named, quality, metrics, loads)
        for named, quality, metrics, loads in zip(
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
    outputs = CohortOutputs(job.output.metrics, job.output.within_runner, job.output.cohort)
    declared = read_declarations(job.input.techniques, job.input.metrics_list)
    techniques = Techniques(declared, bool(job.params.virtual), HABITUAL)
    collect_cohort(trials, job.input.quality, outputs, provenance, techniques)
    counted = included_trials(job.input.quality)
    banded = zip(map(tuple, job.params.banded), job.input.bands, strict=True)
    named = [(subject, trial) for subject, trial, _ in job.params.trials]
    varied = zip(named, job.input.variants, strict=True)
    families = {
        TECHNIQUE: {place: path for place, path in banded if place in counted},
        MUSCLES: {place: path for place, path in varied if place in counted},
    }
    collect_choices(families, job.output.choices)


OF_TRIALS = ("trial_quality", "metrics", "loads", "bands", "variants")
run_stage(snakemake, main, on_error="note", reads_notes=OF_TRIALS)
