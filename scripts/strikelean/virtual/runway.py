"""A runway with force plates: a true trial seen from the road, pass by pass, and what plates feel.

Plates lie one behind the other, the first one's middle at the laboratory's origin. A pass begins
where a runner's pelvis comes into the markers' volume and ends where it leaves; they have so begun
to run that a foot lands where the laboratory wants it, as near as a person hits a plate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import SolverError
from strikelean.formats.c3d_write import Plate
from strikelean.formats.ground import FootGround, GroundForces
from strikelean.formats.series import FloatArray, Wrench
from strikelean.model.forward import place_points, solve_forward
from strikelean.stride.stride import Sole
from strikelean.virtual.settings import EDGE, SEAM, RunwaySettings
from strikelean.virtual.true_trial import CONTACT_FROM_N, RATE_HZ, TrueContact, TrueTrial

# How near a runner's foot lands to where it should, SD along the runway (project choice: plates of
# 0.6 m are hit with feet of 0.3 m).
AIM_SD_M = 0.04
# Share of a contact at which the whole foot is on the ground.
FLAT = 0.35


def plates_of(runway: RunwaySettings) -> tuple[Plate, ...]:
    """Return the plates, the first in the middle of the laboratory, the others ahead of it."""
    length, width = runway.plate_m
    apart = length if runway.aim == SEAM else runway.apart_m
    return tuple(
        Plate(centre_m=(number * apart, 0.0, 0.0), length_m=length, width_m=width)
        for number in range(runway.plates)
    )


@dataclass(frozen=True)
class Footprint:
    """Where a foot stands: from ``first_m`` to ``last_m`` along the runway, ``across_m`` beside."""

    first_m: float
    last_m: float
    across_m: float

    @property
    def middle_m(self) -> float:
        """Its middle along the runway."""
        return 0.5 * (self.first_m + self.last_m)


def footprint(trial: TrueTrial, soles: Sequence[Sole], contact: TrueContact) -> Footprint:
    """Return where a foot stands flat, from its heel to its toe, with all its pressure."""
    middle = contact.start_s + FLAT * (contact.end_s - contact.start_s)
    frame = int(np.argmin(np.abs(trial.time_s - middle)))
    sole = next(own for own in soles if own.side == contact.side)
    pose = solve_forward(trial.tree, trial.coordinates[frame : frame + 1])
    points = place_points(pose, np.full(len(sole.points_m), sole.body), sole.points_m)[0]
    ground = trial.ground.foot(contact.side)
    rows = contact_rows(trial.ground, contact)
    # with next to no force the pressure is anywhere
    pressed = ground.point_m[rows[ground.force_n[rows, 1] > CONTACT_FROM_N], 0]
    return Footprint(
        min(float(points[:, 0].min()), float(pressed.min())),
        max(float(points[:, 0].max()), float(pressed.max())),
        float(points[:, 2].mean()),
    )


def contact_rows(ground: GroundForces, contact: TrueContact) -> NDArray[np.int64]:
    """Return the samples of a contact."""
    inside = (ground.time_s >= contact.start_s) & (ground.time_s <= contact.end_s)
    loaded = ground.foot(contact.side).force_n[:, 1] > 0.0
    return np.flatnonzero(inside & loaded)


def from_the_road(trial: TrueTrial) -> TrueTrial:
    """Return a trial on a belt as it looks from the belt: the runner moves forward."""
    coordinates, values = trial.coordinates.copy(), trial.ground.values.copy()
    coordinates[:, trial.tree.coordinate_index("pelvis_tx")] += trial.speed_m_s * trial.time_s
    values[:, :, 1, 0] += (trial.speed_m_s * trial.ground.time_s)[:, None]
    ground = GroundForces(trial.ground.time_s, values)
    return replace(trial, coordinates=coordinates, ground=ground, speed_m_s=0.0)


def _moved(trial: TrueTrial, ahead_m: float) -> TrueTrial:
    """Return a trial farther ahead along the runway."""
    coordinates, values = trial.coordinates.copy(), trial.ground.values.copy()
    coordinates[:, trial.tree.coordinate_index("pelvis_tx")] += ahead_m
    values[:, :, 1, 0] += ahead_m
    return replace(trial, coordinates=coordinates, ground=GroundForces(trial.ground.time_s, values))


def _between(trial: TrueTrial, first: int, last: int) -> TrueTrial:
    """Return the frames from ``first`` to ``last`` of a trial, on a clock that begins at 0 s."""
    start, end = trial.time_s[first], trial.time_s[last]
    ground = trial.ground
    samples = (ground.time_s >= start - 1e-9) & (ground.time_s < end + 1.0 / RATE_HZ - 1e-9)
    contacts = tuple(
        TrueContact(contact.side, contact.start_s - start, contact.end_s - start)
        for contact in trial.contacts
        if contact.start_s >= start and contact.end_s <= end
    )
    return replace(
        trial,
        time_s=trial.time_s[first : last + 1] - start,
        coordinates=trial.coordinates[first : last + 1],
        ground=GroundForces(ground.time_s[samples] - start, ground.values[samples]),
        contacts=contacts,
    )


def _wanted_m(runway: RunwaySettings, prints: Sequence[Footprint]) -> tuple[float, float]:
    """Return where a foot's middle should lie, and where it lies now."""
    plates = plates_of(runway)
    if runway.aim == EDGE:
        return 0.5 * runway.plate_m[0], prints[0].middle_m
    if runway.aim == SEAM:
        return 0.5 * (plates[0].centre_m[0] + plates[1].centre_m[0]), prints[0].middle_m
    # several feet in turn fall evenly about the middles of their plates
    wanted = float(np.mean([plate.centre_m[0] for plate in plates]))
    return wanted, float(np.mean([own.middle_m for own in prints]))


def passes(
    trial: TrueTrial, soles: Sequence[Sole], runway: RunwaySettings, random: np.random.Generator
) -> Iterator[TrueTrial]:
    """Yield the passes of a trial, as they happened in the laboratory of a runway.

    Each is a true trial of its own: no belt, a clock that begins at 0 s, all contacts that lie in
    it, whether a plate felt them or not. Feet are measured in turn.

    Args:
        trial: on a belt.
        soles: of both feet.
        runway: with its plates.
        random: random numbers, of where feet land.

    Raises:
        SolverError: the trial has too few contacts.
    """
    chosen = runway.first_contacts(len(trial.contacts))
    if len(chosen) < runway.passes:
        raise SolverError(
            "make_virtual_runner",
            f"{runway.passes} contacts for as many passes (virtual.runway.passes)",
            f"{len(chosen)} beside the first and the last",
            "Raise virtual.strides, or ask for fewer passes",
        )
    road = from_the_road(trial)
    plates = plates_of(runway)
    middle = float(np.mean([plate.centre_m[0] for plate in plates]))
    forward = trial.tree.coordinate_index("pelvis_tx")
    for first in chosen[: runway.passes]:
        own = road.contacts[first : first + runway.contacts]
        wanted, found = _wanted_m(runway, [footprint(road, soles, c) for c in own])
        there = _moved(road, wanted - found + AIM_SD_M * float(random.standard_normal()))
        seen = np.abs(there.coordinates[:, forward] - middle) <= 0.5 * runway.volume_m
        frames = np.flatnonzero(seen)
        yield _between(there, int(frames[0]), int(frames[-1]))


def _shares(plate: Plate, foot: Footprint, place_m: FloatArray) -> FloatArray:
    """Return the shares of a foot's force (N,) that a plate feels.

    What presses at one point presses at both ends of the footprint, as a beam on two supports
    would; a plate feels the ends that lie on it.
    """
    half = 0.5 * plate.length_m
    low, high = plate.centre_m[0] - half, plate.centre_m[0] + half
    beside = abs(foot.across_m - plate.centre_m[2]) > 0.5 * plate.width_m
    heel, toe = (low <= end <= high and not beside for end in (foot.first_m, foot.last_m))
    if heel == toe:
        return np.full(len(place_m), float(heel))
    ahead = (place_m - foot.first_m) / (foot.last_m - foot.first_m)
    return ahead if toe else 1.0 - ahead


def _support(foot: FootGround, rows: NDArray[np.int64], end_m: float | None) -> FootGround:
    """Return what acts on a foot at some samples, where one is given at that end of its print."""
    point = foot.point_m[rows].copy()
    if end_m is not None:
        point[:, 0] = end_m
    return FootGround(foot.force_n[rows], point, foot.torque_nm[rows])


def plate_wrenches(
    trial: TrueTrial, soles: Sequence[Sole], plates: Sequence[Plate]
) -> list[Wrench]:
    """Return what each plate feels of a pass: feet beside it not at all, those across it in part.

    Args:
        trial: a pass.
        soles: of both feet.
        plates: of the runway.
    """
    ground = trial.ground
    count = len(ground.time_s)
    found = [
        Wrench(ground.time_s, np.zeros((count, 3)), np.zeros((count, 3)), ground.rate_hz, label)
        for label in (f"plate {number}" for number in range(1, len(plates) + 1))
    ]
    for contact in trial.contacts:
        foot, own = footprint(trial, soles, contact), ground.foot(contact.side)
        rows = contact_rows(ground, contact)
        for plate, wrench in zip(plates, found, strict=True):
            share = _shares(plate, foot, own.point_m[rows, 0])[:, None]
            if not share.any():
                continue
            end = None if (share == 1.0).all() else _end_on(plate, foot)
            part = _support(own, rows, end)
            wrench.force_n[rows] += share * part.force_n
            wrench.moment_nm[rows] += share * part.moment_nm
    return found


def _end_on(plate: Plate, foot: Footprint) -> float:
    """Return the end of a footprint that lies on a plate."""
    half = 0.5 * plate.length_m
    on = plate.centre_m[0] - half <= foot.first_m <= plate.centre_m[0] + half
    return foot.first_m if on else foot.last_m
