# Files of the whole cohort: what goes into its tables, and what `rule all` asks for.
from strikelean.workflow_files import TABLES, TRIAL_RESULTS

# asked for by `rule all` where the runners are virtual
VIRTUAL_TABLES = workflow_files.VIRTUAL_TABLES if VIRTUAL else ()


def cohort_files(*names):
    """Return files of the whole cohort."""
    return [f"results/{config['cohort']}/{name}" for name in names]


def trial_files(name):
    """Return an input function giving one file of every trial."""
    return lambda wildcards: [
        f"results/{wildcards.cohort}/{subject}/{trial}/{name}" for subject, trial in PROJECT.trials
    ]


def runner_files(name):
    """Return an input function giving one file of every runner, in the order of their names."""
    return lambda wildcards: [
        f"results/{wildcards.cohort}/{subject}/{name}" for subject in sorted(PROJECT.subjects)
    ]


def everybody_files(name):
    """Return an input function giving one file of every runner, those without a trial too."""
    return lambda wildcards: [
        f"results/{wildcards.cohort}/{subject}/{name}" for subject in PROJECT.everybody()
    ]


def marker_sets(wildcards):
    """Return the marker set of every runner, in the order of their names."""
    return [local(str(subject.marker_set)) for _, subject in sorted(PROJECT.subjects.items())]


def labelled_trials():
    """Return runner, name and condition of every trial."""
    return [(*named, trial.condition) for named, trial in PROJECT.trials.items()]


def banded_trials():
    """Return subject and trial of every prediction, whose numbers move with what was chosen."""
    return [place for place in PROJECT.trials if workflow_files.band_file(PROJECT, *place)]


def band_files(wildcards):
    """Return how far the numbers of predictions move with what was chosen, one file a trial."""
    return [
        f"results/{wildcards.cohort}/{subject}/{workflow_files.band_file(PROJECT, subject, trial)}"
        for subject, trial in banded_trials()
    ]


def cohort_numbers():
    """Return what all rules of studies read, the metrics that count and what they mean."""
    return {
        "metrics": "results/{cohort}/metrics.csv",
        "choices": "results/{cohort}/choices.csv",
        "quality": "results/{cohort}/quality.csv",
        "techniques": TECHNIQUES,
        "metrics_list": METRICS_LIST,
    }


def about_runners():
    """Return what all rules of studies are told of the runners."""
    return {"virtual": VIRTUAL, "runners": runner_sizes(PROJECT)}


def sweep_asked():
    """Return the angles of the sweep over trunk lean, in order.

    In a mapping: of a bare list Snakemake would only see which numbers are among all parameters.
    """
    return {"angles_deg": sorted(config["sweep"]["trunk_lean_change_deg"])}


def sweep_parts():
    """Return subject and trial of every part of the sweep; none where no angle is asked for."""
    return [(t.subject, t.name) for t in PROJECT.changed()] if sweep_asked()["angles_deg"] else []


def sweep_files(name):
    """Return an input function giving one file of the sweep of every trial that is swept."""
    return lambda wildcards: [
        f"results/{wildcards.cohort}/{subject}/{trial}/{name}" for subject, trial in sweep_parts()
    ]


def technique_tables():
    """Return the tables that techniques and angles add to what `rule all` asks for."""
    sweep = ["sweep.csv", "sweep_manifest.csv", "dose_response.csv"] if sweep_parts() else []
    asked = [trial.technique for trial in PROJECT.trials.values() if trial.technique]
    strikes = any(name.startswith(("forefoot", "strike")) and "_" not in name for name in asked)
    return sweep + ["strike_check.csv"] * strikes + validation_tables()


def technique_table(name):
    """Return a table of techniques and angles where it is made, nothing else."""
    return f"results/{{cohort}}/{name}" if name in technique_tables() else []


def virtual_table(name):
    """Return a table of virtual runners where there are any, nothing else."""
    return f"results/{{cohort}}/{name}" if VIRTUAL else []


def recovery_files(wildcards):
    """Return what recordings give back of each virtual runner, nothing where people ran."""
    if not VIRTUAL:
        return []
    return [f"results/{wildcards.cohort}/{subject}/recovery.csv" for subject in PROJECT.subjects]


def all_results(wildcards):
    """Return the cohort's tables, and all that goes into them of every trial."""
    files = cohort_files(*TABLES, *VIRTUAL_TABLES, *technique_tables())
    files += recovery_files(wildcards)
    files += sweep_files("sweep.csv")(wildcards) + sweep_files("sweep_poses.csv")(wildcards)
    for subject, trial in PROJECT.trials:
        runner = f"results/{wildcards.cohort}/{subject}/"
        files += [f"{runner}{trial}/{name}" for name in TRIAL_RESULTS]
        knee3 = workflow_files.knee3_file(PROJECT, subject, trial)
        files += [f"{runner}{trial}/{knee3}"] if knee3 else []
        band = workflow_files.band_file(PROJECT, subject, trial)
        files += [runner + band] if band else []
    return files


def clear_tables():
    """Remove the cohort's tables that this run makes anew.

    Else those of an earlier run would stand there as if they were of this one where it stops on
    its way: by a full disk, by a kill. Snakemake runs `onstart` of the main Snakefile alone; one
    that uses these rules as module `strikelean` calls `strikelean.clear_tables()` in its own.
    """
    if workflow.touch:
        return
    folder = Path(PLACES.modify(f"results/{config['cohort']}"))
    for job in workflow.dag.needrun_jobs():
        for path in map(Path, job.output):
            if path.parent == folder:
                path.unlink(missing_ok=True)
