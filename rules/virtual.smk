# Virtual runners, the laboratory that records them, and how much of the truth came back.


rule make_virtual_runner:
    input:
        model=generic_model,
        marker_set=file_of_subject("marker_set"),
        gait=local(str(TOP / config["virtual"]["gait"])),
        strike=local(str(TOP / config["virtual"]["strike"])),
        posture=POSTURE,
    output:
        **workflow_files.virtual_trials(VIRTUAL_SETTINGS),
        model="results/{cohort}/{subject}/truth/true_model.osim",
        laws="results/{cohort}/{subject}/truth/laws.json",
        standing="results/{cohort}/{subject}/recordings/static.c3d",
    params:
        section=SETTINGS.virtual(),
        strength=config["scaling"]["strength"],
        code=code_of("make_virtual_runner"),
    log:
        "logs/{cohort}/{subject}/make_virtual_runner.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject}] make_virtual_runner: a runner made by a model, and what a laboratory records of them"
    script:
        "../scripts/make_virtual_runner.py"


rule band_conditions:
    input:
        **changed_recording(),
        template=local(str(TOP / config["virtual"]["strike"])),
        posture=POSTURE,
    output:
        **workflow_files.virtual_bands(VIRTUAL_SETTINGS),
    params:
        facts=facts_of_recording,
        settings=SETTINGS.bands(),
        techniques=SETTINGS.virtual_techniques(),
        code=code_of("band_conditions"),
    log:
        "logs/{cohort}/{subject}/{recorded}/band_conditions.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject}] band_conditions: how far their other conditions move with what was chosen"
    script:
        "../scripts/band_conditions.py"


rule tabulate_virtual:
    input:
        marker_set=of_project(resources.marker_sets()[config["virtual"]["marker_set"]]),
    output:
        subjects=report(
            "results/{cohort}/subjects.tsv",
            caption="captions/runners.rst",
            category="Virtual runners",
            labels={"cohort": "{cohort}", "file": "subjects.tsv"},
        ),
        trials=report(
            "results/{cohort}/trials.tsv",
            caption="captions/runners.rst",
            category="Virtual runners",
            labels={"cohort": "{cohort}", "file": "trials.tsv"},
        ),
    params:
        section=SETTINGS.virtual(),
        code=code_of("tabulate_virtual"),
    log:
        "logs/{cohort}/tabulate_virtual.log",
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.cohort}] tabulate_virtual: the virtual runners as a laboratory would list them"
    script:
        "../scripts/tabulate_virtual.py"


rule recover_virtual_runner:
    input:
        generic=generic_model,
        marker_set=file_of_subject("marker_set"),
        gait=local(str(TOP / config["virtual"]["gait"])),
        strike=local(str(TOP / config["virtual"]["strike"])),
        posture=POSTURE,
        metrics_list=METRICS_LIST,
        model="results/{cohort}/{subject}/truth/true_model.osim",
        loads=files_of_trials("{trial}/loads.h5"),
        metrics=files_of_trials("{trial}/metrics.csv"),
        contacts=files_of_trials("{trial}/contacts.csv"),
        motion=files_of_trials("truth/{trial}_motion.mot"),
        ground=files_of_trials("truth/{trial}_ground.mot"),
        spans=files_of_trials("truth/{trial}_contacts.csv"),
    output:
        recovery="results/{cohort}/{subject}/recovery.csv",
    params:
        section=SETTINGS.virtual(),
        config=SETTINGS.trial(),
        all_trials_by=config["virtual"]["contrast_laboratories"],
        code=code_of("recover_virtual_runner"),
    log:
        "logs/{cohort}/{subject}/recover_virtual_runner.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject}] recover_virtual_runner: what recordings give back of the truth"
    script:
        "../scripts/recover_virtual_runner.py"


rule collect_recovery:
    input:
        parts=recovery_files,
    output:
        recovery=report(
            "results/{cohort}/recovery.csv",
            caption="captions/recovery.rst",
            category="Virtual runners",
            labels={"cohort": "{cohort}", "file": "recovery.csv"},
        ),
    params:
        code=code_of("collect_recovery"),
    log:
        "logs/{cohort}/collect_recovery.log",
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.cohort}] collect_recovery: what recordings give back of all runners"
    script:
        "../scripts/collect_recovery.py"


rule build_gait:
    input:
        models=first_recordings("scaled.osim", of_trial=False),
        statics=first_recordings("static.trc", of_trial=False),
        marker_sets=[local(str(subject.marker_set)) for subject in PROJECT.subjects.values()],
        kinematics=first_recordings("kinematics.mot"),
        body_points=first_recordings("body_points.sto"),
        grf=first_recordings("grf.mot"),
        grf_unfiltered=first_recordings("grf_unfiltered.mot"),
        contacts=first_recordings("contacts.csv"),
    output:
        gait="results/{cohort}/gait.csv",
    params:
        source=SETTINGS.source(),
        sizes=[(s.mass_kg, s.height_m) for s in PROJECT.subjects.values()],
        code=code_of("build_gait"),
    log:
        "logs/{cohort}/build_gait.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.cohort}] build_gait: how heel strikers run, and how they and their steps differ"
    script:
        "../scripts/build_gait.py"


rule build_ranges:
    input:
        metrics="results/{cohort}/metrics.csv",
    output:
        ranges="results/{cohort}/ranges.csv",
    params:
        source=SETTINGS.source(),
        code=code_of("build_ranges"),
    log:
        "logs/{cohort}/build_ranges.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] build_ranges: what recorded heel strikers do, as group statistics"
    script:
        "../scripts/build_ranges.py"


rule check_plausibility:
    input:
        metrics="results/{cohort}/metrics.csv",
        ranges=local(str(TOP / config["virtual"]["ranges"])),
    output:
        plausibility=report(
            "results/{cohort}/plausibility.csv",
            caption="captions/plausibility.rst",
            category="Virtual runners",
            labels={"cohort": "{cohort}", "file": "plausibility.csv"},
        ),
    params:
        code=code_of("check_plausibility"),
    log:
        "logs/{cohort}/check_plausibility.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] check_plausibility: virtual heel strikers beside recorded ones"
    script:
        "../scripts/check_plausibility.py"
