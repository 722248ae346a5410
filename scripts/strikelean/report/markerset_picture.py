"""A marker set on the generic model, from the front and from the right, as a small SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.markersets import MarkerSet
from strikelean.model.engine import open_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.lines import LINES
from strikelean.model.scaling import attach_markers
from strikelean.model.tree import compile_tree

SCALE, TOP_M, WIDTH, LABEL = 330.0, 1.72, 480, 12.0
FRONT_X, SIDE_X, NAMES_X = 235.0, 400.0, 6.0
STYLE = (
    "text{font:11px sans-serif;fill:#222}line{stroke:#999}.lead{stroke-width:.6}"
    ".bone{stroke-width:3;stroke-linecap:round}.run{fill:#0b62a4}"
    ".stand{fill:#fff;stroke:#c4471c;stroke-width:1.6}.made{fill:none;stroke:#666;stroke-width:1.6}"
)


@dataclass(frozen=True)
class Stance:
    """The generic model standing, with a set's markers; metres forward, up, to the right.

    Attributes:
        markers: place (3,) of each marker.
        joints: place (3,) of the joint that carries each body.
    """

    markers: Mapping[str, FloatArray]
    joints: Mapping[str, FloatArray]


def standing_model(generic_osim: Path, marker_set: MarkerSet) -> Stance:
    """Return where a set's markers are on the generic model in its default pose."""
    model = open_model(generic_osim)
    attach_markers(model, marker_set)
    model.initSystem()
    tree = compile_tree(model)
    pose = solve_forward(tree, np.array([[c.default for c in tree.coordinates]]))
    placed = marker_positions(tree, pose)[0]
    joints = {
        tree.bodies[joint.child]: pose.origins_m[0, number]
        for number, joint in enumerate(tree.joints)
    }
    return Stance(dict(zip(tree.markers, placed, strict=True)), joints)


def _at(place: FloatArray, view: str) -> tuple[float, float]:
    """Return where a point (3,) is drawn: from the front the runner's right is on the left."""
    across = FRONT_X - SCALE * place[2] if view == "front" else SIDE_X + SCALE * (place[0] + 0.06)
    return round(float(across), 1), round(float(SCALE * (TOP_M - place[1])), 1)


def _line(
    parent: ElementTree.Element, start: tuple[float, float], end: tuple[float, float], kind: str
) -> None:
    values = zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True)
    ElementTree.SubElement(parent, "line", {k: f"{v:g}" for k, v in values} | {"class": kind})


def _dot(parent: ElementTree.Element, at: tuple[float, float], kind: str, name: str) -> None:
    places = {"cx": f"{at[0]:g}", "cy": f"{at[1]:g}", "r": "3.6", "class": kind}
    circle = ElementTree.SubElement(parent, "circle", places)
    ElementTree.SubElement(circle, "title").text = name


def _text(parent: ElementTree.Element, at: tuple[float, float], words: str) -> None:
    ElementTree.SubElement(parent, "text", {"x": f"{at[0]:g}", "y": f"{at[1]:g}"}).text = words


def spread(heights: Sequence[float], bottom: float) -> list[float]:
    """Return heights of labels, from the top, at least a line apart and above the bottom."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + LABEL if placed else LABEL))
    for number in range(len(placed) - 1, -1, -1):
        limit = placed[number + 1] - LABEL if number + 1 < len(placed) else bottom
        placed[number] = min(placed[number], limit)
    return placed


def draw_marker_set(marker_set: MarkerSet, stance: Stance) -> ElementTree.Element:
    """Return the picture: right and middle markers with their names, left ones as dots."""
    shown = {m.name: m for m in marker_set.markers}
    named = [n for n in shown if not shown[n].body.endswith("_l") and stance.markers[n][2] > -0.02]
    named.sort(key=lambda name: -float(stance.markers[name][1]))
    floor = SCALE * TOP_M + 12.0
    height = max(floor, LABEL * (len(named) + 1)) + 2.6 * LABEL
    size = {"viewBox": f"0 0 {WIDTH} {height:g}", "width": str(WIDTH), "height": f"{height:g}"}
    svg = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", **size})
    ElementTree.SubElement(svg, "title").text = f"Marker set {marker_set.name}, front and right"
    ElementTree.SubElement(svg, "style").text = STYLE
    ElementTree.SubElement(svg, "rect", {"width": "100%", "height": "100%", "fill": "#fff"})
    for view in ("front", "side"):
        for line in LINES:
            ends = [_at(stance.joints[body], view) for body in line]
            for start, end in pairwise(ends):
                _line(svg, start, end, "bone")
    labels = spread([_at(stance.markers[n], "front")[1] + 4.0 for n in named], height - 3 * LABEL)
    for name, down in zip(named, labels, strict=True):
        _text(svg, (NAMES_X, round(down, 1)), name)
        start = (NAMES_X + 6.2 * len(name) + 4.0, round(down - 4.0, 1))
        _line(svg, start, _at(stance.markers[name], "front"), "lead")
    computed = marker_set.computed_names()
    for name, marker in shown.items():
        worn = "run" if marker.running_weight > 0 else "stand"
        kind = "made" if name in computed else worn
        for view in ("front", "side"):
            if view == "front" or name in named:
                _dot(svg, _at(stance.markers[name], view), kind, name)
    legend = (("run", "standing and running"), ("stand", "standing alone"), ("made", "worked out"))
    for number, (kind, words) in enumerate(legend):
        across = 12.0 + number * 160.0
        _dot(svg, (across, height - 12.0), kind, words)
        _text(svg, (across + 8.0, height - 8.0), words)
    return svg
