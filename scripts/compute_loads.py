"""Compute the loads of a trial: moments, muscle forces, joint reactions, metrics of every step."""

from stage import Job, run_stage
from strikelean.declarations import find_declaration
from strikelean.dynamics.solve import StockFiles
from strikelean.layout import TrialFiles
from strikelean.loads.metrics_table import Prediction
from strikelean.loads.trial_loads import LoadSettings
from strikelean.markersets import load_markerset
from strikelean.muscles.leg import MuscleSettings
from strikelean.pipeline import read_model, read_trial, solve_loads, write_forces, write_trial_loads


def main(job: Job) -> None:
    """Write forces, waveforms, metrics and quality figures of one trial."""
    given, params = job.input, job.params
    reports = {
        "recording": given.recording,
        "scaling": given.scaling,
        "kinematics": given.kinematics_report,
    }
    prediction = None
    if given.counterfactual:
        reports["counterfactual"] = given.counterfactual
    if given.band:
        named = find_declaration(given.techniques, params.condition) if given.techniques else None
        prediction = Prediction(given.band, named)
    settings = LoadSettings(
        subject=str(job.subject),
        trial=str(job.trial),
        condition=params.condition,
        mass_kg=params.mass_kg,
        height_m=params.height_m,
        belt_speed_m_s=params.belt_speed_m_s,
        loading_rate_cutoff_hz=params.loading_rate_cutoff_hz,
        filter_order=params.filter_order,
        trunk_markers=load_markerset(given.marker_set).trunk,
        metrics_list=given.metrics_list,
        virtual=params.virtual,
    )
    stock = None
    if params.engine == "opensim":
        stock = StockFiles(given.model, given.kinematics, given.grf)
    files, written = TrialFiles(given.kinematics.parent), TrialFiles(job.output.loads.parent)
    trial = read_trial(files, read_model(given.model), knee3=bool(given.knee3))
    muscles = MuscleSettings.from_config(params.muscles)
    trial = solve_loads(trial, muscles, settings, job.say, stock)
    write_forces(trial, written)
    write_trial_loads(trial, settings, written, reports, prediction)


run_stage(snakemake, main, reads_notes=("knee3", "band"))
