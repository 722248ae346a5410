# A recording becomes markers, ground forces and contacts in laboratory axes and SI units.


rule read_static:
    input:
        static=watched(static_file),
        marker_set=file_of_subject("marker_set"),
    output:
        static="results/{cohort}/{subject}/static.trc",
    params:
        static=placed(static_file),
        unwatched=unwatched(static_file),
        recording=SETTINGS.part("recording", "axes", "floor_height"),
        code=code_of("read_static"),
    log:
        "logs/{cohort}/{subject}/read_static.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/read_static.tsv"
    threads: 1
    resources:
        mem_mb=500,
    message:
        "[{wildcards.subject}] read_static: the standing trial"
    script:
        "../scripts/read_static.py"


rule read_recording:
    input:
        files=watched(recording_files),
        static="results/{cohort}/{subject}/static.trc",
        marker_set=file_of_subject("marker_set"),
    output:
        markers="results/{cohort}/{subject}/{recorded}/markers.trc",
        grf="results/{cohort}/{subject}/{recorded}/grf.mot",
        grf_unfiltered="results/{cohort}/{subject}/{recorded}/grf_unfiltered.mot",
        contacts="results/{cohort}/{subject}/{recorded}/contacts.csv",
        recording="results/{cohort}/{subject}/{recorded}/recording.json",
    params:
        files=placed(recording_files),
        unwatched=unwatched(recording_files),
        mass_kg=of_subject("mass_kg"),
        start_s=of_recording("start_s"),
        end_s=of_recording("end_s"),
        speed_m_s=of_recording("speed_m_s"),
        belt_speed_m_s=of_recording("belt_speed_m_s"),
        recording=config["recording"],
        steps=config["steps"],
        filter=SETTINGS.part("filter", "cutoff_hz", "order"),
        max_missing_segment_share=config["quality"]["max_missing_segment_share"],
        code=code_of("read_recording"),
    log:
        "logs/{cohort}/{subject}/{recorded}/read_recording.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/{recorded}/read_recording.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.subject} {wildcards.recorded}] read_recording: markers, forces and contacts"
    script:
        "../scripts/read_recording.py"
