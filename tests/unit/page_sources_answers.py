"""What the tables of the page's answers must say: the two sentences, where the load goes, runners.

As :mod:`page_sources`: from the cohort's files, without the code that writes the page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from page_cohort import Expected, Row, Sources, between, by_foot, match, words
from page_reading import Said, Table, fits, said
from strikelean.report.answer_words import LABELS
from strikelean.report.explorer import LOADS as EXPLORED
from strikelean.report.where import LOADS

NAMED = {load.label: load.metric for load in LOADS}
STATUSES = {
    "imposed": "set by the technique",
    "kept": "kept by the technique",
    "follows": "follows from what is set or kept",
}
NOT_KNOWN = float("nan")


def contrasts(sources: Sources) -> dict[tuple[str, str], dict[str, Row]]:
    """Return the rows of comparisons.csv by (before, after) and metric, both ways round."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in sources.rows("comparisons"):
        if row["design"] == "mixed_model":
            continue
        pair = (row["condition_a"], row["condition_b"])
        found.setdefault(pair, {})[row["metric"]] = row
        turned = {**row, "difference": -row["difference"], "mean_a": row["mean_b"]}
        for name in ("band", "ci", "muscles"):
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            turned |= {f"{name}_low": -high, f"{name}_high": -low}
        found.setdefault(pair[::-1], {})[row["metric"]] = turned
    return found


def percents(row: Row) -> dict[str, float]:
    """Return a row's change and its ends in percent of the mean held against."""
    names = ("difference", *(f"{one}_{end}" for one in ENDS for end in ("low", "high")))
    level = abs(row["mean_a"]) or NOT_KNOWN
    return {name: 100.0 * row[name] / level for name in names}


ENDS = ("band", "ci", "muscles")


def errors(sources: Sources, before: str, after: str) -> list[dict[str, float]]:
    """Return by laboratory how far off recordings give a change back, percent, by quantity.

    Root mean square over virtual runners, each in percent of their own true load before.
    """
    table = sources.rows("recovery")
    found = []
    for laboratory in dict.fromkeys(row["laboratory"] for row in table):
        own = match(table, laboratory=laboratory)
        levels = {(r["subject"], r["quantity"]): r["true_mean"] for r in match(own, trial=before)}
        shares: dict[str, list[float]] = {}
        for row in match(own, trial=f"{after} less {before}"):
            level = abs(levels.get((row["subject"], row["quantity"]), NOT_KNOWN))
            if level > 0.0:
                shares.setdefault(row["quantity"], []).append(100.0 * row["rms"] / level)
        if shares:
            found.append(
                {
                    name: math.sqrt(sum(one**2 for one in own) / len(own))
                    for name, own in shares.items()
                }
            )
    return found


def _quantity(metric: str) -> str:
    return metric.removesuffix("_per_kg").removesuffix("_bw")


def _error(cell: str, found: list[dict[str, float]], metric: str) -> Said:
    """Return what an error must say; marked where the largest of the other loads stands in."""
    shown = {_quantity(name) for name in NAMED.values()}
    for laboratory in found:
        known = {name: value for name, value in laboratory.items() if name in shown}
        own = known.get(_quantity(metric))
        # a load without an error of its own has the largest of the others, and says so
        right = said("+- {}*", max(known.values())) if own is None else said("+- {}", own)
        if fits(cell, right):
            return right
    return said("")


def _or_blank(low: float, high: float) -> Said:
    return said("{} to {}", low, high) if low == low else said("")


def where(sources: Sources, table: Table) -> Iterator[Expected]:
    """A technique against the habit, in percent."""
    title = re.fullmatch(
        r"(.+?)(?: strikers)? against (.+?)(?: strikers)?, percent\.", table.caption
    )
    assert title is not None, table.caption
    after, before = title[1].lower(), title[2].lower()
    ((pair, rows),) = (
        (pair, rows)
        for pair, rows in contrasts(sources).items()
        if (words(pair[0]), words(pair[1])) == (before, after)
    )
    found = errors(sources, *pair)
    for printed in table.rows:
        metric = NAMED[printed[0]]
        row = rows[metric]
        own = percents(row)
        error = dict(zip(table.header, printed, strict=True)).get("method's error", "")
        yield {
            "peak load": said(printed[0]),
            "change": said("{} %", own["difference"]),
            "range": _or_blank(own["band_low"], own["band_high"]),
            "95 % interval": _or_blank(own["ci_low"], own["ci_high"]),
            "other muscle models": _or_blank(own["muscles_low"], own["muscles_high"]),
            "method's error": _error(error, found, metric),
            "what it says": said(_withheld(row) or printed[table.header.index("what it says")]),
        }


def _withheld(row: Row) -> str:
    """Return why a row is no finding, '' where it may be one: then tests of its own judge it."""
    return "; ".join(text for status, text in STATUSES.items() if row[status])


def _swept(sources: Sources) -> dict[str, dict[str, float]]:
    """Return percent a degree of lean by metric, as a contrast's row has percent."""
    return {
        row["metric"]: {
            "difference": row["slope_per_deg"],
            **{f"{one}_{end}": row[f"{one}_{end}"] for one in ("band", "ci") for end in ENDS_OF},
            **{f"muscles_{end}": NOT_KNOWN for end in ENDS_OF},
        }
        for row in match(sources.rows("dose_response"), unit="%")
    }


ENDS_OF = ("low", "high")


def _candidates(
    sources: Sources,
) -> Iterator[tuple[tuple[str, str], dict[str, dict[str, float]]]]:
    """Return what an answer may rest on: each contrast, and each whole degree of a swept lean."""
    for pair, rows in contrasts(sources).items():
        yield pair, {metric: percents(row) for metric, row in rows.items()}
    swept = _swept(sources)
    for degrees in range(1, 21) if swept else ():
        yield (
            ("", ""),
            {m: {name: degrees * value for name, value in r.items()} for m, r in swept.items()},
        )


def answer(sources: Sources, table: Table) -> Iterator[Expected]:
    """The numbers behind an answer: all of one contrast, whose change every row must have."""
    metrics = {label: metric for metric, label in LABELS.items()}
    column = table.header.index("change")
    pair, rows = next(
        (pair, rows)
        for pair, rows in _candidates(sources)
        if all(
            fits(row[column], said("{}", rows.get(metrics[row[0]], {}).get("difference")))
            for row in table.rows
        )
    )
    found = errors(sources, *pair)
    loads = {_quantity(name) for name in NAMED.values()}
    for printed in table.rows:
        metric = metrics[printed[0]]
        own = rows[metric]
        intervals = [own, *_ratios(sources, metric)]
        ci = printed[table.header.index("95 % CI")] if "95 % CI" in table.header else ""
        said_ci = [between(one["ci_low"], one["ci_high"]) for one in intervals]
        # the largest of the loads stands in where a load's own was not measured
        of_method = [
            said("{}", one.get(_quantity(metric), max(one[name] for name in one if name in loads)))
            for one in found
        ] or [said("\u2013")]
        # columns that nothing is known for are left out
        error = dict(zip(table.header, printed, strict=True)).get("method's error", "")
        yield {
            "load": said(printed[0]),
            "change": said("{}", own["difference"]),
            "range": between(own["band_low"], own["band_high"]),
            "95 % CI": next((one for one in said_ci if fits(ci, one)), said_ci[0]),
            "muscle models": between(own["muscles_low"], own["muscles_high"]),
            "method's error": next((o for o in of_method if fits(error, o)), of_method[0]),
            "matters": said("{}", sources.smallest(metric)),
        }


def _ratios(sources: Sources, metric: str) -> list[Row]:
    """Return tests of claims in percent, whose intervals of a ratio are other than a mean's."""
    return match(sources.rows("claim_tests"), metric=metric, unit="%")


def own_steps(sources: Sources, table: Table) -> Iterator[Expected]:
    """A runner's steps and how their feet land, trial by trial."""
    subject = sources.runner(table.place)
    for row in match(sources.rows("quality"), subject=subject, included="yes"):
        told: Expected = {"trial": said(words(row["trial"]).replace("~", ", "))}
        for side in ("right", "left"):
            angles = sources.steps(subject, row["trial"], side, "foot_strike_angle_contact")
            cell = table.rows[list(table_trials(sources, subject)).index(row["trial"])]
            strike = cell[1 if side == "right" else 2].split(", ")[1:2]
            counts = (row.get(f"reported_steps_{side}"), row.get(f"valid_steps_{side}"))
            start = "{} of {} steps" + "".join(f", {one}" for one in strike)
            if angles.empty:
                told[f"{side} foot"] = said(start, *counts)
            elif len(angles) == 1:
                told[f"{side} foot"] = said(start + ", {} deg", *counts, angles.mean())
            else:
                numbers = (*counts, angles.mean(), angles.std())
                told[f"{side} foot"] = said(start + ", {} +- {} deg", *numbers)
        told["trial"] = said(cell[0])
        yield told


def table_trials(sources: Sources, subject: str) -> list[str]:
    """Return a runner's trials in use, in the order of quality.csv."""
    own = match(sources.rows("quality"), subject=subject, included="yes")
    return [str(row["trial"]) for row in own]


def own_symmetry(sources: Sources, table: Table) -> Iterator[Expected]:
    """How a runner's feet differ as they run of their own accord."""
    feet = by_foot(sources.own_accord(sources.runner(table.place)))
    for printed in table.rows:
        # the unit stands behind the label, unless it has none
        label = printed[0] if printed[0] in NAMED else printed[0].rpartition(",")[0]
        metric = NAMED[label]
        means, variances = feet[metric]
        right, left = means.get("right", NOT_KNOWN), means.get("left", NOT_KNOWN)
        middle = abs(right + left) / 2.0
        known = [one for one in variances.values() if one == one]
        spread = math.sqrt(sum(known) / len(known)) if known else NOT_KNOWN
        yield {
            "peak load": said(printed[0]),
            "right": said("{}", right),
            "left": said("{}", left),
            "differ\u00adence, %": said("{}", 100.0 * (right - left) / middle),
            "step SD, %": said("{}", 100.0 * spread / middle),
        }


def own_quality(sources: Sources, table: Table) -> Iterator[Expected]:
    """How good a runner's recordings are."""
    subject = sources.runner(table.place)
    columns = {
        "markers, mm": ("marker_rms_m", 1000.0),
        "lag, ms": ("lag_s", 1000.0),
        "residual, N": ("residual_force_rms_n", 1.0),
        "added, % of frames": ("reserves_carry_share", 100.0),
        "added, % of peak": ("reserve_peak_share", 100.0),
    }
    own: list[dict[str, Any]] = match(sources.rows("quality"), subject=subject, included="yes")
    for printed, row in zip(table.rows, own, strict=True):
        yield {"trial": said(printed[0])} | {
            heading: said("{}", factor * float(row.get(name, NOT_KNOWN)))
            for heading, (name, factor) in columns.items()
        }


CHOICE = "technique: "


def _arms(sources: Sources) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return what a slider may stand on: (without, with) a change, rows (subject, side, metric).

    Columns are ``value`` and one a choice, how far the value moves under it. Angles of a sweep,
    then the conditions of derived or virtual trials, each beside the habit.
    """
    key = ["subject", "side", "metric"]
    swept = sources.table("sweep")
    if len(swept):
        choices = [name for name in swept if name.startswith(CHOICE)]
        known = swept[swept["status"].isin(["solved", "stretch"])]
        by_angle = {
            angle: own.set_index(key)[["value", *choices]]
            for angle, own in known.groupby("trunk_lean_change_deg")
        }
        for angle in by_angle:
            yield by_angle[0], by_angle[angle]
    table, shifts = sources.known(), sources.table("choices")
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


def _mean_change(before: pd.DataFrame, after: pd.DataFrame, metric: str) -> dict[str, list[float]]:
    """Return mean values and changes in percent over runners, as chosen and under every choice."""
    found: dict[str, list[float]] = {"value": [], "change": []}
    if metric not in before.index.get_level_values("metric"):
        return found
    own = before.xs(metric, level="metric")["value"].groupby(level="subject").mean()
    if metric not in after.index.get_level_values("metric"):
        return found
    other = after.xs(metric, level="metric")
    for name in ("", *(column for column in other if column.startswith(CHOICE))):
        moved = other["value"] + (other[name].fillna(0.0) if name else 0.0)
        runners = moved.groupby(level="subject").mean()
        found["value"].append(float(runners.mean()))
        found["change"].append(float((100.0 * (runners / own - 1.0)).mean()))
    return found


def explorer(sources: Sources, table: Table) -> Iterator[Expected]:
    """A slider where it stands at first, over all runners: one dose must give every change."""
    metrics = {load.label: load.metric for load in EXPLORED}
    column = table.header.index("change")
    for before, after in _arms(sources):
        told = {row[0]: _mean_change(before, after, metrics[row[0]]) for row in table.rows}
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
