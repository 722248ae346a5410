"""A runner as checked: markers on the standing model, and the vertical force with its contacts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from strikelean.report.digits import signed
from strikelean.report.drawing import LETTER, Axis, Drawing
from strikelean.report.markerset_picture import spread

SCALE = 240.0
"""Units to a metre in the standing pictures."""
FAR_MM = 20.0
"""A landmark further than this from the scaled model's is marked, and warned of in quality.csv."""
MIDDLE_M = 0.02
FORCE_WIDTH, FORCE_HEIGHT = 720.0, 150.0
DOT = 2.6

Point = tuple[float, float]


def _at(place: Sequence[float], view: str, middle: float, top_m: float) -> Point:
    """Return where a point is drawn: from the front the runner's right is on the left."""
    across = middle - SCALE * place[2] if view == "front" else middle + SCALE * place[0]
    return across, 20.0 + SCALE * (top_m - place[1])


def _label(name: str, errors_mm: Mapping[str, float]) -> str:
    return f"{name} {errors_mm[name]:.0f} mm" if name in errors_mm else name


def _axis_marks(drawing: Drawing, axes: Mapping[str, str], view: str, floor: float) -> None:
    """Draw which way the axes of the file are taken to point."""
    across = "right" if view == "front" else "forward"
    turn = -1.0 if view == "front" else 1.0
    x = 78.0 if view == "front" else 40.0
    drawing.line("axis", (x, floor), (x, floor - 34.0))
    drawing.line("axis", (x, floor), (x + turn * 34.0, floor))
    drawing.polygon("axis-head", ((x - 4, floor - 32), (x + 4, floor - 32), (x, floor - 41)))
    tip = x + turn * 41.0
    back = x + turn * 32.0
    drawing.polygon("axis-head", ((back, floor - 4), (back, floor + 4), (tip, floor)))
    drawing.write(f"up: {axes['up']}", x - 20.0, floor - 46.0)
    drawing.write(f"{across}: {axes[across]}", min(x, tip), floor + 15.0)


def draw_standing(
    name: str,
    standing: Mapping[str, Any],
    errors_mm: Mapping[str, float],
    view: str,
    axes: Mapping[str, str],
) -> Markup:
    """Return the runner standing, from the front or from the right.

    Args:
        name: unlike that of the page's other figures.
        standing: markers, lines and bodies (:func:`strikelean.checking.standing`).
        errors_mm: of the landmarks that scaled and posed the model.
        view: ``front`` or ``side``.
        axes: of the file, by where they point.
    """
    places: dict[str, Sequence[float]] = standing["markers"]
    shown = [n for n, p in places.items() if view == "front" or p[2] > -MIDDLE_M]
    letters = max((len(_label(n, errors_mm)) for n in shown), default=0)
    column = LETTER * letters + 8.0
    width = 2.0 * column + (190.0 if view == "front" else 150.0)
    lines: list[list[list[float]]] = standing["lines"]
    heights = [p[1] for p in [*places.values(), *(end for line in lines for end in line)]]
    top_m = max(heights, default=1.0)
    floor = 20.0 + SCALE * top_m
    from_where = "the front" if view == "front" else "the right"
    what = f"{len(places)} markers" + (" on the scaled model" if lines else ", no scaled model")
    drawing = Drawing(name, f"Standing, seen from {from_where}", f"{what}.", width)
    drawing.line("floor", (column, floor), (width - column, floor))
    middle = width / 2.0
    for start, end in lines:
        drawing.line("bone", _at(start, view, middle, top_m), _at(end, view, middle, top_m))
    left = [n for n in shown if _at(places[n], view, middle, top_m)[0] <= middle]
    bottom = floor + 40.0
    for side, names in ((0, left), (1, [n for n in shown if n not in left])):
        names.sort(key=lambda n: -places[n][1])
        downs = spread([_at(places[n], view, middle, top_m)[1] + 4.0 for n in names], bottom)
        for one, down in zip(names, downs, strict=True):
            text = _label(one, errors_mm)
            far = "far" if errors_mm.get(one, 0.0) > FAR_MM else ""
            long = LETTER * len(text)
            x = 2.0 if side == 0 else width - 2.0
            drawing.write(text, x, down, far, "start" if side == 0 else "end")
            edge = x + long + 3.0 if side == 0 else x - long - 3.0
            drawing.line("lead", (edge, down - 4.0), _at(places[one], view, middle, top_m))
    computed = set(standing["computed"])
    for one, place in places.items():
        x, y = _at(place, view, middle, top_m)
        kind = "made" if one in computed else "seen" if one in shown else "behind"
        if errors_mm.get(one, 0.0) > FAR_MM:
            # as wide as it is far from its place, true to scale
            drawing.mark("circle", "miss", x, y, SCALE * errors_mm[one] / 1000.0)
        drawing.mark("circle", f"marker {kind}", x, y, DOT)
    _axis_marks(drawing, axes, view, bottom + 62.0)
    drawing.height = bottom + 84.0
    return drawing.finished()


def _shade(drawing: Drawing, contact: Mapping[str, Any], axis: Axis, foot: float) -> None:
    start, end = axis.at(contact["start_s"]), axis.at(contact["end_s"])
    if end <= start:
        return
    side = contact["side"] if contact["valid"] else "out"
    chosen = " chosen" if contact["selected"] else ""
    drawing.add(
        "rect", f"contact {side or 'out'}{chosen}", x=start, y=16.0, width=end - start,
        height=foot - 16.0,
    )  # fmt: skip
    letter = contact["side"][:1].upper() or "?"
    drawing.write(
        letter if contact["valid"] else f"{letter}\u00d7", (start + end) / 2, 12.0, "b", "middle"
    )
    angle = contact["angle_deg"]
    if angle is not None:
        drawing.write(f"{signed(angle, 0)}°", (start + end) / 2, foot + 28.0, "quiet", "middle")


def draw_force(name: str, trial: Mapping[str, Any]) -> Markup | None:
    """Return some seconds of the vertical force with its contacts, None where none was read."""
    force = trial["force"]
    if not force or len(force["time_s"]) < 2:
        return None
    times, weights = force["time_s"], force["weights"]
    contacts = [c for c in trial["contacts"] if c["start_s"] < times[-1] and c["end_s"] > times[0]]
    counted = ", ".join(
        f"{sum(c['side'] == side and c['valid'] for c in contacts)} {side}"
        for side in ("right", "left")
    )
    drawing = Drawing(
        name,
        f"Vertical force of {trial['trial']}",
        f"Valid contacts drawn: {counted}.",
        FORCE_WIDTH,
    )
    foot = 16.0 + FORCE_HEIGHT
    axis = Axis(times[0], times[-1], 34.0, FORCE_WIDTH - 6.0)
    top = max(3.0, *weights)
    up = Axis(min(0.0, *weights), top, foot, 16.0)
    for contact in contacts:
        _shade(drawing, contact, axis, foot)
    for value in range(math.ceil(up.low), math.floor(top) + 1):
        drawing.line("grid", (34.0, up.at(value)), (FORCE_WIDTH - 6.0, up.at(value)))
        drawing.write(str(value), 28.0, up.at(value) + 4.0, "quiet", "end")
    points = " ".join(
        f"{axis.at(t):.1f},{up.at(w):.1f}" for t, w in zip(times, weights, strict=True)
    )
    drawing.add("polyline", "vertical", points=points)
    for value in range(math.ceil(axis.low), math.floor(axis.high) + 1):
        drawing.write(str(value), axis.at(value), foot + 14.0, "quiet", "middle")
    drawing.write("s", FORCE_WIDTH - 2.0, foot + 14.0, "quiet", "end")
    drawing.write("BW", 2.0, 12.0, "quiet")
    drawing.height = foot + 34.0
    return drawing.finished()
