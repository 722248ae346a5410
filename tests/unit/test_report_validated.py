"""The page's rows on validation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.report.validated import change_rows, summary_rows
from strikelean.validation.rows import VALIDATION_COLUMNS
from strikelean.validation.summary import summarise


def a_row(subject: str, **more: object) -> dict[str, object]:
    row = dict.fromkeys(VALIDATION_COLUMNS, np.nan) | {
        "comparison": "speed_25_35",
        "kind": "change",
        "subject": subject,
        "from": "slow",
        "to": "fast",
        "quantity": "knee_extension_moment_peak",
        "unit": "%",
        "counted": "yes",
        "predicted_change": 12.0,
        "band_low": 8.0,
        "band_high": 15.0,
        "recorded_change": 10.0,
        "ci_low": 9.0,
        "ci_high": 11.0,
        "covered": "yes",
        "error": 2.0,
        "error_of_no_change": -10.0,
        "error_of_group_mean_difference": 5.0,
        "better_than_no_change": "yes",
        "better_than_group_mean": "yes",
    }
    return row | more


def test_shares_are_printed_with_their_interval_and_number(tmp_path: Path) -> None:
    table = pd.DataFrame(
        [a_row("anna"), a_row("bert", covered="no"), a_row("cleo"), a_row("dora", counted="no")]
    )
    summarise(table).to_csv(tmp_path / "summary.csv", index=False)
    first, second, third = summary_rows(tmp_path / "summary.csv")
    assert first["name"] == "all of them"
    assert second["name"] == "speed 25 35"
    assert third["name"] == "knee extension moment peak"
    assert first["covered"].startswith("67 (")
    assert first["covered"].endswith("; 3)")
    assert (first["band"], first["size"]) == ("7.00", "10.0")


def test_changes_of_the_knee_are_printed_one_by_one(tmp_path: Path) -> None:
    rows = [a_row("anna"), a_row("bert", counted="no"), a_row("cleo", quantity="achilles")]
    pd.DataFrame(rows).to_csv(tmp_path / "validation.csv", index=False)
    (row,) = change_rows(tmp_path / "validation.csv")
    assert row["recorded"] == "10.0 (9.0 to 11.0)"
    assert row["predicted"] == "12.0 (8.0 to 15.0)"
    assert (row["runner"], row["from"], row["group"]) == ("anna", "slow to fast", "15.0")
