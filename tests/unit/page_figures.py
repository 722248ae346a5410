"""What a page's figures must say, and the numbers behind them in its data, as :mod:`page_prose`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from page_cohort import Row, Sources, by_foot
from page_prose import N, Number, Pairs, Rule, numbers, section_of
from page_reading import Node
from page_sources_answers import (
    LEAN,
    NAMED,
    STATUSES,
    contrast_named,
    errors,
    percents,
    quantity,
)
from page_sources_explorer import mean_change, swept
from strikelean.report.where import LOADS

UNKNOWN = math.nan
Rows = list[list[Any]]


def spoken(label: str) -> str:
    """Return a load's label within a sentence."""
    return label if label.startswith("Achilles") else label[0].lower() + label[1:]


SPOKEN = {spoken(label): label for label in NAMED}
GROUPS: dict[str, list[str]] = {}
for one in LOADS:
    GROUPS.setdefault(one.group.lower(), []).append(one.label)


def data_of(page: Node) -> dict[str, Any]:
    """Return the page's block of data."""
    block = next(s for s in page.all("script") if s.attributes.get("id") == "page-data")
    found: dict[str, Any] = json.loads(str(block.content[0]))
    return found


def same(place: str, told: object, value: float, decimals: int) -> Number:
    """Return a number of the data beside that of the files, rounded to so many decimals."""
    if told is None:
        return Number(place, "\u2013", (value,))
    assert isinstance(told, (int, float))
    return Number(place, f"{told:.{decimals}f}", (value,))


def _rows(table: Rows) -> list[Row]:
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def _drawn(figure: Node) -> dict[str, str]:
    """Return by label what a figure writes behind it."""
    drawn = next(figure.all("svg"), None)
    texts = [] if drawn is None else [one.text() for one in drawn.all("text")]
    found: dict[str, str] = {}
    for label, text in pairwise(texts):
        if label in NAMED and label not in found:
            found[label] = text
    return found


def where_rows(sources: Sources, page: Node) -> Iterator[Number]:
    """The numbers behind where the load goes, and those that its figures print."""
    tabled = data_of(page)["tables"]
    for figure in _figures(page, "where"):
        place = figure.attributes["data-figure"]
        rows = _rows(tabled[place])
        pair, own = _contrast(sources, figure)
        found, drawn = errors(sources, *pair), _drawn(figure)
        for row in rows:
            label = row["load"]
            of = own[NAMED[label]]
            told, at = percents(of), f"{place}, {label}"
            assert row["metric"] == NAMED[label]
            for name, column in (
                ("change_percent", "difference"),
                *((f"{kind}_{end}", f"{kind}_{end}") for kind in KINDS for end in ("low", "high")),
            ):
                yield same(at, row[name], told[column], 4)
            yield _error(at, row, found)
            withheld = "; ".join(text for status, text in STATUSES.items() if of[status])
            if withheld:
                assert row["status"] == drawn[label] == withheld
            else:
                yield from numbers(
                    at, drawn[label], [(f"^{N} %", lambda m, t=told: [(m[1], t["difference"])])]
                )


KINDS = ("band", "ci", "muscles")


def _error(place: str, row: Row, found: Sequence[dict[str, float]]) -> Number:
    """Return the method's error; of the largest of the other loads where it says so."""
    shown = {quantity(metric) for metric in NAMED.values()}
    several = []
    for laboratory in found:
        own = {name: value for name, value in laboratory.items() if name in shown}
        lent = row["error_of"] == "largest of the other loads"
        value = max(own.values()) if lent else own.get(quantity(row["metric"]))
        several += [] if value is None else [value]
    told = row["method_error_percent"]
    if told is None:
        return Number(place, "\u2013", (UNKNOWN,))
    return Number(place, f"{told:.4f}", tuple(several))


def _figures(page: Node, name: str) -> list[Node]:
    section = section_of(page, name)
    figures = [] if section is None else list(section.all("figure"))
    return [one for one in figures if "data-figure" in one.attributes]


def _contrast(sources: Sources, figure: Node) -> tuple[tuple[str, str], dict[str, Row]]:
    """Return the contrast that a figure of where the load goes is of."""
    caption = next(figure.all("caption"))
    return contrast_named(sources, caption.text())


def _clear_range(rows: Sequence[Row], labels: Sequence[str], way: float) -> Pairs:
    """Return the least and the most that loads of a group clearly change that way."""
    sizes = [
        row["change_percent"]
        for row in rows
        if row["status"] == "direction sure"
        and row["load"] in labels
        and row["change_percent"] * way > 0.0
    ]
    return [("", min(sizes, key=abs)), ("", max(sizes, key=abs))] if sizes else [("", UNKNOWN)] * 2


def _amounts(own: dict[str, Row]) -> list[Rule]:
    """Return what a technique's name says of how much of it there was."""

    def lean(found: re.Match[str]) -> Pairs:
        change = own[LEAN]["difference"]
        return [(found[1], abs(change) if (change > 0.0) == (found[2] == "further") else UNKNOWN)]

    return [
        (rf", {N} deg (further|less)\b", lean),
        (rf"^Step rate {N} %", lambda m: [(m[1], percents(own["step_rate"])["difference"])]),
    ]


def where_words(sources: Sources, page: Node) -> Iterator[Number]:
    """What is said under and over the figures of where the load goes."""
    tabled = data_of(page)["tables"]
    names = "|".join(sorted(map(re.escape, {*SPOKEN, *GROUPS}), key=len, reverse=True))
    for figure in _figures(page, "where"):
        place = figure.attributes["data-figure"]
        rows = _rows(tabled[place])
        pair, own = _contrast(sources, figure)

        def change(
            found: re.Match[str], rows: Sequence[Row] = rows, own: dict[str, Row] = own
        ) -> Pairs:
            if found[1] in SPOKEN:
                metric = NAMED[SPOKEN[found[1]]]
                return [(found[2], percents(own[metric])["difference"]), (found[3], UNKNOWN)]
            way = -1.0 if found.string.startswith("Less load") else 1.0
            (_, least), (_, most) = _clear_range(rows, GROUPS[found[1]], way)
            return [(found[2], least), (found[3], most)]

        rules: list[Rule] = [(rf"({names}) {N}(?: to {N})? %", change)]
        lines = [*figure.all("p"), *figure.all("li")]
        for line in lines:
            yield from numbers(place, line.text(), rules)
        yield from numbers(place, next(figure.all("caption")).text(), _amounts(own))
        yield from numbers(place, next(figure.all("b")).text(), _amounts(own))
        first = next(iter(own.values()))
        counts = [max(row[side] for row in own.values()) for side in ("n_a", "n_b")]
        within = first["design"] != "between_runners"
        told = next(one.text() for one in figure.all("span") if re.search(" runners?$", one.text()))
        pattern = f"^{N} runners?$" if within else f"^{N} and {N} runners$"
        # the table's order of two conditions may be the other one
        after_first = counts if first["condition_a"] == pair[1] else counts[::-1]
        yield from numbers(
            place,
            told,
            [(pattern, lambda m, n=after_first: list(zip(m.groups(), n, strict=False)))],
        )


def beside_rows(sources: Sources, page: Node) -> Iterator[Number]:
    """The numbers behind published beside computed: each stands in one of the two tables."""
    singles, pooled = sources.rows("studies"), sources.rows("published_summary")
    for name, table in data_of(page)["tables"].items():
        if not name.startswith("beside-"):
            continue
        for row in _rows(table):
            place = f"{name}, {row['published']}"
            own = pooled if row["studies"] > 1 else singles
            of = [one for one in own if _is_of(one, row)]
            yield Number(place, "0" if of else "1", (0.0,))


def _is_of(one: Row, row: Row) -> bool:
    """Whether a row of the files has a figure's published and computed size, and the ends."""
    ci = "computed_ci" if row["studies"] > 1 else "ci"
    if row["studies"] > 1:
        published = [(row["size_percent"], one["pooled"]), (row["low"], one["ci_low"])]
        published.append((row["high"], one["ci_high"]))
    else:
        size = re.search(r": (-?[\d.e+-]+) %$", str(one["published"]))
        published = [] if size is None else [(row["size_percent"], float(size[1]))]
    if not published or (row["metric"] and one["metric"] != row["metric"]):
        return False
    kind = "band" if row["kind"] == "band" else ci
    beside = [(row["computed_percent"], one["computed"])]
    if row["metric"]:
        beside += [(row[f"computed_{end}"], one[f"{kind}_{end}"]) for end in ("low", "high")]
    else:
        beside = []
    return all(same("", told, value, 4).right for told, value in (*published, *beside))


def own_rows(sources: Sources, page: Node) -> Iterator[Number]:
    """Each runner's loads: in the data, in their figure, and which feet differ."""
    everyone = {
        subject: by_foot(sources.own_setting(subject))
        for subject in sorted(set(sources.known()["subject"]))
    }
    tabled = data_of(page)["tables"]
    section = section_of(page, "runners")
    used = float(len([row for row in sources.rows("quality") if row["included"] == "yes"]))
    for line in () if section is None else section.all("p"):
        if line.text().startswith("This holds of all"):
            all_of: list[Rule] = [
                (f"^This holds of all {N} trials in use", lambda m: [(m[1], used)])
            ]
            yield from numbers("runners", line.text(), all_of)
    for view in (d for d in page.all("details") if d.attributes.get("class") == "own"):
        key, subject = view.attributes["id"], view.attributes["data-runner"]
        steps = sources.own_setting(subject)[["trial", "side", "step"]].drop_duplicates()
        summary = next(view.all("summary")).text()
        sides = [float((steps["side"] == side).sum()) for side in ("right", "left")]
        yield from numbers(
            key,
            summary.partition(subject)[2],
            [
                (
                    f"{N} right and {N} left steps",
                    lambda m, s=sides: list(zip(m.groups(), s, strict=True)),
                )
            ],
        )
        rows = _rows(tabled[key]) if key in tabled else []
        changes = {}
        for row in rows:
            told = _own_load(everyone, subject, row["metric"])
            changes[spoken(row["load"])] = told["right_less_left_percent"]
            for name, value in told.items():
                yield same(f"{key}, {row['load']}, {name}", row[name], value, 5)
        figure = next(view.all("figure"), None)
        if figure is not None:
            yield from _strips(key, figure, rows)
        yield from _uneven(key, view, changes)


def _own_load(
    everyone: dict[str, dict[str, tuple[dict[str, float], dict[str, float]]]],
    subject: str,
    metric: str,
) -> dict[str, float]:
    means = {
        name: [one for one in found[metric][0].values() if one == one]
        for name, found in everyone.items()
        if metric in found
    }
    others = [sum(feet) / len(feet) for feet in means.values() if feet]
    feet, variances = everyone[subject][metric]
    right, left = feet.get("right", UNKNOWN), feet.get("left", UNKNOWN)
    middle = abs(right + left) / 2.0
    spread = [one for one in variances.values() if one == one]
    step = math.sqrt(sum(spread) / len(spread)) if spread else UNKNOWN
    return {
        "own": sum(means[subject]) / len(means[subject]),
        "cohort_mean": sum(others) / len(others),
        "cohort_low": min(others),
        "cohort_high": max(others),
        "right": right,
        "left": left,
        "right_less_left_percent": 100.0 * (right - left) / middle,
        "step_sd_percent": 100.0 * step / middle,
    }


def _strips(key: str, figure: Node, rows: Sequence[Row]) -> Iterator[Number]:
    """What a runner's figure writes: own value, then lowest, mean and highest of the cohort."""
    texts = [one.text() for one in next(figure.all("svg")).all("text")]
    for row in rows:
        start = texts.index(row["load"]) + 1
        unit = "" if row["unit"] == "1" else f" {re.escape(row['unit'])}"
        told = [(f"^{N}{unit}$", row["own"])]
        if row["cohort_high"] > row["cohort_low"]:
            told += [(f"^{N}$", row["cohort_low"]), (f"^mean {N}$", row["cohort_mean"])]
            told += [(f"^{N}$", row["cohort_high"])]
        for text, (pattern, value) in zip(texts[start:], told, strict=False):
            yield from numbers(
                f"{key}, {row['load']}", text, [(pattern, lambda m, v=value: [(m[1], v)])]
            )


def _uneven(key: str, view: Node, changes: dict[str, float]) -> Iterator[Number]:
    names = "|".join(map(re.escape, changes))

    def more(found: re.Match[str]) -> Pairs:
        change = changes[found[1]]
        return [(found[2], abs(change) if (change > 0.0) == (found[3] == "right") else UNKNOWN)]

    for line in view.all("p"):
        if line.text().startswith("The feet differ"):
            yield from numbers(
                key, line.text(), [(rf"({names}) \({N} % more on the (right|left)\)", more)]
            )


def explorer_curves(sources: Sources, page: Node) -> Iterator[Number]:
    """Every runner's value, change and band at every angle of the slider over lean."""
    part = data_of(page)["explorer"].get("lean")
    if part is None:
        return
    angles = dict(swept(sources))
    for load in part["loads"]:
        curves = load["curves"]
        # the mean is of those of whom every angle is known
        whole = [n for n in curves if n != "mean" and None not in curves[n]["value"]]
        for runner, curve in curves.items():
            of = whole if runner == "mean" else [runner]
            for place, dose in enumerate(part["doses"]):
                before, after = (
                    one[one.index.get_level_values("subject").isin(of)]
                    for one in (angles[0.0], angles[dose])
                )
                percent = load["change_unit"] == "%"
                told = mean_change(before, after, load["metric"], percent=percent)
                at = f"{load['metric']}, {runner}, {dose:g} deg"
                if curve["value"][place] is None:
                    continue
                for name, kind, pick in (
                    ("value", "value", lambda v: v[0]),
                    ("low", "value", min),
                    ("high", "value", max),
                    ("change", "change", lambda v: v[0]),
                    ("change_low", "change", min),
                    ("change_high", "change", max),
                ):
                    value = curve[name][place]
                    right = pick(told[kind])
                    near = abs(value - right) <= 2e-6 * max(abs(right), abs(value)) + 1e-6
                    yield Number(f"{at}, {name}", repr(value), (value if near else UNKNOWN,))


ALL = (where_rows, where_words, beside_rows, own_rows, explorer_curves)
