# From recordings of runners to knee loads. What each step does stands in rules/ and scripts/.
import os

from snakemake.utils import min_version

min_version("9.27")


# named from here, so that it is found from any working folder; relative, so that it may move
configfile:
    os.path.relpath(
        workflow.current_basedir.join("config/config.yaml").get_path_or_uri(secret_free=True)
    )


include: "rules/common/paths.smk"
include: "rules/common/project.smk"
include: "rules/common/jobs.smk"
include: "rules/common/validating.smk"
include: "rules/common/cohort.smk"
include: "rules/virtual.smk"
include: "rules/model.smk"
include: "rules/check.smk"
include: "rules/trial.smk"
include: "rules/counterfactual.smk"
include: "rules/loads.smk"
include: "rules/studies.smk"
include: "rules/validation.smk"
include: "rules/report.smk"


rule all:
    default_target: True
    input:
        cohort_files("report.html", *TABLES, *VIRTUAL_TABLES, *technique_tables(), "SHA256SUMS"),


# no output: the table is told whenever it is asked for
rule check:
    input:
        cohort_files("check.csv", "check.html"),
        told=cohort_files("check.txt"),
    shell:
        "cat {input.told:q} >&2"


onstart:
    clear_tables()
