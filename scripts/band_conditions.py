"""Work out how far a virtual runner's other conditions move with what was chosen, not known."""

from counterfactual_job import inputs_of, loads_of, settings_of
from stage import Job, run_stage
from strikelean.counterfactual.write import band_conditions
from strikelean.techniques import parse_technique


def main(job: Job) -> None:
    """Write one band a condition."""
    techniques = {
        name: parse_technique(technique) for name, technique in job.params.techniques.items()
    }
    settings, loads = settings_of(job), loads_of(job)
    band_conditions(inputs_of(job), techniques, settings, loads, vars(job.output), job.say)


run_stage(snakemake, main)
