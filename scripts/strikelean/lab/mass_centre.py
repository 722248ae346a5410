"""The body's centre of mass from markers alone, good enough to ask Newton about the forces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray, Markers
from strikelean.markersets import MarkerSet, back_of_pelvis
from strikelean.signals import lowpass

# Shares of body mass, de Leva 1996, men, doi 10.1016/0021-9290(95)00178-6: lower trunk; upper and
# middle trunk with the head; then each thigh, shank, foot, upper arm, forearm with the hand.
_PELVIS = (("pelvis",), 0.1117)
_TRUNK = (("torso", "thorax", "trunk"), 0.1596 + 0.1633 + 0.0694)
LIMB_MASS = {
    ("femur", "thigh"): 0.1416,
    ("tibia", "shank"): 0.0433,
    ("calcn", "foot"): 0.0137,
    ("humerus", "upperarm"): 0.0271,
    ("radius", "ulna", "forearm"): 0.0162 + 0.0061,
}
"""Share of body mass of each limb's segments, by the beginnings of their bodies' names."""
# A marker that is missing more often would leave too few moments to look at.
_SEEN_SHARE = 0.9
# Impacts shake markers on skin; the movement of the whole body has no use for more than this.
CUTOFF_HZ = 10.0


@dataclass(frozen=True)
class MassCentre:
    """Path of the centre of mass.

    Attributes:
        time_s: (T,) seconds.
        position_m: (T, 3) metres; NaN where a marker it needs was not seen.
        acceleration_m_s2: (T, 3), gravity not counted.
        trunk_seen: whether the trunk had markers of its own; else it moves with the pelvis.
    """

    time_s: FloatArray
    position_m: FloatArray
    acceleration_m_s2: FloatArray
    trunk_seen: bool


def _middles(markers: Markers, markerset: MarkerSet) -> dict[str, FloatArray]:
    """Return the middle (T, 3) of the markers on each body, by the body's name in small letters.

    One marker on the sacrum stands for both posterior spines and counts twice, or the pelvis'
    middle would lie 3 cm ahead of where the other sets have it.
    """
    back = back_of_pelvis(markerset.trunk)
    again = back if len(back) == 1 else ()
    middles = {}
    for body, names in markerset.bodies().items():
        counted = [*names, *(name for name in again if name in names)]
        paths = [markers.position(name) for name in counted if name in markers]
        paths = [path for path in paths if np.mean(np.isfinite(path[:, 0])) >= _SEEN_SHARE]
        if paths:
            middles[body.lower()] = np.asarray(np.mean(paths, axis=0))
    return middles


def find_mass_centre(markers: Markers, markerset: MarkerSet) -> MassCentre | None:
    """Return the centre of mass, each segment's mass in the middle of its markers.

    What has no markers moves with the trunk, or with the pelvis where the trunk has none.

    Returns:
        None where the pelvis has no markers or the rate is too low to tell accelerations.
    """
    if markers.time_s.size < 2 or markers.rate_hz <= 2.5 * CUTOFF_HZ:
        return None
    middles = _middles(markers, markerset)

    def on(prefixes: tuple[str, ...], ending: str = "") -> FloatArray | None:
        found = [
            middle
            for body, middle in middles.items()
            if body.startswith(prefixes) and body.endswith(ending)
        ]
        return np.asarray(np.mean(found, axis=0)) if found else None

    pelvis, trunk = on(_PELVIS[0]), on(_TRUNK[0])
    if pelvis is None:
        return None
    total = _PELVIS[1] * pelvis
    placed = _PELVIS[1]
    for prefixes, share in LIMB_MASS.items():
        for ending in ("_r", "_l"):
            middle = on(prefixes, ending)
            if middle is not None:
                total, placed = total + share * middle, placed + share
    total = total + (1.0 - placed) * (pelvis if trunk is None else trunk)
    position = lowpass(total, markers.rate_hz, CUTOFF_HZ, time_s=markers.time_s)
    velocity = np.gradient(position, markers.time_s, axis=0)
    acceleration = np.gradient(velocity, markers.time_s, axis=0)
    return MassCentre(markers.time_s, position, acceleration, trunk is not None)
