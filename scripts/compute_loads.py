"""Compute loads and metrics of every step of a trial."""

from stage import Job, run_stage
from strikelean.declarations import find_declaration
from strikelean.loads.metrics_table import Prediction
from strikelean.loads.trial import LoadInputs, LoadOutputs, compute_loads
from strikelean.loads.trial_loads import LoadSettings
from strikelean.markersets import load_markerset


def main(job: Job) -> None:
    """Write waveforms, metrics and quality figures of one trial."""
    given, params = job.input, job.params
    reports = {
        "recording": given.recording,
        "scaling": given.scaling,
        "kinematics": given.kinematics_report,
        "dynamics": given.dynamics,
        "muscles": given.muscles,
    }
    prediction = None
    if given.counterfactual:
        reports["counterfactual"] = given.counterfactual
    if given.band:
        named = find_declaration(given.techniques, params.condition) if given.techniques else None
        prediction = Prediction(given.band, named)
    inputs = LoadInputs(
        contacts=given.contacts,
        ground=given.grf_unfiltered,
        markers=given.markers,
        kinematics=given.kinematics,
        body_points=given.body_points,
        moments=given.moments,
        muscle_forces=given.forces,
        joint_reactions=given.reactions,
        knee3=given.knee3 or None,
        reports=reports,
        activations=given.activations,
        prediction=prediction,
    )
    outputs = LoadOutputs(job.output.loads, job.output.metrics, job.output.quality)
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
    compute_loads(inputs, outputs, settings, progress=job.say)


run_stage(snakemake, main, reads_notes=("knee3", "band"))
