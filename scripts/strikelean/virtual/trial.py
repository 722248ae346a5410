"""A virtual runner's trial: strides that vary, in balance with their ground force throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.derivatives import differentiate
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.markersets import SIDES
from strikelean.model.forward import follow_couplings
from strikelean.model.tree import KinematicTree
from strikelean.stride.solve import Solution
from strikelean.stride.solve_trial import solve_trial
from strikelean.stride.stride import FootForce
from strikelean.virtual.balance import (
    CONTACT_INTERVALS,
    BalanceResiduals,
    balance_scales,
    moving_coordinates,
)
from strikelean.virtual.cycle import KNOT_S
from strikelean.virtual.gait import RATE_HZ, Gait, foot_points
from strikelean.virtual.gait_table import GaitTable
from strikelean.virtual.sole import marks_of
from strikelean.virtual.targets import Step, foot_force, target_stride
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
# Horizontal over vertical force that a shoe holds at most; see balance.FRICTION.
FRICTION_LIMIT = 0.78


@dataclass(frozen=True)
class TrueContact:
    """When a foot is on the ground: from nothing to nothing, s."""

    side: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class TrueTrial:
    """What truly happened.

    Attributes:
        tree: the runner's compiled model.
        time_s: (T,) at the rate of the markers.
        coordinates: (T, Q) rad and m.
        ground: force, point and torque of each foot, the columns of grf.mot, at the rate of the
            force plate.
        contacts: every whole contact of the strides.
        speed_m_s: belt speed.
    """

    tree: KinematicTree
    time_s: FloatArray
    coordinates: FloatArray
    ground: TimeSeries
    contacts: tuple[TrueContact, ...]
    speed_m_s: float


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


def keep_grip(table: TimeSeries) -> TimeSeries:
    """Return ground forces that neither pull nor push beyond friction.

    The solve asks for both softly; what is left over, a few newtons where a contact begins and
    ends, is cut off.
    """
    values = table.values.copy()
    for side in SIDES:
        letter = side[0]
        force = [table.index(f"ground_force_{letter}_v{axis}") for axis in "xyz"]
        others = [
            *(table.index(f"ground_force_{letter}_p{axis}") for axis in "xz"),
            table.index(f"ground_torque_{letter}_y"),
        ]
        nothing = values[:, force[1]] <= 0.0
        for column in (*force, *others):
            values[nothing, column] = 0.0
        flat = np.hypot(values[:, force[0]], values[:, force[2]])
        held = FRICTION_LIMIT * values[:, force[1]] / np.maximum(flat, 1e-12)
        for column in (force[0], force[2]):
            values[:, column] *= np.minimum(held, 1.0)
    return replace(table, values=values)


def stride_edges(contacts: Sequence[TrueContact]) -> FloatArray:
    """Return starts and ends of strides of two contacts each, in the middles of flights."""
    flights = np.array([b.start_s - a.end_s for a, b in pairwise(contacts)])
    ends = np.array([contact.end_s for contact in contacts])
    inner = ends[1:-1:2] + 0.5 * flights[1::2]
    first, last = contacts[0].start_s - 0.5 * flights[0], ends[-1] + 0.5 * flights[-1]
    return np.concatenate([[first], inner, [last]])


def ground_table(time_s: FloatArray, feet: dict[str, list[FootForce]]) -> TimeSeries:
    """Return the columns of grf.mot from the contacts of each foot, which do not overlap."""
    names: list[str] = []
    blocks: list[FloatArray] = []
    for side in SIDES:
        letter = side[0]
        parts = [np.zeros((len(time_s), 3)) for _ in range(3)]
        for foot in feet[side]:
            rows = (time_s > foot.start_s) & (time_s < foot.end_s)
            for part, found in zip(
                parts, (foot.force_n, foot.point_m, foot.torque_nm), strict=True
            ):
                part[rows] = found[rows]
        blocks += parts
        names += [f"ground_force_{letter}_{kind}{axis}" for kind in "vp" for axis in "xyz"]
        names += [f"ground_torque_{letter}_{axis}" for axis in "xyz"]
    return TimeSeries(time_s, tuple(names), np.hstack(blocks))


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
        random: source of chance.

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
    feet: dict[str, list[FootForce]] = {side: [] for side in SIDES}
    for number, step in enumerate(steps + _before_and_after(schedule, (0.0, force_s[-1]))):
        sole = gait.soles[SIDES.index(step.side)]
        foot = foot_force(step, weight, sole, points[step.side], force_s)
        if number < len(steps):
            extra = change.foot(number, force_s)
            foot.force_n[:] += extra[:, :3]
            foot.torque_nm[:, 1] += extra[:, 3]
            foot.point_m[:, [0, 2]] += extra[:, 4:]
        feet[step.side].append(foot)
    contacts = tuple(TrueContact(step.side, *step.span_s) for step in steps)
    return TrueTrial(
        tree,
        time_s,
        coordinates,
        keep_grip(ground_table(force_s, feet)),
        contacts,
        gait.speed_m_s,
    )
