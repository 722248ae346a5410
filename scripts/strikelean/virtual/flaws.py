"""What keeps a laboratory from seeing the truth; each can be zero.

Markers sit on skin that slides over bone, beside the landmarks they are meant for, are seen with
noise and sometimes not at all; a treadmill's plate has slow noise. Where sizes come from: config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from strikelean.formats.series import FloatArray, Wrench
from strikelean.markersets import MarkerSet
from strikelean.signals import lowpass
from strikelean.virtual.settings import Flaws

# Which angles drag the skin of a segment along, besides the ground's push.
SKIN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "pelvis": ("pelvis", ("hip_flexion_r", "hip_flexion_l")),
    "torso": ("trunk", ("arm_flex_r", "arm_flex_l", "lumbar_extension")),
} | {
    f"{body}_{side}": (segment, tuple(f"{name}_{side}" for name in angles))
    for side in "rl"
    for body, segment, angles in (
        ("femur", "thigh", ("hip_flexion", "knee_angle")),
        ("tibia", "shank", ("knee_angle", "ankle_angle")),
        ("calcn", "foot", ("ankle_angle",)),
        ("humerus", "arm", ("arm_flex", "elbow_flex")),
        ("ulna", "arm", ("elbow_flex",)),
        ("radius", "arm", ("elbow_flex",)),
    )
}
# Markers of the generic model at the hips' centres.
HIP_CENTRES = ("RHJC", "LHJC")
# A belt's and a plate's own vibration is slow beside the sampling (project choice).
PLATE_NOISE_HZ = 60.0


def misplacements_m(
    marker_set: MarkerSet, flaws: Flaws, random: np.random.Generator
) -> dict[str, FloatArray]:
    """Return where each landmark's marker sits beside it, (3,) in its body's frame."""
    found = {}
    for marker in marker_set.markers:
        drawn = random.standard_normal(3)
        if marker.static_weight > 0.0:
            hip = marker.at in HIP_CENTRES
            size = flaws.hip_centre_mm if hip else flaws.misplacement_mm
            found[marker.name] = 1e-3 * size * drawn
    return found


def skin_motion_m(
    marker_set: MarkerSet,
    flaws: Flaws,
    drives: Mapping[str, FloatArray],
    push: Mapping[str, FloatArray],
    random: np.random.Generator,
) -> dict[str, FloatArray]:
    """Return how far each marker is from its place on the bone, (T, 3) in its body's frame.

    Skin follows the angles of the joints beside it and the ground's push (Camomilla 2013-type
    linear model); standing upright it is where it belongs.

    Args:
        marker_set: of the laboratory.
        flaws: sizes.
        drives: (T,) coordinates by name, rad, 0 when standing.
        push: (T,) vertical force by side letter, body weights.
        random: random numbers; the same runner's skin moves the same in every trial.
    """
    found = {}
    for body, (segment, names) in SKIN.items():
        markers = [m for m in marker_set.markers if m.body == body and m.running_weight > 0.0]
        pushed = push[body[-1]] if body[-2] == "_" else push["r"] + push["l"]
        signals = np.stack([drives[name] for name in names] + [pushed])
        signals = signals / np.sqrt(np.mean(signals**2, axis=1, keepdims=True))
        shared = random.standard_normal((3, len(signals)))
        size = 1e-3 * flaws.soft_tissue_mm.get(segment, 0.0)
        for marker in markers:
            own = random.standard_normal((3, len(signals)))
            part = flaws.soft_tissue_shared
            way = np.sqrt(part) * shared + np.sqrt(1.0 - part) * own
            path = (way @ signals).T
            rms = float(np.sqrt(np.mean((path**2).sum(axis=1))))
            found[marker.name] = size * path / rms
    return found


def lose_markers(
    positions_m: FloatArray, rate_hz: float, flaws: Flaws, random: np.random.Generator
) -> FloatArray:
    """Return positions (T, M, 3) with noise and gaps (not-a-number)."""
    frames, count = positions_m.shape[:2]
    seen = positions_m + 1e-3 * flaws.marker_noise_mm * random.standard_normal(positions_m.shape)
    if flaws.gaps_per_s > 0.0:
        numbers = random.poisson(flaws.gaps_per_s * frames / rate_hz, count)
        for marker, number in enumerate(numbers):
            for _ in range(number):
                first = int(random.integers(frames))
                length = 1 + int(random.exponential(flaws.gap_s) * rate_hz)
                seen[first : first + length, marker] = np.nan
    return np.asarray(seen)


def plate_noise(wrench: Wrench, flaws: Flaws, random: np.random.Generator) -> Wrench:
    """Return what a plate with slow noise gives for a wrench."""
    if not any((*flaws.plate_noise_n, *flaws.plate_noise_nm)):
        return wrench
    white = random.standard_normal((len(wrench.time_s), 6))
    slow = lowpass(white, wrench.rate_hz, PLATE_NOISE_HZ)
    slow /= slow.std(axis=0)
    noise = slow * np.array([*flaws.plate_noise_n, *flaws.plate_noise_nm])
    return replace(
        wrench, force_n=wrench.force_n + noise[:, :3], moment_nm=wrench.moment_nm + noise[:, 3:]
    )
