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
VALUES = ["value", "value_low", "value_high"]
RUNNER = ["metric", "unit", "subject"]
MISSING = float("nan")
# an angle has no true zero: a share of it means nothing
NO_SHARE_UNITS = ("deg", "1", PERCENT)


def _means(sweep: pd.DataFrame) -> pd.DataFrame:
    """Return metric, unit, subject, lean, value, ends and whether there is a band."""
    means = sweep.groupby([*RUNNER, LEAN], sort=False)[VALUES].mean().reset_index()
    means["banded"] = means.groupby(RUNNER, sort=False)["value_low"].transform("count") > 0
    for end in VALUES[1:]:  # no change asked has no band
        means[end] = means[end].fillna(means["value"])
    return means


def _as_shares(means: pd.DataFrame) -> pd.DataFrame:
    """Return means as % of each runner's own value without a change, where that says something."""
    own = means.loc[means[LEAN] == 0, [*RUNNER, "value"]].rename(columns={"value": "own"})
    both: pd.DataFrame = means.merge(own, on=RUNNER, how="inner")
    sign = np.sign(both["own"]).groupby(both["metric"])
    one_sign = sign.transform("min") * sign.transform("max") > 0.0
    kept = one_sign & ~both["unit"].isin(NO_SHARE_UNITS)
    shares: pd.DataFrame = both[kept].copy()
    ends = shares[VALUES].div(shares["own"], axis=0) * 100.0
    # of a negative value the low end is the larger share
    shares["value"] = ends["value"]
    shares["value_low"], shares["value_high"] = ends[VALUES].min(axis=1), ends[VALUES].max(axis=1)
    shares["unit"] = PERCENT
    del shares["own"]
    return shares


def _slopes(means: pd.DataFrame) -> pd.DataFrame:
    """Return metric, unit, subject, slope, low and high."""
    table = means.copy()
    centre = table[LEAN] - table.groupby(RUNNER, sort=False)[LEAN].transform("mean")
    # a slope is least with the low ends ahead and the high ones behind
    ahead = centre >= 0.0
    ends = {
        "slope": table["value"],
        "low": table["value_low"].where(ahead, table["value_high"]),
        "high": table["value_high"].where(ahead, table["value_low"]),
    }
    for name, end in ends.items():
        table[name] = centre * end
    table["spread"] = centre**2
    sums = table.groupby(RUNNER, sort=False)[[*ends, "spread"]].sum(min_count=1)
    banded = table.groupby(RUNNER, sort=False)["banded"].first()
    sums = sums[sums["spread"] > 0.0]
    slopes = sums[list(ends)].div(sums["spread"], axis=0)
    slopes.loc[~banded[slopes.index], ["low", "high"]] = MISSING
    return slopes.dropna(subset="slope").reset_index()


def runner_slopes(sweep: pd.DataFrame) -> pd.DataFrame:
    """Return each runner's slope of every metric on lean.

    Args:
        sweep: columns of sweep.csv, refused solves left out.

    Returns:
        metric, unit, subject, ``slope`` per degree, and ``low`` and ``high``, the least and the
        largest slope that the model's bands allow (NaN without bands). Beside a metric's own
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
        sweep: subject, trial, side, trunk_lean_change_deg, metric, value, value_low,
            value_high, unit, status.
        studies: for published changes in the same unit.
        virtual: whether the runners are virtual; then there is no interval, only the band.

    Returns:
        The columns of dose_response.csv. One runner has a slope and no interval.
    """
    slopes = runner_slopes(sweep[sweep["status"] == SOLVED])
    rows = []
    for (metric, unit), table in slopes.groupby(["metric", "unit"], sort=False):
        own = table["slope"].to_numpy(dtype=np.float64)
        found = None if virtual else within_runners(np.zeros(own.size), own)
        published, source = _published(studies, str(metric), str(unit))
        rows.append(
            {
                "metric": metric,
                "unit": unit,
                "slope_per_deg": own.mean(),
                "ci_low": MISSING if found is None else found.ci_low,
                "ci_high": MISSING if found is None else found.ci_high,
                "band_low": table["low"].mean(skipna=False),
                "band_high": table["high"].mean(skipna=False),
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
