"""One stride of a recording as the solve sees it: its motion, its ground forces, its soles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from strikelean.constants import GRAVITY_M_S2
from strikelean.dynamics.rigid_body import FrameMotion, bodies_demand, move_bodies
from strikelean.formats.ground import FootGround
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, cross, walk_tree
from strikelean.stride.blocks import FLOOR, FORCE, MOMENT, PRESSURE

# The ground acts on the hindfoot; a sole is watched at three points of it.
FOOT_BODY = "calcn"
SOLE_ROLES = ("heel", "fifth_metatarsal", "toe")


@dataclass(frozen=True)
class Sole:
    """Points under one foot, fixed to its body.

    Attributes:
        side: ``right`` or ``left``.
        body: index of the foot's body.
        points_m: (3, 3) heel, fifth metatarsal and toe, in the body's frame, at the height of
            the floor when standing.
    """

    side: str
    body: int
    points_m: FloatArray


@dataclass(frozen=True)
class FootForce:
    """What the ground does to one foot in one stride; its one contact there.

    Attributes:
        side: ``right`` or ``left``.
        start_s, end_s: contact, on the stride's clock.
        force_n: (K, 3) laboratory.
        point_m: (K, 3) centre of pressure.
        torque_nm: (K, 3) about that point.
    """

    side: str
    start_s: float
    end_s: float
    force_n: FloatArray
    point_m: FloatArray
    torque_nm: FloatArray

    @property
    def load(self) -> FloatArray:
        """How much of the sole's place the ground decides, (K,) from 0 to 1 at 200 N."""
        return np.clip(self.force_n[:, 1] / 200.0, 0.0, 1.0)

    def middle(self, time_s: FloatArray, first: float, last: float) -> NDArray[np.bool_]:
        """Return (K,) whether a time lies between two shares of the contact."""
        phase = (time_s - self.start_s) / (self.end_s - self.start_s)
        return np.asarray((phase >= first) & (phase <= last))

    def inside(self, time_s: FloatArray) -> FloatArray:
        """Return (K,) 1 during the contact, 0 outside."""
        return ((time_s >= self.start_s) & (time_s <= self.end_s)).astype(np.float64)


def add_change(
    foot: FootGround | FootForce, rows: slice | NDArray[np.int64], change: FloatArray
) -> None:
    """Add solved changes to rows of what the ground does to a foot, in place.

    Args:
        foot: changed.
        rows: some of its N frames.
        change: (rows, 6) of force (N), free moment (N m) and centre of pressure on the floor (m).
    """
    foot.force_n[rows] += change[:, FORCE]
    foot.torque_nm[rows, 1] += change[:, MOMENT.start]
    for axis, moved in zip(FLOOR, change[:, PRESSURE].T, strict=True):
        foot.point_m[rows, axis] += moved


@dataclass(frozen=True)
class Stride:
    """One stride, frame by frame.

    Attributes:
        tree: the runner's compiled model.
        time_s: (K,) frames, from flight to flight around two contacts.
        start_s, period_s: the stride; ``time_s`` lies within it.
        coordinates, speeds, accelerations: (K, Q) rad and m, dependent coordinates following.
        feet: one contact of each foot.
        soles: of the same feet, in the same order.
        drift_m_s: mean forward velocity of the pelvis in the laboratory over the whole trial; near
            0 on a treadmill.
        ground_m_s: velocity of the ground in the laboratory, forward positive: what the soles
            do in mid-stance, so minus the belt's speed, or 0 overground.
    """

    tree: KinematicTree
    time_s: FloatArray
    start_s: float
    period_s: float
    coordinates: FloatArray
    speeds: FloatArray
    accelerations: FloatArray
    feet: tuple[FootForce, ...]
    soles: tuple[Sole, ...]
    drift_m_s: float
    ground_m_s: float

    @property
    def weight_n(self) -> float:
        """Body weight."""
        return float(self.tree.masses_kg.sum()) * GRAVITY_M_S2

    @cached_property
    def pose(self) -> TreePose:
        """Where every body is."""
        return walk_tree(self.tree, self.coordinates)

    @cached_property
    def motions(self) -> list[FrameMotion]:
        """How every body moves."""
        return move_bodies(self.tree, self.pose, self.speeds, self.accelerations)

    @cached_property
    def needed(self) -> FloatArray:
        """The wrench that the motion needs about the laboratory origin, (6, K)."""
        return needed_wrench(self.tree, self.pose, self.motions)


def join_strides(strides: Sequence[Stride]) -> Stride:
    """Return strides of one runner, one after the other, as if they were one.

    Only what is true of single frames holds of it: its clock, its period and the contacts' times
    say nothing.

    Args:
        strides: of one compiled model, contacts in the same order of feet.
    """
    if len(strides) == 1:
        return strides[0]
    nan = float("nan")

    def joined(name: str, parts: Sequence[Stride | FootForce]) -> FloatArray:
        return np.concatenate([getattr(part, name) for part in parts])

    feet = tuple(
        FootForce(
            feet[0].side, nan, nan, *(joined(n, feet) for n in ("force_n", "point_m", "torque_nm"))
        )
        for feet in zip(*(stride.feet for stride in strides), strict=True)
    )
    return replace(
        strides[0],
        start_s=nan,
        period_s=nan,
        feet=feet,
        time_s=joined("time_s", strides),
        coordinates=joined("coordinates", strides),
        speeds=joined("speeds", strides),
        accelerations=joined("accelerations", strides),
    )


def needed_wrench(tree: KinematicTree, pose: TreePose, motions: list[FrameMotion]) -> FloatArray:
    """Return the wrench that a motion needs about the laboratory origin, (6, K)."""
    demand = bodies_demand(tree, pose, motions)
    turns = demand.moments_nm + np.cross(demand.centres_m, demand.forces_n)
    both = np.concatenate([turns.sum(axis=1), demand.forces_n.sum(axis=1)], axis=1)
    return np.asarray(both.T)


def root_wrench(
    needed: FloatArray, pelvis_m: FloatArray, feet: tuple[FootForce, ...]
) -> FloatArray:
    """Return the wrench that the ground does not give, (6, K): moment about the pelvis, force.

    Args:
        needed: (6, K) wrench that the motion needs, about the laboratory origin.
        pelvis_m: (3, K) the pelvis.
        feet: what the ground gives.
    """
    left = needed.copy()
    for foot in feet:
        force, point = foot.force_n.T, foot.point_m.T
        left[:3] -= cross(point, force) + foot.torque_nm.T
        left[3:] -= force
    left[:3] -= cross(pelvis_m, left[3:])
    return left
