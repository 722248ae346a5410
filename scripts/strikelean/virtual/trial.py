"""A virtual runner's trial: strides that vary, in balance with their ground force throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.counterfactual.strike import lowest
from strikelean.derivatives import differentiate
from strikelean.dynamics.solve import motion_of
from strikelean.dynamics.wrench_sensitivity import follow_motion
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.model.forward import follow_couplings
from strikelean.stride.cut_strides import foot_force_at
from strikelean.stride.solve import Solution
from strikelean.stride.solve_trial import solve_trial
from strikelean.stride.stride import FootForce, Sole, Stride, add_change
from strikelean.stride.targets import Targets, own_targets
from strikelean.virtual.balance import (
    CONTACT_INTERVALS,
    BalanceResiduals,
    Step,
    balance_scales,
    foot_force,
    moving_coordinates,
    rolling,
    target_stride,
)
from strikelean.virtual.gait import Gait, foot_points
from strikelean.virtual.gait_table import KNOT_S, GaitTable
from strikelean.virtual.sole import CLEAR_M, marks_of
from strikelean.virtual.true_trial import RATE_HZ, TrueContact, TrueTrial, keep_grip, stride_edges
from strikelean.virtual.variation import (
    AngleVariation,
    Schedule,
    draw_schedule,
    step_shapes,
    vary_angles,
)

# Rate of the ground force, and time before and after the strides, in which the runner runs on.
FORCE_HZ = 1000.0
PAD_S = 0.25


def _balanced(
    schedule: Schedule, steps: list[Step], variation: AngleVariation, time_s: FloatArray
) -> tuple[FloatArray, Solution]:
    """Return the trial's coordinates as they should be, and the solved change."""
    gait = schedule.gait
    tree = gait.tree
    own = gait.coordinates(schedule.base_time(time_s)) + variation.at(time_s)
    motion = (own, *differentiate(time_s, own, RATE_HZ))
    edges = schedule.edges()
    moving = moving_coordinates(tree)
    strides = []
    for number, (start, end) in enumerate(pairwise(edges)):
        rows = np.flatnonzero((time_s >= start) & (time_s < end))
        stride, targets = target_stride(
            tree,
            gait.soles,
            steps[2 * number : 2 * number + 2],
            time_s[rows],
            (motion[0][rows], motion[1][rows], motion[2][rows]),
            (float(start), float(end - start)),
            -gait.speed_m_s,
        )
        strides.append(BalanceResiduals(stride, targets, moving, balance_scales(stride.weight_n)))
    return own, solve_trial(strides, KNOT_S, CONTACT_INTERVALS)


def _ground(time_s: FloatArray, feet: Sequence[FootForce]) -> GroundForces:
    """Return the ground forces of contacts; those of one foot do not overlap."""
    ground = GroundForces(time_s, np.zeros((len(time_s), len(SIDES), 3, 3)))
    for foot in feet:
        rows, own = (time_s > foot.start_s) & (time_s < foot.end_s), ground.foot(foot.side)
        own.force_n[rows] = foot.force_n[rows]
        own.point_m[rows] = foot.point_m[rows]
        own.torque_nm[rows] = foot.torque_nm[rows]
    return ground


def _before_and_after(schedule: Schedule, span_s: tuple[float, float]) -> list[Step]:
    """Return the contacts before and after the strides, as the gait has them."""
    gait = schedule.gait
    half, first, last = 0.5 * gait.period_s, schedule.starts_s[0], schedule.starts_s[-1]
    found = []
    for back in (1, 2):
        if first - back * half + 1.1 * gait.contact_s > span_s[0]:
            side = SIDES[back % 2]
            shape = gait.contacts[side]
            found.append(Step(side, float(first - back * half), gait.contact_s, shape))
    # after the last contact the gait's own clock runs on
    after = schedule.end_s - gait.basis.start_s
    for more in (0, 1):
        start = after + more * half
        if start - 0.1 * gait.contact_s < span_s[1]:
            side = SIDES[more % 2]
            found.append(Step(side, float(start), gait.contact_s, gait.contacts[side]))
    assert last < after
    return found


def make_trial(
    gait: Gait, table: GaitTable, strides: int, random: np.random.Generator
) -> TrueTrial:
    """Return a trial of strides that vary about a gait.

    Args:
        gait: in balance.
        table: how steps vary.
        strides: how many.
        random: random numbers.

    Raises:
        SolverError: no balance is found.
    """
    schedule = draw_schedule(gait, table, strides, PAD_S, random)
    count = int(np.floor((schedule.end_s + PAD_S) * RATE_HZ))
    time_s = np.arange(count + 1) / RATE_HZ
    tree = gait.tree
    steps = step_shapes(schedule, table)
    variation = vary_angles(schedule, table, tree.names)
    own, change = _balanced(schedule, steps, variation, time_s)
    coordinates = follow_couplings(tree, own + change.coordinates(time_s, own.shape[1]))
    force_s = np.arange(round(time_s[-1] * FORCE_HZ) + 1) / FORCE_HZ
    fine = gait.coordinates(schedule.base_time(force_s)) + variation.at(force_s)
    points = {sole.side: foot_points(tree, marks_of(sole), force_s, fine) for sole in gait.soles}
    weight = float(tree.masses_kg.sum()) * GRAVITY_M_S2
    feet = []
    for number, step in enumerate(steps + _before_and_after(schedule, (0.0, force_s[-1]))):
        sole = gait.soles[SIDES.index(step.side)]
        foot = foot_force(step, weight, sole, points[step.side], force_s)
        if number < len(steps):
            extra = change.foot(number, force_s)
            add_change(foot, slice(None), extra)
        feet.append(foot)
    contacts = tuple(TrueContact(step.side, *step.span_s) for step in steps)
    return TrueTrial(
        tree,
        time_s,
        coordinates,
        keep_grip(_ground(force_s, feet)),
        contacts,
        gait.speed_m_s,
    )


# The thorax keeps the lean it was given, about a degree.
THORAX_RAD = 0.02


def _rolling(stride: Stride, asked: Targets) -> FloatArray:
    """Return the sole points (feet, 3, 3, K) that no foot slides by."""
    pose = stride.pose
    found = []
    for sole, foot, own in zip(stride.soles, stride.feet, asked.soles_m, strict=True):
        percent = 100.0 * (stride.time_s - foot.start_s) / (foot.end_s - foot.start_s)
        height = np.maximum(lowest(own[1]), CLEAR_M)
        found.append(rolling(sole, pose, stride.time_s, percent, own, height, stride.ground_m_s))
    return np.stack(found)


def _with_change(trial: TrueTrial, change: Solution) -> GroundForces:
    """Return the ground forces with the solved changes of every contact."""
    time_s, values = trial.ground.time_s, trial.ground.values.copy()
    ground = GroundForces(time_s, values)
    for number, contact in enumerate(trial.contacts):
        rows = np.flatnonzero((time_s > contact.start_s) & (time_s < contact.end_s))
        add_change(ground.foot(contact.side), rows, change.foot(number, time_s[rows]))
    return keep_grip(ground)


def rebalance(trial: TrueTrial, soles: Sequence[Sole]) -> TrueTrial:
    """Return a trial whose strides pass into each other in balance.

    Args:
        trial: in balance within its strides, not where they meet.
        soles: of both feet, right first; contacts begin with the right foot.

    Raises:
        SolverError: no balance is found.
    """
    tree = trial.tree
    motion = motion_of(tree, trial.time_s, trial.coordinates)
    moved = follow_motion(tree, motion.coordinates, motion.speeds, motion.accelerations)
    edges = stride_edges(trial.contacts)
    weight = float(tree.masses_kg.sum()) * GRAVITY_M_S2
    scales = replace(balance_scales(weight), thorax_rad=THORAX_RAD)
    moving = moving_coordinates(tree)
    strides = []
    for number, (start, end) in enumerate(pairwise(edges)):
        rows = np.flatnonzero((trial.time_s >= start) & (trial.time_s < end))
        time_s = trial.time_s[rows]
        feet = tuple(
            foot_force_at(trial.ground, c.side, (c.start_s, c.end_s), time_s)
            for c in trial.contacts[2 * number : 2 * number + 2]
        )
        assert tuple(foot.side for foot in feet) == SIDES
        stride = Stride(
            tree,
            time_s,
            float(start),
            float(end - start),
            moved[0][rows],
            moved[1][rows],
            moved[2][rows],
            feet,
            tuple(soles),
            0.0,
            -trial.speed_m_s,
        )
        asked = own_targets(stride)
        asked = replace(asked, root=np.zeros_like(asked.root), soles_m=_rolling(stride, asked))
        strides.append(BalanceResiduals(stride, asked, moving, scales))
    change = solve_trial(strides, KNOT_S, CONTACT_INTERVALS)
    coordinates = trial.coordinates + change.coordinates(trial.time_s, len(tree.coordinates))
    return replace(
        trial,
        coordinates=follow_couplings(tree, coordinates),
        ground=_with_change(trial, change),
    )
