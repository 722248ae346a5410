"""How loads change with the dose of a technique: each runner's curve, and the mean of all.

A dose is set beside the same runner without it, on the same feet. What a choice of the model does
to both is subtracted choice by choice before the band is taken, so a band of a change is narrower
than the bands of two levels would make it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from strikelean.formats.series import FloatArray
from strikelean.loads.choices import TRIAL_KEY, choice_columns
from strikelean.report.amounts import LEAN_ANGLE, STEP_RATE
from strikelean.studies.choices import banded, of_family
from strikelean.studies.cohort import Cohort, build_cohort
from strikelean.studies.pairs import IntArray, Runner, both_arms, under_choices
from strikelean.techniques import Technique, derived_name, split_name

ANGLE, STATUS = "trunk_lean_change_deg", "status"
SOLVED, STRETCH = "solved", "stretch"
UNCHANGED = "unchanged"
MEAN = "mean"
FOOT = ["subject", "trial", "metric", "side"]


@dataclass(frozen=True)
class Rung:
    """One dose, and the runners who have it.

    Attributes:
        dose: in the unit of its ladder.
        runners: rows of their trials without it (a) and with it (b).
        recorded: whether some of these trials were run, and not worked out.
    """

    dose: float
    runners: tuple[Runner, ...]
    recorded: bool = False


@dataclass(frozen=True)
class Curve:
    """A metric at every dose, the one without a change among them; NaN where it is not known.

    Attributes:
        value, low, high: (D,) in the metric's unit, and its band.
        change, change_low, change_high: (D,) from the runner's own without a change, in percent
            of it or in the metric's unit, and its band.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    change: FloatArray
    change_low: FloatArray
    change_high: FloatArray


@dataclass(frozen=True)
class Cells:
    """A metric by runner and dose, under what was chosen or under one other choice.

    Attributes:
        value: (runners, D).
        change: (runners, D) from the runner's own.
    """

    value: FloatArray
    change: FloatArray


def _whole_feet(sweep: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of feet that are known unchanged, at angles where all of these are."""
    known = sweep[sweep["value"].notna()]
    own = known.loc[known[ANGLE] == 0, FOOT]
    known = known.merge(own, on=FOOT)
    feet = known.groupby([*FOOT[:3], ANGLE])["side"].transform("nunique")
    wanted = own.groupby(FOOT[:3])["side"].nunique()
    asked = known.join(wanted.rename("wanted"), on=FOOT[:3])["wanted"]
    whole: pd.DataFrame = known[feet.to_numpy() == asked.to_numpy()]
    return whole


def sweep_cohort(sweep: pd.DataFrame, metrics: Sequence[str]) -> Cohort:
    """Return a sweep over trunk lean as a cohort: an angle is a derived trial of the unchanged.

    Args:
        sweep: columns of sweep.csv; refused angles are left out, and so is whatever is not
            known of the same feet without a change.
        metrics: those wanted.
    """
    chosen = sweep[sweep[STATUS].isin((SOLVED, STRETCH)) & sweep["metric"].isin(list(metrics))]
    rows = _whole_feet(chosen)
    names = [
        trial if angle == 0 else derived_name(trial, Technique(lean_deg=int(angle)))
        for trial, angle in zip(rows["trial"], rows[ANGLE], strict=True)
    ]
    condition = np.where(rows[ANGLE] == 0, UNCHANGED, Technique(lean_deg=1).condition)
    rows = rows.assign(trial=names, condition=condition, step=0, basis="predicted")
    return build_cohort(rows, choices=rows[[*TRIAL_KEY, *choice_columns(rows)]])


def _ladder(cohort: Cohort, chosen: Mapping[tuple[str, str], float]) -> list[Rung]:
    """Return the rungs of trials with a dose each, every one beside what it was made from.

    Args:
        cohort: of all trials.
        chosen: dose by (subject, trial); those of a recording stand beside the runner's own
            habit.
    """
    places = {key: row for row, key in enumerate(cohort.means.index.to_flat_index())}
    habit = list(cohort.habitual.index[cohort.habitual].to_flat_index())
    found: dict[float, dict[str, tuple[set[int], list[int]]]] = {}
    for (subject, trial), dose in chosen.items():
        parent = split_name(trial)[0]
        bases = [(subject, parent)] if parent != trial else [k for k in habit if k[0] == subject]
        rows = {places[key] for key in bases if key in places}
        if rows:
            first, second = found.setdefault(dose, {}).setdefault(subject, (set(), []))
            first |= rows
            second.append(places[subject, trial])
    return [
        Rung(
            dose,
            tuple(
                Runner(subject, _rows(sorted(a)), _rows(b), np.full(len(b), dose))
                for subject, (a, b) in sorted(found[dose].items())
            ),
            any(dose == at and "~" not in trial for (_, trial), at in chosen.items()),
        )
        for dose in sorted(found)
    ]


def _rows(places: Sequence[int]) -> IntArray:
    return np.array(places, dtype=np.int64)


def _derived(cohort: Cohort, part: str) -> dict[tuple[str, str], Technique]:
    """Return the derived trials in which one part of a technique was asked for, and no other."""
    pairs = ((key, split_name(key[1])[1]) for key in cohort.trials.index)
    return {key: found for key, found in pairs if found is not None and found.parts == (part,)}


def lean_rungs(cohort: Cohort) -> list[Rung]:
    """Return the angles of a sweep's cohort, in degrees of lean."""
    chosen = {key: float(made.lean_deg) for key, made in _derived(cohort, "lean").items()}
    return _ladder(cohort, chosen)


def cadence_rungs(cohort: Cohort) -> list[Rung]:
    """Return the step rates of a cohort, in percent more than the runner's own.

    Derived trials by their name; recordings of the condition by what the runners reached,
    their mean in whole percent.
    """
    derived = _derived(cohort, "cadence")
    chosen = {key: float(made.cadence_percent) for key, made in derived.items()}
    condition = Technique(cadence_percent=1).condition
    own = _recorded(cohort, condition)
    if arms := recorded_arms(cohort, condition, STEP_RATE):
        slow, fast = arms
        reached = np.nanmean(100.0 * (fast / slow - 1.0))
        chosen |= dict.fromkeys(own, float(np.rint(reached)))
    return _ladder(cohort, chosen)


def _recorded(cohort: Cohort, condition: str) -> list[tuple[str, str]]:
    own = cohort.trials.index[cohort.recorded & (cohort.trials["condition"] == condition)]
    return list(own.to_flat_index())


def recorded_arms(
    cohort: Cohort, condition: str, metric: str
) -> tuple[FloatArray, FloatArray] | None:
    """Return a metric of runners' own habit and of a recorded condition, None without both.

    Each an array with one number for every runner who was recorded in both.
    """
    asked = _ladder(cohort, dict.fromkeys(_recorded(cohort, condition), 0.0))
    if not asked or metric not in cohort.means:
        return None
    return both_arms(cohort, metric, None, asked[0].runners)


def recorded_lean_deg(cohort: Cohort) -> float:
    """Return how much farther forward runners leaned where lean was recorded, NaN if it was not."""
    arms = recorded_arms(cohort, Technique(lean_deg=1).condition, LEAN_ANGLE)
    return float(np.nanmean(arms[1] - arms[0])) if arms else float("nan")


def strike_rungs(cohort: Cohort) -> list[Rung]:
    """Return the strikes of a cohort, in percent of the way to landing farther forward."""
    derived = _derived(cohort, "forefoot")
    return _ladder(cohort, {key: float(made.strike_percent) for key, made in derived.items()})


def ladder_doses(rungs: Sequence[Rung]) -> FloatArray:
    """Return the doses with the 0 of no change among them."""
    return np.unique([0.0, *(rung.dose for rung in rungs)])


def _change(first: FloatArray, second: FloatArray, *, percent: bool) -> FloatArray:
    if not percent:
        return np.asarray(second - first)
    # a share of nothing, or of what turns the other way, means nothing
    return np.asarray(100.0 * (second / np.where(first > 0.0, first, np.nan) - 1.0))


def _cells(
    cohort: Cohort, metric: str, rungs: Sequence[Rung], subjects: Sequence[str], *, percent: bool
) -> dict[str, Cells]:
    """Return a metric by runner and dose, as chosen (under '') and under each other choice."""
    doses = list(ladder_doses(rungs))
    names = list(cohort.shifts)
    shape = (len(subjects), len(doses))
    found = {name: Cells(np.full(shape, np.nan), np.full(shape, np.nan)) for name in ("", *names)}
    for rung in rungs:
        rows = [subjects.index(runner.subject) for runner in rung.runners]
        arms = {"": both_arms(cohort, metric, None, rung.runners)}
        arms |= under_choices(cohort, metric, None, rung.runners)
        for name, (first, second) in arms.items():
            cells = found[name]
            cells.value[rows, doses.index(rung.dose)] = second
            cells.change[rows, doses.index(rung.dose)] = _change(first, second, percent=percent)
            cells.value[rows, doses.index(0.0)] = first
            cells.change[rows, doses.index(0.0)] = np.where(np.isfinite(first), 0.0, np.nan)
    return found


def _curve(cells: Mapping[str, Cells], rows: Sequence[int]) -> Curve:
    """Return the mean over rows with its band: a choice is made once for all of them."""
    ends = {}
    for name in ("value", "change"):
        middle = getattr(cells[""], name)[rows].mean(axis=0)
        shifts = [
            _known_mean(getattr(other, name)[rows] - getattr(cells[""], name)[rows])
            for choice, other in cells.items()
            if choice
        ]
        bands = [banded(middle[n], (shift[n] for shift in shifts)) for n in range(len(middle))]
        ends[name] = (middle, *np.array(bands).reshape(-1, 2).T)
    return Curve(*ends["value"], *ends["change"])


def _known_mean(values: FloatArray) -> FloatArray:
    """Return the mean over rows of what is known, NaN where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(total / np.where(known.any(axis=0), known.sum(axis=0), np.nan))


def dose_curves(
    cohort: Cohort, metric: str, rungs: Sequence[Rung], *, percent: bool = True
) -> dict[str, Curve]:
    """Return each runner's curve of a metric, and the mean of those known at every dose.

    Args:
        cohort: holds the trials of the rungs.
        metric: its name.
        rungs: doses, no 0 among them.
        percent: changes in percent of the runner's own, else in the metric's unit.

    Returns:
        By runner, and under ``mean`` where there are two runners or more who are known
        throughout. Empty where nobody has the metric.
    """
    if metric not in cohort.means or not rungs:
        return {}
    own = of_family(cohort.shifts)
    cohort = replace(cohort, shifts={name: cohort.shifts[name] for name in own})
    subjects = sorted({runner.subject for rung in rungs for runner in rung.runners})
    cells = _cells(cohort, metric, rungs, subjects, percent=percent)
    known = np.isfinite(cells[""].change)
    curves = {
        subject: _curve(cells, [row])
        for row, subject in enumerate(subjects)
        if known[row].sum() > 1
    }
    whole = np.flatnonzero(known.all(axis=1))
    if len(whole) > 1:
        return {MEAN: _curve(cells, list(whole)), **curves}
    return curves
