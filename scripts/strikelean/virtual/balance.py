"""The solve that brings a virtual stride into balance with its ground force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, body_twists, cross
from strikelean.stride.blocks import Block
from strikelean.stride.residuals import StrideResiduals
from strikelean.stride.scales import Scales
from strikelean.stride.stride import FootForce
from strikelean.stride.targets import sole_places

# How far each coordinate may leave its template, degrees or millimetres (project choices: legs
# stay by what a mean over runners is uncertain by; trunk and arms give what balance needs).
FREE: Mapping[str, float] = {
    "pelvis_tx": 30.0,
    "pelvis_ty": 30.0,
    "pelvis_tz": 10.0,
    "pelvis_": 1.5,
    "hip_flexion": 1.0,
    "hip_adduction": 0.7,
    "hip_rotation": 1.5,
    "knee_angle": 0.7,
    "ankle_angle": 0.7,
    "subtalar_angle": 1.5,
    "lumbar_": 4.0,
    "arm_flex": 12.0,
    "arm_": 6.0,
    "elbow_flex": 6.0,
}
# The residual at the root per body weight: within 1 % of the peak force is asked in the end.
ROOT_SHARE, ROOT_M = 0.0025, 0.0012
SCALES = Scales(
    turning_rad_s2=100.0,
    force_share=(0.02, 0.03, 0.01),
    free_moment_nm=2.0,
    placement_m=(0.05, 0.02),
)
# A point of the sole below the floor, and force beyond friction. The sole is held a little above
# the floor, joints a little within their ranges, so that soft targets keep hard limits.
FLOOR_M, FLOOR_MARGIN_M, GRIP_N = 0.001, 0.0015, 2.0
LIMIT_RAD, LIMIT_MARGIN_RAD = 0.003, 0.02
# Shoes on a treadmill's belt: of 14 runners of the public dataset 99 % of samples above 100 N
# stay below 0.47 to 0.88 by foot, median 0.66 (doi 10.6084/m9.figshare.4543435).
FRICTION = 0.7
# Project choice: spans between the knots of a contact's force, as many as follow an impact.
CONTACT_INTERVALS = 12


def balance_scales(weight_n: float) -> Scales:
    """Return the scales of a runner's solve: what keeps forces and soles near their templates."""
    return replace(SCALES, root_force_n=ROOT_SHARE * weight_n, root_moment_nm=ROOT_M * weight_n)


def moving_coordinates(tree: KinematicTree) -> NDArray[np.int64]:
    """Return the coordinates that balance may change."""
    followers = {coupling.dependent for coupling in tree.couplings}
    return np.array(
        [
            index
            for index, info in enumerate(tree.coordinates)
            if info.name.startswith(tuple(FREE)) and index not in followers and not info.locked
        ]
    )


class BalanceResiduals(StrideResiduals):
    """Residuals of a stride that should stand on the floor and push within friction."""

    def _coordinate_scales(self) -> FloatArray:
        found = np.empty(self.count)
        for place, index in enumerate(self.moving):
            info = self.stride.tree.coordinates[index]
            free = next(v for name, v in FREE.items() if info.name.startswith(name))
            found[place] = np.radians(free) if info.rotational else 1e-3 * free
        return found

    def _limit_block(self, coordinates: FloatArray) -> Block:
        """Beyond a joint's range, templates or no."""
        infos = [self.stride.tree.coordinates[i] for i in self.moving]
        clamped = np.array([info.clamped and info.rotational for info in infos])
        lower = np.where(clamped, [info.lower + LIMIT_MARGIN_RAD for info in infos], -np.inf)
        upper = np.where(clamped, [info.upper - LIMIT_MARGIN_RAD for info in infos], np.inf)
        values = coordinates[:, self.moving]
        beyond = np.maximum(values - upper, 0.0) + np.minimum(values - lower, 0.0)
        slopes = (beyond != 0.0) / LIMIT_RAD
        return Block(beyond / LIMIT_RAD, slopes, np.arange(self.count))

    def _more(self, pose: TreePose, feet: tuple[FootForce, ...]) -> list[Block]:
        places = sole_places(self.stride, pose)
        blocks = []
        for index, foot in enumerate(feet):
            blocks += [self._floor_block(pose, places[index], index), self._grip_block(foot, index)]
        return blocks

    def _floor_block(self, pose: TreePose, points: FloatArray, index: int) -> Block:
        """Points of the sole below the floor."""
        sole = self.stride.soles[index]
        twists = body_twists(self.stride.tree, pose, sole.body)[:, self.moving]
        below = np.minimum(points[1] - FLOOR_MARGIN_M, 0.0)
        slopes = np.zeros((len(self.stride.time_s), 3, self.count))
        for point in range(3):
            moved = cross(twists[:3], points[:, point][:, None]) + twists[3:]
            slopes[:, point] = moved[1].T * (below[point] < 0.0)[:, None]
        return Block(below.T / FLOOR_M, slopes / FLOOR_M, np.arange(self.count))

    def _grip_block(self, foot: FootForce, index: int) -> Block:
        """Horizontal force beyond what friction holds, and force that would pull."""
        inside = self.weights.inside[:, index] > 0.0
        flat = foot.force_n[:, [0, 2]]
        size = np.maximum(np.hypot(*flat.T), 1e-9)
        beyond = size - FRICTION * foot.force_n[:, 1]
        slips = inside & (beyond > 0.0)
        slopes = np.stack(
            [slips * flat[:, 0] / size, -FRICTION * slips, slips * flat[:, 1] / size], axis=1
        )
        values = np.where(slips, beyond, 0.0)[:, None] / GRIP_N
        columns = self._foot_columns(index).start + np.arange(3)
        return Block(values, slopes[:, None] / GRIP_N, columns)
