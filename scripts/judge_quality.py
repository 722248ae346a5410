"""Judge which trials of the cohort are included, and why others are not."""

from stage import Job, run_stage
from strikelean.judging import Limits
from strikelean.quality import TrialResult, judge_quality


def main(job: Job) -> None:
    """Write quality.csv."""
    trials = [
        TrialResult(*named, quality, metrics, loads)
        for named, quality, metrics, loads in zip(
            job.params.trials,
            job.input.quality,
            job.input.metrics,
            job.input.loads,
            strict=True,
        )
    ]
    if not judge_quality(trials, Limits(**job.params.limits), job.output.quality):
        job.tell(f"none of {len(trials)} trials is used: quality.csv and the page say why of each")


run_stage(snakemake, main, on_error="note", reads_notes=("quality", "metrics", "loads"))
