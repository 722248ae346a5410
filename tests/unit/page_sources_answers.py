"""What the tables of the page's answers must say: the two sentences, where the load goes, runners.

As :mod:`page_sources`: from the cohort's files, without the code that writes the page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from page_cohort import Expected, Row, Sources, between, by_foot, match, words
from page_reading import Said, Table, fits, said
from strikelean.report.answer_words import LABELS
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
    names += ("smallest_detectable",)
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


def quantity(metric: str) -> str:
    return metric.removesuffix("_per_kg").removesuffix("_bw")


def _error(cell: str, found: list[dict[str, float]], metric: str) -> Said:
    """Return what an error must say; marked where the largest of the other loads stands in."""
    shown = {quantity(name) for name in NAMED.values()}
    for laboratory in found:
        known = {name: value for name, value in laboratory.items() if name in shown}
        own = known.get(quantity(metric))
        # a load without an error of its own has the largest of the others, and says so
        right = said("+- {}*", max(known.values())) if own is None else said("+- {}", own)
        if fits(cell, right):
            return right
    return said("")


def _elsewhere(cell: str, found: list[dict[str, float]], metric: str) -> Said:
    """Return what the error must say where bodies are others: the largest of all but one."""
    known = [one.get(quantity(metric), NOT_KNOWN) for one in found]
    for at_home in range(len(known)):
        others = [one for one in known[:at_home] + known[at_home + 1 :] if one == one]
        if others and fits(cell, said("+- {}", max(others))):
            return said("+- {}", max(others))
    return said("")


def _or_blank(low: float, high: float) -> Said:
    return said("{} to {}", low, high) if low == low else said("")


def contrast_named(sources: Sources, caption: str) -> tuple[tuple[str, str], dict[str, Row]]:
    """Return the contrast that a table's caption names."""
    title = re.fullmatch(r"(.+?)(?: strikers)? against (.+?)(?: strikers)?, percent\.", caption)
    assert title is not None, caption
    # how much of a technique there was stands with its name, and is no part of it
    after = re.sub(r", \d+ deg (?:further|less)$", "", title[1].lower())
    after, before = re.sub(r"^step rate \S+ %", "cadence", after), title[2].lower()
    (found,) = (
        (pair, rows)
        for pair, rows in contrasts(sources).items()
        if (words(pair[0]), words(pair[1])) == (before, after)
    )
    return found


def where(sources: Sources, table: Table) -> Iterator[Expected]:
    """A technique against the habit, in percent."""
    pair, rows = contrast_named(sources, table.caption)
    found = errors(sources, *pair)
    for printed in table.rows:
        metric = NAMED[printed[0]]
        row = rows[metric]
        own = percents(row)
        cells = dict(zip(table.header, printed, strict=True))
        error = cells.get("method's error", "")
        yield {
            "peak load": said(printed[0]),
            "change": said("{} %", own["difference"]),
            "range": _or_blank(own["band_low"], own["band_high"]),
            "95 % interval": _or_blank(own["ci_low"], own["ci_high"]),
            "other muscle models": _or_blank(own["muscles_low"], own["muscles_high"]),
            "method's error": _error(error, found, metric),
            "with other bodies": _elsewhere(cells.get("with other bodies", ""), found, metric),
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


@dataclass(frozen=True)
class Answered:
    """What one of the answers rests on.

    Attributes:
        pair: conditions before and after; empty of a swept lean.
        rows: by metric, percent.
        degrees: how much farther forward the trunk leans.
        n: runners before and after.
        errors: the method's own, by laboratory.
        steps: of one runner, before and after.
        speeds: before, and by how much it changes, m/s.
    """

    pair: tuple[str, str]
    rows: dict[str, dict[str, float]]
    degrees: float
    n: tuple[float, float]
    errors: list[dict[str, float]]
    steps: tuple[float, float] = (NOT_KNOWN, NOT_KNOWN)
    speeds: tuple[float, float] = (NOT_KNOWN, NOT_KNOWN)

    def method(self, metric: str) -> list[float]:
        """Return the method's error; where a load's own is not known the largest of the others."""
        loads = {quantity(name) for name in NAMED.values()}
        return [
            one.get(quantity(metric), max(one[name] for name in one if name in loads))
            for one in self.errors
        ]


LEAN = "trunk_lean_torso_axis_angle_mean"


def _candidates(sources: Sources) -> Iterator[Answered]:
    """Return what an answer may rest on: each contrast, and each whole degree of a swept lean."""
    for pair, rows in contrasts(sources).items():
        leant = rows.get(LEAN, {}).get("difference", NOT_KNOWN)
        n = [max(row[side] for row in rows.values()) for side in ("n_a", "n_b")]
        told = {metric: percents(row) for metric, row in rows.items()}
        steps = [max(row[side] for row in rows.values()) for side in ("steps_a", "steps_b")]
        if next(iter(rows.values()))["condition_a"] != pair[0]:
            n.reverse()
            steps.reverse()
        run = rows.get("running_speed", {})
        speeds = run.get("mean_a", NOT_KNOWN), run.get("difference", NOT_KNOWN)
        of_method = errors(sources, *pair)
        yield Answered(pair, told, leant, (n[0], n[1]), of_method, (steps[0], steps[1]), speeds)
    swept = _swept(sources)
    n_swept = max((row["n"] for row in sources.rows("dose_response")), default=NOT_KNOWN)
    for degrees in range(1, 21) if swept else ():
        told = {m: {name: degrees * v for name, v in r.items()} for m, r in swept.items()}
        yield Answered(("", ""), told, degrees, (n_swept, n_swept), [])
    yield from _tested(sources)


def _tested(sources: Sources) -> Iterator[Answered]:
    """Return what the claims' tests say of each of their contrasts."""
    tests = [row for row in sources.rows("claim_tests") if row["unit"] == "%"]
    tests = [row for row in tests if row["estimate"] == row["estimate"]]
    for contrast in dict.fromkeys(row["contrast"] for row in tests):
        own = match(tests, contrast=contrast)
        told = {row["metric"]: {**row, "difference": row["estimate"]} for row in own}
        n_before, n_after = (max(row[side] for row in own) for side in ("n_a", "n_b"))
        yield Answered(("", ""), told, NOT_KNOWN, (n_before, n_after), [])


def answered_by(sources: Sources, table: Table) -> Answered:
    """Return what an answer rests on: its change is that of every row of its table."""
    metrics = {label: metric for metric, label in LABELS.items()}
    column = table.header.index("change")
    return next(
        found
        for found in _candidates(sources)
        if all(
            fits(row[column], said("{}", found.rows.get(metrics[row[0]], {}).get("difference")))
            for row in table.rows
        )
    )


def answer(sources: Sources, table: Table) -> Iterator[Expected]:
    """The numbers behind an answer: all of one contrast, whose change every row must have."""
    metrics = {label: metric for metric, label in LABELS.items()}
    found = answered_by(sources, table)
    for printed in table.rows:
        metric = metrics[printed[0]]
        own = found.rows[metric]
        intervals = [own, *ratios(sources, metric)]
        ci = printed[table.header.index("95 % CI")] if "95 % CI" in table.header else ""
        said_ci = [between(one["ci_low"], one["ci_high"]) for one in intervals]
        of_method = [said("{}", one) for one in found.method(metric)] or [said("\u2013")]
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
            "shows": said("{}", own.get("smallest_detectable", NOT_KNOWN)),
        }


def ratios(sources: Sources, metric: str) -> list[Row]:
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
    feet = by_foot(sources.own_setting(sources.runner(table.place)))
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
        "standing, mm": ("static_marker_rms_m", 1000.0),
        "worst, mm": ("static_marker_max_m", 1000.0),
        "markers, mm": ("marker_rms_m", 1000.0),
        "lag, ms": ("lag_s", 1000.0),
        "residual, N": ("residual_force_rms_n", 1.0),
        "added, % of frames": ("reserves_carry_share", 100.0),
        "added, % of peak": ("reserve_peak_share", 100.0),
        "at a limit, % of frames": ("joint_limit_share", 100.0),
        "beyond area data, % of stance": ("connolly_beyond_data_share", 100.0),
    }
    own: list[dict[str, Any]] = match(sources.rows("quality"), subject=subject, included="yes")
    for printed, row in zip(table.rows, own, strict=True):
        yield {"trial": said(printed[0])} | {
            heading: said("{}", factor * float(row.get(name, NOT_KNOWN)))
            for heading, (name, factor) in columns.items()
        }
