"""Ground force of each foot, filtered, with a centre of pressure only where it exists."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, Wrench
from strikelean.lab.contacts import Contact
from strikelean.markersets import SIDES
from strikelean.signals import lowpass

# Filtering spreads a contact beyond its edges; force below this is dropped as the end of it.
TAIL_FORCE_N = 1.0


def centre_of_pressure(
    force_n: FloatArray, moment_nm: FloatArray, min_force_n: float
) -> FloatArray:
    """Return the centre of pressure on the floor (height 0), (N, 3) metres.

    Where the line of the force meets the floor with a moment about the vertical alone;
    NaN where the vertical force is below ``min_force_n``.

    Args:
        force_n: (N, 3) ground force on the runner.
        moment_nm: (N, 3) moment about the laboratory origin.
        min_force_n: vertical force below which the point means nothing.
    """
    vertical = np.where(force_n[:, 1] >= min_force_n, force_n[:, 1], np.nan)
    x = moment_nm[:, 2] / vertical
    z = -moment_nm[:, 0] / vertical
    return np.column_stack([x, np.where(np.isfinite(x), 0.0, np.nan), z])


def split_feet(wrenches: tuple[Wrench, ...], contacts: list[Contact]) -> dict[str, Wrench]:
    """Return each foot's wrench, zero where that foot is not on the ground.

    Each contact is cut out of its plate between the samples where the force leaves and
    reaches zero, so nothing is lost at the threshold and the plate's noise in flight goes.
    """
    clock = wrenches[0]
    feet = {}
    for side in SIDES:
        force = np.zeros_like(clock.force_n)
        moment = np.zeros_like(clock.moment_nm)
        for contact in contacts:
            if contact.side != side:
                continue
            inside = (clock.time_s >= contact.begin_s - 1e-9) & (
                clock.time_s <= contact.finish_s + 1e-9
            )
            force[inside] = wrenches[contact.wrench].force_n[inside]
            moment[inside] = wrenches[contact.wrench].moment_nm[inside]
        feet[side] = Wrench(clock.time_s, force, moment, clock.rate_hz, side)
    return feet


def filter_feet(
    feet: dict[str, Wrench],
    contacts: list[Contact],
    cutoff_hz: float,
    order: int,
    ground_speed_m_s: float = 0.0,
) -> dict[str, Wrench]:
    """Low-pass each foot's wrench and cut its spread-out ends.

    Force and moment about a point at rest on the ground are filtered, never a centre of pressure.
    On a treadmill that point moves back with the belt: about one of the laboratory, which the foot
    passes by, the filter would turn the force's spread in time into a moment, and the same steps
    overground would give another one. As each
    foot is filtered by itself, what spreads over a contact's edges stays with its foot.
    Outwards of each contact the wrench is kept to the last sample above TAIL_FORCE_N
    (of the force's size) before the middle of the swing, and is exactly zero beyond.

    Args:
        feet: each foot's wrench, moments about the laboratory's origin.
        contacts: of both feet.
        cutoff_hz, order: of the filter, both passes together.
        ground_speed_m_s: how fast the ground moves back (-X): a belt's speed, 0 overground.
    """
    filtered = {}
    for side, wrench in feet.items():
        ahead = -ground_speed_m_s * (wrench.time_s - wrench.time_s.mean())
        about_ground = wrench.moment_nm - _moment_of(ahead, wrench.force_n)
        both = lowpass(np.hstack([wrench.force_n, about_ground]), wrench.rate_hz, cutoff_hz, order)
        both[:, 3:] += _moment_of(ahead, both[:, :3])
        large = np.linalg.norm(both[:, :3], axis=1) >= TAIL_FORCE_N
        own = sorted((c for c in contacts if c.side == side), key=lambda c: c.begin_s)
        middles = [0.5 * (a.finish_s + b.begin_s) for a, b in pairwise(own)]
        keep = np.zeros(large.size, dtype=bool)
        for start, end in zip([-np.inf, *middles], [*middles, np.inf], strict=True):
            part = np.flatnonzero(large & (wrench.time_s >= start) & (wrench.time_s < end))
            if part.size and own:
                keep[part[0] : part[-1] + 1] = True
        both[~keep] = 0.0
        filtered[side] = replace(wrench, force_n=both[:, :3], moment_nm=both[:, 3:])
    return filtered


def _moment_of(ahead_m: FloatArray, force_n: FloatArray) -> FloatArray:
    """Return the moment (N, 3) about the origin of forces (N, 3) on the X axis, N m."""
    nothing = np.zeros_like(ahead_m)
    return np.column_stack([nothing, -ahead_m * force_n[:, 2], ahead_m * force_n[:, 1]])


def hold_nearest(points: FloatArray, needed: np.ndarray) -> FloatArray:
    """Fill NaN rows that are needed with the nearest known row; 0 where none is needed."""
    known = np.flatnonzero(np.isfinite(points[:, 0]))
    held = np.zeros_like(points)
    if known.size == 0:
        return held
    frames = np.arange(points.shape[0])
    right = np.clip(np.searchsorted(known, frames), 0, known.size - 1)
    left = np.clip(right - 1, 0, known.size - 1)
    nearer = np.where(
        np.abs(known[left] - frames) <= np.abs(known[right] - frames), known[left], known[right]
    )
    held[needed] = points[nearer[needed]]
    return held


def ground_forces(feet: dict[str, Wrench], cop_min_force_n: float) -> GroundForces:
    """Return force, point and torque of each foot from its wrench.

    The point is the centre of pressure where the vertical force reaches
    ``cop_min_force_n``; elsewhere the nearest one is held and the torque carries the rest,
    so that force, point and torque always give the wrench exactly. All is zero where the
    foot carries nothing.
    """
    parts = []
    for side in SIDES:
        wrench = feet[side]
        loaded = np.any(wrench.force_n != 0.0, axis=1) | np.any(wrench.moment_nm != 0.0, axis=1)
        pressure = centre_of_pressure(wrench.force_n, wrench.moment_nm, cop_min_force_n)
        point = hold_nearest(pressure, loaded)
        torque = wrench.moment_nm - np.cross(point, wrench.force_n)
        parts.append(np.stack([wrench.force_n, point, torque], axis=1))
    return GroundForces(feet[SIDES[0]].time_s, np.stack(parts, axis=1))
