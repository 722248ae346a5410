# Joint angles from markers; and, apart from everything else, the knee with three rotations.


rule solve_kinematics:
    input:
        model="results/{cohort}/{subject}/scaled.osim",
        markers="results/{cohort}/{subject}/{recorded}/markers.trc",
        contacts="results/{cohort}/{subject}/{recorded}/contacts.csv",
        marker_set=file_of_subject("marker_set"),
    output:
        kinematics="results/{cohort}/{subject}/{recorded}/kinematics.mot",
        body_points="results/{cohort}/{subject}/{recorded}/body_points.sto",
        report="results/{cohort}/{subject}/{recorded}/kinematics.json",
    params:
        settings=SETTINGS.kinematics(),
        code=code_of("solve_kinematics"),
    log:
        "logs/{cohort}/{subject}/{recorded}/solve_kinematics.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/{recorded}/solve_kinematics.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.recorded}] solve_kinematics: joint angles from markers"
    script:
        "../scripts/solve_kinematics.py"


rule solve_kinematics_knee3:
    input:
        model="results/{cohort}/{subject}/scaled.osim",
        markers="results/{cohort}/{subject}/{recorded}/markers.trc",
        contacts="results/{cohort}/{subject}/{recorded}/contacts.csv",
        marker_set=file_of_subject("marker_set"),
    output:
        kinematics="results/{cohort}/{subject}/{recorded}/kinematics_knee3.mot",
        model="results/{cohort}/{subject}/{recorded}/knee3.osim",
    params:
        settings=SETTINGS.kinematics(),
        code=code_of("solve_kinematics_knee3"),
    log:
        "logs/{cohort}/{subject}/{recorded}/solve_kinematics_knee3.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/{recorded}/solve_kinematics_knee3.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.recorded}] solve_kinematics_knee3: the knee with three rotations"
    script:
        "../scripts/solve_kinematics_knee3.py"
