"""Holm's correction in the families of a table: primary metrics and the rest, apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from strikelean.studies.statistics import holm


def add_holm(table: pd.DataFrame, primary: Sequence[str], within: Sequence[str]) -> pd.DataFrame:
    """Return the table with ``p_holm``: primary metrics and the rest are two families.

    Args:
        table: with ``metric`` and ``p_raw``.
        primary: metrics of the primary family.
        within: columns that separate contrasts; every contrast has its own families.
    """
    result = table.copy()
    result["p_holm"] = np.nan
    if result.empty:
        return result
    family = result["metric"].isin(list(primary)).rename("primary")
    for _, rows in result.groupby([*[result[name] for name in within], family]).groups.items():
        result.loc[rows, "p_holm"] = holm(result.loc[rows, "p_raw"].to_list())
    return result
