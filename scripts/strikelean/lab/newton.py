"""Forces of the contacts beside the acceleration of the mass centre: Newton's second law."""

from __future__ import annotations

import numpy as np

from strikelean.formats.series import FloatArray
from strikelean.lab.evidence import Evidence
from strikelean.lab.mass_centre import CUTOFF_HZ, MassCentre
from strikelean.signals import at_times, lowpass

# Force looked at before and after each contact: within any runner's flight, so that a contact of
# the other foot beside the plate is not taken for a lack of force.
EDGE_S = 0.03
# A sample that falls on the last frame before a gap is known or not by its last digit; it is known
# where it is this much before and after, so that the same run written otherwise has the same.
_BESIDE_S = 1e-6
# Of all samples; what the markers show less of is not judged.
_KNOWN_SHARE = 0.5


def contact_forces(evidence: Evidence) -> tuple[FloatArray, FloatArray]:
    """Return times (N,) and low-passed sum of all forces (N, 3) of every contact with its edges."""
    clock = evidence.wrenches[0]
    total: FloatArray = np.sum([wrench.force_n for wrench in evidence.wrenches], axis=0)
    smooth = lowpass(total, clock.rate_hz, min(CUTOFF_HZ, 0.4 * clock.rate_hz))
    inside = np.zeros(clock.time_s.size, dtype=bool)
    for contact in evidence.contacts:
        ends = [contact.start_s - EDGE_S, contact.end_s + EDGE_S]
        inside[slice(*np.searchsorted(clock.time_s, ends))] = True
    return clock.time_s[inside], smooth[inside]


def acceleration_at(body: MassCentre, times_s: FloatArray) -> FloatArray:
    """Return the mass centre's acceleration (N, 3) at (N,) times, NaN beside what is unknown."""
    before, after = (
        at_times(body.time_s, body.acceleration_m_s2, times_s + beside)
        for beside in (-_BESIDE_S, _BESIDE_S)
    )
    return 0.5 * (before + after)


def correlation(one: FloatArray, other: FloatArray) -> float:
    """Return the correlation of two signals (N,) where both are known.

    NaN where one of them does not change, or less than half is known.
    """
    known = np.isfinite(one) & np.isfinite(other)
    if np.count_nonzero(known) <= _KNOWN_SHARE * known.size:
        return float("nan")
    a, b = one[known] - np.mean(one[known]), other[known] - np.mean(other[known])
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0.0 else float("nan")


def newton_correlations(evidence: Evidence) -> FloatArray:
    """Return the correlation (3,) of force and acceleration forward, up and to the right.

    NaN where the markers show no mass centre.
    """
    body = evidence.mass_centre
    if body is None or not evidence.contacts:
        return np.full(3, np.nan)
    times, force = contact_forces(evidence)
    moved = acceleration_at(body, times)
    return np.array([correlation(moved[:, axis], force[:, axis]) for axis in range(3)])
