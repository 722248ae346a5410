"""The page of a cohort: who, what they did, loads, comparisons, methods, limits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from strikelean.formats.files import write_text
from strikelean.formats.hdf5 import Waveform, read_waveforms
from strikelean.loads.cohort import read_metrics
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.report.claims import claim_rows, claim_tally
from strikelean.report.groups import (
    Groups,
    page_groups,
    reached_strikes,
    strike_counts,
    trial_masses,
)
from strikelean.report.methods import limits, methods
from strikelean.report.page_data import data_block, script_text
from strikelean.report.page_files import PageFiles
from strikelean.report.parts import Parts, read_table
from strikelean.report.pictures import strike_picture, waveform_pictures
from strikelean.report.predictions import (
    dose_rows,
    own_step_rows,
    pooled_rows,
    strike_rows,
    sweep_picture,
)
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
from strikelean.report.trust import LABORATORIES, contrast_rows, plausibility_line, recovery_rows
from strikelean.studies.cohort import build_cohort
from strikelean.studies.compare import bracketed_shares
from strikelean.studies.definitions import metric_units
from strikelean.studies.pools import pool_names, pool_waveforms
from strikelean.studies.reading import read_claims, read_studies

TEMPLATES = Path(__file__).parent / "templates"
EMPTY_METRICS = pd.DataFrame(columns=list(METRIC_COLUMNS))
NO_CURVES: tuple[dict[str, Waveform], dict[str, str]] = ({}, {})
EMPTY_QUALITY = pd.DataFrame(columns=["subject", "trial", "included", "reason", "warnings"])


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", str(value)))
    return rows


def _read_quality(path: Path) -> pd.DataFrame:
    text = ("subject", "trial", "included", "reason", "warnings")
    return read_table(path, dict.fromkeys(text, str))


def _definitions(metrics_list: Path) -> list[dict[str, str]]:
    listed = read_metrics_list(metrics_list)
    return [
        {"label": label, "name": name, "sign": listed[name].sign, "text": listed[name].definition}
        for name, label in KEY_METRICS.items()
        if name in listed
    ]


def _people(
    parts: Parts, table: pd.DataFrame, judged: pd.DataFrame, groups: Groups
) -> dict[str, Any]:
    """Return who is in, who is out, and what they did."""
    runners = groups.runners
    nobody: dict[str, int] = {}
    return {
        "used": parts.rows("trials in use", lambda: used_rows(judged)),
        "excluded": parts.rows("excluded trials", lambda: excluded_rows(judged)),
        "warnings": parts.rows("warnings", lambda: warning_rows(judged)),
        "speed": parts.take("running speed", lambda: speed_words(runners), ""),
        "did": parts.rows("what the runners did", lambda: did_rows(runners)),
        "did_headings": [heading for _, heading, _, _ in DID],
        "reached": parts.rows("strikes reached", lambda: reached_strikes(table)),
        "strikes": parts.take("strike classes", lambda: strike_counts(groups.classes), nobody),
        "strike": parts.take(
            "strike pattern", lambda: strike_picture(runners, groups.members), None
        ),
    }


def _models(parts: Parts, files: PageFiles) -> dict[str, Any]:
    """Return what other techniques would do."""
    return {
        "sweep": parts.of(files.sweep, sweep_picture, None),
        "doses": parts.rows_of(files.dose_response, dose_rows),
        "over_steps": parts.rows_of(files.slopes, own_step_rows),
        "strikes_beside": parts.rows_of(files.strike_check, strike_rows),
    }


def _truth(parts: Parts, files: PageFiles) -> dict[str, Any]:
    """Return what recordings of virtual runners give back."""
    return {
        "laboratories": list(LABORATORIES.values()),
        "recovered": parts.rows_of(files.recovery, recovery_rows),
        "contrasts_back": parts.rows_of(files.recovery, contrast_rows, "contrasts of recovery.csv"),
        "plausible": parts.of(files.plausibility, plausibility_line, ""),
    }


def _published(parts: Parts, files: PageFiles) -> dict[str, Any]:
    """Return published effects beside the computed ones."""

    def groups() -> list[dict[str, Any]]:
        defined = read_studies(files.study_files, files.schemas)
        return study_groups(read_table(files.studies), defined, metric_units(files.schemas))

    rows = parts.rows("studies.csv", groups)
    verdicts = [str(verdict) for verdict in read_table(files.studies)["verdict"]] if rows else []
    pooled = parts.rows_of(files.published_summary, pooled_rows)
    return {"studies": rows, "studies_tally": tally(verdicts), "pooled": pooled}


def _claimed(parts: Parts, files: PageFiles) -> dict[str, Any]:
    """Return what the article claims."""

    def claims() -> list[dict[str, Any]]:
        names = [study.name for study in read_studies(files.study_files, files.schemas)]
        defined = read_claims(files.claims_file, files.schemas, names).claims
        return claim_rows(read_table(files.claims), read_table(files.claim_tests), defined)

    rows = parts.rows("claims.csv", claims)
    return {"claims": rows, "claims_tally": claim_tally(read_table(files.claims)) if rows else []}


def write_report(
    files: PageFiles,
    output: Path,
    cohort: str,
    settings: Mapping[str, Any],
    *,
    virtual: bool = False,
) -> None:
    """Write the page.

    Args:
        files: what it is made of.
        output: the HTML file; it needs nothing beside it and no network.
        cohort: name of the run.
        settings: the configuration used.
        virtual: whether the runners are virtual.

    What cannot be had (a table that failed or was damaged, a part that has a defect) is told at
    the top of the page, and the rest is there.

    Raises:
        ConfigError: metrics.yaml is broken.
    """
    parts = Parts()
    table = parts.take("metrics.csv", lambda: read_metrics(files.metrics), EMPTY_METRICS)
    judged = parts.take("quality.csv", lambda: _read_quality(files.quality), EMPTY_QUALITY)
    curves, provenance = parts.take("cohort.h5", lambda: read_waveforms(files.waveforms), NO_CURVES)
    curves = pool_waveforms(curves, pool_names(table))
    names = list(dict.fromkeys(table["subject"]))
    groups = parts.take(
        "groups of runners",
        lambda: page_groups(build_cohort(table, virtual=virtual), names),
        Groups(False, {}, pd.DataFrame(), pd.DataFrame(), pd.Series(dtype=str)),
    )
    tests = parts.take("waveform_tests.csv", lambda: read_table(files.waveform_tests), None)
    masses = trial_masses(judged)
    tables = parts.rows(
        "comparisons.csv",
        lambda: comparison_tables(read_table(files.comparisons), bracketed_shares(table)),
    )
    paired = groups.by_condition or any(found["paired"] for found in tables)
    assumed = [str(name) for name in table.loc[table["basis"] == "assumed", "metric"].unique()]
    shown = {
        "cohort": cohort,
        "virtual": virtual,
        "runners": len(names),
        "steps": len(table[["subject", "trial", "side", "step"]].drop_duplicates()),
        "groups": groups,
        "pictures": waveform_pictures(curves, groups.members, masses, tests, parts.take),
        "tables": tables,
        "regressions": parts.rows(
            "regressions.csv", lambda: regression_rows(read_table(files.regressions))
        ),
        "definitions": _definitions(files.metrics_list),
        "methods": methods(settings, provenance, paired, virtual),
        "limits": limits(judged, assumed, settings, paired),
        "settings": _flat(settings),
        "provenance": sorted(provenance.items()),
    }
    shown |= _people(parts, table, judged, groups)
    shown |= _models(parts, files)
    shown |= _truth(parts, files)
    shown |= _published(parts, files)
    shown |= _claimed(parts, files)
    data: dict[str, Any] = {"cohort": cohort, "virtual": virtual}
    shown |= {"page_data": data_block(data), "script": script_text()}
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("page.html").render(**shown, missing=parts.missing)
    write_text(output, text)
