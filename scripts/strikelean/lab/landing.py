"""Do force and markers share a clock? What stops the foot and the shank on landing says.

In the first 50 ms of a contact the ground stops the foot and the shank, one after the other; the
rest of the body follows slowly. Two masses, that of foot and shank and all the rest, make up the
vertical force of 500 contacts of 42 runners of every strike (Clark, Ryan & Weyand 2017, doi
10.1242/jeb.138057). So what is quick in the force is the mass of foot and shank times their
acceleration, and the delay at which the two fit best is that of the clocks. No trunk, pelvis or
thigh has a part in it: it is independent of what Newton's law says of the whole body.

A marker's second difference over a frame is its acceleration, averaged with a triangle of a frame
to both sides. The same average is taken of the force, so that rates do not matter, nothing is
filtered, and each contact adds frames at other instants after its landing.

Landings of two masses whose clock is known have an offset of their own, 0.2 to 2.7 ms late: what
the leg passes on to the body comes after foot and shank. Skin that swings over the shank has it
early, by 4 to 6 ms at 14 to 30 Hz. In the public dataset both are there at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.mass_centre import LIMB_MASS
from strikelean.markersets import SIDES, MarkerSet

LOWER_LEG = (("calcn", "foot"), ("tibia", "shank"))
"""Bodies that the ground stops first, by the beginnings of their names."""
# About the instant of contact, on the markers' clock. Ends of 40 to 60 ms move the mean of 26
# trials of the public dataset by 0.7 ms.
_WINDOW_S = (-0.03, 0.05)
# What the rest of the body does in it, axis by axis: a parabola. A cubic moves the mean by 0.2 ms.
_SLOW = 3
# Second differences reach this far, or the noise of fast cameras would outweigh a landing.
_REACH_S = 1.0 / 150.0
_MOST_S = 0.02
_STEP_S = 0.001
_LAGS_S = np.arange(-round(_MOST_S / _STEP_S), round(_MOST_S / _STEP_S) + 1) * _STEP_S
# Frames of a contact beyond the parabola's three, and contacts, of which anything can be told.
_LEAST_FRAMES = _SLOW + 4
_LEAST_CONTACTS = 6


@dataclass(frozen=True)
class LandingLag:
    """Delay between force and markers by the landing of foot and shank.

    Attributes:
        lag_s: positive when the force comes later on the clock than the movement; NaN unknown.
        error_s: standard error over contacts (jackknife).
        explained: share of the quick part of the force that foot and shank explain at that lag.
        mass_ratio: mass that the force sees stopped, over that of foot and shank.
        contacts: how many were looked at.
    """

    lag_s: float = np.nan
    error_s: float = np.nan
    explained: float = np.nan
    mass_ratio: float = np.nan
    contacts: int = 0


@dataclass(frozen=True)
class _Leg:
    """Mass times acceleration (T, 3) of a lower leg, N, at frames (T,) and its reach in s."""

    time_s: FloatArray
    push_n: FloatArray
    reach_s: float


def _lower_leg(markers: Markers, markerset: MarkerSet, side: str, mass_kg: float) -> _Leg | None:
    """Return what stops a foot and a shank, None where markers do not show both."""
    frames = max(1, round(_REACH_S * markers.rate_hz))
    if markers.time_s.size <= 2 * frames:
        return None
    reach = frames / markers.rate_hz
    total = np.zeros((markers.time_s.size - 2 * frames, 3))
    for prefixes in LOWER_LEG:
        names = [
            name
            for body, own in markerset.bodies().items()
            if body.lower().startswith(prefixes) and body.lower().endswith(f"_{side[0]}")
            for name in own
            if name in markers
        ]
        if not names:
            return None
        path = np.mean([markers.position(name) for name in names], axis=0)
        second = path[2 * frames :] - 2.0 * path[frames:-frames] + path[: -2 * frames]
        total += LIMB_MASS[prefixes] * mass_kg * second / reach**2
    return _Leg(markers.time_s[frames:-frames], total, reach)


def _felt_n(wrench: Wrench, times: FloatArray, reach_s: float) -> FloatArray:
    """Return the force (L, K, 3) averaged as second differences are, at times (L, K)."""
    room = 2.0 * reach_s + 4.0 / wrench.rate_hz
    ends = np.searchsorted(wrench.time_s, [times.min() - room, times.max() + room])
    near = slice(max(0, int(ends[0])), int(ends[1]))
    clock = wrench.time_s[near]
    if clock.size < 4 or clock[0] > times.min() - reach_s or clock[-1] < times.max() + reach_s:
        return np.full((*times.shape, 3), np.nan)
    start = clock[0]
    twice = CubicSpline(clock - start, wrench.force_n[near], axis=0).antiderivative(2)
    at = times - start
    felt = twice(at + reach_s) - 2.0 * twice(at) + twice(at - reach_s)
    return np.asarray(felt / reach_s**2)


def _sums(leg: _Leg, wrench: Wrench, start_s: float, near_s: float) -> FloatArray | None:
    """Return (3, L) sums over a contact: leg times leg, leg times force, force times force.

    Args:
        leg: that lands.
        wrench: that carries the contact.
        start_s: of the contact, on the force's clock.
        near_s: by how much that clock is about late.
    """
    since = leg.time_s - (start_s - near_s)
    rows = np.flatnonzero((since > _WINDOW_S[0]) & (since < _WINDOW_S[1]))
    if rows.size < _LEAST_FRAMES or not np.isfinite(leg.push_n[rows]).all():
        return None
    felt = _felt_n(wrench, leg.time_s[rows] + near_s + _LAGS_S[:, None], leg.reach_s)
    if not np.isfinite(felt).all():
        return None
    slow, _ = np.linalg.qr(np.vander(since[rows] / _WINDOW_S[1], _SLOW))
    push = leg.push_n[rows] - slow @ (slow.T @ leg.push_n[rows])
    felt = felt - np.einsum("kp,lpa->lka", slow, np.einsum("kp,lka->lpa", slow, felt))
    together, alone = np.einsum("ka,lka->l", push, felt), np.einsum("lka,lka->l", felt, felt)
    return np.stack([np.full(_LAGS_S.size, float(np.sum(push**2))), together, alone])


def _best(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return lag, explained share and mass ratio (...) of sums (..., 3, L); NaN at an end."""
    own, together, alone = np.moveaxis(sums, -2, 0)
    share = np.where(together > 0.0, together**2 / np.maximum(own * alone, 1e-12), 0.0)
    best = np.argmax(share, axis=-1)
    inside = (best > 0) & (best < _LAGS_S.size - 1)
    middle = np.clip(best, 1, _LAGS_S.size - 2)[..., None]
    low, top, high = (
        np.take_along_axis(share, middle + step, axis=-1)[..., 0] for step in (-1, 0, 1)
    )
    bend = low - 2.0 * top + high
    shift = np.where(bend < 0.0, 0.5 * (low - high) / np.where(bend < 0.0, bend, 1.0), 0.0)
    lag = np.where(inside, _LAGS_S[middle[..., 0]] + _STEP_S * shift, np.nan)
    ratio = np.take_along_axis(together / np.maximum(own, 1e-12), middle, axis=-1)[..., 0]
    return lag, top, ratio


def landing_lag(
    markers: Markers,
    markerset: MarkerSet,
    wrenches: Sequence[Wrench],
    contacts: Sequence[Contact],
    mass_kg: float,
) -> LandingLag:
    """Return by how much the force comes late, by the landings of all contacts together.

    Args:
        markers: filled, in laboratory axes.
        markerset: says which markers sit on foot and shank.
        wrenches: without baselines; each contact names its own.
        contacts: whole ones, with their foot.
        mass_kg: of the runner.

    Returns:
        NaN throughout with fewer than six landings, or where nothing fits within 20 ms.
    """
    legs: Mapping[str, _Leg | None] = {
        side: _lower_leg(markers, markerset, side, mass_kg) for side in SIDES
    }
    near = 0.0
    # the second time about where feet truly land on the markers' clock
    for _ in range(2):
        found = [
            sums
            for contact in contacts
            if contact.side is not None
            and (leg := legs[contact.side]) is not None
            and (sums := _sums(leg, wrenches[contact.wrench], contact.start_s, near)) is not None
        ]
        if len(found) < _LEAST_CONTACTS:
            return LandingLag(contacts=len(found))
        each = np.array(found)
        lag, explained, ratio = _best(each.sum(axis=0))
        if not np.isfinite(lag):
            return LandingLag(contacts=len(found))
        near += float(lag)
    left_out, _, _ = _best(each.sum(axis=0) - each)
    number = len(found)
    spread = np.sqrt((number - 1) * np.mean((left_out - np.mean(left_out)) ** 2))
    return LandingLag(near, float(spread), float(explained), float(ratio), number)
