"""Spline bases of strides and contacts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strikelean.stride.splines import ContactBasis, PeriodicBasis

BASIS = PeriodicBasis(0.87, 0.68, 30)


@settings(max_examples=30, deadline=None)
@given(
    time_s=st.floats(0.0, 3.0),
    seed=st.integers(0, 1000),
    order=st.integers(0, 2),
)
def test_stride_functions_repeat_with_all_their_derivatives(time_s, seed, order):
    weights = np.random.default_rng(seed).normal(size=BASIS.count)
    here, later = BASIS.matrix(np.array([time_s, time_s + BASIS.period_s]), order) @ weights
    scale = np.abs(BASIS.matrix(np.linspace(0, 1, 50), order) @ weights).max()
    assert here == pytest.approx(later, abs=1e-9 * scale)


@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_are_those_of_the_values(order):
    time_s, step = np.linspace(0.9, 1.5, 40), 1e-5
    ahead, behind = (BASIS.matrix(time_s + s, order - 1) for s in (step, -step))
    found = BASIS.matrix(time_s, order)
    expected = (ahead - behind) / (2 * step)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(found).max())


def test_a_constant_is_among_the_stride_functions():
    np.testing.assert_allclose(BASIS.matrix(np.linspace(0, 2, 77)).sum(axis=1), 1.0, atol=1e-12)


def test_periodic_changes_add_no_impulse():
    """The mean second derivative over a stride is zero, so momentum comes back to itself."""
    time_s = BASIS.start_s + np.arange(3000) / 3000 * BASIS.period_s
    mean = BASIS.matrix(time_s, 2).mean(axis=0)
    np.testing.assert_allclose(mean, 0.0, atol=1e-9 * np.abs(BASIS.matrix(time_s, 2)).max())


def test_pinned_contact_functions_vanish_at_both_ends():
    basis = ContactBasis(0.2, 0.45, 8, True)
    assert basis.count == 9
    np.testing.assert_allclose(basis.matrix(np.array([0.0, 0.2, 0.45, 0.9])), 0.0, atol=1e-12)
    assert np.all(basis.matrix(np.array([0.3])) >= 0.0)


def test_free_contact_functions_hold_their_end_values_outside():
    basis = ContactBasis(0.2, 0.45, 8, False)
    assert basis.count == 11
    np.testing.assert_allclose(basis.matrix(np.linspace(0, 1, 30)).sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose(basis.matrix(np.array([0.0])), basis.matrix(np.array([0.2])))
