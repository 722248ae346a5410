"""The forest plots of published and computed effects, one figure a contrast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from strikelean.report.beside import Computed, Forest, Published, counts, forests, number_rows
from strikelean.report.digits import known, signed
from strikelean.report.drawing import WIDTH, Axis, Drawing, axis_of, lines_of
from strikelean.report.groups import words
from strikelean.report.parts import read_table
from strikelean.studies.definitions import Study

LEFT, RIGHT = 164.0, 302.0
MOST_PERCENT = 100.0
LINE, GAP = 17.0, 9.0
SHORT = (
    ("patellofemoral_", ""),
    ("_joint_reaction", ", muscles"),
    ("_net_moment", ", moment"),
    ("_quadriceps_sum", ", quads"),
    ("_connolly", ", Connolly"),
    ("_powers", ", Powers"),
    ("_peak", ""),
    ("_per_kg", ""),
    ("_bw", ""),
)
"""Words of a metric that would not fit the margin."""


def short(metric: str) -> str:
    """Return a metric's name as the margin has it."""
    for long, brief in SHORT:
        metric = metric.replace(long, brief)
    return words(metric)


def _value(value: float) -> str:
    return f"{signed(value, 0 if abs(value) >= 9.95 else 1)} %"


def _line(drawing: Drawing, axis: Axis, ends: tuple[float, float], y: float, kind: str) -> None:
    if known(ends[0]):
        drawing.line(kind, (axis.at(ends[0]), y), (axis.at(ends[1]), y))


def _published(drawing: Drawing, axis: Axis, one: Published, top: float) -> float:
    """Draw a published size and return where what stands beside it begins."""
    for text in lines_of(one.label, (WIDTH - 8.0) / (1.15 if one.studies > 1 else 1.0)):
        drawing.write(text, 4.0, top + 12.0, "b" if one.studies > 1 else "")
        top += 15.0
    y = top + 8.0
    ends = f" {signed(one.ends[0], 0)} to {signed(one.ends[1], 0)} %" if known(one.ends[0]) else ""
    drawing.write(f"published{ends}", 12.0, y + 4.0, "quiet")
    if one.studies > 1:
        low, high = (axis.at(end) if known(end) else axis.at(one.value) for end in one.ends)
        place = axis.at(one.value)
        corners = ((low, y), (place, y - 5.5), (high, y), (place, y + 5.5))
        drawing.polygon("pooled", corners)
    else:
        _line(drawing, axis, one.ends, y, "rule")
        drawing.mark("square", "open square", axis.at(one.value), y, 4.0)
    drawing.write(_value(one.value), WIDTH - 2.0, y + 4.0, "n", "end")
    if not one.computed:
        for text in lines_of(one.reason or "not testable here", WIDTH - 20.0):
            top += 15.0
            drawing.write(text, 12.0, top + 12.0, "why")
    return top + LINE


def _computed(drawing: Drawing, axis: Axis, one: Computed, top: float) -> float:
    y = top + 8.0
    lines = lines_of(short(one.metric), LEFT - 8.0)
    for place, text in enumerate(lines):
        drawing.write(text, 12.0, y + 4.0 + 14.0 * place)
    _line(drawing, axis, one.ends, y, "thick" if one.predicted else "rule")
    outside = one.covered == "no"
    drawing.mark("circle", "dot open" if outside else "dot", axis.at(one.value), y, 4.0)
    drawing.write(_value(one.value), WIDTH - 2.0, y + 4.0, "n", "end")
    return top + LINE + 14.0 * (len(lines) - 1)


def _legend(drawing: Drawing, top: float, forest: Forest) -> None:
    """Write below the figure what its marks mean."""
    y = top + 30.0
    drawing.mark("square", "open square", 10.0, y - 4.0, 4.0)
    ranged = any(known(one.ends[0]) for one in forest.single)
    drawing.write(f"one study{', 95 % interval' if ranged else ''}", 20.0, y)
    if forest.pooled:
        drawing.polygon("pooled", ((186.0, y - 4), (194.0, y - 9), (202.0, y - 4), (194.0, y + 1)))
        drawing.write("studies together", 208.0, y)
    beside = [c for one in (*forest.pooled, *forest.single) for c in one.computed]
    lines = []
    if any(c.predicted for c in beside):
        lines.append(("thick", "the model's prediction and its range"))
    if any(not c.predicted for c in beside):
        lines.append(("rule", "recorded runners, 95 % interval"))
    for kind, text in lines:
        y += 17.0
        drawing.line(kind, (4.0, y - 4.0), (22.0, y - 4.0))
        drawing.mark("circle", "dot", 13.0, y - 4.0, 4.0)
        drawing.write(text, 30.0, y)
    if any(c.covered == "no" for c in beside):
        y += 17.0
        drawing.mark("circle", "dot open", 13.0, y - 4.0, 4.0)
        drawing.write("hollow: leaves the published size out", 30.0, y)
    drawing.height = y + 8.0


def forest_plot(forest: Forest, reach: Iterable[float]) -> Markup:
    """Return the figure of one contrast.

    Args:
        forest: what is drawn.
        reach: values that the axis must hold.
    """
    shown = (*forest.pooled, *forest.single)
    lines = [
        f"{one.label}: published {_value(one.value)}, computed "
        + (", ".join(f"{short(c.metric)} {_value(c.value)}" for c in one.computed) or "nothing")
        for one in shown
    ]
    title = f"Published and computed effects of {forest.title}, percent"
    drawing = Drawing(forest.name, title, f"{'. '.join(lines)}.")
    axis = axis_of(reach, LEFT, RIGHT, MOST_PERCENT)
    # laid out once without drawing, so that the lines of the axis lie beneath the marks
    foot = _rows(Drawing("", "", ""), axis, shown)
    for tick in axis.ticks(4):
        place = axis.at(tick)
        drawing.line("zero" if tick == 0 else "grid", (place, 0.0), (place, foot))
        drawing.write(signed(tick, 0), place, foot + 14.0, "quiet", "middle")
    _rows(drawing, axis, shown)
    _legend(drawing, foot + 8.0, forest)
    return drawing.finished()


def _rows(drawing: Drawing, axis: Axis, shown: Sequence[Published]) -> float:
    top = 2.0
    for one in shown:
        top = _published(drawing, axis, one, top)
        for computed in one.computed:
            top = _computed(drawing, axis, computed, top)
        top += GAP
    return top


def beside_part(
    studies_csv: Path, summary_csv: Path | None, studies: Sequence[Study]
) -> dict[str, Any]:
    """Return the section: what the counts say, and a figure a contrast.

    Args:
        studies_csv: studies.csv.
        summary_csv: published_summary.csv, None where there is none.
        studies: their definitions.
    """
    table = read_table(studies_csv, {"published": str, "published_ci": str, "covered": str})
    kinds = {"covered": str, "reason": str}
    summary = None if summary_csv is None else read_table(summary_csv, kinds)
    found: list[dict[str, Any]] = []
    drawn = 0
    for forest in forests(table, summary, studies):
        shown = (*forest.pooled, *forest.single)
        beside = [c for one in shown for c in one.computed]
        # an interval over two studies can be so wide that it would press all else together
        single = [end for one in forest.single or forest.pooled for end in one.ends]
        reach = [one.value for one in shown] + single
        reach += [value for c in beside for value in (c.value, *c.ends)]
        drawn += sum(bool(c.covered) for one in forest.single for c in one.computed)
        svg = forest_plot(forest, reach)
        found.append({"forest": forest, "svg": svg, "numbers": number_rows(forest)})
    sized = int((table["covered"].isin(["yes", "no"])).sum())
    untold = int(table["verdict"].str.startswith("not testable").sum())
    return {
        "counts": [(count.plain, count.sentence) for count in counts(table)],
        "forests": found,
        "undrawn": max(sized - drawn, 0),
        "untestable": untold,
        "rows": len(table),
        "others": int(table["verdict"].str.contains("other runners, not the same").sum()),
    }
