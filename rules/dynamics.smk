# Net joint moments and the residuals at the root.


rule solve_dynamics:
    input:
        model="results/{cohort}/{subject}/scaled.osim",
        kinematics="results/{cohort}/{subject}/{trial}/kinematics.mot",
        grf="results/{cohort}/{subject}/{trial}/grf.mot",
    output:
        moments="results/{cohort}/{subject}/{trial}/moments.sto",
        report="results/{cohort}/{subject}/{trial}/dynamics.json",
    params:
        engine=config["engine"],
        code=code_of("solve_dynamics"),
    log:
        "logs/{cohort}/{subject}/{trial}/solve_dynamics.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/{trial}/solve_dynamics.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.trial}] solve_dynamics: net joint moments and root residuals"
    script:
        "../scripts/solve_dynamics.py"
