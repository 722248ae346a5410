"""A runner's own view: their steps, feet, loads among the others', and what was wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from strikelean.lab.strike_classes import strike_class
from strikelean.report.digits import UNKNOWN, count, known, number, signed
from strikelean.report.own_words import (
    QUALITY,
    exclusion,
    own_warnings,
    patterns_in_all,
    quality_cells,
    trial_words,
)
from strikelean.report.where import LOADS, Load
from strikelean.studies.cohort import STRIKE_ANGLE, Cohort
from strikelean.studies.pools import RECORDING

MISSING = float("nan")
SIDES = ("right", "left")
OWN_LOADS = tuple(
    load
    for load in LOADS
    if load.metric
    in {
        "knee_extension_moment_peak_per_kg",
        "patellofemoral_stress_joint_reaction_powers_peak",
        "tibiofemoral_contact_force_peak_bw",
        "hip_extension_moment_peak_per_kg",
        "ankle_plantarflexion_moment_peak_per_kg",
        "achilles_force_peak_bw",
        "ground_vertical_force_peak_bw",
        "ground_vertical_force_loading_rate_average_bw",
    }
)
"""One load a joint or tissue of those in the figure of where the load goes."""


@dataclass(frozen=True)
class OwnLoad:
    """A load of one runner as they run of their own accord, among the cohort's.

    Attributes:
        load: which.
        unit: of all values.
        own: mean of both feet.
        others: every runner's value, in the order of their names; this one's among them.
        right, left: means of the feet; NaN of a foot without steps.
        spread: standard deviation from step to step within a foot, pooled; NaN of single steps.
    """

    load: Load
    unit: str
    own: float
    others: tuple[float, ...]
    right: float
    left: float
    spread: float

    @property
    def mean(self) -> float:
        """Mean over the cohort's runners."""
        return float(np.mean(self.others))

    @property
    def difference(self) -> float:
        """Right less left, in percent of their mean; NaN where a foot is missing."""
        middle = abs(self.right + self.left) / 2.0
        return 100.0 * (self.right - self.left) / middle if middle > 0.0 else MISSING

    @property
    def spread_percent(self) -> float:
        """Spread from step to step, in percent of the same mean."""
        middle = abs(self.right + self.left) / 2.0
        return 100.0 * self.spread / middle if middle > 0.0 else MISSING


@dataclass(frozen=True)
class Runner:
    """What is told of one runner.

    Attributes:
        name: as in the tables.
        key: for names in the page.
        steps: steps in use by foot.
        own: trials that show how they run of their own accord, in one condition at one speed.
        others: whether more trials were recorded, which these loads are not of.
        loads: see :class:`OwnLoad`; none where nothing is in use.
        trials: rows (trial, right foot, left foot) in words.
        quality: rows (trial, figures).
        warnings: in plain words.
        excluded: trials that are out.
    """

    name: str
    key: str
    steps: dict[str, int]
    own: tuple[str, ...]
    others: bool
    loads: tuple[OwnLoad, ...]
    trials: tuple[tuple[str, str, str], ...]
    quality: tuple[tuple[str, list[str]], ...]
    warnings: tuple[str, ...]
    excluded: tuple[Any, ...]

    @property
    def feet(self) -> list[str]:
        """Feet with steps."""
        return [side for side in SIDES if self.steps[side]]


def _foot_loads(steps: pd.DataFrame) -> pd.DataFrame:
    """Return mean and step-to-step variance by subject, metric and side, trials averaged.

    Args:
        steps: rows of metrics.csv of the trials that count.

    Returns:
        Columns ``mean`` and ``var`` by (subject, metric, side).
    """
    wanted = steps[steps["metric"].isin([load.metric for load in OWN_LOADS])]
    grouped = wanted.groupby(["subject", "metric", "side", "trial"])["value"]
    by_trial = grouped.agg(["mean", "var"])
    return by_trial.groupby(level=["subject", "metric", "side"]).mean()


def _load(load: Load, feet: pd.DataFrame, subject: str, unit: str) -> OwnLoad | None:
    """Return a runner's load, or None where it is not known of them."""
    by_foot = feet.xs(load.metric, level="metric")
    runners = by_foot["mean"].groupby(level="subject").mean().dropna()
    if subject not in runners.index:
        return None
    own = by_foot.loc[subject].reindex(list(SIDES))
    right, left = (float(own["mean"][side]) for side in SIDES)
    variance = own["var"].dropna()
    return OwnLoad(
        load,
        unit,
        float(runners[subject]),
        tuple(float(value) for value in runners.sort_index()),
        right,
        left,
        math.sqrt(float(variance.mean())) if len(variance) else MISSING,
    )


def _foot_words(angles: pd.Series[float], used: object, valid: object) -> str:
    """Return a foot of a trial: its steps, class and angle."""
    steps = f"{count(used)} of {count(valid)} steps"
    angles = angles.dropna()
    if angles.empty:
        return f"{steps}, no strike angle"
    text = f"{steps}, {strike_class(float(angles.median()))}, {signed(float(angles.mean()), 1)}"
    return text + (f" ± {number(float(angles.std()), 2)} deg" if len(angles) > 1 else " deg")


def _trial_rows(
    judged: pd.DataFrame, strikes: pd.DataFrame
) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, list[str]], ...]]:
    rows, quality = [], []
    for _, row in judged[judged["included"] == "yes"].iterrows():
        own = strikes[strikes[RECORDING] == row["trial"]]
        feet = [
            _foot_words(
                own.loc[own["side"] == side, "value"],
                row.get(f"reported_steps_{side}"),
                row.get(f"valid_steps_{side}"),
            )
            for side in SIDES
        ]
        name = trial_words(row["trial"])
        rows.append((name, feet[0], feet[1]))
        quality.append((name, quality_cells(row)))
    return tuple(rows), tuple(quality)


SPEED = "running_speed"
ONE_SPEED = 1.10
"""Ratio of speeds from which two recordings are of different speeds (project choice; passes over
a runway that are asked for at one speed are usually kept within 5 % of it)."""


def _speed_groups(speeds: pd.Series[float]) -> pd.Series[int]:
    """Return each runner's recordings in groups of one speed, numbered from the slowest."""
    ordered = speeds.sort_values(kind="stable")
    faster = ordered / ordered.groupby(level="subject").shift() > ONE_SPEED
    return faster.astype(int).groupby(level="subject").cumsum().reindex(speeds.index)


def own_setting(steps: pd.DataFrame) -> pd.DataFrame:
    """Return every runner's steps at one speed: that nearest to the one that is usual here.

    Loads rise with speed: a mean over recordings of several would be of none of them.

    Args:
        steps: rows of metrics.csv of recordings of one condition a runner.
    """
    told = steps[steps["metric"] == SPEED].groupby(["subject", RECORDING])["value"].mean().dropna()
    if told.empty:
        return steps
    groups = _speed_groups(told)
    means = told.groupby([told.index.get_level_values("subject"), groups]).mean()
    off = (means / float(means.median()) - 1.0).abs()
    nearest = off.groupby(level="subject").idxmin().map(lambda place: place[1])
    own = groups == nearest.reindex(groups.index.get_level_values("subject")).to_numpy()
    keys = pd.MultiIndex.from_frame(steps[["subject", RECORDING]])
    # of a recording whose speed is not known nothing speaks against it
    unknown = ~keys.isin(groups.index)
    return steps[keys.isin(own.index[own]) | unknown]


def runners(cohort: Cohort, judged: pd.DataFrame) -> list[Runner]:
    """Return every runner of the cohort and of its excluded trials, sorted by name.

    Args:
        cohort: the runners in use.
        judged: quality.csv.
    """
    habitual = cohort.habitual.index[cohort.habitual]
    steps = cohort.steps
    keys = pd.MultiIndex.from_frame(steps[["subject", "trial"]])
    own_steps = own_setting(steps[keys.isin(habitual)])
    feet = _foot_loads(own_steps)
    strikes = steps[steps["metric"] == STRIKE_ANGLE]
    said = patterns_in_all(judged)
    having = set(feet.index.get_level_values("metric"))
    counted = own_steps[["subject", "trial", RECORDING, "side", "step"]].drop_duplicates()
    unasked = steps[keys.isin(cohort.unasked.index[cohort.unasked])]
    recordings = unasked[["subject", RECORDING]].drop_duplicates()
    told = counted[["subject", RECORDING]].drop_duplicates()
    several = set(
        recordings.merge(told, how="left", indicator=True).query("_merge != 'both'")["subject"]
    )
    found = []
    for place, name in enumerate(
        sorted({*map(str, steps["subject"]), *map(str, judged["subject"])})
    ):
        mine = judged[judged["subject"] == name]
        trials, quality = _trial_rows(mine, strikes[strikes["subject"] == name])
        loads = [
            _load(load, feet, name, cohort.units[load.metric])
            for load in OWN_LOADS
            if load.metric in having
        ]
        own = counted[counted["subject"] == name]
        out = mine[mine["included"] != "yes"]
        found.append(
            Runner(
                name=name,
                key=f"own-{place + 1}",
                steps={side: int((own["side"] == side).sum()) for side in SIDES},
                own=tuple(trial_words(trial) for trial in dict.fromkeys(own[RECORDING])),
                others=name in several,
                loads=tuple(load for load in loads if load is not None),
                trials=trials,
                quality=quality,
                warnings=tuple(own_warnings(judged, name, said)),
                excluded=tuple(
                    exclusion(trial_words(row["trial"]), row["reason"]) for _, row in out.iterrows()
                ),
            )
        )
    return found


def symmetry_rows(runner: Runner) -> list[dict[str, str]]:
    """Return how a runner's feet differ, as printed."""

    def percent(value: float) -> str:
        return signed(value, 1) if known(value) else UNKNOWN

    return [
        {
            "load": load.load.label + ("" if load.unit == "1" else f", {load.unit}"),
            "right": number(load.right),
            "left": number(load.left),
            "difference": percent(load.difference),
            "spread": percent(load.spread_percent),
        }
        for load in runner.loads
    ]


def uneven(runner: Runner) -> str:
    """Return in words which loads differ between the feet by more than between single steps."""
    told = [load for load in runner.loads if known(load.difference) and known(load.spread_percent)]
    if not told:
        return "Steps are too few to tell a difference between the feet from one between steps."
    more = [load for load in told if abs(load.difference) > load.spread_percent]
    if not more:
        return "No load differs between the feet by more than single steps of one foot differ."
    names = ", ".join(
        f"{load.load.spoken} ({number(abs(load.difference), 2)} % more on the "
        f"{'right' if load.difference > 0 else 'left'})"
        for load in more
    )
    return f"The feet differ by more than single steps of one foot do in {names}."


HEADER = (
    "load",
    "metric",
    "unit",
    "own",
    "cohort_mean",
    "cohort_low",
    "cohort_high",
    "right",
    "left",
    "right_less_left_percent",
    "step_sd_percent",
)


def number_rows(runner: Runner) -> list[list[float | str | None]]:
    """Return a runner's numbers for the page's data, None where unknown."""
    rows: list[list[float | str | None]] = [list(HEADER)]
    for load in runner.loads:
        numbers = (
            *(load.own, load.mean, min(load.others), max(load.others), load.right, load.left),
            *(load.difference, load.spread_percent),
        )
        told = [load.load.label, load.load.metric, load.unit]
        rows.append([*told, *(round(n, 5) if known(n) else None for n in numbers)])
    return rows


def headings() -> Sequence[str]:
    """Return the headings of the figures of quality."""
    return [heading for _, heading, _ in QUALITY]
