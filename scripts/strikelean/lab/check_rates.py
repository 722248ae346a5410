"""Were forces and markers sampled often enough, and are the forces as they were measured?

Thinning a recording out without a filter folds what lies over half the new rate onto what is
slower; a filter before the export takes off what loading rates are made of. Both leave a smooth
force. What shows them is what the force holds at frequencies of which little is the runner's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from strikelean.formats.series import FloatArray, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.findings import Finding

FOLDED, QUIET, MARKER_RATE = "force_near_half_rate_n", "force_75_to_100_hz_n", "marker_rate_hz"

# Errors of the peak knee extension moment when every nth sample is kept (docs/recordings.md): 95 %
# of steps are within 1 % at 250 Hz and 5 % at 200 Hz, within 7 to 23 % at 60 to 150 Hz.
FORCE_HZ = 200.0
# In the upper 40 % of the band below that: 0.6 N and 0.7 N in two recordings at 100 Hz that were
# filtered before they were thinned out, 2 N and more in the public dataset thinned out.
FOLDED_N = 1.5
# Vertical force in stance between 75 and 100 Hz, root mean square. As measured 1.4 to 5.0 N in the
# public dataset (a treadmill) and 1.4 N in virtual runners; a plate with 0.5 N of noise up to
# 500 Hz alone has 0.1 N. The same recordings low-passed at 30 Hz 0.01 to 0.04 N, at 50 Hz 0.08 to
# 0.30 N; the full-body recording, which was filtered before it was published, 0.004 N.
QUIET_BAND_HZ = (75.0, 100.0)
QUIET_N = 0.05
# 95 % of steps within 2.5 % of the peak knee extension moment at 60 Hz, within 4.3 % at 50 Hz.
MARKER_HZ = 60.0

_POINTS = 4096
_LEAST_SAMPLES = 8


def check_rates(
    wrenches: Sequence[Wrench], contacts: Sequence[Contact], marker_rate_hz: float
) -> list[Finding]:
    """Return whether forces and markers are what loading rates and moments can be made of.

    Args:
        wrenches: without baselines; none without forces.
        contacts: those that are valid are looked at.
        marker_rate_hz: as recorded.
    """
    if not wrenches:
        return [_markers(marker_rate_hz)]
    rate_hz = wrenches[0].rate_hz
    spectra = [
        _spectrum(wrenches[contact.wrench], contact) for contact in contacts if contact.valid
    ]
    known = [spectrum for spectrum in spectra if spectrum is not None]
    power = np.median(known, axis=0) if known else None
    return [
        _folded(power, rate_hz),
        _quiet(power, rate_hz),
        _markers(marker_rate_hz),
    ]


def _spectrum(wrench: Wrench, contact: Contact) -> FloatArray | None:
    """Return the power of a contact's vertical force at each frequency, N^2/Hz."""
    inside = (wrench.time_s >= contact.start_s) & (wrench.time_s <= contact.end_s)
    force = wrench.force_n[inside, 1]
    if force.size < _LEAST_SAMPLES:
        return None
    window = np.hanning(force.size)
    seen = np.abs(np.fft.rfft(force * window, _POINTS)) ** 2
    return np.asarray(2.0 * seen / float(window @ window) / wrench.rate_hz)


def _within(power: FloatArray | None, rate_hz: float, low_hz: float, high_hz: float) -> float:
    """Return the root mean square of a force within a band, N; NaN beyond half its rate."""
    if power is None or high_hz > 0.5 * rate_hz:
        return float("nan")
    frequency = np.fft.rfftfreq(_POINTS, 1.0 / rate_hz)
    band = (frequency >= low_hz) & (frequency < high_hz)
    return float(np.sqrt(power[band].sum() * frequency[1]))


def _folded(power: FloatArray | None, rate_hz: float) -> Finding:
    if not rate_hz < FORCE_HZ:
        return Finding(FOLDED, float("nan"))
    value = _within(power, rate_hz, 0.3 * rate_hz, 0.5 * rate_hz)
    if not value > FOLDED_N:
        return Finding(FOLDED, value)
    return Finding(
        FOLDED,
        value,
        "doubtful",
        f"forces at {FORCE_HZ:g} Hz or more, or low-passed before they were thinned out",
        f"{rate_hz:.4g} Hz with {value:.1f} N near half of it",
        "Export the forces at the rate they were measured with: peaks of moments may be off by a "
        "tenth and more",
    )


def _quiet(power: FloatArray | None, rate_hz: float) -> Finding:
    value = _within(power, rate_hz, *QUIET_BAND_HZ)
    if not value < QUIET_N:
        return Finding(QUIET, value)
    low, high = QUIET_BAND_HZ
    return Finding(
        QUIET,
        value,
        "doubtful",
        f"forces as measured, over {QUIET_N:g} N between {low:g} and {high:g} Hz",
        f"{value:.3f} N: they were low-passed before, at some 30 Hz or lower",
        "Export unfiltered forces for loading rates and impact peaks, which are too low by a tenth "
        "to a half; joint moments are as good",
    )


def _markers(rate_hz: float) -> Finding:
    if not rate_hz < MARKER_HZ - 0.5:
        return Finding(MARKER_RATE, rate_hz)
    return Finding(
        MARKER_RATE,
        rate_hz,
        "doubtful",
        f"markers at {MARKER_HZ:g} Hz or more",
        f"{rate_hz:.4g} Hz",
        "Record markers faster: peaks of moments may be off by some 5 %",
    )
