# What was published, what an article claims, and what these runners show.


rule compare_conditions:
    input:
        **cohort_numbers(),
        studies=STUDIES,
        claims=CLAIMS,
    output:
        comparisons=report(
            "results/{cohort}/comparisons.csv",
            caption="captions/comparisons.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "comparisons.csv"},
        ),
        regressions=report(
            "results/{cohort}/regressions.csv",
            caption="captions/regressions.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "regressions.csv"},
        ),
    params:
        **about_runners(),
        code=code_of("compare_conditions"),
    log:
        "logs/{cohort}/compare_conditions.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] compare_conditions: conditions, foot-strike classes and angle"
    script:
        "../scripts/compare_conditions.py"


rule compare_studies:
    input:
        **cohort_numbers(),
        studies=STUDIES,
        claims=CLAIMS,
        sweep=technique_table("sweep.csv"),
    output:
        studies=report(
            "results/{cohort}/studies.csv",
            caption="captions/studies.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "studies.csv"},
        ),
        summary=report(
            "results/{cohort}/published_summary.csv",
            caption="captions/published_summary.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "published_summary.csv"},
        ),
    params:
        **about_runners(),
        code=code_of("compare_studies"),
    log:
        "logs/{cohort}/compare_studies.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] compare_studies: published effects beside the computed ones"
    script:
        "../scripts/compare_studies.py"


rule judge_claims:
    input:
        **cohort_numbers(),
        studies=STUDIES,
        claims=CLAIMS,
        sweep=technique_table("sweep.csv"),
    output:
        claims=report(
            "results/{cohort}/claims.csv",
            caption="captions/claims.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "claims.csv"},
        ),
        claim_tests=report(
            "results/{cohort}/claim_tests.csv",
            caption="captions/claim_tests.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "claim_tests.csv"},
        ),
    params:
        **about_runners(),
        code=code_of("judge_claims"),
    log:
        "logs/{cohort}/judge_claims.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] judge_claims: the article's claims, and the tests behind them"
    script:
        "../scripts/judge_claims.py"


rule regress_steps:
    input:
        **cohort_numbers(),
        studies=STUDIES,
        claims=CLAIMS,
    output:
        slopes=report(
            "results/{cohort}/within_runner_slopes.csv",
            caption="captions/within_runner_slopes.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "within_runner_slopes.csv"},
        ),
    params:
        **about_runners(),
        code=code_of("regress_steps"),
    log:
        "logs/{cohort}/regress_steps.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] regress_steps: what goes with the strike angle over own steps"
    script:
        "../scripts/regress_steps.py"


rule test_waveforms:
    input:
        **cohort_numbers(),
        cohort="results/{cohort}/cohort.h5",
    output:
        table=report(
            "results/{cohort}/waveform_tests.csv",
            caption="captions/waveform_tests.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "waveform_tests.csv"},
        ),
        store="results/{cohort}/waveform_tests.h5",
    params:
        **about_runners(),
        code=code_of("test_waveforms"),
    log:
        "logs/{cohort}/test_waveforms.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.cohort}] test_waveforms: whole curves over stance"
    script:
        "../scripts/test_waveforms.py"


rule check_strikes:
    input:
        **cohort_numbers(),
    output:
        strike_check=report(
            "results/{cohort}/strike_check.csv",
            caption="captions/strike_check.rst",
            category="Studies",
            labels={"cohort": "{cohort}", "file": "strike_check.csv"},
        ),
    params:
        **about_runners(),
        code=code_of("check_strikes"),
    log:
        "logs/{cohort}/check_strikes.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] check_strikes: predicted strikes beside real ones"
    script:
        "../scripts/check_strikes.py"
