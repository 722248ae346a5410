"""Exact intervals: permutation tests turned round, against scipy's and by what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from strikelean.studies import exact

RNG = np.random.default_rng(5)
A, B = RNG.normal(200.0, 20.0, 7), RNG.normal(185.0, 25.0, 6)
CHANGE = RNG.normal(-8.0, 9.0, 8)
samples = arrays(np.float64, 7, elements=st.floats(-100, 100).map(lambda x: round(x, 3)))


def two_sample_p(a: np.ndarray, b: np.ndarray) -> float:
    def difference(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(y.mean(axis=axis) - x.mean(axis=axis))

    found = stats.permutation_test((a, b), difference, vectorized=True, n_resamples=10_000)
    return float(found.pvalue)


def one_sample_p(change: np.ndarray) -> float:
    def mean(x: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(x.mean(axis=axis))

    found = stats.permutation_test(
        (change,), mean, permutation_type="samples", vectorized=True, n_resamples=10_000
    )
    return float(found.pvalue)


def test_limits_of_two_groups_are_where_a_permutation_test_turns() -> None:
    low, high = exact.limits(exact.groups_shifts(A, B))
    assert two_sample_p(A, B - (low - 1e-6)) <= 0.05 < two_sample_p(A, B - (low + 1e-6))
    assert two_sample_p(A, B - (high + 1e-6)) <= 0.05 < two_sample_p(A, B - (high - 1e-6))


def test_limits_of_pairs_are_where_flipping_signs_turns() -> None:
    low, high = exact.limits(exact.paired_shifts(CHANGE))
    assert one_sample_p(CHANGE - (low - 1e-6)) <= 0.05 < one_sample_p(CHANGE - (low + 1e-6))
    assert one_sample_p(CHANGE - (high + 1e-6)) <= 0.05 < one_sample_p(CHANGE - (high - 1e-6))


def test_p_is_that_of_a_permutation_test_and_agrees_with_the_interval() -> None:
    shifts = exact.groups_shifts(A, B)
    assert exact.p_value(shifts, 0.0) == pytest.approx(two_sample_p(A, B), abs=2e-3)
    assert exact.p_value(exact.paired_shifts(CHANGE), 0.0) == pytest.approx(one_sample_p(CHANGE))
    # no difference and a ratio of one are one hypothesis
    ratios = exact.groups_ratios(A, B)
    assert exact.p_value(ratios, 1.0) == pytest.approx(exact.p_value(shifts, 0.0))
    low, high = exact.limits(exact.groups_ratios(A, B))
    for ratio in (low, high):
        assert exact.p_value(ratios, ratio) > 0.05
    assert exact.p_value(ratios, low - 1e-9) <= 0.05
    assert exact.p_value(ratios, high + 1e-9) <= 0.05


def test_many_cohorts_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(13)
    a, b = rng.normal(5.0, 1.0, (7, 4)), rng.normal(4.0, 1.0, (7, 4))
    for shifts in (exact.groups_shifts, exact.groups_ratios, exact.paired_ratios):
        many = exact.limits_of_many(shifts(a, b), 0.95)
        one = [exact.limits(shifts(a[:, n], b[:, n]), 0.95) for n in range(4)]
        np.testing.assert_allclose(np.array(many).T, one)
    many = exact.limits_of_many(exact.paired_shifts(b - a), 0.9)
    one = [exact.limits(exact.paired_shifts(b[:, n] - a[:, n]), 0.9) for n in range(4)]
    np.testing.assert_allclose(np.array(many).T, one)


def test_six_pairs_give_the_smallest_and_the_largest_change() -> None:
    six = np.array([-3.0, 1.0, 2.0, 5.0, 7.0, 11.0])
    assert exact.limits(exact.paired_shifts(six)) == (-3.0, 11.0)


def test_too_few_runners_have_no_exact_interval() -> None:
    assert np.isnan(exact.limits(exact.paired_shifts(CHANGE[:5]))).all()
    assert np.isnan(exact.limits(exact.groups_shifts(A[:3], B[:3]))).all()
    assert np.isfinite(exact.limits(exact.groups_shifts(A[:4], B[:4]))).all()


@settings(max_examples=30, deadline=None)
@given(samples, samples, st.floats(-50, 50), st.floats(0.1, 10))
def test_intervals_follow_shifts_and_units(
    a: np.ndarray, b: np.ndarray, shift: float, factor: float
) -> None:
    low, high = exact.limits(exact.groups_shifts(a, b))
    assert low <= high
    moved = exact.limits(exact.groups_shifts(factor * a, factor * (b + shift)))
    assert moved == pytest.approx((factor * (low + shift), factor * (high + shift)), abs=1e-6)
    turned = exact.limits(exact.groups_shifts(b, a))
    assert turned == pytest.approx((-high, -low), abs=1e-9)


def test_exact_intervals_hold_what_they_promise_and_no_normal_law_is_needed() -> None:
    rng = np.random.default_rng(11)
    covered = {"groups": 0, "pairs": 0}
    cohorts = 400
    for _ in range(cohorts):
        a, b = rng.exponential(1.0, (2, 7))
        low, high = exact.limits(exact.groups_shifts(a, b + 2.0))
        covered["groups"] += low <= 2.0 <= high
        low, high = exact.limits(exact.paired_shifts(rng.uniform(-1.0, 1.0, 8) + 2.0))
        covered["pairs"] += low <= 2.0 <= high
    # three standard errors of 400 draws at 95 %
    for name, count in covered.items():
        assert count / cohorts > 0.95 - 3 * np.sqrt(0.95 * 0.05 / cohorts), name


def test_ratio_intervals_hold_what_they_promise() -> None:
    rng = np.random.default_rng(12)
    covered = {"fieller": 0, "pairs": 0, "paired_fieller": 0, "groups": 0}
    cohorts = 400
    for _ in range(cohorts):
        a, b = rng.normal(5.0, 1.0, 7), rng.normal(4.0, 1.0, 7)
        low, high = exact.fieller_interval(a, b)
        covered["fieller"] += low <= 0.8 <= high
        # of groups that differ by a factor
        low, high = exact.limits(exact.groups_ratios(a, 0.8 * rng.normal(5.0, 1.0, 7)))
        covered["groups"] += low <= 0.8 <= high
        runner = rng.normal(5.0, 1.0, 8)
        after = 0.8 * runner + rng.normal(0.0, 0.3, 8)
        low, high = exact.limits(exact.paired_ratios(runner, after))
        covered["pairs"] += low <= 0.8 <= high
        low, high = exact.paired_fieller_interval(runner, after)
        covered["paired_fieller"] += low <= 0.8 <= high
    for name, count in covered.items():
        assert count / cohorts > 0.95 - 3 * np.sqrt(0.95 * 0.05 / cohorts), name


def test_a_ratio_to_something_that_may_be_zero_has_no_interval() -> None:
    assert np.isnan(exact.fieller_interval(np.array([-1.0, 0.5, 0.8, -0.6]), B[:4])).all()
    assert np.isnan(exact.limits(exact.paired_ratios(np.array([-1.0, 1.0, 2.0]), B[:3]))).all()


def test_drawn_permutations_come_near_all_and_stay_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = exact.limits(exact.groups_shifts(A, B))
    exact._exchanges.cache_clear()
    monkeypatch.setattr(exact, "MOST_PERMUTATIONS", 1000)
    drawn, again = exact.limits(exact.groups_shifts(A, B)), exact.limits(exact.groups_shifts(A, B))
    exact._exchanges.cache_clear()
    assert drawn == again
    assert drawn == pytest.approx(whole, abs=4.0)
