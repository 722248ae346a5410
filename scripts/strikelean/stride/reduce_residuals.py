"""A recorded motion with less left over at the root: moved a little, within the markers' error.

What the ground gave and what the bodies' motion needs do not agree: markers ride on soft tissue, a
trunk is not rigid, segments do not weigh what the model says. What is missing is left over at the
root. OpenSim's residual reduction follows the recorded angles with a controller whose forces at the
root are weak (Delp 2007, doi 10.1109/TBME.2007.901024). Here one least-squares problem over all
frames of a stretch weighs what is left over, the shift of the markers, the angles and their
accelerations. The ground's forces stay as they were measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from strikelean.constants import GRAVITY_M_S2
from strikelean.dynamics.solve import Motion
from strikelean.dynamics.wrench_sensitivity import (
    WrenchSensitivity,
    follow_motion,
    wrench_sensitivity,
)
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, body_twists, cross, walk_tree
from strikelean.stride.blocks import Block, Change, Residuals
from strikelean.stride.residuals import changed_motion
from strikelean.stride.slopes_kernel import move_moments, point_slopes
from strikelean.stride.solve_trial import descend
from strikelean.stride.splines import STRIDE_DEGREE, ClampedBasis
from strikelean.stride.stride import Stride
from strikelean.stride.unknowns import Unknowns

# Whatever markers or balance can tell may move; toes and wrists are held.
MOVING = (
    "pelvis_",
    "hip_",
    "knee_angle_",
    "ankle_angle_",
    "subtalar_angle_",
    "lumbar_",
    "arm_",
    "elbow_flex_",
)
# 23 ms between knots pass what a 15 Hz filter passes.
KNOT_S = 0.023
# Bodies whose markers are followed, and how far a segment's markers may shift together (m). Skin
# moves over the bone by 18 mm (thigh) and 17 mm (shank, mostly in swing) as a whole while walking
# (D'Isidoro 2020, PMC8631460), markers of the foot by less than 9.4 mm (PMC8085108); halves and
# thirds of these are one standard deviation here, and the thigh's stands for what nobody measured.
SHIFTS_M: Mapping[str, float] = {"tibia": 0.005, "talus": 0.003, "calcn": 0.003, "toes": 0.003}
SHIFT_M = 0.010


@dataclass(frozen=True)
class ReductionScales:
    """One standard deviation of each thing that is weighed.

    Attributes:
        root_force_share, root_moment_m: what is left over at the root, per body weight. A third of
            what is held good: peaks of 5 % of the largest ground force, and of 1 % of it times
            the height of the mass centre (Hicks 2015, doi 10.1115/1.4029304), at 2.5 body weights
            and 0.95 m.
        shifts_m: of a segment's markers together, by body; ``SHIFT_M`` for others.
        angle_rad, pelvis_m: coordinates; what markers show is held tighter by these.
        turning_rad_s2, pelvis_m_s2: second derivatives of the changes, as of a technique.
    """

    root_force_share: float = 0.04
    root_moment_m: float = 0.008
    shifts_m: Mapping[str, float] = field(default_factory=lambda: SHIFTS_M)
    angle_rad: float = 0.0873
    pelvis_m: float = 0.025
    turning_rad_s2: float = 60.0
    pelvis_m_s2: float = 6.0


def moving_coordinates(tree: KinematicTree) -> NDArray[np.int64]:
    """Return the coordinates that may change."""
    followers = {coupling.dependent for coupling in tree.couplings}
    return np.array(
        [
            index
            for index, info in enumerate(tree.coordinates)
            if info.name.startswith(MOVING) and index not in followers and not info.locked
        ]
    )


class StretchResiduals:
    """Residuals of an unbroken stretch of a trial; zero change leaves all but the root's at zero.

    Args:
        motion: of the stretch, K frames.
        ground: (6, K) what the ground gives: moment about the laboratory's origin, force.
        balanced: (K,) whether as little as possible shall be left over at the root; elsewhere what
            the recording left over stays.
        followed: (M,) markers of the model that hold their bodies.
        scales: one standard deviation of each residual.
    """

    def __init__(
        self,
        motion: Motion,
        ground: FloatArray,
        balanced: NDArray[np.bool_],
        followed: NDArray[np.int64],
        scales: ReductionScales,
    ) -> None:
        tree, unknown = motion.tree, float("nan")
        self.tree, self.ground = tree, ground
        self.moving = moving_coordinates(tree)
        self.count = len(self.moving)
        moved = follow_motion(tree, motion.coordinates, motion.speeds, motion.accelerations)
        self.stride = Stride(
            tree, motion.time_s, unknown, unknown, *moved, (), (), unknown, unknown
        )
        weight_n = float(tree.masses_kg.sum()) * GRAVITY_M_S2
        per_weight = np.repeat((scales.root_moment_m, scales.root_force_share), 3)
        self.root_weight = 1.0 / (weight_n * per_weight)
        rotates = [tree.coordinates[i].rotational for i in self.moving]
        shape = (len(motion.time_s), self.count)
        self.coordinate_weight, self.turning_weight = (
            np.broadcast_to(1.0 / np.where(rotates, *pair), shape)
            for pair in (
                (scales.angle_rad, scales.pelvis_m),
                (scales.turning_rad_s2, scales.pelvis_m_s2),
            )
        )
        self.points = self._points(followed, scales)
        self.own = self._places(self.stride.pose)
        self.kept = self._left(moved, self.stride.pose)[0] * ~balanced

    def _points(
        self, followed: NDArray[np.int64], scales: ReductionScales
    ) -> list[tuple[int, FloatArray, float]]:
        """Return each body's followed markers in its frame, and the weight of their shifts."""
        tree, found = self.tree, []
        for body in np.unique(tree.marker_bodies[followed]):
            own = tree.marker_locations_m[followed[tree.marker_bodies[followed] == body]]
            shift = scales.shifts_m.get(tree.bodies[body].split("_")[0], SHIFT_M)
            # their mean shift counts, however many there are
            found.append((int(body), own, 1.0 / (shift * np.sqrt(len(own)))))
        return found

    def _places(self, pose: TreePose) -> list[FloatArray]:
        """Return each body's markers in a pose, (3, P, K) each."""
        return [
            pose.positions_m[body][:, None] + np.einsum("ijt,pj->ipt", pose.rotations[body], own)
            for body, own, _ in self.points
        ]

    def _left(
        self, motion: tuple[FloatArray, FloatArray, FloatArray], pose: TreePose
    ) -> tuple[FloatArray, WrenchSensitivity, FloatArray]:
        """Return what is left over, (6, K) about the pelvis, what the motion needs, the pelvis."""
        need = wrench_sensitivity(self.tree, motion, pose, self.moving)
        pelvis = pose.positions_m[self.tree.joints[0].child]
        left = need.wrench - self.ground
        left[:3] -= cross(pelvis, left[3:])
        return left, need, pelvis

    def at(self, change: Change) -> Residuals:
        """Return all residuals of a change."""
        motion = follow_motion(self.tree, *changed_motion(self.stride, change, self.moving))
        pose = walk_tree(self.tree, motion[0])
        every = np.arange(self.count)
        held, turning = self.coordinate_weight, self.turning_weight
        blocks = [
            self._root_block(motion, pose),
            Block(change.coordinates * held, held, every),
            Block(change.accelerations * turning, turning, 2 * self.count + every),
            *self._marker_blocks(pose),
        ]
        return Residuals(tuple(blocks), 3 * self.count)

    def _root_block(
        self, motion: tuple[FloatArray, FloatArray, FloatArray], pose: TreePose
    ) -> Block:
        left, need, pelvis = self._left(motion, pose)
        slopes = need.slopes.reshape(-1, 6, 3 * self.count)
        twists = body_twists(self.tree, pose, self.tree.joints[0].child, self.moving)
        # moments about the pelvis: it moves, and the force that is lacking acts at it
        move_moments(slopes, pelvis, twists, left[3:])
        weight = self.root_weight
        slopes *= weight[:, None]
        return Block((left - self.kept).T * weight, slopes, np.arange(3 * self.count))

    def _marker_blocks(self, pose: TreePose) -> list[Block]:
        """Return shifts of the followed markers."""
        blocks = []
        for (body, _, weight), own, now in zip(
            self.points, self.own, self._places(pose), strict=True
        ):
            twists = body_twists(self.tree, pose, body, self.moving)
            slopes = point_slopes(twists, np.ascontiguousarray(now))
            values = (now - own).transpose(2, 1, 0).reshape(now.shape[2], -1)
            blocks.append(Block(values * weight, slopes * weight, np.arange(self.count)))
        return blocks


def reduce_stretch(residuals: StretchResiduals) -> FloatArray:
    """Return the changes of the moving coordinates under which least is left over, (K, C).

    Raises:
        LinAlgError: the solve broke down.
    """
    time_s = residuals.stride.time_s
    intervals = int(np.ceil((time_s[-1] - time_s[0]) / KNOT_S))
    knot_s = float(time_s[-1] - time_s[0]) / intervals
    # with knots beyond both ends: a change need not vanish there
    first = float(time_s[0]) - STRIDE_DEGREE * knot_s
    basis = ClampedBasis(first, knot_s, intervals + STRIDE_DEGREE)
    unknowns = Unknowns([residuals.stride], basis, residuals.moving, 1)
    return unknowns.change(descend(unknowns, residuals.at)[0]).coordinates
