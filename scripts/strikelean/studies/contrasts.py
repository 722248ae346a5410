"""Answer a contrast on whichever runners a cohort has, or say why it cannot be answered.

A contrast may be answered by the same runners in two conditions (pairs), by two groups of
runners, or by a line over runners. Recordings come first; a prediction answers where nothing was
recorded, and only with metrics that its technique leaves free. A dose (degrees of lean, percent of
step rate) becomes each runner's own slope, taken to the published change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from strikelean.declarations import FREE, IMPOSED, KEPT, WITHHELD, status_in
from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import NON_REARFOOT, REARFOOT, Cohort, strike_groups
from strikelean.studies.compare import allowed_covariates, covariates_of
from strikelean.studies.definitions import STRIKE_CLASS, ContrastSpec, Dose

WITHIN, BETWEEN, LINE = "within_runners", "between_runners", "regression"
FRONTAL_KNEE = (
    "knee_adduction_angle",
    "knee_internal_rotation_angle",
    "patellofemoral_q_angle",
    "patellofemoral_stress_frontal",
)
"""Metrics of the knee with three rotations, which no prediction has."""

HINGE = "the model has no such freedom: its knee is a hinge"

FARTHEST = 5.0
"""How many times beyond what a runner was changed a slope is still taken (project definition)."""

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
        low, high: as ``b`` (less ``a``'s own band) at the ends of the model's band; empty
            where there is none.
        subjects: of pairs.
        covariates: of a line, (n, k), and their names.
        change: of a line's predictor.
    """

    design: str
    a: FloatArray
    b: FloatArray
    predicted: bool = False
    low: FloatArray = field(default_factory=lambda: np.empty(0))
    high: FloatArray = field(default_factory=lambda: np.empty(0))
    subjects: tuple[str, ...] = ()
    covariates: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    held: tuple[str, ...] = ()
    change: float = 1.0


@dataclass(frozen=True)
class Unanswered:
    """Why a contrast has no answer; ``kind`` is ``imposed``, ``kept`` or empty."""

    reason: str
    kind: str = ""


@dataclass(frozen=True)
class _Arm:
    """Trials of one condition, recorded or derived."""

    trials: pd.DataFrame
    predicted: bool


def _arm(cohort: Cohort, condition: str, *, predicted: bool) -> _Arm | None:
    own = cohort.trials
    chosen = own[(own["condition"] == condition) & (own["predicted"] == predicted)]
    return _Arm(chosen, predicted) if len(chosen) else None


def _parents(cohort: Cohort, arm: _Arm) -> _Arm:
    """Return the recordings that an arm's derived trials were made from."""
    wanted = set(zip(arm.trials.index.get_level_values(0), arm.trials["parent"], strict=True))
    chosen = cohort.trials[[place in wanted for place in cohort.trials.index]]
    return _Arm(chosen, predicted=False)


def _arm_pairs(cohort: Cohort, spec: ContrastSpec) -> list[tuple[_Arm, _Arm]]:
    """Return the pairs of arms that may answer, recordings first."""
    pairs = []
    for predicted_b in (False, True):
        b = _arm(cohort, spec.condition_b, predicted=predicted_b)
        if b is None:
            continue
        for predicted_a in (False, True):
            a = _arm(cohort, spec.condition_a, predicted=predicted_a)
            if a is not None:
                pairs.append((a, b))
        if predicted_b and _arm(cohort, spec.condition_a, predicted=True) is None:
            # derived trials stand beside their own recording, however that is called
            pairs.append((_parents(cohort, b), b))
    return pairs


def _runner_means(values: pd.Series[float], arm: _Arm) -> pd.Series[float]:
    own = values.reindex(arm.trials.index).dropna()
    return own.groupby(level="subject").mean()


def _doses(cohort: Cohort, dose: Dose, base: _Arm, arm: _Arm) -> pd.Series[float]:
    """Return how much each trial of an arm was changed from its runner's base.

    By the metric where it is known in both; else by the number in the trial's name where
    that is of the same kind, degrees of lean or percent.
    """
    nameable = dose.relative or dose.metric.startswith("trunk_lean")
    named = arm.trials["dose"].astype(float) * (1.0 if nameable else np.nan)
    if dose.metric not in cohort.means:
        return named
    values = cohort.means[dose.metric]
    subjects = arm.trials.index.get_level_values("subject")
    own = _runner_means(values, base).reindex(subjects).to_numpy()
    before = pd.Series(own, index=arm.trials.index)
    after = values.reindex(arm.trials.index)
    change = 100.0 * (after / before - 1.0) if dose.relative else after - before
    return change.fillna(named)


def _at_dose(
    values: pd.Series[float], base: pd.Series[float], doses: pd.Series[float], change: float
) -> pd.Series[float]:
    """Return each runner's value at a change, along the line through base and trials."""
    result = {}
    for subject, start in base.items():
        here = doses[doses.index.get_level_values("subject") == subject]
        x = np.array([0.0, *here])
        y = np.array([float(start), *values.reindex(here.index)])
        known = np.isfinite(x) & np.isfinite(y)
        if known.sum() >= 2 and FARTHEST * np.ptp(x[known]) >= abs(change) > 0.0:
            result[subject] = float(start) + change * np.polyfit(x[known], y[known], 1)[0]
    return pd.Series(result, dtype=float)


def _at_end(
    cohort: Cohort, spec: ContrastSpec, metric: str, a: _Arm, b: _Arm, end: int
) -> pd.Series[float]:
    """Return condition b by runner: its mean (end 0), or low (-1) or high (1) end of its band."""
    tables = {0: cohort.means, -1: cohort.low, 1: cohort.high}
    own = tables[end][metric]
    if spec.dose is None:
        return _runner_means(own, b)
    doses = _doses(cohort, spec.dose, a, b)
    # a slope is least through the low ends on one side of the base and the high ones on the other
    values = own.where(doses.reindex(own.index) >= 0.0, tables[-end][metric])
    return _at_dose(values, _runner_means(cohort.means[metric], a), doses, spec.dose.change)


def _band(
    cohort: Cohort, spec: ContrastSpec, metric: str, a: _Arm, b: _Arm, both: pd.DataFrame
) -> tuple[FloatArray, FloatArray]:
    """Return b at both ends of the model's band, what a's own band adds taken in; else empty."""
    ends = []
    for end, other in ((-1, cohort.high), (1, cohort.low)):
        far = _at_end(cohort, spec, metric, a, b, end).reindex(both.index)
        start = _runner_means(other[metric], a).reindex(both.index)
        added = (start - both.iloc[:, 0]).fillna(0.0)
        ends.append((far - added).to_numpy(dtype=np.float64))
    known = all(np.isfinite(end).all() for end in ends)
    return (ends[0], ends[1]) if known else (np.empty(0), np.empty(0))


def _pair_sample(
    cohort: Cohort, spec: ContrastSpec, metric: str, a: _Arm, b: _Arm
) -> Sample | Unanswered:
    if spec.dose is None and len(set(b.trials["dose"].dropna())) > 1:
        return Unanswered(
            f"{spec.condition_b} was run at several doses and the contrast names none"
        )
    first = _runner_means(cohort.means[metric], a)
    second = _at_end(cohort, spec, metric, a, b, 0)
    both = pd.concat([first, second], axis=1, join="inner").dropna()
    if len(both) < FEWEST:
        found = f"{len(both)} runner{'' if len(both) == 1 else 's'}"
        where = f"both {spec.condition_a} and {spec.condition_b}"
        if spec.dose is not None:
            where += f", changed by enough for {spec.dose.change:g}"
        return Unanswered(f"{found} with it in {where}; {FEWEST} needed")
    values = both.to_numpy(dtype=np.float64)
    predicted = a.predicted or b.predicted or cohort.virtual
    low, high = _band(cohort, spec, metric, a, b, both) if predicted else (np.empty(0), np.empty(0))
    subjects = tuple(str(subject) for subject in both.index)
    return Sample(WITHIN, values[:, 0], values[:, 1], predicted, low, high, subjects)


def _status(cohort: Cohort, metric: str, a: _Arm, b: _Arm) -> str:
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
        WITHHELD: "does not give it reliably",
    }
    text = words.get(status, "declares nothing about it")
    return Unanswered(f"the technique of {condition} {text}", status)


def _no_freedom(cohort: Cohort, metric: str, b: _Arm) -> str:
    """Return why a model cannot say anything of a metric, empty where it can."""
    if (b.predicted or cohort.virtual) and metric.startswith(FRONTAL_KNEE):
        return HINGE
    unknown = b.predicted and cohort.means.loc[b.trials.index, metric].isna().all()
    return "the prediction does not give it" if unknown else ""


def _within(cohort: Cohort, spec: ContrastSpec, metric: str) -> list[Sample | Unanswered]:
    found: list[Sample | Unanswered] = []
    for a, b in _arm_pairs(cohort, spec):
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
    if spec.between == STRIKE_CLASS:
        group = strike_groups(runners)
        names = (REARFOOT, NON_REARFOOT)
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
    samples.sort(key=lambda sample: sample.predicted)
    if samples:
        beside = [s for s in samples[1:] if s.predicted and samples[0].design != WITHIN]
        return [samples[0], *beside[:1]]
    reasons = [found for found in tried if isinstance(found, Unanswered)]
    first = next((found for found in reasons if found.kind), reasons[0])
    return [Unanswered("; ".join(dict.fromkeys(found.reason for found in reasons)), first.kind)]


def answer(cohort: Cohort, spec: ContrastSpec, metric: str) -> Sample | Unanswered:
    """Return a cohort's best answer to a contrast, see :func:`answers`."""
    return answers(cohort, spec, metric)[0]
