"""Residuals of a stride's frames and their slopes, each with the variables it depends on alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray

# force, free moment, centre of pressure and placement of one foot
FORCE, MOMENT, PRESSURE, PLACEMENT = slice(0, 3), slice(3, 4), slice(4, 6), slice(6, 8)
FOOT_VARIABLES = 8
# the floor's axes: forward and sideways
FLOOR = (0, 2)


@dataclass(frozen=True)
class Change:
    """A change of a stride, frame by frame.

    Attributes:
        coordinates, speeds, accelerations: (K, C) of the moving coordinates.
        feet: (K, feet, 8) change of force (N), free moment (N m), pressure (m) and placement (m).
    """

    coordinates: FloatArray
    speeds: FloatArray
    accelerations: FloatArray
    feet: FloatArray


def join_changes(changes: list[Change]) -> Change:
    """Return changes of several strides, one after the other."""
    names = ("coordinates", "speeds", "accelerations", "feet")
    return Change(*(np.concatenate([getattr(change, n) for change in changes]) for n in names))


@dataclass(frozen=True)
class Block:
    """Some residuals over their scales, with their slopes.

    Attributes:
        values: (K, r).
        slopes: (K, r, n) by the variables ``columns``; or (K, r) where each residual depends on
            one variable, the columns' in turn.
        columns: (n,) places among a frame's variables: coordinates, speeds, accelerations (C
            each), then 8 a foot.
    """

    values: FloatArray
    slopes: FloatArray
    columns: NDArray[np.int64]

    @property
    def single(self) -> bool:
        """Whether each residual depends on one variable."""
        return self.slopes.ndim == 2

    def part(self, frames: slice) -> Block:
        """Return those of some frames."""
        return Block(self.values[frames], self.slopes[frames], self.columns)


@dataclass(frozen=True)
class Residuals:
    """All residuals of some frames.

    Attributes:
        blocks: of each kind.
        width: variables of a frame, 3 C + 8 feet.
    """

    blocks: tuple[Block, ...]
    width: int

    def part(self, frames: slice) -> Residuals:
        """Return those of some frames."""
        return Residuals(tuple(block.part(frames) for block in self.blocks), self.width)

    @cached_property
    def cost(self) -> float:
        """Half the sum of squares."""
        return 0.5 * sum(float((block.values**2).sum()) for block in self.blocks)

    @cached_property
    def pulled(self) -> FloatArray:
        """Gradient of the cost by the variables of each frame, (K, 3 C + 8 feet)."""
        found = np.zeros((len(self.blocks[0].values), self.width))
        for block in self.blocks:
            if block.single:
                found[:, block.columns] += block.values * block.slopes
            else:
                found[:, block.columns] += np.matmul(block.values[:, None], block.slopes)[:, 0]
        return found

    @cached_property
    def values(self) -> FloatArray:
        """All values, (K, R)."""
        return np.concatenate([block.values for block in self.blocks], axis=1)

    @cached_property
    def slopes(self) -> FloatArray:
        """All slopes by all variables, (K, R, 3 C + 8 feet)."""
        parts = []
        for block in self.blocks:
            frames, rows = block.values.shape
            part = np.zeros((frames, rows, self.width))
            if block.single:
                part[:, np.arange(rows), block.columns] = block.slopes
            else:
                part[:, :, block.columns] = block.slopes
            parts.append(part)
        return np.concatenate(parts, axis=1)
