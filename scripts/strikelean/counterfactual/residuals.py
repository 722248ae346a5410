"""What a changed stride leaves undone, frame by frame, with its derivatives.

A frame's variables are the changes of the C moving coordinates with their first and second
derivatives, and for each foot the change of its force (3), of its free moment about the vertical
(1), of its centre of pressure (2, on the floor) and of its placement (2). Every residual is zero
where nothing is asked and nothing changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.counterfactual.settings import SIDEWAYS, Scales
from strikelean.counterfactual.stride import FootForce, Stride, root_wrench
from strikelean.counterfactual.targets import Targets, sole_places
from strikelean.dynamics.wrench_sensitivity import follow_motion, wrench_sensitivity
from strikelean.formats.series import FloatArray
from strikelean.model.walk import TreePose, body_twists, cross, walk_tree

# force, free moment, centre of pressure and placement of one foot
FORCE, MOMENT, PRESSURE, PLACEMENT = slice(0, 3), slice(3, 4), slice(4, 6), slice(6, 8)
FOOT_VARIABLES = 8
# share of a limit's scale over which its cost sets in
LIMIT_EASE = 0.3
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


@dataclass(frozen=True)
class Residuals:
    """Residuals over their scales, and their derivatives by a frame's variables.

    Attributes:
        values: (K, R).
        slopes: (K, R, 3 C + 8 feet): coordinates, speeds, accelerations, then feet.
    """

    values: FloatArray
    slopes: FloatArray


class StrideResiduals:
    """The residuals of one stride under one set of targets.

    Args:
        stride: as recorded.
        targets: what is asked.
        moving: (C,) coordinates that may change.
        scales: how stiffly each wish holds.
    """

    def __init__(
        self, stride: Stride, targets: Targets, moving: NDArray[np.int64], scales: Scales
    ) -> None:
        self.stride, self.targets, self.moving, self.scales = stride, targets, moving, scales
        self.count = len(moving)
        self.width = 3 * self.count + FOOT_VARIABLES * len(stride.feet)
        self.own_pose = walk_tree(stride.tree, stride.coordinates)

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
        for index in range(len(feet)):
            blocks += [self._sole_block(pose, change, index), self._force_block(change, index)]
            blocks.append(self._pressure_block(pose, change, index))
        blocks += self._more(pose, feet)
        values, slopes = (np.concatenate(part, axis=1) for part in zip(*blocks, strict=True))
        return Residuals(values, slopes)

    def _more(
        self, pose: TreePose, feet: tuple[FootForce, ...]
    ) -> list[tuple[FloatArray, FloatArray]]:
        """Return further blocks; none here, for problems built on this one."""
        return []

    def _empty(self, rows: int) -> FloatArray:
        return np.zeros((len(self.stride.time_s), rows, self.width))

    def _foot_columns(self, index: int) -> slice:
        start = 3 * self.count + FOOT_VARIABLES * index
        return slice(start, start + FOOT_VARIABLES)

    def _root_block(
        self,
        motion: tuple[FloatArray, FloatArray, FloatArray],
        pose: TreePose,
        feet: tuple[FootForce, ...],
    ) -> tuple[FloatArray, FloatArray]:
        """Root residual less the recording's own."""
        stride, moving, count = self.stride, self.moving, self.count
        need = wrench_sensitivity(stride.tree, motion, pose)
        pelvis = pose.positions_m[stride.tree.joints[0].child]
        left = root_wrench(need.wrench, pelvis, feet)
        slopes = self._empty(6)
        parts = (need.by_coordinate, need.by_speed, need.by_acceleration)
        for kind, part in enumerate(parts):
            slopes[:, :, kind * count : (kind + 1) * count] = part[:, moving].transpose(2, 0, 1)
        for index, foot in enumerate(feet):
            block = slopes[:, :, self._foot_columns(index)]
            for axis in range(3):
                unit = np.zeros((3, 1))
                unit[axis] = 1.0
                block[:, :3, axis] = -cross(foot.point_m.T, unit).T
                block[:, 3 + axis, axis] = -1.0
            block[:, 1, MOMENT.start] = -1.0
            for place, axis in enumerate(FLOOR):
                unit = np.zeros((3, 1))
                unit[axis] = 1.0
                block[:, :3, PRESSURE.start + place] = -cross(unit, foot.force_n.T).T
        # moments about the pelvis: it moves, and the force that is lacking acts at it
        shift = np.cross(pelvis.T[:, :, None], slopes[:, 3:], axis=1)
        twists = body_twists(stride.tree, pose, stride.tree.joints[0].child)[:, moving]
        moved = cross(twists[:3], pelvis[:, None]) + twists[3:]
        slopes[:, :3] -= shift
        slopes[:, :3, :count] -= cross(moved, left[3:, None]).transpose(2, 0, 1)
        scale = np.repeat((self.scales.root_moment_nm, self.scales.root_force_n), 3)
        values = (left - self.targets.root).T / scale
        return values, slopes / scale[:, None]

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

    def _template_block(self, change: Change) -> tuple[FloatArray, FloatArray]:
        scale = self._coordinate_scales()
        values = (change.coordinates - self.targets.coordinates[:, self.moving]) / scale
        slopes = self._empty(self.count)
        slopes[:, np.arange(self.count), np.arange(self.count)] = 1.0 / scale
        return values, slopes

    def _turning_block(self, change: Change) -> tuple[FloatArray, FloatArray]:
        rotates = [self.stride.tree.coordinates[i].rotational for i in self.moving]
        scale = np.where(rotates, self.scales.turning_rad_s2, self.scales.pelvis_m_s2)
        slopes = self._empty(self.count)
        rows = np.arange(self.count)
        slopes[:, rows, 2 * self.count + rows] = 1.0 / scale
        return change.accelerations / scale, slopes

    def _limit_block(self, coordinates: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Beyond a joint's limit, as far as it was not there before.

        A little before it counts already.
        """
        soft = LIMIT_EASE * self.scales.limit_rad
        infos = [self.stride.tree.coordinates[i] for i in self.moving]
        lower = np.array([c.lower + soft if c.clamped else -np.inf for c in infos])
        upper = np.array([c.upper - soft if c.clamped else np.inf for c in infos])
        own, new = self.stride.coordinates[:, self.moving], coordinates[:, self.moving]
        above = np.maximum(new - np.maximum(upper, own), 0.0)
        below = np.maximum(np.minimum(lower, own) - new, 0.0)
        beyond = above + below
        # rising from zero without a kink, or the solve jumps to and fro across the limit
        near = beyond < soft
        size = np.where(near, 0.5 * beyond**2 / soft, beyond - 0.5 * soft)
        rise = np.where(near, beyond / soft, 1.0) * np.where(below > 0.0, -1.0, 1.0)
        slopes = self._empty(self.count)
        rows = np.arange(self.count)
        slopes[:, rows, rows] = rise / self.scales.limit_rad
        return size / self.scales.limit_rad, slopes

    def _thorax_block(self, pose: TreePose) -> tuple[FloatArray, FloatArray]:
        """Axes of the thorax less the wished ones."""
        body = self.stride.tree.bodies.index("torso")
        axes = pose.rotations[body]
        twists = body_twists(self.stride.tree, pose, body)[:3, self.moving]
        slopes = self._empty(9)
        for column in range(3):
            turned = cross(twists, axes[:, column][:, None])
            slopes[:, 3 * column : 3 * column + 3, : self.count] = turned.transpose(2, 0, 1)
        wished = self.targets.thorax
        assert wished is not None
        misses = (axes - wished).transpose(2, 1, 0).reshape(len(slopes), 9)
        return misses / self.scales.thorax_rad, slopes / self.scales.thorax_rad

    def _sole_block(
        self, pose: TreePose, change: Change, index: int
    ) -> tuple[FloatArray, FloatArray]:
        """Sole points less their targets, shifted by the foot's placement."""
        sole, foot = self.stride.soles[index], self.stride.feet[index]
        places = sole_places(self.stride, pose)[index]
        twists = body_twists(self.stride.tree, pose, sole.body)[:, self.moving]
        frames = len(foot.force_n)
        slopes, values = self._empty(9), np.empty((frames, 9))
        load = foot.load
        weight = np.sqrt((load / self.scales.sole_m) ** 2 + self.scales.swing_m**-2.0)
        inside = foot.inside(self.stride.time_s)
        columns = self._foot_columns(index)
        for point in range(3):
            rows = slice(3 * point, 3 * point + 3)
            place = places[:, point]
            moved = cross(twists[:3], place[:, None]) + twists[3:]
            slopes[:, rows, : self.count] = moved.transpose(2, 0, 1)
            misses = (place - self.targets.soles_m[index][:, point]).T
            for number, axis in enumerate(FLOOR):
                variable = columns.start + PLACEMENT.start + number
                misses[:, axis] -= inside * change.feet[:, index, PLACEMENT.start + number]
                slopes[:, rows.start + axis, variable] = -inside
            values[:, rows] = misses
        return values * weight[:, None], slopes * weight[:, None, None]

    def _force_block(self, change: Change, index: int) -> tuple[FloatArray, FloatArray]:
        """Change of the ground force, its free moment and the foot's placement."""
        force = np.array(self.scales.force_share) * self.stride.weight_n
        # the placement is one number a contact: counted once, not once a frame
        placement = np.array(self.scales.placement_m) * np.sqrt(len(self.stride.time_s))
        scale = np.concatenate([force, [self.scales.free_moment_nm], placement])
        variables = np.r_[FORCE, MOMENT, PLACEMENT]
        asked = np.zeros((len(self.stride.time_s), len(variables)))
        asked[:, :3] = self.targets.force_n[index].T
        values = (change.feet[:, index][:, variables] - asked) / scale
        slopes = self._empty(len(variables))
        columns = self._foot_columns(index).start + variables
        slopes[:, np.arange(len(variables)), columns] = 1.0 / scale
        return values, slopes

    def _pressure_block(
        self, pose: TreePose, change: Change, index: int
    ) -> tuple[FloatArray, FloatArray]:
        """Shift of the centre of pressure relative to the foot that moves, less its template."""
        sole, foot = self.stride.soles[index], self.stride.feet[index]
        own = self.own_pose
        arm = foot.point_m.T - own.positions_m[sole.body]
        inner = np.einsum("ijt,it->jt", own.rotations[sole.body], arm)
        carried = pose.positions_m[sole.body] + np.einsum(
            "ijt,jt->it", pose.rotations[sole.body], inner
        )
        twists = body_twists(self.stride.tree, pose, sole.body)[:, self.moving]
        moved = cross(twists[:3], carried[:, None]) + twists[3:]
        inside = foot.inside(self.stride.time_s) / self.scales.cop_m
        slopes, values = self._empty(2), np.empty((len(inside), 2))
        columns = self._foot_columns(index)
        for number, axis in enumerate(FLOOR):
            shift = change.feet[:, index, PRESSURE.start + number]
            values[:, number] = shift - (carried[axis] - foot.point_m[:, axis])
            values[:, number] -= self.targets.pressure_m[index, number]
            slopes[:, number, : self.count] = -moved[axis].T
            slopes[:, number, columns.start + PRESSURE.start + number] = 1.0
        return values * inside[:, None], slopes * inside[:, None, None]


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
