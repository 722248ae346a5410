"""Cut a solved trial into strides, from flight to flight around two contacts in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from strikelean.dynamics.solve import Motion
from strikelean.dynamics.wrench_sensitivity import follow_motion
from strikelean.errors import RecordingError
from strikelean.formats.contacts import Contacts
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, Markers
from strikelean.markersets import SIDES, MarkerSet
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import apply, walk_tree
from strikelean.signals import at_times, time_runs
from strikelean.stride.stride import (
    FOOT_BODY,
    SOLE_ROLES,
    FootForce,
    Sole,
    Stride,
)

# Two contacts farther apart than this are not one stride (a missed contact between them).
LONGEST_FLIGHT_S = 0.25
# A shoe's landmarks over the floor: 0.036 to 0.098 m in 14 runners of the public dataset, the
# full-body runner and the virtual ones. Beyond, the floor of the static trial is another one.
LANDMARK_HEIGHT_M = (0.0, 0.15)
# Share of stance in which the forefoot neither slides nor peels off.
PLANTED = (0.3, 0.6)


@dataclass(frozen=True)
class StrideSpan:
    """Where a stride lies, or the step around a contact alone.

    Attributes:
        numbers: the two contacts' numbers in contacts.csv, or the one's.
        sides: their feet, in order.
        contacts: (start, end) of each, s.
        start_s, end_s: middle of the flight before the first, after the last.
    """

    numbers: tuple[int, ...]
    sides: tuple[str, ...]
    contacts: tuple[tuple[float, float], ...]
    start_s: float
    end_s: float

    @property
    def lone(self) -> bool:
        """Whether it is a contact alone."""
        return len(self.sides) == 1


def find_strides(contacts: Contacts, count: int) -> list[StrideSpan]:
    """Return the first strides of a trial: pairs of selected contacts, one after the other.

    A stride begins and ends in the middle of a flight; where the contact before or after is
    not known, half of the flight between its own contacts stands in.
    """
    found: list[StrideSpan] = []
    place = 0
    while place + 1 < len(contacts) and len(found) < count:
        stride = _stride_from(contacts, place)
        if stride is not None:
            found.append(stride)
        place += 1 if stride is None else 2
    return found


def duty_of(spans: Sequence[StrideSpan]) -> dict[str, float]:
    """Return each foot's contact time over the period of whole strides, mean over them."""
    period_s = sum(span.end_s - span.start_s for span in spans)
    times = dict.fromkeys(SIDES, 0.0)
    for span in spans:
        for side, (start, end) in zip(span.sides, span.contacts, strict=True):
            times[side] += (end - start) / period_s
    return times


def every_stride(contacts: Contacts) -> list[StrideSpan]:
    """Return the strides of a trial that begin with either foot, so that they overlap."""
    strides = (_stride_from(contacts, place) for place in range(len(contacts) - 1))
    return [stride for stride in strides if stride is not None]


def _stride_from(contacts: Contacts, place: int) -> StrideSpan | None:
    """Return the stride of a contact and the next one, None where they are not one."""
    rows = contacts.rows
    first, second = rows[place], rows[place + 1]
    flight = second.start_s - first.end_s
    fits = first.selected and second.selected and first.side != second.side
    if not fits or flight > LONGEST_FLIGHT_S:
        return None
    before = rows[place - 1].end_s if place else first.start_s - flight
    after = rows[place + 2].start_s if place + 2 < len(rows) else second.end_s + flight
    gaps = [
        gap if abs(gap) < LONGEST_FLIGHT_S else flight
        for gap in (first.start_s - before, after - second.end_s)
    ]
    return StrideSpan(
        (first.step, second.step),
        (str(first.side), str(second.side)),
        ((first.start_s, first.end_s), (second.start_s, second.end_s)),
        first.start_s - 0.5 * gaps[0],
        second.end_s + 0.5 * gaps[1],
    )


def sole_points(tree: KinematicTree, marker_set: MarkerSet, static: Markers) -> tuple[Sole, ...]:
    """Return three points under each foot: its landmarks, lowered to the floor they stood on.

    Feet stand flat in the static pose, so the floor is at one height of the foot's own frame:
    that of the landmark's marker less its height above the floor.

    Raises:
        RecordingError: a foot landmark was not in the static trial, or not on the foot.
    """
    soles = []
    for side in SIDES:
        body = tree.body_index(f"{FOOT_BODY}_{side[0]}")
        points = []
        for role in SOLE_ROLES:
            name = marker_set.landmark(side, role)
            if name not in tree.markers or name not in static:
                raise RecordingError(
                    "solve_counterfactual",
                    f"the landmark {name} on model and in the static trial",
                    "none",
                    "Name the marker set that matches the recording in subjects.tsv",
                )
            index = tree.markers.index(name)
            height = float(np.nanmedian(static.position(name)[:, 1]))
            _require_height(name, height)
            points.append(tree.marker_locations_m[index] - np.array([0.0, height, 0.0]))
        soles.append(Sole(side, body, np.array(points)))
    return tuple(soles)


def _require_height(name: str, height_m: float) -> None:
    """Refuse a static trial whose floor is not at height 0: soles would lie in the air."""
    low, high = LANDMARK_HEIGHT_M
    if not low <= height_m <= high:
        raise RecordingError(
            "solve_counterfactual",
            f"foot landmarks {low:g} to {high:g} m over the floor in the static trial",
            f"{name} at {height_m:.3f} m",
            "Set recording.floor_height, or record the static trial on the floor of the plates",
        )


def foot_force_at(
    grf: GroundForces, side: str, span: tuple[float, float], time_s: FloatArray
) -> FootForce:
    """Return what the ground does to a foot in one contact, at a stride's frames."""
    foot = grf.foot(side)
    force, point, torque = (
        at_times(grf.time_s, part, time_s) for part in (foot.force_n, foot.point_m, foot.torque_nm)
    )
    return FootForce(side, span[0], span[1], force, point, torque)


def _ground_velocity(
    tree: KinematicTree,
    coordinates: FloatArray,
    time_s: FloatArray,
    feet: Sequence[FootForce],
    soles: Sequence[Sole],
) -> float:
    """Return the forward velocity of the ground: of the forefoot's sole in mid-stance."""
    pose = walk_tree(tree, coordinates)
    found = []
    for foot, sole in zip(feet, soles, strict=True):
        middle = foot.middle(time_s, *PLANTED)
        for point in sole.points_m[1:]:
            place = pose.positions_m[sole.body] + apply(pose.rotations[sole.body], point)
            found.append(float(np.polyfit(time_s[middle], place[0, middle], 1)[0]))
    return float(np.median(found))


def _drift(motion: Motion) -> float:
    """Return the mean forward velocity of the pelvis over a trial."""
    forward = motion.coordinates[:, motion.tree.coordinate_index("pelvis_tx")]
    return float(np.polyfit(motion.time_s, forward, 1)[0])


def cut_stride(
    motion: Motion, grf: GroundForces, soles: Sequence[Sole], span: StrideSpan
) -> Stride:
    """Return one stride of a trial, or a step of one foot alone.

    Args:
        motion: the trial's filtered motion.
        grf: its ground forces, filtered at the same cut-off.
        soles: of both feet.
        span: where the stride lies.

    Raises:
        RecordingError: the kinematics have a hole in the stride.
    """
    inside = (motion.time_s >= span.start_s - 1e-9) & (motion.time_s < span.end_s - 1e-9)
    rows = np.flatnonzero(inside)
    wanted = (span.end_s - span.start_s) * motion.rate_hz
    if len(rows) < wanted - 1.5 or len(time_runs(motion.time_s[rows], motion.rate_hz)) != 1:
        raise RecordingError(
            "solve_counterfactual",
            f"kinematics from {span.start_s:.2f} to {span.end_s:.2f} s",
            f"{len(rows)} of {wanted:.0f} frames",
            "Raise steps.margin_s above half of the longest flight",
        )
    tree, part = motion.tree, motion.at(rows)
    moved = follow_motion(tree, part.coordinates, part.speeds, part.accelerations)
    ordered = tuple(next(s for s in soles if s.side == side) for side in span.sides)
    feet = tuple(
        foot_force_at(grf, side, contact, part.time_s)
        for side, contact in zip(span.sides, span.contacts, strict=True)
    )
    return Stride(
        tree,
        part.time_s,
        span.start_s,
        span.end_s - span.start_s,
        *moved,
        feet,
        ordered,
        _drift(motion),
        _ground_velocity(tree, moved[0], part.time_s, feet, ordered),
    )
