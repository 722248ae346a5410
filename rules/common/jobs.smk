# What a job takes of its runner and its trial: values for params, and input functions.
from functools import partial

from snakemake.io import contains_wildcard
from strikelean import workflow_files
from strikelean.config.checks import LEAVE_ONE_OUT
from strikelean.techniques import parse_technique
from strikelean.workflow_files import RECORDED, RUNNER, TRIAL

# rules name files of their cohort's runners by the file alone
first_recordings = partial(workflow_files.first_recordings, PROJECT)
files_of_trials = partial(workflow_files.files_of_trials, VIRTUAL_SETTINGS)


def subject_of(wildcards):
    """Return the row of the subject table that a job is about."""
    return PROJECT.everybody()[wildcards.subject]


def trial_of(wildcards):
    """Return the row of the trial table that a job is about."""
    return PROJECT.trials[wildcards.subject, wildcards.trial]


def of_subject(field):
    """Return a function giving one value of the job's subject."""
    return lambda wildcards: getattr(subject_of(wildcards), field)


def of_trial(field):
    """Return a function giving one value of the job's trial."""
    return lambda wildcards: getattr(trial_of(wildcards), field)


def of_recording(field):
    """Return a function giving one value of the job's recording."""
    return lambda wildcards: getattr(PROJECT.trials[wildcards.subject, wildcards.recorded], field)


def measured(path):
    """Return a recording as an input: a result where the runner is virtual, else a file as named."""
    return str(path) if VIRTUAL else local(str(path))


def static_files(wildcards):
    """Return the standing trial of the job's subject, or the running one that is taken instead."""
    return [measured(path) for path in subject_of(wildcards).standing_files]


def instead_of_standing(wildcards):
    """Return how the running trial is read that is taken for a standing one, None where none is."""
    if subject_of(wildcards).static_file is not None:
        return None
    return SETTINGS.part("recording", "min_contact_s", "max_contact_s", "max_gap_s")


def recording_files(wildcards):
    """Return the recording of the job, markers first."""
    return [measured(path) for path in of_recording("files")(wildcards)]


def runner_recordings(wildcards):
    """Return every recording of the job's runner, the standing trial first, each once."""
    own = [r for (subject, _), r in PROJECT.recordings().items() if subject == wildcards.subject]
    files = [*static_files(wildcards), *(measured(path) for run in own for path in run.files)]
    return list(dict.fromkeys(files))


def runs_to_check(wildcards):
    """Return the job's rows of the table of recordings as values, files as scripts find them."""
    fields = ("name", "condition", "start_s", "end_s", "speed_m_s", "belt_speed_m_s")
    return [
        {field: getattr(run, field) for field in fields}
        | {"files": [str(PLACES.modify(measured(path))) for path in run.files]}
        for (subject, _), run in PROJECT.recordings().items()
        if subject == wildcards.subject
    ]


def kept_by_check(code):
    """Return a function giving what a check may have read already, and by which code."""
    return lambda wildcards: {
        "archive": str(PLACES.modify(RUNNER.format(**wildcards) + "check.zip")),
        "code": KEPT_BY[code],
    }


def file_of_subject(field):
    """Return an input function giving one file of the project that the subject table names."""
    return lambda wildcards: local(str(getattr(subject_of(wildcards), field)))


def watched(given):
    """Return an input function giving those files of another that Snakemake can watch.

    It takes braces around a word for a wildcard, whatever gave the name, and knows no way round.
    """
    return lambda wildcards: [
        path for path in listed(given(wildcards)) if not contains_wildcard(path)
    ]


def unwatched(given):
    """Return a function giving name, size and time of the files it cannot, so that a change reruns."""

    def state(wildcards):
        paths = [path for path in listed(given(wildcards)) if contains_wildcard(path)]
        return [(str(p), os.stat(p).st_size, os.stat(p).st_mtime_ns) for p in paths]

    return state


def generic_model(wildcards):
    """Return the generic model of the job's subject."""
    return f"results/{wildcards.cohort}/models/{subject_of(wildcards).model}.osim"


def model_source(wildcards):
    """Return the recipe or the user's own file that a generic model is made from."""
    sources = (s.model_source for s in PROJECT.everybody().values() if s.model == wildcards.model)
    return local(str(next(sources)))


def condition_band(wildcards):
    """Return how far a recording's numbers move with the choices, nothing for what people did."""
    name = workflow_files.band_file(PROJECT, wildcards.subject, wildcards.recorded)
    return RUNNER.format(**wildcards) + name if name else []


def template_file(wildcards):
    """Return the group means that a strike takes its differences from."""
    name = config["counterfactual"]["template"]
    if name == LEAVE_ONE_OUT:
        return RUNNER.format(**wildcards) + "template.csv"
    return local(str(TOP / name))


def template_of(wildcards):
    """Return the template of a derived trial, nothing where its technique is no strike."""
    strikes = parse_technique(wildcards.technique).strikes
    return template_file(wildcards) if strikes else []


def speed_file(wildcards):
    """Return what goes with running speed."""
    name = config["counterfactual"]["speed_template"]
    if name == LEAVE_ONE_OUT:
        return RUNNER.format(**wildcards) + "speed.csv"
    return local(str(TOP / name))


def speed_of(wildcards):
    """Return what goes with running speed, nothing where a technique keeps it."""
    return speed_file(wildcards) if parse_technique(wildcards.technique).speed_percent else []


def builders_cycles():
    """Return the mean cycles of every recording that group statistics are built from."""
    return workflow_files.builders_cycles(PROJECT)


def builders_speeds():
    """Return subject and speed of the same recordings."""
    return workflow_files.builders_speeds(PROJECT)


def changed_recording():
    """Return what a job reads of the recording that it changes."""
    return {
        "model": RUNNER + "scaled.osim",
        "static": RUNNER + "static.trc",
        "kinematics": RECORDED + "kinematics.mot",
        "kinematics_report": RECORDED + "kinematics.json",
        "grf": RECORDED + "grf.mot",
        "grf_unfiltered": RECORDED + "grf_unfiltered.mot",
        "contacts": RECORDED + "contacts.csv",
        "markers": RECORDED + "markers.trc",
        "recording": RECORDED + "recording.json",
        "scaling": RUNNER + "scaling.json",
        "marker_set": file_of_subject("marker_set"),
        "metrics_list": METRICS_LIST,
    } | reduced_outputs()


def facts_of_recording(wildcards):
    """Return what is known of the job's recording beside its files."""
    subject, trial = subject_of(wildcards), PROJECT.trials[wildcards.subject, wildcards.recorded]
    return {
        "mass_kg": subject.mass_kg,
        "height_m": subject.height_m,
        "belt_speed_m_s": trial.belt_speed_m_s,
        "virtual": VIRTUAL,
    }


def trial_outputs(trial):
    """Return the files that every trial has, by what they are called in scripts."""
    place = TRIAL.replace("{trial}", trial)
    return {name: place + file for name, file in workflow_files.TRIAL_FILES.items()}


def reduced_outputs():
    """Return the files of a recording whose residuals are reduced, nothing where nobody asks."""
    files = workflow_files.reduced_files(PROJECT)
    return {name: RECORDED + file for name, file in files.items()}


def knee3_outputs():
    """Return the files of the knee with three rotations, nothing where nobody asks for it."""
    files = workflow_files.knee3_files(PROJECT)
    return {name: RECORDED + file for name, file in files.items()}
