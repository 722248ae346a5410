"""A treadmill runner made up in code, with known contacts, sides, angles and force."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.axes import Axes
from strikelean.formats.series import FloatArray, Markers, TimeSeries, Wrench
from strikelean.lab.contacts import ContactRules
from strikelean.lab.recording import RecordingSettings
from strikelean.markersets import MarkerDefinition, MarkerSet

MASS_KG = 70.0
STEP_S = 0.36
CONTACT_S = 0.22
BELT_M_S = 3.0
STRIKE_DEG = 12.0
FOOT_M = 0.20
FIRST_S = 0.40  # first (right) contact
# every plate shakes a little: a force without that was filtered before
SHAKE_N, SHAKE_HZ = 0.3, 88.0
FORCE_HZ = 600.0
MARKER_HZ = 150.0
DURATION_S = 6.0

MARKERSET = MarkerSet(
    name="made_up",
    markers=tuple(
        MarkerDefinition(f"{letter}.{name}", f"calcn_{letter.lower()}", None, None, 1.0, 1.0)
        for letter in "RL"
        for name in ("Heel", "MT5", "Toe", "Side")
    ),
    computed=(),
    scaling=(),
    landmarks={
        side: {"heel": f"{s}.Heel", "fifth_metatarsal": f"{s}.MT5", "toe": f"{s}.Toe"}
        for side, s in (("right", "R"), ("left", "L"))
    },
    trunk={},
    model_height_m=1.7,
)

SETTINGS = RecordingSettings(
    axes=Axes(),
    contacts=ContactRules(50.0, 0.1, 0.5),
    max_gap_s=0.1,
    cop_min_force_n=50.0,
    cutoff_hz=15.0,
    filter_order=4,
    contacts_per_foot=3,
    margin_s=0.15,
    max_missing_segment_share=0.1,
)

# In the foot's own frame, heel at the origin: forward, up, to the runner's right.
_FOOT = {
    "R.Heel": (0.0, 0.03, 0.0),
    "R.MT5": (0.15, 0.03, 0.04),
    "R.Toe": (FOOT_M, 0.03, -0.02),
    "R.Side": (0.05, 0.06, 0.03),
}


def starts_s(duration_s: float = DURATION_S) -> FloatArray:
    """Return when contacts begin, right first, alternating."""
    return np.arange(FIRST_S, duration_s - CONTACT_S, STEP_S)


def _foot_path(time_s: FloatArray, first_s: float, z: float) -> tuple[FloatArray, FloatArray]:
    """Return the heel's path (T, 3) and the foot's pitch, toe-up positive, radians."""
    stride = 2.0 * STEP_S
    phase = np.mod(time_s - first_s, stride)
    stance = phase < CONTACT_S
    swing = np.clip((phase - CONTACT_S) / (stride - CONTACT_S), 0.0, 1.0)
    back = BELT_M_S * CONTACT_S / 2.0
    x = np.where(stance, back - BELT_M_S * phase, -back * np.cos(math.pi * swing))
    y = np.where(stance, 0.0, 0.3 * np.sin(math.pi * swing) ** 2)
    strike = math.radians(STRIKE_DEG)
    pitch = np.where(stance, strike * np.clip(1.0 - phase / 0.05, 0.0, 1.0), strike * swing)
    return np.column_stack([x, y, np.full_like(x, z)]), pitch


def markers(duration_s: float = DURATION_S) -> Markers:
    """Return both feet's markers in laboratory axes."""
    time_s = np.arange(round(duration_s * MARKER_HZ)) / MARKER_HZ
    names: list[str] = []
    paths: list[FloatArray] = []
    for letter, first_s, z in (("R", FIRST_S, 0.08), ("L", FIRST_S + STEP_S, -0.08)):
        heel, pitch = _foot_path(time_s, first_s, z)
        for name, (ahead, up, right) in _FOOT.items():
            right = right if letter == "R" else -right
            names.append(f"{letter}{name[1:]}")
            paths.append(
                heel
                + np.column_stack(
                    [
                        ahead * np.cos(pitch) - up * np.sin(pitch),
                        ahead * np.sin(pitch) + up * np.cos(pitch),
                        np.full_like(pitch, right),
                    ]
                )
            )
    places = np.stack(paths, axis=1)
    # no two frames of a camera are equal
    places += 1e-6 * np.random.default_rng(7).standard_normal(places.shape)
    return Markers(time_s, tuple(names), places, MARKER_HZ)


def static() -> Markers:
    """Return a runner standing still, feet flat, for a second."""
    standing = markers(1.0)
    flat = {}
    for letter, z in (("R", 0.1), ("L", -0.1)):
        for name, (ahead, up, right) in _FOOT.items():
            flat[f"{letter}{name[1:]}"] = (ahead, up, z + (right if letter == "R" else -right))
    places = np.array([flat[name] for name in standing.names])
    return replace(standing, positions_m=np.broadcast_to(places, standing.positions_m.shape).copy())


def shake_n(share: FloatArray) -> FloatArray:
    """Return how a plate shakes at shares of a contact, N."""
    return SHAKE_N * np.sin(2.0 * math.pi * SHAKE_HZ * CONTACT_S * share)


def foot_force(side: str, duration_s: float = DURATION_S) -> tuple[FloatArray, ...]:
    """Return time (N,), force (N, 3) and centre of pressure (N, 3) of one foot.

    Half sine vertical force whose mean over a step is body weight; the centre of pressure
    rolls from 0.02 to 0.17 m ahead of the heel.
    """
    time_s = np.arange(round(duration_s * FORCE_HZ)) / FORCE_HZ
    force = np.zeros((time_s.size, 3))
    pressure = np.zeros((time_s.size, 3))
    z = 0.08 if side == "right" else -0.08
    peak = MASS_KG * GRAVITY_M_S2 * STEP_S * math.pi / (2.0 * CONTACT_S)
    for number, start in enumerate(starts_s(duration_s)):
        if (number % 2 == 0) != (side == "right"):
            continue
        share = (time_s - start) / CONTACT_S
        inside = (share >= 0.0) & (share <= 1.0)
        vertical = (peak + shake_n(share[inside])) * np.sin(math.pi * share[inside])
        force[inside, 1] = vertical
        force[inside, 0] = -0.2 * vertical * np.cos(math.pi * share[inside])
        heel = BELT_M_S * CONTACT_S * (0.5 - share[inside])
        pressure[inside, 0] = heel + 0.02 + 0.15 * share[inside]
        pressure[inside, 2] = z
    return time_s, force, pressure


def plate(duration_s: float = DURATION_S, noise_n: float = 0.0) -> Wrench:
    """Return the wrench of one plate under both feet, with a free moment of 3 N m per kN."""
    rng = np.random.default_rng(3)
    total_force = np.zeros((round(duration_s * FORCE_HZ), 3))
    total_moment = np.zeros_like(total_force)
    for side in ("right", "left"):
        time_s, force, pressure = foot_force(side, duration_s)
        total_force += force
        total_moment += np.cross(pressure, force)
        total_moment[:, 1] += 0.003 * force[:, 1]
    # no two samples of a loaded plate are equal
    total_force *= 1.0 + 3e-6 * np.random.default_rng(8).standard_normal(total_force.shape)
    total_force += noise_n * rng.standard_normal(total_force.shape)
    return Wrench(time_s, total_force, total_moment, FORCE_HZ, "plate 1")


def foot_table() -> TimeSeries:
    """Return a MOT table that names the feet, as motion laboratories export it."""
    names: list[str] = []
    blocks: list[FloatArray] = []
    for side in ("right", "left"):
        time_s, force, pressure = foot_force(side)
        letter = side[0].upper()
        torque = np.zeros_like(force)
        torque[:, 1] = 0.003 * force[:, 1]
        names += [f"{letter}_ground_force_{part}{axis}" for part in "vp" for axis in "xyz"]
        names += [f"{letter}_ground_torque_{axis}" for axis in "xyz"]
        blocks += [force, pressure, torque]
    return TimeSeries(time_s, tuple(names), np.hstack(blocks))


def shared_data(*parts: str) -> Path:
    """Return a path below $STRIKELEAN_DATA, or skip the test saying why."""
    chosen = os.environ.get("STRIKELEAN_DATA", "")
    path = Path(chosen, *parts)
    if not chosen or not path.exists():
        pytest.skip(f"no real recording {'/'.join(parts)}: set STRIKELEAN_DATA to its folder")
    return path
