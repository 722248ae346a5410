"""What the sliders of a page must say, as :mod:`page_sources`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from page_cohort import Expected, Sources, between
from page_reading import Table, fits, said
from strikelean.report.explorer import LOADS as EXPLORED


def _changed(first: pd.Series[float], second: pd.Series[float], *, percent: bool) -> Any:
    return 100.0 * (second / first - 1.0) if percent else second - first


CHOICE = "technique: "
MARKED = re.compile(r"( \(mean of \d+: the rest not known throughout\))?( assumed)?$")


def swept(sources: Sources) -> Iterator[tuple[float, pd.DataFrame]]:
    """Return what a sweep gives at every angle, deg, as :func:`arms`."""
    table = sources.table("sweep")
    if not len(table):
        return
    choices = [name for name in table if name.startswith(CHOICE)]
    known = table[table["status"].isin(["solved", "stretch"])]
    # what no choice moves may carry the bracket of an area curve
    bare = known[choices].isna().all(axis=1)
    ends = {f"{CHOICE}{end} end": known[f"value_{end}"] - known["value"] for end in ("low", "high")}
    runner = [known[name] for name in ("subject", "metric", "trunk_lean_change_deg")]
    # where one foot carries it, it is the runner's
    moved = known.assign(
        **{
            name: one.where(bare, 0.0).groupby(runner).transform("mean").fillna(0.0)
            for name, one in ends.items()
        }
    )
    for angle, own in moved.groupby("trunk_lean_change_deg"):
        yield float(angle), own.set_index(["subject", "side", "metric"])[["value", *choices, *ends]]


def arms(sources: Sources) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return what a slider may stand on: (without, with) a change, rows (subject, side, metric).

    Columns are ``value`` and one a choice, how far the value moves under it. Angles of a sweep,
    then the conditions of derived or virtual trials, each beside the habit.
    """
    by_angle = dict(swept(sources))
    for angle in by_angle:
        yield by_angle[0.0], by_angle[angle]
    key = ["subject", "side", "metric"]
    table, shifts = sources.table("metrics"), sources.table("choices")
    if not len(shifts):
        return
    choices = [name for name in shifts if name.startswith(CHOICE)]
    feet = table.groupby(["trial", *key])["value"].mean()
    habits = sources.own_accord()["trial"].unique()
    for trial in dict.fromkeys(shifts["trial"]):
        after = feet.loc[[trial]].droplevel("trial").to_frame()
        moved = shifts[shifts["trial"] == trial].set_index(key)[choices]
        for habit in habits:
            before = feet.loc[[habit]].droplevel("trial").to_frame()
            yield before, after.join(moved)


def mean_change(
    before: pd.DataFrame, after: pd.DataFrame, metric: str, *, percent: bool = True
) -> dict[str, list[float]]:
    """Return mean values and changes over runners, as chosen and under every choice."""
    found: dict[str, list[float]] = {"value": [], "change": []}
    if metric not in before.index.get_level_values("metric"):
        return found
    if metric not in after.index.get_level_values("metric"):
        return found
    own, other = (one.xs(metric, level="metric") for one in (before, after))
    first, second = (one["value"].groupby(level="subject").mean() for one in (own, other))
    base = {"value": second, "change": _changed(first, second, percent=percent)}
    choices = [column for column in other if column.startswith(CHOICE)]
    for kind, chosen in base.items():
        found[kind].append(float(chosen.mean()))
    for name in choices:
        # a choice is known of a runner where it is of both their feet
        shifted = other["value"] + other[name]
        lost = shifted.isna().groupby(level="subject").any()
        before_it = own["value"] + (own[name].fillna(0.0) if name in own else 0.0)
        moved = [one.groupby(level="subject").mean() for one in (before_it, shifted)]
        moved[1] = moved[1].where(~lost)
        under = {"value": moved[1], "change": _changed(*moved, percent=percent)}
        for kind, chosen in base.items():
            shift = (under[kind] - chosen).mean()
            found[kind].append(float(chosen.mean() + (shift if shift == shift else 0.0)))
    return found
    other = after.xs(metric, level="metric")
    for name in ("", *(column for column in other if column.startswith(CHOICE))):
        moved = other["value"] + (other[name].fillna(0.0) if name else 0.0)
        runners = moved.groupby(level="subject").mean()
        found["value"].append(float(runners.mean()))
        change = 100.0 * (runners / own - 1.0) if percent else runners - own
        found["change"].append(float(change.mean()))
    return found


def explorer(sources: Sources, table: Table) -> Iterator[Expected]:
    """A slider where it stands at first, over all runners: one dose must give every change."""
    labels = {load.label: load.metric for load in EXPLORED}
    # what stands behind a label: of how many runners, and whether only assumed
    metrics = {row[0]: labels[MARKED.sub("", row[0])] for row in table.rows}
    column = table.header.index("change")
    for before, after in arms(sources):
        told = {row[0]: mean_change(before, after, metrics[row[0]]) for row in table.rows}
        if all(
            told[row[0]]["change"] and fits(row[column], said("{} %", told[row[0]]["change"][0]))
            for row in table.rows
        ):
            break
    else:
        raise AssertionError(f"no dose has the changes of {table.rows}")
    for printed in table.rows:
        values, changes = told[printed[0]]["value"], told[printed[0]]["change"]
        unit = printed[-1].partition(" (")[0].partition(" ")[2]
        yield {
            "load": said(printed[0]),
            "change": said("{} %", changes[0]),
            "band": between(min(changes), max(changes)),
            "value (band)": said(
                f"{{}} {unit} ({{}} to {{}})", values[0], min(values), max(values)
            ),
        }
