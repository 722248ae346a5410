"""Forces that were thinned out or filtered before they were exported are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from strikelean.formats.series import Wrench
from strikelean.lab.check_rates import FOLDED, MARKER_RATE, QUIET, check_rates
from strikelean.lab.contacts import Contact
from strikelean.lab.findings import Finding

STEP_S, CONTACT_S = 0.36, 0.22
STARTS = np.arange(0.3, 4.0, STEP_S)
CONTACTS = [Contact(s, s + CONTACT_S, s, s + CONTACT_S, 0, "right") for s in STARTS]


def force(rate_hz: float = 1000.0, noise_n: float = 3.0) -> Wrench:
    """Return contacts with an impact of 20 ms and a plate's noise."""
    time_s = np.arange(round(4.5 * rate_hz)) / rate_hz
    vertical = np.zeros_like(time_s)
    for start in STARTS:
        phase = np.clip((time_s - start) / CONTACT_S, 0.0, 1.0)
        vertical += 1800.0 * np.sin(np.pi * phase) ** 1.5
        vertical += 500.0 * np.exp(-(((time_s - start - 0.025) / 0.010) ** 2))
    vertical += noise_n * np.random.default_rng(5).standard_normal(time_s.size)
    total = np.column_stack([0.0 * vertical, vertical, 0.0 * vertical])
    return Wrench(time_s, total, np.zeros_like(total), rate_hz, "plate 1")


def low_passed(wrench: Wrench, cutoff_hz: float) -> Wrench:
    section = butter(2, cutoff_hz, fs=wrench.rate_hz, output="sos")
    return replace(wrench, force_n=sosfiltfilt(section, wrench.force_n, axis=0))


def thinned(wrench: Wrench, rate_hz: float) -> Wrench:
    every = round(wrench.rate_hz / rate_hz)
    rows = slice(None, None, every)
    return replace(
        wrench,
        time_s=wrench.time_s[rows],
        force_n=wrench.force_n[rows],
        moment_nm=wrench.moment_nm[rows],
        rate_hz=rate_hz,
    )


def told(wrench: Wrench, marker_rate_hz: float = 150.0) -> dict[str, Finding]:
    return {f.figure: f for f in check_rates([wrench], CONTACTS, marker_rate_hz)}


@pytest.mark.parametrize("noise_n", [0.5, 3.0, 9.0])
@pytest.mark.parametrize("rate_hz", [1000.0, 2000.0])
def test_forces_as_measured_are_plausible(noise_n: float, rate_hz: float) -> None:
    found = told(force(rate_hz, noise_n))
    assert {finding.level for finding in found.values()} == {"plausible"}


@pytest.mark.parametrize(
    ("cutoff_hz", "level"), [(15, "doubtful"), (25, "doubtful"), (100, "plausible")]
)
@pytest.mark.parametrize("rate_hz", [300.0, 1000.0, 2000.0])
def test_forces_that_were_filtered_are_told(cutoff_hz: float, level: str, rate_hz: float) -> None:
    finding = told(low_passed(force(rate_hz), cutoff_hz))[QUIET]
    assert finding.level == level
    if level == "doubtful":
        assert "loading rates" in finding.action


@pytest.mark.parametrize("rate_hz", [50.0, 100.0])
def test_forces_thinned_out_are_told_with_their_rate(rate_hz: float) -> None:
    finding = told(thinned(force(), rate_hz))[FOLDED]
    assert finding.level == "doubtful"
    assert f"{rate_hz:g} Hz" in finding.found


def test_forces_filtered_before_they_were_thinned_out_are_not_folded() -> None:
    assert told(thinned(low_passed(force(), 12.0), 100.0))[FOLDED].level == "plausible"


@pytest.mark.parametrize(
    ("rate_hz", "level"), [(50.0, "doubtful"), (59.94, "plausible"), (60.0, "plausible")]
)
def test_slow_markers_are_told(rate_hz: float, level: str) -> None:
    assert told(force(), rate_hz)[MARKER_RATE].level == level


def test_without_a_contact_nothing_is_judged() -> None:
    found = check_rates([thinned(force(), 100.0)], [], 150.0)
    assert {finding.level for finding in found} == {"plausible"}
