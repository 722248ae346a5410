"""What goes with the foot-strike angle over a runner's own steps: within_runner_slopes.csv.

No two steps of a runner are alike. The slope of a metric on the foot-strike angle over one
runner's steps compares that runner with nobody but themselves, at one speed and in one session. It
is a covariation and no intervention: nobody was asked to land otherwise, and what else changes from
step to step changes with it. Beside it stands the slope that a model predicts of runners who are
made to land otherwise.

Steps are set against the mean of their own trial and side; trials of one condition with a single
step of a foot each, as overground, against the mean of these together. Each runner has one slope
with its standard error; the slopes are pooled as studies are, with random effects (Paule and
Mandel) and the interval of Hartung and Knapp 2001 (10.1002/sim.791), so that every runner counts as
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.declarations import FREE
from strikelean.formats.files import write_table
from strikelean.studies.cohort import STRIKE_ANGLE, Cohort
from strikelean.studies.contrasts import Sample, Unanswered, answers
from strikelean.studies.definitions import PERCENT, ContrastSpec
from strikelean.studies.estimates import estimate
from strikelean.studies.families import add_holm
from strikelean.studies.mixed import FEWEST_RUNNERS
from strikelean.studies.pools import RECORDING
from strikelean.studies.statistics import t_p, t_quantile

SLOPE_COLUMNS = (
    "metric",
    "unit",
    "predictor",
    "covariation",
    "ci_low",
    "ci_high",
    "runners",
    "steps",
    "p_raw",
    "p_holm",
    "predicted_intervention",
    "predicted_low",
    "predicted_high",
    "predicted_runners",
    "prediction",
)
FOREFOOT = ContrastSpec(
    "forefoot", "made to land on the forefoot", "heel_strike", "forefoot_upright"
)
OWN = ["subject", "trial", "side"]
FEWEST_FREE = 3
"""Degrees of freedom that a runner's own slope needs (project definition)."""

# a share of an angle, an index or a percentage means nothing
NO_SHARE_UNITS = ("deg", "1", PERCENT)
MISSING = float("nan")


@dataclass(frozen=True)
class Pooled:
    """A slope over the steps of runners, pooled over runners."""

    slope: float
    low: float
    high: float
    p: float
    runners: int
    steps: int


def _wide(cohort: Cohort) -> pd.DataFrame:
    """Return the steps of recordings by what they are set against, one column a metric."""
    recordings = cohort.trials.index[cohort.recorded]
    places = pd.MultiIndex.from_frame(cohort.steps[["subject", "trial"]])
    own = cohort.steps[places.isin(recordings)]
    foot = ["subject", RECORDING, "side"]
    several = own.groupby(foot)["step"].transform("nunique") > 1
    # beside a trial of several steps its single ones would be set against its mean
    own = own.assign(trial=own[RECORDING].where(several, own["trial"] + " single steps"))
    return own.pivot_table(index=[*OWN, "step"], columns="metric", values="value")


def runner_slopes(steps: pd.DataFrame, metric: str, *, share: bool) -> pd.DataFrame:
    """Return each runner's slope of a metric on the foot-strike angle over their own steps.

    Args:
        steps: by subject, trial, side and step, one column a metric.
        metric: name.
        share: whether in percent of the mean of the step's own trial and side.

    Returns:
        By subject: ``slope`` per degree, its ``variance`` and ``steps``; runners whose steps
        leave fewer than three degrees of freedom, or whose angle does not vary, are left out.
    """
    known = steps[[STRIKE_ANGLE, metric]].dropna()
    means = known.groupby(level=OWN).transform("mean")
    x, y = known[STRIKE_ANGLE] - means[STRIKE_ANGLE], known[metric] - means[metric]
    y = 100.0 * y / means[metric] if share else y
    subject = known.index.get_level_values("subject")
    table = pd.DataFrame({"xx": x * x, "xy": x * y, "yy": y * y}).groupby(subject).sum()
    table["steps"] = known.groupby(level="subject").size()
    units = known.groupby(level=OWN).size().groupby(level="subject").size()
    freedom = table["steps"] - units - 1
    table = table[(freedom >= FEWEST_FREE) & (table["xx"] > 0.0)]
    slope = table["xy"] / table["xx"]
    rest = (table["yy"] - slope * table["xy"]).clip(lower=0.0)
    variance = rest / freedom[table.index] / table["xx"]
    return pd.DataFrame({"slope": slope, "variance": variance, "steps": table["steps"]})


def pooled(slopes: pd.DataFrame) -> Pooled | None:
    """Pool slopes of runners; None of fewer than three, or where one fits without any error."""
    if len(slopes) < FEWEST_RUNNERS or not (slopes["variance"] > 0.0).all():
        return None
    # loaded here: it takes longer than all else, and steps of virtual runners are not pooled
    from statsmodels.stats.meta_analysis import combine_effects

    own = slopes["slope"].to_numpy(dtype=np.float64)
    found = combine_effects(
        own, slopes["variance"].to_numpy(dtype=np.float64), method_re="pm", use_t=True
    )
    slope, error = float(found.mean_effect_re), float(np.sqrt(found.var_hksj_re))
    freedom = own.size - 1
    half = t_quantile(freedom) * error
    p = t_p(slope / error, freedom) if error > 0.0 else MISSING
    return Pooled(slope, slope - half, slope + half, p, own.size, int(slopes["steps"].sum()))


def _shares(values: pd.Series[float], unit: str) -> bool:
    """Whether percent of a metric mean anything: it is above zero throughout, or below."""
    known = values.dropna()
    return unit not in NO_SHARE_UNITS and bool((known > 0.0).all() or (known < 0.0).all())


def _angle_changes(cohort: Cohort) -> pd.Series[float]:
    """Return by how much a model made each runner land flatter, the mean over their trials."""
    own = cohort.trials
    derived = own[(own["condition"] == FOREFOOT.condition_b) & (own["predicted"] | cohort.virtual)]
    heel = own.index[own["condition"] == FOREFOOT.condition_a]
    if STRIKE_ANGLE not in cohort.means:
        return pd.Series(dtype=float)
    angle = cohort.means[STRIKE_ANGLE]
    changes = {}
    for (subject, trial), parent in zip(derived.index, derived["parent"], strict=True):
        bases = [(subject, parent)] if parent else [one for one in heel if one[0] == subject]
        before = angle.reindex(bases).mean()
        changes[subject, trial] = float(angle[subject, trial]) - float(before)
    table = pd.Series(changes, dtype=float).dropna()
    return table.groupby(level=0).mean() if len(table) else table


def _predicted(
    cohort: Cohort, metric: str, unit: str, changes: pd.Series[float]
) -> dict[str, object]:
    """Return what the model predicts of landing on the forefoot, per degree, as cells of a row."""
    found = answers(cohort, FOREFOOT, metric)
    sample = next((one for one in found if isinstance(one, Sample) and one.predicted), None)
    if sample is None:
        kinds = [one.kind for one in found if isinstance(one, Unanswered) and one.kind]
        return {"prediction": kinds[0]} if kinds else {}
    size = estimate(sample, unit)
    angle = float(changes.reindex(list(sample.subjects)).mean())
    if size is None or not abs(angle) > 0.0:
        return {}
    low, high = sorted(end / angle for end in size.band)
    return {
        "predicted_intervention": size.value / angle,
        "predicted_low": low,
        "predicted_high": high,
        "predicted_runners": size.n_a,
        "prediction": FREE,
    }


def step_slopes(cohort: Cohort, primary: Sequence[str]) -> pd.DataFrame:
    """Return the slope of every metric on the foot-strike angle within runners.

    Args:
        cohort: the runners; of virtual ones, whose steps differ as they were drawn, only what the
            model predicts of them.
        primary: metrics that studies and claims name, the primary family of Holm's correction.

    Returns:
        The columns of within_runner_slopes.csv; slopes are per degree, toe-up positive.
    """
    steps, changes = _wide(cohort), _angle_changes(cohort)
    rows: list[dict[str, object]] = []
    for metric in steps.columns.drop(STRIKE_ANGLE) if STRIKE_ANGLE in steps else []:
        unit = cohort.units[metric]
        share = _shares(steps[metric], unit)
        row: dict[str, object] = {
            "metric": metric,
            "unit": f"{PERCENT if share else unit}/deg",
            "predictor": STRIKE_ANGLE,
        }
        own = None if cohort.virtual else pooled(runner_slopes(steps, metric, share=share))
        if own is not None:
            row |= {
                "covariation": own.slope,
                "ci_low": own.low,
                "ci_high": own.high,
                "runners": own.runners,
                "steps": own.steps,
                "p_raw": own.p,
            }
        if len(changes):
            row |= _predicted(cohort, metric, PERCENT if share else "", changes)
        if own is not None or "predicted_intervention" in row:
            rows.append(row)
    columns = [name for name in SLOPE_COLUMNS if name != "p_holm"]
    table = add_holm(pd.DataFrame(rows, columns=columns), primary, ("predictor",))
    whole = dict.fromkeys(("runners", "steps", "predicted_runners"), "Int64")
    return table[list(SLOPE_COLUMNS)].astype(whole)


def write_step_slopes(cohort: Cohort, primary: Sequence[str], output: Path) -> None:
    """Write within_runner_slopes.csv of a cohort, a header alone where nothing can be had."""
    write_table(step_slopes(cohort, primary), output)
