"""What a model predicts of a change: its size under the choices made, and its band over others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from strikelean.counterfactual.predict_changes import DELIVERED
from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import STRIKE_ANGLE

NOTHING = float("nan")
SMALLEST_TURN_DEG = 1.0
"""Change of the foot-strike angle below which nothing is said per degree: a model that reaches less
than the marker's noise was not moved (project definition)."""


@dataclass(frozen=True)
class Predicted:
    """A predicted change.

    Attributes:
        value: in the comparison's unit.
        low, high: range over the choices, one at a time, the value among them.
        reason: why there is none, else ''.
    """

    value: float
    low: float = NOTHING
    high: float = NOTHING
    reason: str = ""


@dataclass(frozen=True)
class Prediction:
    """All that was predicted under one technique.

    Attributes:
        technique: its name.
        before, after: by choice, metric, one column a foot; the choices made first.
        reason: why strides, or all of them, were refused.
    """

    technique: str
    before: pd.DataFrame
    after: pd.DataFrame
    reason: str = ""


def prediction_of(table: pd.DataFrame) -> Prediction:
    """Return the prediction of one technique from its rows of predicted_changes.csv."""
    first = table.iloc[0]
    reason = "" if pd.isna(first["reason"]) else str(first["reason"])
    known = table.dropna(subset=["metric"])
    known = known.assign(choice=known["choice"].fillna(DELIVERED))
    keys = ["choice", "metric"]
    before, after = (
        known.pivot_table(index=keys, columns="side", values=name) for name in ("before", "after")
    )
    return Prediction(str(first["technique"]), before, after, reason)


def _sizes(
    own: Prediction, metric: str, sides: Collection[str], *, share: bool
) -> tuple[list[str], FloatArray]:
    """Return the change of a metric under each choice that knows it, the choices made first."""
    if own.before.empty or metric not in own.before.index.get_level_values("metric"):
        return [], np.empty(0)
    before, after = (part.xs(metric, level="metric") for part in (own.before, own.after))
    feet = [side for side in before.columns if side in sides]
    if not feet:
        return [], np.empty(0)
    old, new = (
        pd.Series(part[feet].to_numpy(dtype=np.float64).mean(axis=1), index=part.index)
        for part in (before, after)
    )
    moved = 100.0 * (new / old - 1.0) if share else new - old
    known = moved.dropna()
    order = sorted(known.index, key=lambda name: (name != DELIVERED, name))
    return order, known.loc[order].to_numpy(dtype=np.float64)


def _banded(names: Sequence[str], sizes: FloatArray, reason: str) -> Predicted:
    if not names or names[0] != DELIVERED:
        return Predicted(NOTHING, reason=reason or "not predicted")
    return Predicted(float(sizes[0]), float(sizes.min()), float(sizes.max()))


def predicted_change(
    own: Prediction, metric: str, sides: Collection[str], *, share: bool
) -> Predicted:
    """Return the predicted change of a metric, the mean of some feet.

    Args:
        own: of the runner.
        metric: name.
        sides: feet that the recordings know.
        share: whether in percent of the mean before.
    """
    return _banded(*_sizes(own, metric, sides, share=share), own.reason)


def predicted_slope(
    predictions: Sequence[Prediction], metric: str, sides: Collection[str], *, share: bool
) -> Predicted:
    """Return the predicted change per degree of foot-strike angle reached, mean over runners.

    Runners whom the technique does not turn are left out; a choice counts where it is known of all
    the others.
    """
    tables = []
    for own in predictions:
        names, sizes = _sizes(own, metric, sides, share=share)
        at, turns = _sizes(own, STRIKE_ANGLE, sides, share=False)
        turn = pd.Series(turns, index=at)
        turned = turn.reindex(names).fillna(turn.get(DELIVERED, NOTHING))
        if not names or not abs(turned.iloc[0]) >= SMALLEST_TURN_DEG:
            continue
        tables.append(pd.Series(sizes, index=names) / turned)
    if not tables:
        reason = next((own.reason for own in predictions if own.reason), "")
        return Predicted(NOTHING, reason=reason or "the technique turns no foot by 1 deg")
    means = pd.concat(tables, axis=1).dropna().mean(axis=1)
    order = sorted(means.index, key=lambda name: (name != DELIVERED, name))
    return _banded(order, means.loc[order].to_numpy(dtype=np.float64), "")
