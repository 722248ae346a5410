"""Predicted strikes beside real ones: means, counts, the recording as negative control."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from strikelean.studies.cohort import STRIKE_ANGLE, build_cohort
from strikelean.studies.strike_check import COLUMNS, METRICS, strike_check
from study_cohorts import TECHNIQUES, steps, table

KNEE = "knee_extension_moment_peak_per_kg"
OWN, AIM = (3.0, 3.2, 3.4), 2.6


def cohort(shift: float, others: int = 5, trial: str = "run1~forefoot"):
    """Return three heel strikers, each made to change by a shift, and real other strikers."""
    rows = []
    for number, own in enumerate(OWN):
        values = {KNEE: own, STRIKE_ANGLE: 15.0}
        rows += steps(f"H{number}", "run1", "heel_strike", values)
        changed = {KNEE: own + shift, STRIKE_ANGLE: 0.0}
        rows += steps(f"H{number}", trial, "forefoot_upright", changed, basis="predicted")
    for number in range(others):
        rows += steps(f"F{number}", "run1", "forefoot", {KNEE: AIM, STRIKE_ANGLE: -3.0})
    asked = {(f"H{number}", trial): -3.7 for number in range(len(OWN))}
    return build_cohort(table(rows), techniques=TECHNIQUES), asked


def row(found: pd.DataFrame, metric: str = KNEE) -> pd.Series:
    (own,) = (r for _, r in found[found["metric"] == metric].iterrows())
    return own


def test_a_change_towards_the_others_is_nearer() -> None:
    found = strike_check(*cohort(-0.3))
    assert list(found.columns) == list(COLUMNS)
    knee = row(found)
    np.testing.assert_allclose(
        knee[["recorded", "predicted", "others"]].to_numpy(dtype=float), [3.2, 2.9, AIM]
    )
    assert (knee["n"], knee["n_others"], knee["nearer"], knee["runners_nearer"]) == (3, 5, "yes", 3)
    assert knee["status"] == "free"
    angle = row(found, STRIKE_ANGLE)
    assert (angle["technique"], angle["status"]) == ("forefoot", "imposed")
    assert angle["asked"] == pytest.approx(-3.7)
    assert pd.isna(knee["asked"])


def test_a_strike_by_its_angle_is_checked_too() -> None:
    found = strike_check(*cohort(-0.3, trial="run1~strike-08"))
    assert set(found["technique"]) == {"strike-08"}
    assert row(found)["nearer"] == "yes"


def test_no_change_and_a_change_away_are_not() -> None:
    assert row(strike_check(*cohort(0.0)))["nearer"] == "no"
    assert row(strike_check(*cohort(0.2)))["runners_nearer"] == 0


def test_too_far_is_no_nearer_for_who_was_near() -> None:
    knee = row(strike_check(*cohort(-0.9)))
    assert knee["runners_nearer"] == 2
    assert knee["nearer"] == "yes"


def test_few_others_and_no_strikes_say_nothing() -> None:
    assert pd.isna(row(strike_check(*cohort(-0.3, others=4)))["nearer"])
    assert strike_check(*cohort(-0.3, trial="run1~lean+05")).empty


def test_at_least_ten_metrics_are_named() -> None:
    assert len(set(METRICS)) >= 10
