"""How the page groups runners: as the comparison does, so that figures and tables agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from strikelean.lab.strike import FOREFOOT_BELOW_DEG, REARFOOT_ABOVE_DEG
from strikelean.report.digits import UNKNOWN
from strikelean.studies.compare import (
    NON_REARFOOT,
    STRIKE_ANGLE,
    by_subject,
    paired_conditions,
    runner_means,
    strike_groups,
)

GROUP_WORDS = {NON_REARFOOT: "midfoot or forefoot", "": "strike unknown"}


def words(name: str) -> str:
    """Return a name of the tables as words."""
    return GROUP_WORDS.get(name, name.replace("_", " "))


@dataclass(frozen=True)
class Groups:
    """The runners of the page, grouped.

    Attributes:
        by_condition: whether groups are conditions of the same runners.
        members: ``{label with n: [(subject, trials)]}``.
        means: one row per (subject, condition), one column per metric.
        runners: one row per runner in the order of the tables, one column per metric.
    """

    by_condition: bool
    members: dict[str, list[tuple[str, list[str]]]]
    means: pd.DataFrame
    runners: pd.DataFrame


def page_groups(metrics: pd.DataFrame) -> Groups:
    """Group runners by condition where the comparison does, else by strike class.

    One runner alone with several conditions is shown by condition too, though nothing can be
    tested then.

    Args:
        metrics: the cohort's table, as :func:`strikelean.loads.cohort.read_metrics` reads it.
    """
    if metrics.empty:
        return Groups(False, {}, pd.DataFrame(), pd.DataFrame())
    means = runner_means(metrics)
    runners = by_subject(means)
    runners = runners.reindex([s for s in metrics["subject"].unique() if s in runners.index])
    trials = metrics[["subject", "trial", "condition"]].drop_duplicates()
    alone = len(set(trials["subject"])) == 1 and len(set(trials["condition"])) > 1
    by_condition = alone or bool(paired_conditions(means))
    if by_condition:
        label = trials["condition"].map(lambda name: words(name) if name else "no condition")
    else:
        label = trials["subject"].map(strike_groups(runners)).fillna("").map(words)
    # classes from the heel forward, conditions in the order of the tables
    names = list(dict.fromkeys(label)) if by_condition else sorted(set(label), reverse=True)
    members: dict[str, list[tuple[str, list[str]]]] = {}
    for name in names:
        own = trials[label == name].groupby("subject", sort=True)["trial"]
        listed = [(str(subject), [str(trial) for trial in group]) for subject, group in own]
        members[f"{name} (n = {len(listed)})"] = listed
    return Groups(by_condition, members, means, runners)


def strike_class(angle_deg: float) -> str:
    """Return the class of a mean foot-strike angle, a dash where it is unknown."""
    if not np.isfinite(angle_deg):
        return UNKNOWN
    if angle_deg > REARFOOT_ABOVE_DEG:
        return "rearfoot"
    return "forefoot" if angle_deg < FOREFOOT_BELOW_DEG else "midfoot"


def strike_counts(runners: pd.DataFrame) -> dict[str, int]:
    """Return how many runners are of each class."""
    if STRIKE_ANGLE not in runners:
        return {}
    classes = [strike_class(float(angle)) for angle in runners[STRIKE_ANGLE]]
    order = ("rearfoot", "midfoot", "forefoot", UNKNOWN)
    return {name: classes.count(name) for name in order if name in classes}


def trial_masses(quality: pd.DataFrame) -> dict[str, float]:
    """Return every runner's mass in kilograms out of quality.csv."""
    if "mass_kg" not in quality:
        return {}
    known = quality[["subject", "mass_kg"]].dropna()
    return {str(row["subject"]): float(row["mass_kg"]) for _, row in known.iterrows()}
