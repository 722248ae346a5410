# One page for people.


rule write_report:
    input:
        quality="results/{cohort}/quality.csv",
        metrics="results/{cohort}/metrics.csv",
        cohort="results/{cohort}/cohort.h5",
        comparisons="results/{cohort}/comparisons.csv",
        regressions="results/{cohort}/regressions.csv",
        studies="results/{cohort}/studies.csv",
        claims="results/{cohort}/claims.csv",
        claim_tests="results/{cohort}/claim_tests.csv",
        waveform_tests="results/{cohort}/waveform_tests.csv",
        slopes="results/{cohort}/within_runner_slopes.csv",
        published_summary="results/{cohort}/published_summary.csv",
        sweep=technique_table("sweep.csv"),
        dose_response=technique_table("dose_response.csv"),
        strike_check=technique_table("strike_check.csv"),
        validation=validation_table("validation.csv"),
        validation_summary=validation_table("validation_summary.csv"),
        recovery=virtual_table("recovery.csv"),
        plausibility=virtual_table("plausibility.csv"),
        body_points=trial_files("body_points.sto"),
        grf=trial_files("grf.mot"),
        contacts=trial_files("contacts.csv"),
        static=runner_files("static.trc"),
        marker_sets=marker_sets,
        sweep_poses=sweep_files("sweep_poses.csv"),
        choices="results/{cohort}/choices.csv",
        technique_files=TECHNIQUES,
        study_files=STUDIES,
        claims_file=CLAIMS,
        metrics_list=METRICS_LIST,
    output:
        report=report(
            "results/{cohort}/report.html",
            caption="captions/page.rst",
            category="Page",
            labels={"cohort": "{cohort}", "file": "report.html"},
        ),
    params:
        **about_runners(),
        settings=SETTINGS.methods(),
        trials=labelled_trials(),
        code=code_of("write_report"),
    log:
        "logs/{cohort}/write_report.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] write_report: the page"
    script:
        "../scripts/write_report.py"


rule seal_results:
    input:
        page="results/{cohort}/report.html",
        results=all_results,
    output:
        sums="results/{cohort}/SHA256SUMS",
    params:
        code=code_of("seal_results"),
    log:
        "logs/{cohort}/seal_results.log",
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.cohort}] seal_results: whether anything failed, and the results' checksums"
    script:
        "../scripts/seal_results.py"
