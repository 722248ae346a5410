# The only place that reads the configuration and the tables. Rules get their values from here
# through params, never the tables as input: one changed mass then reruns one runner.
import os
import re
import sys
from pathlib import Path

import yaml
from snakemake.io import contains_wildcard
from snakemake.iocontainers import Wildcards
from snakemake.utils import update_config

# relative, so that a folder that is moved with its results does not start anew
TOP = Path(os.path.relpath(workflow.basedir))
SCRIPTS = TOP / "scripts"
sys.path.insert(0, str(SCRIPTS.resolve()))

from strikelean.config import load_project
from strikelean.config_checks import LEAVE_ONE_OUT, SAFE_NAME
from strikelean.errors import ConfigError
from strikelean.provenance import library_hash
from strikelean.techniques import parse_technique
from strikelean.studies.reading import check_studies
from strikelean.virtual.names import HABIT, MARKER_SET, trial_names

METRICS_LIST = str(TOP / "config" / "schemas" / "metrics.yaml")
CLAIMS = str(TOP / "config" / "studies" / "claims.yaml")
STUDIES = sorted(set(map(str, (TOP / "config" / "studies").glob("*.yaml"))) - {CLAIMS})
TECHNIQUES = sorted(map(str, (TOP / "models" / "techniques").glob("*.yaml")))
DELIVERED = TOP / "config" / "config.yaml"
RBDS_CONFIG = TOP / "config" / "examples" / "rbds" / "config.yaml"
NO_DATA = (
    "strikelean: expected recordings, found no rows in {subjects} and {trials}. Fill them in "
    "(config/README.md), or run the public dataset: make rbds DATA=folder."
)


def stop(text):
    """Say why nothing can run, without a traceback, and end with exit code 2."""
    print(text, file=sys.stderr)
    raise SystemExit(2)


def read_project():
    """Return the checked project; the public dataset's where no tables are filled in but DATA is."""
    # Snakemake names the files of --configfile first; they are laid over the delivered one
    files = [Path(os.path.relpath(name)) for name in workflow.configfiles]
    files.sort(key=lambda path: path != DELIVERED)
    try:
        project = load_project(config, TOP, files)
        data = os.environ.get("DATA", "")
        if data and (project.virtual or not project.trials):
            update_config(config, yaml.safe_load(RBDS_CONFIG.read_text(encoding="utf-8")))
            config["data_root"] = data
            # a name given on the command line stays
            asked = workflow.config_settings.config
            config.update({key: asked[key] for key in ("cohort", "source") if key in asked})
            project = load_project(config, TOP, [*files, RBDS_CONFIG])
        if workflow.is_main_process:
            files_of_studies = [Path(path) for path in [*STUDIES, CLAIMS]]
            check_studies(files_of_studies, TOP / "config" / "schemas", list(map(Path, TECHNIQUES)))
    except ConfigError as error:
        stop(f"strikelean: {error}")
    # looking at the rules needs no recordings
    looking = {"--lint", "-l", "--list", "--list-rules", "--list-target-rules", "--lt"}
    if not project.trials and not looking.intersection(sys.argv):
        stop(NO_DATA.format(**config["tables"]))
    return project


PROJECT = read_project()
config.update(PROJECT.config)
VIRTUAL = PROJECT.virtual
if workflow.is_main_process:
    for line in PROJECT.warnings:
        print(f"strikelean: note: {line}", file=sys.stderr)


wildcard_constraints:
    cohort=re.escape(config["cohort"]),
    subject=SAFE_NAME,
    model=SAFE_NAME,
    # derived trials are named <trial>~<technique>
    trial="[A-Za-z0-9][A-Za-z0-9._+~-]*",
    recorded=SAFE_NAME,
    technique="[a-z][a-z0-9_+-]*",


def cohort_files(*names):
    """Return files of the whole cohort."""
    return [f"results/{config['cohort']}/{name}" for name in names]


def trial_files(name):
    """Return an input function giving one file of every trial."""
    return lambda wildcards: [
        f"results/{wildcards.cohort}/{subject}/{trial}/{name}" for subject, trial in PROJECT.trials
    ]


def subject_of(wildcards):
    """Return the row of the subject table that a job is about."""
    return PROJECT.subjects[wildcards.subject]


def trial_of(wildcards):
    """Return the row of the trial table that a job is about."""
    return PROJECT.trials[wildcards.subject, wildcards.trial]


def of_subject(field):
    """Return a function giving one value of the job's subject."""
    return lambda wildcards: getattr(subject_of(wildcards), field)


def of_trial(field):
    """Return a function giving one value of the job's trial."""
    return lambda wildcards: getattr(trial_of(wildcards), field)


def file_of_subject(field):
    """Return an input function giving one file named in the job's row of the subject table."""
    return lambda wildcards: str(getattr(subject_of(wildcards), field))


def of_recording(field):
    """Return a function giving one value of the job's recording."""
    return lambda wildcards: getattr(PROJECT.trials[wildcards.subject, wildcards.recorded], field)


def recording_files(wildcards):
    """Return the recording of the job, markers first."""
    return [str(path) for path in of_recording("files")(wildcards)]


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
        return [(path, os.stat(path).st_size, os.stat(path).st_mtime_ns) for path in paths]

    return state


def listed(value):
    """Return one path or several as a list."""
    return [value] if isinstance(value, str) else list(value)


def runner_sizes():
    """Return mass and stature of every runner, as what may explain differences between them."""
    return {
        name: {"mass_kg": subject.mass_kg, "height_m": subject.height_m}
        # in a fixed order: a reordered table changes nothing
        for name, subject in sorted(PROJECT.subjects.items())
    }


def kinematics_knee3(wildcards):
    """Return the trial's angles of the three-rotation knee, nothing where it is switched off."""
    # a hinge is all that a technique moves, and all that a virtual runner has: neither says
    # anything of the knee's other rotations
    if not config["kinematics"]["knee3"] or trial_of(wildcards).technique or VIRTUAL:
        return []
    return "results/{cohort}/{subject}/{trial}/kinematics_knee3.mot".format(**wildcards)


def generic_model(wildcards):
    """Return the generic model of the job's subject."""
    return f"results/{wildcards.cohort}/models/{subject_of(wildcards).model}.osim"


def model_source(wildcards):
    """Return the recipe or the user's own file that a generic model is made from."""
    return str(
        next(
            subject.model_source
            for subject in PROJECT.subjects.values()
            if subject.model == wildcards.model
        )
    )


def template_file(wildcards):
    """Return the group means that a strike takes its differences from."""
    name = config["counterfactual"]["template"]
    if name == LEAVE_ONE_OUT:
        return "results/{cohort}/{subject}/template.csv".format(**wildcards)
    return str(TOP / name)


def template_of(wildcards):
    """Return the template of a derived trial, nothing where its technique is no strike."""
    strikes = parse_technique(wildcards.technique).strike_percent
    return template_file(wildcards) if strikes else []


def predicted_files(name):
    """Return an input function giving a file that only derived trials have, nothing for others."""
    return lambda wildcards: (
        "results/{cohort}/{subject}/{trial}/".format(**wildcards) + name
        if trial_of(wildcards).technique
        else []
    )


def band_file(wildcards):
    """Return how far a trial's numbers move with the choices, nothing for what people did."""
    place = "results/{cohort}/{subject}/".format(**wildcards)
    if trial_of(wildcards).technique:
        return place + f"{wildcards.trial}/band.csv"
    # what a virtual runner does in another condition is a prediction, though it is recorded
    if VIRTUAL and wildcards.trial != HABIT:
        return place + f"{HABIT}/bands/{wildcards.trial}.csv"
    return []


def predicted_declarations(wildcards):
    """Return what techniques declare, for a derived trial, nothing for others."""
    return TECHNIQUES if trial_of(wildcards).technique else []


def first_recordings(name, of_trial=True):
    """Return a file of the first recording of every runner, or of the runner alone."""
    first = {}
    for subject, trial in PROJECT.recordings():
        place = f"{subject}/{trial}" if of_trial else subject
        first.setdefault(subject, "results/{cohort}/" + f"{place}/{name}")
    # in the order of the runners
    return [first[subject] for subject in PROJECT.subjects]


def changed_recording():
    """Return what a job reads of the recording that it changes."""
    runner = "results/{cohort}/{subject}/"
    trial = runner + "{recorded}/"
    return {
        "model": runner + "scaled.osim",
        "static": runner + "static.trc",
        "kinematics": trial + "kinematics.mot",
        "kinematics_report": trial + "kinematics.json",
        "grf": trial + "grf.mot",
        "grf_unfiltered": trial + "grf_unfiltered.mot",
        "contacts": trial + "contacts.csv",
        "markers": trial + "markers.trc",
        "recording": trial + "recording.json",
        "marker_set": file_of_subject("marker_set"),
        "metrics_list": METRICS_LIST,
    }


def changed_runner():
    """Return what metrics need to know of the recording that a job changes."""
    return {
        "mass_kg": of_subject("mass_kg"),
        "height_m": of_subject("height_m"),
        "belt_speed_m_s": of_recording("belt_speed_m_s"),
        "loading_rate_cutoff_hz": config["filter"]["loading_rate_cutoff_hz"],
        "filter_order": config["filter"]["order"],
    }


def counterfactual_settings(section):
    """Return what decides how a technique is worked out, for a trial or for a sweep."""
    return (
        part_of(section, "strides", "band_strides")
        | part_of("counterfactual", "hip_share")
        | part_of("recording", "cop_min_force_n")
        | {"muscles": config["muscles"]}
    )


def sweep_asked():
    """Return the angles of the sweep over trunk lean, in order.

    In a mapping: of a bare list Snakemake would only see which numbers are among all parameters.
    """
    return {"angles_deg": sorted(config["sweep"]["trunk_lean_change_deg"])}


def sweep_parts():
    """Return subject and trial of every part of the sweep; none where no angle is asked for."""
    return [(t.subject, t.name) for t in PROJECT.changed()] if sweep_asked()["angles_deg"] else []


def sweep_files(wildcards):
    """Return the sweep's files, one a trial."""
    return [
        f"results/{wildcards.cohort}/{subject}/{trial}/sweep.csv"
        for subject, trial in sweep_parts()
    ]


def virtual_trials():
    """Return the files of a virtual runner's trials: each recording, and what was true."""
    folder, files = "results/{cohort}/{subject}", {}
    for trial in trial_names(config["virtual"]):
        files[trial] = f"{folder}/recordings/{trial}.c3d"
        for part, ending in (("motion", "mot"), ("ground", "mot"), ("contacts", "csv")):
            files[f"{trial}_{part}"] = f"{folder}/truth/{trial}_{part}.{ending}"
    return files


def virtual_bands():
    """Return the bands of a virtual runner's conditions, by trial."""
    trials = [trial for trial in trial_names(config["virtual"]) if trial != HABIT]
    return {
        trial: f"results/{{cohort}}/{{subject}}/{{recorded}}/bands/{trial}.csv" for trial in trials
    }


def band_settings():
    """Return what decides how the bands of a virtual runner's conditions are worked out."""
    strides = config["virtual"]["band_strides"]
    return counterfactual_settings("counterfactual") | {"strides": strides, "band_strides": strides}


def files_of_trials(name):
    """Return a file of each trial of a virtual runner."""
    trials = trial_names(config["virtual"])
    return ["results/{cohort}/{subject}/" + name.replace("{trial}", trial) for trial in trials]


def road_settings():
    """Return what the main road takes from the configuration, from recording to joint reactions."""
    sections = (
        "engine",
        "recording",
        "steps",
        "filter",
        "scaling",
        "kinematics",
        "muscles",
        "quality",
    )
    return {name: config[name] for name in sections}


def virtual_settings():
    """Return what decides who virtual runners are and what they do; not what comes after."""
    later = ("trunk_lean_change_deg", "ranges", "band_strides")
    return {k: v for k, v in config["virtual"].items() if k not in later}


# asked for by `rule all` where the runners are virtual
VIRTUAL_TABLES = (
    ("subjects.tsv", "trials.tsv", "recovery.csv", "plausibility.csv") if VIRTUAL else ()
)


def virtual_table(name):
    """Return a table of virtual runners where there are any, nothing else."""
    return "results/{cohort}/" + name if VIRTUAL else []


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


def technique_tables():
    """Return the tables that techniques and angles add to what `rule all` asks for."""
    sweep = ["sweep.csv", "sweep_manifest.csv", "dose_response.csv"] if sweep_parts() else []
    strikes = any(trial.technique == "forefoot" for trial in PROJECT.trials.values())
    return sweep + ["strike_check.csv"] * strikes


def technique_table(name):
    """Return a table of techniques and angles where it is made, nothing else."""
    return "results/{cohort}/" + name if name in technique_tables() else []


def recovery_files(wildcards):
    """Return what recordings give back of each virtual runner, nothing where people ran."""
    if not VIRTUAL:
        return []
    return [f"results/{wildcards.cohort}/{subject}/recovery.csv" for subject in PROJECT.subjects]


def all_results(wildcards):
    """Return the cohort's tables, and all that goes into them of every trial."""
    files = cohort_files(*TABLES, *VIRTUAL_TABLES, *technique_tables())
    files += recovery_files(wildcards) + sweep_files(wildcards)
    for subject, trial in PROJECT.trials:
        own = Wildcards(fromdict={**wildcards, "subject": subject, "trial": trial})
        place = f"results/{wildcards.cohort}/{subject}/{trial}/"
        files += [place + name for name in ("quality.json", "metrics.csv", "loads.h5")]
        files += [name for name in (kinematics_knee3(own), band_file(own)) if name]
    return files


def clear_tables():
    """Remove the cohort's tables that this run makes anew.

    Else those of an earlier run would stand there as if they were of this one where it stops on
    its way: by a full disk, by a kill.
    """
    if workflow.touch:
        return
    folder = Path("results") / config["cohort"]
    for job in workflow.dag.needrun_jobs():
        for path in map(Path, job.output):
            if path.parent == folder:
                path.unlink(missing_ok=True)


def part_of(section, *keys):
    """Return some values of one section of the configuration."""
    return {key: config[section][key] for key in keys}


def kinematic_settings():
    """Return the values that inverse kinematics uses."""
    return (
        {"engine": config["engine"]}
        | part_of("kinematics", "accuracy")
        | part_of("steps", "margin_s")
        | part_of("filter", "cutoff_hz", "order")
    )


def method_settings():
    """Return every value that can change a number, for the page; no file or folder."""
    return {key: value for key, value in config.items() if key not in ("tables", "data_root")}


def code_of(rule_name):
    """Return the fingerprint of a rule's script with all it imports, so that an edit reruns it."""
    return library_hash(SCRIPTS / f"{rule_name}.py")
