"""Impact peak and loading rates on curves with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from strikelean.loads.metrics_ground import (
    FINE_POINTS,
    IMPACT_FALLBACK,
    ground_metrics,
    impact_index,
    loading_rates,
)
from strikelean.loads.steps import steps_of
from unit_runner import CONTACT_S, FORCE_N, contacts, ground

WEIGHT_N = 700.0
SHARE = np.linspace(0.0, 1.0, FINE_POINTS)
ACTIVE = 1600.0 * np.sin(np.pi * SHARE)


def heel_strike(height_n: float, share: float = 0.1) -> np.ndarray:
    """Return an active peak with an impact transient on it."""
    return ACTIVE + height_n * np.exp(-(((SHARE - share) / 0.03) ** 2))


def test_a_smooth_rise_has_no_impact_peak() -> None:
    assert impact_index(ACTIVE, WEIGHT_N) is None


def test_a_transient_is_an_impact_peak_where_it_stands() -> None:
    index = impact_index(heel_strike(900.0), WEIGHT_N)
    assert index is not None
    assert SHARE[index] == pytest.approx(0.1, abs=0.01)


def test_a_ripple_below_one_percent_of_body_weight_is_noise() -> None:
    ripple = ACTIVE + 2.0 * np.sin(2 * np.pi * 40 * SHARE)
    assert impact_index(ripple, WEIGHT_N) is None


def test_a_late_maximum_is_not_an_impact_peak() -> None:
    assert impact_index(heel_strike(900.0, share=0.3), WEIGHT_N) is None


def test_loading_rates_of_a_straight_rise_are_its_slope() -> None:
    rise = np.minimum(SHARE / 0.1, 1.0) * 1000.0
    index = int(np.argmax(rise))
    average, instantaneous = loading_rates(rise, 0.2, index)
    assert average == pytest.approx(1000.0 / 0.02)
    assert instantaneous == pytest.approx(1000.0 / 0.02)


def test_without_an_impact_peak_13_percent_of_stance_stands_in() -> None:
    average, _ = loading_rates(ACTIVE, CONTACT_S, None)
    first, second = 0.2 * IMPACT_FALLBACK, 0.8 * IMPACT_FALLBACK
    rise = 1600.0 * (np.sin(np.pi * second) - np.sin(np.pi * first))
    assert average == pytest.approx(rise / ((second - first) * CONTACT_S), rel=1e-3)


def test_ground_metrics_of_half_sines() -> None:
    metrics = ground_metrics(steps_of(contacts(), "right"), ground(), WEIGHT_N)
    # impulse of a half sine: 2 A T / pi; of one lobe of a full sine: A T / pi
    assert metrics["ground_vertical_force_peak"] == pytest.approx(FORCE_N, rel=1e-4)
    assert metrics["ground_vertical_force_impulse"] == pytest.approx(
        2 * FORCE_N * CONTACT_S / np.pi, rel=1e-3
    )
    for part in ("braking", "propulsive"):
        impulse = metrics[f"ground_{part}_force_impulse"]
        assert impulse == pytest.approx(300.0 * CONTACT_S / np.pi, rel=1e-3)
        assert metrics[f"ground_{part}_force_peak"] == pytest.approx(300.0, rel=1e-3)
    assert metrics["ground_impact_peak_present"].tolist() == [0.0, 0.0]
    assert np.isnan(metrics["ground_impact_force_peak"]).all()
