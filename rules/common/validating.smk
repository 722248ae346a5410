# What jobs about validation take of the cohort: which recordings are changed, what is asked of them.
from strikelean import workflow_validation


def asked_changes(wildcards):
    """Return what is asked of the job's recording."""
    return workflow_validation.asked_of(PROJECT, wildcards.subject, wildcards.recorded)


def places_beside(wildcards):
    """Return subject and recording of those whose steps say what is asked."""
    return workflow_validation.beside(PROJECT, wildcards.subject, wildcards.recorded)


def steps_beside(wildcards):
    """Return the metrics of those recordings, in the same order."""
    files = workflow_validation.steps_files(places_beside(wildcards))
    return [file.format(cohort=wildcards.cohort) for file in files]


def template_of_change(wildcards):
    """Return the group means that a strike takes its differences from, nothing where none is asked."""
    strikes = workflow_validation.strikes(asked_changes(wildcards))
    return template_file(wildcards) if strikes else []


def speed_of_change(wildcards):
    """Return what goes with running speed, nothing where no change of speed is asked."""
    faster = workflow_validation.speeds(asked_changes(wildcards))
    return speed_file(wildcards) if faster else []


def predicted_changes(wildcards):
    """Return the predictions of every recording that is changed."""
    files = workflow_validation.predicted_files(PROJECT).values()
    return [file.format(cohort=wildcards.cohort) for file in files]


def validation_rows():
    """Return the table of validations as values."""
    return [vars(row) for row in PROJECT.validation]


def moco_figures():
    """Return what a second solver found, where somebody asked it (make moco)."""
    return local("benchmarks/moco.json") if os.path.isfile("benchmarks/moco.json") else []


def validation_tables():
    """Return the tables of a validation, none where nothing is to be validated."""
    return ["validation.csv", "validation_summary.csv"] if PROJECT.validation else []


def validation_table(name):
    """Return a table of the validation where it is made, nothing else."""
    return f"results/{{cohort}}/{name}" if PROJECT.validation else []


def built_from():
    """Return what predictions of this cohort are built from."""
    return workflow_validation.built_from(PROJECT)
