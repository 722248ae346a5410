"""How much a runner's steps scatter, and the smallest change of a runner that this lets be seen."""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = (
    "metric",
    "unit",
    "condition",
    "n_runners",
    "steps_per_foot",
    "mean",
    "sd_between_runners",
    "sd_within_runner",
    "sem",
    "smallest_detectable_change",
    "norm",
)
NORMS = {
    "hip_adduction_angle_peak": (
        "10.4 +/- 3.3 deg, 45 runners at their own step rate "
        "(Heiderscheit 2011, 10.1249/MSS.0b013e3181ebedf4)"
    ),
    "pelvis_contralateral_drop_angle_peak": (
        "missing: no group mean could be read; 1 deg more at mid-stance goes with 80 % higher odds "
        "of being injured (Bramah 2018, 10.1177/0363546518793657)"
    ),
    "knee_net_abduction_moment_peak_per_kg": "missing: no group mean could be read",
}
"""What a clinician holds a value against, or that nothing was found to do so."""


def within_runner(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return scatter and smallest detectable change of every metric, by condition.

    Args:
        metrics: columns of metrics.csv.

    Returns:
        One row a metric and condition, of recordings alone. ``sd_within_runner`` is the pooled
        standard deviation of single steps about the mean of their foot, ``sem`` that of a
        runner's mean over as many steps of both feet as were recorded, all trials of a condition
        together. The smallest detectable
        change is 1.96 sqrt(2) sem (Weir 2005, 10.1519/15184.1), between two recordings of one
        session; what changes from day to day, markers put on anew above all, comes on top.
    """
    recorded = ~metrics["trial"].astype(str).str.contains("~", regex=False)
    own = metrics[recorded & metrics["value"].notna()]
    foot = ["metric", "condition", "subject", "side"]
    groups = own.groupby(foot, sort=False)["value"]
    sizes = {"n": groups.size(), "mean": groups.mean(), "square": groups.var(ddof=1)}
    feet = pd.DataFrame(sizes).reset_index()
    feet["freedom"] = feet["n"] - 1
    feet["sum"] = feet["square"].fillna(0.0) * feet["freedom"]
    feet["share"] = 1.0 / feet["n"]
    runner = feet.groupby(foot[:-1], sort=False)
    runners = runner.agg(mean=("mean", "mean"), share=("share", "sum"), feet=("n", "size"))
    # the mean of feet, each the mean of its steps
    runners["share"] = runners["share"] / runners["feet"] ** 2
    both = foot[:2]
    total = feet.groupby(both, sort=False)[["sum", "freedom"]].sum()
    of_runners = runners.groupby(level=both, sort=False)["mean"]
    sd = np.sqrt(total["sum"] / total["freedom"].where(total["freedom"] > 0))
    sem = sd * np.sqrt(runners.groupby(level=both, sort=False)["share"].mean())
    table = pd.DataFrame(
        {
            "n_runners": of_runners.size(),
            "steps_per_foot": feet.groupby(both, sort=False)["n"].mean(),
            "mean": of_runners.mean(),
            "sd_between_runners": of_runners.std(ddof=1),
            "sd_within_runner": sd,
            "sem": sem,
            "smallest_detectable_change": 1.96 * np.sqrt(2.0) * sem,
        }
    ).reset_index()
    units = own.drop_duplicates("metric").set_index("metric")["unit"]
    table["unit"] = table["metric"].map(units)
    table["norm"] = table["metric"].map(NORMS).fillna("")
    return table[list(COLUMNS)]
