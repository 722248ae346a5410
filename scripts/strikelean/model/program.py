"""The joints of a compiled model written down as arrays, for the compiled loops that walk them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.model.walk_kernel import Program

if TYPE_CHECKING:
    from strikelean.model.tree import Joint, TransformAxis


def _axes(joint: Joint) -> list[tuple[TransformAxis, bool]]:
    """Return the axes that move or stand away from zero, with whether they turn."""
    every = [(axis, False) for axis in joint.translations]
    every += [(axis, True) for axis in joint.rotations]
    return [(axis, turns) for axis, turns in every if axis.coordinate >= 0 or axis.constant != 0.0]


def compile_program(joints: Sequence[Joint], bodies: int) -> Program:
    """Return the joints of a tree, parents before children, as arrays."""
    by_joint = [_axes(joint) for joint in joints]
    pairs = [pair for axes in by_joint for pair in axes]
    axes = [axis for axis, _ in pairs]
    carriers = np.full(bodies, -1)
    carriers[[joint.child for joint in joints]] = np.arange(len(joints))
    nothing = np.zeros(0), np.zeros((0, 1))
    pieces = [axis.curve.polynomials if axis.coordinate >= 0 else nothing for axis in axes]
    order = max((coefficients.shape[1] for _, coefficients in pieces), default=1)
    # powers that a polynomial does not have count nothing
    padded = [np.pad(c, ((0, 0), (order - c.shape[1], 0))) for _, c in pieces]

    def table(rows: Sequence[FloatArray], *shape: int) -> FloatArray:
        return np.array(rows, dtype=np.float64).reshape(len(rows), *shape)

    def starts(counts: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.cumsum([0, *counts], dtype=np.int64)

    return Program(
        parents=np.array([joint.parent for joint in joints], dtype=np.int64),
        children=np.array([joint.child for joint in joints], dtype=np.int64),
        carriers=carriers,
        firsts=starts([len(part) for part in by_joint]),
        turned_pf=table([joint.rotation_pf for joint in joints], 3, 3),
        placed_pf=table([joint.position_pf for joint in joints], 3),
        turned_mb=table([joint.rotation_bm.T for joint in joints], 3, 3),
        placed_bm=table([joint.position_bm for joint in joints], 3),
        coordinates=np.array([axis.coordinate for axis in axes], dtype=np.int64),
        turns=np.array([turns for _, turns in pairs], dtype=bool),
        axes=table([axis.direction for axis in axes], 3),
        along=np.array([axis.along for axis in axes], dtype=np.int64),
        lines=table(
            [
                np.array([axis.curve.slope, axis.curve.offset])
                if axis.coordinate >= 0
                else np.array([0.0, axis.constant])
                for axis in axes
            ],
            2,
        ),
        pieces=starts([len(edges) for edges, _ in pieces]),
        edges=np.concatenate([np.zeros(0), *(edges for edges, _ in pieces)]),
        coefficients=np.concatenate([np.zeros((0, order)), *padded]),
    )
