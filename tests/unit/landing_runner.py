"""Landings of two masses whose clock is known: foot and shank, and the rest on a leg's spring.

Foot and shank fall on a sole (force of depth to the power 1.5, with damping), the rest of the body
follows on the spring and damper of the leg: the two parts of Clark, Ryan & Weyand 2017 (doi
10.1242/jeb.138057) as a mechanism. All numbers are this test's own, such that force peaks like
those of runners come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.contacts import Contact, ContactRules, find_contacts
from strikelean.markersets import SIDES

MASS_KG, LOWER_SHARE = 70.0, 0.057
STEP_S, FIRST_S = 0.3371, 0.3
_BEFORE_S, _AFTER_S, _FINE_S = 0.06, 0.3, 1e-4
_PLACES = {"Heel": "calcn", "Ball": "calcn", "Shank": "tibia"}


@dataclass(frozen=True)
class Landing:
    """How a runner lands.

    Attributes:
        fall_m_s: of foot and shank; the rest of the body falls at 0.7 m/s.
        sole_n: force of the sole at 10 mm.
        leg_n_m, leg_n_s_m: spring and damper between both masses.
        skin_hz: natural frequency of the markers' skin over the shank; None: on the bone.
    """

    fall_m_s: float = 1.0
    sole_n: float = 1500.0
    leg_n_m: float = 22000.0
    leg_n_s_m: float = 200.0
    skin_hz: float | None = None


@cache
def simulate(landing: Landing) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return times since first touch, height of foot and shank, of their skin, and the force."""
    lower, upper = LOWER_SHARE * MASS_KG, (1.0 - LOWER_SHARE) * MASS_KG
    count = round((_BEFORE_S + _AFTER_S) / _FINE_S)
    first = round(_BEFORE_S / _FINE_S)
    time_s = (np.arange(count) - first) * _FINE_S
    falling = -landing.fall_m_s * time_s - 0.5 * GRAVITY_M_S2 * time_s**2
    height, skin, force = falling.copy(), falling.copy(), np.zeros(count)
    y, v, rest, speed = 0.0, -landing.fall_m_s, 0.0, -0.7
    s, w = 0.0, -landing.fall_m_s
    turn = 2.0 * np.pi * (landing.skin_hz or 1.0)
    for i in range(first, count):
        deep = max(-y, 0.0)
        push = max(0.0, landing.sole_n * (deep / 0.01) ** 1.5 * (1.0 - 0.3 * v))
        leg = landing.leg_n_m * (y - rest) + landing.leg_n_s_m * (v - speed)
        height[i], skin[i], force[i] = y, s, push
        v += _FINE_S * ((push - leg) / lower - GRAVITY_M_S2)
        speed += _FINE_S * (leg / upper - GRAVITY_M_S2)
        y, rest = y + _FINE_S * v, rest + _FINE_S * speed
        w += _FINE_S * (turn**2 * (y - s) + 2.0 * 0.3 * turn * (v - w))
        s += _FINE_S * w
    return time_s, height, skin if landing.skin_hz else height, force


def markerset() -> Any:
    """Return the bodies of the markers."""
    return SimpleNamespace(
        bodies=lambda: {
            f"{body}_{side[0]}": tuple(f"{side}{n}" for n, b in _PLACES.items() if b == body)
            for side in SIDES
            for body in ("calcn", "tibia")
        }
    )


def recording(
    landing: Landing,
    steps: int = 20,
    rates_hz: tuple[float, float] = (150.0, 1000.0),
    late_s: float = 0.0,
    noise: tuple[float, float] = (0.0, 0.0),
) -> tuple[Markers, Wrench, list[Contact]]:
    """Return what a laboratory records.

    Args:
        landing: of the runner.
        steps: contacts, feet in turn, at instants that no rate divides.
        rates_hz: of markers and forces.
        late_s: by how much the force comes late.
        noise: standard deviations of each marker's coordinates, m, and of the forces, N.
    """
    random = np.random.default_rng(3)
    since, bone, skin, push = simulate(landing)
    last_s = FIRST_S + steps * STEP_S + 0.3
    seen, felt = (np.arange(round(last_s * rate)) / rate for rate in rates_hz)
    paths = {side + name: np.zeros((seen.size, 3)) for side in SIDES for name in _PLACES}
    force = noise[1] * random.standard_normal((felt.size, 3))
    for number in range(steps):
        landed = FIRST_S + number * STEP_S
        near = (seen > landed - _BEFORE_S) & (seen < landed + _AFTER_S)
        for name in _PLACES:
            height = skin if name == "Shank" else bone
            paths[SIDES[number % 2] + name][near, 1] = np.interp(seen[near] - landed, since, height)
        force[:, 1] += np.interp(felt - late_s - landed, since, push, left=0.0, right=0.0)
    stacked = np.stack(list(paths.values()), axis=1)
    stacked = stacked + noise[0] * random.standard_normal(stacked.shape)
    markers = Markers(seen, tuple(paths), stacked, rates_hz[0])
    wrench = Wrench(felt, force, np.zeros_like(force), rates_hz[1], "plate")
    contacts = find_contacts(
        wrench, 0, MASS_KG, ContactRules(max_contact_s=0.6, min_contact_s=0.05)
    )
    sided = [
        Contact(c.start_s, c.end_s, c.begin_s, c.finish_s, 0, SIDES[n % 2])
        for n, c in enumerate(contacts)
    ]
    return markers, wrench, sided
