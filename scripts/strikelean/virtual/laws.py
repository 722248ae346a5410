"""How a true trial keeps the laws that a real runner cannot break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import make_interp_spline

from strikelean.dynamics.rigid_body import inverse_dynamics, move_bodies
from strikelean.dynamics.solve import ROOT_FORCES, ROOT_MOMENTS, ground_wrenches, motion_of
from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.model.walk import cross, walk_tree
from strikelean.signals import at_times
from strikelean.stride.check import SLIP_PART, SLIP_POINTS
from strikelean.stride.stride import Sole
from strikelean.virtual.gait import foot_points
from strikelean.virtual.true_trial import TrueTrial

# What nature allows a true trial; force over the peak of the ground's, the rest SI.
MAX_RESIDUAL_SHARE, MAX_FRICTION, MAX_BELOW_M = 0.01, 0.8, 0.002
MAX_BEYOND_DEG, MAX_SLIP_M = 0.1, 0.005
# Friction is a quotient of small numbers below this.
FRICTION_FROM_N = 100.0


@dataclass(frozen=True)
class TrialLaws:
    """How far a trial is from the laws; where it keeps them, all is zero but friction and slip.

    Attributes:
        residual_force_rms_n, residual_force_peak_n: size of the force at the root that nothing
            gives.
        residual_moment_rms_nm, residual_moment_peak_nm: of the moment.
        residual_share: largest force over the peak ground force.
        friction_peak: largest horizontal over vertical force, above 100 N.
        below_floor_m: how deep a point of a sole goes.
        beyond_limit_deg: how far a joint goes beyond its range.
        flight_force_n: largest force while no foot is on the ground.
        pull_n: largest force of the ground downwards.
        slip_m: farthest that the sole under the centre of pressure travels over the floor between
            30 and 70 % of a contact.
    """

    residual_force_rms_n: float
    residual_force_peak_n: float
    residual_moment_rms_nm: float
    residual_moment_peak_nm: float
    residual_share: float
    friction_peak: float
    below_floor_m: float
    beyond_limit_deg: float
    flight_force_n: float
    pull_n: float
    slip_m: float

    def figures(self) -> dict[str, float]:
        """Return all of it by name."""
        return {field.name: float(getattr(self, field.name)) for field in fields(self)}


def _size(values: FloatArray) -> tuple[float, float]:
    size = np.linalg.norm(values, axis=1)
    return float(np.sqrt(np.mean(size**2))), float(size.max())


def check_laws(trial: TrueTrial, soles: Sequence[Sole]) -> TrialLaws:
    """Return how a trial keeps the laws, over the frames from its first contact to its last."""
    tree = trial.tree
    first = min(contact.start_s for contact in trial.contacts)
    last = max(contact.end_s for contact in trial.contacts)
    motion = motion_of(tree, trial.time_s, trial.coordinates)
    rows = np.flatnonzero((trial.time_s >= first) & (trial.time_s <= last))
    motion = motion.at(rows)
    wrenches = ground_wrenches(trial.ground, motion.time_s)
    forces = inverse_dynamics(
        tree, motion.coordinates, motion.speeds, motion.accelerations, wrenches
    )
    columns = [
        [tree.coordinate_index(name) for name in names] for names in (ROOT_FORCES, ROOT_MOMENTS)
    ]
    force, moment = (_size(forces[:, chosen]) for chosen in columns)
    push = {side: trial.ground.foot(side).force_n for side in SIDES}
    total = np.asarray(sum(push.values()))
    table_s = trial.ground.time_s
    loaded = np.zeros(len(table_s), dtype=bool)
    for contact in trial.contacts:
        loaded |= (table_s >= contact.start_s) & (table_s <= contact.end_s)
    flight = ~loaded & (table_s >= first) & (table_s <= last)
    pressed = total[:, 1] > FRICTION_FROM_N
    ratio = np.hypot(total[pressed, 0], total[pressed, 2]) / total[pressed, 1]
    lowest = min(
        float(foot_points(tree, sole, motion.time_s, motion.coordinates)[1].min()) for sole in soles
    )
    return TrialLaws(
        *force,
        *moment,
        force[1] / float(np.linalg.norm(total, axis=1).max()),
        float(ratio.max()),
        max(-lowest, 0.0),
        _beyond_limits(trial),
        float(np.abs(total[flight]).max(initial=0.0)),
        float(max(-total[:, 1].min(), 0.0)),
        float(_slips_m(trial, soles).max()),
    )


def _slips_m(trial: TrueTrial, soles: Sequence[Sole]) -> FloatArray:
    """Return how far the sole under the centre of pressure travels over the floor, by contact."""
    share = np.linspace(*SLIP_PART, SLIP_POINTS)
    moving, times = [], []
    for contact in trial.contacts:
        at = contact.start_s + share * (contact.end_s - contact.start_s)
        near = (trial.time_s > at[0] - 0.05) & (trial.time_s < at[-1] + 0.05)
        spline = make_interp_spline(trial.time_s[near], trial.coordinates[near], k=5)
        moving.append([spline(at, order) for order in range(3)])
        times.append(at)
    place, speeds, accelerations = (np.concatenate(part) for part in zip(*moving, strict=True))
    pose = walk_tree(trial.tree, place)
    motions = move_bodies(trial.tree, pose, speeds, accelerations)
    found = []
    for number, (contact, at) in enumerate(zip(trial.contacts, times, strict=True)):
        rows = slice(number * len(share), (number + 1) * len(share))
        body = next(sole.body for sole in soles if sole.side == contact.side)
        point = trial.ground.foot(contact.side).point_m
        pressure = at_times(trial.ground.time_s, point, at).T
        arm = pressure - pose.positions_m[body][:, rows]
        speed = motions[body].velocity[:, rows] + cross(motions[body].spin[:, rows], arm)
        over_floor = np.stack([speed[0] + trial.speed_m_s, speed[2]])
        travel = cumulative_trapezoid(over_floor, at, axis=1, initial=0)
        found.append(np.hypot(*travel).max())
    return np.array(found)


def _beyond_limits(trial: TrueTrial) -> float:
    infos = trial.tree.coordinates
    used = [i for i, info in enumerate(infos) if info.clamped and info.rotational]
    lower = np.array([infos[i].lower for i in used])
    upper = np.array([infos[i].upper for i in used])
    values = trial.coordinates[:, used]
    over = np.maximum(values - upper, lower - values)
    return float(np.degrees(max(over.max(), 0.0)))


def broken_laws(laws: TrialLaws) -> list[str]:
    """Return the laws that a trial breaks, each with its figure."""
    limits = {
        "residual_share": MAX_RESIDUAL_SHARE,
        "friction_peak": MAX_FRICTION,
        "below_floor_m": MAX_BELOW_M,
        "beyond_limit_deg": MAX_BEYOND_DEG,
        "slip_m": MAX_SLIP_M,
        "flight_force_n": 0.0,
    }
    found = laws.figures()
    # a figure that is not known keeps no law
    return [
        f"{name} {found[name]:.3g}" for name, limit in limits.items() if not found[name] <= limit
    ]


def require_lawful(laws: TrialLaws, what: str) -> None:
    """Refuse a trial that nature would not allow.

    Raises:
        SolverError: with the law that is broken.
    """
    broken = broken_laws(laws)
    if broken:
        raise SolverError(
            "make_virtual_runner",
            f"{what} within nature's laws",
            ", ".join(broken),
            "Take another seed, or ask for a smaller change",
        )
