"""A virtual runner's periodic stride, brought into balance with its ground force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import walk_tree
from strikelean.stride.scales import SolveRules
from strikelean.stride.solve import Solution, solve_stride
from strikelean.stride.splines import PeriodicBasis
from strikelean.stride.stride import Sole, Stride
from strikelean.stride.targets import sole_places
from strikelean.virtual.balance import (
    ANCHOR,
    CONTACT_INTERVALS,
    BalanceResiduals,
    Step,
    balance_scales,
    foot_line,
    moving_coordinates,
    target_stride,
)
from strikelean.virtual.gait_table import KNOT_S, ContactShape, StrideTemplate
from strikelean.virtual.sole import marks_of
from strikelean.virtual.true_trial import RATE_HZ

RULES = SolveRules(knot_s=KNOT_S, contact_intervals=CONTACT_INTERVALS, tolerance=3e-3, gain=1e-3)


@dataclass(frozen=True)
class Gait:
    """A periodic stride in balance; time 0 is the right foot's contact (50 N).

    Attributes:
        tree, soles: of the runner.
        basis, coefficients: motion over the stride, (count, Q).
        contacts: by side, as of a right foot, the centre of pressure relative to the foot.
        contact_s: from 50 N to 50 N.
        speed_m_s: belt speed.
    """

    tree: KinematicTree
    soles: tuple[Sole, ...]
    basis: PeriodicBasis
    coefficients: FloatArray
    contacts: Mapping[str, ContactShape]
    contact_s: float
    speed_m_s: float

    @property
    def period_s(self) -> float:
        """Duration of the stride."""
        return self.basis.period_s

    def coordinates(self, time_s: FloatArray) -> FloatArray:
        """Return the motion at (K,) times of its own clock, (K, Q)."""
        return np.asarray(self.basis.matrix(time_s) @ self.coefficients)


def _on_the_floor(
    tree: KinematicTree, soles: Sequence[Sole], template: StrideTemplate, steps: Sequence[Step]
) -> StrideTemplate:
    """Return the template at the height at which its flat feet stand on the floor."""
    depths = []
    for sole, step in zip(soles, steps, strict=True):
        time_s = np.array([step.start_s + 0.01 * ANCHOR * step.contact_s])
        motion = template.motion(time_s)
        stride = Stride(tree, time_s, 0.0, 1.0, *motion, (), (sole,), 0.0, 0.0)
        depths.append(float(sole_places(stride, walk_tree(tree, motion[0]))[0, 1].min()))
    coefficients = template.coefficients.copy()
    coefficients[:, tree.coordinate_index("pelvis_ty")] -= np.mean(depths)
    return replace(template, coefficients=coefficients)


def foot_points(
    tree: KinematicTree, sole: Sole, time_s: FloatArray, coordinates: FloatArray
) -> FloatArray:
    """Return a foot's sole points (3, 3, K: axis, point, frame) at coordinates (K, Q)."""
    still = np.zeros_like(coordinates)
    posed = Stride(tree, time_s, 0.0, 1.0, coordinates, still, still, (), (sole,), 0.0, 0.0)
    return np.asarray(sole_places(posed, walk_tree(tree, coordinates))[0])


def _solved_contact(
    gait: Gait, template: StrideTemplate, step: Step, index: int, solution: Solution
) -> ContactShape:
    """Return what the ground gives one foot after the solve, pressure relative to its foot."""
    percent, sole = step.shape.percent, gait.soles[index]
    time_s = step.start_s + 0.01 * percent * step.contact_s
    mirror = 1.0 if step.side == "right" else -1.0
    bases, parts = solution.contacts[index], solution.feet[index]
    weight = float(gait.tree.masses_kg.sum()) * GRAVITY_M_S2
    pushed = bases[0].matrix(time_s) @ parts[0] / weight
    values = dict(step.shape.values)
    for number, (name, sign) in enumerate(
        (("forward", 1.0), ("vertical", 1.0), ("outward", mirror), ("turn", mirror))
    ):
        values[name] = values[name] + sign * pushed[:, number]
    values["vertical"] = np.maximum(values["vertical"], 0.0)
    marks = marks_of(sole)
    own = foot_points(gait.tree, marks, time_s, template.motion(time_s)[0])
    heel, along, across = foot_line(own, sole)
    place = heel + values["along"] * along + values["across"] * across
    place = place + (bases[1].matrix(time_s) @ parts[1]).T
    heel, along, across = foot_line(
        foot_points(gait.tree, marks, time_s, gait.coordinates(time_s)), sole
    )
    for name, unit in (("along", along), ("across", across)):
        values[name] = ((place - heel) * unit).sum(axis=0) / (unit**2).sum(axis=0)
    return ContactShape(percent, values)


def balance_gait(
    tree: KinematicTree, soles: tuple[Sole, ...], template: StrideTemplate, speed_m_s: float
) -> Gait:
    """Return a runner's stride in balance with its ground force.

    Args:
        tree: the runner's compiled model.
        soles: of both feet, right first.
        template: the stride as the templates have it.
        speed_m_s: of the belt.

    Raises:
        SolverError: the solve does not settle.
    """
    period = template.period_s
    steps = [
        Step(side, start, template.contact_s, template.contact)
        for side, start in zip(SIDES, (0.0, 0.5 * period), strict=True)
    ]
    template = _on_the_floor(tree, soles, template, steps)
    frames = round(period * RATE_HZ)
    start = template.basis.start_s
    time_s = start + np.arange(frames) / frames * period
    stride, targets = target_stride(
        tree, soles, steps, time_s, template.motion(time_s), (start, period), -speed_m_s
    )
    solution = solve_stride(
        stride,
        targets,
        replace(RULES, scales=balance_scales(stride.weight_n)),
        moving=moving_coordinates(tree),
        residuals_of=BalanceResiduals,
    )
    coefficients = template.coefficients.copy()
    coefficients[:, solution.moving] += _as_splines(template.basis, solution)
    gait = Gait(tree, soles, template.basis, coefficients, {}, template.contact_s, speed_m_s)
    contacts = {
        step.side: _solved_contact(gait, template, step, index, solution)
        for index, step in enumerate(steps)
    }
    return replace(gait, contacts=contacts)


def _as_splines(basis: PeriodicBasis, solution: Solution) -> FloatArray:
    """Return a solution's coefficients for another periodic basis of the same stride."""
    if solution.basis == basis:
        return solution.coefficients
    time_s = basis.start_s + np.arange(8 * basis.count) / (8 * basis.count) * basis.period_s
    wanted = solution.basis.matrix(time_s) @ solution.coefficients
    return np.asarray(np.linalg.lstsq(basis.matrix(time_s), wanted, rcond=None)[0])
