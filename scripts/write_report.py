"""Write the page of a cohort."""

from stage import Job, run_stage
from strikelean.report.page import write_report


def main(job: Job) -> None:
    """Write one page for people from the cohort's tables and waveforms."""
    given = job.input
    write_report(
        output=job.output.report,
        quality=given.quality,
        metrics=given.metrics,
        waveforms=given.cohort,
        comparisons=given.comparisons,
        regressions=given.regressions,
        studies=given.studies,
        claims=given.claims,
        claim_tests=given.claim_tests,
        waveform_tests=given.waveform_tests,
        study_files=given.study_files,
        claims_file=given.claims_file,
        metrics_list=given.metrics_list,
        cohort=job.params.settings["cohort"],
        settings=job.params.settings,
        virtual=job.params.virtual,
        sweep=given.sweep or None,
        dose_response=given.dose_response or None,
        strike_check=given.strike_check or None,
        slopes=given.slopes,
        published_summary=given.published_summary,
        recovery=given.recovery or None,
        plausibility=given.plausibility or None,
    )


# whatever could not be made, the page says so
run_stage(snakemake, main, on_error="stop", reads_notes=list(dict(snakemake.input.items())))
