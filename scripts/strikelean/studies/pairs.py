"""Two arms of the same runners: which trials, at what dose, and both under every choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import Cohort
from strikelean.studies.definitions import ContrastSpec, Dose

IntArray = NDArray[np.int64]

FARTHEST = 1.5
"""How many times beyond the largest change that was run a contrast is still answered. Project's
choice: half as much again is read off the line, more would say what nobody ran."""

REACHED = 0.95
"""Share of a change from which a trial counts as having reached it (project's choice: a lean of
5 deg that was asked for is met within 0.1)."""


@dataclass(frozen=True)
class Arm:
    """Trials of one condition, recorded or derived."""

    trials: pd.DataFrame
    predicted: bool


def find_arm(cohort: Cohort, condition: str, *, predicted: bool) -> Arm | None:
    """Return the trials of a condition, recorded or derived, None where there are none."""
    chosen = cohort.trials_by_condition.get((condition, predicted))
    return None if chosen is None else Arm(chosen, predicted)


def _parents(cohort: Cohort, arm: Arm) -> Arm:
    """Return the recordings that an arm's derived trials were made from."""
    wanted = set(zip(arm.trials.index.get_level_values(0), arm.trials["parent"], strict=True))
    chosen = cohort.trials[[place in wanted for place in cohort.trials.index]]
    return Arm(chosen, predicted=False)


def arm_pairs(cohort: Cohort, spec: ContrastSpec) -> list[tuple[Arm, Arm]]:
    """Return the pairs of arms that may answer, recordings first."""
    pairs = []
    for predicted_b in (False, True):
        b = find_arm(cohort, spec.condition_b, predicted=predicted_b)
        if b is None:
            continue
        for predicted_a in (False, True):
            a = find_arm(cohort, spec.condition_a, predicted=predicted_a)
            if a is not None:
                pairs.append((a, b))
        if predicted_b and find_arm(cohort, spec.condition_a, predicted=True) is None:
            # derived trials stand beside their own recording, however that is called
            pairs.append((_parents(cohort, b), b))
    return pairs


@dataclass(frozen=True)
class Runner:
    """One runner's trials in two arms.

    Attributes:
        subject: name.
        a, b: rows of the cohort's tables.
        named: of b, the dose in the trial's name, NaN without one.
    """

    subject: str
    a: IntArray
    b: IntArray
    named: FloatArray


def runners_of(cohort: Cohort, a: Arm, b: Arm) -> list[Runner]:
    """Return the runners who have trials in both arms."""
    doses = cohort.trials["dose"].to_numpy(dtype=np.float64)
    first, second = (_rows(cohort, arm) for arm in (a, b))
    return [
        Runner(subject, own, second[subject], doses[second[subject]])
        for subject, own in first.items()
        if subject in second
    ]


def _rows(cohort: Cohort, arm: Arm) -> dict[str, IntArray]:
    """Return the rows of an arm's trials in the cohort's tables, by runner."""
    rows = np.asarray(cohort.means.index.get_indexer(arm.trials.index), dtype=np.int64)
    subjects = np.asarray(arm.trials.index.get_level_values("subject").astype(str))
    return {str(subject): rows[subjects == subject] for subject in dict.fromkeys(subjects)}


def _mean(values: FloatArray) -> FloatArray:
    """Return the mean of what is known along the last axis, NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.asarray(total / np.where(count > 0, count, np.nan))


def _doses(dose: Dose, own: FloatArray | None, runner: Runner) -> FloatArray:
    """Return how much each trial of b was changed from its runner's base.

    By the metric where it is known in both; else by the number in the trial's name where
    that is of the same kind, degrees of lean or percent.

    Args:
        dose: asked for.
        own: (..., trials) the metric that says how much; None where nobody has it.
        runner: their trials.

    Returns:
        (..., trials of b).
    """
    nameable = dose.relative or dose.metric.startswith("trunk_lean")
    named = runner.named if nameable else np.full(runner.named.shape, np.nan)
    if own is None:
        return named
    before, after = _mean(own[..., runner.a])[..., None], own[..., runner.b]
    change = 100.0 * (after / before - 1.0) if dose.relative else after - before
    return np.where(np.isfinite(change), change, named)


def _nearest(doses: FloatArray, change: float) -> IntArray:
    """Return the places of those doses of one runner that may answer a change.

    Those on its side of zero, up to the first that reaches it; none where all of them fall so
    short of it that the line would be stretched beyond :data:`FARTHEST`.
    """
    sizes = np.where(doses * change > 0.0, np.abs(doses), np.inf)
    order = np.argsort(sizes, kind="stable")[: int(np.isfinite(sizes).sum())]
    if not order.size or FARTHEST * sizes[order[-1]] < abs(change):
        return order[:0]
    short = sizes[order] < REACHED * abs(change)
    return order[: int(short.sum()) + 1]


def answering(
    cohort: Cohort, metric: str, dose: Dose, runners: Sequence[Runner]
) -> tuple[list[Runner], float]:
    """Return runners with those trials of b that answer a dose, and how far lines are stretched.

    Returns:
        Runners who have any; and the change over the largest that was run, their mean.
    """
    own = _column(cohort.means, dose.metric)
    known = np.isfinite(cohort.means[metric].to_numpy(dtype=np.float64))
    chosen, reach = [], []
    for runner in runners:
        doses = np.where(known[runner.b], _doses(dose, own, runner), np.nan)
        places = _nearest(doses, dose.change)
        if places.size:
            chosen.append(replace(runner, b=runner.b[places], named=runner.named[places]))
            reach.append(abs(dose.change / doses[places[-1]]))
    return chosen, float(_mean(np.array(reach)))


def _column(table: pd.DataFrame, metric: str) -> FloatArray | None:
    return table[metric].to_numpy(dtype=np.float64) if metric in table else None


def _shifts(cohort: Cohort, metric: str) -> FloatArray:
    """Return how far a metric of all trials moves under each choice, (choices, trials)."""
    return np.asarray(cohort.all_shifts[:, :, cohort.means.columns.get_loc(metric)])


def _at_dose(start: FloatArray, values: FloatArray, doses: FloatArray, change: float) -> FloatArray:
    """Return a runner's value at a change, along the line through base and trials.

    Args:
        start: (...) value of the base.
        values, doses: (..., trials), or doses (trials,).
        change: that the value is wanted at.
    """
    x = np.concatenate([np.zeros((*doses.shape[:-1], 1)), doses], axis=-1)
    y = np.concatenate([start[..., None], values], axis=-1)
    centred = x - x.mean(axis=-1, keepdims=True)
    slope = (centred * y).sum(axis=-1) / (centred * centred).sum(axis=-1)
    return np.asarray(start + change * slope)


def _both(
    values: FloatArray, own: FloatArray | None, dose: Dose | None, runners: Sequence[Runner]
) -> tuple[FloatArray, FloatArray]:
    """Return a metric of both arms by runner, NaN where it is not known.

    Args:
        values: (..., trials) the metric.
        own: (..., trials) what says how large the dose was, or None.
        dose: that b is taken to; None where it has none.
        runners: whose trials.

    Returns:
        (..., runners) each.
    """
    first, second = (np.empty((*values.shape[:-1], len(runners))) for _ in "ab")
    for place, runner in enumerate(runners):
        start, after = _mean(values[..., runner.a]), values[..., runner.b]
        first[..., place] = start
        if dose is None:
            second[..., place] = _mean(after)
        else:
            doses = _doses(dose, own, runner)
            second[..., place] = _at_dose(start, after, doses, dose.change)
    return first, second


def both_arms(
    cohort: Cohort, metric: str, dose: Dose | None, runners: Sequence[Runner]
) -> tuple[FloatArray, FloatArray]:
    """Return a metric of both arms by runner, b at the dose; NaN where it is not known."""
    own = None if dose is None else _column(cohort.means, dose.metric)
    return _both(cohort.means[metric].to_numpy(dtype=np.float64), own, dose, runners)


def under_choices(
    cohort: Cohort, metric: str, dose: Dose | None, runners: Sequence[Runner]
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return both arms as they would be under each choice, NaN in runners of whom it is unknown."""
    values = cohort.means[metric].to_numpy(dtype=np.float64)
    moved = values + _shifts(cohort, metric)
    own = None if dose is None else _column(cohort.means, dose.metric)
    if own is not None and dose is not None:
        own = own + np.nan_to_num(_shifts(cohort, dose.metric))
    arms = _both(moved, own, dose, runners)
    lost = np.isfinite(values) & ~np.isfinite(moved)
    for place, runner in enumerate(runners):
        unknown = lost[:, [*runner.a, *runner.b]].any(axis=-1)
        for arm in arms:
            arm[unknown, place] = np.nan
    return dict(zip(cohort.shifts, zip(*arms, strict=True), strict=True))
