"""The page of a cohort: who, what they did, loads, comparisons, methods, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from strikelean.formats.files import write_text
from strikelean.formats.hdf5 import Waveform, read_waveforms
from strikelean.loads.cohort import read_metrics
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.report.answer import answer_rows
from strikelean.report.answer_runners import runners_of
from strikelean.report.beside_picture import beside_part
from strikelean.report.claims import claim_filters, claim_rows
from strikelean.report.explorer_part import explorer_part
from strikelean.report.groups import (
    NO_GROUPS,
    Groups,
    missed_words,
    page_groups,
    reached_strikes,
    strike_counts,
    strikes_by_condition,
    trial_masses,
)
from strikelean.report.methods import limits, methods
from strikelean.report.own_picture import own_part
from strikelean.report.page_data import Rows, data_block, script_text
from strikelean.report.page_files import PageFiles
from strikelean.report.parts import Parts, read_table
from strikelean.report.pictures import Picture, strike_picture, waveform_pictures
from strikelean.report.plans import DRAWN
from strikelean.report.poses import Figures, pose_data, read_figures
from strikelean.report.predictions import (
    dose_rows,
    own_step_rows,
    pooled_rows,
    strike_rows,
)
from strikelean.report.runners import (
    DID,
    did_rows,
    excluded_rows,
    speed_words,
    used_rows,
    warning_rows,
)
from strikelean.report.see import PEAKING, habitual_classes, peak_share, see_parts, see_tables
from strikelean.report.studies import study_groups, tally
from strikelean.report.tables import KEY_METRICS, comparison_tables, regression_rows
from strikelean.report.trust import LABORATORIES, contrast_rows, plausibility_line, recovery_rows
from strikelean.report.validated import built_rows, change_rows, judge_rows, summary_rows
from strikelean.report.where_picture import where_part
from strikelean.studies.cohort import Cohort, build_cohort
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
        "did": parts.rows(
            "what the runners did",
            lambda: did_rows(groups.means if groups.by_condition else runners),
        ),
        "did_headings": [heading for _, heading, _, _ in DID],
        "reached": parts.rows("strikes reached", lambda: reached_strikes(table)),
        "missed": parts.take("strikes", lambda: missed_words(strikes_by_condition(table)), ""),
        "strikes": parts.take("strike classes", lambda: strike_counts(groups.classes), nobody),
        "strike": parts.take("strike pattern", lambda: strike_picture(groups.own), None),
    }


def _models(parts: Parts, files: PageFiles) -> dict[str, Any]:
    """Return what other techniques would do."""
    return {
        "doses": parts.rows_of(files.dose_response, dose_rows),
        "over_steps": parts.rows_of(files.slopes, own_step_rows),
        "strikes_beside": parts.rows_of(files.strike_check, strike_rows),
        "validated": parts.rows_of(files.validation_summary, summary_rows),
        "changes_beside": parts.rows_of(files.validation, change_rows),
        "built": built_rows(),
        "judges": judge_rows(),
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
    # what can be answered first, each kind in the article's order
    rows = sorted(rows, key=lambda row: not row["primary"])
    return {"claims": rows, "claim_filters": claim_filters(rows)}


def _questions(
    parts: Parts,
    files: PageFiles,
    cohort: Callable[[], Cohort],
    judged: pd.DataFrame,
    laboratory: str,
) -> tuple[dict[str, Any], dict[str, Rows]]:
    """Return where the load goes, published effects, each runner, and their figures' numbers."""
    where = parts.rows(
        "where the load goes",
        lambda: where_part(files.comparisons, files.recovery, laboratory),
    )
    beside = parts.take(
        "published beside computed",
        lambda: beside_part(
            files.studies, files.published_summary, read_studies(files.study_files, files.schemas)
        ),
        None,
    )
    own = parts.take("the runners' own views", lambda: own_part(cohort(), judged), None)
    figures: dict[str, Rows] = {part["technique"].name: part["numbers"] for part in where}
    for part in beside["forests"] if beside else ():
        figures[part["forest"].name] = part["numbers"]
    for part in own["runners"] if own else ():
        figures[part["runner"].key] = part["numbers"]
    return {"where": where, "beside": beside, "own": own}, figures


def _seen(
    parts: Parts,
    files: PageFiles,
    table: pd.DataFrame,
    judged: pd.DataFrame,
    cohort: Callable[[], Cohort],
    curves: Mapping[str, Waveform],
    data: dict[str, Any],
    figures: dict[str, Rows],
    *,
    virtual: bool,
) -> dict[str, Any]:
    """Return the moving runners; their poses go to ``data``, numbers behind them to ``figures``."""
    unnamed: dict[str, str] = {}
    classes = parts.take("landings of runners", lambda: habitual_classes(cohort()), unnamed)
    found = parts.take(
        "figures of runners",
        lambda: read_figures(files, table, judged, virtual=virtual, classes=classes),
        Figures(),
    )
    peak = parts.take("the knee's peak", lambda: peak_share(curves, found), None)
    data["poses"] = pose_data(found, peak)
    nothing: dict[str, Rows] = {}
    figures |= parts.take("tables of figures", lambda: see_tables(found), nothing)
    return {"see": parts.take("the runner", lambda: see_parts(found, peak), see_parts(Figures()))}


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
    curves, provenance = parts.take(
        "cohort.h5", lambda: read_waveforms(files.waveforms, DRAWN | {PEAKING}), NO_CURVES
    )
    curves = pool_waveforms(curves, pool_names(table))
    names = list(dict.fromkeys(table["subject"]))
    built = cache(lambda: build_cohort(table, virtual=virtual))
    groups = parts.take(
        "groups of runners",
        lambda: page_groups(built(), names),
        NO_GROUPS,
    )
    tests = parts.take("waveform_tests.csv", lambda: read_table(files.waveform_tests), None)
    masses = trial_masses(judged)
    tables = parts.rows(
        "comparisons.csv",
        lambda: comparison_tables(read_table(files.comparisons), bracketed_shares(table)),
    )
    paired = groups.by_condition or any(found["paired"] for found in tables)
    assumed = [str(name) for name in table.loc[table["basis"] == "assumed", "metric"].unique()]
    pictures = waveform_pictures(
        curves, groups.members, masses, tests, parts.take, groups.reference
    )
    shown: dict[str, Any] = {
        "cohort": cohort,
        "virtual": virtual,
        "runners": len(names),
        "steps": len(table[["subject", "trial", "side", "step"]].drop_duplicates()),
        "groups": groups,
        "pictures": pictures,
        "tables": tables,
        "regressions": parts.rows(
            "regressions.csv", lambda: regression_rows(read_table(files.regressions))
        ),
        "definitions": _definitions(files.metrics_list),
        "methods": methods(settings, provenance, paired, virtual, len(names) == 1),
        "limits": limits(judged, assumed, settings, paired),
        "settings": _flat(settings),
        "provenance": sorted(provenance.items()),
    }
    people = _people(parts, table, judged, groups)
    shown |= people
    laboratory = str(settings.get("virtual", {}).get("laboratory", ""))
    known = runners_of(table, judged, people["strikes"], virtual)
    shown["answers"] = parts.rows("the answer", lambda: answer_rows(files, known, laboratory))
    shown |= _models(parts, files)
    shown |= _truth(parts, files)
    shown |= _published(parts, files)
    shown |= _claimed(parts, files)
    answered, figures = _questions(parts, files, built, judged, laboratory)
    shown |= answered
    drawn: list[Picture | None] = [*pictures, people["strike"]]
    for one in drawn:
        figures |= {} if one is None else one.tables
    data: dict[str, Any] = {"cohort": cohort, "virtual": virtual}
    shown |= _seen(parts, files, table, judged, built, curves, data, figures, virtual=virtual)
    shown["explored"], data["explorer"] = explorer_part(parts, files, table, virtual=virtual)
    data["tables"] = figures
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
