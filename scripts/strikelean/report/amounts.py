"""How much of a technique two conditions differ in: degrees of lean, percent of step rate."""

from __future__ import annotations

import pandas as pd

from strikelean.report.digits import known, signed
from strikelean.report.groups import words
from strikelean.studies.cohort import PREDICTED

LEAN, CADENCE = "lean", "cadence"
LEAN_ANGLE, STEP_RATE = "trunk_lean_torso_axis_angle_mean", "step_rate"


def _change(own: pd.DataFrame, metric: str, before: str, *, percent: bool) -> float:
    """Return how far a metric changes from ``before``, NaN where it is not known."""
    rows = own[own["metric"] == metric]
    if rows.empty:
        return float("nan")
    row = rows.iloc[0]
    turned = row["condition_a"] != before
    change = float(row["difference"]) * (-1.0 if turned else 1.0)
    level = float(row["mean_b" if turned else "mean_a"])
    if not percent:
        return change
    return 100.0 * change / level if level > 0.0 else float("nan")


def technique_words(own: pd.DataFrame, before: str, after: str) -> str:
    """Return a condition in words, with how much of it there was where the table says so.

    Args:
        own: rows of comparisons.csv of these two conditions.
        before: condition held against.
        after: the condition.
    """
    name = after.removesuffix(PREDICTED)
    marked = after[len(name) :]
    if name.endswith(LEAN):
        change = _change(own, LEAN_ANGLE, before, percent=False)
        if known(change) and round(change):
            way = "further" if change > 0.0 else "less"
            return f"{words(name)}{marked}, {signed(abs(change), 0)} deg {way}"
    if name == CADENCE:
        change = _change(own, STEP_RATE, before, percent=True)
        if known(change):
            sign = "+" if change > 0.0 else ""
            return f"step rate {sign}{signed(change, 0)} %{marked}"
    return words(after)
