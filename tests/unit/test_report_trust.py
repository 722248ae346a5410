"""What the page says of virtual runners' truth."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from strikelean.report.trust import contrast_rows, plausibility_line, recovery_rows

COLUMNS = ("subject", "trial", "laboratory", "quantity", "unit", "rms", "max", "relative_error")


def test_errors_stand_by_laboratory_mean_over_runners_and_worst(tmp_path: Path) -> None:
    knee = "knee_flexion_angle"
    rows = [
        ("V01", "heel_strike", "matched_noise_free", knee, "deg", 1e-6, 2e-6, 1e-8),
        ("V01", "heel_strike", "matched", knee, "deg", 0.8, 2.0, 0.02),
        ("V02", "heel_strike", "matched", knee, "deg", 1.0, 2.0, 0.03),
        ("V01", "forefoot_upright", "matched", knee, "deg", 9.0, 9.0, 0.9),
        ("V01", "heel_strike", "mismatched", knee, "deg", 2.0, 4.0, 0.05),
        ("V01", "heel_strike", "matched", "something else", "N", 2.0, 4.0, 0.05),
    ]
    path = tmp_path / "recovery.csv"
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(path, index=False)
    (row,) = recovery_rows(path)
    assert (row["quantity"], row["unit"]) == ("knee flexion", "deg")
    assert row["cells"] == ["below 0.01 %", "0.90 (3.0 %)", "2.0 (5.0 %)"]


def test_pairs_outside_the_recorded_range_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "plausibility.csv"
    pd.DataFrame(
        {
            "metric": ["a", "b"],
            "virtual_runners": [6, 6],
            "virtual_outside": [1, 0],
            "virtual_sd": [1.0, 3.0],
            "recorded_sd": [2.0, 2.0],
        }
    ).to_csv(path, index=False)
    line = plausibility_line(path)
    assert line.startswith("Of 12 pairs")
    assert ", 1 lie outside" in line
    assert "1.0 times as much" in line


def test_differences_between_conditions_stand_with_the_error_of_one_runner(tmp_path: Path) -> None:
    knee, pair = "knee_extension_moment_peak", "forefoot_upright less heel_strike"
    rows = [
        ("V01", pair, "matched", knee, "N m", 1.0, 1.0, 0.05, -20.0, -19.0),
        ("V02", pair, "matched", knee, "N m", 3.0, 3.0, 0.15, -20.0, -23.0),
        ("V01", pair, "mismatched", knee, "N m", 6.0, 6.0, 0.3, -20.0, -14.0),
        ("V01", "heel_strike", "matched", knee, "N m", 5.0, 5.0, 0.02, 200.0, 205.0),
        ("V01", pair, "matched", "contact_time", "s", 0.0, 0.0, None, 0.0, 0.0),
    ]
    path = tmp_path / "recovery.csv"
    columns = [*COLUMNS, "true_mean", "recovered_mean"]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    row, other = contrast_rows(path)
    assert (row["laboratory"], other["laboratory"]) == (
        "realistic flaws", "realistic flaws, another body",
    )  # fmt: skip
    assert other["one"] == "6.0 (30 %)"
    assert row["contrast"] == "forefoot upright less heel strike"
    assert row["quantity"] == "peak knee extension moment"
    assert (row["true"], row["recovered"]) == ("\u221220.0", "\u221221.0")
    assert (row["one"], row["n"]) == ("2.0 (10 %)", "2")
    pd.DataFrame([rows[3]], columns=columns).to_csv(path, index=False)
    assert contrast_rows(path) == []
