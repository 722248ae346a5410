"""When a solve is refused: it must keep its own rules, or say which it broke."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from strikelean.counterfactual.residuals import Change, changed_feet, changed_motion
from strikelean.counterfactual.solve import Solution
from strikelean.counterfactual.stride import FootForce, Stride, root_wrench
from strikelean.counterfactual.targets import Targets
from strikelean.dynamics.rigid_body import body_demand, move_bodies
from strikelean.dynamics.wrench_sensitivity import follow_motion
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import cross, walk_tree

# Project rules: what a solve may add; or a tenth of the recording's own residual, if more.
ADDED_FORCE_N, ADDED_MOMENT_NM, OWN_SHARE = 8.0, 2.0, 0.1
ADDED_SLIP_M = 0.005
SLIP_PART, SLIP_POINTS = (0.3, 0.7), 41
BEYOND_LIMIT_DEG = 1.0
COMPONENTS = ("moment_x", "moment_y", "moment_z", "force_x", "force_y", "force_z")


@dataclass(frozen=True)
class Check:
    """How a solve kept its rules.

    Attributes:
        added_residual: (6,) RMS over the stride of what the root lacks beyond the recording's own,
            laboratory axes about the pelvis: moments (N m), forces (N).
        own_residual: (6,) RMS of the recording's own.
        added_slip_m: how much farther the sole under the centre of pressure travels over the
            ground than it did in the recording.
        beyond_limit_deg: how much farther any joint goes beyond its limit.
        acceleration_ratio: largest joint acceleration over the recording's.
    """

    added_residual: FloatArray
    own_residual: FloatArray
    added_slip_m: float
    beyond_limit_deg: float
    acceleration_ratio: float

    def reasons(self) -> list[str]:
        """Return the rules broken, in words; none when the solve stands."""
        floor = np.repeat((ADDED_MOMENT_NM, ADDED_FORCE_N), 3)
        allowed = np.maximum(floor, OWN_SHARE * self.own_residual)
        found = [
            f"residual {name} {value:.1f} over {limit:.1f}"
            for name, value, limit in zip(COMPONENTS, self.added_residual, allowed, strict=True)
            if value > limit
        ]
        if self.added_slip_m > ADDED_SLIP_M:
            found.append(f"slip {1e3 * self.added_slip_m:.1f} mm over {1e3 * ADDED_SLIP_M:.0f} mm")
        if self.beyond_limit_deg > BEYOND_LIMIT_DEG:
            found.append(f"a joint {self.beyond_limit_deg:.1f} deg beyond its limit")
        return found


def _travel(
    stride: Stride, motion: tuple[FloatArray, ...], foot: FootForce, body: int
) -> FloatArray:
    """Return how far the sole under the pressure has travelled over the ground, (2, 41) metres.

    Forward and sideways, from 30 to 70 % of stance.
    """
    pose = walk_tree(stride.tree, motion[0])
    moving = move_bodies(stride.tree, pose, motion[1], motion[2])[body]
    velocity = moving.velocity + cross(moving.spin, foot.point_m.T - pose.positions_m[body])
    over_ground = velocity[[0, 2]] - np.array([[stride.ground_m_s], [0.0]])
    duration = foot.end_s - foot.start_s
    at = foot.start_s + duration * np.linspace(*SLIP_PART, SLIP_POINTS)
    speed: FloatArray = np.stack([np.interp(at, stride.time_s, part) for part in over_ground])
    return np.asarray(cumulative_trapezoid(speed, at, axis=1, initial=0))


def check_solution(base: Stride, targets: Targets, solution: Solution, own: Stride) -> Check:
    """Return how a solve kept its rules.

    Args:
        base: the stride that was solved (in its own time where the cadence changed).
        targets: what was asked.
        solution: the solve.
        own: the stride as recorded.
    """
    tree = base.tree
    change: Change = solution.change
    motion = follow_motion(tree, *changed_motion(base, change, solution.moving))
    feet = changed_feet(base.feet, change.feet)
    demand = body_demand(tree, *motion)
    turns = demand.moments_nm + np.cross(demand.centres_m, demand.forces_n)
    needed = np.concatenate([turns.sum(axis=1), demand.forces_n.sum(axis=1)], axis=1).T
    pelvis = walk_tree(tree, motion[0]).positions_m[tree.joints[0].child]
    added = root_wrench(needed, pelvis, feet) - targets.root
    still = own.coordinates, own.speeds, own.accelerations
    slips = [
        _travel(base, motion, after, sole.body) - _travel(own, still, before, sole.body)
        for sole, after, before in zip(base.soles, feet, own.feet, strict=True)
    ]
    turns_at = [i for i in solution.moving if tree.coordinates[i].rotational]
    new, old = (float(np.abs(part[:, turns_at]).max()) for part in (motion[2], still[2]))
    return Check(
        np.sqrt((added**2).mean(axis=1)),
        np.sqrt((targets.root**2).mean(axis=1)),
        float(np.hypot(*np.stack(slips, axis=1)).max()),
        _farther_beyond(tree, turns_at, motion[0], own.coordinates),
        new / old if old else 1.0 + new,
    )


def _farther_beyond(
    tree: KinematicTree, turns_at: list[int], new: FloatArray, own: FloatArray
) -> float:
    """Return how much farther any joint goes beyond its limits than it did, degrees."""
    infos = [tree.coordinates[i] for i in turns_at]
    upper = np.array([c.upper if c.clamped else np.inf for c in infos])
    lower = np.array([c.lower if c.clamped else -np.inf for c in infos])

    def beyond(values: FloatArray) -> FloatArray:
        part = values[:, turns_at]
        return np.asarray(np.maximum(np.maximum(part - upper, lower - part).max(axis=0), 0.0))

    return float(np.degrees(max((beyond(new) - beyond(own)).max(), 0.0)))
