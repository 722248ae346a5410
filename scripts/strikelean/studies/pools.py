"""Trials of one runner in one condition taken together: all their steps of a foot weigh alike.

Overground a trial holds a stance or two, and a condition several trials. Averaged trial by trial, a
trial with one step would count as much as one with six; here they are one pool of steps, which
stands in all that follows as one trial under the name of its first. A condition with one trial is
its own pool, untouched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from strikelean.formats.hdf5 import Waveform
from strikelean.loads.choices import choice_columns
from strikelean.loads.metrics_table import BAND_KEY
from strikelean.techniques import split_name

Pools = Mapping[tuple[str, str], str]
"""Name of the pool by (subject, trial)."""

RECORDING = "recording"
"""Column with the trial that a step of a pool comes from."""


def pool_names(trials: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return the pool of each trial: the name of its condition's first trial.

    Derived trials of one technique are pooled as the recordings they were made from.

    Args:
        trials: subject, trial and condition; a trial may stand in several rows, in any order.
    """
    rows = trials[["subject", "trial", "condition"]].drop_duplicates().astype(str)
    places = sorted(rows.itertuples(index=False, name=None))
    first: dict[tuple[str, str], str] = {}
    names = {}
    for subject, trial, condition in places:
        if split_name(trial)[1] is None:
            names[subject, trial] = first.setdefault((subject, condition), trial)
    for subject, trial, _ in places:
        recorded, mark, technique = trial.partition("~")
        if mark:
            names[subject, trial] = f"{names.get((subject, recorded), recorded)}~{technique}"
    return names


def _several(pools: Pools) -> set[tuple[str, str]]:
    """Return the trials whose pool holds another one too, or has another's name."""
    counts = Counter((subject, pool) for (subject, _), pool in pools.items())
    return {
        (subject, trial)
        for (subject, trial), pool in pools.items()
        if counts[subject, pool] > 1 or trial != pool
    }


def _pooled(table: pd.DataFrame, pools: Pools) -> tuple[pd.DataFrame, pd.Series[bool]]:
    """Return a table with pools for trials, and which rows changed or share their pool."""
    several = _several(pools)
    if not several:
        return table.assign(), pd.Series(data=False, index=table.index)
    places = list(zip(table["subject"], table["trial"], strict=True))
    shared = pd.Series([place in several for place in places], index=table.index, dtype=bool)
    names = [pools.get(place, place[1]) for place in places]
    return table.assign(
        trial=pd.Series(names, index=table.index, dtype=table["trial"].dtype)
    ), shared


def pool_steps(steps: pd.DataFrame, pools: Pools) -> pd.DataFrame:
    """Return the steps of trials as those of their pools, numbered through each pool.

    Args:
        steps: rows of metrics.csv.
        pools: of their trials.

    Returns:
        The same rows, ``trial`` the pool and :data:`RECORDING` the trial of each.
    """
    table, shared = _pooled(steps, pools)
    table[RECORDING] = steps["trial"]
    if shared.any():
        key = ["subject", "trial", RECORDING, "step"]
        own = table.loc[shared, key].drop_duplicates().sort_values(key)
        own["number"] = own.groupby(key[:2]).cumcount() + 1
        numbers = table.loc[shared, key].merge(own, on=key, how="left")["number"]
        table.loc[shared, "step"] = numbers.to_numpy()
    return table


def pool_choices(choices: pd.DataFrame, steps: pd.DataFrame, pools: Pools) -> pd.DataFrame:
    """Return the shifts of pools: means over their trials, each weighing by its known steps.

    Args:
        choices: rows of choices.csv.
        steps: the steps of their trials, as :func:`pool_steps` returns them.
        pools: of their trials.
    """
    table, shared = _pooled(choices, pools)
    if not shared.any():
        return choices
    key = ["subject", RECORDING, *BAND_KEY]
    count = steps[steps["value"].notna()].groupby(key)["value"].size().rename("weight")
    own = table[shared].assign(**{RECORDING: choices.loc[shared, "trial"]})
    own = own.merge(count.reset_index(), on=key, how="left")
    names = choice_columns(own)
    weights = own[names].notna().mul(own["weight"].fillna(0.0), axis=0)
    pool = [own[name] for name in ("subject", "trial", *BAND_KEY)]
    total = (own[names].fillna(0.0) * weights).groupby(pool).sum()
    size = weights.groupby(pool).sum()
    means = (total / size.where(size > 0.0)).reset_index()
    return pd.concat([table[~shared], means], ignore_index=True)[list(choices.columns)]


def pool_waveforms(waveforms: Mapping[str, Waveform], pools: Pools) -> dict[str, Waveform]:
    """Return the curves of cohort.h5 with the steps of each pool's trials one below the other.

    Args:
        waveforms: by ``<subject>/<trial>/<side>/<quantity>``.
        pools: of their trials.
    """
    found: dict[str, Waveform] = {}
    for place in sorted(waveforms) if _several(pools) else waveforms:
        subject, trial, rest = place.split("/", 2)
        curves = waveforms[place]
        name = f"{subject}/{pools.get((subject, trial), trial)}/{rest}"
        if name in found:
            rows = np.concatenate([found[name].values, curves.values])
            found[name] = replace(found[name], values=rows)
        else:
            found[name] = curves
    return found
