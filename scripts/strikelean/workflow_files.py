"""Names of the results, and which of them a run of the whole cohort makes.

Names are those of rules: ``results/{cohort}/{subject}/{trial}/...`` with wildcards in braces.
"""

from __future__ import annotations

from strikelean.config.project import Project
from strikelean.virtual.settings import HABITUAL, VirtualSettings

COHORT = "results/{cohort}/"
RUNNER = "results/{cohort}/{subject}/"
TRIAL = "results/{cohort}/{subject}/{trial}/"
RECORDED = "results/{cohort}/{subject}/{recorded}/"

# asked for by `rule all`, beside the page
TABLES = (
    "metrics.csv",
    "quality.csv",
    "comparisons.csv",
    "regressions.csv",
    "studies.csv",
    "claims.csv",
    "waveform_tests.csv",
    "cohort.h5",
)
# and where the runners are virtual
VIRTUAL_TABLES = ("subjects.tsv", "trials.tsv", "recovery.csv", "plausibility.csv")
# of a trial, beside what says whether it is there at all
TRIAL_RESULTS = ("quality.json", "metrics.csv", "loads.h5")
# what is known for certain of a virtual runner's trial: name and ending
_TRUTH = (("motion", "mot"), ("ground", "mot"), ("contacts", "csv"))


def virtual_trials(settings: VirtualSettings) -> dict[str, str]:
    """Return the files of a virtual runner's trials: each recording, and what was true.

    Args:
        settings: of virtual runners.

    Returns:
        By the trial's name, and ``<trial>_<part>`` for each part of the truth.
    """
    files = {}
    for trial in settings.trials():
        files[trial] = f"{RUNNER}recordings/{trial}.c3d"
        for part, ending in _TRUTH:
            files[f"{trial}_{part}"] = f"{RUNNER}truth/{trial}_{part}.{ending}"
    return files


def virtual_bands(settings: VirtualSettings) -> dict[str, str]:
    """Return the bands of a virtual runner's conditions, by trial."""
    trials = [trial for trial in settings.trials() if trial != HABITUAL]
    return {trial: f"{RECORDED}bands/{trial}.csv" for trial in trials}


def files_of_trials(settings: VirtualSettings, name: str) -> list[str]:
    """Return a file of each trial of a virtual runner, such as ``{trial}/loads.h5``."""
    return [RUNNER + name.replace("{trial}", trial) for trial in settings.trials()]


def first_recordings(project: Project, name: str, of_trial: bool = True) -> list[str]:
    """Return a file of the first recording of every runner, or of the runner alone.

    Args:
        project: the cohort.
        name: the file's name.
        of_trial: whether it lies in the recording's folder, else in the runner's.

    Returns:
        One a runner, in their order; ``{cohort}`` is left to be filled in.
    """
    first: dict[str, str] = {}
    for subject, trial in project.recordings():
        place = f"{subject}/{trial}" if of_trial else subject
        first.setdefault(subject, f"{COHORT}{place}/{name}")
    return [first[subject] for subject in project.subjects]


def knee3_file(project: Project, subject: str, trial: str) -> str | None:
    """Return the name of a trial's angles of the three-rotation knee, None where it has none."""
    # a hinge is all that a technique moves, and all that a virtual runner has: neither says
    # anything of the knee's other rotations
    derived = project.trials[subject, trial].technique
    wanted = project.config["kinematics"]["knee3"] and not derived and not project.virtual
    return "kinematics_knee3.mot" if wanted else None


def band_file(project: Project, subject: str, trial: str) -> str | None:
    """Return how far a trial's numbers move with the choices, None for what people did.

    Relative to the runner's folder.
    """
    if project.trials[subject, trial].technique:
        return f"{trial}/band.csv"
    # what a virtual runner does in another condition is a prediction, though it is recorded
    if project.virtual and trial != HABITUAL:
        return f"{HABITUAL}/bands/{trial}.csv"
    return None
