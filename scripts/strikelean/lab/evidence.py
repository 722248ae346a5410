"""What the checks of the forces look at: pressure, force and both feet during each contact.

Which foot a contact belongs to is seen here from the markers alone, the foot that is lower in
mid stance, so that it can be held against what the file or the pressure says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.feet import distance_to_segment
from strikelean.lab.forces import centre_of_pressure
from strikelean.lab.mass_centre import MassCentre
from strikelean.markersets import SIDES, MarkerSet
from strikelean.signals import at_times

# Shares of a contact that are looked at: the force is large and the pressure well known.
SHARES = np.linspace(0.2, 0.8, 13)
MIDDLE = (SHARES > 0.29) & (SHARES < 0.71)
LATE = SHARES > 0.59
_LEAST_FORCE_N = 1.0


@dataclass(frozen=True)
class Evidence:
    """Everything the checks need of one recording.

    Attributes:
        markers: filled.
        markerset: which markers the recording has.
        wrenches: without baselines.
        contacts: those whose force is a whole running contact, whatever foot they were given to.
        mass_kg: runner's mass.
        ball_m: distance heel to fifth metatarsal along the standing foot, by side.
        toe_turn_rad: see :class:`strikelean.lab.strike.StandingFoot`, by side.
        mass_centre: of the whole body, None where the markers do not show it.
    """

    markers: Markers
    markerset: MarkerSet
    wrenches: tuple[Wrench, ...]
    contacts: tuple[Contact, ...]
    mass_kg: float
    ball_m: dict[str, float]
    toe_turn_rad: dict[str, float]
    mass_centre: MassCentre | None

    @property
    def step_s(self) -> float:
        """Usual time from one contact to the next of the other foot; NaN with fewer than three."""
        starts = np.sort([contact.start_s for contact in self.contacts])
        if starts.size < 3:
            return float("nan")
        gaps = np.diff(starts)
        # A contact that was missed doubles a gap; it is no step.
        return float(np.median(gaps[gaps < 1.5 * float(np.min(gaps))]))

    def only(self, chosen: NDArray[np.bool_]) -> Evidence:
        """Return the same with the chosen contacts (C,) alone."""
        kept = [contact for contact, keep in zip(self.contacts, chosen, strict=True) if keep]
        return replace(self, contacts=tuple(kept))

    def aligned(self, lag_s: float) -> Evidence:
        """Return the same with markers that are laid where forces ``lag_s`` late have them."""
        markers = replace(self.markers, time_s=self.markers.time_s + lag_s)
        body = self.mass_centre
        body = None if body is None else replace(body, time_s=body.time_s + lag_s)
        return replace(self, markers=markers, mass_centre=body)


@dataclass(frozen=True)
class Stances:
    """Pressure and feet of C contacts at K shares of each.

    Attributes:
        stated: side each contact was given to by the file or by the pressure, None unknown.
        seen: side that is on the ground by the markers, None where they do not show it.
        time_s: (C, K) on the forces' clock.
        force_n: (C, K, 3).
        pressure_m: (C, K, 3).
        torque_nm: (C, K) about the vertical at the centre of pressure.
        heel_m: (C, K, 3) of the foot on the ground, NaN where not seen.
        ball_m: (C, K, 3) its fifth metatarsal.
        distance_m: mid-stance distance of the pressure from each foot, {side: (C,)}.
    """

    stated: tuple[str | None, ...]
    seen: tuple[str | None, ...]
    time_s: FloatArray
    force_n: FloatArray
    pressure_m: FloatArray
    torque_nm: FloatArray
    heel_m: FloatArray
    ball_m: FloatArray
    distance_m: dict[str, FloatArray]

    def on(self, side: str) -> NDArray[np.bool_]:
        """Return which contacts (C,) the markers give to a side."""
        return np.array([name == side for name in self.seen], dtype=bool)


def _feet(evidence: Evidence, times: FloatArray) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return heel and fifth metatarsal (C, K, 3) of each side at (C, K) times."""
    markers, markerset = evidence.markers, evidence.markerset

    def path(side: str, role: str) -> FloatArray:
        position = markers.position(markerset.landmark(side, role))
        return at_times(markers.time_s, position, times.ravel()).reshape(*times.shape, 3)

    return {side: (path(side, "heel"), path(side, "fifth_metatarsal")) for side in SIDES}


def _seen(
    feet: dict[str, tuple[FloatArray, FloatArray]], stated: Sequence[str | None]
) -> list[str | None]:
    """Return the foot on the ground in each contact: the lower one in mid stance."""
    heights = []
    for side in SIDES:
        lower = np.minimum(feet[side][0][..., 1], feet[side][1][..., 1])[:, MIDDLE]
        heights.append(np.mean(lower, axis=1))
    first, second = heights
    names: list[str | None] = []
    for one, other, told in zip(first, second, stated, strict=True):
        if np.isfinite(one) and np.isfinite(other):
            names.append(SIDES[0] if one < other else SIDES[1])
        elif np.isfinite(one) or np.isfinite(other):
            # The swinging foot was not seen; nothing to compare with, so take what is told.
            names.append(told)
        else:
            names.append(None)
    return names


def look_at_stances(evidence: Evidence) -> Stances:
    """Sample force, pressure and both feet during every contact."""
    contacts = evidence.contacts
    times = np.array([c.start_s + SHARES * c.duration_s for c in contacts]).reshape(-1, SHARES.size)
    # not a number without plates
    force = np.full((*times.shape, 3), np.nan)
    moment = np.full_like(force, np.nan)
    for row, contact in enumerate(contacts if evidence.wrenches else ()):
        wrench = evidence.wrenches[contact.wrench]
        # Only the stretch of the contact: a recording is long and contacts are many.
        near = slice(
            *np.searchsorted(wrench.time_s, [contact.begin_s - 0.01, contact.finish_s + 0.01])
        )
        force[row] = at_times(wrench.time_s[near], wrench.force_n[near], times[row])
        moment[row] = at_times(wrench.time_s[near], wrench.moment_nm[near], times[row])
    flat_force, flat_moment = force.reshape(-1, 3), moment.reshape(-1, 3)
    flat_pressure = centre_of_pressure(flat_force, flat_moment, _LEAST_FORCE_N)
    turning = (flat_moment - np.cross(flat_pressure, flat_force))[:, 1]
    pressure = flat_pressure.reshape(force.shape)
    feet = _feet(evidence, times)
    stated = [contact.side for contact in contacts]
    seen = _seen(feet, stated)
    heel, ball = np.full_like(force, np.nan), np.full_like(force, np.nan)
    for row, side in enumerate(seen):
        if side is not None:
            heel[row], ball[row] = feet[side][0][row], feet[side][1][row]
    distance = {
        side: np.median(distance_to_segment(pressure, *feet[side])[:, MIDDLE], axis=1)
        for side in SIDES
    }
    return Stances(
        tuple(stated),
        tuple(seen),
        times,
        force,
        pressure,
        turning.reshape(times.shape),
        heel,
        ball,
        distance,
    )
