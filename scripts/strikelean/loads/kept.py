"""What techniques say of every metric of a cohort, and whether what they keep was kept.

A metric that a technique says it keeps must be as the runner's own trial has it, on average over
runners; where it is not, its values are blank and say why: they are neither the recording's nor a
prediction that anything stands behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import pandas as pd

from strikelean.declarations import FREE, KEPT, Declaration
from strikelean.techniques import split_name

T = TypeVar("T", bool, str)

RELATIVE = 0.025
"""Largest change of a kept metric, share of the recorded mean (project's choice): half of 5 %, a
small effect on a peak load. Of six virtual runners' conditions contact time, step length, impulse
and peak of vertical force stay within 1.6 %; braking force and loading rates under lean move by 2
to 4 %, loading rates under a strike by 5 to 12 %."""

ABSOLUTE = {"deg": 1.0, "%": 5.0, "1": 0.05, "m": 0.005}
"""Largest change by unit, where zero is a value like any other (project's choice). There, angles
averaged over stance stay within 0.4 deg but hip rotation under a strike (1.0), hip adduction at
contact moves by 1.5 deg, and impact peaks become 28 to 29 % of steps more common."""

COLUMNS = ("class", "reason")

FROM_STEP_TO_STEP = (
    "step_time",
    "step_rate",
    "step_length",
    "step_length_per_height",
    "step_width",
    "running_speed",
)
"""Metrics from the other foot's contact before to a foot's own."""
PER_KM = "_per_km"
FORCE = "ground_vertical_force_peak"
"""The metric that every trial with forces has."""
UNITS_OF_MOTION = ("s", "steps/min", "m", "1", "m/s", "deg", "%")
"""Units of metrics that markers alone give."""
OF_PRESSURE = ("centre_of_pressure", "strike_index", "ground_impact_peak_present")
"""Beginnings of metrics that have such a unit and ask for a force all the same."""
NO_FORCES = "no forces were recorded"
NO_STEP = "the other foot's contact before this one was not recorded"
NO_LENGTH = "no step length in the trial"


def _of_names(column: pd.Series[str], make: Callable[[str], T]) -> pd.Series[T]:
    """Return what is made of each name of a long column, in which few names stand often."""
    return column.map({name: make(str(name)) for name in column.unique()})


def _is_changed(
    table: pd.DataFrame, declared: Mapping[str, Declaration], virtual: bool
) -> pd.Series[bool]:
    """Return whether each row is of a trial that a technique changed."""
    known = table["condition"].isin(list(declared))
    return known if virtual else known & _of_names(table["trial"], lambda name: "~" in name)


def _bases(
    table: pd.DataFrame, changed: pd.Series[bool], habitual: str
) -> dict[tuple[str, str], str]:
    """Return the trial that each changed trial is held against, by subject and trial."""
    trials = table.loc[changed, ["subject", "trial"]].drop_duplicates()
    own = table.loc[~changed & (table["condition"] == habitual), ["subject", "trial"]]
    first = own.drop_duplicates("subject").set_index("subject")["trial"]
    found = {}
    for subject, trial in trials.itertuples(index=False):
        parent, technique = split_name(str(trial))
        found[subject, trial] = str(first.get(subject, "")) if technique is None else parent
    return found


def not_kept(base: pd.Series[float], after: pd.Series[float], metric: str, unit: str) -> str:
    """Return why a metric was not kept, empty where it was or nothing is known.

    Args:
        base, after: one value a runner, without and with the technique, same index.
        metric: its name.
        unit: as in the list of metrics.
    """
    both = pd.concat([base, after], axis=1).dropna()
    if both.empty:
        return ""
    before, change = (
        float(both.iloc[:, 0].mean()),
        float((both.iloc[:, 1] - both.iloc[:, 0]).mean()),
    )
    if unit in ABSOLUTE and not metric.endswith("_per_height"):
        limit, ending = ABSOLUTE[unit], "" if unit == "1" else f" {unit}"
        moved, allowed = f"{change:+.3g}{ending}", f"{limit:g}{ending}"
    else:
        change, limit = change / abs(before) if before else 0.0, RELATIVE
        moved, allowed = f"{change:+.1%}", f"{limit:.1%}"
    return "" if abs(change) <= limit else f"not kept: {moved} where {allowed} is allowed"


def _needs_force(table: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows a recording without forces cannot give."""
    pressure = _of_names(table["metric"], lambda name: name.startswith(OF_PRESSURE))
    return pressure | ~table["unit"].isin(UNITS_OF_MOTION)


def _unforced(table: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows are of a trial in which no step has a ground force."""
    force = table["value"].where(table["metric"] == FORCE)
    known = force.notna().groupby([table["subject"], table["trial"]]).transform("any")
    asked = (table["metric"] == FORCE).groupby([table["subject"], table["trial"]]).transform("any")
    return asked & ~known


def _told_blank(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with why values without forces, or from step to step, are blank."""
    silent = table["value"].isna() & (table["reason"] == "")
    if silent.any():
        unforced = silent & _unforced(table) & _needs_force(table)
        table.loc[unforced, "reason"] = NO_FORCES
        silent &= ~unforced
    per_km = _of_names(table["metric"], lambda name: PER_KM in name)
    table.loc[silent & table["metric"].isin(FROM_STEP_TO_STEP), "reason"] = NO_STEP
    table.loc[silent & per_km, "reason"] = NO_LENGTH
    return table


def declare(
    table: pd.DataFrame, declared: Mapping[str, Declaration], *, virtual: bool, habitual: str
) -> pd.DataFrame:
    """Return the cohort's metrics with ``class`` and ``reason``; blank where nothing was kept.

    Args:
        table: columns of metrics.csv.
        declared: what techniques declare, by condition.
        virtual: whether the runners are virtual: then recordings of other conditions were made to
            be so, and stand against the runner's habitual one.
        habitual: condition of virtual runners' own way of running.

    Returns:
        ``class`` is free, imposed, kept, follows or withheld in trials that a technique changed,
        else empty. ``reason`` says why a value is blank, and of a damage that it is free in its
        peaks alone.
    """
    result = table.assign(**dict.fromkeys(COLUMNS, ""))
    changed = _is_changed(table, declared, virtual)
    if not changed.any():
        return _told_blank(result)
    said = result.loc[changed, ["condition", "metric"]]
    told = said.drop_duplicates()
    pairs = list(told.itertuples(index=False, name=None))
    counts = [declared[condition].count_status(metric) for condition, metric in pairs]
    told = told.assign(
        told_class=[declared[condition].status(metric) for condition, metric in pairs],
        told_reason=[
            f"how often it comes is {count}" if count not in ("", FREE) else "" for count in counts
        ],
    )
    of_rows = said.merge(told, on=list(said.columns), how="left")
    for name in COLUMNS:
        result.loc[changed, name] = of_rows[f"told_{name}"].to_numpy()
    bases = _bases(table, changed, habitual)
    unit = ["metric", "subject", "trial"]
    by_side = result.groupby([*unit, "side"], sort=False)["value"].mean()
    means = by_side.groupby(level=unit, sort=False).mean()
    technique = _of_names(result["trial"], lambda name: name.partition("~")[2])
    kept = result[changed & (result["class"] == KEPT)]
    arm = technique.where(technique != "", result["condition"]).loc[kept.index].rename("arm")
    for (_, metric), rows in kept.groupby([arm, "metric"], sort=False):
        trials = list(rows[["subject", "trial"]].drop_duplicates().itertuples(index=False))
        after = pd.Series([means.get((metric, s, t)) for s, t in trials], dtype=float)
        before = pd.Series([means.get((metric, s, bases[s, t])) for s, t in trials], dtype=float)
        why = not_kept(before, after, str(metric), str(rows["unit"].iloc[0]))
        if why:
            result.loc[rows.index, ["value", "value_low", "value_high"]] = float("nan")
            result.loc[rows.index, "reason"] = why
    return _told_blank(result)
