# Which muscles carry the moments, by static optimisation.


rule solve_muscles:
    input:
        model="results/{cohort}/{subject}/scaled.osim",
        kinematics="results/{cohort}/{subject}/{trial}/kinematics.mot",
        moments="results/{cohort}/{subject}/{trial}/moments.sto",
        contacts="results/{cohort}/{subject}/{trial}/contacts.csv",
        grf="results/{cohort}/{subject}/{trial}/grf.mot",
    output:
        forces="results/{cohort}/{subject}/{trial}/muscle_forces.sto",
        activations="results/{cohort}/{subject}/{trial}/activations.sto",
        report="results/{cohort}/{subject}/{trial}/muscles.json",
    params:
        muscles=config["muscles"],
        engine=config["engine"],
        code=code_of("solve_muscles"),
    log:
        "logs/{cohort}/{subject}/{trial}/solve_muscles.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/{trial}/solve_muscles.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.trial}] solve_muscles: muscle forces by static optimisation"
    script:
        "../scripts/solve_muscles.py"
