# From a trial's motion to its loads, what excludes a trial, and the cohort's tables.


rule compute_loads:
    input:
        recording="results/{cohort}/{subject}/{trial}/recording.json",
        contacts="results/{cohort}/{subject}/{trial}/contacts.csv",
        markers="results/{cohort}/{subject}/{trial}/markers.trc",
        grf="results/{cohort}/{subject}/{trial}/grf.mot",
        grf_unfiltered="results/{cohort}/{subject}/{trial}/grf_unfiltered.mot",
        model="results/{cohort}/{subject}/scaled.osim",
        kinematics="results/{cohort}/{subject}/{trial}/kinematics.mot",
        kinematics_report="results/{cohort}/{subject}/{trial}/kinematics.json",
        knee3=kinematics_knee3,
        counterfactual=predicted_files("counterfactual.json"),
        band=band_file,
        techniques=predicted_declarations,
        body_points="results/{cohort}/{subject}/{trial}/body_points.sto",
        scaling="results/{cohort}/{subject}/scaling.json",
        marker_set=file_of_subject("marker_set"),
        metrics_list=METRICS_LIST,
    output:
        moments="results/{cohort}/{subject}/{trial}/moments.sto",
        dynamics_report="results/{cohort}/{subject}/{trial}/dynamics.json",
        muscle_forces="results/{cohort}/{subject}/{trial}/muscle_forces.sto",
        activations="results/{cohort}/{subject}/{trial}/activations.sto",
        muscles_report="results/{cohort}/{subject}/{trial}/muscles.json",
        joint_reactions="results/{cohort}/{subject}/{trial}/joint_reactions.sto",
        loads="results/{cohort}/{subject}/{trial}/loads.h5",
        metrics="results/{cohort}/{subject}/{trial}/metrics.csv",
        quality="results/{cohort}/{subject}/{trial}/quality.json",
    params:
        **SETTINGS.metrics(),
        engine=config["engine"],
        muscles=config["muscles"],
        mass_kg=of_subject("mass_kg"),
        condition=of_trial("condition"),
        height_m=of_subject("height_m"),
        belt_speed_m_s=of_trial("belt_speed_m_s"),
        virtual=VIRTUAL,
        code=code_of("compute_loads"),
    log:
        "logs/{cohort}/{subject}/{trial}/compute_loads.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/{trial}/compute_loads.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.trial}] compute_loads: moments, muscle and joint forces, metrics of every step"
    script:
        "../scripts/compute_loads.py"


# metrics and loads are read for their checksums: a damaged one excludes its trial, and no other
rule judge_quality:
    input:
        quality=trial_files("quality.json"),
        metrics=trial_files("metrics.csv"),
        loads=trial_files("loads.h5"),
    output:
        quality=report(
            "results/{cohort}/quality.csv",
            caption="captions/quality.rst",
            category="Tables",
            labels={"cohort": "{cohort}", "file": "quality.csv"},
        ),
    params:
        trials=list(PROJECT.trials),
        limits=config["quality"],
        code=code_of("judge_quality"),
    log:
        "logs/{cohort}/judge_quality.log",
    benchmark:
        "benchmarks/{cohort}/judge_quality.tsv"
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.cohort}] judge_quality: which trials count, and why others do not"
    script:
        "../scripts/judge_quality.py"


rule collect_cohort:
    input:
        quality="results/{cohort}/quality.csv",
        trial_quality=trial_files("quality.json"),
        metrics=trial_files("metrics.csv"),
        loads=trial_files("loads.h5"),
        bands=band_files,
    output:
        metrics=report(
            "results/{cohort}/metrics.csv",
            caption="captions/metrics.rst",
            category="Tables",
            labels={"cohort": "{cohort}", "file": "metrics.csv"},
        ),
        choices=report(
            "results/{cohort}/choices.csv",
            caption="captions/choices.rst",
            category="Tables",
            labels={"cohort": "{cohort}", "file": "choices.csv"},
        ),
        cohort="results/{cohort}/cohort.h5",
    params:
        trials=list(PROJECT.trials),
        banded=banded_trials(),
        virtual=VIRTUAL,
        code=code_of("collect_cohort"),
    log:
        "logs/{cohort}/collect_cohort.log",
    benchmark:
        "benchmarks/{cohort}/collect_cohort.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.cohort}] collect_cohort: the included trials in one table"
    script:
        "../scripts/collect_cohort.py"
