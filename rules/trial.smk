# A recorded trial, from its recording to the loads of every step.


rule solve_trial:
    input:
        files=watched(recording_files),
        static="results/{cohort}/{subject}/static.trc",
        model="results/{cohort}/{subject}/scaled.osim",
        scaling="results/{cohort}/{subject}/scaling.json",
        marker_set=file_of_subject("marker_set"),
        band=condition_band,
        metrics_list=METRICS_LIST,
    output:
        **trial_outputs("{recorded}"),
        **knee3_outputs(),
        **reduced_outputs(),
    params:
        files=placed(recording_files),
        unwatched=unwatched(recording_files),
        start_s=of_recording("start_s"),
        end_s=of_recording("end_s"),
        speed_m_s=of_recording("speed_m_s"),
        facts=facts_of_recording,
        settings=SETTINGS.trial(),
        kept=kept_by_check("reading"),
        code=code_of("solve_trial"),
    log:
        "logs/{cohort}/{subject}/{recorded}/solve_trial.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.recorded}] solve_trial: from the recording to the loads of every step"
    script:
        "../scripts/solve_trial.py"
