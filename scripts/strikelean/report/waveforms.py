"""Tests of whole curves on the page: where groups part, as bars in the figures and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from strikelean.report.digits import probability
from strikelean.report.groups import words

REGRESSION = "regression"


@dataclass(frozen=True)
class Bar:
    """A stretch of stance in which two groups differ, in percent, with its cluster's p."""

    start: float
    end: float
    p: float


def group_tests(table: pd.DataFrame) -> pd.DataFrame:
    """Return the tests of groups or pairs in waveform_tests.csv, lines on an angle left out."""
    return table[table["test"] != REGRESSION]


def bars(table: pd.DataFrame) -> dict[str, tuple[Bar, ...]]:
    """Return the clusters of every quantity, where one contrast alone was tested.

    With several contrasts a bar would not say which one it belongs to: then the words under
    the figure tell, and nothing is drawn.
    """
    own = group_tests(table)
    if len(own[["condition_a", "condition_b"]].drop_duplicates()) != 1:
        return {}
    found = own[own["cluster"].notna()]
    return {
        str(quantity): tuple(
            Bar(float(row["start_percent"]), float(row["end_percent"]), float(row["cluster_p"]))
            for _, row in rows.iterrows()
        )
        for quantity, rows in found.groupby("quantity", sort=False)
    }


def _contrast(row: pd.Series[Any]) -> str:
    return f"{words(str(row['condition_b']))} against {words(str(row['condition_a']))}"


def _stretches(rows: pd.DataFrame) -> str:
    parts = [
        f"{row['start_percent']:.0f} to {row['end_percent']:.0f} % "
        f"(p {probability(row['cluster_p'])})"
        for _, row in rows.iterrows()
    ]
    return ", ".join(parts)


def waveform_lines(table: pd.DataFrame, panels: Sequence[tuple[str, str]]) -> list[str]:
    """Return what the tests say of a figure's panels, a line a contrast.

    Args:
        table: waveform_tests.csv.
        panels: quantity and printed name of each panel.
    """
    lines = []
    for _, own in group_tests(table).groupby(["condition_a", "condition_b"], sort=False):
        said = []
        for quantity, name in panels:
            rows = own[own["quantity"] == quantity]
            if rows.empty:
                continue
            first = rows.iloc[0]
            title = name[:1].upper() + name[1:]
            if not str(first["status"]).startswith("tested"):
                said.append(f"{title} {first['status']}")
            elif rows["cluster"].notna().any():
                holm = f"p {probability(first['p_holm'])} after Holm's correction over all curves"
                said.append(f"{title} from {_stretches(rows)}; {holm}")
            else:
                said.append(f"{title} nowhere (largest t: p {probability(first['p_raw'])})")
        if said:
            lines.append(f"{_contrast(own.iloc[0])}: {' '.join(f'{one}.' for one in said)}")
    return lines
