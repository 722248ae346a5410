"""Compiled loops over frames: curves of joints, the walk over the bodies, twists of a body.

A model comes as a :class:`Program`, its joints written down as arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strikelean.compiled import compiled
from strikelean.formats.series import FloatArray

Index = NDArray[np.int64]
Vector = tuple[float, float, float]


class Program(NamedTuple):
    """The J joints of a model with their A axes that move or stand away from zero, as arrays.

    Attributes:
        parents, children: (J,) bodies, -1 for ground.
        carriers: (B,) the joint that carries a body, -1 where none does.
        firsts: (J + 1,) a joint's first axis, in the order in which they act: translations first.
        turned_pf, placed_pf: (J, 3, 3) and (J, 3) parent frame in the parent body.
        turned_mb, placed_bm: (J, 3, 3) from the child frame to the child body, and (J, 3) its place
            in that body.
        coordinates: (A,) what drives an axis, -1 for nothing.
        turns: (A,) whether it is a rotation.
        axes: (A, 3) unit axes in the parent frame.
        along: (A,) which axis of the parent frame it lies along, -1 for none.
        lines: (A, 2) slope and offset of the displacement, for axes without pieces.
        pieces: (A + 1,) an axis' first piece.
        edges, coefficients: (P,) where a piece begins, (P, K) its polynomial from there, highest
            power first.
    """

    parents: Index
    children: Index
    carriers: Index
    firsts: Index
    turned_pf: FloatArray
    placed_pf: FloatArray
    turned_mb: FloatArray
    placed_bm: FloatArray
    coordinates: Index
    turns: NDArray[np.bool_]
    axes: FloatArray
    along: Index
    lines: FloatArray
    pieces: Index
    edges: FloatArray
    coefficients: FloatArray


class Placed(NamedTuple):
    """Where the bodies, joints and axes of a model are in T frames, in the laboratory.

    Attributes:
        rotations: (B, 3, 3, T) from body to laboratory.
        positions_m: (B, 3, T) origins of the bodies' frames.
        origins_m: (J, 3, T) origins of the joints' child frames.
        directions: (A, 3, T) the axes.
        slopes: (3, A, T) first, second and third derivative of their displacements by the
            coordinates that drive them.
    """

    rotations: FloatArray
    positions_m: FloatArray
    origins_m: FloatArray
    directions: FloatArray
    slopes: FloatArray


@compiled
def _expand(
    x: float, edges: FloatArray, coefficients: FloatArray, first: int, end: int
) -> tuple[float, float, float, float]:
    """Return a piecewise polynomial with three derivatives at x; the outer pieces go on.

    One pass of Horner's scheme for all four.
    """
    piece = end - 1
    while piece > first and x < edges[piece]:
        piece -= 1
    along = x - edges[piece]
    value, slope, half, sixth = coefficients[piece, 0], 0.0, 0.0, 0.0
    for power in range(1, coefficients.shape[1]):
        sixth = sixth * along + half
        half = half * along + slope
        slope = slope * along + value
        value = value * along + coefficients[piece, power]
    return value, slope, 2.0 * half, 6.0 * sixth


@compiled
def expand_pieces(x: FloatArray, edges: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Return a piecewise polynomial with three derivatives, (4, N), at (N,) arguments.

    Args:
        x: arguments.
        edges: (P,) where pieces begin.
        coefficients: (P, K) of each, highest power first.
    """
    out = np.empty((4, len(x)))
    for place in range(len(x)):
        found = _expand(x[place], edges, coefficients, 0, len(edges))
        out[0, place], out[1, place], out[2, place], out[3, place] = found
    return out


@compiled
def _vector(table: FloatArray, row: int) -> Vector:
    return table[row, 0], table[row, 1], table[row, 2]


@compiled
def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def _row_times(row: Vector, fixed: FloatArray) -> Vector:
    """Return a row of a rotation times a fixed (3, 3) matrix."""
    return (
        row[0] * fixed[0, 0] + row[1] * fixed[1, 0] + row[2] * fixed[2, 0],
        row[0] * fixed[0, 1] + row[1] * fixed[1, 1] + row[2] * fixed[2, 1],
        row[0] * fixed[0, 2] + row[1] * fixed[1, 2] + row[2] * fixed[2, 2],
    )


@compiled
def _turned_row(row: Vector, axis: Vector, along: int, sine: float, cosine: float) -> Vector:
    """Return a row of a rotation that is turned about an axis of its own frame."""
    if along == 0:
        sine *= axis[0]
        return row[0], cosine * row[1] + sine * row[2], cosine * row[2] - sine * row[1]
    if along == 1:
        sine *= axis[1]
        return cosine * row[0] - sine * row[2], row[1], cosine * row[2] + sine * row[0]
    if along == 2:
        sine *= axis[2]
        return cosine * row[0] + sine * row[1], cosine * row[1] - sine * row[0], row[2]
    x, y, z = axis
    once = row[1] * z - row[2] * y, row[2] * x - row[0] * z, row[0] * y - row[1] * x
    twice = once[1] * z - once[2] * y, once[2] * x - once[0] * z, once[0] * y - once[1] * x
    rest = 1.0 - cosine
    return (
        row[0] + sine * once[0] + rest * twice[0],
        row[1] + sine * once[1] + rest * twice[1],
        row[2] + sine * once[2] + rest * twice[2],
    )


@compiled
def walk_frames(program: Program, values: FloatArray) -> Placed:
    """Return where bodies, joints and axes are at (Q, T) coordinates, rad and m."""
    frames, count, bodies = values.shape[1], len(program.coordinates), len(program.carriers)
    rotations, positions = np.empty((bodies, 3, 3, frames)), np.empty((bodies, 3, frames))
    origins = np.empty((len(program.parents), 3, frames))
    directions = np.empty((count, 3, frames))
    slopes = np.empty((3, count, frames))
    for body in range(bodies):
        if program.carriers[body] < 0:
            positions[body], rotations[body] = 0.0, 0.0
            for i in range(3):
                rotations[body, i, i] = 1.0
    for joint in range(len(program.parents)):
        parent, body = program.parents[joint], program.children[joint]
        turned_pf, turned_mb = program.turned_pf[joint], program.turned_mb[joint]
        place_pf, place_bm = _vector(program.placed_pf, joint), _vector(program.placed_bm, joint)
        # a joint at a time: what is written lies side by side
        for t in range(frames):
            r0, r1, r2 = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
            x, y, z = 0.0, 0.0, 0.0
            if parent >= 0:
                place = rotations[parent, :, :, t]
                r0 = (place[0, 0], place[0, 1], place[0, 2])
                r1 = (place[1, 0], place[1, 1], place[1, 2])
                r2 = (place[2, 0], place[2, 1], place[2, 2])
                x, y, z = positions[parent, 0, t], positions[parent, 1, t], positions[parent, 2, t]
            x, y, z = x + _dot(r0, place_pf), y + _dot(r1, place_pf), z + _dot(r2, place_pf)
            r0 = _row_times(r0, turned_pf)
            r1 = _row_times(r1, turned_pf)
            r2 = _row_times(r2, turned_pf)
            for a in range(program.firsts[joint], program.firsts[joint + 1]):
                axis = _vector(program.axes, a)
                dx, dy, dz = _dot(r0, axis), _dot(r1, axis), _dot(r2, axis)
                directions[a, 0, t], directions[a, 1, t], directions[a, 2, t] = dx, dy, dz
                amount, slope, bend, third = program.lines[a, 1], program.lines[a, 0], 0.0, 0.0
                coordinate = program.coordinates[a]
                if coordinate >= 0:
                    value = values[coordinate, t]
                    first, end = program.pieces[a], program.pieces[a + 1]
                    if end > first:
                        amount, slope, bend, third = _expand(
                            value, program.edges, program.coefficients, first, end
                        )
                    else:
                        amount += slope * value
                slopes[0, a, t], slopes[1, a, t], slopes[2, a, t] = slope, bend, third
                if program.turns[a]:
                    sine, cosine, k = np.sin(amount), np.cos(amount), program.along[a]
                    r0 = _turned_row(r0, axis, k, sine, cosine)
                    r1 = _turned_row(r1, axis, k, sine, cosine)
                    r2 = _turned_row(r2, axis, k, sine, cosine)
                else:
                    x, y, z = x + amount * dx, y + amount * dy, z + amount * dz
            origins[joint, 0, t], origins[joint, 1, t], origins[joint, 2, t] = x, y, z
            r0 = _row_times(r0, turned_mb)
            r1 = _row_times(r1, turned_mb)
            r2 = _row_times(r2, turned_mb)
            out = rotations[body, :, :, t]
            out[0, 0], out[0, 1], out[0, 2] = r0
            out[1, 0], out[1, 1], out[1, 2] = r1
            out[2, 0], out[2, 1], out[2, 2] = r2
            positions[body, 0, t] = x - _dot(r0, place_bm)
            positions[body, 1, t] = y - _dot(r1, place_bm)
            positions[body, 2, t] = z - _dot(r2, place_bm)
    return Placed(rotations, positions, origins, directions, slopes)


@compiled
def twist_frames(
    program: Program, pose: Placed, body: int, columns: Index, count: int
) -> FloatArray:
    """Return what unit rates of coordinates do to a body, (6, C, T) about the origin.

    Args:
        program, pose: the model, and where it is.
        body: which.
        columns: (Q,) where a coordinate's twists are wanted, -1 for nowhere.
        count: C, how many are.
    """
    frames = pose.origins_m.shape[2]
    twists = np.zeros((6, count, frames))
    while body >= 0 and program.carriers[body] >= 0:
        joint = program.carriers[body]
        place = pose.origins_m[joint]
        for a in range(program.firsts[joint], program.firsts[joint + 1]):
            q = program.coordinates[a]
            c = columns[q] if q >= 0 else -1
            if c < 0:
                continue
            axis = pose.directions[a]
            for t in range(frames):
                slope = pose.slopes[0, a, t]
                x, y, z = slope * axis[0, t], slope * axis[1, t], slope * axis[2, t]
                if program.turns[a]:
                    twists[0, c, t] += x
                    twists[1, c, t] += y
                    twists[2, c, t] += z
                    twists[3, c, t] += place[1, t] * z - place[2, t] * y
                    twists[4, c, t] += place[2, t] * x - place[0, t] * z
                    twists[5, c, t] += place[0, t] * y - place[1, t] * x
                else:
                    twists[3, c, t] += x
                    twists[4, c, t] += y
                    twists[5, c, t] += z
        body = program.parents[joint]
    return twists
