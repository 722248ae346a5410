"""How OpenSim 4.6 lays a straight line around a wrap cylinder, many lines at once.

Everything here is in the cylinder's own frame: its axis is Z, its middle the origin. Points are
arrays with their components first, ``(3, ...)``; what follows the components is a line (one
muscle segment in one frame).

The rules are OpenSim's own (``WrapCylinder``), found from its public source and held against it
in ``tests/opensim/test_muscle_paths.py``; where they are approximate or wrong they are reproduced,
not mended, so that both engines pull along the same lines:

* a line wraps where it comes nearer to the endless axis than the radius between its ends; the
  cylinder's length counts only once both tangent points are known, and only if both lie beyond it;
* a path around one cylinder touches it where a plane through its ends and a point of the surface
  between them cuts the two lines of contact, which is near the shortest path, not on it;
* a path around several cylinders slides its tangent points along the lines of contact until they
  leave the surface within 0.1 deg of the helix between them;
* more than half around a cylinder, anticlockwise about its axis, is as long as if the path went
  once more around and then back the short way; clockwise it is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.model.walk import cross

# What a cylinder does to a line. A line that must wrap crosses the cylinder; one that may wrap
# passes on the wrong side of a cylinder that only one half may be touched of.
NONE, INSIDE, MAY_WRAP, MUST_WRAP = 0, 1, 2, 3
# All of OpenSim: squared sine below which a line counts as parallel to the axis; how steep a plane
# may stand on the axis, and how far along it (m) it may cut; tangency, steps and chord (m) of the
# sliding tangent points, and how much further than the straight line says each step goes.
PARALLEL, STEEP, REACH_M = 2e-13, 1e-5 / 20.0, 10.0 * (1.0 + 2e-5)
TANGENCY_RAD, MAX_SLIDES, CHORD_M, OVERSHOOT = np.deg2rad(0.1), 100, 0.002, 1.5


def pick(
    values: FloatArray, where: tuple[NDArray[np.int64], ...], components: int = 1
) -> FloatArray:
    """Return the elements of an array at indices of the axes after its components."""
    index: tuple[Any, ...] = (*[slice(None)] * components, *where)
    return np.asarray(values[index])


@dataclass(frozen=True)
class Surface:
    """Size and active part of the cylinder beside each line; arrays that broadcast to (...).

    Attributes:
        radii_m, half_lengths_m: size.
        axes: 0 or 1, the axis whose sign says which half may be touched.
        signs: 1 or -1, the half that may be touched; 0 where all of it may.
    """

    radii_m: FloatArray
    half_lengths_m: FloatArray
    axes: NDArray[np.int64]
    signs: NDArray[np.int64]

    def of(self, rows: NDArray[np.int64]) -> Surface:
        """Return the cylinders of some rows."""
        return Surface(
            self.radii_m[rows], self.half_lengths_m[rows], self.axes[rows], self.signs[rows]
        )

    def beside(self, dimensions: int) -> Surface:
        """Return the cylinders with further axes of length one, to broadcast over frames."""
        shape = (-1, *(1,) * (dimensions - 1))
        return Surface(
            self.radii_m.reshape(shape),
            self.half_lengths_m.reshape(shape),
            self.axes.reshape(shape),
            self.signs.reshape(shape),
        )

    def allows(self, value: FloatArray) -> NDArray[np.bool_]:
        """Return where a coordinate along ``axes`` lies on the half that may be touched."""
        return np.asarray((value >= 0.0) == (self.signs > 0))


@dataclass(frozen=True)
class Frames:
    """Where cylinders are; what follows the components is a line or whatever is asked for.

    Attributes:
        rotations: (3, 3, ...) from the cylinder's to the laboratory's frame.
        centres_m: (3, ...) of the cylinders.
    """

    rotations: FloatArray
    centres_m: FloatArray

    def of(self, *rows: NDArray[np.int64]) -> Frames:
        """Return the frames of some rows."""
        return Frames(pick(self.rotations, rows, 2), pick(self.centres_m, rows))

    def inwards(self, points: FloatArray) -> FloatArray:
        """Return laboratory points (3, ...) in the cylinders' frames."""
        offset = points - self.centres_m
        return np.asarray(np.einsum("ij...,i...->j...", self.rotations, offset))

    def outwards(self, points: FloatArray) -> FloatArray:
        """Return points (3, ...) of the cylinders in the laboratory."""
        turned = np.einsum("ij...,j...->i...", self.rotations, points)
        return np.asarray(turned + self.centres_m)


@dataclass(frozen=True)
class Contact:
    """Where n lines touch their cylinders.

    Attributes:
        first, second: (3, n) tangent points on the side of each end.
        lengths_m: (n,) length along the surface between them.
        touches: (n,) false where both lie beyond the cylinder's ends: no wrap.
    """

    first: FloatArray
    second: FloatArray
    lengths_m: FloatArray
    touches: NDArray[np.bool_]

    def of(self, rows: NDArray[np.int64]) -> Contact:
        """Return the contacts of some lines."""
        return Contact(
            self.first[:, rows], self.second[:, rows], self.lengths_m[rows], self.touches[rows]
        )

    def outwards(self, frames: Frames) -> Contact:
        """Return the contacts with their points in the laboratory."""
        ends = frames.outwards(self.first), frames.outwards(self.second)
        return Contact(*ends, self.lengths_m, self.touches)


def _along(points: FloatArray, axes: NDArray[np.int64]) -> FloatArray:
    return np.where(axes == 0, points[0], points[1])


def classify(first: FloatArray, second: FloatArray, surface: Surface) -> NDArray[np.int8]:
    """Return what each cylinder does to its line: NONE, INSIDE, MAY_WRAP or MUST_WRAP.

    Args:
        first, second: (3, ...) ends of the lines.
        surface: the cylinders.
    """
    limit = surface.radii_m**2
    run = second[:2] - first[:2]
    inside = (first[0] ** 2 + first[1] ** 2 < limit) | (second[0] ** 2 + second[1] ** 2 < limit)
    level = run[0] ** 2 + run[1] ** 2
    rise = second[2] - first[2]
    parallel = level <= PARALLEL * (level + rise**2)
    level = np.where(parallel, 1.0, level)
    # nearest approach of the endless line to the endless axis, as a share of the line
    share = -(first[0] * run[0] + first[1] * run[1]) / level
    miss = (first[0] * run[1] - first[1] * run[0]) ** 2 / level
    crosses = (miss < limit) & (share > 0.0) & (share < 1.0) & ~parallel
    found = np.where(crosses, MUST_WRAP, NONE)
    if np.any(surface.signs):
        start, end = _along(first, surface.axes), _along(second, surface.axes)
        near = start + share * (end - start)
        either = surface.allows(start) | surface.allows(end)
        around = ((start >= 0.0) != (end >= 0.0)) & ~surface.allows(near)
        may = np.where(around | ~either, MAY_WRAP, NONE)
        found = np.where(surface.signs == 0, found, np.where(either & crosses, MUST_WRAP, may))
    return np.where(inside, INSIDE, found).astype(np.int8)


def _contact_lines(points: FloatArray, radii_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return both (3, n) places, level with a point, at which a plane through it touches."""
    distance = np.hypot(points[0], points[1])
    x, y = points[0] / distance, points[1] / distance
    depth = radii_m * (radii_m / distance)
    width = np.sqrt(np.maximum(radii_m**2 - depth**2, 0.0))
    centre = np.array([depth * x, depth * y, points[2]])
    aside = np.array([-width * y, width * x, np.zeros_like(x)])
    return centre + aside, centre - aside


def _across(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the product of (3, n) directions without their parts along the axis."""
    return np.asarray(one[0] * other[0] + one[1] * other[1])


def _cosine(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the cosine between (3, n) directions across the axis, as OpenSim rounds it."""
    dot = _across(one, other)
    size = np.sqrt(one[0] ** 2 + one[1] ** 2) * np.sqrt(other[0] ** 2 + other[1] ** 2)
    return np.asarray(np.clip(dot / size, -1.0, 1.0))


def _choose_lines(
    first: FloatArray, second: FloatArray, surface: Surface
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return points (3, n) on the lines of contact of both ends, far side, and over half around.

    Each end has two, counted anticlockwise (a) and clockwise (b) from it. All around, the pair
    with the smallest angle between them is taken. On one half only a and b go together, and
    which of them depends on which lies on the half that may be touched.
    """
    first_a, first_b = _contact_lines(first, surface.radii_m)
    second_a, second_b = _contact_lines(second, surface.radii_m)
    cosines = np.array(
        [_cosine(one, other) for one in (first_b, first_a) for other in (second_b, second_a)]
    )
    # on ties the last one of OpenSim's order, which is the first of this one
    best = np.argmax(cosines, axis=0)
    half = surface.signs != 0
    one_a, one_b, other_a, other_b = (
        surface.allows(_along(line, surface.axes))
        for line in (first_a, first_b, second_a, second_b)
    )
    wider = cosines[2] < cosines[1]  # the angle from a to b exceeds the one from b to a
    undecided = np.where(one_a, ~other_a, ~other_a & (other_b | wider))
    a_to_b = np.where(one_a == one_b, undecided, one_a)
    far = half & (a_to_b == wider)
    from_a = np.where(half, a_to_b, best >= 2)
    to_a = np.where(half, ~a_to_b, best % 2 == 1)
    touch, leave = np.where(from_a, first_a, first_b), np.where(to_a, second_a, second_b)
    straight = touch - first + leave - second
    outward = touch + leave
    around = half & (_across(straight, outward) < 0.0)
    return touch, leave, far, around


def norm(vectors: FloatArray) -> FloatArray:
    """Return the lengths (...) of vectors (3, ...)."""
    return np.asarray(np.sqrt(vectors[0] ** 2 + vectors[1] ** 2 + vectors[2] ** 2))


def _unit(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors / norm(vectors))


def _cutting_plane(
    first: FloatArray, second: FloatArray, radii_m: FloatArray, far: NDArray[np.bool_]
) -> FloatArray:
    """Return the normal (3, n) of the plane through both ends and the surface between them."""
    reach = np.hypot(first[0], first[1])
    share = reach / (reach + np.hypot(second[0], second[1]))
    middle = first + share * (second - first)
    axis_point = np.zeros_like(middle)
    axis_point[2] = middle[2]
    normal = cross(_unit(first - axis_point), _unit(second - axis_point))
    size = np.hypot(normal[0], normal[1])
    outward = radii_m * np.array([-normal[1], normal[0]]) / size
    # of the two points of the surface above and below that plane, the one towards the line
    towards = middle[0] * outward[0] + middle[1] * outward[1] > 0.0
    apex = np.where(towards == far, -outward, outward)
    summit = np.concatenate([apex, middle[2:]])
    return _unit(cross(_unit(first - summit), _unit(second - summit)))


def _heights(
    first: FloatArray, second: FloatArray, touch: FloatArray, leave: FloatArray, normal: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return how high (n,) both tangent points lie: in the plane, if that leads inwards.

    OpenSim measures heights along the line from the origin to the second end's height. Where that
    is nothing, it keeps the first tangent point level with its end and moves the second anyhow.
    """
    steep = np.abs(normal[2]) >= STEEP
    rise = np.where(steep, normal[2], 1.0)
    cuts, near = [], []
    for line, own in ((touch, first[2]), (leave, second[2])):
        aside = normal[0] * (line[0] - first[0]) + normal[1] * (line[1] - first[1])
        cuts.append(first[2] - aside / rise)
        near.append(steep & (np.abs(cuts[-1] - own) <= REACH_M))
    apart = np.abs(second[2] - first[2])
    # heights are counted from one metre below, so that rounding there decides what nothing is
    level = np.abs((second[2] + 1.0) - 1.0) < np.finfo(np.float64).eps
    moves = near[0] & (np.abs(cuts[0] - second[2]) < apart) & ~level
    follows = near[1] & np.where(level, apart > 0.0, np.abs(cuts[1] - first[2]) < apart)
    return np.where(moves, cuts[0], first[2]), np.where(follows, cuts[1], second[2])


def _slide(
    first: FloatArray,
    second: FloatArray,
    one: FloatArray,
    other: FloatArray,
    radii_m: FloatArray,
    angle: FloatArray,
) -> None:
    """Move tangent points ``one`` and ``other`` (3, n) along the axis, in place, to tangency.

    Each is moved by where the straight line from its end to the next point of the helix passes
    it, until line and helix make the same angle with the axis. Only heights change, so that
    everything seen along the axis is worked out once for each number of chords.
    """
    near, far = one[:2] - first[:2], other[:2] - second[:2]
    reach = np.array([np.hypot(*near), np.hypot(*far)])
    # how far the helix goes along each line for a small angle, times that line's reach
    along = np.array([one[0] * near[1] - one[1] * near[0], other[1] * far[0] - other[0] * far[1]])
    level, start, end = np.abs(radii_m * angle), one[2], other[2]
    chords, share = np.zeros_like(angle), np.ones_like(angle)
    chord, passing = np.zeros_like(angle), np.zeros_like(reach)
    for _ in range(MAX_SLIDES):
        span = end - start
        wanted = np.maximum(np.floor(np.hypot(level, span) / CHORD_M), 1.0)
        if not np.array_equal(wanted, chords):
            chords, share = wanted, 1.0 / wanted
            chord = 2.0 * radii_m * np.abs(np.sin(0.5 * angle * share))
            advance = along * np.sin(angle * share)
            passing = (reach**2 + advance) / (reach**2 + 2.0 * advance + chord**2)
        rise = span * share
        fall = start - first[2]
        bend = np.arctan2(reach[0], fall) - np.arctan2(chord, rise)
        slides = (np.abs(bend) > TANGENCY_RAD) & (chords > 1.0)
        step = np.where(slides, OVERSHOOT * (passing[0] * (fall + rise) - fall), 0.0)
        start += step
        # the far end's helix already begins at the moved point
        rise = step - rise
        fall = end - second[2]
        bend = np.arctan2(reach[1], fall) - np.arctan2(chord, rise)
        follows = (np.abs(bend) > TANGENCY_RAD) & (chords > 1.0)
        end += np.where(follows, OVERSHOOT * (passing[1] * (fall + rise) - fall), 0.0)
        if not (slides.any() or follows.any()):
            break


def touch_cylinders(
    first: FloatArray, second: FloatArray, surface: Surface, slide: bool
) -> Contact:
    """Return where lines that wrap touch their cylinders.

    Args:
        first, second: (3, n) ends of lines that may or must wrap.
        surface: their cylinders, n rows.
        slide: of a path around several cylinders, whose tangent points OpenSim slides.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        touch, leave, far, around = _choose_lines(first, second, surface)
        normal = _cutting_plane(first, second, surface.radii_m, far)
        start, end = _heights(first, second, touch, leave, normal)
    beyond = (np.abs(start) > surface.half_lengths_m) & (np.abs(end) > surface.half_lengths_m)
    angle = np.arctan2(touch[0] * leave[1] - touch[1] * leave[0], _across(touch, leave))
    # the other way around: right for an anticlockwise angle alone, see the top of the module
    angle = np.where(around, angle - 2.0 * np.pi, angle)
    one, other = np.array([*touch[:2], start]), np.array([*leave[:2], end])
    if slide:
        _slide(first, second, one, other, surface.radii_m, angle)
    lengths = np.hypot(surface.radii_m * angle, other[2] - one[2])
    return Contact(one, other, lengths, ~beyond)


def price(
    found: NDArray[np.int8], ends: tuple[FloatArray, FloatArray], contact: Contact
) -> FloatArray:
    """Return (n,) what speaks against bending each line; OpenSim bends the cheapest of a path.

    Minus infinity where a line must be bent, infinity where it need not, else how much longer
    the way around is.

    Args:
        found: (n,) what the cylinders do.
        ends: (3, n) each, in the frame of the contact's points.
        contact: of these lines.
    """
    first, second = ends
    lines = norm(contact.first - first) + norm(second - contact.second)
    growth = lines + contact.lengths_m - norm(second - first)
    cost = np.where(found == MUST_WRAP, -np.inf, growth)
    return np.where((found == NONE) | np.isnan(cost), np.inf, cost)


def wrap_lines(
    first: FloatArray, second: FloatArray, surface: Surface, slide: bool
) -> tuple[NDArray[np.int8], tuple[NDArray[np.int64], ...], Contact]:
    """Lay lines around their cylinders.

    Args:
        first, second: (3, C, ...) ends of the lines in their cylinders' frames.
        surface: the C cylinders.
        slide: of paths around several cylinders.

    Returns:
        What each cylinder does to its line (C, ...), where it may or must wrap before the
        cylinder's length is counted (indices of n lines), and the contacts of those.
    """
    found = classify(first, second, surface.beside(first.ndim - 1))
    chosen = np.nonzero(found >= MAY_WRAP)
    part = surface.of(chosen[0])
    contact = touch_cylinders(pick(first, chosen), pick(second, chosen), part, slide)
    found[chosen] = np.where(contact.touches, found[chosen], NONE)
    return found, chosen, contact
