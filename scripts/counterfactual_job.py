"""What a job about another technique gives to the library."""

from stage import Job
from strikelean.counterfactual.recorded_trial import BaseInputs
from strikelean.counterfactual.write import CounterfactualInputs, CounterfactualSettings
from strikelean.loads.trial_loads import LoadSettings
from strikelean.markersets import load_markerset
from strikelean.muscles.leg import MuscleSettings


def inputs_of(job: Job) -> CounterfactualInputs:
    """Return the files of the recording that a job changes."""
    given = job.input
    base = BaseInputs(
        given.model,
        given.static,
        given.marker_set,
        given.kinematics,
        given.grf,
        given.grf_unfiltered,
        given.contacts,
        given.markers,
    )
    template = getattr(given, "template", None) or None
    return CounterfactualInputs(base, given.recording, given.kinematics_report, template)


def settings_of(job: Job) -> CounterfactualSettings:
    """Return how a job carries a technique out."""
    chosen = dict(job.params.settings)
    muscles = MuscleSettings.from_config(chosen.pop("muscles"))
    return CounterfactualSettings(**chosen, muscles=muscles)


def loads_of(job: Job) -> LoadSettings:
    """Return what metrics need to know of the recording that a job changes."""
    params = job.params
    return LoadSettings(
        subject=str(job.subject),
        trial=str(job.recorded),
        condition="",
        mass_kg=params.mass_kg,
        height_m=params.height_m,
        belt_speed_m_s=params.belt_speed_m_s,
        loading_rate_cutoff_hz=params.loading_rate_cutoff_hz,
        filter_order=params.filter_order,
        trunk_markers=load_markerset(job.input.marker_set).trunk,
        metrics_list=job.input.metrics_list,
    )
