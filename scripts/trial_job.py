"""What a job about a runner's trial gives to the library."""

from stage import Job
from strikelean.counterfactual.recorded_trial import RecordedFiles
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.loads.trial_loads import TrialFacts
from strikelean.markersets import load_markerset


def runner_files(job: Job) -> RunnerFiles:
    """Return the files of the job's runner."""
    return RunnerFiles(job.input.model.parent)


def recorded_files(job: Job) -> RecordedFiles:
    """Return the files of the recording that a job changes."""
    trial = TrialFiles(job.input.kinematics.parent)
    return RecordedFiles(runner_files(job), trial, job.input.marker_set)


def facts_of(job: Job) -> TrialFacts:
    """Return what is known of the recording that a job solves or changes."""
    trunk = load_markerset(job.input.marker_set).trunk
    return TrialFacts(str(job.subject), str(job.recorded), trunk_markers=trunk, **job.params.facts)
