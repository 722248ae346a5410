"""The error of a difference between two trials, from the levels of both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strikelean.virtual.recovered_contrasts import contrast_rows

NAMES = ("subject", "trial", "laboratory", "quantity", "unit", "true_mean", "recovered_mean")


def levels(rows: list[tuple[str, str, str, float, float]]) -> pd.DataFrame:
    full = [(s, t, lab, "knee", "N m", true, found) for s, t, lab, true, found in rows]
    return pd.DataFrame(full, columns=list(NAMES)).assign(rms=1.0, max=2.0, relative_error=0.1)


def test_a_level_off_by_a_tenth_both_times_gives_back_the_contrast_but_for_a_tenth() -> None:
    made = levels(
        [("A", "heel_strike", "matched", 200.0, 180.0), ("A", "lean", "matched", 190.0, 171.0)]
    )
    (row,) = contrast_rows(made).to_dict("records")
    assert row["trial"] == "lean less heel_strike"
    assert row["laboratory"] == "matched"
    assert (row["true_mean"], row["recovered_mean"]) == (-10.0, -9.0)
    assert row["relative_error"] == pytest.approx(0.1)
    assert (row["rms"], row["max"]) == (1.0, 1.0)


def test_an_offset_of_both_levels_drops_out_and_laboratories_stay_apart() -> None:
    made = levels(
        [
            (subject, trial, laboratory, true, true + offset)
            for subject in "AB"
            for laboratory, offset in (("matched", 5.0), ("mismatched", 30.0))
            for trial, true in (
                ("heel_strike", 200.0),
                ("forefoot_upright", 180.0),
                ("forefoot_lean", 175.0),
            )
        ]
    )
    found = contrast_rows(made)
    assert len(found) == 2 * 2 * 3
    assert (found["rms"] < 1e-9).all()
    lean = found[found["trial"] == "forefoot_lean less forefoot_upright"]
    assert lean["true_mean"].tolist() == pytest.approx([-5.0] * 4)
    assert list(found.columns) == list(made.columns)


def test_a_laboratory_with_one_trial_and_what_has_no_level_give_no_contrast() -> None:
    alone = levels([("A", "heel_strike", "mismatched", 200.0, 190.0)])
    assert contrast_rows(alone).empty
    unknown = levels([("A", "heel_strike", "m", 1.0, 1.0), ("A", "lean", "m", np.nan, 1.0)])
    assert contrast_rows(unknown).empty
    assert contrast_rows(alone.drop(columns="true_mean")).empty


def test_passes_over_a_runway_count_as_one_trial_by_their_mean() -> None:
    passes = [
        ("A", f"{trial}_{number:02d}", "matched", true + number, true + number + 2.0 * number)
        for trial, true in (("heel_strike", 200.0), ("lean", 190.0))
        for number in (1, 2)
    ]
    (row,) = contrast_rows(levels(passes)).to_dict("records")
    assert row["trial"] == "lean less heel_strike"
    assert (row["true_mean"], row["recovered_mean"]) == (-10.0, -10.0)
