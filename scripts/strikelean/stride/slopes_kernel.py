"""Compiled loops over frames: how points and moments change with a stride's coordinates.

A body's twists, (6, C, K) about the laboratory origin, say what unit rates of C coordinates do to
it (:func:`strikelean.model.walk.body_twists`).
"""

from __future__ import annotations

import numpy as np

from strikelean.compiled import compiled
from strikelean.formats.series import FloatArray


@compiled
def point_slopes(twists: FloatArray, points_m: FloatArray) -> FloatArray:
    """Return derivatives of points of a body by the coordinates, (K, 3 P, C): x, y, z of each.

    Args:
        twists: (6, C, K) of the body.
        points_m: (3, P, K) laboratory.
    """
    count, frames = twists.shape[1:]
    points = points_m.shape[1]
    out = np.empty((frames, 3 * points, count))
    for t in range(frames):
        for p in range(points):
            x, y, z = points_m[0, p, t], points_m[1, p, t], points_m[2, p, t]
            for c in range(count):
                a, b, d = twists[0, c, t], twists[1, c, t], twists[2, c, t]
                out[t, 3 * p, c] = b * z - d * y + twists[3, c, t]
                out[t, 3 * p + 1, c] = d * x - a * z + twists[4, c, t]
                out[t, 3 * p + 2, c] = a * y - b * x + twists[5, c, t]
    return out


@compiled
def move_moments(
    slopes: FloatArray, point_m: FloatArray, twists: FloatArray, force_n: FloatArray
) -> None:
    """Take derivatives of a wrench about the origin to a point that moves along.

    Args:
        slopes: (K, 6, W) moment and force, by the C coordinates first; changed in place.
        point_m: (3, K) the point.
        twists: (6, C, K) of the body that it belongs to.
        force_n: (3, K) of the wrench.
    """
    for t in range(slopes.shape[0]):
        x, y, z = point_m[0, t], point_m[1, t], point_m[2, t]
        by_frame = slopes[t]
        for w in range(slopes.shape[2]):
            a, b, d = by_frame[3, w], by_frame[4, w], by_frame[5, w]
            by_frame[0, w] -= y * d - z * b
            by_frame[1, w] -= z * a - x * d
            by_frame[2, w] -= x * b - y * a
        f, g, h = force_n[0, t], force_n[1, t], force_n[2, t]
        for c in range(twists.shape[1]):
            a, b, d = twists[0, c, t], twists[1, c, t], twists[2, c, t]
            u = b * z - d * y + twists[3, c, t]
            v = d * x - a * z + twists[4, c, t]
            w = a * y - b * x + twists[5, c, t]
            by_frame[0, c] -= v * h - w * g
            by_frame[1, c] -= w * f - u * h
            by_frame[2, c] -= u * g - v * f
