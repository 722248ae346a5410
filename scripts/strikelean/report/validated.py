"""The page's part on validation: recorded changes beside predicted ones, and what built what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from strikelean.report.digits import UNKNOWN, interval, interval_decimals, known, number, rounded
from strikelean.report.groups import words
from strikelean.report.parts import read_table
from strikelean.validation.built import built_parts
from strikelean.validation.summary import ALL, SHARES

SHOWN = "knee_extension_moment_peak"
"""Metric whose changes are printed one by one; the others are in validation.csv."""
EVERYTHING = "all of them"


def _share(row: Mapping[Any, Any], name: str) -> str:
    """Return a share with its interval, in percent, and of how many."""
    if not row[f"{name}_of"]:
        return UNKNOWN
    own = rounded(100.0 * row[name], 0)
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = interval(100.0 * low, 100.0 * high, 0) if known(low) and known(high) else UNKNOWN
    return f"{own} ({ends}; {row[f'{name}_of']:.0f})"


def summary_rows(summary_csv: Path) -> list[dict[str, str]]:
    """Return how often predictions held, as printed."""
    table = read_table(summary_csv, {"comparison": str, "quantity": str})
    rows = []
    for row in table.to_dict("records"):
        name = row["quantity"] if row["comparison"] == ALL else row["comparison"]
        rows.append(
            {
                "name": EVERYTHING if name == ALL else words(str(name)),
                "changes": f"{row['changes']:.0f}",
                "runners": f"{row['runners']:.0f}",
                **{share: _share(row, share) for share in SHARES},
                "band": number(row["band_width_median"]),
                "interval": number(row["interval_width_median"]),
                "size": number(row["recorded_size_median"]),
                "error": number(row["error_median"]),
                "skill": rounded(row["skill"], 2),
            }
        )
    return rows


def change_rows(validation_csv: Path) -> list[dict[str, str]]:
    """Return the changes of one metric that count, as printed."""
    text = ("comparison", "subject", "from", "to", "asked", "quantity", "unit", "counted")
    table = read_table(validation_csv, dict.fromkeys((*text, "covered"), str))
    own = table[(table["quantity"] == SHOWN) & (table["counted"] == "yes")]
    rows = []
    for row in own.to_dict("records"):
        decimals = interval_decimals(row["ci_low"], row["ci_high"])
        recorded = "recorded_change", "ci_low", "ci_high"
        predicted = "predicted_change", "band_low", "band_high"
        rows.append(
            {
                "comparison": words(row["comparison"]),
                "runner": row["subject"],
                "from": " to ".join(
                    str(row[key]) for key in ("from", "to") if not pd.isna(row[key])
                ),
                "unit": row["unit"],
                "recorded": _with_range(row, *recorded, decimals),
                "predicted": _with_range(row, *predicted, decimals),
                "covered": row["covered"],
                "group": rounded(
                    row["error_of_group_mean_difference"] + row["recorded_change"], decimals
                ),
            }
        )
    return rows


def _with_range(row: Mapping[Any, Any], value: str, low: str, high: str, decimals: int) -> str:
    ends = interval(row[low], row[high], decimals)
    return f"{rounded(row[value], decimals)} ({ends})"


def built_rows() -> list[dict[str, str]]:
    """Return which recordings and published figures built which part."""
    document = built_parts()
    names = document["datasets"]
    rows = []
    for entry in document["parts"]:
        used = [names[name]["name"] for name in entry.get("datasets", ())]
        rows.append(
            {
                "part": entry["part"],
                "recordings": "; ".join(used) or "none",
                "published": ", ".join(entry.get("published", ())) or UNKNOWN,
                "techniques": ", ".join(entry["techniques"]),
                "without": "yes" if entry.get("leave_one_out") else "no",
            }
        )
    return rows


def judge_rows() -> list[dict[str, str]]:
    """Return which recordings judge, and where they are public."""
    document = built_parts()
    return [
        {
            "recordings": document["datasets"][name]["name"],
            "doi": document["datasets"][name]["doi"],
            "judges": entry["judges"],
            "builds": "nothing" if entry.get("never_builds") else "with the judged runner left out",
        }
        for entry in document["judges"]
        for name in entry["datasets"]
    ]
