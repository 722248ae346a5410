"""Names of the results, and which of them a run of the whole cohort makes.

Names are those of rules: ``results/{cohort}/{subject}/{trial}/...`` with wildcards in braces.
"""

from __future__ import annotations

from pathlib import Path

from strikelean.config.project import Project, TrialRow
from strikelean.layout import TrialFiles
from strikelean.virtual.settings import HABITUAL, VirtualSettings, trial_of

COHORT = "results/{cohort}/"
RUNNER = "results/{cohort}/{subject}/"
TRIAL = "results/{cohort}/{subject}/{trial}/"
RECORDED = "results/{cohort}/{subject}/{recorded}/"

# asked for by `rule all`, beside the page
TABLES = (
    "metrics.csv",
    "within_runner.csv",
    "choices.csv",
    "quality.csv",
    "comparisons.csv",
    "regressions.csv",
    "studies.csv",
    "published_summary.csv",
    "claims.csv",
    "claim_tests.csv",
    "within_runner_slopes.csv",
    "waveform_tests.csv",
    "cohort.h5",
)
# and where the runners are virtual
VIRTUAL_TABLES = ("subjects.tsv", "trials.tsv", "recovery.csv", "plausibility.csv")
# of every trial, by what they are called in the scripts that write them
TRIAL_FILES = {
    name: getattr(TrialFiles(Path()), name).name
    for name in (
        *("markers", "grf", "grf_unfiltered", "contacts", "recording"),
        *("kinematics", "body_points", "kinematics_report"),
        *("moments", "dynamics_report", "muscle_forces", "activations", "muscles_report"),
        *("joint_reactions", "loads", "metrics", "quality", "muscle_variants"),
    )
}
# of a trial, beside what says whether it is there at all
TRIAL_RESULTS = ("quality.json", "metrics.csv", "loads.h5", "muscle_variants.csv")
# what is known for certain of a virtual runner's trial: name and ending
_TRUTH = (("motion", "mot"), ("ground", "mot"), ("contacts", "csv"))


def virtual_trials(settings: VirtualSettings) -> dict[str, str]:
    """Return the files of a virtual runner's trials: each recording, and what was true.

    Args:
        settings: of virtual runners.

    Returns:
        By the recording's name, and ``<recording>_<part>`` for each part of the truth.
    """
    files = {}
    for trial in settings.recordings():
        files[trial] = f"{RUNNER}recordings/{trial}.c3d"
        for part, ending in _TRUTH:
            files[f"{trial}_{part}"] = f"{RUNNER}truth/{trial}_{part}.{ending}"
    return files


def virtual_bands(settings: VirtualSettings) -> dict[str, str]:
    """Return the bands of a virtual runner's conditions, by trial."""
    trials = [trial for trial in settings.trials() if trial != HABITUAL]
    return {trial: f"{RECORDED}bands/{trial}.csv" for trial in trials}


def files_of_trials(settings: VirtualSettings, name: str) -> list[str]:
    """Return a file of each recording of a virtual runner, such as ``{trial}/loads.h5``."""
    return [RUNNER + name.replace("{trial}", trial) for trial in settings.recordings()]


def first_recordings(project: Project, name: str, of_trial: bool = True) -> list[str]:
    """Return a file of one recording of every runner, or of the runner alone.

    Of the condition that is changed where the runner has one, else of the first; runners who only
    judge are left out.

    Args:
        project: the cohort.
        name: the file's name.
        of_trial: whether it lies in the recording's folder, else in the runner's.

    Returns:
        One a runner, in their order; ``{cohort}`` is left to be filled in.
    """
    own = [(trial.subject, trial.name) for trial in project.changed()]
    first: dict[str, str] = {}
    for subject, trial in [*own, *project.recordings()]:
        place = f"{subject}/{trial}" if of_trial else subject
        first.setdefault(subject, f"{COHORT}{place}/{name}")
    return [first[subject] for subject in project.subjects if subject not in project.judges()]


def builders(project: Project) -> list[TrialRow]:
    """Return the recordings that group statistics are built from: of all but those who judge."""
    judges = project.judges()
    return [one for one in project.recordings().values() if one.subject not in judges]


def builders_cycles(project: Project) -> list[str]:
    """Return the mean cycles of those recordings."""
    return [f"{COHORT}{one.subject}/{one.name}/cycle.csv" for one in builders(project)]


def builders_speeds(project: Project) -> list[tuple[str, float]]:
    """Return subject and speed of those recordings, in the same order."""
    return [(one.subject, one.speed_m_s) for one in builders(project)]


def knee3_files(project: Project) -> dict[str, str]:
    """Return the files of a recording's knee with three rotations, none where nobody asks."""
    # a hinge is all that a virtual runner has: it says nothing of the knee's other rotations
    if not project.config["kinematics"]["knee3"] or project.virtual:
        return {}
    own = TrialFiles(Path())
    return {"kinematics_knee3": own.kinematics_knee3.name, "knee3_model": own.knee3_model.name}


def reduced_files(project: Project) -> dict[str, str]:
    """Return the files of a recording's reduced residuals, none where nobody asks."""
    if not project.config["dynamics"]["reduce_residuals"]:
        return {}
    return {"reduced_model": TrialFiles(Path()).reduced_model.name}


def knee3_file(project: Project, subject: str, trial: str) -> str | None:
    """Return the name of a trial's angles of the three-rotation knee, None where it has none."""
    # a hinge is all that a technique moves
    derived = project.trials[subject, trial].technique
    return None if derived else knee3_files(project).get("kinematics_knee3")


def band_file(project: Project, subject: str, trial: str) -> str | None:
    """Return how far a trial's numbers move with the choices, None for what people did.

    Relative to the runner's folder.
    """
    if project.trials[subject, trial].technique:
        return f"{trial}/band.csv"
    # what a virtual runner does in another condition is a prediction, though it is recorded
    if project.virtual:
        settings = VirtualSettings.from_config(project.config["virtual"])
        first, condition = settings.recordings_of(HABITUAL)[0], trial_of(trial)
        return f"{first}/bands/{condition}.csv" if condition != HABITUAL else None
    return None
