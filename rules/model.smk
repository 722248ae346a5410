# The generic model, and each runner's own one scaled from it.


rule fetch_model:
    input:
        source=watched(model_source),
    output:
        model="results/{cohort}/models/{model}.osim",
        provenance="results/{cohort}/models/{model}.provenance.json",
    params:
        source=placed(model_source),
        unwatched=unwatched(model_source),
        code=code_of("fetch_model"),
    log:
        "logs/{cohort}/models/{model}/fetch_model.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.model}] fetch_model: the generic model and the recipe's edits"
    script:
        "../scripts/fetch_model.py"


rule scale_model:
    input:
        static=watched(static_files),
        model=generic_model,
        marker_set=file_of_subject("marker_set"),
    output:
        static="results/{cohort}/{subject}/static.trc",
        model="results/{cohort}/{subject}/scaled.osim",
        scaling="results/{cohort}/{subject}/scaling.json",
    params:
        static=placed(static_files),
        unwatched=unwatched(static_files),
        recording=SETTINGS.part("recording", "axes", "floor_height"),
        instead=instead_of_standing,
        mass_kg=of_subject("mass_kg"),
        height_m=of_subject("height_m"),
        strength=config["scaling"]["strength"],
        kept=kept_by_check("scaling"),
        code=code_of("scale_model"),
    log:
        "logs/{cohort}/{subject}/scale_model.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.subject}] scale_model: the standing trial, and the runner's own model"
    script:
        "../scripts/scale_model.py"
