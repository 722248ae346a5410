"""The explorer's part of a page: from the cohort's files to the template and the script."""

from __future__ import annotations

from typing import Any

import pandas as pd

from strikelean.formats.files import excluded_reason, read_rows
from strikelean.loads.choices import read_choices
from strikelean.report.amounts import LEAN_ANGLE, STEP_RATE
from strikelean.report.explored import KINDS, METRICS
from strikelean.report.explorer import Explorer, explorer_data, explorers, none_of
from strikelean.report.explorer_words import explorer_shown
from strikelean.report.page_files import PageFiles
from strikelean.report.parts import Parts
from strikelean.studies.cohort import build_cohort
from strikelean.studies.reading import read_studies
from strikelean.studies.techniques import read_techniques

NOT_MADE = "This part could not be made: the top of the page says why."


def assumed_runners(table: pd.DataFrame) -> dict[str, set[str]]:
    """Return by metric the runners of whom it is only assumed.

    Args:
        table: metrics.csv.
    """
    own = table[table["basis"] == "assumed"]
    return {str(name): set(part["subject"]) for name, part in own.groupby("metric")}


def _explorers(files: PageFiles, table: pd.DataFrame, *, virtual: bool) -> list[Explorer]:
    if table.empty:
        return [none_of(kind) for kind in KINDS.values()]
    own = table[table["metric"].isin((*METRICS, STEP_RATE, LEAN_ANGLE))]
    choices = None
    if files.choices is not None and excluded_reason(files.choices) is None:
        choices = read_choices(files.choices)
        choices = choices[choices["metric"].isin(METRICS)]
    sweep = None
    if files.sweep is not None and excluded_reason(files.sweep) is None:
        sweep = read_rows(files.sweep, {"subject": str, "trial": str})
    return explorers(
        sweep,
        build_cohort(own, virtual=virtual, choices=choices),
        read_techniques(files.technique_files, files.schemas),
        read_studies(files.study_files, files.schemas),
        assumed_runners(own),
    )


def _one_way(table: pd.DataFrame) -> bool:
    """Whether every runner was recorded in one condition and nothing else was predicted."""
    ways = table[["subject", "condition"]].drop_duplicates()
    return not ways["subject"].duplicated().any()


def explorer_part(
    parts: Parts, files: PageFiles, table: pd.DataFrame, *, virtual: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the template needs, by technique, and what the script needs.

    Args:
        parts: takes note of what cannot be made.
        files: of the page.
        table: metrics.csv.
        virtual: whether the runners are virtual.
    """
    made: list[Explorer] = []
    found = parts.take("explorer", lambda: _explorers(files, table, virtual=virtual), made)
    shown: dict[str, Any] = {kind: {"kind": kind, "why_not": NOT_MADE} for kind in KINDS}
    shown["one_way"] = _one_way(table)
    data: dict[str, Any] = {}
    for one in found:
        shown[one.kind.name] = explorer_shown(one, virtual=virtual)
        if one.charts:
            data[one.kind.name] = explorer_data(one)
    return shown, data
