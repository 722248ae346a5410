"""The page of a cohort: who, what they did, loads, comparisons, methods, limits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from strikelean.formats.files import write_text
from strikelean.formats.hdf5 import read_waveforms
from strikelean.loads.cohort import read_metrics
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.report.groups import page_groups, strike_counts, trial_masses
from strikelean.report.methods import limits, methods
from strikelean.report.pictures import strike_picture, waveform_pictures
from strikelean.report.runners import (
    DID,
    did_rows,
    excluded_rows,
    speed_words,
    used_rows,
    warning_rows,
)
from strikelean.report.tables import (
    KEY_METRICS,
    citations,
    comparison_tables,
    regression_rows,
    sign_groups,
    sign_tally,
)
from strikelean.studies.compare import bracketed_shares

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
    published_signs: Path,
    metrics_list: Path,
    cohort: str,
    settings: Mapping[str, Any],
) -> None:
    """Write the page, whole or not at all.

    Args:
        output: the HTML file; it needs nothing beside it and no network.
        quality, metrics, waveforms, comparisons, regressions, published_signs: the cohort's
            files.
        metrics_list: ``metrics.yaml``, for the definitions.
        cohort: name of the run.
        settings: the configuration used.

    Raises:
        RecordingError: a table or the waveforms are absent or broken.
        ConfigError: metrics.yaml is broken.
    """
    table = read_metrics(metrics)
    judged = pd.read_csv(
        quality, dtype=dict.fromkeys(("subject", "trial", "included", "reason", "warnings"), str)
    )
    curves, provenance = read_waveforms(waveforms)
    groups = page_groups(table)
    compared = pd.read_csv(comparisons)
    signs = pd.read_csv(published_signs)
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
        used=used_rows(judged),
        excluded=excluded_rows(judged),
        warnings=warning_rows(judged),
        runners=table["subject"].nunique(),
        steps=len(table[["subject", "trial", "side", "step"]].drop_duplicates()),
        groups=groups,
        speed=speed_words(groups.runners),
        did=did_rows(groups.runners),
        did_headings=[heading for _, heading, _, _ in DID],
        strikes=strike_counts(groups.runners),
        strike=strike_picture(groups.runners, groups.members),
        pictures=waveform_pictures(curves, groups.members, trial_masses(judged)),
        tables=tables,
        regressions=regression_rows(pd.read_csv(regressions)),
        signs=sign_groups(signs),
        tally=sign_tally(signs),
        citations=citations(signs),
        definitions=_definitions(metrics_list),
        methods=methods(settings, provenance, paired),
        limits=limits(judged, [str(name) for name in assumed], settings, paired),
        settings=_flat(settings),
        provenance=sorted(provenance.items()),
    )
    write_text(output, text)
