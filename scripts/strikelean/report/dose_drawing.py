"""One small chart a load: its change over the dose, as SVG.

The page's script draws nothing anew: it moves the curve, the band and the mark of this drawing to
another runner or dose, with the axes that stand in the page's data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import numpy as np
from matplotlib.ticker import MaxNLocator

from strikelean.formats.series import FloatArray
from strikelean.report.digits import signed
from strikelean.report.doses import Curve

WIDTH, HEIGHT = 360, 236
LEFT, RIGHT, TOP, BOTTOM = 46, 350, 26, 190
DOT, MARK = 3.0, 6.0


@dataclass(frozen=True)
class Axes:
    """Where numbers lie in a chart, and what is written beside it.

    Attributes:
        x, y: first and last number of each axis; they lie at the chart's left and right, bottom
            and top.
        x_ticks, y_ticks: numbers that are written.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    x_ticks: tuple[float, ...]
    y_ticks: tuple[float, ...]

    def right(self, dose: float) -> float:
        """Return how far right a dose lies."""
        return LEFT + (dose - self.x[0]) / (self.x[1] - self.x[0]) * (RIGHT - LEFT)

    def down(self, change: float) -> float:
        """Return how far down a change lies."""
        return BOTTOM - (change - self.y[0]) / (self.y[1] - self.y[0]) * (BOTTOM - TOP)


@dataclass(frozen=True)
class Point:
    """A published change: at a dose, or for every unit of it.

    Attributes:
        dose: of the point; of a line, where it ends.
        change: at that dose.
        low, high: its 95 % interval, NaN where there is none.
        line: whether it stands for a line through no change.
        study: short name.
        link: address, or empty.
        text: what was measured, in the authors' words.
    """

    dose: float
    change: float
    low: float
    high: float
    line: bool
    study: str
    link: str
    text: str


@dataclass(frozen=True)
class Panel:
    """One chart.

    Attributes:
        name: makes its inner names unlike those of other charts.
        title: text for those who cannot see it.
        dose_label, change_label: of the axes.
        doses: (D,).
        stretch: dose beyond which it is hatched, infinite without one.
        axes: where numbers lie.
        shown: the curve drawn.
        others: changes (D,) of single runners, drawn thin.
        published: of the same quantity.
        start: dose of the mark.
    """

    name: str
    title: str
    dose_label: str
    change_label: str
    doses: FloatArray
    stretch: float
    axes: Axes
    shown: Curve
    others: Sequence[FloatArray]
    published: Sequence[Point]
    start: float


def axes_of(doses: FloatArray, changes: Sequence[FloatArray]) -> Axes:
    """Return axes that hold doses and changes, zero among them."""
    values = np.concatenate([[0.0], *changes])
    values = values[np.isfinite(values)]
    ticks = MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(min(values), max(values))
    steps = MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True).tick_values(doses[0], doses[-1])
    inside = [float(tick) for tick in steps if doses[0] <= tick <= doses[-1]]
    margin = 0.03 * float(doses[-1] - doses[0])
    return Axes(
        (float(doses[0]) - margin, float(doses[-1]) + margin),
        (float(ticks[0]), float(ticks[-1])),
        tuple(inside),
        tuple(float(tick) for tick in ticks),
    )


def _add(parent: ET.Element, name: str, text: str = "", **attributes: object) -> ET.Element:
    """Append an element; ``class_`` and ``stroke_width`` are written as SVG has them."""
    written = {
        key.rstrip("_").replace("_", "-"): f"{value:.1f}"
        if isinstance(value, float)
        else str(value)
        for key, value in attributes.items()
    }
    made = ET.SubElement(parent, name, written)
    made.text = text or None
    return made


def line_path(axes: Axes, doses: Sequence[float], changes: Sequence[float]) -> str:
    """Return the path through the points that are known."""
    known = [(d, c) for d, c in zip(doses, changes, strict=True) if np.isfinite(c)]
    return "M" + "L".join(f"{axes.right(d):.1f},{axes.down(c):.1f}" for d, c in known)


def band_path(axes: Axes, doses: Sequence[float], curve: Curve) -> str:
    """Return the path around a band; where there is none it has no height."""
    lows, highs = (
        np.where(np.isfinite(end), end, curve.change)
        for end in (curve.change_low, curve.change_high)
    )
    there, back = (
        line_path(axes, doses, list(highs)),
        line_path(axes, doses[::-1], list(lows[::-1])),
    )
    return f"{there}L{back[1:]}Z"


def _frame(svg: ET.Element, panel: Panel) -> None:
    """Draw what does not move: grid, numbers, names of the axes, the stretch."""
    axes = panel.axes
    if panel.stretch < panel.doses[-1] or -panel.stretch > panel.doses[0]:
        _hatched(svg, panel)
    for tick in axes.y_ticks:
        y = axes.down(tick)
        kind = "dose-zero" if tick == 0 else "dose-grid"
        _add(svg, "line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_=kind)
        decimals = 0 if float(tick).is_integer() else 1
        written = signed(tick, decimals)
        _add(svg, "text", written, x=LEFT - 5, y=y + 4, class_="dose-number", text_anchor="end")
    for tick in axes.x_ticks:
        x, written = axes.right(tick), f"{'+' if tick > 0 else ''}{signed(tick, 0)}"
        _add(svg, "line", x1=x, x2=x, y1=BOTTOM, y2=BOTTOM + 4, class_="dose-tick")
        _add(svg, "text", written, x=x, y=BOTTOM + 17, class_="dose-number", text_anchor="middle")
    middle = (LEFT + RIGHT) / 2
    label = {"y": HEIGHT - 10, "class_": "dose-name", "text_anchor": "middle"}
    _add(svg, "text", panel.dose_label, x=middle, **label)
    _add(svg, "text", panel.change_label, x=4, y=14, class_="dose-name")


def _hatched(svg: ET.Element, panel: Panel) -> None:
    pattern = _add(
        _add(svg, "defs"), "pattern", id=f"hatch-{panel.name}", width=7, height=7,
        patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
    )  # fmt: skip
    _add(pattern, "line", x1=0, x2=0, y1=0, y2=7, class_="dose-hatch")
    axes = panel.axes
    for first, last in ((panel.stretch, axes.x[1]), (axes.x[0], -panel.stretch)):
        if first < last:
            left, right = axes.right(first), axes.right(last)
            _add(
                svg, "rect", x=left, y=TOP, width=right - left, height=BOTTOM - TOP,
                fill=f"url(#hatch-{panel.name})", class_="dose-stretch",
            )  # fmt: skip
            _add(
                svg, "text", "a stretch", x=(left + right) / 2, y=BOTTOM - 6,
                class_="dose-name", text_anchor="middle",
            )  # fmt: skip


def _published(svg: ET.Element, panel: Panel) -> None:
    axes = panel.axes
    for point in panel.published:
        label = f"{point.study}: {point.text}"
        x, y = axes.right(point.dose), axes.down(point.change)
        if point.line:
            ends = {"x1": axes.right(0.0), "y1": axes.down(0.0), "x2": x, "y2": y}
            drawn = _add(svg, "line", "", **ends, class_="dose-published-line")
        else:
            if np.isfinite(point.low) and np.isfinite(point.high):
                ends = {"y1": axes.down(point.low), "y2": axes.down(point.high)}
                _add(svg, "line", "", x1=x, x2=x, **ends, class_="dose-published-line")
            diamond = f"M{x:.1f},{y - 6:.1f}l6,6l-6,6l-6,-6Z"
            drawn = _add(svg, "path", d=diamond, class_="dose-published")
        _add(drawn, "title", label)


def draw_panel(panel: Panel) -> str:
    """Return the chart as an SVG element for HTML."""
    svg = ET.Element(
        "svg",
        {
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "role": "img",
            "aria-label": panel.title,
            "class": "dose-chart",
        },
    )
    _frame(svg, panel)
    doses, axes = list(panel.doses), panel.axes
    for other in panel.others:
        _add(svg, "path", d=line_path(axes, doses, list(other)), class_="dose-other")
    _add(svg, "path", d=band_path(axes, doses, panel.shown), class_="dose-band")
    _add(svg, "path", d=line_path(axes, doses, list(panel.shown.change)), class_="dose-line")
    dots = _add(svg, "g", class_="dose-dots")
    for dose, change in zip(doses, panel.shown.change, strict=True):
        if np.isfinite(change):
            kind = "dose-dot open" if abs(dose) > panel.stretch else "dose-dot"
            _add(dots, "circle", cx=axes.right(dose), cy=axes.down(change), r=DOT, class_=kind)
    _published(svg, panel)
    _mark(svg, panel)
    return ET.tostring(svg, encoding="unicode", method="html")


def _mark(svg: ET.Element, panel: Panel) -> None:
    """Draw the mark at the dose that is shown."""
    x = panel.axes.right(panel.start)
    mark = _add(svg, "g", class_="dose-mark")
    _add(mark, "line", x1=x, x2=x, y1=TOP, y2=BOTTOM)
    place = int(np.flatnonzero(panel.doses == panel.start)[0])
    change = panel.shown.change[place]
    y = panel.axes.down(float(change)) if np.isfinite(change) else -99.0
    _add(mark, "circle", cx=x, cy=y, r=MARK)


def frame() -> dict[str, float]:
    """Return where the axes lie in a chart, for the script."""
    return {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM}
