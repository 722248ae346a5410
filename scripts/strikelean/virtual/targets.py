"""What a virtual stride should be: its templates' motion, on the floor, carried by its force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from strikelean.counterfactual.strike import BALL, HEEL
from strikelean.dynamics.wrench_sensitivity import follow_motion
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, walk_tree
from strikelean.stride.stride import FootForce, Sole, Stride
from strikelean.stride.targets import Targets, own_targets, sole_places
from strikelean.virtual.ground import ContactShape
from strikelean.virtual.sole import CLEAR_M, angles_yzx, marks_of, roll_sole, rotations_yzx

# The foot's place and its turn are taken where it stands flat, percent of stance.
FLAT, ANCHOR = (20.0, 60.0), 40.0
# How far beyond its contact a rolling foot is worked out, percent of stance.
ROLLS = (-15.0, 110.0)


@dataclass(frozen=True)
class Step:
    """One contact of a virtual foot.

    Attributes:
        side: ``right`` or ``left``.
        start_s, contact_s: rising through 50 N, and from there to falling through it.
        shape: what the ground does.
    """

    side: str
    start_s: float
    contact_s: float
    shape: ContactShape

    def percent(self, time_s: FloatArray) -> FloatArray:
        """Return the percent of stance at times."""
        return 100.0 * (time_s - self.start_s) / self.contact_s

    @property
    def span_s(self) -> tuple[float, float]:
        """When the force begins and ends."""
        first, last = self.shape.span
        return (
            self.start_s + 0.01 * first * self.contact_s,
            self.start_s + 0.01 * last * self.contact_s,
        )


def rolling(
    sole: Sole,
    pose: TreePose,
    time_s: FloatArray,
    percent: FloatArray,
    own: FloatArray,
    height_m: FloatArray,
    ground_m_s: float,
) -> FloatArray:
    """Return sole points (3, 3, K): rolling over the floor in and around the contact, else own.

    Args:
        sole: of the foot.
        pose: of the runner.
        time_s, percent: (K,) times, and as percent of the contact.
        own: (3, 3, K) sole points in the pose.
        height_m: (K,) of the soft lowest point above the floor.
        ground_m_s: velocity of the floor, forward positive.
    """
    rows = np.flatnonzero((percent >= ROLLS[0]) & (percent <= ROLLS[1]))
    flat = (percent >= FLAT[0]) & (percent <= FLAT[1])
    rotations = pose.rotations[sole.body]
    turn, pitch, roll = angles_yzx(rotations)
    # on the floor the foot lies flat across, and points where it points on average
    turned = rotations_yzx(
        np.full(len(rows), np.median(turn[flat])), pitch[rows], roll[rows] - roll[flat].mean()
    )
    at = int(np.abs(percent[rows] - ANCHOR).argmin())
    where = pose.positions_m[sole.body][:, rows[at]]
    found = own.copy()
    anchor = (at, float(where[0]), float(where[2]))
    found[:, :, rows] = roll_sole(
        turned, sole.points_m, time_s[rows], height_m[rows], anchor, ground_m_s
    )
    return found


def foot_line(points: FloatArray, sole: Sole) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the heel, and one foot length along the foot and across it, on the floor: (2, K) each.

    Args:
        points: (3, 3, K) marked landmarks: axis, point, frame.
        sole: the foot; across is outward, a length is heel to fifth metatarsal.
    """
    length = float(np.hypot(*(sole.points_m[BALL] - sole.points_m[HEEL])[[0, 2]]))
    line = (points[:, BALL] - points[:, HEEL])[[0, 2]]
    line = length * line / np.hypot(*line)
    across = np.stack([-line[1], line[0]]) * (1.0 if sole.side == "right" else -1.0)
    return points[[0, 2], HEEL], line, across


def foot_force(
    step: Step, weight_n: float, sole: Sole, points: FloatArray, time_s: FloatArray
) -> FootForce:
    """Return what the ground gives, its centre of pressure relative to the foot as it is posed.

    Args:
        step: the contact.
        weight_n: body weight.
        sole: of the foot.
        points: (3, 3, K) its marked landmarks.
        time_s: (K,).
    """
    percent, shape = step.percent(time_s), step.shape
    mirror = 1.0 if step.side == "right" else -1.0
    parts = [shape.at(name, percent) for name in ("forward", "vertical", "outward", "turn")]
    force = weight_n * np.stack([parts[0], parts[1], mirror * parts[2]], axis=1)
    heel, line, outward = foot_line(points, sole)
    along, across = (shape.at(name, percent) for name in ("along", "across"))
    point = np.zeros_like(force)
    point[:, [0, 2]] = (heel + along * line + across * outward).T
    torque = np.zeros_like(force)
    torque[:, 1] = mirror * weight_n * parts[3]
    return FootForce(step.side, *step.span_s, force, point, torque)


def target_stride(
    tree: KinematicTree,
    soles: Sequence[Sole],
    steps: Sequence[Step],
    time_s: FloatArray,
    motion: tuple[FloatArray, FloatArray, FloatArray],
    span_s: tuple[float, float],
    ground_m_s: float,
) -> tuple[Stride, Targets]:
    """Return a stride with its forces, and what it should become.

    Args:
        tree: the runner's compiled model.
        soles, steps: one of each foot, in the same order.
        time_s: (K,) frames of the stride.
        motion: coordinates, speeds and accelerations, (K, Q) each.
        span_s: start and duration of the stride.
        ground_m_s: velocity of the floor, forward positive.
    """
    moved = follow_motion(tree, *motion)
    stride = Stride(tree, time_s, span_s[0], span_s[1], *moved, (), tuple(soles), 0.0, ground_m_s)
    pose = walk_tree(tree, moved[0])
    own = sole_places(stride, pose)
    marks = sole_places(replace(stride, soles=tuple(marks_of(sole) for sole in soles)), pose)
    feet = tuple(
        foot_force(step, stride.weight_n, sole, points, time_s)
        for step, sole, points in zip(steps, soles, marks, strict=True)
    )
    target = []
    for step, sole, points in zip(steps, soles, own, strict=True):
        percent = step.percent(time_s)
        height = CLEAR_M + step.shape.at("height", percent)
        target.append(rolling(sole, pose, time_s, percent, points, height, ground_m_s))
    stride = replace(stride, feet=feet)
    asked = own_targets(stride)
    return stride, replace(
        asked, root=np.zeros_like(asked.root), thorax=None, soles_m=np.stack(target)
    )
