"""Do the forces carry this body, no more and no less? Newton's second law over whole strides.

Over whole strides a body's momentum is known from its markers, whatever happens within a step; so
is the weight that both feet carry. And the ground's force points nearly to the mass centre all
through a contact, which tells the size of its horizontal part without any acceleration.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.series import FloatArray
from strikelean.lab.evidence import Evidence, Stances
from strikelean.lab.findings import Finding, Level, Range, level_of
from strikelean.lab.mass_centre import MassCentre
from strikelean.lab.newton import EDGE_S, contact_forces
from strikelean.markersets import SIDES
from strikelean.signals import at_times

FORWARD = "unexplained_impulse_forward_share"
RIGHT = "unexplained_impulse_right_share"
UP = "newton_slope_up"
FEET = "newton_slope_up_right_over_left"
TOWARDS = "force_towards_mass_centre_slope"

# Measured over 26 running trials of the public dataset, 3 full-body trials (2 to 3.7 m/s) and 30
# virtual ones.
# Impulse of the horizontal force less the momentum gained, over the vertical impulse: -0.003 to
# 0.003 forward and, to the right, -0.002 to 0.011. It is the tangent of a tilt: 3 deg make 0.052
# and take a fifth off the knee moment.
_FORWARD_SHARE = (0.008, 0.02)
_RIGHT_SHARE = (0.025, 0.05)
# What the vertical impulse may differ from weight and momentum: beyond, steps are not recorded.
_WHOLE = 0.15
# Vertical force over mass times acceleration: 0.83 to 1.04.
_UP_USUAL = (0.75, 1.12)
# That of the right foot over that of the left: 0.95 to 1.06.
_FEET = (1.08, 1.2)
_LEAST_CONTACTS = 2
# Horizontal over vertical force, for each metre (over its height) that the mass centre is ahead of
# the pressure: 0.93 to 1.41, single feet alike, correlated with 0.94 and more.
_TOWARDS_USUAL = (0.75, 1.6)
_TOWARDS_POSSIBLE = (0.5, 1.9)
_KNOWN_SAMPLES = 8


def _velocity_m_s(body: MassCentre, times: FloatArray) -> FloatArray:
    """Return the mass centre's velocity (2, 3) at two times."""
    velocity = np.gradient(body.position_m, body.time_s, axis=0)
    return at_times(body.time_s, velocity, times)


def unexplained_impulse(evidence: Evidence, stances: Stances) -> FloatArray:
    """Return the horizontal impulse that moves nothing, forward and right (2,), of the vertical.

    From the first contact to the last of the same foot; NaN where that is less than a stride,
    or where steps between them were not recorded.
    """
    unknown = np.full(2, np.nan)
    body, contacts = evidence.mass_centre, evidence.contacts
    if body is None or len(contacts) < 3:
        return unknown
    same = [number for number, side in enumerate(stances.seen) if side == stances.seen[0]]
    span = np.array([contacts[0].begin_s, contacts[same[-1]].begin_s])
    clock = evidence.wrenches[0]
    inside = slice(*np.searchsorted(clock.time_s, span))
    total = sum(np.sum(wrench.force_n[inside], axis=0) for wrench in evidence.wrenches)
    impulse = np.asarray(total) / clock.rate_hz
    gained = np.diff(_velocity_m_s(body, span), axis=0)[0]
    gained[1] += GRAVITY_M_S2 * float(np.diff(span)[0])
    expected = evidence.mass_kg * gained
    if not abs(impulse[1] / expected[1] - 1.0) < _WHOLE:
        return unknown
    # with the mass that the plates weigh: a wrong one is another check's
    moved = gained * impulse[1] / gained[1]
    return np.asarray((impulse - moved)[[0, 2]] / impulse[1])


def _slope(one: FloatArray, other: FloatArray) -> float:
    """Return the slope of the second on the first (N,), least squares where both are known."""
    known = np.isfinite(one) & np.isfinite(other)
    if np.count_nonzero(known) < _KNOWN_SAMPLES:
        return float("nan")
    a, b = one[known] - np.mean(one[known]), other[known] - np.mean(other[known])
    size = float(a @ a)
    return float(a @ b) / size if size > 0.0 else float("nan")


def _median(values: Sequence[float]) -> float:
    """Return the median of the known ones, NaN with fewer than two: one may have a lost marker."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if len(known) >= _LEAST_CONTACTS else float("nan")


def newton_slopes_up(evidence: Evidence) -> list[float]:
    """Return the vertical force for each newton that mass and acceleration ask for, by contact."""
    body = evidence.mass_centre
    if body is None or not evidence.contacts:
        return []
    times, force = contact_forces(evidence)
    moved = at_times(body.time_s, body.acceleration_m_s2[:, 1], times)
    slopes = []
    for contact in evidence.contacts:
        own = slice(*np.searchsorted(times, [contact.start_s - EDGE_S, contact.end_s + EDGE_S]))
        slopes.append(_slope(moved[own], force[own, 1]) / evidence.mass_kg)
    return slopes


def force_towards_mass_centre(evidence: Evidence, stances: Stances) -> FloatArray:
    """Return the slope of the force's direction on the mass centre's, medians of the contacts.

    Returns:
        (3,) all, right, left; NaN unknown.
    """
    body = evidence.mass_centre
    if body is None:
        return np.full(3, np.nan)
    times = stances.time_s
    centre = at_times(body.time_s, body.position_m, times.ravel()).reshape(*times.shape, 3)
    away = centre - stances.pressure_m
    with np.errstate(invalid="ignore", divide="ignore"):
        wanted = away[..., 0] / away[..., 1]
        points = stances.force_n[..., 0] / stances.force_n[..., 1]
    each = np.array([_slope(one, other) for one, other in zip(wanted, points, strict=True)])
    groups = [np.ones(len(stances.seen), dtype=bool), *(stances.on(side) for side in SIDES)]
    return np.array([_median(each[group].tolist()) for group in groups])


def _level(value: float, usual: Range, possible: Range | None = None) -> Level:
    """Judge a figure; what is not known is plausible."""
    return "plausible" if np.isnan(value) else level_of(value, usual, possible)


def _check_impulse(
    figure: str, share: float, bounds: tuple[float, float], ways: tuple[str, str]
) -> Finding:
    level = _level(share, (-bounds[0], bounds[0]), (-bounds[1], bounds[1]))
    if level == "plausible":
        return Finding(figure, share)
    bound = bounds[1] if level == "wrong" else bounds[0]
    return Finding(
        figure,
        share,
        level,
        "a horizontal force that over whole strides changes the body's momentum and no more, "
        f"within {100 * bound:g} % of the vertical one",
        f"{100 * abs(share):.1f} % {ways[0] if share > 0 else ways[1]} of it too much, as forces "
        f"tilted by {np.degrees(np.arctan(abs(share))):.1f} deg have",
        "See whether the plate is level in the markers' laboratory, whether the vertical force "
        "leaks into the horizontal one, and whether a belt's offset was left in",
    )


def _check_up(slope: float) -> Finding:
    if _level(slope, _UP_USUAL) == "plausible":
        return Finding(UP, slope)
    return Finding(
        UP,
        slope,
        "doubtful",
        f"{_UP_USUAL[0]:g} to {_UP_USUAL[1]:g} N of vertical force for each that mass and "
        "acceleration ask for",
        f"{slope:.2f}",
        "See whether the plate's gain and mass_kg are right"
        + (", and whether the markers were low-passed before" if slope > 1.0 else ""),
    )


def _check_feet(ratio: float) -> Finding:
    bounds = [(1.0 / bound, bound) for bound in _FEET]
    level = _level(ratio, bounds[0], bounds[1])
    if level == "plausible":
        return Finding(FEET, ratio)
    bound = _FEET[1] if level == "wrong" else _FEET[0]
    return Finding(
        FEET,
        ratio,
        level,
        "the same force under both feet for the same movement of the body, within "
        f"{100 * (bound - 1.0):.0f} %",
        f"{abs(100 * (ratio - 1.0)):.0f} % {'more' if ratio > 1.0 else 'less'} under the right one",
        "See whether the gain of one of the plates is right",
    )


def _check_towards(slopes: FloatArray) -> Finding:
    """Judge the slope of all contacts, or of the foot that deviates more."""
    levels = [_level(slope, _TOWARDS_USUAL, _TOWARDS_POSSIBLE) for slope in slopes]
    places = [place for place, level in enumerate(levels) if level != "plausible"]
    if not places:
        return Finding(TOWARDS, float(slopes[0]))
    place = min(places, key=lambda number: (levels[number] != "wrong", number))
    level = levels[place]
    bounds = _TOWARDS_POSSIBLE if level == "wrong" else _TOWARDS_USUAL
    under = "" if place == 0 else f" under the {SIDES[place - 1]} foot"
    return Finding(
        TOWARDS,
        float(slopes[place]),
        level,
        f"a force{under} that points to the mass centre: a horizontal part of {bounds[0]:g} to "
        f"{bounds[1]:g} of what that takes",
        f"{slopes[place]:.2f}",
        "See whether the gain of the horizontal channels is right, and whether forces and markers "
        "are of one trial",
    )


def check_balance(evidence: Evidence, stances: Stances) -> list[Finding]:
    """Return what of the forces the body's movement does not account for.

    Args:
        evidence: of the recording, clocks laid on each other.
        stances: of its contacts.
    """
    forward, right = unexplained_impulse(evidence, stances)
    slopes = np.array(newton_slopes_up(evidence) or [np.nan] * len(evidence.contacts))
    up = _median(slopes.tolist())
    right_up, left_up = (_median(slopes[stances.on(side)].tolist()) for side in SIDES)
    return [
        _check_impulse(FORWARD, float(forward), _FORWARD_SHARE, ("forward", "backward")),
        _check_impulse(RIGHT, float(right), _RIGHT_SHARE, ("to the right", "to the left")),
        _check_up(up),
        _check_feet(right_up / left_up),
        _check_towards(force_towards_mass_centre(evidence, stances)),
    ]
