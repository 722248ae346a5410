# A recording becomes markers, ground forces and contacts in laboratory axes and SI units.


rule read_static:
    input:
        static=file_of_subject("static_file"),
        marker_set=file_of_subject("marker_set"),
    output:
        static="results/{cohort}/{subject}/static.trc",
    log:
        "logs/{cohort}/{subject}/read_static.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/read_static.tsv"
    threads: 1
    resources:
        mem_mb=500,
    params:
        recording=config["recording"],
        code=code_of("read_static"),
    message:
        "[{wildcards.subject}] read_static: the standing trial"
    script:
        "../scripts/read_static.py"


rule read_recording:
    input:
        files=recording_files,
        static="results/{cohort}/{subject}/static.trc",
        marker_set=file_of_subject("marker_set"),
    output:
        markers="results/{cohort}/{subject}/{trial}/markers.trc",
        grf="results/{cohort}/{subject}/{trial}/grf.mot",
        grf_unfiltered="results/{cohort}/{subject}/{trial}/grf_unfiltered.mot",
        contacts="results/{cohort}/{subject}/{trial}/contacts.csv",
        recording="results/{cohort}/{subject}/{trial}/recording.json",
    log:
        "logs/{cohort}/{subject}/{trial}/read_recording.log",
    benchmark:
        "benchmarks/{cohort}/{subject}/{trial}/read_recording.tsv"
    threads: 1
    resources:
        mem_mb=1000,
    params:
        mass_kg=of_subject("mass_kg"),
        start_s=of_trial("start_s"),
        end_s=of_trial("end_s"),
        recording=config["recording"],
        steps=config["steps"],
        filter=config["filter"],
        code=code_of("read_recording"),
    message:
        "[{wildcards.subject} {wildcards.trial}] read_recording: markers, forces and contacts"
    script:
        "../scripts/read_recording.py"
