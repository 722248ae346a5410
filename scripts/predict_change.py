"""Ask of a recording what was measured to change, and write what a model says of it."""

from stage import Job, run_stage
from strikelean.config.settings import Settings
from strikelean.validation.predict import PredictionInputs, write_predictions
from trial_job import facts_of, recorded_files


def main(job: Job) -> None:
    """Write the same strides before and after, under every choice."""
    write_predictions(
        recorded_files(job),
        PredictionInputs(
            asked=job.params.asked,
            places=[tuple(place) for place in job.params.places],
            steps=job.input.steps,
            quantities=job.params.quantities,
        ),
        Settings.from_config(job.params.settings),
        facts_of(job),
        job.output.predicted,
        template=job.input.template or None,
        speed=job.input.speed or None,
        progress=job.say,
    )


# a recording that is set beside this one may be unusable: that costs its own comparison alone
run_stage(snakemake, main, reads_notes=("steps",))
