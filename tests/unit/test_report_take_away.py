"""The numbers of the page's figures, as they are taken away."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from strikelean.report.figures import Panel
from strikelean.report.pictures import PLANS, curve_rows, picture_tables, strike_picture
from strikelean.report.predictions import DoseCurve, dose_table


def test_rows_of_curves_are_the_means_and_spreads_that_are_drawn() -> None:
    low, high = np.full(101, 1.0), np.full(101, 3.0)
    high[-1] = np.nan
    rows = curve_rows([(Panel("x", "knee", "N m"), {"heel (n = 2)": np.array([low, high])})])
    assert rows[0] == [
        "stance_percent",
        "knee [N m] heel (n = 2) mean",
        "knee [N m] heel (n = 2) sd",
    ]
    assert len(rows) == 102
    assert rows[1] == (0.0, 2.0, pytest.approx(np.sqrt(2.0), rel=1e-4))
    # a point that one runner lacks is blank, and JSON has no NaN
    assert rows[-1] == (100.0, None, None)
    json.dumps(rows, allow_nan=False)


def test_one_runner_alone_has_no_spread() -> None:
    rows = curve_rows([(Panel("x", "knee", "N m"), {"heel (n = 1)": np.ones((1, 101))})])
    assert rows[1] == (0.0, 1.0, None)


def test_doses_are_taken_away_as_drawn() -> None:
    curve = DoseCurve(
        "knee", np.array([0.0, 10.0]), np.array([[0.0, -8.0], [0.0, -6.0]]),
        np.array([0.0, -9.0]), np.array([0.0, -5.0]),
    )  # fmt: skip
    assert dose_table([curve])[2] == ["knee", 10.0, -7.0, -9.0, -5.0]


def test_marks_of_runners_are_taken_away_by_name() -> None:
    means = pd.DataFrame(
        {"foot_strike_angle_contact": [10.0, -5.0], "strike_index_contact": [10.0, 60.0]},
        index=["A", "B"],
    )
    picture = strike_picture(means, {"all": [("A", ["run"]), ("B", ["run"])]})
    tables = picture_tables([picture, None])
    assert tables == {
        "foot-strike-angle-and-strike-index": [
            ["runner", "foot_strike_angle_contact", "strike_index_contact"],
            ["A", 10.0, 10.0],
            ["B", -5.0, 60.0],
        ]
    }


def test_names_of_figures_are_their_own() -> None:
    titles = [plan.title for plan in PLANS]
    assert len(set(titles)) == len(titles)
