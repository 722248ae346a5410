# The same runner with another technique, the slopes a strike takes, and the sweep over trunk lean.


rule average_cycles:
    input:
        model="results/{cohort}/{subject}/scaled.osim",
        kinematics="results/{cohort}/{subject}/{recorded}/kinematics.mot",
        body_points="results/{cohort}/{subject}/{recorded}/body_points.sto",
        grf="results/{cohort}/{subject}/{recorded}/grf.mot",
        contacts="results/{cohort}/{subject}/{recorded}/contacts.csv",
    output:
        cycle="results/{cohort}/{subject}/{recorded}/cycle.csv",
    params:
        mass_kg=of_subject("mass_kg"),
        height_m=of_subject("height_m"),
        code=code_of("average_cycles"),
    log:
        "logs/{cohort}/{subject}/{recorded}/average_cycles.log",
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.subject} {wildcards.recorded}] average_cycles: each foot's mean cycle, and its steps"
    script:
        "../scripts/average_cycles.py"


rule build_template:
    input:
        cycles=first_recordings("cycle.csv"),
    output:
        template="results/{cohort}/template.csv",
    params:
        source=config["source"] or config["cohort"],
        code=code_of("build_template"),
    log:
        "logs/{cohort}/build_template.log",
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.cohort}] build_template: what goes with the foot-strike angle, per degree"
    script:
        "../scripts/build_template.py"


use rule build_template as build_template_without with:
    output:
        template="results/{cohort}/{subject}/template.csv",
    log:
        "logs/{cohort}/{subject}/build_template_without.log",
    message:
        "[{wildcards.subject}] build_template_without: slopes on foot-strike angle without this runner"


rule build_speed:
    input:
        cycles=builders_cycles(),
    output:
        speed="results/{cohort}/speed.csv",
    params:
        source=config["source"] or config["cohort"],
        recordings=builders_speeds(),
        code=code_of("build_speed"),
    log:
        "logs/{cohort}/build_speed.log",
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.cohort}] build_speed: what goes with running speed within runners"
    script:
        "../scripts/build_speed.py"


use rule build_speed as build_speed_without with:
    output:
        speed="results/{cohort}/{subject}/speed.csv",
    log:
        "logs/{cohort}/{subject}/build_speed_without.log",
    message:
        "[{wildcards.subject}] build_speed_without: what goes with speed without this runner"


rule solve_counterfactual:
    input:
        **changed_recording(),
        template=template_of,
        speed=speed_of,
        posture=POSTURE,
        techniques=TECHNIQUES,
    output:
        **trial_outputs("{recorded}~{technique}"),
        report="results/{cohort}/{subject}/{recorded}~{technique}/counterfactual.json",
        band="results/{cohort}/{subject}/{recorded}~{technique}/band.csv",
    params:
        facts=facts_of_recording,
        settings=SETTINGS.technique("counterfactual"),
        code=code_of("solve_counterfactual"),
    log:
        "logs/{cohort}/{subject}/{recorded}~{technique}/solve_counterfactual.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.recorded}] solve_counterfactual: the same runner with {wildcards.technique}"
    script:
        "../scripts/solve_counterfactual.py"


rule sweep_lean:
    input:
        **changed_recording(),
    output:
        sweep="results/{cohort}/{subject}/{recorded}/sweep.csv",
        poses="results/{cohort}/{subject}/{recorded}/sweep_poses.csv",
    params:
        facts=facts_of_recording,
        asked=sweep_asked(),
        settings=SETTINGS.technique("sweep"),
        code=code_of("sweep_lean"),
    log:
        "logs/{cohort}/{subject}/{recorded}/sweep_lean.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.recorded}] sweep_lean: loads at other trunk leans"
    script:
        "../scripts/sweep_lean.py"


rule collect_sweep:
    input:
        parts=sweep_files("sweep.csv"),
        studies=STUDIES,
        metrics_list=METRICS_LIST,
    output:
        sweep=report(
            "results/{cohort}/sweep.csv",
            caption="captions/sweep.rst",
            category="Other techniques",
            labels={"cohort": "{cohort}", "file": "sweep.csv"},
        ),
        manifest="results/{cohort}/sweep_manifest.csv",
        dose_response=report(
            "results/{cohort}/dose_response.csv",
            caption="captions/dose_response.rst",
            category="Other techniques",
            labels={"cohort": "{cohort}", "file": "dose_response.csv"},
        ),
    params:
        parts=sweep_parts(),
        asked=sweep_asked(),
        virtual=VIRTUAL,
        code=code_of("collect_sweep"),
    log:
        "logs/{cohort}/collect_sweep.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] collect_sweep: every angle in one table, and slopes per degree"
    script:
        "../scripts/collect_sweep.py"
