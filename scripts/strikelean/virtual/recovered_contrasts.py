"""How much recordings give back of the difference between two of a runner's trials.

A level may come back wrong by more than a technique changes it and its change still come back
right, or not: what a contrast is worth is told by the error of the contrast itself.
"""

from __future__ import annotations

import pandas as pd

from strikelean.virtual.settings import HABITUAL, trial_of

LEVELS = ("true_mean", "recovered_mean")
BESIDE = (("forefoot_lean", "forefoot_upright"),)
"""Pairs beside those with the habitual trial: lean alone, on the forefoot."""


def contrast_rows(levels: pd.DataFrame, habitual: str = HABITUAL) -> pd.DataFrame:
    """Return one row a runner, laboratory, quantity and pair of trials.

    Args:
        levels: rows of recovery.csv with ``true_mean`` and ``recovered_mean`` over a trial's steps;
            those without (waveforms) are left aside.
        habitual: trial that the others are held against.

    Returns:
        The same columns: ``trial`` names both (``lean less heel_strike``), the means are the true
        and the recovered difference, ``rms`` and ``max`` the size of its error in the unit,
        ``relative_error`` that over the size of the true difference.
    """
    if not set(LEVELS) <= set(levels.columns):
        return levels.iloc[:0]
    key = ["subject", "laboratory", "quantity", "unit"]
    known = levels.dropna(subset=list(LEVELS))
    # passes over a runway are recordings of one trial
    known = known.assign(trial=known["trial"].map(trial_of))
    wide = known.pivot_table(index=key, columns="trial", values=list(LEVELS), sort=False)
    trials = list(dict.fromkeys(known["trial"]))
    pairs = [(trial, habitual) for trial in trials if trial != habitual and habitual in trials]
    pairs += [pair for pair in BESIDE if set(pair) <= set(trials)]
    parts = []
    for after, before in pairs:
        part = pd.DataFrame({level: wide[level][after] - wide[level][before] for level in LEVELS})
        part = part.dropna()
        error = (part["recovered_mean"] - part["true_mean"]).abs()
        size = part["true_mean"].abs()
        part = part.assign(
            rms=error,
            max=error,
            relative_error=(error / size).where(size > 0.0),
            trial=f"{after} less {before}",
        )
        parts.append(part.reset_index())
    found = pd.concat(parts, ignore_index=True) if parts else levels.iloc[:0]
    return found.reindex(columns=levels.columns)
