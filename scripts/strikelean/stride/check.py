"""When a solve is refused: it must keep its own rules, or say which it broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from strikelean.dynamics.rigid_body import FrameMotion, move_bodies
from strikelean.dynamics.wrench_sensitivity import follow_motion
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, cross, walk_tree
from strikelean.stride.residuals import changed_feet, changed_motion
from strikelean.stride.solve import Solution
from strikelean.stride.stride import FootForce, Stride, needed_wrench, root_wrench
from strikelean.stride.targets import Targets

# Project rules: what a solve may add; or a tenth of the recording's own residual, if more.
ADDED_FORCE_N, ADDED_MOMENT_NM, OWN_SHARE = 8.0, 2.0, 0.1
ADDED_SLIP_M = 0.005
SLIP_PART, SLIP_POINTS = (0.3, 0.7), 41
BEYOND_LIMIT_DEG = 1.0
# Solves walked over together.
TOGETHER = 4
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
    stride: Stride, pose: TreePose, motions: list[FrameMotion], feet: tuple[FootForce, ...]
) -> list[FloatArray]:
    """Return how far each sole under its pressure travelled over the ground, (2, 41) metres.

    Forward and sideways, from 30 to 70 % of stance.

    Args:
        stride: whose frames and soles.
        pose, motions: of all its bodies.
        feet: where the pressure is.
    """
    found = []
    for sole, foot in zip(stride.soles, feet, strict=True):
        moving, place = motions[sole.body], pose.positions_m[sole.body]
        velocity = moving.velocity + cross(moving.spin, foot.point_m.T - place)
        over_ground = velocity[[0, 2]] - np.array([[stride.ground_m_s], [0.0]])
        duration = foot.end_s - foot.start_s
        at = foot.start_s + duration * np.linspace(*SLIP_PART, SLIP_POINTS)
        speed: FloatArray = np.stack([np.interp(at, stride.time_s, part) for part in over_ground])
        found.append(np.asarray(cumulative_trapezoid(speed, at, axis=1, initial=0)))
    return found


def check_solution(base: Stride, targets: Targets, solution: Solution, own: Stride) -> Check:
    """Return how a solve kept its rules.

    Args:
        base: the stride that was solved (in its own time where the cadence changed).
        targets: what was asked.
        solution: the solve.
        own: the stride as recorded.
    """
    return check_solutions([Solved(base, targets, solution, own)])[0]


@dataclass(frozen=True)
class Solved:
    """A solve to be checked, as for :func:`check_solution`."""

    base: Stride
    targets: Targets
    solution: Solution
    own: Stride


def check_solutions(solves: Sequence[Solved]) -> list[Check]:
    """Return how solves of strides of one runner kept their rules.

    Each is checked as it would be alone; the bodies are walked over for several together.
    """
    found: list[Check] = []
    for first in range(0, len(solves), TOGETHER):
        some = solves[first : first + TOGETHER]
        tree = some[0].base.tree
        motions = [
            follow_motion(tree, *changed_motion(s.base, s.solution.change, s.solution.moving))
            for s in some
        ]
        together = [np.concatenate(part) for part in zip(*motions, strict=True)]
        pose = walk_tree(tree, together[0])
        moved = move_bodies(tree, pose, together[1], together[2])
        needed = needed_wrench(tree, pose, moved)
        start = 0
        for solve, motion in zip(some, motions, strict=True):
            frames = slice(start, start + len(motion[0]))
            start = frames.stop
            own_pose, own_motions = _at_frames(pose, moved, frames)
            found.append(_check(solve, motion, needed[:, frames], own_pose, own_motions))
    return found


def _at_frames(
    pose: TreePose, moved: list[FrameMotion], frames: slice
) -> tuple[TreePose, list[FrameMotion]]:
    """Return where the bodies are and how they move at some frames."""
    names = ("spin", "velocity", "angular", "linear")
    return pose.part(frames), [
        FrameMotion(*(getattr(m, name)[:, frames] for name in names)) for m in moved
    ]


def _check(
    solve: Solved,
    motion: tuple[FloatArray, FloatArray, FloatArray],
    needed: FloatArray,
    pose: TreePose,
    moved: list[FrameMotion],
) -> Check:
    base, own, moving = solve.base, solve.own, solve.solution.moving
    tree = base.tree
    feet = changed_feet(base.feet, solve.solution.change.feet)
    pelvis = pose.positions_m[tree.joints[0].child]
    added = root_wrench(needed, pelvis, feet) - solve.targets.root
    slips = [
        after - before
        for after, before in zip(
            _travel(base, pose, moved, feet),
            _travel(own, own.pose, own.motions, own.feet),
            strict=True,
        )
    ]
    turns_at = [i for i in moving if tree.coordinates[i].rotational]
    new, old = (float(np.abs(part[:, turns_at]).max()) for part in (motion[2], own.accelerations))
    return Check(
        np.sqrt((added**2).mean(axis=1)),
        np.sqrt((solve.targets.root**2).mean(axis=1)),
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
