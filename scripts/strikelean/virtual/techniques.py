"""The same virtual runner with another technique, as truly run.

The counterfactual of :mod:`strikelean.counterfactual` is applied to the truth itself, so that the
laboratory can record it like any other trial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.interpolate import make_interp_spline

from strikelean.counterfactual.cadence import read_posture
from strikelean.counterfactual.propose import Asked, Proposal, Task, propose_strides
from strikelean.counterfactual.templates import Template
from strikelean.counterfactual.timeline import Group, lay_out
from strikelean.dynamics.solve import motion_of
from strikelean.errors import SolverError
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray
from strikelean.lab.strike import foot_angle_deg
from strikelean.markersets import SIDES
from strikelean.model.forward import follow_couplings
from strikelean.resources import cadence_posture
from strikelean.signals import at_times
from strikelean.stride.cut_strides import StrideSpan, cut_stride, duty_of
from strikelean.stride.scales import SolveRules
from strikelean.stride.stride import Sole, add_change
from strikelean.techniques import Technique
from strikelean.virtual.balance import LIMIT_MARGIN_RAD
from strikelean.virtual.gait import foot_points
from strikelean.virtual.trial import FORCE_HZ, PAD_S, rebalance
from strikelean.virtual.true_trial import (
    RATE_HZ,
    Filtering,
    TrueContact,
    TrueTrial,
    loaded_span,
    smooth_coordinates,
    smooth_ground,
    stride_edges,
)
from strikelean.virtual.variation import smooth_step

RULES = SolveRules(tolerance=1e-3, gain=1e-4)
# What is solved for is the trial filtered as recordings are by default: between impacts and smooth
# changes of the motion nothing balances, and a solve that must try bends the legs instead.
SMOOTH = Filtering(15.0, 4, 50.0)
# Outside the strides joints are held in their ranges, fading in within this (project choice).
BENT_S = 0.05
Progress = Callable[[str], None]


def spans_of(trial: TrueTrial) -> list[StrideSpan]:
    """Return the strides of a trial, their contacts as a recording would have them."""
    contacts, edges = trial.contacts, stride_edges(trial.contacts)
    return [
        StrideSpan(
            (2 * number, 2 * number + 1),
            (first.side, second.side),
            (loaded_span(trial, first), loaded_span(trial, second)),
            float(edges[number]),
            float(edges[number + 1]),
        )
        for number, (first, second) in enumerate(zip(contacts[::2], contacts[1::2], strict=True))
    ]


def strike_angles_deg(trial: TrueTrial, soles: Sequence[Sole]) -> dict[str, float]:
    """Return each foot's mean foot-strike angle; standing feet are flat."""
    found = {}
    for sole in soles:
        own = [contact for contact in trial.contacts if contact.side == sole.side]
        starts = np.array([loaded_span(trial, contact)[0] for contact in own])
        spline = make_interp_spline(trial.time_s, trial.coordinates, k=5)
        points = foot_points(trial.tree, sole, starts, spline(starts))
        found[sole.side] = float(foot_angle_deg(points[:, 0].T, points[:, 1].T).mean())
    return found


def _solve(
    trial: TrueTrial, soles: Sequence[Sole], asked: Sequence[Asked], progress: Progress
) -> list[list[tuple[StrideSpan, Proposal]] | SolverError]:
    """Return the solved strides of each technique, or why one of them is not solved."""
    motion = motion_of(trial.tree, trial.time_s, smooth_coordinates(trial, SMOOTH))
    ground, spans = smooth_ground(trial, SMOOTH), spans_of(trial)
    strides = [
        replace(
            cut_stride(motion, ground, soles, span),
            drift_m_s=0.0,
            ground_m_s=-trial.speed_m_s,
        )
        for span in spans
    ]
    # what they leave undone is judged after the whole trial is in balance
    proposals = iter(propose_strides([Task(stride, one) for one in asked for stride in strides]))
    found: list[list[tuple[StrideSpan, Proposal]] | SolverError] = []
    for one in asked:
        solved, failed = [], None
        for span in spans:
            proposal = next(proposals)
            if isinstance(proposal, SolverError):
                failed = failed or proposal
            elif isinstance(proposal, Exception):
                raise proposal
            else:
                solved.append((span, proposal))
        found.append(failed or solved)
        progress(f"{one.technique.name}: {len(solved)} of {len(spans)} strides solved")
    return found


def _ground(
    trial: TrueTrial, group: Group, time_s: FloatArray, contacts: Sequence[TrueContact]
) -> GroundForces:
    """Return the ground forces on the new clock, with the solved changes; none in flight."""
    own = trial.ground
    # another clock and back may end a rounding beyond the forces there are
    source_s = np.clip(group.source_s(time_s), own.time_s[0], own.time_s[-1])
    values = at_times(own.time_s, own.values, source_s)
    ground = GroundForces(time_s, values)
    for place, side in enumerate(SIDES):
        foot = ground.foot(side)
        group.scale_forces(side, time_s, foot)
        add_change(foot, slice(None), group.foot(side, time_s))
        inner = (time_s >= contacts[0].start_s) & (time_s <= contacts[-1].end_s)
        for contact in contacts:
            if contact.side == side:
                inner &= (time_s <= contact.start_s) | (time_s >= contact.end_s)
        values[inner | (values[:, place, 0, 1] <= 0.0), place] = 0.0
    return ground


def within_ranges(trial: TrueTrial) -> FloatArray:
    """Return coordinates (T, Q) whose joints stay within their ranges before and after the strides.

    Strides are brought into balance within the ranges; what lies outside them is not, and is bent
    here within a degree of a range's end, two derivatives smooth.
    """
    found, margin = trial.coordinates.copy(), LIMIT_MARGIN_RAD
    edges = stride_edges(trial.contacts)
    beyond_s = np.maximum(edges[0] - trial.time_s, trial.time_s - edges[-1])
    weight = smooth_step(beyond_s / BENT_S)
    for index, info in enumerate(trial.tree.coordinates):
        if info.clamped and info.rotational:
            values = found[:, index]
            over = np.maximum(values - (info.upper - margin), 0.0)
            under = np.maximum(info.lower + margin - values, 0.0)
            bend = (margin * np.tanh(over / margin) - over) - (
                margin * np.tanh(under / margin) - under
            )
            values += weight * bend
    return follow_couplings(trial.tree, found)


def change_techniques(
    trial: TrueTrial,
    soles: Sequence[Sole],
    techniques: Sequence[Technique],
    template: Template | None,
    progress: Progress = lambda line: None,
) -> Iterator[TrueTrial | SolverError]:
    """Yield a trial as the same runner runs it with each of some techniques.

    The strides of all techniques are solved side by side.

    Args:
        trial: as the runner is used to.
        soles: of both feet.
        techniques: what is asked.
        template: slopes on foot-strike angle, for a strike.
        progress: called with a line of text now and then.

    Yields:
        The trial; where a stride cannot be run so, the error in its place.
    """
    angles = strike_angles_deg(trial, soles)
    duty = duty_of(spans_of(trial))
    posture = read_posture(cadence_posture())
    asked = [
        Asked(
            technique,
            template=template,
            strike_angle_deg=angles,
            rules=RULES,
            duty=duty,
            posture=posture,
        )
        for technique in techniques
    ]
    for solved in _solve(trial, soles, asked, progress):
        if isinstance(solved, SolverError):
            yield solved
        else:
            yield rebalance(_joined(trial, solved), soles)


def _joined(trial: TrueTrial, solved: list[tuple[StrideSpan, Proposal]]) -> TrueTrial:
    """Return the trial with its solved strides on the new clock, not yet in balance as a whole."""
    (group,) = lay_out(solved)
    origin = group.pieces[0].span.start_s
    first = max(origin - PAD_S, trial.time_s[0], trial.ground.time_s[0])
    last = min(trial.time_s[-1], trial.ground.time_s[-1])
    begin = group.new_s(first)
    count = int(np.floor((group.new_s(last) - begin) * RATE_HZ - 1e-6))
    time_s = begin + np.arange(count + 1) / RATE_HZ
    source = np.clip(group.source_s(time_s), trial.time_s[0], trial.time_s[-1])
    own = make_interp_spline(trial.time_s, trial.coordinates, k=5)(source)
    coordinates = follow_couplings(trial.tree, own + group.coordinates(time_s, own.shape[1]))
    # as many as there is motion for, and within the forces there are
    force_s = begin + np.arange(round(count * FORCE_HZ / RATE_HZ) + 1) / FORCE_HZ
    contacts = []
    for number, contact in enumerate(trial.contacts):
        piece = group.pieces[number // 2]
        span = piece.new_s(contact.start_s), piece.new_s(contact.end_s)
        contacts.append(TrueContact(contact.side, *span))
    ground = _ground(trial, group, force_s, contacts)
    joined = TrueTrial(
        trial.tree,
        time_s - begin,
        coordinates,
        replace(ground, time_s=ground.time_s - begin),
        tuple(TrueContact(c.side, c.start_s - begin, c.end_s - begin) for c in contacts),
        trial.speed_m_s * group.pieces[0].proposal.retimed.speed,
    )
    return replace(joined, coordinates=within_ranges(joined))
