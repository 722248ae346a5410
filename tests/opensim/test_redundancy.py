"""The redundancy solver finds the optimum: against scipy, and by its own conditions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import lsq_linear

from strikelean.formats.series import FloatArray
from strikelean.muscles.redundancy import share_moments


def problem(
    seed: int, frames: int, coordinates: int, muscles: int, load_nm: float
) -> tuple[FloatArray, FloatArray]:
    """Return random gains (T, K, N) and moments (T, K)."""
    rng = np.random.default_rng(seed)
    gains = 50.0 * rng.normal(size=(frames, coordinates, muscles))
    return gains, load_nm * rng.normal(size=(frames, coordinates))


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (0.02, 0.6)])
@pytest.mark.parametrize("load_nm", [20.0, 150.0, 800.0])
def test_optimum_is_that_of_a_bounded_least_squares_solver(
    load_nm: float, bounds: tuple[float, float]
) -> None:
    gains, moments = problem(0, 25, 6, 40, load_nm)
    reserve = np.array([1.0, 2.0, 0.5, 1.0, 3.0, 1.0])
    found = share_moments(gains, moments, reserve, bounds)
    assert found.converged.all()
    for frame in range(len(gains)):
        # with rho = (b - A a) / D the constraint is gone
        system = np.vstack([np.eye(40), gains[frame] / reserve[:, None]])
        target = np.concatenate([np.zeros(40), moments[frame] / reserve])
        best = lsq_linear(system, target, bounds, method="bvls", tol=1e-15).x
        np.testing.assert_allclose(found.activations[frame], best, atol=1e-8)


def test_weighted_activations_are_those_of_a_weighted_least_squares_solver() -> None:
    gains, moments = problem(3, 25, 6, 40, 150.0)
    reserve, bounds = np.array([1.0, 2.0, 0.5, 1.0, 3.0, 1.0]), (0.02, 0.9)
    weights = np.random.default_rng(5).uniform(0.1, 4.0, 40)
    found = share_moments(gains, moments, reserve, bounds, weights=weights)
    assert found.converged.all()
    for frame in range(len(gains)):
        system = np.vstack([np.diag(np.sqrt(weights)), gains[frame] / reserve[:, None]])
        target = np.concatenate([np.zeros(40), moments[frame] / reserve])
        best = lsq_linear(system, target, bounds, method="bvls", tol=1e-15).x
        np.testing.assert_allclose(found.activations[frame], best, atol=1e-7)


@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_equal_weights_change_nothing_and_a_heavy_muscle_does_less(exponent: float) -> None:
    gains, moments = np.full((1, 1, 2), 50.0), np.array([[20.0]])
    told = {"bounds": (1e-6, 1.0), "exponent": exponent}
    reserve = np.array([1e-3])
    alike = share_moments(gains, moments, reserve, **told)
    same = share_moments(gains, moments, reserve, weights=np.ones(2), **told)
    np.testing.assert_array_equal(alike.activations, same.activations)
    uneven = share_moments(gains, moments, reserve, weights=np.array([8.0, 1.0]), **told)
    # w a^(p - 1) is the same for muscles of one arm
    light, heavy = uneven.activations[0, 1], uneven.activations[0, 0]
    assert light / heavy == pytest.approx(8.0 ** (1.0 / (exponent - 1.0)), rel=1e-6)
    assert light + heavy == pytest.approx(20.0 / 50.0, rel=1e-6)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    coordinates=st.integers(1, 6),
    muscles=st.integers(1, 40),
    load_nm=st.floats(0.0, 1000.0),
    reserve_nm=st.floats(0.1, 10.0),
    floor=st.sampled_from([0.0, 0.01]),
)
def test_every_solution_meets_the_conditions_of_optimality(
    seed: int, coordinates: int, muscles: int, load_nm: float, reserve_nm: float, floor: float
) -> None:
    gains, moments = problem(seed, 4, coordinates, muscles, load_nm)
    found = share_moments(gains, moments, np.full(coordinates, reserve_nm), (floor, 1.0))
    assert found.converged.all()
    a, rho = found.activations, found.reserves_nm
    scale = max(1.0, load_nm)
    made = np.einsum("tkn,tn->tk", gains, a) + rho
    np.testing.assert_allclose(made, moments, atol=1e-7 * scale)
    assert np.all((a >= floor) & (a <= 1.0))
    # the price of a moment is what its reserve pays; no muscle is cheaper, none dearer
    price = rho / reserve_nm**2
    slope = a - np.einsum("tkn,tk->tn", gains, price)
    tolerance = 1e-7 * scale
    inside = (a > floor) & (a < 1.0)
    assert np.all(np.abs(slope[inside]) < tolerance)
    assert np.all(slope[a <= floor] > -tolerance)
    assert np.all(slope[a >= 1.0] < tolerance)


def test_no_moment_asks_for_nothing() -> None:
    gains, _ = problem(1, 3, 6, 40, 1.0)
    found = share_moments(gains, np.zeros((3, 6)), np.ones(6))
    assert found.converged.all()
    np.testing.assert_array_equal(found.activations, 0.0)
    np.testing.assert_array_equal(found.reserves_nm, 0.0)


def test_a_frame_that_is_not_a_number_does_not_pass_as_solved() -> None:
    gains, moments = problem(2, 3, 6, 40, 50.0)
    moments[1, 2] = np.nan
    found = share_moments(gains, moments, np.ones(6))
    assert found.converged.tolist() == [True, False, True]


def test_a_reserve_of_nothing_is_refused() -> None:
    gains, moments = problem(3, 1, 2, 4, 1.0)
    with pytest.raises(ValueError, match="positive"):
        share_moments(gains, moments, np.array([1.0, 0.0]))
