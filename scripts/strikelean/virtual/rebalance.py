"""A trial put together from strides, brought into balance as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.counterfactual.strike import lowest
from strikelean.dynamics.solve import motion_of
from strikelean.dynamics.wrench_sensitivity import follow_motion
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.markersets import SIDES
from strikelean.model.forward import follow_couplings
from strikelean.model.walk import walk_tree
from strikelean.stride.cut_strides import foot_force_at
from strikelean.stride.solve import Solution
from strikelean.stride.solve_trial import solve_trial
from strikelean.stride.stride import Sole, Stride
from strikelean.stride.targets import Targets, own_targets
from strikelean.virtual.balance import (
    CONTACT_INTERVALS,
    BalanceResiduals,
    balance_scales,
    moving_coordinates,
)
from strikelean.virtual.cycle import KNOT_S
from strikelean.virtual.sole import CLEAR_M
from strikelean.virtual.targets import rolling
from strikelean.virtual.trial import TrueTrial, keep_grip, stride_edges

# The thorax keeps the lean it was given, about a degree.
THORAX_RAD = 0.02


def _rolling(stride: Stride, asked: Targets) -> FloatArray:
    """Return the sole points (feet, 3, 3, K) that no foot slides by."""
    pose = walk_tree(stride.tree, stride.coordinates)
    found = []
    for sole, foot, own in zip(stride.soles, stride.feet, asked.soles_m, strict=True):
        percent = 100.0 * (stride.time_s - foot.start_s) / (foot.end_s - foot.start_s)
        height = np.maximum(lowest(own[1]), CLEAR_M)
        found.append(rolling(sole, pose, stride.time_s, percent, own, height, stride.ground_m_s))
    return np.stack(found)


def _with_change(trial: TrueTrial, change: Solution) -> TimeSeries:
    """Return the ground forces with the solved changes of every contact."""
    table = trial.ground
    values = table.values.copy()
    for number, contact in enumerate(trial.contacts):
        letter = contact.side[0]
        rows = np.flatnonzero((table.time_s > contact.start_s) & (table.time_s < contact.end_s))
        extra = change.foot(number, table.time_s[rows])
        force = [table.index(f"ground_force_{letter}_v{axis}") for axis in "xyz"]
        point = [table.index(f"ground_force_{letter}_p{axis}") for axis in "xz"]
        torque = table.index(f"ground_torque_{letter}_y")
        for place, column in enumerate((*force, torque, *point)):
            values[rows, column] += extra[:, place]
    return keep_grip(replace(table, values=values))


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
