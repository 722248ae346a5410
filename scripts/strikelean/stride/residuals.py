"""What a changed stride leaves undone, frame by frame, with its derivatives.

A frame's variables are the changes of the C moving coordinates with their first and second
derivatives, and for each foot the change of its force (3), of its free moment about the vertical
(1), of its centre of pressure (2, on the floor) and of its placement (2). Every residual is zero
where nothing is asked and nothing changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.wrench_sensitivity import follow_motion, wrench_sensitivity
from strikelean.formats.series import FloatArray
from strikelean.model.walk import TreePose, body_twists, cross, walk_tree
from strikelean.stride.blocks import (
    FLOOR,
    FOOT_VARIABLES,
    FORCE,
    MOMENT,
    PLACEMENT,
    PRESSURE,
    Block,
    Change,
    Residuals,
)
from strikelean.stride.scales import SIDEWAYS, Scales
from strikelean.stride.slopes_kernel import move_moments, point_slopes
from strikelean.stride.stride import FootForce, Stride, join_strides, root_wrench
from strikelean.stride.targets import Targets, join_targets, sole_places

__all__ = [
    "FOOT_VARIABLES",
    "FORCE",
    "MOMENT",
    "PRESSURE",
    "Change",
    "Residuals",
    "StrideResiduals",
    "changed_feet",
    "changed_motion",
]

# share of a limit's scale over which its cost sets in
LIMIT_EASE = 0.3


@dataclass(frozen=True)
class _Weights:
    """One over the scale of each target, (K, ...): by frame, so that strides can be joined."""

    root: FloatArray
    coordinate: FloatArray
    turning: FloatArray
    limit: FloatArray
    thorax: FloatArray
    sole: FloatArray
    inside: FloatArray
    pressure: FloatArray
    foot: FloatArray


class StrideResiduals:
    """The residuals of one stride under one set of targets.

    Args:
        stride: as recorded.
        targets: what is asked.
        moving: (C,) coordinates that may change.
        scales: one standard deviation of each residual.
    """

    def __init__(
        self, stride: Stride, targets: Targets, moving: NDArray[np.int64], scales: Scales
    ) -> None:
        self.stride, self.targets, self.moving, self.scales = stride, targets, moving, scales
        self.count = len(moving)
        self.width = 3 * self.count + FOOT_VARIABLES * len(stride.feet)
        self.weights = self._weights()
        # places of the pressure in the feet, (feet, 3, K)
        self.arms = np.stack([self._arm(index) for index in range(len(stride.feet))])

    @classmethod
    def joined(cls, parts: Sequence[StrideResiduals]) -> StrideResiduals:
        """Return the residuals of several strides of one runner, one after the other."""
        if len(parts) == 1:
            return parts[0]
        every = copy(parts[0])
        every.stride = join_strides([part.stride for part in parts])
        every.targets = join_targets([part.targets for part in parts])
        every.arms = np.concatenate([part.arms for part in parts], axis=2)
        every.weights = _Weights(
            *(
                np.concatenate([getattr(part.weights, field.name) for part in parts])
                for field in fields(_Weights)
            )
        )
        return every

    def _weights(self) -> _Weights:
        stride, scales = self.stride, self.scales
        frames = len(stride.time_s)

        def every(scale: Sequence[float] | FloatArray) -> FloatArray:
            return np.tile(1.0 / np.asarray(scale, dtype=np.float64), (frames, 1))

        rotates = [stride.tree.coordinates[i].rotational for i in self.moving]
        load = np.stack([foot.load for foot in stride.feet], axis=1)
        inside = np.stack([foot.inside(stride.time_s) for foot in stride.feet], axis=1)
        # the placement is one number a contact: counted once, not once a frame
        placement = np.array(scales.placement_m) * np.sqrt(frames)
        force = np.array(scales.force_share) * stride.weight_n
        return _Weights(
            root=every(np.repeat((scales.root_moment_nm, scales.root_force_n), 3)),
            coordinate=np.hypot(
                every(self._coordinate_scales()), self.targets.held[:, self.moving]
            ),
            turning=every(np.where(rotates, scales.turning_rad_s2, scales.pelvis_m_s2)),
            limit=every([scales.limit_rad]),
            thorax=every([scales.thorax_rad]),
            sole=np.sqrt((load / scales.sole_m) ** 2 + scales.swing_m**-2.0),
            inside=inside,
            pressure=inside[:, :, None]
            / np.hypot(scales.cop_m, self.targets.pressure_free_m.transpose(2, 0, 1)),
            foot=every(np.concatenate([force, [scales.free_moment_nm], placement])),
        )

    def _arm(self, index: int) -> FloatArray:
        body, pose = self.stride.soles[index].body, self.stride.pose
        arm = self.stride.feet[index].point_m.T - pose.positions_m[body]
        return np.asarray(np.einsum("ijt,it->jt", pose.rotations[body], arm))

    def at(self, change: Change) -> Residuals:
        """Return all residuals of a change."""
        stride = self.stride
        motion = follow_motion(stride.tree, *changed_motion(stride, change, self.moving))
        pose = walk_tree(stride.tree, motion[0])
        feet = changed_feet(stride.feet, change.feet)
        blocks = [
            self._root_block(motion, pose, feet),
            self._template_block(change),
            self._turning_block(change),
            self._limit_block(motion[0]),
        ]
        if self.targets.thorax is not None:
            blocks.append(self._thorax_block(pose))
        places = sole_places(stride, pose)
        for index, sole in enumerate(stride.soles):
            twists = body_twists(stride.tree, pose, sole.body, self.moving)
            blocks.append(self._sole_block(places[index], twists, change, index))
            blocks.append(self._force_block(change, index))
            blocks.append(self._pressure_block(pose, twists, change, index))
        blocks += self._more(pose, feet)
        return Residuals(tuple(blocks), self.width)

    def _more(self, pose: TreePose, feet: tuple[FootForce, ...]) -> list[Block]:
        """Return further blocks; none here, for problems built on this one."""
        return []

    def _foot_columns(self, index: int) -> slice:
        start = 3 * self.count + FOOT_VARIABLES * index
        return slice(start, start + FOOT_VARIABLES)

    def _root_block(
        self,
        motion: tuple[FloatArray, FloatArray, FloatArray],
        pose: TreePose,
        feet: tuple[FootForce, ...],
    ) -> Block:
        """Root residual less the recording's own."""
        stride, moving, count = self.stride, self.moving, self.count
        need = wrench_sensitivity(stride.tree, motion, pose, moving)
        pelvis = pose.positions_m[stride.tree.joints[0].child]
        left = root_wrench(need.wrench, pelvis, feet)
        slopes = np.zeros((len(stride.time_s), 6, self.width))
        for kind in range(3):
            slopes[..., kind * count : (kind + 1) * count] = need.slopes[:, :, kind]
        for index, foot in enumerate(feet):
            block = slopes[..., self._foot_columns(index)]
            for axis in range(3):
                j, k = (axis + 1) % 3, (axis + 2) % 3
                # minus the moment of a unit force at the pressure, and that force
                block[:, j, axis], block[:, k, axis] = -foot.point_m[:, k], foot.point_m[:, j]
                block[:, 3 + axis, axis] = -1.0
            block[:, 1, MOMENT.start] = -1.0
            for place, axis in enumerate(FLOOR):
                j, k = (axis + 1) % 3, (axis + 2) % 3
                column = PRESSURE.start + place
                block[:, j, column], block[:, k, column] = foot.force_n[:, k], -foot.force_n[:, j]
        twists = body_twists(stride.tree, pose, stride.tree.joints[0].child, moving)
        # moments about the pelvis: it moves, and the force that is lacking acts at it
        move_moments(slopes, pelvis, twists, left[3:])
        weight = self.weights.root
        slopes *= weight[:, :, None]
        return Block((left - self.targets.root).T * weight, slopes, np.arange(self.width))

    def _coordinate_scales(self) -> FloatArray:
        tree, scales = self.stride.tree, self.scales
        found = np.empty(self.count)
        for place, index in enumerate(self.moving):
            info = tree.coordinates[index]
            if not info.rotational:
                found[place] = scales.pelvis_m
            elif self.targets.templated[index]:
                found[place] = scales.templated_rad
            else:
                sideways = info.name.startswith(SIDEWAYS)
                found[place] = scales.sideways_rad if sideways else scales.angle_rad
        return found

    def _template_block(self, change: Change) -> Block:
        weight = self.weights.coordinate
        misses = change.coordinates - self.targets.coordinates[:, self.moving]
        return Block(misses * weight, weight, np.arange(self.count))

    def _turning_block(self, change: Change) -> Block:
        weight = self.weights.turning
        return Block(change.accelerations * weight, weight, 2 * self.count + np.arange(self.count))

    def _limit_block(self, coordinates: FloatArray) -> Block:
        """Beyond a joint's limit, as far as it was not there before.

        A little before it counts already.
        """
        weight = self.weights.limit
        soft = LIMIT_EASE / weight
        infos = [self.stride.tree.coordinates[i] for i in self.moving]
        lower = soft + np.array([c.lower if c.clamped else -np.inf for c in infos])
        upper = np.array([c.upper if c.clamped else np.inf for c in infos]) - soft
        own, new = self.stride.coordinates[:, self.moving], coordinates[:, self.moving]
        above = np.maximum(new - np.maximum(upper, own), 0.0)
        below = np.maximum(np.minimum(lower, own) - new, 0.0)
        beyond = above + below
        # rising from zero without a kink, or the solve jumps to and fro across the limit
        near = beyond < soft
        size = np.where(near, 0.5 * beyond**2 / soft, beyond - 0.5 * soft)
        rise = np.where(near, beyond / soft, 1.0) * np.where(below > 0.0, -1.0, 1.0)
        return Block(size * weight, rise * weight, np.arange(self.count))

    def _thorax_block(self, pose: TreePose) -> Block:
        """Axes of the thorax less the target ones."""
        body = self.stride.tree.bodies.index("torso")
        axes = pose.rotations[body]
        twists = body_twists(self.stride.tree, pose, body, self.moving)[:3]
        turned = [cross(twists, axes[:, column][:, None]) for column in range(3)]
        target = self.targets.thorax
        assert target is not None
        misses = (axes - target).transpose(2, 1, 0).reshape(-1, 9)
        slopes = np.concatenate(turned).transpose(2, 0, 1)
        weight = self.weights.thorax
        return Block(misses * weight, slopes * weight[:, None], np.arange(self.count))

    def _sole_block(
        self, places: FloatArray, twists: FloatArray, change: Change, index: int
    ) -> Block:
        """Sole points (3, 3, K) less their targets, shifted by the foot's placement."""
        weight = self.weights.sole[:, index]
        inside = self.weights.inside[:, index]
        slopes = np.zeros((len(inside), 9, self.count + 2))
        slopes[..., : self.count] = point_slopes(twists, places)
        misses = places - self.targets.soles_m[index]
        shifts = change.feet[:, index, PLACEMENT]
        for number, axis in enumerate(FLOOR):
            misses[axis] -= inside * shifts[:, number]
            slopes[:, axis::3, self.count + number] = -inside[:, None]
        values = misses.transpose(2, 1, 0).reshape(-1, 9)
        slopes *= weight[:, None, None]
        return Block(values * weight[:, None], slopes, self._columns(index, PLACEMENT))

    def _columns(self, index: int, part: slice) -> NDArray[np.int64]:
        """Return the columns of the coordinates and of a part of a foot's variables."""
        foot = np.arange(self.width)[self._foot_columns(index)]
        return np.concatenate([np.arange(self.count), foot[part]])

    def _force_block(self, change: Change, index: int) -> Block:
        """Change of the ground force, its free moment and the foot's placement."""
        weight = self.weights.foot
        variables = np.r_[FORCE, MOMENT, PLACEMENT]
        values = change.feet[:, index][:, variables]
        values[:, :3] -= self.targets.force_n[index].T
        return Block(values * weight, weight, self._foot_columns(index).start + variables)

    def _pressure_block(
        self, pose: TreePose, twists: FloatArray, change: Change, index: int
    ) -> Block:
        """Shift of the centre of pressure relative to the foot that moves, less its template."""
        sole, foot = self.stride.soles[index], self.stride.feet[index]
        carried = pose.positions_m[sole.body] + np.einsum(
            "ijt,jt->it", pose.rotations[sole.body], self.arms[index]
        )
        moved = point_slopes(twists, carried[:, None])
        weight = self.weights.pressure[:, index]
        slopes, values = np.zeros((len(weight), 2, self.count + 2)), np.empty((len(weight), 2))
        for number, axis in enumerate(FLOOR):
            shift = change.feet[:, index, PRESSURE.start + number]
            values[:, number] = shift - (carried[axis] - foot.point_m[:, axis])
            values[:, number] -= self.targets.pressure_m[index, number]
            slopes[:, number, : self.count] = -moved[:, axis]
            slopes[:, number, self.count + number] = 1.0
        slopes *= weight[:, :, None]
        return Block(values * weight, slopes, self._columns(index, PRESSURE))


def changed_motion(
    stride: Stride, change: Change | None, moving: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the stride's motion, (K, Q) each, with a change added."""
    parts = [stride.coordinates.copy(), stride.speeds.copy(), stride.accelerations.copy()]
    if change is not None:
        added = (change.coordinates, change.speeds, change.accelerations)
        for part, extra in zip(parts, added, strict=True):
            part[:, moving] += extra
    return parts[0], parts[1], parts[2]


def changed_feet(feet: tuple[FootForce, ...], changes: FloatArray) -> tuple[FootForce, ...]:
    """Return the feet's forces with (K, feet, 8) changes added."""
    found = []
    for index, foot in enumerate(feet):
        point = foot.point_m.copy()
        point[:, list(FLOOR)] += changes[:, index, PRESSURE]
        torque = foot.torque_nm.copy()
        torque[:, 1] += changes[:, index, MOMENT.start]
        found.append(
            FootForce(
                foot.side,
                foot.start_s,
                foot.end_s,
                foot.force_n + changes[:, index, FORCE],
                point,
                torque,
            )
        )
    return tuple(found)
