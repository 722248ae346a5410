"""From solved strides to a trial like a recorded one: motion, ground forces, markers, contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import make_interp_spline

from strikelean.counterfactual.recorded_trial import RecordedTrial
from strikelean.counterfactual.retiming import Retimed
from strikelean.counterfactual.timeline import Group
from strikelean.formats.contacts import Contacts, FootContact
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.contacts import Contact
from strikelean.lab.strike import struck
from strikelean.markersets import SIDES
from strikelean.model.forward import follow_couplings, marker_positions, solve_forward
from strikelean.signals import at_times, time_runs
from strikelean.stride.cut_strides import StrideSpan
from strikelean.stride.stride import add_change

# Time kept before and after a group of strides, so that splines end outside every contact.
EDGE_S = 0.05


@dataclass(frozen=True)
class DerivedTrial:
    """A trial with another technique, as the stages after kinematics read it.

    Attributes:
        time_s: (T,) frames, with holes between groups of strides.
        coordinates: (T, Q) rad and m.
        grf, grf_unfiltered: ground forces, as a recording's.
        markers: recorded markers carried along with the model's.
        contacts: of the strides, those refused among them.
    """

    time_s: FloatArray
    coordinates: FloatArray
    grf: GroundForces
    grf_unfiltered: GroundForces
    markers: Markers
    contacts: Contacts


def _frames(group: Group, base: RecordedTrial) -> FloatArray:
    """Return the new frames of a group: the recording's own where its clock is kept."""
    motion = base.motion
    first, last = group.begin_s - EDGE_S, group.end_s + EDGE_S
    if group.same:
        times = motion.time_s
        return np.asarray(times[(times >= first - 1e-9) & (times <= last + 1e-9)])
    count = int(np.floor((last - first) * motion.rate_hz + 1e-6))
    times = first + np.arange(count + 1) / motion.rate_hz
    known = group.source_s(times)
    return np.asarray(times[(known >= motion.time_s[0]) & (known <= motion.time_s[-1])])


def _resampled(time_s: FloatArray, values: FloatArray, wanted_s: FloatArray) -> FloatArray:
    """Return (K, ...) values by quintic splines, exact where a sample is wanted."""
    rate_hz = float(1.0 / np.median(np.diff(time_s)))
    out = np.full((len(wanted_s), *values.shape[1:]), np.nan)
    for run in time_runs(time_s, rate_hz):
        first, last = time_s[run][0], time_s[run][-1]
        inside = (wanted_s >= first - 1e-9) & (wanted_s <= last + 1e-9)
        if run.stop - run.start > 5 and inside.any():
            wanted = np.clip(wanted_s[inside], first, last)
            out[inside] = make_interp_spline(time_s[run], values[run], k=5)(wanted)
    return out


def _moved_markers(
    base: RecordedTrial, group: Group, time_s: FloatArray, old: FloatArray, new: FloatArray
) -> FloatArray:
    """Return recorded markers (T, M, 3) carried along with the model's, soft tissue and all."""
    recorded = base.markers
    source = group.source_s(time_s)
    places = [recorded.names.index(name) for name in base.marker_names]
    seen = at_times(recorded.time_s, recorded.positions_m[:, places], source)
    tree = base.marker_tree
    change = marker_positions(tree, solve_forward(tree, new)) - marker_positions(
        tree, solve_forward(tree, old)
    )
    return np.asarray(seen + change)


def _drifted(values: FloatArray, shift_m: FloatArray) -> FloatArray:
    """Return points (T, ..., 3) moved back along X by (T,) metres."""
    moved = values.copy()
    moved[..., 0] -= shift_m.reshape(-1, *[1] * (values.ndim - 2))
    return moved


def _ground(base: RecordedTrial, groups: Sequence[Group], table: GroundForces) -> GroundForces:
    """Return ground forces on the new clock, with the changes added."""
    rate_hz = table.rate_hz
    times, blocks = [], []
    for group in groups:
        first, last = group.begin_s - 2 * EDGE_S, group.end_s + 2 * EDGE_S
        if group.same:
            inside = (table.time_s >= first) & (table.time_s <= last)
            new_s, values = table.time_s[inside], table.values[inside].copy()
        else:
            new_s = first + np.arange(int((last - first) * rate_hz) + 1) / rate_hz
            known = group.source_s(new_s)
            new_s = new_s[(known >= table.time_s[0]) & (known <= table.time_s[-1])]
            values = at_times(table.time_s, table.values, group.source_s(new_s))
        for side in SIDES:
            _change_foot(base, group, side, GroundForces(new_s, values))
        times.append(new_s)
        blocks.append(values)
    return GroundForces(np.concatenate(times), np.concatenate(blocks))


def _change_foot(base: RecordedTrial, group: Group, side: str, ground: GroundForces) -> None:
    """Add the changes of one foot where it is loaded, in place."""
    foot = ground.foot(side)
    loaded = np.flatnonzero((foot.force_n != 0.0).any(axis=1))
    time_s = ground.time_s[loaded]
    group.scale_forces(side, ground.time_s, foot)
    add_change(foot, loaded, group.foot(side, time_s))
    foot.point_m[loaded, 0] -= group.ahead_m(time_s, base.drift_m_s)


def _contacts(
    base: RecordedTrial,
    groups: Sequence[Group],
    refused: Sequence[tuple[StrideSpan, str]],
    markers: Markers,
    ground: GroundForces,
) -> Contacts:
    """Return solved contacts, selected, and those of refused strides with the reason."""
    feet = {side: ground.wrench(side) for side in SIDES}
    own = {contact.step: contact for contact in base.contacts}
    rows = [
        _with_step(
            struck(
                number,
                Contact(start, end, start, end, 0, side),
                True,
                feet[side],
                markers,
                base.marker_set,
                base.standing,
                base.cop_min_force_n,
            ),
            own[number],
            piece.proposal.retimed,
        )
        for group in groups
        for piece in group.pieces
        for number, side, start, end in piece.contacts()
    ]
    for span, reason in refused:
        # in the order of the recording, so that no step is measured across the hole
        before = [g for g in groups if g.pieces[-1].span.end_s <= span.start_s + 1e-6]
        at = before[-1].end_s + 1e-3 if before else span.start_s
        for place, (number, side) in enumerate(zip(span.numbers, span.sides, strict=True)):
            start = at + 1e-3 * place
            rows.append(FootContact(number, side, start, start, False, reason))
    return Contacts(rows)


def _with_step(contact: FootContact, own: FootContact, retimed: Retimed) -> FootContact:
    """Return a contact with the step that markers showed of its recording, in its new time.

    At the same speed it is as much shorter; how wide it is nobody has solved for.
    """
    rate = retimed.clock.rate
    time_s, ahead_m = own.step_time_s / rate, own.heel_ahead_m / rate * retimed.speed
    return replace(contact, step_time_s=time_s, heel_ahead_m=ahead_m)


def derive_trial(
    base: RecordedTrial, groups: Sequence[Group], refused: Sequence[tuple[StrideSpan, str]]
) -> DerivedTrial:
    """Return a trial made of solved strides.

    Args:
        base: the recording, solved.
        groups: solved strides on the new clock.
        refused: strides that were not taken, with the reason.
    """
    motion, tree = base.motion, base.motion.tree
    times, coordinates, markers = [], [], []
    forward = tree.coordinate_index("pelvis_tx")
    for group in groups:
        time_s = _frames(group, base)
        old = _resampled(motion.time_s, motion.coordinates, group.source_s(time_s))
        known = np.isfinite(old).all(axis=1)
        time_s, old = time_s[known], old[known]
        shift = group.ahead_m(time_s, base.drift_m_s)
        new = old + group.coordinates(time_s, old.shape[1])
        new[:, forward] -= shift
        new = follow_couplings(tree, new)
        moved = old.copy()
        moved[:, forward] -= shift
        times.append(time_s)
        coordinates.append(new)
        carried = _moved_markers(base, group, time_s, moved, new)
        markers.append(_drifted(carried, shift))
    time_s = np.concatenate(times)
    positions = np.concatenate(markers)
    carried_markers = Markers(time_s, base.marker_names, positions, motion.rate_hz)
    unfiltered = _ground(base, groups, base.grf_unfiltered)
    return DerivedTrial(
        time_s,
        np.concatenate(coordinates),
        _ground(base, groups, base.grf),
        unfiltered,
        carried_markers,
        _contacts(base, groups, refused, carried_markers, unfiltered),
    )
