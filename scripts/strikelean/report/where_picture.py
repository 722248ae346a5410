"""The dot plot of where the load goes, one figure a technique."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup

from strikelean.report.digits import known, signed
from strikelean.report.drawing import LETTER, WIDTH, Axis, Drawing, axis_of
from strikelean.report.parts import read_table
from strikelean.report.where import (
    CLEAR,
    DEPENDS,
    WITHHELD,
    Change,
    Errors,
    Technique,
    contrast_errors,
    techniques,
)
from strikelean.report.where_words import (
    HEADER,
    cells,
    doubts,
    findings,
    number_rows,
    percent,
)

LEFT, RIGHT = 10.0, WIDTH - 10.0
MOST_PERCENT = 100.0
"""Change beyond which a mark stays at the end of the axis."""
ROW, HEAD = 33.0, 23.0
"""Heights of a row (its words above, its marks below) and of a heading."""


def _row(drawing: Drawing, axis: Axis, change: Change, top: float) -> None:
    """Draw a row: words, numbers, and the marks below them."""
    status = change.status
    clear = status == CLEAR
    foot, middle = top + 12.0, top + 22.5
    drawing.write(change.load.label, LEFT, foot)
    if status == WITHHELD:
        drawing.write(change.withheld, WIDTH - 2.0, foot, "why", "end")
        return
    number = percent(change.change) + ("" if axis.holds(change.change) else ", off the axis")
    drawing.write(number, WIDTH - 2.0, foot, "n b" if clear else "n", "end")
    if not clear:
        place = WIDTH - 10.0 - 1.15 * LETTER * len(number)
        drawing.write(change.words, place, foot, "why", "end")
    if known(change.elsewhere):
        start, end = axis.at(-change.elsewhere), axis.at(change.elsewhere)
        drawing.add("rect", "zone far", x=start, y=middle - 7.0, width=end - start, height=14.0)
    if known(change.error):
        start, end = axis.at(-change.error), axis.at(change.error)
        kind = "zone lent" if change.stands_in else "zone"
        drawing.add("rect", kind, x=start, y=middle - 7.0, width=end - start, height=14.0)
    for ends, kind in ((change.muscles, "thin"), (change.main, "thick")):
        if known(ends[0]):
            drawing.line(kind, (axis.at(ends[0]), middle), (axis.at(ends[1]), middle))
    shape = "square" if status == DEPENDS else "circle"
    drawing.mark(shape, "dot" if clear else "dot open", axis.at(change.change), middle)


def _legend(drawing: Drawing, technique: Technique) -> None:
    """Write below the figure what its marks mean."""
    changes = [change for change in technique.changes if not change.withheld]
    y, x = drawing.height + 14.0, LEFT
    for shape, kind, text in (
        ("circle", "dot", "direction sure"),
        ("circle", "dot open", "not clear"),
        ("square", "dot open", "muscle model decides"),
    ):
        if x > LEFT and x + 14.0 + LETTER * len(text) > RIGHT:
            x, y = LEFT, y + 17.0
        drawing.mark(shape, kind, x + 5.0, y - 4.0)
        drawing.write(text, x + 14.0, y)
        x += 32.0 + LETTER * len(text)
    band = any(known(change.band[0]) for change in changes)
    lines = [("line", "thick", "range over the model's choices" if band else "95 % interval")]
    if any(known(change.muscles[0]) for change in changes):
        lines.append(("line", "thin", "range over other muscle models"))
    if any(known(change.error) and not change.stands_in for change in changes):
        lines.append(("rect", "zone", "the method's own error: inside it, no finding"))
    if any(change.stands_in for change in changes):
        lines.append(("rect", "zone lent", "not measured for it: the largest of the others"))
    if any(known(change.elsewhere) for change in changes):
        lines.append(("rect", "zone far", "its error with other bodies and muscles"))
    for tag, kind, text in lines:
        y += 17.0
        if tag == "line":
            drawing.line(kind, (LEFT, y - 4.0), (LEFT + 20.0, y - 4.0))
        else:
            drawing.add("rect", kind, x=LEFT, y=y - 10.0, width=20.0, height=12.0)
        drawing.write(text, LEFT + 28.0, y)
    drawing.height = y + 8.0


def dot_plot(technique: Technique, reach: Iterable[float]) -> Markup:
    """Return a technique's figure.

    Args:
        technique: what is drawn.
        reach: values that the axis must hold, of all techniques, so that figures compare.
    """
    title = f"{technique.title} against {technique.against}, change in percent"
    text = " ".join([*findings(technique), *doubts(technique)])
    drawing = Drawing(technique.name, title, text)
    axis = axis_of(reach, LEFT, RIGHT, MOST_PERCENT)
    drawing.write("← less load", max(LEFT, axis.at(0.0) - 8.0), 12.0, "quiet", "end")
    drawing.write("more load →", axis.at(0.0) + 8.0, 12.0, "quiet")
    rows = [(name, list(own)) for name, own in groupby(technique.changes, lambda c: c.load.group)]
    top = 18.0
    foot = top + sum(HEAD + ROW * len(own) for _, own in rows)
    for tick in axis.ticks():
        place = axis.at(tick)
        drawing.line("zero" if tick == 0 else "grid", (place, top), (place, foot))
        drawing.write(f"{signed(tick, 0)} %", place, foot + 14.0, "quiet", "middle")
    for name, own in rows:
        drawing.write(name, 2.0, top + 16.0, "b")
        top += HEAD
        for change in own:
            _row(drawing, axis, change, top)
            top += ROW
    drawing.height = foot + 22.0
    _legend(drawing, technique)
    return drawing.finished()


def where_part(
    comparisons_csv: Path, recovery_csv: Path | None, laboratory: str
) -> list[dict[str, Any]]:
    """Return the section: a figure, its words and its table for every technique.

    Args:
        comparisons_csv: comparisons.csv.
        recovery_csv: recovery.csv of virtual runners, None where there is none.
        laboratory: that recorded them.
    """
    errors = Errors() if recovery_csv is None else contrast_errors(recovery_csv, laboratory)
    found = techniques(read_table(comparisons_csv), errors)
    drawn = [c for technique in found for c in technique.changes if not c.withheld]
    reach = [v for c in drawn for v in (c.change, *c.main, *c.muscles, c.error, c.elsewhere)]
    return [
        {
            "technique": technique,
            "svg": dot_plot(technique, reach),
            "findings": findings(technique),
            "doubts": doubts(technique),
            "rows": [cells(change) for change in technique.changes],
            "zones": any(known(change.error) for change in technique.changes),
            "far": any(known(change.elsewhere) for change in technique.changes),
            "lent": any(change.stands_in for change in technique.changes),
            "banded": any(known(change.band[0]) for change in technique.changes),
            "numbers": [list(HEADER), *number_rows(technique)],
        }
        for technique in found
    ]
