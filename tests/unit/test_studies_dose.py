"""Dose-response: each runner's slope, then the slopes of all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from strikelean.studies.dose import DOSE_COLUMNS, dose_response, runner_slopes
from strikelean.studies.reading import read_studies
from study_cohorts import SCHEMAS, STUDY_FILES

LEANS = (-10, -5, 0, 5, 10)
SLOPES = [-2.0, -2.6, -1.5, -2.2, -1.8, -2.4]
UNIT = "N m s/(kg km)"
KNEE = "knee_extension_moment_cumulative_per_km_per_kg"


def sweep(band: float = 0.0, refused: int | None = None) -> pd.DataFrame:
    """Return runners whose moment falls along their own line, sides apart."""
    rows = []
    for number, slope in enumerate(SLOPES):
        for lean in LEANS:
            for side, shift in (("right", 5.0), ("left", -5.0)):
                value = 200.0 + 10.0 * number + slope * lean + shift
                ends = (np.nan, np.nan) if lean == 0 or not band else (value - band, value + band)
                bad = lean == refused
                rows.append(
                    (f"P{number}", "run1", side, lean, KNEE, 9e9 if bad else value, *ends,
                     UNIT, "refused: residual" if bad else "solved")
                )  # fmt: skip
    columns = ["subject", "trial", "side", "trunk_lean_change_deg", "metric", "value"]
    columns += ["value_low", "value_high", "unit", "status"]
    table = pd.DataFrame(rows, columns=columns)
    return with_choices(table) if band else table


def with_choices(table: pd.DataFrame) -> pd.DataFrame:
    """Return a sweep with two choices: one moves what is ahead up, the other down."""
    up = table["value_high"] - table["value"]
    ahead = np.sign(table["trunk_lean_change_deg"])
    return table.assign(**{"technique: more": ahead * up, "technique: less": -ahead * up})


def in_unit(table: pd.DataFrame, unit: str = UNIT) -> pd.Series:
    """Return the only row of a unit."""
    (row,) = (r for _, r in table[table["unit"] == unit].iterrows())
    return row


def test_slopes_of_runners_are_tested_together() -> None:
    row = in_unit(dose_response(sweep()))
    assert row["slope_per_deg"] == pytest.approx(np.mean(SLOPES))
    assert row["n"] == 6
    # six runners: the exact interval is their least and their largest slope
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-2.6, -1.5))
    assert np.isnan(row["band_low"])
    assert stats.ttest_1samp(SLOPES, 0.0).pvalue < 0.001


def test_a_refused_lean_takes_no_part() -> None:
    row = in_unit(dose_response(sweep(refused=10)))
    assert row["slope_per_deg"] == pytest.approx(np.mean(SLOPES))


def test_choices_that_tilt_the_line_give_the_least_and_the_largest_slope() -> None:
    found = runner_slopes(sweep(band=3.0))
    found = found[found["unit"] == UNIT]
    # 3 more ahead and 3 less behind, none at 0: 3 x (10 + 5 + 5 + 10) / (2 x (100 + 25)) a degree
    np.testing.assert_allclose(found["technique: more"], 0.36)
    np.testing.assert_allclose(found["technique: less"], -0.36)


def test_a_choice_that_lifts_every_lean_alike_leaves_the_slope() -> None:
    lifted = sweep(band=3.0).drop(columns="technique: less")
    lifted["technique: more"] = 7.0
    row = in_unit(dose_response(lifted))
    assert (row["band_low"], row["band_high"]) == pytest.approx((row["slope_per_deg"],) * 2)


def test_a_runner_without_a_choice_at_some_lean_says_nothing_of_it() -> None:
    table = sweep(band=3.0)
    own = (table["subject"] == "P0") & (table["trunk_lean_change_deg"] == 10)
    table.loc[own, "technique: more"] = np.nan
    row = in_unit(dose_response(table))
    assert row["band_high"] == pytest.approx(np.mean(SLOPES) + 0.36)


def test_virtual_runners_have_a_band_only() -> None:
    row = in_unit(dose_response(sweep(band=3.0), virtual=True))
    assert np.isnan(row["ci_low"])
    assert row["band_low"] == pytest.approx(np.mean(SLOPES) - 0.36)


def test_published_slopes_stand_beside_in_their_own_unit() -> None:
    table = dose_response(sweep(), read_studies(STUDY_FILES, SCHEMAS))
    assert list(table.columns) == list(DOSE_COLUMNS)
    assert table.loc[0, "published"] == "-1.08"
    assert table.loc[0, "source"] == "Braun2024"


def test_one_lean_gives_no_row_and_one_runner_no_interval() -> None:
    table = sweep()
    assert dose_response(table[table["trunk_lean_change_deg"] == 5]).empty
    row = in_unit(dose_response(table[table["subject"] == "P0"]))
    assert row["slope_per_deg"] == pytest.approx(SLOPES[0])
    assert np.isnan(row["ci_low"])


def test_percent_are_of_each_runners_own_value() -> None:
    row = in_unit(dose_response(sweep(band=3.0)), "%")
    shares = [100.0 * slope / (200.0 + 10.0 * n) for n, slope in enumerate(SLOPES)]
    assert row["slope_per_deg"] == pytest.approx(np.mean(shares))
    assert row["band_low"] < row["slope_per_deg"] < row["band_high"]


def test_percent_of_a_negative_value_keep_low_below_high() -> None:
    table = sweep(band=3.0)
    table["value"] *= -1.0
    row = in_unit(dose_response(table), "%")
    assert row["band_low"] < row["slope_per_deg"] < row["band_high"]


def test_a_value_that_changes_its_sign_and_an_angle_have_no_percent() -> None:
    angle = sweep().assign(unit="deg")
    around = sweep()
    around["value"] -= 225.0
    for table in (angle, around):
        assert "%" not in set(dose_response(table)["unit"])
