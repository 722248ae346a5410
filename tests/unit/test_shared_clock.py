"""What is corrected of a force's clock, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from strikelean.lab.landing import LandingLag
from strikelean.lab.shared_clock import CLOCK_FIGURES, Clocks


def clocks(body_s: float, landing_s: float, trunk_seen: bool = False, **other) -> Clocks:
    told = {"error_s": 1e-4, "explained": 0.5, "mass_ratio": 1.0, "contacts": 40} | other
    return Clocks(body_s, LandingLag(landing_s, **told), trunk_seen)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_mean_of_two_that_agree_is_corrected(sign):
    assert clocks(sign * 0.006, sign * 0.004).to_correct_s == pytest.approx(sign * 0.005)


def test_a_shift_by_a_known_time_is_corrected_by_just_that_much_more():
    shifts = np.array([-0.008, -0.005, -0.003, 0.008, 0.010])
    found = [clocks(-0.006 + by, -0.004 + by).to_correct_s for by in shifts]
    assert found == pytest.approx(-0.005 + shifts)


@pytest.mark.parametrize("by_s", [0.0035, 0.004, 0.005, 0.006])
def test_what_is_left_alone_is_small(by_s):
    assert clocks(-0.006 + by_s, -0.004 + by_s).to_correct_s == 0.0


@pytest.mark.parametrize(
    "left_alone",
    [
        clocks(-0.010, -0.003),
        clocks(-0.006, -0.002, trunk_seen=True),
        clocks(-0.005, 0.001),
        clocks(-0.0015, -0.0015),
        clocks(-0.030, -0.028),
        clocks(np.nan, -0.005),
        clocks(-0.005, np.nan),
        clocks(-0.005, -0.005, explained=0.15),
        clocks(-0.005, -0.005, mass_ratio=0.2),
        clocks(-0.005, -0.005, error_s=0.002),
        clocks(-0.005, -0.005, error_s=np.nan),
        Clocks(),
    ],
)
def test_nothing_is_corrected_where_the_two_do_not_agree_or_cannot_tell(left_alone):
    assert left_alone.to_correct_s == 0.0


def test_all_is_told_and_5_ms_warn():
    def found(by_s: float):
        return Clocks(by_s, clocks(by_s, by_s).landing, False, by_s).findings()

    assert tuple(finding.figure for finding in found(0.0)) == CLOCK_FIGURES
    assert all(finding.level == "plausible" for finding in found(-0.0049))
    told = str(found(-0.0052)[-1])
    assert "came 5 ms earlier (whole body -5, landing of the feet -5 ms)" in told
    assert "were moved" in told
