"""A cohort as statistics see it: one number a trial and metric, and who belongs together.

Steps are averaged within side, all of a runner's trials in one condition together
(:mod:`strikelean.studies.pools`), then sides.
The runner is the unit everywhere. What rests on an assumption (``basis`` assumed) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from strikelean.declarations import Declaration
from strikelean.formats.series import FloatArray
from strikelean.lab.strike_classes import FOREFOOT, MIDFOOT, REARFOOT, class_of_feet, strike_class
from strikelean.loads.choices import MUSCLES, column, family_of
from strikelean.loads.runner_size import RunnerSize
from strikelean.studies.choices import Shifts, brackets, of_family, shift_tables, stacked
from strikelean.studies.pools import Pools, pool_choices, pool_names, pool_steps
from strikelean.techniques import TECHNIQUE_CONDITIONS, split_name

STRIKE_ANGLE = "foot_strike_angle_contact"
NON_REARFOOT = "non_rearfoot"
"""Midfoot and forefoot strikers taken together, as only studies do that did so themselves."""
STRIKE_PAIRS = ((REARFOOT, MIDFOOT), (REARFOOT, FOREFOOT))
"""Classes of runners that are compared."""
CONDITION_ORDER = ("heel_strike", "forefoot_upright", "forefoot_lean")
KNOWN_SHARE = 0.5
"""Share of a side's steps in which a metric must be known (project definition)."""

PREDICTED = " (predicted)"
"""Ends the name of a condition that a model predicts where the same one was recorded too."""


@dataclass(frozen=True)
class Cohort:
    """One number a trial and metric; trials of one condition are one, named as the first.

    Attributes:
        trials: by (subject, trial): ``condition``, ``arm`` (the condition, marked where derived
            trials share its name with recordings), ``parent`` (the recording a derived trial
            was made from, else empty), ``dose`` (number in its name, NaN without one) and
            ``predicted``.
        means: same rows, one column a metric.
        shifts: by choice, how far each of ``means`` moves under it; 0 of recordings, NaN where
            it is not known. Empty where no prediction has a band.
        units: of the metrics.
        assumed: metrics that are only assumed here.
        steps: the table of steps that everything came from, assumed ones left out; ``recording``
            is the trial that each was recorded in.
        virtual: whether the runners are virtual; then nothing is tested.
        techniques: declarations by condition of the derived trials.
        runners: mass and height by subject; may lack some.
        excluded: (subject, trial, reason) of what quality.csv excludes.
        pools: by (subject, trial) of metrics.csv, the name it has here.
    """

    trials: pd.DataFrame
    means: pd.DataFrame
    units: Mapping[str, str]
    assumed: frozenset[str]
    steps: pd.DataFrame
    virtual: bool = False
    techniques: Mapping[str, Declaration] = field(default_factory=dict)
    runners: Mapping[str, RunnerSize] = field(default_factory=dict)
    excluded: tuple[tuple[str, str, str], ...] = ()
    shifts: Shifts = field(default_factory=dict)
    pools: Pools = field(default_factory=dict)

    @cached_property
    def of_model(self) -> pd.Series[bool]:
        """Whether each trial is a prediction, of virtual runners' other conditions too."""
        # what a virtual runner was made to do is no less a prediction for having been recorded
        made = self.trials["condition"].isin(set(self.techniques)) & self.virtual
        return self.trials["predicted"] | made

    @property
    def alone(self) -> bool:
        """Whether there is one runner."""
        return len(set(self.trials.index.get_level_values("subject"))) == 1

    @cached_property
    def trials_by_condition(self) -> dict[tuple[str, bool], pd.DataFrame]:
        """The trials by their condition and whether they are predicted."""
        groups = self.trials.groupby(["condition", "predicted"], sort=False)
        return {(str(condition), bool(told)): own for (condition, told), own in groups}

    @cached_property
    def recorded(self) -> pd.Series[bool]:
        """Whether each trial is a recording and not derived from one."""
        return ~self.trials["predicted"]

    @cached_property
    def dosed(self) -> set[str]:
        """Return arms of which there are trials of several doses."""
        doses = self.trials.dropna(subset=["dose"])
        counts = doses.groupby("arm")["dose"].nunique()
        return {str(name) for name in counts.index[counts > 1]}

    @cached_property
    def arms(self) -> pd.DataFrame:
        """Return means by (subject, condition), by arm; arms of several doses are left out.

        Their average would belong to no dose: slopes speak for them.
        """
        return _by_condition(self.means, self.trials, self.dosed)

    def under_muscles(self) -> dict[str, Cohort]:
        """Return the same runners' cohort under each other way to share moments among muscles.

        A trial that was not solved under it (a swept angle) has no values there.
        """
        found = {}
        for name in of_family(self.shifts, MUSCLES):
            shift = self.shifts[name]
            tried = shift.notna().any(axis=1)
            means = (self.means + shift.fillna(0.0)).where(tried, axis=0)
            others = {key: self.shifts[key] for key in self.shifts if family_of(key) != MUSCLES}
            found[name.removeprefix(column(MUSCLES, ""))] = replace(
                self, means=means, shifts=others
            )
        return found

    @cached_property
    def arm_shifts(self) -> FloatArray:
        """How far ``arms`` move under each choice, (choices, arms, metrics)."""
        moved = {
            name: _by_condition(shift, self.trials, self.dosed)
            for name, shift in self.shifts.items()
        }
        return stacked(moved, self.arms)

    @cached_property
    def all_shifts(self) -> FloatArray:
        """How far every mean moves under each choice, (choices, trials, metrics)."""
        return stacked(self.shifts, self.means)

    @cached_property
    def strike_classes(self) -> pd.Series[str]:
        """Return each runner's strike class, see :func:`strike_groups`.

        By foot from the steps; of a cohort that holds no steps by the trials' mean angles.
        """
        if "metric" in self.steps:
            trials = trial_classes(self.steps)
        else:
            angle = self.means.get(STRIKE_ANGLE, pd.Series(dtype=float))
            trials = angle.map(strike_class).astype(str)
        recorded = trials[trials.index.isin(self.trials.index[self.recorded])]
        group = recorded.groupby(level="subject").agg(class_of_feet)
        return group.reindex(self.by_subject.index).fillna("").astype(str)

    def modelled_arms(self) -> dict[str, str]:
        """Return the condition of every arm whose trials are predictions."""
        own = self.trials[self.of_model]
        return dict(zip(own["arm"].astype(str), own["condition"].astype(str), strict=True))

    @cached_property
    def by_subject(self) -> pd.DataFrame:
        """Return one row per runner, as they run of their own accord: ``habitual`` recordings.

        They are of one condition a runner: a mean over several would be of no way of running.
        """
        own = self.habitual
        values = _by_condition(self.means[own], self.trials[own], set())
        return values.groupby(level="subject").mean()

    @cached_property
    def by_foot(self) -> pd.DataFrame:
        """Return one row per (subject, side), as ``by_subject`` has the runners."""
        own = self.habitual.index[self.habitual]
        keys = pd.MultiIndex.from_frame(self.steps[["subject", "trial"]])
        feet = _side_values(self.steps[keys.isin(own)]).reset_index()
        places = pd.MultiIndex.from_frame(feet[["subject", "trial"]])
        feet["condition"] = self.trials["arm"].reindex(places).to_numpy()
        unit = ["subject", "side", "metric"]
        by_condition = feet.groupby([*unit, "condition"])["value"].mean()
        means = by_condition.groupby(level=unit).mean().reset_index()
        return means.pivot_table(index=unit[:2], columns="metric", values="value")

    @cached_property
    def one_sided(self) -> frozenset[str]:
        """Return the runners of whom one foot alone is known (or asked for)."""
        sides = self.steps.groupby("subject")["side"].nunique()
        return frozenset(str(subject) for subject in sides.index[sides == 1])

    @cached_property
    def unasked(self) -> pd.Series[bool]:
        """Whether each trial is a recording in which no technique was asked for.

        A condition that is a technique's (forefoot_upright, lean) was asked for. Of a runner
        who was recorded in such conditions alone all recordings count.
        """
        free = self.recorded & ~self.trials["condition"].isin(TECHNIQUE_CONDITIONS)
        some = free.groupby(level="subject").transform("any")
        return free | (self.recorded & ~some)

    @cached_property
    def habitual(self) -> pd.Series[bool]:
        """Whether each trial is the recording of a runner's own way of running.

        Of a runner recorded in several conditions (speeds, shoes) it is the one that most
        runners have, of equals the first: runners are compared where they did the same, and
        never by a mean over conditions.
        """
        conditions = self.trials.loc[self.unasked, "condition"].astype(str)
        subjects = conditions.index.get_level_values("subject")
        own = usual_conditions(conditions.set_axis(subjects))
        chosen = own.reindex(self.trials.index.get_level_values("subject")).to_numpy()
        return self.unasked & (self.trials["condition"].astype(str) == chosen)


def usual_conditions(conditions: pd.Series[str]) -> pd.Series[str]:
    """Return for every runner, of their conditions, that which most runners have.

    Args:
        conditions: of each trial, by subject.

    Returns:
        By subject; of equals the first by :func:`condition_key`.
    """
    pairs = conditions.reset_index().set_axis(["subject", "condition"], axis=1).drop_duplicates()
    runners = pairs["condition"].value_counts()
    order = sorted(runners.index, key=lambda name: (-runners[name], condition_key(str(name))))
    place = pairs["condition"].map({name: n for n, name in enumerate(order)})
    first = pairs.assign(place=place).sort_values("place", kind="stable").drop_duplicates("subject")
    return first.set_index("subject")["condition"]


def condition_key(condition: str) -> tuple[int, str]:
    """Return a key that sorts the article's conditions first, in their order."""
    known = condition in CONDITION_ORDER
    return (CONDITION_ORDER.index(condition) if known else len(CONDITION_ORDER), condition)


def _by_condition(values: pd.DataFrame, trials: pd.DataFrame, left_out: set[str]) -> pd.DataFrame:
    condition = trials.loc[values.index, "arm"].rename("condition")
    chosen = values[~condition.isin(left_out)]
    subject = chosen.index.get_level_values("subject").rename("subject")
    result: pd.DataFrame = chosen.groupby([subject, condition.loc[chosen.index]], sort=True).mean()
    return result


def _sides(steps: pd.DataFrame, side: str) -> pd.DataFrame:
    return steps if side == "both" else steps[steps["side"] == side]


def usually_known(known: pd.Series[int], steps: pd.Series[int]) -> pd.Series[bool]:
    """Whether a metric is known in enough of a foot's steps to stand for the foot."""
    return (known > 0) & (known >= KNOWN_SHARE * steps)


def _side_values(steps: pd.DataFrame) -> pd.Series[float]:
    """Average steps by subject, trial, metric and side; known in few of them they are left out."""
    grouped = steps.groupby(["subject", "trial", "metric", "side"], sort=True)["value"]
    return grouped.mean()[usually_known(grouped.count(), grouped.size())].dropna()


def _trial_values(steps: pd.DataFrame) -> pd.DataFrame:
    """Average steps within side, then sides."""
    by_trial = _side_values(steps).groupby(level=["subject", "trial", "metric"]).mean()
    return by_trial.reset_index().pivot_table(
        index=["subject", "trial"], columns="metric", values="value"
    )


def _trial_table(steps: pd.DataFrame) -> pd.DataFrame:
    trials = steps[["subject", "trial", "condition"]].drop_duplicates(["subject", "trial"])
    parts = [split_name(name) for name in trials["trial"]]
    trials = trials.assign(
        parent=["" if technique is None else parent for parent, technique in parts],
        dose=[np.nan if technique is None else technique.dose for _, technique in parts],
        predicted=np.array([technique is not None for _, technique in parts], dtype=bool),
    )
    recorded = set(trials.loc[~trials["predicted"], "condition"])
    shared = trials["predicted"] & trials["condition"].isin(recorded)
    trials["arm"] = trials["condition"].where(~shared, trials["condition"] + PREDICTED)
    return trials.set_index(["subject", "trial"]).sort_index()


def build_cohort(
    metrics: pd.DataFrame,
    *,
    side: str = "both",
    virtual: bool = False,
    techniques: Mapping[str, Declaration] | None = None,
    runners: Mapping[str, RunnerSize] | None = None,
    excluded: Iterable[tuple[str, str, str]] = (),
    choices: pd.DataFrame | None = None,
) -> Cohort:
    """Average a metrics table into a cohort.

    Args:
        metrics: in the conventions' columns.
        side: ``both``, ``right`` or ``left``.
        virtual: whether the runners are virtual.
        techniques: declarations of derived trials, by condition.
        runners: mass and height by subject.
        excluded: (subject, trial, reason) of trials that are not in the table.
        choices: choices.csv, how far the predictions move under each choice; without it they
            have no band.
    """
    known = metrics["basis"] != "assumed"
    # what is assumed in one runner and observed in another is compared among the latter
    assumed = set(metrics.loc[~known & metrics["value"].notna(), "metric"])
    assumed -= set(metrics.loc[known & metrics["value"].notna(), "metric"])
    chosen = _sides(metrics[known], side)
    pools = pool_names(chosen)
    steps = pool_steps(chosen, pools)
    trials = _trial_table(steps)
    means = _trial_values(steps).reindex(trials.index)
    units = metrics.drop_duplicates("metric").set_index("metric")["unit"]
    cohort = Cohort(
        trials=trials,
        means=means,
        units={str(metric): str(unit) for metric, unit in units.items()},
        assumed=frozenset(str(name) for name in assumed),
        steps=steps,
        virtual=virtual,
        techniques=techniques or {},
        runners=runners or {},
        excluded=tuple(excluded),
        pools=pools,
    )
    if choices is None or choices.empty:
        return cohort
    # of the feet that count: of a runner compared by one foot the other is in no mean
    foot = ["subject", "trial", "side"]
    feet = pd.MultiIndex.from_frame(chosen[foot].drop_duplicates())
    own = choices[pd.MultiIndex.from_frame(choices[foot]).isin(feet)]
    of_pools = pool_choices(own, steps, pools)
    shifts = shift_tables(of_pools, means, trials["arm"], cohort.of_model)
    return replace(cohort, shifts=shifts | brackets(steps, own, means))


def paired_conditions(cohort: Cohort, least: int = 2) -> list[tuple[str, str]]:
    """Return the pairs of conditions that at least two runners share, or so many.

    Either both are recorded, or a recording stands against a derived trial, or both are
    among the article's three conditions.
    """
    runners: dict[str, set[str]] = {}
    for subject, condition in cohort.arms.index:
        runners.setdefault(str(condition), set()).add(str(subject))
    recorded = set(cohort.trials.loc[cohort.recorded, "arm"])

    def wanted(a: str, b: str) -> bool:
        return bool({a, b} & recorded) or {a, b} <= set(CONDITION_ORDER)

    ordered = sorted(runners, key=condition_key)
    return [
        (a, b)
        for a, b in combinations(ordered, 2)
        if wanted(a, b) and len(runners[a] & runners[b]) >= least
    ]


def foot_classes(steps: pd.DataFrame) -> pd.Series[str]:
    """Return the strike class of each foot by (subject, trial, side), its steps' median angle's.

    Args:
        steps: columns of metrics.csv; a foot whose angle is unknown is absent.
    """
    own = steps[(steps["metric"] == STRIKE_ANGLE) & steps["value"].notna()]
    angle = own.groupby(["subject", "trial", "side"])["value"].median()
    return angle.map(strike_class).astype(str)


def trial_classes(steps: pd.DataFrame) -> pd.Series[str]:
    """Return the strike class of each trial, ``mixed`` where the feet differ."""
    feet = foot_classes(steps)
    return feet.groupby(level=["subject", "trial"]).agg(class_of_feet).astype(str)


def strike_groups(cohort: Cohort) -> pd.Series[str]:
    """Return each runner's strike class: that of both feet in all of their recordings.

    ``mixed`` where feet or recordings differ (such a runner is in no group, and counts by the
    angle itself in regressions), empty where nothing is known.
    """
    return cohort.strike_classes


def pooled(groups: pd.Series[str]) -> pd.Series[str]:
    """Return groups with midfoot and forefoot strikers taken together."""
    return groups.replace({MIDFOOT: NON_REARFOOT, FOREFOOT: NON_REARFOOT})
