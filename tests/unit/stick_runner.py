"""A runner of sticks who wears the lower-body Plug-in Gait set, on a belt of 3 m/s.

Feet follow a path on the belt and through the air, legs are two sticks that reach them, so that
every distance within a segment stays. Forward is X, up Y, right Z.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from strikelean.formats.series import FloatArray, Markers

RATE_HZ, BELT_M_S, STRIDE_S = 150.0, 3.0, 0.7
STANCE_S = 0.25
HIP_M, THIGH_M, SHANK_M, ANKLE_M = 0.90, 0.41, 0.41, 0.08
ACROSS_M = 0.09
# Places on each segment from its upper joint: forward, up, outwards.
_PELVIS = {"ASI": (0.09, 0.06, 0.03), "PSI": (-0.09, 0.08, -0.04)}
_THIGH = {"THI": (0.0, -0.22, 0.08), "KNE": (0.0, -0.41, 0.06)}
_SHANK = {"TIB": (0.0, -0.20, 0.06), "ANK": (0.0, -0.41, 0.04)}
_FOOT = {"HEE": (-0.06, -0.05, 0.0), "TOE": (0.14, -0.05, 0.0)}


def _turned(place: tuple[float, float, float], angle: FloatArray, out: float) -> FloatArray:
    """Return a place (T, 3) on a stick that leans forward by an angle from hanging down."""
    ahead, up, beside = place
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack(
        [ahead * cosine - up * sine, ahead * sine + up * cosine, np.full(angle.size, out * beside)]
    )


def _ankle(phase: FloatArray) -> FloatArray:
    """Return where the ankle is, (T, 2): ahead of the hip and over the floor."""
    reach, share = BELT_M_S * STANCE_S, STANCE_S / STRIDE_S
    swing = np.clip((phase - share) / (1.0 - share), 0.0, 1.0)
    back = 0.25 - BELT_M_S * STRIDE_S * np.minimum(phase, share)
    ahead = back + reach * (swing - np.sin(2.0 * np.pi * swing) / (2.0 * np.pi))
    return np.column_stack([ahead, ANKLE_M + 0.25 * np.sin(np.pi * swing) ** 2])


def _leg(ankle: FloatArray, hip_up: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the angles (T,) of thigh and shank, and the knee (T, 2), that reach the ankle."""
    way = ankle - np.column_stack([np.zeros(len(ankle)), hip_up])
    far = np.minimum(np.linalg.norm(way, axis=1), THIGH_M + SHANK_M - 1e-6)
    inner = np.arccos((THIGH_M**2 + far**2 - SHANK_M**2) / (2.0 * THIGH_M * far))
    thigh = np.arctan2(way[:, 0], -way[:, 1]) + inner
    knee = np.column_stack([THIGH_M * np.sin(thigh), hip_up - THIGH_M * np.cos(thigh)])
    below = ankle - knee
    return thigh, np.arctan2(below[:, 0], -below[:, 1]), knee


def _side(letter: str, out: float, ankle: FloatArray, hip_up: FloatArray) -> dict[str, FloatArray]:
    thigh, shank, knee = _leg(ankle, hip_up)
    level = np.zeros(len(ankle))
    origins = {
        "pelvis": (np.column_stack([level, hip_up]), level, _PELVIS),
        "thigh": (np.column_stack([level, hip_up]), thigh, _THIGH),
        "shank": (knee, shank, _SHANK),
        "foot": (ankle, level, _FOOT),
    }
    found = {}
    for origin, angle, places in origins.values():
        whole = np.column_stack([origin, np.full(len(ankle), out * ACROSS_M)])
        for name, place in places.items():
            found[letter + name] = whole + _turned(place, angle, out)
    return found


def _markers(ankles: dict[str, FloatArray], hip_up: FloatArray) -> Markers:
    paths = _side("R", 1.0, ankles["R"], hip_up) | _side("L", -1.0, ankles["L"], hip_up)
    time_s = np.arange(hip_up.size) / RATE_HZ
    return Markers(time_s, tuple(paths), np.stack(list(paths.values()), axis=1), RATE_HZ)


def running(duration_s: float = 2.8, over_m_s: float = 0.0) -> Markers:
    """Return the runner; ``over_m_s`` is added to all: BELT_M_S is overground."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    phases = {"R": (time_s / STRIDE_S) % 1.0, "L": (time_s / STRIDE_S + 0.5) % 1.0}
    bounce = HIP_M - 0.09 + 0.02 * np.cos(4.0 * np.pi * time_s / STRIDE_S)
    made = _markers({side: _ankle(phase) for side, phase in phases.items()}, bounce)
    shift = np.outer(time_s, [over_m_s, 0.0, 0.0])
    return replace(made, positions_m=made.positions_m + shift[:, np.newaxis])


def standing() -> Markers:
    """Return the runner standing for a second and a half."""
    still = np.column_stack([np.zeros(225), np.full(225, ANKLE_M)])
    return _markers({"R": still, "L": still}, np.full(225, HIP_M - 0.002))


def turned(markers: Markers, rotation: FloatArray) -> Markers:
    """Return markers in other axes: ``file = rotation @ laboratory``."""
    return replace(markers, positions_m=markers.positions_m @ rotation.T)


def relabelled(markers: Markers, names: dict[str, str]) -> Markers:
    """Return markers under other labels."""
    return replace(markers, names=tuple(names[name] for name in markers.names))
