"""The factor on the hip's own muscles that a recording asks for, where it can be worked out."""

from __future__ import annotations

import numpy as np
import pytest

from strikelean.muscles.strength import STRONGEST, Demand, needed_strength

BOUNDS = (0.01, 1.0)


def demand(moments: np.ndarray, limit_nm: float = 0.1) -> Demand:
    """Return what one hip muscle of 10 N m, and one of 5 N m that crosses the knee too, must do."""
    frames = len(moments)
    gains = np.tile(np.array([[[10.0, 5.0]]]), (frames, 1, 1))
    unknown = np.full(frames, np.inf)
    return Demand(gains, np.array([True, False]), moments[:, None], np.array([limit_nm]), unknown)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.3])
def test_only_the_muscle_of_the_hip_grows(factor: float) -> None:
    moments = np.full(100, 10.0 * factor + 5.0)
    found = needed_strength([demand(moments)], 1e-3, BOUNDS)
    assert found == pytest.approx(factor, rel=0.03)


def test_two_frames_in_a_hundred_are_forgiven_and_three_are_not() -> None:
    moments = np.full(100, 10.0)
    moments[:2] = 35.0
    assert needed_strength([demand(moments)], 1e-3, BOUNDS) < 1.0
    moments[:3] = 35.0
    assert needed_strength([demand(moments)], 1e-3, BOUNDS) == pytest.approx(3.0, rel=0.03)


def test_frames_of_both_legs_count_together() -> None:
    weak, strong = demand(np.full(99, 10.0)), demand(np.full(1, 35.0))
    assert needed_strength([weak, strong], 1e-3, BOUNDS) < 1.0


def test_what_no_factor_carries_has_none() -> None:
    moments = np.full(10, 10.0 * STRONGEST + 50.0)
    assert needed_strength([demand(moments)], 1e-3, BOUNDS) == np.inf
