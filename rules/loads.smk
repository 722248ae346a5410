# What excludes a trial, and the cohort's tables.


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
        trials=labelled_trials(),
        limits=config["quality"],
        code=code_of("judge_quality"),
    log:
        "logs/{cohort}/judge_quality.log",
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
        techniques=TECHNIQUES,
        metrics_list=METRICS_LIST,
        bands=band_files,
        variants=trial_files("muscle_variants.csv"),
    output:
        metrics=report(
            "results/{cohort}/metrics.csv",
            caption="captions/metrics.rst",
            category="Tables",
            labels={"cohort": "{cohort}", "file": "metrics.csv"},
        ),
        within_runner=report(
            "results/{cohort}/within_runner.csv",
            caption="captions/within_runner.rst",
            category="Tables",
            labels={"cohort": "{cohort}", "file": "within_runner.csv"},
        ),
        choices=report(
            "results/{cohort}/choices.csv",
            caption="captions/choices.rst",
            category="Tables",
            labels={"cohort": "{cohort}", "file": "choices.csv"},
        ),
        cohort="results/{cohort}/cohort.h5",
    params:
        trials=labelled_trials(),
        banded=banded_trials(),
        virtual=VIRTUAL,
        code=code_of("collect_cohort"),
    log:
        "logs/{cohort}/collect_cohort.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.cohort}] collect_cohort: the included trials in one table"
    script:
        "../scripts/collect_cohort.py"
