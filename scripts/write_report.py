"""Write the page of a cohort."""

from stage import Job, run_stage
from strikelean.report.page import write_report
from strikelean.report.page_files import PageFiles


def main(job: Job) -> None:
    """Write one page for people from the cohort's tables and waveforms."""
    given = dict(vars(job.input))
    waveforms, studies = given.pop("cohort"), given.pop("study_files")
    # a table that this cohort has not comes as an empty list
    tables = {name: path or None for name, path in given.items()}
    files = PageFiles(waveforms=waveforms, study_files=studies, **tables)
    asked = job.params.settings
    write_report(files, job.output.report, asked["cohort"], asked, virtual=job.params.virtual)


# whatever could not be made, the page says so
run_stage(snakemake, main, on_error="stop", reads_notes=list(dict(snakemake.input.items())))
