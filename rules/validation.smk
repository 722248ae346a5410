# Recorded changes beside predicted ones.


rule predict_change:
    input:
        **changed_recording(),
        steps=steps_beside,
        template=template_of_change,
        speed=speed_of_change,
        posture=POSTURE,
        techniques=TECHNIQUES,
    output:
        predicted="results/{cohort}/{subject}/{recorded}/predicted_changes.csv",
    params:
        facts=facts_of_recording,
        asked=asked_changes,
        places=places_beside,
        quantities=config["validation"]["quantities"],
        settings=SETTINGS.technique("counterfactual"),
        code=code_of("predict_change"),
    log:
        "logs/{cohort}/{subject}/{recorded}/predict_change.log",
    threads: 1
    resources:
        mem_mb=1500,
    message:
        "[{wildcards.subject} {wildcards.recorded}] predict_change: what a model says of recorded changes"
    script:
        "../scripts/predict_change.py"


rule validate_predictions:
    input:
        **cohort_numbers(),
        predicted=predicted_changes,
        moco=moco_figures(),
    output:
        validation=report(
            "results/{cohort}/validation.csv",
            caption="captions/validation.rst",
            category="Validation",
            labels={"cohort": "{cohort}", "file": "validation.csv"},
        ),
        summary=report(
            "results/{cohort}/validation_summary.csv",
            caption="captions/validation_summary.rst",
            category="Validation",
            labels={"cohort": "{cohort}", "file": "validation_summary.csv"},
        ),
    params:
        rows=validation_rows(),
        built=built_from(),
        quantities=config["validation"]["quantities"],
        code=code_of("validate_predictions"),
    log:
        "logs/{cohort}/validate_predictions.log",
    threads: 1
    resources:
        mem_mb=1000,
    message:
        "[{wildcards.cohort}] validate_predictions: recorded changes beside predicted ones"
    script:
        "../scripts/validate_predictions.py"
