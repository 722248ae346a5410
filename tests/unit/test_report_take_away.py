"""The numbers of the page's figures, as they are taken away."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from strikelean.report.figures import Panel
from strikelean.report.pictures import curve_table, strike_picture
from strikelean.report.plans import PLANS


def test_rows_of_curves_are_the_means_and_spreads_that_are_drawn() -> None:
    low, high = np.full(101, 1.0), np.full(101, 3.0)
    high[-1] = np.nan
    rows = curve_table([(Panel("x", "knee", "N m"), {"heel (n = 2)": np.array([low, high])})])
    assert rows[0] == (
        "stance_percent",
        "knee, N m: heel (n = 2) mean",
        "knee, N m: heel (n = 2) sd",
    )
    assert len(rows) == 102
    assert rows[1] == (0.0, 2.0, pytest.approx(np.sqrt(2.0), rel=1e-3))
    # a point that one runner lacks is blank, and JSON has no NaN
    assert rows[-1] == (100.0, None, None)
    json.dumps(rows, allow_nan=False)


def test_one_runner_alone_has_no_spread() -> None:
    rows = curve_table([(Panel("x", "knee", "N m"), {"heel (n = 1)": np.ones((1, 101))})])
    assert rows[1] == (0.0, 1.0, None)


def test_marks_of_runners_are_taken_away_by_name() -> None:
    means = pd.DataFrame(
        {"foot_strike_angle_contact": [10.0, -5.0], "strike_index_contact": [10.0, 60.0]},
        index=["A", "B"],
    )
    picture = strike_picture({"all": means})
    assert picture is not None
    assert picture.tables == {
        "foot-strike-angle-and-strike-index": [
            ["runner", "group", "foot_strike_angle_deg", "strike_index_percent"],
            ["A", "all", 10.0, 10.0],
            ["B", "all", -5.0, 60.0],
        ]
    }


def test_names_of_figures_are_their_own() -> None:
    titles = [plan.title for plan in PLANS]
    assert len(set(titles)) == len(titles)
