# Before any study: what is wrong with tables and recordings, all of it at once. What is read here
# is kept, and scale_model and solve_trial take it over.


rule check_runner:
    input:
        files=watched(runner_recordings),
        model=generic_model,
        marker_set=file_of_subject("marker_set"),
    output:
        check="results/{cohort}/{subject}/check.json",
        kept="results/{cohort}/{subject}/check.zip",
    params:
        static=placed(static_files),
        instead=instead_of_standing,
        runs=runs_to_check,
        unwatched=unwatched(runner_recordings),
        mass_kg=of_subject("mass_kg"),
        height_m=of_subject("height_m"),
        settings=SETTINGS.trial(),
        codes=KEPT_BY,
        code=code_of("check_runner"),
    log:
        "logs/{cohort}/{subject}/check_runner.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.subject}] check_runner: every file of the runner's rows"
    script:
        "../scripts/check_runner.py"


rule check_cohort:
    input:
        checks=everybody_files("check.json"),
    output:
        table=report(
            "results/{cohort}/check.csv",
            caption="captions/check.rst",
            category="Check",
            labels={"cohort": "{cohort}", "file": "check.csv"},
        ),
        text="results/{cohort}/check.txt",
        page=report(
            "results/{cohort}/check.html",
            caption="captions/check.rst",
            category="Check",
            labels={"cohort": "{cohort}", "file": "check.html"},
        ),
    params:
        limits=config["quality"],
        settings=SETTINGS.check(),
        warnings=list(PROJECT.warnings),
        folder=placed(lambda wildcards: f"results/{wildcards.cohort}"),
        code=code_of("check_cohort"),
    log:
        "logs/{cohort}/check_cohort.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] check_cohort: what was found, what to do, what will follow"
    script:
        "../scripts/check_cohort.py"
