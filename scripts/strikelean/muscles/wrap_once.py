"""Paths around no cylinder or one: every segment of every muscle and frame at once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.muscles.geometry import Segments
from strikelean.muscles.wrap_cylinder import Frames, Surface, norm, pick, price, wrap_lines


def _bend(
    segments: Segments, points_m: FloatArray, frames: Frames, surface: Surface
) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.bool_]]:
    """Lay segments around the one cylinder of their muscle.

    Returns:
        For C wrapping segments: where the line from the start goes and where the line to the end
        comes from, (3, C, T); length along the cylinder (C, T); and whether it is bent.
    """
    starts = points_m[:, segments.starts[segments.wrapping]]
    ends = points_m[:, segments.ends[segments.wrapping]]
    around, sizes = frames.of(segments.cylinders), surface.of(segments.cylinders)
    first, second = around.inwards(starts), around.inwards(ends)
    found, where, contact = wrap_lines(first, second, sizes, slide=False)
    costs = np.full(found.shape, np.inf)
    costs[where] = price(found[where], (pick(first, where), pick(second, where)), contact)
    bent = np.zeros(found.shape, dtype=bool)
    # of each muscle, the first segment that must be bent, else the one that grows least
    for first_row, last_row in pairwise(segments.choices):
        part = costs[first_row:last_row]
        best = part.argmin(axis=0)
        columns = np.flatnonzero(part[best, np.arange(part.shape[1])] < np.inf)
        bent[first_row + best[columns], columns] = True
    kept: NDArray[np.bool_] = bent[where]
    row, frame = where[0][kept], where[1][kept]
    touch = contact.of(np.flatnonzero(kept)).outwards(around.of(row, frame))
    ends[:, row, frame], starts[:, row, frame] = touch.first, touch.second
    arcs = np.zeros(found.shape)
    arcs[row, frame] = touch.lengths_m
    return ends, starts, arcs, bent


def _pull_along(starts: FloatArray, ends: FloatArray, pulls: FloatArray) -> FloatArray:
    """Return lengths (L, T) of lines; put one newton along them into ``pulls`` (6, L, T)."""
    force, moment = pulls[:3], pulls[3:]
    np.subtract(ends, starts, out=force)
    lengths = norm(force)
    force /= lengths
    for axis in range(3):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        np.multiply(starts[one], force[other], out=moment[axis])
        moment[axis] -= starts[other] * force[one]
    return lengths


def wrap_once(
    segments: Segments, points_m: FloatArray, frames: Frames, surface: Surface, pulls: FloatArray
) -> FloatArray:
    """Lay paths around at most one cylinder each; return lengths (S, T) of their segments.

    Args:
        segments: S segments, C of which may be bent.
        points_m: (3, P, T) path points in the laboratory.
        frames, surface: the cylinders.
        pulls: (6, S + C, T), filled: force and moment about the laboratory's origin of one
            newton along the lines that leave the starts of all segments, and along those that
            reach the ends of the C.
    """
    starts, ends = points_m[:, segments.starts], points_m[:, segments.ends]
    towards, onwards, arcs, bent = _bend(segments, points_m, frames, surface)
    count, wrapping = len(segments.starts), segments.wrapping
    last = _pull_along(onwards, ends[:, wrapping], pulls[:, count:])
    ends[:, wrapping] = towards
    lengths = _pull_along(starts, ends, pulls[:, :count])
    lengths[wrapping] += np.where(bent, arcs + last, 0.0)
    return lengths
