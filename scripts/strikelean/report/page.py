"""The page of a cohort: who, what they did, loads, comparisons, methods, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from strikelean.formats.files import write_text
from strikelean.formats.hdf5 import read_waveforms
from strikelean.loads.cohort import read_metrics
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.report.claims import claim_rows, claim_tally
from strikelean.report.groups import page_groups, strike_counts, trial_masses
from strikelean.report.methods import limits, methods
from strikelean.report.pictures import strike_picture, waveform_pictures
from strikelean.report.predictions import dose_rows, strike_rows, sweep_picture
from strikelean.report.runners import (
    DID,
    did_rows,
    excluded_rows,
    speed_words,
    used_rows,
    warning_rows,
)
from strikelean.report.studies import study_groups, tally
from strikelean.report.tables import KEY_METRICS, comparison_tables, regression_rows
from strikelean.report.trust import LABORATORIES, plausibility_line, recovery_rows
from strikelean.studies.cohort import build_cohort
from strikelean.studies.compare import bracketed_shares
from strikelean.studies.definitions import metric_units
from strikelean.studies.reading import read_claims, read_studies

TEMPLATES = Path(__file__).parent / "templates"


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", str(value)))
    return rows


def _definitions(metrics_list: Path) -> list[dict[str, str]]:
    listed = read_metrics_list(metrics_list)
    return [
        {"label": label, "name": name, "sign": listed[name].sign, "text": listed[name].definition}
        for name, label in KEY_METRICS.items()
        if name in listed
    ]


def write_report(
    *,
    output: Path,
    quality: Path,
    metrics: Path,
    waveforms: Path,
    comparisons: Path,
    regressions: Path,
    studies: Path,
    claims: Path,
    waveform_tests: Path,
    study_files: Sequence[Path],
    claims_file: Path,
    metrics_list: Path,
    cohort: str,
    settings: Mapping[str, Any],
    virtual: bool = False,
    sweep: Path | None = None,
    dose_response: Path | None = None,
    strike_check: Path | None = None,
    recovery: Path | None = None,
    plausibility: Path | None = None,
) -> None:
    """Write the page, whole or not at all.

    Args:
        output: the HTML file; it needs nothing beside it and no network.
        quality, metrics, waveforms, comparisons, regressions, studies, claims, waveform_tests:
            the cohort's files.
        study_files, claims_file: config/studies, for what the tables do not carry.
        metrics_list: ``metrics.yaml``, for the definitions.
        cohort: name of the run.
        settings: the configuration used.
        virtual: whether the runners are virtual.
        sweep, dose_response, strike_check: tables of other techniques, where there are any.
        recovery, plausibility: tables of virtual runners.

    Raises:
        RecordingError: a table or the waveforms are absent or broken.
        ConfigError: metrics.yaml, a study or the claims are broken.
    """
    table = read_metrics(metrics)
    judged = pd.read_csv(
        quality, dtype=dict.fromkeys(("subject", "trial", "included", "reason", "warnings"), str)
    )
    curves, provenance = read_waveforms(waveforms)
    runners = list(dict.fromkeys(table["subject"]))
    groups = page_groups(build_cohort(table, virtual=virtual), runners)
    compared = pd.read_csv(comparisons)
    beside, judged_claims = pd.read_csv(studies), pd.read_csv(claims)
    defined = read_studies(study_files, metrics_list.parent)
    names = [study.name for study in defined]
    units = metric_units(metrics_list.parent)
    tables = comparison_tables(compared, groups, bracketed_shares(table))
    paired = groups.by_condition or any(found["paired"] for found in tables)
    assumed = list(table.loc[table["basis"] == "assumed", "metric"].unique())
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("page.html").render(
        cohort=cohort,
        virtual=virtual,
        used=used_rows(judged),
        excluded=excluded_rows(judged),
        warnings=warning_rows(judged),
        runners=len(runners),
        steps=len(table[["subject", "trial", "side", "step"]].drop_duplicates()),
        groups=groups,
        speed=speed_words(groups.runners),
        did=did_rows(groups.runners),
        did_headings=[heading for _, heading, _, _ in DID],
        strikes=strike_counts(groups.runners),
        strike=strike_picture(groups.runners, groups.members),
        pictures=waveform_pictures(
            curves, groups.members, trial_masses(judged), pd.read_csv(waveform_tests)
        ),
        tables=tables,
        regressions=regression_rows(pd.read_csv(regressions)),
        sweep=sweep_picture(sweep) if sweep else None,
        doses=dose_rows(dose_response) if dose_response else [],
        strikes_beside=strike_rows(strike_check) if strike_check else [],
        laboratories=list(LABORATORIES.values()),
        recovered=recovery_rows(recovery) if recovery else [],
        plausible=plausibility_line(plausibility) if plausibility else "",
        studies=study_groups(beside, defined, units),
        studies_tally=tally([str(verdict) for verdict in beside["verdict"]]),
        claims=claim_rows(judged_claims, read_claims(claims_file, metrics_list.parent, names)),
        claims_tally=claim_tally(judged_claims),
        definitions=_definitions(metrics_list),
        methods=methods(settings, provenance, paired, virtual),
        limits=limits(judged, [str(name) for name in assumed], settings, paired),
        settings=_flat(settings),
        provenance=sorted(provenance.items()),
    )
    write_text(output, text)
