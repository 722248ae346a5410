"""Work out how far a virtual runner's other conditions move with what was chosen, not known."""

from stage import Job, run_stage
from strikelean.config.settings import Settings
from strikelean.counterfactual.write import band_conditions
from strikelean.techniques import parse_technique
from trial_job import facts_of, recorded_files


def main(job: Job) -> None:
    """Write one band a condition."""
    techniques = {
        name: parse_technique(technique) for name, technique in job.params.techniques.items()
    }
    settings = Settings.from_config(job.params.settings)
    band_conditions(
        recorded_files(job),
        techniques,
        settings,
        facts_of(job),
        vars(job.output),
        job.input.template or None,
        job.say,
    )


run_stage(snakemake, main)
