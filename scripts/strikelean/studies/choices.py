"""Bands of contrasts: what one choice does to both arms, choice by choice.

Both arms of a contrast are computed under the same choices, so a choice moves the contrast by the
difference of what it does to them. A choice that only one arm knows (how a lean is shared, beside
an upright arm) moves that arm alone; a recording is moved by none. A choice is made once for all
runners: the group's band is the range of the group's size over the choices, one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from strikelean.formats.series import FloatArray
from strikelean.loads.choices import MUSCLES, TECHNIQUE, choice_columns, column, family_of
from strikelean.loads.metrics_table import BAND_KEY
from strikelean.studies.pools import RECORDING

Shifts = Mapping[str, pd.DataFrame]
"""By choice: shift of every trial (rows) and metric (columns), NaN where it is not known."""

BRACKETS = {
    "value_low": column(TECHNIQUE, "contact area beyond its data, lower stress"),
    "value_high": column(TECHNIQUE, "contact area beyond its data, higher stress"),
}
"""A stress that leaves its area curve's data has two readings, in recordings as in predictions."""

ROUNDING = 1e-5
"""Share of a value under which the difference of two rounded columns is nothing."""

TRIAL = ["subject", "trial"]


def of_family(names: Iterable[str], family: str = TECHNIQUE) -> list[str]:
    """Return the choices of a family."""
    return [name for name in names if family_of(name) == family]


def families(names: Iterable[str]) -> list[str]:
    """Return the families of choices, each once."""
    return list(dict.fromkeys(family_of(name) for name in names))


def banded(value: float, shifts: Iterable[float]) -> tuple[float, float]:
    """Return a value's band: the farthest that any one choice moves it down and up.

    Args:
        value: under the choices made.
        shifts: of the value, under one other choice each; NaN is left out.

    Returns:
        NaN where no shift is known. The band holds the value.
    """
    known = [shift for shift in shifts if np.isfinite(shift)]
    if not known:
        return float("nan"), float("nan")
    return value + min(0.0, *known), value + max(0.0, *known)


def banded_columns(values: pd.Series[float], shifts: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`banded` of many values at once.

    Args:
        values: under the choices made.
        shifts: one row a value, one column another choice; NaN is left out.

    Returns:
        Columns ``low`` and ``high``, in the order of the values.
    """
    ends = {
        "low": values + shifts.min(axis=1).clip(upper=0.0),
        "high": values + shifts.max(axis=1).clip(lower=0.0),
    }
    return pd.DataFrame(ends).where(shifts.notna().any(axis=1), axis=0)


def _by_trial(
    table: pd.DataFrame, names: Sequence[str], like: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return columns by trial and metric, sides averaged, each in the shape of ``like``."""
    # sorted into groups once for all of them
    means = table.groupby([*TRIAL, "metric"])[list(names)].mean()
    wide = {name: pd.DataFrame(means[name].unstack("metric")) for name in names}  # noqa: PD010
    return {name: own.reindex(index=like.index, columns=like.columns) for name, own in wide.items()}


def shift_tables(
    choices: pd.DataFrame, means: pd.DataFrame, arms: pd.Series[str], of_model: pd.Series[bool]
) -> dict[str, pd.DataFrame]:
    """Return how far each trial's metrics move under each choice.

    Args:
        choices: choices.csv, of the sides that count.
        means: one row a (subject, trial), one column a metric.
        arms: of the same trials.
        of_model: whether a trial is a prediction.

    Returns:
        0 where a trial's arm does not know a choice: of recordings under a technique's, not under
        one that moves them too (how muscles share a moment). NaN where it does and could not
        be solved or evaluated under it, and where a family says nothing of a prediction.
    """
    tables = {}
    for family in families(choice_columns(choices)):
        names = of_family(choice_columns(choices), family)
        known = choices[choices[names].notna().any(axis=1)]
        own = means.index.isin(pd.MultiIndex.from_frame(known[TRIAL]))
        # a prediction of which the family says nothing has no band; a recording is not moved
        still = own | ~of_model.to_numpy()
        for name, table in _by_trial(choices, names, means).items():
            tried = arms[table.notna().any(axis=1)].unique()
            # every trial is moved by how muscles share: one that was not varied is not known
            if family != MUSCLES:
                table[still & ~arms.isin(tried).to_numpy()] = 0.0
            tables[name] = table
    return tables


def stacked(shifts: Shifts, like: pd.DataFrame) -> FloatArray:
    """Return shifts as one array, (choices, rows of ``like``, its columns)."""
    tables = [shift.reindex_like(like).to_numpy(dtype=np.float64) for shift in shifts.values()]
    return np.array(tables).reshape(-1, *like.shape)


def brackets(
    steps: pd.DataFrame, choices: pd.DataFrame, means: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return how far stresses beyond their area curve's data move, by the end of the bracket.

    The ends of a prediction in metrics.csv hold the technique's band too, which is taken off.

    Args:
        steps: of the sides that count, as :func:`strikelean.studies.pools.pool_steps` has them.
        choices: choices.csv, of the same sides.
        means: one row a (subject, trial), one column a metric.

    Returns:
        Nothing where no metric has a bracket of its own.
    """
    own = steps[[*TRIAL, RECORDING, *BAND_KEY, "value", *BRACKETS]]
    own = own[own["value"].notna() & (own["value_low"].notna() | own["value_high"].notna())]
    if own.empty:
        return {}
    shifts = choices[of_family(choice_columns(choices))]
    ends = {
        "value_low": shifts.min(axis=1).clip(upper=0.0).fillna(0.0),
        "value_high": shifts.max(axis=1).clip(lower=0.0).fillna(0.0),
    }
    key = ["subject", RECORDING, *BAND_KEY]
    widths = choices.rename(columns={"trial": RECORDING})[key].assign(**ends)
    both = own.merge(widths, on=key, how="left", suffixes=("", "_band"))
    for end, name in BRACKETS.items():
        width = both[end] - both[f"{end}_band"].fillna(0.0) - both["value"]
        nothing = width.abs() <= ROUNDING * both["value"].abs()
        both[name] = width.mask(nothing, 0.0).fillna(0.0)
    # steps within side first, then sides; a step without a bracket has none to add
    side, names = [*TRIAL, *BAND_KEY], list(BRACKETS.values())
    by_side = both.groupby(side)[names].sum()
    known = steps[steps["metric"].isin(own["metric"].unique()) & steps["value"].notna()]
    count = known.groupby(side)["value"].size().reindex(by_side.index)
    tables = _by_trial(by_side.div(count, axis=0).reset_index(), names, means)
    found = {name: table.fillna(0.0) for name, table in tables.items()}
    return found if any((table != 0.0).any(axis=None) for table in found.values()) else {}
