"""Five instants of a stance beside each other: the moving figures where nothing can move."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.motion.stance_poses import (
    COLUMNS,
    FRAMES,
    HEAD_ABOVE_TRUNK,
    HEAD_RADIUS,
    LEGS,
    knee_arm_m,
    part,
)
from strikelean.report.digits import UNKNOWN, signed
from strikelean.report.poses import (
    ARROW_M,
    FAINT_FORCE,
    HALF_M,
    RECORDED,
    SHOULDER_DROP,
    DrawnPose,
    as_seen,
)

PERCENT = (0, 25, 50, 75, 100)
# of the drawing: its width, and room above a row for its name and below for what is written
WIDTH, NAME, BELOW = 380.0, 26.0, 36.0
SPACING_M = 0.66
"""From one instant to the next."""
MARGIN_M = 0.1

Points = dict[str, FloatArray]
Place = tuple[float, float]


def _points(pose: FloatArray, percent: int) -> Points:
    """Return forward and up of every point, and of the force, at the nearest frame."""
    frame = pose[round(percent / 100.0 * (FRAMES - 1))]
    return {
        name.removesuffix("_x"): frame[3 * place : 3 * place + 2]
        for place, name in enumerate(COLUMNS[::3])
    }


class _Panel:
    """One runner at one instant, from the side."""

    def __init__(self, parent: Element, middle: float, floor: float, scale: float) -> None:
        self.parent, self.middle, self.floor, self.scale = parent, middle, floor, scale

    def to(self, point: FloatArray) -> Place:
        """Return where a point lies in the drawing."""
        across, up = float(point[0]), float(point[1])
        return (
            round(self.middle + across * self.scale, 1),
            round(self.floor - up * self.scale, 1),
        )

    def add(self, kind: str, name: str, **attributes: object) -> None:
        """Append an element of a class."""
        told = {key: str(value) for key, value in attributes.items()}
        SubElement(self.parent, kind, {"class": name, **told})

    def line(self, name: str, *points: FloatArray, closed: bool = False) -> None:
        """Append a line through points."""
        told = "L".join("{} {}".format(*self.to(point)) for point in points)
        self.add("path", name, d=f"M{told}{'Z' if closed else ''}")

    def limb(self, name: str, ends: tuple[FloatArray, FloatArray], half: tuple[str, str]) -> None:
        """Append a limb: two round ends and the straight sides between them."""
        a, b = (np.array(self.to(end)) for end in ends)
        ra, rb = (round(HALF_M[joint] * self.scale, 1) for joint in half)
        along = (b - a) / (np.hypot(*(b - a)) or 1.0)
        side = np.array([along[1], -along[0]])
        right_a, right_b, left_b, left_a = (
            "{:.1f} {:.1f}".format(*place)
            for place in (a + ra * side, b + rb * side, b - rb * side, a - ra * side)
        )
        path = f"M{right_a}L{right_b}A{rb} {rb} 0 0 1 {left_b}L{left_a}A{ra} {ra} 0 0 1 {right_a}Z"
        self.add("path", name, d=path)

    def leg(self, points: Points, leg: str, name: str) -> None:
        """Append a leg with its sole."""
        own = {joint: points[f"{leg}_{joint}"] for joint in ("hip", "knee", "ankle")}
        heel, toe = points[f"{leg}_sole_heel"], points[f"{leg}_sole_toe"]
        self.line(f"limb foot {name}", own["ankle"], heel, toe, closed=True)
        self.limb(f"limb {name}", (own["knee"], own["ankle"]), ("knee", "ankle"))
        self.limb(f"limb {name}", (own["hip"], own["knee"]), ("hip", "knee"))
        self.line(f"limb sole {name}", heel, toe)

    def trunk(self, points: Points, assumed: bool) -> None:
        """Append trunk and head where the trunk's direction is known."""
        low = 0.5 * (points["stance_hip"] + points["other_hip"])
        high = points["trunk_top"]
        if not np.isfinite(high).all():
            return
        name = "limb trunk assumed" if assumed else "limb trunk"
        head = high + HEAD_ABOVE_TRUNK * (high - low)
        self.limb(name, (high, head), ("neck", "neck"))
        along = (high - low) / np.hypot(*(high - low))
        chest = high - SHOULDER_DROP * HALF_M["chest"] * along
        self.limb(name, (low, chest), ("waist", "chest"))
        x, y = self.to(head)
        radius = HEAD_RADIUS * float(np.hypot(*(high - low))) * self.scale
        self.add("circle", f"{name} head", cx=x, cy=y, r=round(radius, 1))

    def mass(self, point: FloatArray) -> None:
        """Append the sign of the centre of mass."""
        (x, y), r = self.to(point), 4
        self.add("circle", "mass", cx=x, cy=y, r=r)
        quarters = f"M{x} {y}v{-r}a{r} {r} 0 0 1 {r} {r}zM{x} {y}v{r}a{r} {r} 0 0 1 {-r} {-r}z"
        self.add("path", "mass-quarter", d=quarters)

    def force(self, points: Points) -> None:
        """Append the force, its line, and the knee's lever arm to it."""
        start, push = points["pressure"], points["force"]
        tip = start + ARROW_M * push
        if push[1] > FAINT_FORCE:
            size = np.hypot(*push)
            on = start + push * float((points["stance_knee"] - start) @ push) / size**2
            if on[1] > tip[1]:
                self.line("force-line", tip, on)
            self.line("arm", points["stance_knee"], on)
        (x, y), (from_x, from_y) = self.to(tip), self.to(start)
        length = float(np.hypot(x - from_x, y - from_y))
        if length < 3.0:
            return
        u = np.array([(x - from_x) / length, (y - from_y) / length])
        head = min(8.0, length)
        base = np.array([x, y]) - head * u
        wing = 0.45 * head * np.array([-u[1], u[0]])
        self.add("path", "force", d=f"M{from_x} {from_y}L{base[0]:.1f} {base[1]:.1f}")
        corners = [f"{place[0]:.1f} {place[1]:.1f}" for place in (base + wing, base - wing)]
        self.add("path", "force-head", d=f"M{x} {y}L{corners[0]}L{corners[1]}Z")


def _write(parent: Element, place: Place, text: str, name: str, anchor: str = "middle") -> None:
    x, y = (f"{value:.1f}" for value in place)
    made = SubElement(parent, "text", {"x": x, "y": y, "class": name, "text-anchor": anchor})
    made.text = text


def _arm_words(pose: FloatArray, percent: int) -> str:
    """Return the knee's lever arm in centimetres, behind the knee positive, or a dash."""
    frame = round(percent / 100.0 * (FRAMES - 1))
    if part(pose, "force")[frame, 1] <= FAINT_FORCE:
        return UNKNOWN
    return f"{signed(100.0 * float(knee_arm_m(pose)[frame]), 1)} cm"


def _room_m(drawn: Sequence[DrawnPose]) -> tuple[float, float, float]:
    """Return the room that poses need behind the first instant, before the last, and above."""
    points = [_points(one.pose, percent) for one in drawn for percent in (PERCENT[0], PERCENT[-1])]
    across = [
        [
            float(place[0])
            for name, place in own.items()
            if name != "force" and np.isfinite(place[0])
        ]
        for own in points
    ]
    behind, before = max(-min(own) for own in across), max(max(own) for own in across)
    tops = [1.0]
    for one in drawn:
        trunk, hips = part(one.pose, "trunk_top"), part(one.pose, "stance_hip")
        head = trunk + (HEAD_ABOVE_TRUNK + HEAD_RADIUS) * (trunk - hips)
        tops.append(float(np.nanmax(head[:, 1], initial=1.0)))
        tops.append(float(ARROW_M * np.nanmax(part(one.pose, "force")[:, 1])))
    return behind + MARGIN_M, before + 1.5 * MARGIN_M, max(tops) + 0.03


def _row(
    svg: Element, one: DrawnPose, floor: float, middles: Sequence[float], scale: float
) -> None:
    """Append one condition: its floor, five runners on it and what is written below them."""
    ground = {"x": "0", "y": f"{floor:.1f}", "width": f"{WIDTH:.0f}", "height": "4"}
    SubElement(svg, "rect", ground | {"class": "ground"})
    SubElement(svg, "path", {"d": f"M0 {floor:.1f}H{WIDTH:.0f}", "class": "floor"})
    panels = [_Panel(svg, middle, floor, scale) for middle in middles]
    every = [_points(one.pose, percent) for percent in PERCENT]
    for panel, points in zip(panels, every, strict=True):
        panel.leg(points, LEGS[1], "far")
    for panel, points, percent in zip(panels, every, PERCENT, strict=True):
        panel.trunk(points, one.trunk != RECORDED)
        panel.leg(points, LEGS[0], "near")
        panel.mass(points["com"])
        panel.force(points)
        _write(svg, (panel.middle, floor + 18.0), f"{percent} %", "percent")
        _write(svg, (panel.middle, floor + 32.0), _arm_words(one.pose, percent), "arm-words")


def strobe(poses: Sequence[DrawnPose]) -> str:
    """Return five instants of each pose as an SVG element, a row a pose.

    Args:
        poses: at least one, of the same runner.
    """
    drawn = [as_seen(one) for one in poses]
    behind, before, above = _room_m(drawn)
    scale = WIDTH / (behind + (len(PERCENT) - 1) * SPACING_M + before)
    middles = [(behind + place * SPACING_M) * scale for place in range(len(PERCENT))]
    row = NAME + above * scale + BELOW
    words = f"{drawn[0].runner} from the side at {', '.join(map(str, PERCENT))} % of stance: "
    words += ", ".join(one.label for one in drawn)
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH:.0f} {row * len(drawn):.0f}",
            "role": "img",
            "class": "runner",
            "aria-label": words,
        },
    )
    for number, one in enumerate(drawn):
        top = number * row
        name = f"{one.label[:1].upper()}{one.label[1:]} ({one.basis})"
        _write(svg, (0.0, top + 16.0), name, "name", "start")
        _row(svg, one, top + row - BELOW, middles, scale)
    return tostring(svg, encoding="unicode")


def strobe_rows(poses: Sequence[DrawnPose]) -> list[list[object]]:
    """Return the numbers of the drawing as rows, header first."""
    names = [name.removesuffix("_x") for name in COLUMNS[::3]]
    header = [f"{n}_{axis}_{'bw' if n == 'force' else 'm'}" for n in names for axis in "xyz"]
    rows: list[list[object]] = [["runner", "trial", "stance_percent", "knee_lever_arm_cm", *header]]
    for one in map(as_seen, poses):
        for percent in PERCENT:
            frame = round(percent / 100.0 * (FRAMES - 1))
            faint = part(one.pose, "force")[frame, 1] <= FAINT_FORCE
            arm = None if faint else round(100.0 * float(knee_arm_m(one.pose)[frame]), 2)
            known = [round(float(v), 4) if np.isfinite(v) else None for v in one.pose[frame]]
            rows.append([one.runner, one.trial, percent, arm, *known])
    return rows
