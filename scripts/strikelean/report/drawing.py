"""Figures of plain SVG elements: text and marks that take the page's colours and print sharply.

Drawn as wide as a phone's column, so that text keeps its size there; a wide screen sets several
beside each other.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

WIDTH = 350.0
"""Of a figure in its own units: a phone's column, so that a unit is about a pixel there."""
LETTER = 6.1
"""Mean width of a letter at the size that labels have, in the figure's units."""


class Drawing:
    """One SVG element under construction.

    Attributes:
        width: in the figure's units.
        height: used up so far, in the same.
    """

    def __init__(self, name: str, title: str, text: str, width: float = WIDTH) -> None:
        """Begin a figure.

        Args:
            name: unlike that of the page's other figures.
            title: what it is.
            text: what it shows, for those who cannot see it.
            width: in its own units.
        """
        self.height = 0.0
        self.width = width
        self._root = ET.Element(
            "svg",
            {
                "class": "plain",
                "role": "img",
                "aria-labelledby": f"{name}-title {name}-text",
            },
        )
        self.text_element("title", f"{name}-title", title)
        self.text_element("desc", f"{name}-text", text)

    def text_element(self, tag: str, name: str, text: str) -> None:
        """Add an element that is read and not drawn."""
        ET.SubElement(self._root, tag, {"id": name}).text = text

    def add(self, tag: str, kind: str, **attributes: float | str) -> None:
        """Add a mark; numbers are rounded to what a screen can show."""
        given = {
            name.replace("_", "-"): f"{value:.1f}" if isinstance(value, float) else value
            for name, value in attributes.items()
        }
        ET.SubElement(self._root, tag, {"class": kind, **given})

    def line(self, kind: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a straight line."""
        self.add("line", kind, x1=start[0], y1=start[1], x2=end[0], y2=end[1])

    def write(self, text: str, x: float, y: float, kind: str = "", anchor: str = "start") -> None:
        """Write a line of text with its foot at ``y``."""
        where = {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": f"t {kind}".strip()}
        if anchor != "start":
            where["text-anchor"] = anchor
        ET.SubElement(self._root, "text", where).text = text

    def mark(self, shape: str, kind: str, x: float, y: float, size: float = 4.5) -> None:
        """Draw a mark about a place: ``circle``, ``square`` or ``diamond``."""
        if shape == "circle":
            self.add("circle", kind, cx=x, cy=y, r=size)
        elif shape == "square":
            side = 1.8 * size
            self.add("rect", kind, x=x - side / 2, y=y - side / 2, width=side, height=side)
        else:
            corners = ((x - size, y), (x, y - size), (x + size, y), (x, y + size))
            self.polygon(kind, corners)

    def polygon(self, kind: str, corners: Sequence[tuple[float, float]]) -> None:
        """Draw a closed shape."""
        self.add("polygon", kind, points=" ".join(f"{x:.1f},{y:.1f}" for x, y in corners))

    def finished(self) -> Markup:
        """Return the element as it stands in the page."""
        self._root.set("viewBox", f"0 0 {self.width:.0f} {self.height:.0f}")
        return Markup(ET.tostring(self._root, encoding="unicode", short_empty_elements=True))


@dataclass(frozen=True)
class Axis:
    """Where values lie along a figure's width.

    Attributes:
        low, high: ends of the values.
        left, right: ends in the figure's units.
    """

    low: float
    high: float
    left: float
    right: float

    def at(self, value: float) -> float:
        """Return the place of a value; one beyond an end lies at the end."""
        return float(np.interp(value, (self.low, self.high), (self.left, self.right)))

    def holds(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return self.low <= value <= self.high

    def ticks(self, most: int = 5) -> list[float]:
        """Return round values between the ends, about so many."""
        found = MaxNLocator(most).tick_values(self.low, self.high)
        return [float(value) for value in found if self.holds(value)]


def axis_of(values: Iterable[float], left: float, right: float, most: float) -> Axis:
    """Return an axis in percent that holds zero and the known values, up to a size.

    Args:
        values: to be shown; NaN is left out.
        left, right: ends in the figure's units.
        most: size beyond which values are cut off at the end.
    """
    known = [value for value in values if np.isfinite(value)]
    # never so narrow that nothing looks like much
    low, high = min([-5.0, *known]), max([5.0, *known])
    room = 0.04 * (high - low)
    return Axis(max(low - room, -most), min(high + room, most), left, right)


def lines_of(text: str, width: float) -> list[str]:
    """Return a text in lines that fit a width of the figure."""
    return textwrap.wrap(text, int(width / LETTER))
