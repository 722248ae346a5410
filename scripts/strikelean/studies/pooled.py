"""What several studies of the same runners published of one contrast, together.

A random-effects mean of the published effects on one quantity (statsmodels' combine_effects;
between-study variance after Paule and Mandel 1982, 10.6028/jres.087.022). Its interval is Student's
with the Hartung-Knapp factor, never taken under one, since two or three studies agree by accident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from strikelean.attempts import Failure, attempt
from strikelean.formats.files import write_table
from strikelean.studies.cohort import Cohort
from strikelean.studies.contrasts import SPREAD_IS_SET, Unanswered, answer
from strikelean.studies.definitions import PERCENT, SMD, ContrastSpec, Effect, Study
from strikelean.studies.estimates import Estimate, estimate, published_interval
from strikelean.studies.pairs import FARTHEST
from strikelean.studies.statistics import CONFIDENCE

POOLED_COLUMNS = (
    "contrast",
    "quantity",
    "metric",
    "unit",
    "dose",
    "k",
    "studies",
    "imputed",
    "left_out",
    "pooled",
    "ci_low",
    "ci_high",
    "tau2",
    "i2_percent",
    "computed",
    "computed_ci_low",
    "computed_ci_high",
    "band_low",
    "band_high",
    "n",
    "covered",
    "ratio",
    "reason",
)
READ = ("full_text", "abstract", "derived")
"""Levels of evidence that a mean rests on; somebody else's account stands beside it only."""

MISSING = float("nan")
NO_SHARE_UNITS = ("deg", "1")


@dataclass(frozen=True)
class Finding:
    """One study's effect on one quantity.

    Attributes:
        study: its name.
        spec: the contrast.
        unit: of ``effect``.
        effect: published size, b against a.
        error: standard error; NaN where none can be had.
        runners: how many; NaN where it is not a number.
    """

    study: str
    spec: ContrastSpec
    unit: str
    effect: float
    error: float
    runners: float

    @property
    def dose(self) -> float:
        """Change that the effect belongs to, NaN where the contrast has no dose."""
        return MISSING if self.spec.dose is None else self.spec.dose.change

    def at(self, dose: float) -> Finding:
        """Return the effect at another dose, along a line through zero."""
        if not np.isfinite(dose):
            return self
        factor = dose / self.dose
        return replace(self, effect=factor * self.effect, error=factor * self.error)


def standard_error(effect: Effect, runners: float) -> float:
    """Return the standard error of a published effect, in its unit, NaN where none can be had.

    From its interval, its groups or its p (the bound it was under, so that the error is rather
    too large; Cochrane Handbook, chapter 6), the smallest. Groups of the same runners are taken as
    unpaired, which is too large, too.
    """
    freedom = runners - 1.0 if np.isfinite(runners) else 1e6
    quantile = float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, freedom))
    found = []
    if effect.ci is not None:
        found.append((effect.ci[1] - effect.ci[0]) / (2.0 * quantile))
    if effect.groups is not None:
        a, b = effect.groups
        low, high = published_interval(a, b)
        welch = float(np.hypot(a.sd / np.sqrt(a.n), b.sd / np.sqrt(b.n)))
        found.append(welch if np.isfinite(low + high) else MISSING)
    if np.isfinite(effect.p) and effect.p < 1.0:
        found.append(abs(effect.effect) / float(stats.t.isf(effect.p / 2.0, freedom)))
    return min(found, default=MISSING)


def _finding(study: Study, effect: Effect) -> Finding:
    """Return an effect as it is pooled: in percent where its unit has a zero."""
    runners = float(study.n) if study.n.isdigit() else MISSING
    error, size, unit = standard_error(effect, runners), effect.effect, effect.unit
    if effect.groups is not None and unit not in (*NO_SHARE_UNITS, PERCENT, SMD):
        own = effect.groups[0].mean
        size, error, unit = 100.0 * size / own, 100.0 * error / abs(own), PERCENT
    return Finding(study.name, effect.contrast, unit, size, error, runners)


Key = tuple[str, str, str, float, str, str]


def _key(finding: Finding, quantity: str) -> Key:
    """Return what findings must share: conditions, dose and its direction, quantity, unit."""
    spec = finding.spec
    kind = "" if spec.dose is None else f"{spec.dose.metric} {spec.dose.relative}"
    sign = 0.0 if spec.dose is None else float(np.sign(spec.dose.change))
    return spec.condition_a, spec.condition_b, kind, sign, quantity, finding.unit


@dataclass
class Together:
    """Findings on one quantity of one contrast, by study, and the metrics beside them."""

    by_study: dict[str, list[Finding]] = field(default_factory=dict)
    metrics: dict[str, None] = field(default_factory=dict)

    def findings(self) -> list[Finding]:
        """Return one a study: of several doses the largest, of several figures their mean."""
        return [_of_study(own) for own in self.by_study.values()]


def by_quantity(studies: Sequence[Study]) -> dict[Key, Together]:
    """Return published sizes of the same runners in two conditions, by contrast and quantity."""
    every: dict[Key, Together] = {}
    for study in studies:
        for effect in study.effects if study.design == "within_runners" else ():
            usable = np.isfinite(effect.effect) and effect.contrast.condition_b
            if not usable or effect.evidence_level not in READ:
                continue
            own = _finding(study, effect)
            for metric in effect.metrics:
                found = every.setdefault(_key(own, effect.quantity or metric), Together())
                found.metrics[metric] = None
                listed = found.by_study.setdefault(study.name, [])
                if own not in listed:
                    listed.append(own)
    return every


def _of_study(own: Sequence[Finding]) -> Finding:
    farthest = max((abs(one.dose) for one in own if np.isfinite(one.dose)), default=MISSING)
    chosen = [one for one in own if not abs(one.dose) < farthest]
    return replace(
        chosen[0],
        effect=float(np.mean([one.effect for one in chosen])),
        error=float(np.mean([one.error for one in chosen])),
    )


@dataclass(frozen=True)
class Pool:
    """Findings taken together at one dose.

    Attributes:
        findings: at that dose, every one with an error.
        dose: NaN where the contrast has none.
        imputed: studies whose error is not known and was taken from the others'.
        left_out: studies whose dose is too far from the others'.
    """

    findings: tuple[Finding, ...]
    dose: float
    imputed: tuple[str, ...]
    left_out: tuple[str, ...]


def pool(own: Sequence[Finding]) -> Pool | str:
    """Return findings brought to their median dose, or why they cannot be taken together.

    A study whose dose is more than 1.5 times off is left out. Where no error was published the
    runners' change is taken to vary as much as in the median of the others (Cochrane
    Handbook, chapter 6).
    """
    dose = float(np.median([one.dose for one in own]))
    far = [one for one in own if not 1.0 / FARTHEST <= one.dose / dose <= FARTHEST]
    far = far if np.isfinite(dose) else []
    near = [one.at(dose) for one in own if one not in far]
    left_out = tuple(one.study for one in far)
    if len(near) < 2:
        return f"{len(near)} study at a comparable dose"
    spreads = [one.error * np.sqrt(one.runners) for one in near if np.isfinite(one.error)]
    known = [spread for spread in spreads if np.isfinite(spread)]
    if not known:
        return "no study tells an interval, deviations or p"
    usual = float(np.median(known))
    imputed = tuple(one.study for one in near if not np.isfinite(one.error))
    filled = tuple(
        one if np.isfinite(one.error) else replace(one, error=usual / float(np.sqrt(one.runners)))
        for one in near
    )
    return Pool(filled, dose, imputed, left_out)


def combined(own: Sequence[Finding]) -> dict[str, float]:
    """Return the random-effects mean, its interval, and how far studies differ."""
    effects = np.array([one.effect for one in own])
    variances = np.array([one.error**2 for one in own])
    with np.errstate(divide="ignore"):  # where effects are all alike there is no ratio to tell
        found = combine_effects(effects, variances, method_re="iterated")
    factor = float(np.sqrt(max(1.0, found.scale_hksj_re)))
    quantile = float(stats.t.ppf(0.5 + CONFIDENCE / 2.0, len(own) - 1))
    half = quantile * factor * float(found.sd_eff_w_re)
    mean = float(found.mean_effect_re)
    return {
        "pooled": mean,
        "ci_low": mean - half,
        "ci_high": mean + half,
        "tau2": float(found.tau2),
        "i2_percent": 100.0 * max(0.0, float(found.i2)),
    }


def _computed(cohort: Cohort, spec: ContrastSpec, metric: str, unit: str) -> Estimate | Unanswered:
    if unit == SMD and cohort.virtual:
        return Unanswered(SPREAD_IS_SET)
    sample = attempt(lambda: answer(cohort, spec, metric))
    if isinstance(sample, Failure | Unanswered):
        return Unanswered(sample.reason)
    found = attempt(partial(estimate, sample, unit))
    if isinstance(found, Failure):
        return Unanswered(found.reason)
    return Unanswered("nothing here is in its unit") if found is None else found


def _beside(found: Estimate | Unanswered, pooled: dict[str, float]) -> dict[str, Any]:
    """Return what is computed here beside a pooled effect."""
    if isinstance(found, Unanswered):
        return {"reason": f"not testable here ({found.reason})"}
    low, high = found.band if found.predicted else found.interval
    inside = low <= pooled["pooled"] <= high
    tested = not found.predicted
    return {
        "computed": found.value,
        "computed_ci_low": found.low if tested else MISSING,
        "computed_ci_high": found.high if tested else MISSING,
        "band_low": found.band[0],
        "band_high": found.band[1],
        "n": found.n_a,
        "covered": "" if np.isnan(low + high) else "yes" if inside else "no",
        "ratio": found.value / pooled["pooled"] if pooled["pooled"] else MISSING,
    }


def _rows(cohort: Cohort, quantity: str, unit: str, together: Together) -> list[dict[str, Any]]:
    """Return one row a metric that is set beside a quantity."""
    own = together.findings()
    spec = own[0].spec
    named: dict[str, Any] = {"quantity": quantity, "unit": unit, "reason": ""}
    named["contrast"] = f"{spec.condition_b} against {spec.condition_a}"
    pooled = pool(own)
    if isinstance(pooled, str):
        left_out = "; ".join(one.study for one in own)
        named |= {"k": 0, "left_out": left_out, "reason": pooled}
        return [named | {"metric": metric} for metric in together.metrics]
    if spec.dose is not None:
        spec = replace(spec, dose=replace(spec.dose, change=pooled.dose))
    numbers = combined(pooled.findings)
    named |= numbers | {
        "dose": pooled.dose,
        "k": len(pooled.findings),
        "studies": "; ".join(one.study for one in pooled.findings),
        "imputed": "; ".join(pooled.imputed),
        "left_out": "; ".join(pooled.left_out),
    }
    return [
        named | {"metric": metric} | _beside(_computed(cohort, spec, metric, unit), numbers)
        for metric in together.metrics
    ]


def write_published_summary(cohort: Cohort, studies: Sequence[Study], output: Path) -> None:
    """Write published_summary.csv of a cohort."""
    write_table(published_summary(cohort, studies), output)


def published_summary(cohort: Cohort, studies: Sequence[Study]) -> pd.DataFrame:
    """Return the mean of the published effects of each contrast and quantity, and ours beside it.

    Returns:
        The columns of published_summary.csv, one row a contrast, quantity and metric, of which at
        least two studies of the same runners in two conditions published a size; where they
        cannot be taken together the numbers are blank and ``reason`` says why. ``covered`` is
        whether the published mean lies in the model's band, of recordings in the interval.
    """
    rows = [
        row
        for (*_, quantity, unit), together in by_quantity(studies).items()
        if len(together.by_study) > 1
        for row in _rows(cohort, quantity, unit, together)
    ]
    return pd.DataFrame(rows, columns=list(POOLED_COLUMNS))
