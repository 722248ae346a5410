"""Dose-response of trunk lean: each runner's own slope, then the slopes of all runners.

A sweep holds one value a runner, side, step of lean and metric. The runner is the unit: sides and
trials are averaged at every lean, a line is put through each runner's leans, and the slopes are
tested against none. A lean whose solve was refused is left out by its status.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from strikelean.studies.definitions import Study
from strikelean.studies.statistics import within_runners

DOSE_COLUMNS = (
    "metric",
    "unit",
    "slope_per_deg",
    "ci_low",
    "ci_high",
    "band_low",
    "band_high",
    "n",
    "published",
    "source",
)
LEAN = "trunk_lean_change_deg"
SOLVED = "solved"
NOTHING = float("nan")


def runner_slopes(sweep: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return each runner's slope of a metric on lean.

    Args:
        sweep: columns of sweep.csv, refused solves left out.
        metric: name.

    Returns:
        By subject: ``slope`` per degree, and ``low`` and ``high``, the least and the largest
        slope that the model's bands allow (NaN without bands). Runners with fewer than two
        leans are left out.
    """
    own = sweep[sweep["metric"] == metric]
    values = ["value", "value_low", "value_high"]
    by_lean = own.groupby(["subject", LEAN])[values].mean().reset_index()
    rows = {}
    for subject, table in by_lean.groupby("subject"):
        x = table[LEAN].to_numpy(dtype=np.float64)
        if np.ptp(x) == 0.0:
            continue
        centre = x - x.mean()
        value, low, high = (table[name].to_numpy(dtype=np.float64) for name in values)
        # no change has no band; a slope is least with the low ends ahead and the high ones behind
        low, high = np.where(np.isnan(low), value, low), np.where(np.isnan(high), value, high)
        banded = bool(table["value_low"].notna().any())
        least = np.where(centre >= 0.0, low, high)
        most = np.where(centre >= 0.0, high, low)
        rows[str(subject)] = [
            float(centre @ end / (centre @ centre)) if banded or end is value else NOTHING
            for end in (value, least, most)
        ]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["slope", "low", "high"])


def _published(studies: Sequence[Study], metric: str, unit: str) -> tuple[str, str]:
    """Return published slopes per degree of the metric, in its unit, and their studies."""
    found = [
        (effect.effect, study.name)
        for study in studies
        for effect in study.effects
        if metric in effect.metrics
        and effect.unit == unit
        and effect.contrast.dose is not None
        and effect.contrast.dose.metric.startswith("trunk_lean")
        and effect.contrast.dose.change == 1.0
    ]
    return "; ".join(f"{size:g}" for size, _ in found), "; ".join(name for _, name in found)


def dose_response(
    sweep: pd.DataFrame, studies: Sequence[Study] = (), *, virtual: bool = False
) -> pd.DataFrame:
    """Return the slope on trunk lean of every metric of a sweep.

    Args:
        sweep: subject, trial, side, trunk_lean_change_deg, metric, value, value_low,
            value_high, unit, status.
        studies: for published slopes in the same unit.
        virtual: whether the runners are virtual; then there is no interval, only the band.

    Returns:
        The columns of dose_response.csv; metrics with fewer than two runners are left out.
    """
    solved = sweep[sweep["status"] == SOLVED]
    rows = []
    for metric in dict.fromkeys(solved["metric"]):
        slopes = runner_slopes(solved, str(metric))
        own = slopes["slope"].to_numpy(dtype=np.float64)
        found = within_runners(np.zeros(own.size), own)
        if found is None:
            continue
        unit = str(solved.loc[solved["metric"] == metric, "unit"].iloc[0])
        published, source = _published(studies, str(metric), unit)
        rows.append(
            {
                "metric": metric,
                "unit": unit,
                "slope_per_deg": found.difference,
                "ci_low": NOTHING if virtual else found.ci_low,
                "ci_high": NOTHING if virtual else found.ci_high,
                "band_low": slopes["low"].mean(skipna=False),
                "band_high": slopes["high"].mean(skipna=False),
                "n": own.size,
                "published": published,
                "source": source,
            }
        )
    return pd.DataFrame(rows, columns=list(DOSE_COLUMNS))
