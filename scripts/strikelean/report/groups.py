"""How the page groups runners: as the comparison does, so that figures and tables agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from strikelean.lab.strike_classes import FOREFOOT, MIDFOOT, MIXED, REARFOOT, class_of_feet
from strikelean.lab.strike_classes import strike_class as class_of_angle
from strikelean.report.digits import UNKNOWN, signed
from strikelean.studies.cohort import (
    PREDICTED,
    STRIKE_ANGLE,
    Cohort,
    condition_key,
    paired_conditions,
    strike_groups,
    trial_classes,
)
from strikelean.studies.pools import pool_names, pool_steps
from strikelean.techniques import TECHNIQUE_CONDITIONS

SPEED = "running_speed"
SAME_SPEED = 0.02
"""Share by which the speeds of two conditions may differ untold (project choice)."""
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
        own: by label, one row per runner of the group, one column per metric.
        classes: strike class of every runner, that of both feet as they run of their own accord.
        runners: one row per runner in the order of the tables, one column per metric.
        reference: label of the condition that the others are held against; empty of strike
            classes.
    """

    by_condition: bool
    members: dict[str, list[tuple[str, list[str]]]]
    means: pd.DataFrame
    own: dict[str, pd.DataFrame]
    runners: pd.DataFrame
    classes: pd.Series[str]
    reference: str = ""


def reference_of(conditions: Sequence[str]) -> str:
    """Return the condition that the others are held against: the first that nobody asked for.

    The first of all where every condition is a technique's.
    """
    ordered = sorted(conditions, key=condition_key)
    own = [c for c in ordered if c.removesuffix(PREDICTED) not in TECHNIQUE_CONDITIONS]
    return (own or ordered)[0]


def bases_of(comparisons: pd.DataFrame, after: str) -> list[str]:
    """Return what a technique may be held against: conditions in which none was asked for.

    Those at the technique's own speed come first, for speed alone changes loads; then the habit.

    Args:
        comparisons: rows of comparisons.csv.
        after: condition of the technique.
    """
    names = {str(name) for end in "ab" for name in comparisons[f"condition_{end}"].dropna()}
    bases = names - {after}
    bases = {name for name in bases if name.removesuffix(PREDICTED) not in TECHNIQUE_CONDITIONS}
    speeds = comparisons[(comparisons["metric"] == SPEED) & comparisons["difference"].notna()]
    other = {
        name
        for a, b, level, change in zip(
            *(speeds[c] for c in ("condition_a", "condition_b", "mean_a", "difference")),
            strict=True,
        )
        if after in (a, b) and abs(change) > SAME_SPEED * level
        for name in (a, b)
    }
    return sorted(bases, key=lambda name: (name in other, condition_key(name)))


def labels_of(conditions: Sequence[str]) -> dict[str, str]:
    """Return conditions as printed; two that would be printed alike keep their own names."""
    printed = [words(name) if name else "no condition" for name in conditions]
    return {
        name: text if printed.count(text) == 1 else name
        for name, text in zip(conditions, printed, strict=True)
    }


NO_GROUPS = Groups(False, {}, pd.DataFrame(), {}, pd.DataFrame(), pd.Series(dtype=str))


def missed_strike(name: str, strikes: Mapping[str, Mapping[str, int]]) -> str:
    """Return the strike that a condition reached where it was to be the forefoot and is not."""
    feet = strikes.get(name.removesuffix(PREDICTED), {})
    most = max(feet, key=lambda one: feet[one]) if feet else FOREFOOT
    missed = name.startswith("forefoot") and most not in (FOREFOOT, UNKNOWN)
    return f", {most} reached" if missed else ""


def missed_words(strikes: Mapping[str, Mapping[str, int]]) -> str:
    """Return as a sentence which conditions did not reach the forefoot, empty where all did.

    Args:
        strikes: by condition, feet by the strike that they reached.
    """
    missed = [(name, missed_strike(name, strikes)) for name in strikes]
    told = [
        f"“{words(name)}” ({reached.removeprefix(', ')})" for name, reached in missed if reached
    ]
    return f"Not on the forefoot, whatever the name says: {', '.join(told)}." if told else ""


def _own_classes(cohort: Cohort) -> pd.Series[str]:
    """Return the strike class of every runner's both feet as they run of their own accord."""
    # who changes their strike from one recording to another is of no class
    unasked = pd.MultiIndex.from_frame(cohort.steps[["subject", "trial"]]).isin(
        cohort.unasked.index[cohort.unasked]
    )
    trials = trial_classes(cohort.steps[unasked])
    own = trials.groupby(level="subject").agg(class_of_feet)
    return own.reindex(cohort.by_subject.index).fillna("").astype(str)


def page_groups(cohort: Cohort, order: Sequence[str] = ()) -> Groups:
    """Group runners by condition where the comparison does, else by strike class.

    One runner alone with several conditions is shown by condition too, though nothing can be
    tested then. Conditions run at several doses are left to their slopes.

    Args:
        cohort: the runners.
        order: subjects in the order of the tables; sorted by name where left out.
    """
    if cohort.trials.empty:
        return NO_GROUPS
    runners = cohort.by_subject
    runners = runners.reindex([s for s in order or runners.index if s in runners.index])
    arms = cohort.trials["arm"]
    arms = arms[~arms.isin(cohort.dosed)]
    subjects = arms.index.get_level_values("subject")
    alone = len(set(subjects)) == 1 and len(set(arms)) > 1
    by_condition = alone or bool(paired_conditions(cohort))
    if by_condition:
        names = sorted(set(arms), key=condition_key)
        strikes = strikes_by_condition(cohort.steps)
        printed = labels_of([str(name) for name in names])
        label = {name: text + missed_strike(name, strikes) for name, text in printed.items()}
        shown = [label[arm] for arm in arms]
        order_of = [label[name] for name in names]
    else:
        strike = strike_groups(cohort)
        shown = [words(str(strike.get(subject, ""))) for subject in subjects]
        # classes from the heel forward
        found = [words(name) for name in (REARFOOT, MIDFOOT, FOREFOOT, MIXED, "")]
        order_of = [name for name in found if name in shown]
    members: dict[str, list[tuple[str, list[str]]]] = {}
    means: dict[str, pd.DataFrame] = {}
    reference = label[reference_of(names)] if by_condition else ""
    held_against = ""
    for name in order_of:
        own: dict[str, list[str]] = {}
        for (subject, trial), group in zip(arms.index, shown, strict=True):
            if group == name:
                own.setdefault(str(subject), []).append(str(trial))
        heading = f"{name} (n = {len(own)})"
        members[heading] = list(own.items())
        if by_condition:
            arm = next(one for one, text in label.items() if text == name)
            means[heading] = pd.DataFrame(cohort.arms.xs(arm, level="condition"))
            held_against = heading if name == reference else held_against
        else:
            means[heading] = runners.loc[[subject for subject in runners.index if subject in own]]
    classes = _own_classes(cohort) if by_condition else strike_groups(cohort)
    return Groups(by_condition, members, cohort.arms, means, runners, classes, held_against)


def strike_class(angle_deg: float) -> str:
    """Return the class of a mean foot-strike angle, a dash where it is unknown."""
    return class_of_angle(angle_deg) or UNKNOWN


def strike_counts(classes: pd.Series[str]) -> dict[str, int]:
    """Return how many runners are of each class, by both feet."""
    found = classes.replace("", UNKNOWN).value_counts()
    order = (REARFOOT, MIDFOOT, FOREFOOT, MIXED, UNKNOWN)
    return {name: int(found[name]) for name in order if name in found}


def _feet(metrics: pd.DataFrame) -> pd.Series[float]:
    """Return each foot's mean angle, deg, by condition, subject, trial and side."""
    own = metrics[(metrics["metric"] == STRIKE_ANGLE) & metrics["value"].notna()]
    own = pool_steps(own, pool_names(own))
    return own.groupby(["condition", "subject", "trial", "side"], sort=False)["value"].mean()


def strikes_by_condition(metrics: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return by condition how many feet truly land in which strike class.

    Args:
        metrics: rows of metrics.csv; each foot of each trial counts once, with its mean angle.
    """
    classes = _feet(metrics).map(strike_class)
    return {
        str(condition): {str(name): int(n) for name, n in own.value_counts().items()}
        for condition, own in classes.groupby(level="condition", sort=False)
    }


def reached_strikes(metrics: pd.DataFrame) -> list[dict[str, str]]:
    """Return, for each condition, how its feet truly land, whatever the condition is called.

    Args:
        metrics: rows of metrics.csv; each foot of each trial counts once, with its mean angle.

    Returns:
        ``condition`` in words, ``feet`` by class, and the range of ``angles``; in the order of
        the table.
    """
    rows = []
    for condition, angles in _feet(metrics).groupby(level="condition", sort=False):
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
