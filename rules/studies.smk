# Conditions and foot-strike classes compared, and metrics against foot-strike angle.


rule compare_conditions:
    input:
        metrics="results/{cohort}/metrics.csv",
        metrics_list=METRICS_LIST,
        studies=STUDIES,
    output:
        comparisons="results/{cohort}/comparisons.csv",
        regressions="results/{cohort}/regressions.csv",
        published_signs="results/{cohort}/published_signs.csv",
    params:
        code=code_of("compare_conditions"),
    log:
        "logs/{cohort}/compare_conditions.log",
    benchmark:
        "benchmarks/{cohort}/compare_conditions.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] compare_conditions: conditions, foot-strike classes and angle"
    script:
        "../scripts/compare_conditions.py"
