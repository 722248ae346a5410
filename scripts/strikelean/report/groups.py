"""How the page groups runners: as the comparison does, so that figures and tables agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from strikelean.lab.strike import FOREFOOT, MIDFOOT, MIXED, REARFOOT
from strikelean.lab.strike import strike_class as class_of_angle
from strikelean.report.digits import UNKNOWN, signed
from strikelean.studies.cohort import (
    STRIKE_ANGLE,
    Cohort,
    condition_key,
    paired_conditions,
    strike_groups,
)
from strikelean.studies.pools import pool_names, pool_steps

GROUP_WORDS = {MIXED: "strikes of different classes", "": "strike unknown"}


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
        classes: strike class of every runner, that of both feet.
        runners: one row per runner in the order of the tables, one column per metric.
    """

    by_condition: bool
    members: dict[str, list[tuple[str, list[str]]]]
    means: pd.DataFrame
    runners: pd.DataFrame
    classes: pd.Series[str]


def page_groups(cohort: Cohort, order: Sequence[str] = ()) -> Groups:
    """Group runners by condition where the comparison does, else by strike class.

    One runner alone with several conditions is shown by condition too, though nothing can be
    tested then. Conditions run at several doses are left to their slopes.

    Args:
        cohort: the runners.
        order: subjects in the order of the tables; sorted by name where left out.
    """
    if cohort.trials.empty:
        return Groups(False, {}, pd.DataFrame(), pd.DataFrame(), pd.Series(dtype=str))
    runners = cohort.by_subject
    runners = runners.reindex([s for s in order or runners.index if s in runners.index])
    arms = cohort.trials["arm"]
    arms = arms[~arms.isin(cohort.dosed)]
    subjects = arms.index.get_level_values("subject")
    alone = len(set(subjects)) == 1 and len(set(arms)) > 1
    by_condition = alone or bool(paired_conditions(cohort))
    if by_condition:
        names = sorted(set(arms), key=condition_key)
        label = {name: words(name) if name else "no condition" for name in names}
        shown = [label[arm] for arm in arms]
        order_of = [label[name] for name in names]
    else:
        strike = strike_groups(cohort)
        shown = [words(str(strike.get(subject, ""))) for subject in subjects]
        # classes from the heel forward
        found = [words(name) for name in (REARFOOT, MIDFOOT, FOREFOOT, MIXED, "")]
        order_of = [name for name in found if name in shown]
    members: dict[str, list[tuple[str, list[str]]]] = {}
    for name in order_of:
        own: dict[str, list[str]] = {}
        for (subject, trial), group in zip(arms.index, shown, strict=True):
            if group == name:
                own.setdefault(str(subject), []).append(str(trial))
        members[f"{name} (n = {len(own)})"] = list(own.items())
    return Groups(by_condition, members, cohort.arms, runners, strike_groups(cohort))


def strike_class(angle_deg: float) -> str:
    """Return the class of a mean foot-strike angle, a dash where it is unknown."""
    return class_of_angle(angle_deg) or UNKNOWN


def strike_counts(classes: pd.Series[str]) -> dict[str, int]:
    """Return how many runners are of each class, by both feet."""
    found = classes.replace("", UNKNOWN).value_counts()
    order = (REARFOOT, MIDFOOT, FOREFOOT, MIXED, UNKNOWN)
    return {name: int(found[name]) for name in order if name in found}


def reached_strikes(metrics: pd.DataFrame) -> list[dict[str, str]]:
    """Return, for each condition, how its feet truly land, whatever the condition is called.

    Args:
        metrics: rows of metrics.csv; each foot counts once, with its mean angle over the
            trials of a condition.

    Returns:
        ``condition`` in words, ``feet`` by class, and the range of ``angles``; in the order of
        the table.
    """
    own = metrics[(metrics["metric"] == STRIKE_ANGLE) & metrics["value"].notna()]
    own = pool_steps(own, pool_names(own))
    feet = own.groupby(["condition", "subject", "trial", "side"], sort=False)["value"].mean()
    rows = []
    for condition, angles in feet.groupby(level="condition", sort=False):
        counts = angles.map(strike_class).value_counts()
        told = [
            f"{counts[name]} {name}" for name in (REARFOOT, MIDFOOT, FOREFOOT) if name in counts
        ]
        ends = (signed(float(end), 1) for end in (angles.min(), angles.max()))
        rows.append(
            {
                "condition": words(str(condition)) or "no condition",
                "feet": ", ".join(told),
                "angles": " to ".join(ends),
            }
        )
    return rows


def trial_masses(quality: pd.DataFrame) -> dict[str, float]:
    """Return every runner's mass in kilograms out of quality.csv."""
    if "mass_kg" not in quality:
        return {}
    known = quality[["subject", "mass_kg"]].dropna()
    return {str(row["subject"]): float(row["mass_kg"]) for _, row in known.iterrows()}
