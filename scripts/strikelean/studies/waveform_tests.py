"""Whole curves over stance compared by statistical parametric mapping (spm1d).

One curve a runner; pairs of recorded conditions, two strike classes, or a line on foot-strike
angle at every percent of stance. Random field theory gives the one threshold that the largest t
of smooth noise passes in 5 % of cohorts (Pataky 2010, 10.1016/j.jbiomech.2010.03.008), and a p for
every cluster above it. What a model predicts is not tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strikelean.attempts import attempt
from strikelean.formats.hdf5 import Waveform
from strikelean.formats.series import FloatArray
from strikelean.studies.cohort import (
    STRIKE_ANGLE,
    STRIKE_PAIRS,
    Cohort,
    paired_conditions,
    strike_groups,
)
from strikelean.studies.curves import PER_MASS, PER_WEIGHT, divisor, runner_curve
from strikelean.studies.pools import pool_waveforms
from strikelean.studies.statistics import holm

ALPHA = 0.05
PAIRED, TWO_SAMPLE, REGRESSION = "paired", "two_sample", "regression"
FEWEST = 3
"""Runners (in each group; four on a line) below which nothing is tested (project definition)."""

MOST_MISSING = 0.20
"""Share of the runners whose curve may be incomplete (project definition): beyond it those left,
for example those who bend their knee little, would be a biased choice."""

LEAST_STANCE = 0.50
"""Part of stance in which runners must differ, else nothing is tested (project definition)."""

ROUNDING = 1e-12
"""Share of the largest value that sums of curves are exact to."""

NORMALISED = {"N m": (PER_MASS, "N m/kg"), "W": (PER_MASS, "W/kg"), "N": (PER_WEIGHT, "BW")}
"""What curves are divided by for comparisons, and the unit that gives."""

MISSING = float("nan")


@dataclass(frozen=True)
class Cluster:
    """A stretch of stance above the threshold, in percent, with its p and its sign."""

    start: float
    end: float
    p: float
    sign: int


@dataclass(frozen=True)
class CurveTest:
    """One quantity tested.

    Attributes:
        quantity, unit: what was compared, after division.
        test: ``paired``, ``two_sample`` or ``regression``.
        conditions: a and b; of a line its predictor and an empty text.
        n: runners of a and b.
        mean_a, mean_b: (101,) means of the groups; of a line the mean curve and the slope
            per degree.
        t: (101,) statistic of b minus a, NaN where it was not tested.
        threshold: of the absolute t.
        p: two-sided, of the largest absolute t over the curve; NaN when not tested.
        p_holm: corrected over the quantities of the same test.
        clusters: above the threshold.
        status: ``tested``, with what was left out, or why not.
    """

    quantity: str
    unit: str
    test: str
    conditions: tuple[str, str]
    n: tuple[int, int]
    mean_a: FloatArray
    mean_b: FloatArray
    t: FloatArray
    threshold: float = MISSING
    p: float = MISSING
    p_holm: float = MISSING
    clusters: tuple[Cluster, ...] = ()
    status: str = ""


@dataclass(frozen=True)
class Question:
    """Which runners' curves are compared.

    Attributes:
        test: kind.
        conditions: a and b.
        a, b: ``(subject, trials)``, the same subjects in the same order when paired; of a
            line all runners stand in ``a``.
        x: of a line, one number a runner.
    """

    test: str
    conditions: tuple[str, str]
    a: tuple[tuple[str, tuple[str, ...]], ...]
    b: tuple[tuple[str, tuple[str, ...]], ...] = ()
    x: FloatArray | None = None


def _trials(cohort: Cohort, arm: str | None = None) -> dict[str, tuple[str, ...]]:
    """Return the recordings of each runner, of one condition or of all."""
    own = cohort.trials[cohort.habitual if arm is None else cohort.recorded]
    chosen = own if arm is None else own[own["arm"] == arm]
    found: dict[str, list[str]] = {}
    for subject, trial in chosen.index:
        found.setdefault(str(subject), []).append(str(trial))
    return {subject: tuple(trials) for subject, trials in found.items()}


def questions(cohort: Cohort) -> list[Question]:
    """Return what is asked of a cohort's curves: pairs or strike classes, and the line."""
    if cohort.virtual or cohort.trials.empty:
        return []
    asked = []
    predicted = cohort.modelled_arms()
    pairs = [(a, b) for a, b in paired_conditions(cohort) if not {a, b} & set(predicted)]
    for a, b in pairs:
        first, second = _trials(cohort, a), _trials(cohort, b)
        both = sorted(set(first) & set(second))
        one, two = (tuple((s, own[s]) for s in both) for own in (first, second))
        asked.append(Question(PAIRED, (a, b), one, two))
    runners, every = cohort.by_subject, _trials(cohort)
    groups = strike_groups(cohort)
    for names in () if pairs else STRIKE_PAIRS:
        one, two = (
            tuple((str(s), every[str(s)]) for s in groups.index[groups == name]) for name in names
        )
        if two or names == STRIKE_PAIRS[-1]:  # at least one question says who is missing
            asked.append(Question(TWO_SAMPLE, names, one, two))
    known = groups.index[groups != ""]
    if len(known) and STRIKE_ANGLE in runners:
        angles = runners.loc[known, STRIKE_ANGLE].to_numpy(dtype=np.float64)
        members = tuple((str(s), every[str(s)]) for s in known)
        asked.append(Question(REGRESSION, (STRIKE_ANGLE, ""), members, x=angles))
    return asked


def _curves(
    cohort: Cohort,
    waveforms: Mapping[str, Waveform],
    members: Sequence[tuple[str, tuple[str, ...]]],
    quantity: str,
    per: str,
) -> FloatArray:
    """Return one row a member, NaN where it is unknown, (n, 101)."""
    rows = np.full((len(members), 101), np.nan)
    for row, (subject, trials) in enumerate(members):
        curve = runner_curve(waveforms, subject, trials, quantity)
        runner = cohort.runners.get(subject)
        mass = MISSING if runner is None else runner.mass_kg
        if curve is not None:
            rows[row] = curve / divisor(per, mass)
    return rows


def _varying(y: FloatArray, groups: Sequence[NDArray[np.bool_]], size: float) -> slice | None:
    """Return the longest stretch of stance in which every group varies, None if too short.

    Args:
        y: (n, 101) what is tested.
        groups: rows of each.
        size: largest of the curves; less than its rounding is no variation.
    """
    least = ROUNDING * size
    varies = np.all([np.ptp(y[group], axis=0) > least for group in groups], axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], varies, [False]]).astype(int)))
    if not edges.size:
        return None
    lengths = edges[1::2] - edges[::2]
    best = int(np.argmax(lengths))
    if lengths[best] < LEAST_STANCE * y.shape[1]:
        return None
    return slice(int(edges[2 * best]), int(edges[2 * best + 1]))


def _spm(test: str, y: FloatArray, second: NDArray[np.bool_], x: FloatArray | None) -> Any:
    # loaded here: it loads matplotlib, and of virtual runners nothing is tested
    import spm1d

    if test == PAIRED:
        # the changes alone are tested: a condition by itself need not vary at all
        return spm1d.stats.ttest(y[second] - y[~second])
    if test == TWO_SAMPLE:
        return spm1d.stats.ttest2(y[second], y[~second], equal_var=False)
    return spm1d.stats.regress(y, x)


def field_p(spm: Any) -> float:
    """Return the two-sided p of the largest absolute t of a field by random field theory."""
    from spm1d import rft1d

    largest = float(np.abs(spm.z).max())
    one_sided = rft1d.t.sf_resels(largest, spm.df[1], spm.resels, withBonf=True, nNodes=spm.Q)
    return min(1.0, 2.0 * float(one_sided))


def _means(test: str, y: FloatArray, second: NDArray[np.bool_], x: FloatArray | None) -> Any:
    if test == REGRESSION and x is not None:
        return y.mean(axis=0), np.polyfit(x, y, 1)[0]
    return y[~second].mean(axis=0), y[second].mean(axis=0)


def _left(kept: NDArray[np.bool_], question: Question) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """Return who is of group b among those kept, and how many each group keeps."""
    count = len(question.a)
    second = np.arange(kept.size) >= count
    if question.test == REGRESSION:
        return second[kept], (int(kept.sum()), int(kept.sum()))
    return second[kept], (int(kept[~second].sum()), int(kept[second].sum()))


def compare_curves(question: Question, y: FloatArray, quantity: str, unit: str) -> CurveTest:
    """Test one quantity.

    Args:
        question: who is compared.
        y: (n, 101) curves of the members of a, then of b; NaN where unknown.
        quantity, unit: of the curves.

    Returns:
        The test; runners with an incomplete curve are left out and counted in its status,
        and where they are many, or nothing varies, the status says why nothing was tested.
    """
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(y).all(axis=1))
    if question.test == PAIRED:  # a runner goes with both conditions
        half = kept.reshape(2, -1).all(axis=0)
        kept = np.concatenate([half, half])
    second, n = _left(kept, question)
    blank = np.full(101, np.nan)
    untested = CurveTest(quantity, unit, question.test, question.conditions, n, blank, blank, blank)
    missing = int((~kept).sum()) // (2 if question.test == PAIRED else 1)
    of = kept.size // (2 if question.test == PAIRED else 1)
    if missing > MOST_MISSING * of:
        text = f"not tested: {missing} of {of} runners have no complete curve"
        return replace(untested, status=text)
    if min(n) < FEWEST + (question.test == REGRESSION):
        return replace(untested, status=f"not tested: {n[0]} and {n[1]} runners")
    own, x = y[kept], None if question.x is None else question.x[kept]
    changes = own[second] - own[~second] if question.test == PAIRED else own
    everyone = np.ones(len(changes), dtype=bool)
    groups = [~second, second] if question.test == TWO_SAMPLE else [everyone]
    if x is not None and np.ptp(x) <= ROUNDING * np.abs(x).max():
        text = f"not tested: {question.conditions[0]} does not vary"
        return replace(untested, status=text)
    part = _varying(changes, groups, float(np.abs(own).max()))
    if part is None:
        return replace(untested, status="not tested: the curves do not vary over half of stance")
    spm = _spm(question.test, own[:, part], second, x)
    found = spm.inference(ALPHA, two_tailed=True)
    t = blank.copy()
    t[part] = spm.z
    first, other = _means(question.test, own, second, x)
    notes = [f"{missing} of {of} runners left out, their curve is incomplete"] if missing else []
    if part != slice(0, y.shape[1]):
        notes.append(f"from {part.start} to {part.stop - 1} % of stance, where the curves vary")
    return replace(
        untested,
        mean_a=first,
        mean_b=other,
        t=t,
        threshold=float(found.zstar),
        p=field_p(spm),
        clusters=tuple(
            Cluster(
                part.start + float(one.endpoints[0]),
                part.start + float(one.endpoints[1]),
                float(one.P),
                int(one.csign),
            )
            for one in found.clusters
        ),
        status="; ".join(["tested", *notes]),
    )


def _attempted(question: Question, y: FloatArray, quantity: str, unit: str) -> CurveTest:
    """Test one quantity; what breaks down is told in its status."""
    found = attempt(lambda: compare_curves(question, y, quantity, unit))
    if isinstance(found, CurveTest):
        return found
    blank, nobody = np.full(101, np.nan), (0, 0)
    return CurveTest(
        quantity, unit, question.test, question.conditions, nobody, blank, blank, blank,
        status=f"not tested, {found.reason}",
    )  # fmt: skip


def quantities_of(waveforms: Mapping[str, Waveform]) -> dict[str, Waveform]:
    """Return one waveform of every quantity in cohort.h5, for its unit and basis."""
    found: dict[str, Waveform] = {}
    for place, waveform in waveforms.items():
        quantity = place.rsplit("/", 1)[-1]
        if quantity != "steps":
            found.setdefault(quantity, waveform)
    return found


def waveform_results(cohort: Cohort, waveforms: Mapping[str, Waveform]) -> list[CurveTest]:
    """Test every quantity of a cohort; those that are only assumed are named and not tested.

    Args:
        cohort: its runners, with their masses.
        waveforms: of cohort.h5.
    """
    waveforms = pool_waveforms(waveforms, cohort.pools)
    results = []
    for question in questions(cohort):
        own = []
        for quantity, example in quantities_of(waveforms).items():
            per, unit = NORMALISED.get(example.unit, ("", example.unit))
            members = (*question.a, *question.b)
            y = _curves(cohort, waveforms, members, quantity, per)
            if example.basis == "assumed":
                y[:] = np.nan
            result = _attempted(question, y, quantity, unit)
            if example.basis == "assumed":
                result = replace(result, status="not tested: assumed, not observed")
            own.append(result)
        corrected = holm([result.p for result in own])
        results += [replace(one, p_holm=float(p)) for one, p in zip(own, corrected, strict=True)]
    return results
