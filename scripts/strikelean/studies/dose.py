"""Dose-response of trunk lean: each runner's own slope, then the slopes of all runners.

A sweep holds one value a runner, side, step of lean and metric. The runner is the unit: sides and
trials are averaged at every lean, a line is put through each runner's leans, and the slopes are
tested against none. A lean whose solve was refused, or is a stretch of the model, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.formats.files import read_rows, write_table
from strikelean.loads.choices import choice_columns
from strikelean.studies.choices import banded, of_family
from strikelean.studies.definitions import Study
from strikelean.studies.reading import read_studies
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
PERCENT = "%"
RUNNER = ["metric", "unit", "subject"]
MISSING = float("nan")
# an angle has no true zero: a share of it means nothing
NO_SHARE_UNITS = ("deg", "1", PERCENT)


def _means(sweep: pd.DataFrame) -> pd.DataFrame:
    """Return metric, unit, subject, lean, value, and how far it moves under each choice."""
    names = choice_columns(sweep)
    means = sweep.groupby([*RUNNER, LEAN], sort=False)[["value", *names]].mean().reset_index()
    # no change asked is moved by no choice
    means.loc[means[LEAN] == 0, names] = means.loc[means[LEAN] == 0, names].fillna(0.0)
    return means


def _as_shares(means: pd.DataFrame) -> pd.DataFrame:
    """Return means as % of each runner's own value without a change, where that says something."""
    own = means.loc[means[LEAN] == 0, [*RUNNER, "value"]].rename(columns={"value": "own"})
    both: pd.DataFrame = means.merge(own, on=RUNNER, how="inner")
    sign = np.sign(both["own"]).groupby(both["metric"])
    one_sign = sign.transform("min") * sign.transform("max") > 0.0
    kept = one_sign & ~both["unit"].isin(NO_SHARE_UNITS)
    shares: pd.DataFrame = both[kept].copy()
    values = ["value", *choice_columns(means)]
    shares[values] = shares[values].div(shares["own"], axis=0) * 100.0
    shares["unit"] = PERCENT
    del shares["own"]
    return shares


def _slopes(means: pd.DataFrame) -> pd.DataFrame:
    """Return metric, unit, subject, slope, and how far it moves under each choice."""
    table = means.copy()
    names = choice_columns(means)
    centre = table[LEAN] - table.groupby(RUNNER, sort=False)[LEAN].transform("mean")
    table["slope"] = table.pop("value")
    # a line through values is linear in them: a slope moves by the slope of the shifts
    moved = table[["slope", *names]].mul(centre, axis=0)
    table[["slope", *names]] = moved
    table["spread"] = centre**2
    grouped = table.groupby(RUNNER, sort=False)
    sums = grouped[["slope", "spread"]].sum(min_count=1)
    # under a choice that could not be solved at every lean a runner's slope is not known
    whole = grouped[names].sum().where(grouped[names].count().eq(grouped.size(), axis=0))
    sums = sums.join(whole)[sums["spread"] > 0.0]
    slopes = sums[["slope", *names]].div(sums["spread"], axis=0)
    return slopes.dropna(subset="slope").reset_index()


def runner_slopes(sweep: pd.DataFrame) -> pd.DataFrame:
    """Return each runner's slope of every metric on lean.

    Args:
        sweep: columns of sweep.csv, refused solves left out.

    Returns:
        metric, unit, subject, ``slope`` per degree, and one column a choice, how far the slope
        moves under it (NaN where that is not known at every lean). Beside a metric's own
        unit stands %, of the runner's own value with no change asked, where there is one.
        Runners with fewer than two leans are left out.
    """
    means = _means(sweep)
    return pd.concat([_slopes(means), _slopes(_as_shares(means))], ignore_index=True)


def _published(studies: Sequence[Study], metric: str, unit: str) -> tuple[str, str]:
    """Return published changes per degree of the metric, in its unit, and their studies."""
    found = [
        (effect.effect / effect.contrast.dose.change, study.name)
        for study in studies
        for effect in study.effects
        if metric in effect.metrics
        and effect.unit == unit
        and effect.contrast.dose is not None
        and not effect.contrast.dose.relative
        and effect.contrast.dose.metric.startswith("trunk_lean")
        and np.isfinite(effect.effect)
    ]
    return "; ".join(f"{size:.3g}" for size, _ in found), "; ".join(name for _, name in found)


def dose_response(
    sweep: pd.DataFrame, studies: Sequence[Study] = (), *, virtual: bool = False
) -> pd.DataFrame:
    """Return the slope on trunk lean of every metric of a sweep.

    Args:
        sweep: subject, trial, side, trunk_lean_change_deg, metric, value, unit, status, and
            one column a choice, how far the value moves under it.
        studies: for published changes in the same unit.
        virtual: whether the runners are virtual; then there is no interval, only the band.

    Returns:
        The columns of dose_response.csv. One runner has a slope and no interval. The band is
        the range of the mean slope over the model's choices, one at a time at every lean.
    """
    slopes = runner_slopes(sweep[sweep["status"] == SOLVED])
    rows = []
    for (metric, unit), table in slopes.groupby(["metric", "unit"], sort=False):
        own = table["slope"].to_numpy(dtype=np.float64)
        found = None if virtual else within_runners(np.zeros(own.size), own)
        shifts = (table[name].mean() for name in of_family(choice_columns(table)))
        low, high = banded(float(own.mean()), shifts)
        published, source = _published(studies, str(metric), str(unit))
        rows.append(
            {
                "metric": metric,
                "unit": unit,
                "slope_per_deg": own.mean(),
                "ci_low": MISSING if found is None else found.ci_low,
                "ci_high": MISSING if found is None else found.ci_high,
                "band_low": low,
                "band_high": high,
                "n": own.size,
                "published": published,
                "source": source,
            }
        )
    table = pd.DataFrame(rows, columns=list(DOSE_COLUMNS))
    order = {metric: place for place, metric in enumerate(dict.fromkeys(slopes["metric"]))}
    return table.sort_values("metric", key=lambda names: names.map(order), kind="stable")


def write_dose_response(
    sweep_csv: Path, studies: Sequence[Path], schemas: Path, output: Path, *, virtual: bool
) -> None:
    """Write dose_response.csv.

    Args:
        sweep_csv: the sweep's table.
        studies: files of studies, for what was published.
        schemas: folder of their schemas and of metrics.yaml.
        output: table written.
        virtual: whether the runners are virtual.

    Raises:
        ConfigMistakesError: every mistake in the studies' files.
    """
    sweep = read_rows(sweep_csv, {"subject": str, "trial": str})
    table = dose_response(sweep, read_studies(studies, schemas), virtual=virtual)
    write_table(table, output)
