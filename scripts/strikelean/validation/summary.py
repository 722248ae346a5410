"""How often predictions held: shares of changes, their intervals clustered by runner.

Changes of one runner are alike: ten quantities of one runner are no ten witnesses. The variance of
a share is therefore taken between runners (ratio estimate, linearised; Cochran 1977, Sampling
Techniques, 3rd ed., section 3.12), what it leaves is told as the number of independent changes
that would have that variance, never more than there are, and Wilson's interval is taken at that
number (doi 10.1080/01621459.1927.10502953; of clustered samples Dean and Pagano 2015, doi
10.1093/jssam/smv024) with Student's t of as many runners. Where all changes agree there is no
variance to tell: then every runner counts as one change.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from strikelean.formats.series import FloatArray
from strikelean.studies.statistics import t_quantile

SHARES = ("covered", "better_than_no_change", "better_than_group_mean")
ALL = "all"
SUMMARY_COLUMNS = (
    "comparison",
    "quantity",
    "changes",
    "runners",
    *(f"{name}{part}" for name in SHARES for part in ("", "_low", "_high", "_of")),
    "band_width_median",
    "interval_width_median",
    "recorded_size_median",
    "error_median",
    "skill",
)
YES = "yes"


def clustered_share(held: FloatArray, runners: FloatArray) -> tuple[float, float, float]:
    """Return a share with its 95 % interval, clustered by runner.

    Args:
        held: (N,) 1 where a prediction held, else 0.
        runners: (N,) who each belongs to.

    Returns:
        Share, low and high; NaN limits with fewer than two runners.
    """
    names, place = np.unique(runners, return_inverse=True)
    count, groups = held.size, names.size
    if count == 0:
        return (float("nan"),) * 3
    share = float(held.mean())
    if groups < 2:
        return share, float("nan"), float("nan")
    rest = np.bincount(place, weights=held - share, minlength=groups)
    variance = groups / (groups - 1.0) * float((rest**2).sum()) / count**2
    spread = share * (1.0 - share)
    alike = not spread > 0.0
    effective = float(groups) if alike else count if variance <= 0.0 else spread / variance
    effective = min(effective, float(count))
    quantile = t_quantile(groups - 1)
    over = quantile**2 / effective
    centre = (share + over / 2.0) / (1.0 + over)
    half = quantile / (1.0 + over) * np.sqrt(spread / effective + over / (4.0 * effective))
    return share, max(0.0, float(centre - half)), min(1.0, float(centre + half))


def _row(own: pd.DataFrame, comparison: str, quantity: str) -> dict[str, object]:
    row: dict[str, object] = {
        "comparison": comparison,
        "quantity": quantity,
        "changes": len(own),
        "runners": own["subject"].nunique(),
    }
    for name in SHARES:
        told = own[own[name].isin([YES, "no"])]
        held = np.asarray(told[name] == YES, dtype=np.float64)
        ends = clustered_share(held, told["subject"].to_numpy())
        for part, value in zip(("", "_low", "_high"), ends, strict=True):
            row[f"{name}{part}"] = value
        row[f"{name}_of"] = len(told)
    error, size = own["error"], own["recorded_change"]
    row["band_width_median"] = (own["band_high"] - own["band_low"]).median()
    row["interval_width_median"] = (own["ci_high"] - own["ci_low"]).median()
    row["recorded_size_median"] = size.abs().median()
    row["error_median"] = error.abs().median()
    total = float((size**2).sum())
    row["skill"] = 1.0 - float((error**2).sum()) / total if total > 0.0 else float("nan")
    return row


def _parts(counted: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    yield ALL, ALL, counted
    for comparison, own in counted.groupby("comparison", sort=False):
        yield str(comparison), ALL, own
    for quantity, own in counted.groupby("quantity", sort=False):
        yield ALL, str(quantity), own


def summarise(validation: pd.DataFrame) -> pd.DataFrame:
    """Return how often predictions held: in all, by comparison and by quantity.

    Only changes that the technique leaves free count, of which a recording knows the size. Widths,
    sizes and errors are medians in the unit of the rows, where units differ of those in percent
    alone. ``skill`` is 1 less the squared errors over the squared changes: 1 is right, 0 as good as
    no change at all.

    Args:
        validation: the columns of validation.csv.
    """
    counted = validation[validation["counted"] == YES]
    rows = []
    for comparison, quantity, own in _parts(counted):
        row = _row(own, comparison, quantity)
        if len(set(own["unit"])) > 1:
            # percent and degrees have no common size
            percent = _row(own[own["unit"].str.startswith("%")], comparison, quantity)
            row |= {name: percent[name] for name in SUMMARY_COLUMNS[-5:]}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))
