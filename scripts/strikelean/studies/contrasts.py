"""Answer a contrast on whichever runners a cohort has, or say why it cannot be answered.

A contrast may be answered by the same runners in two conditions (pairs), by two groups of
runners, or by a line over runners. Recordings come first; a prediction answers where nothing was
recorded, and only with metrics that its technique leaves free. A dose (degrees of lean, percent of
step rate) becomes each runner's own slope, taken to the published change: never across zero (what
more lean does says nothing of less), and never far beyond what was run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from strikelean.declarations import FOLLOWS, FREE, IMPOSED, KEPT, WITHHELD, status_in
from strikelean.formats.series import FloatArray
from strikelean.lab.strike_classes import FOREFOOT, MIDFOOT, REARFOOT
from strikelean.studies.cohort import NON_REARFOOT, Cohort, pooled, strike_groups
from strikelean.studies.definitions import (
    STRIKE_CLASS,
    STRIKE_CLASS_MIDFOOT,
    STRIKE_CLASS_POOLED,
    ContrastSpec,
)
from strikelean.studies.pairs import (
    FARTHEST,
    Arm,
    answering,
    arm_pairs,
    both_arms,
    runners_of,
    under_choices,
)
from strikelean.studies.regressions import allowed_covariates, covariates_of

WITHIN, BETWEEN, LINE = "within_runners", "between_runners", "regression"
FRONTAL_KNEE = (
    "knee_adduction_angle",
    "knee_internal_rotation_angle",
    "patellofemoral_q_angle",
    "patellofemoral_stress_frontal",
)
"""Metrics of the knee with three rotations, which no prediction has."""

STRIKE_OTHERS = {
    STRIKE_CLASS: FOREFOOT,
    STRIKE_CLASS_MIDFOOT: MIDFOOT,
    STRIKE_CLASS_POOLED: NON_REARFOOT,
}
"""Whom rearfoot strikers are compared with, by what a contrast is between."""

HINGE = "the model has no such freedom: its knee is a hinge"

SPREAD_IS_SET = "standardised by the spread of virtual runners, which is a setting"

FEWEST = 2
"""Runners (in each group) that a contrast needs."""


@dataclass(frozen=True)
class Sample:
    """The numbers that answer a contrast, one or two a runner.

    Attributes:
        design: ``within_runners``, ``between_runners`` or ``regression``.
        a, b: conditions of the same runners in the same order, or two groups; of a line
            predictor and response.
        predicted: whether b (or a) is a model's prediction.
        under: by choice of the model, a and b as they would be under it, NaN in runners of
            whom that is not known; empty where there is no band.
        reach: the change over the largest that was run, the mean over runners; above 1 it is read
            off beyond what was run. 0 without a dose.
        subjects: of pairs.
        covariates: of a line, (n, k), and their names.
        change: of a line's predictor.
    """

    design: str
    a: FloatArray
    b: FloatArray
    predicted: bool = False
    under: Mapping[str, tuple[FloatArray, FloatArray]] = field(default_factory=dict)
    reach: float = 0.0
    subjects: tuple[str, ...] = ()
    covariates: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    held: tuple[str, ...] = ()
    change: float = 1.0


@dataclass(frozen=True)
class Unanswered:
    """Why a contrast has no answer; ``kind`` is ``imposed``, ``kept`` or empty."""

    reason: str
    kind: str = ""


def _pair_sample(
    cohort: Cohort, spec: ContrastSpec, metric: str, a: Arm, b: Arm
) -> Sample | Unanswered:
    if spec.dose is None and len(set(b.trials["dose"].dropna())) > 1:
        return Unanswered(
            f"{spec.condition_b} was run at several doses and the contrast names none"
        )
    runners, reach = runners_of(cohort, a, b), 0.0
    if spec.dose is not None:
        runners, reach = answering(cohort, metric, spec.dose, runners)
    first, second = both_arms(cohort, metric, spec.dose, runners)
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < FEWEST:
        found = f"{known.sum()} runner{'' if known.sum() == 1 else 's'}"
        where = f"both {spec.condition_a} and {spec.condition_b}"
        if spec.dose is not None:
            least = spec.dose.change / FARTHEST
            where += f", changed by {least:.3g} or more the same way for {spec.dose.change:g}"
        return Unanswered(f"{found} with it in {where}; {FEWEST} needed")
    predicted = a.predicted or b.predicted or cohort.virtual
    moved = under_choices(cohort, metric, spec.dose, runners) if predicted else {}
    under = {name: (one[known], other[known]) for name, (one, other) in moved.items()}
    subjects = tuple(runner.subject for runner, own in zip(runners, known, strict=True) if own)
    return Sample(WITHIN, first[known], second[known], predicted, under, reach, subjects)


def _status(cohort: Cohort, metric: str, a: Arm, b: Arm) -> str:
    """Return what a metric is in a pair of arms: the least free of them."""
    found = [
        status_in(cohort.techniques, str(condition), metric)
        for arm in (a, b)
        for condition in arm.trials["condition"].unique()
        # what a virtual runner was made to do is no less imposed for having been recorded
        if arm.predicted or (cohort.virtual and condition in cohort.techniques)
    ]
    return next((status for status in found if status != FREE), FREE)


def _not_free(status: str, condition: str) -> Unanswered:
    words = {
        IMPOSED: "sets it",
        KEPT: "keeps it as recorded",
        FOLLOWS: "sets or keeps what it follows from",
        WITHHELD: "does not give it reliably",
    }
    text = words.get(status, "declares nothing about it")
    return Unanswered(f"the technique of {condition} {text}", status)


def _no_freedom(cohort: Cohort, metric: str, b: Arm) -> str:
    """Return why a model cannot say anything of a metric, empty where it can."""
    if (b.predicted or cohort.virtual) and metric.startswith(FRONTAL_KNEE):
        return HINGE
    unknown = b.predicted and cohort.means.loc[b.trials.index, metric].isna().all()
    return "the prediction does not give it" if unknown else ""


def _within(cohort: Cohort, spec: ContrastSpec, metric: str) -> list[Sample | Unanswered]:
    found: list[Sample | Unanswered] = []
    for a, b in arm_pairs(cohort, spec):
        reason = _no_freedom(cohort, metric, b)
        if reason:
            found.append(Unanswered(reason))
            continue
        status = _status(cohort, metric, a, b)
        if status != FREE:
            found.append(_not_free(status, spec.condition_b))
            continue
        found.append(_pair_sample(cohort, spec, metric, a, b))
    return found


def _groups(cohort: Cohort, spec: ContrastSpec, metric: str) -> Sample | Unanswered:
    runners = cohort.by_subject
    if spec.between in STRIKE_OTHERS:
        group = strike_groups(cohort)
        names = (REARFOOT, STRIKE_OTHERS[spec.between])
        group = pooled(group) if NON_REARFOOT in names else group
    else:
        if spec.between not in runners or runners[spec.between].notna().sum() < 2 * FEWEST:
            return Unanswered(_missing(cohort, spec.between))
        values = runners[spec.between]
        group = pd.Series(np.where(values > values.median(), "high", "low"), index=runners.index)
        group[values.isna()] = ""
        names = ("low", "high")
    a, b = (
        runners.loc[group == name, metric].dropna().to_numpy(dtype=np.float64) for name in names
    )
    if min(a.size, b.size) < FEWEST:
        return Unanswered(
            f"{a.size} {names[0]} and {b.size} {names[1]} runners with it, {FEWEST} of each needed"
        )
    return Sample(BETWEEN, a, b)


def _line(cohort: Cohort, spec: ContrastSpec, metric: str) -> Sample | Unanswered:
    runners = cohort.by_subject
    if spec.predictor not in runners:
        return Unanswered(_missing(cohort, spec.predictor))
    if metric == spec.predictor:
        return Unanswered("it is the predictor itself")
    known = runners[[spec.predictor, metric]].dropna()
    if spec.absolute:
        known[spec.predictor] = known[spec.predictor].abs()
    if len(known) < 3:
        return Unanswered(f"{len(known)} runners with {metric} and {spec.predictor}, 3 needed")
    others = covariates_of(cohort, runners)
    names = [str(n) for n in others if n not in (metric, spec.predictor)]
    held = allowed_covariates(names, len(known))
    return Sample(
        LINE,
        known[spec.predictor].to_numpy(dtype=np.float64),
        known[metric].to_numpy(dtype=np.float64),
        covariates=others.loc[known.index, held].to_numpy(dtype=np.float64),
        held=tuple(held),
        change=spec.change,
    )


def _missing(cohort: Cohort, metric: str, otherwise: str = "") -> str:
    """Say why a metric is not known, as far as that can be told."""
    if metric in cohort.assumed:
        return "only assumed here: no markers on the trunk"
    if metric.startswith("trunk_lean"):
        return "trunk lean is not observed: no markers on the trunk"
    return otherwise or f"no {metric} of these runners"


def _nobody(cohort: Cohort, spec: ContrastSpec) -> str:
    """Say why the same runners cannot answer: who lacks which condition."""
    here = set(cohort.trials["condition"])
    lacking = [c for c in (spec.condition_a, spec.condition_b) if c not in here]
    text = f"no trials of {' or '.join(lacking)} here"
    if len(here) < 2 or cohort.trials.groupby(level="subject").size().max() < 2:
        text = f"between-runner data only: {text}"
    left_out = [s for s, t, _ in cohort.excluded if spec.condition_b in t]
    if left_out:
        text += f"; excluded in {len(left_out)} runners (quality.csv)"
    lean = "lean" in spec.condition_b or "lean" in spec.condition_a
    if lean and not any(name.startswith("trunk_lean") for name in cohort.means.columns):
        text += ", and trunk lean is not observed (no trunk markers)"
    return text


def _over_runners(cohort: Cohort, spec: ContrastSpec, metric: str) -> list[Sample | Unanswered]:
    """Return what groups and lines of runners say; virtual ones only say how they were drawn."""
    asked = bool(spec.between or spec.predictor) and not spec.condition_b
    if cohort.virtual:
        return [Unanswered("virtual runners differ as they were drawn")] if asked else []
    found = [_groups(cohort, spec, metric)] if spec.between else []
    return found + ([_line(cohort, spec, metric)] if spec.predictor else [])


def answers(cohort: Cohort, spec: ContrastSpec, metric: str) -> list[Sample | Unanswered]:
    """Return what a cohort has to say to a contrast, its best answer first.

    Recorded pairs come first, then groups and lines of recorded runners, then predictions. Where
    other runners answer for want of the same ones, what is predicted of the same ones follows.

    Args:
        cohort: the runners.
        spec: the contrast.
        metric: name.
    """
    if spec.not_testable:
        return [Unanswered(spec.not_testable)]
    if metric not in cohort.means or cohort.means[metric].isna().all():
        hinge = cohort.virtual and metric.startswith(FRONTAL_KNEE)
        unknown = HINGE if hinge else "not known of these runners"
        return [Unanswered(_missing(cohort, metric, unknown))]
    tried: list[Sample | Unanswered] = []
    if spec.condition_b:
        tried += _within(cohort, spec, metric)
        if not tried:
            tried.append(Unanswered(_nobody(cohort, spec)))
    if not any(isinstance(found, Sample) and not found.predicted for found in tried):
        tried += _over_runners(cohort, spec, metric)
    samples = [found for found in tried if isinstance(found, Sample)]
    # what was run up to the change says more of it than a line read off beyond
    samples.sort(key=lambda sample: (sample.predicted, sample.reach > 1.0))
    if samples:
        beside = [s for s in samples[1:] if s.predicted and samples[0].design != WITHIN]
        return [samples[0], *beside[:1]]
    reasons = [found for found in tried if isinstance(found, Unanswered)]
    first = next((found for found in reasons if found.kind), reasons[0])
    return [Unanswered("; ".join(dict.fromkeys(found.reason for found in reasons)), first.kind)]


def answer(cohort: Cohort, spec: ContrastSpec, metric: str) -> Sample | Unanswered:
    """Return a cohort's best answer to a contrast, see :func:`answers`."""
    return answers(cohort, spec, metric)[0]
