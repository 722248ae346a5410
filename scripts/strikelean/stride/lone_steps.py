"""A stance alone, with the flights around it: a stride whose other step is its mirror image.

A technique is solved over a whole stride, so that what changes repeats. Where one stance alone
was recorded, the step around it (from the middle of one flight to that of the next) is taken as
half of a stride, and the same step of the other foot, mirrored, as the other half. Nothing of the
other half is shown: it only makes the ends of the step such as running goes on from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.errors import RecordingError
from strikelean.formats.contacts import Contacts
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray
from strikelean.markersets import SIDES
from strikelean.model.tree import KinematicTree
from strikelean.stride.cut_strides import LONGEST_FLIGHT_S, StrideSpan
from strikelean.stride.stride import FootForce, Sole, Stride

# Coordinates of pelvis and trunk, by what a mirror makes of them.
ALIKE = ("pelvis_tilt", "pelvis_tx", "pelvis_ty", "lumbar_extension")
REVERSED = ("pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation")
OTHER = {"right": "left", "left": "right"}
_SIDE = re.compile(r"_([rl])(?=_|$)")


def flight_s(grf: GroundForces, side: str, contact: tuple[float, float], weight_n: float) -> float:
    """Return how long a runner flies before and after a stance, half of both together.

    In running that repeats, the vertical impulse of a stance carries the body over the whole step:
    its duration is impulse over weight, and what is left of it is flight.

    Args:
        grf: ground forces.
        side: of the foot.
        contact: its start and end, s.
        weight_n: body weight.

    Returns:
        Between 0 and the longest flight of a stride.
    """
    rows = (grf.time_s >= contact[0]) & (grf.time_s <= contact[1])
    impulse = float(np.trapezoid(grf.foot(side).force_n[rows, 1], grf.time_s[rows]))
    step = impulse / weight_n
    return float(np.clip(step - (contact[1] - contact[0]), 0.0, LONGEST_FLIGHT_S))


def find_lone_steps(
    contacts: Contacts, grf: GroundForces, weight_n: float, count: int
) -> list[StrideSpan]:
    """Return the steps around the first selected contacts of a trial, each for itself.

    Args:
        contacts: of both feet.
        grf: ground forces.
        weight_n: body weight.
        count: how many strides are asked for: as many contacts of each foot are used at most.
    """
    found: list[StrideSpan] = []
    for contact in contacts.rows:
        same = [span for span in found if span.sides == (contact.side,)]
        if not contact.selected or len(same) == count:
            continue
        span = contact.start_s, contact.end_s
        half = 0.5 * flight_s(grf, str(contact.side), span, weight_n)
        names = (contact.step,), (str(contact.side),)
        found.append(StrideSpan(*names, (span,), span[0] - half, span[1] + half))
    return found


def mirrored_columns(tree: KinematicTree) -> tuple[list[int], FloatArray]:
    """Return which coordinate each takes its mirror image from, and with which sign (Q,).

    Raises:
        RecordingError: the model has a coordinate of the middle that is not known.
    """
    places, signs = [], np.ones(len(tree.names))
    for number, name in enumerate(tree.names):
        other = _SIDE.sub(lambda match: f"_{'l' if match[1] == 'r' else 'r'}", name)
        known = name in (*ALIKE, *REVERSED) if other == name else other in tree.names
        if not known:
            raise RecordingError(
                "solve_counterfactual",
                "a model whose coordinates have a mirror image, for a technique of a stance alone",
                f"the coordinate {name}",
                "Record a whole stride (two plates, a treadmill), or leave techniques out",
            )
        places.append(tree.names.index(other))
        if name in REVERSED:
            signs[number] = -1.0
    return places, signs


def with_mirrored_step(step: Stride, soles: Sequence[Sole]) -> Stride:
    """Return a whole stride: a step, then its mirror image about the runner's own path.

    Args:
        step: one contact of one foot, from flight to flight.
        soles: of both feet.

    Raises:
        RecordingError: the model has no mirror image.
    """
    (foot,) = step.feet
    places, signs = mirrored_columns(step.tree)
    ahead = step.drift_m_s * step.period_s
    sideways, forward = (step.tree.coordinate_index(name) for name in ("pelvis_tz", "pelvis_tx"))
    path = 2.0 * float(step.coordinates[:, sideways].mean())
    mirrored = [
        signs * part[:, places] for part in (step.coordinates, step.speeds, step.accelerations)
    ]
    mirrored[0][:, sideways] += path
    mirrored[0][:, forward] += ahead
    whole = [
        np.concatenate(pair)
        for pair in zip((step.coordinates, step.speeds, step.accelerations), mirrored, strict=True)
    ]
    order = (foot.side, OTHER[foot.side])
    return replace(
        step,
        time_s=np.concatenate([step.time_s, step.time_s + step.period_s]),
        period_s=2.0 * step.period_s,
        coordinates=whole[0],
        speeds=whole[1],
        accelerations=whole[2],
        feet=_both_feet(foot, step.period_s, ahead, path),
        soles=tuple(next(sole for sole in soles if sole.side == side) for side in order),
    )


def _both_feet(
    foot: FootForce, later_s: float, ahead_m: float, path_m: float
) -> tuple[FootForce, FootForce]:
    """Return a foot's force in its own step, and the other's in the mirrored one."""
    none = np.zeros_like(foot.force_n)
    flip = np.array([1.0, 1.0, -1.0])
    there = foot.point_m * flip + np.array([ahead_m, 0.0, path_m])
    own = FootForce(
        foot.side,
        foot.start_s,
        foot.end_s,
        np.concatenate([foot.force_n, none]),
        np.concatenate([foot.point_m, np.broadcast_to(foot.point_m[-1], foot.point_m.shape)]),
        np.concatenate([foot.torque_nm, none]),
    )
    other = FootForce(
        OTHER[foot.side],
        foot.start_s + later_s,
        foot.end_s + later_s,
        np.concatenate([none, foot.force_n * flip]),
        np.concatenate([np.broadcast_to(there[0], there.shape), there]),
        # a torque turns the other way about the axes that lie in the mirror
        np.concatenate([none, foot.torque_nm * -flip]),
    )
    return own, other


def same_for_both(of_sides: dict[str, float]) -> dict[str, float]:
    """Return values of both feet, the known one's for one that is not known."""
    known = [of_sides[side] for side in SIDES if np.isfinite(of_sides[side])]
    return {
        side: of_sides[side] if np.isfinite(of_sides[side]) or not known else known[0]
        for side in SIDES
    }


def body_weight_n(tree: KinematicTree) -> float:
    """Return a model's weight."""
    return float(tree.masses_kg.sum()) * GRAVITY_M_S2
