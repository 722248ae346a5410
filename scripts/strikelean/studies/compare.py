"""Compare conditions: pairs and groups of runners, every metric.

Recorded conditions of the same runners are tested in pairs, and the metrics that studies name
also by a mixed model on single steps; where no two conditions are shared, runners are compared
between foot-strike classes. A runner who is alone is compared with themself, over steps. On
virtual runners nothing is tested: their number and their spread are settings, so only the model's
band is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from strikelean.attempts import Failure, attempt
from strikelean.declarations import FREE, IMPOSED, KEPT, status_in
from strikelean.formats.files import write_table
from strikelean.formats.series import FloatArray
from strikelean.loads.choices import MUSCLES, TECHNIQUE
from strikelean.studies.choices import banded_columns, of_family
from strikelean.studies.cohort import (
    STRIKE_ANGLE,
    STRIKE_PAIRS,
    Cohort,
    paired_conditions,
    strike_groups,
)
from strikelean.studies.families import add_holm
from strikelean.studies.mixed import mixed_effect
from strikelean.studies.one_runner import ONE_RUNNER, foot_steps, told
from strikelean.studies.regressions import REGRESSION_COLUMNS, regressions
from strikelean.studies.statistics import Contrast, between_runners, within_runners
from strikelean.techniques import TECHNIQUE_CONDITIONS

STATUSES = (IMPOSED, KEPT, "follows")
"""What a technique may make of a metric, each a column of flags."""

COMPARISON_COLUMNS = (
    "metric",
    "unit",
    "condition_a",
    "condition_b",
    "design",
    "n_a",
    "n_b",
    "n_one_sided",
    "mean_a",
    "sd_a",
    "mean_b",
    "sd_b",
    "difference",
    "ci_low",
    "ci_high",
    "band_low",
    "band_high",
    "muscles_low",
    "muscles_high",
    "effect_size",
    "p_raw",
    "p_holm",
    "steps_a",
    "steps_b",
    "smallest_detectable",
    "virtual",
    "predicted",
    *STATUSES,
    "reason",
)
NO_SPREAD = "number and spread of virtual runners are settings: no effect size, interval or test"
MISSING = float("nan")


def bracketed_shares(metrics: pd.DataFrame) -> dict[str, float]:
    """Return, by metric, the share of known recorded values that carry an area curve's bracket.

    What a technique made carries its band in the same columns, which is no bracket: predictions
    and virtual runners' other conditions do not count.
    """
    made = metrics["basis"].eq("predicted") | (
        metrics["basis"].eq("virtual") & metrics["condition"].isin(TECHNIQUE_CONDITIONS)
    )
    known = metrics[metrics["value"].notna() & ~made]
    shares = known["value_high"].notna().groupby(known["metric"]).mean()
    return {str(metric): float(share) for metric, share in shares.items()}


@dataclass(frozen=True)
class _Kind:
    """What the rows of one pair of conditions share.

    Attributes:
        conditions: a and b.
        design: ``within_runners``, ``between_runners``, ``mixed_model`` or ``one_runner``.
        virtual: whether the runners are virtual.
        modelled: conditions, of a and b, that a model predicts.
    """

    conditions: tuple[str, str]
    design: str
    virtual: bool = False
    modelled: tuple[str, ...] = ()

    def row(self, cohort: Cohort, metric: str, **told: object) -> dict[str, object]:
        """Return a row of comparisons.csv; what is not told is blank."""
        statuses = {status_in(cohort.techniques, one, metric) for one in self.modelled}
        return {
            "metric": metric,
            "unit": cohort.units[metric],
            "condition_a": self.conditions[0],
            "condition_b": self.conditions[1],
            "design": self.design,
            "n_a": 0,
            "n_b": 0,
            "n_one_sided": 0,
            "virtual": self.virtual,
            "predicted": bool(self.modelled),
            **{status: status in statuses for status in STATUSES},
            "reason": "",
            **told,
        }


def _told(a: FloatArray, b: FloatArray, contrast: Contrast) -> dict[str, object]:
    """Return the numbers of a contrast between two groups or conditions."""
    return {
        "n_a": contrast.n_a,
        "n_b": contrast.n_b,
        "mean_a": a.mean(),
        "sd_a": a.std(ddof=1),
        "mean_b": b.mean(),
        "sd_b": b.std(ddof=1),
        "difference": contrast.difference,
        "ci_low": contrast.ci_low,
        "ci_high": contrast.ci_high,
        "effect_size": contrast.effect_size,
        "p_raw": contrast.p,
    }


UNTESTED: dict[str, object] = dict.fromkeys(("ci_low", "ci_high", "effect_size", "p_raw"), MISSING)


def _arm(values: pd.DataFrame, condition: str) -> pd.DataFrame:
    """Return one row per runner of a condition."""
    chosen = values.index.get_level_values("condition") == condition
    return values[chosen].droplevel("condition")


@dataclass(frozen=True)
class _Pair:
    """Two conditions of the runners who have both.

    Attributes:
        a, b: one row a runner, one column a metric.
        shifts: by choice, how far b minus a moves under it, (runners, metrics).
    """

    a: pd.DataFrame
    b: pd.DataFrame
    shifts: Mapping[str, FloatArray]

    @cached_property
    def known(self) -> pd.DataFrame:
        """Whether a runner has a metric in both conditions."""
        return self.a.notna() & self.b.notna()

    def columns(self) -> Iterator[tuple[str, NDArray[np.bool_], FloatArray, FloatArray]]:
        """Yield each metric: who is known in both conditions, and the numbers of those."""
        a, b = (arm.to_numpy(dtype=np.float64) for arm in (self.a, self.b))
        for metric, known, own_a, own_b in zip(
            self.a.columns, self.known.to_numpy().T, a.T, b.T, strict=True
        ):
            yield str(metric), known, own_a[known], own_b[known]

    def bands(self, family: str = TECHNIQUE) -> pd.DataFrame:
        """Return the model's band of every mean difference b minus a, NaN where there is none.

        The range over a family of choices, one at a time and the same for all runners.

        Returns:
            One row a metric, columns ``low`` and ``high``.
        """
        size = (self.b - self.a).mean()
        names = of_family(self.shifts, family)
        shifts = np.array([self.shifts[name] for name in names]).reshape(-1, *self.known.shape)
        known = np.isfinite(shifts) & self.known.to_numpy()
        count = known.sum(axis=1)
        total = np.where(known, shifts, 0.0).sum(axis=1)
        moved = total / np.where(count > 0, count, np.nan)
        return banded_columns(size, pd.DataFrame(moved.T, index=size.index, columns=names))


def _pair(cohort: Cohort, a: str, b: str) -> _Pair:
    arms = cohort.arms
    shared = _arm(arms, a).index.intersection(_arm(arms, b).index)
    places = (pd.MultiIndex.from_product([shared, [arm]]) for arm in (a, b))
    of_a, of_b = (arms.index.get_indexer(place) for place in places)
    shifts = cohort.arm_shifts[:, of_b] - cohort.arm_shifts[:, of_a]
    named = dict(zip(cohort.shifts, shifts, strict=True))
    return _Pair(arms.iloc[of_a].droplevel(1), arms.iloc[of_b].droplevel(1), named)


def _one_sided(cohort: Cohort, runners: pd.Index) -> int:
    """Return how many of some runners are compared by one foot alone."""
    return len(cohort.one_sided.intersection(runners))


def _paired_rows(cohort: Cohort, primary: Sequence[str]) -> Iterator[dict[str, object]]:
    modelled = cohort.modelled_arms()
    for a, b in paired_conditions(cohort):
        pair = _pair(cohort, a, b)
        conditions = tuple(modelled[arm] for arm in (a, b) if arm in modelled)
        kind = _Kind((a, b), "within_runners", cohort.virtual, conditions)
        bands = {
            "band": pair.bands().to_numpy() if conditions else None,
            # how moments are shared moves recordings too
            "muscles": pair.bands(MUSCLES).to_numpy(),
        }
        for place, (metric, known, first, second) in enumerate(pair.columns()):
            contrast = attempt(partial(within_runners, first, second))
            if isinstance(contrast, Failure):
                yield kind.row(cohort, metric, reason=contrast.reason)
                continue
            if contrast is None:
                continue
            row = kind.row(cohort, metric, **_told(first, second, contrast))
            row["n_one_sided"] = _one_sided(cohort, pair.a.index[known])
            for name, band in bands.items():
                if band is not None:
                    row[f"{name}_low"], row[f"{name}_high"] = band[place]
            if cohort.virtual:
                row |= UNTESTED | {"reason": NO_SPREAD}
            elif {status_in(cohort.techniques, one, metric) for one in conditions} - {FREE}:
                # the technique made it, so a test of it says nothing
                row |= {"p_raw": MISSING, "reason": "no finding of the technique: not tested"}
            yield row
        if not conditions and not cohort.virtual:
            yield from _mixed_rows(cohort, a, b, primary, _one_sided(cohort, pair.a.index))


def _own_rows(cohort: Cohort) -> Iterator[dict[str, object]]:
    """Return the one runner's conditions compared with each other."""
    modelled, recorded = cohort.modelled_arms(), set(cohort.trials["arm"][cohort.recorded])
    steps = foot_steps(cohort.steps)
    trials = cohort.trials.index.get_level_values("trial")
    trial_of = dict(zip(cohort.trials["arm"], map(str, trials), strict=True))
    for a, b in paired_conditions(cohort, 1):
        pair = _pair(cohort, a, b)
        conditions = tuple(modelled[arm] for arm in (a, b) if arm in modelled)
        kind = _Kind((a, b), ONE_RUNNER, cohort.virtual, conditions)
        bands = {"muscles": pair.bands(MUSCLES)} | ({"band": pair.bands()} if conditions else {})
        measured = {a, b} <= recorded and not cohort.virtual
        for metric in map(str, pair.a.columns):
            if not pair.known[metric].all():
                continue
            values = float(pair.a[metric].iloc[0]), float(pair.b[metric].iloc[0])
            feet = steps.get((trial_of[a], metric)), steps.get((trial_of[b], metric))
            row = kind.row(cohort, metric, **told(values, feet, recorded=measured))
            row["n_one_sided"] = _one_sided(cohort, pair.a.index)
            for name, band in bands.items():
                row[f"{name}_low"], row[f"{name}_high"] = band.loc[metric]
            yield row


def _mixed_rows(
    cohort: Cohort, a: str, b: str, metrics: Sequence[str], one_sided: int
) -> Iterator[dict[str, object]]:
    recordings = cohort.trials.index[cohort.recorded]
    keys = pd.MultiIndex.from_frame(cohort.steps[["subject", "trial"]])
    steps = cohort.steps[keys.isin(recordings)]
    kind = _Kind((a, b), "mixed_model")
    for metric in metrics:
        effect = attempt(partial(mixed_effect, steps[steps["metric"] == metric], a, b))
        if isinstance(effect, Failure):
            yield kind.row(cohort, metric, reason=effect.reason)
        elif effect is not None:
            yield kind.row(
                cohort,
                metric,
                n_a=effect.n,
                n_b=effect.n,
                n_one_sided=one_sided,
                difference=effect.difference,
                ci_low=effect.ci_low,
                ci_high=effect.ci_high,
                p_raw=effect.p,
            )


def _group_rows(cohort: Cohort) -> Iterator[dict[str, object]]:
    runners = cohort.by_subject
    groups = strike_groups(cohort)
    for metric, conditions in product(map(str, runners.columns), STRIKE_PAIRS):
        kind = _Kind(conditions, "between_runners", cohort.virtual)
        own = [runners.loc[groups == group, metric].dropna() for group in kind.conditions]
        a, b = (values.to_numpy(dtype=np.float64) for values in own)
        contrast = attempt(partial(between_runners, a, b))
        if isinstance(contrast, Failure):
            yield kind.row(cohort, metric, reason=contrast.reason)
        elif contrast is not None:
            row = kind.row(cohort, metric, **_told(a, b, contrast))
            row["n_one_sided"] = sum(_one_sided(cohort, values.index) for values in own)
            if cohort.virtual:
                row |= UNTESTED | {"reason": NO_SPREAD}
            elif metric == STRIKE_ANGLE:
                row |= {"p_raw": MISSING, "reason": "it made the groups"}
            yield row


def comparisons(cohort: Cohort, primary: Sequence[str]) -> pd.DataFrame:
    """Compare every metric between conditions.

    Where at least two runners share two conditions these are compared within runners;
    else runners are compared between strike classes, by angle. Of a cohort of one runner their
    conditions are compared, over their own steps.

    Args:
        cohort: the runners.
        primary: metrics of the primary family, which Holm corrects apart from the rest.

    Returns:
        The columns of comparisons.csv.
    """
    if cohort.alone:
        rows = list(_own_rows(cohort))
    elif paired_conditions(cohort):
        rows = list(_paired_rows(cohort, primary))
    else:
        rows = list(_group_rows(cohort))
    columns = [c for c in COMPARISON_COLUMNS if c != "p_holm"]
    table = pd.DataFrame(rows, columns=columns)
    return add_holm(table, primary, ("condition_a", "condition_b", "design"))


@dataclass(frozen=True)
class CompareOutputs:
    """Where comparisons.csv and regressions.csv go."""

    comparisons: Path
    regressions: Path


def compare_conditions(cohort: Cohort, primary: Sequence[str], outputs: CompareOutputs) -> None:
    """Write comparisons.csv and regressions.csv of a cohort.

    Args:
        cohort: the runners.
        primary: metrics that studies and claims name, the primary family.
        outputs: tables written; a header alone when there are too few runners.
    """
    write_table(comparisons(cohort, primary)[list(COMPARISON_COLUMNS)], outputs.comparisons)
    write_table(regressions(cohort, primary)[list(REGRESSION_COLUMNS)], outputs.regressions)
