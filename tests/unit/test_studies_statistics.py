"""Statistics against scipy, statsmodels and values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from strikelean.studies.statistics import between_runners, holm, slope_on, within_runners

A = np.array([10.0, 12.0, 11.0, 13.0, 9.0, 11.0])
B = np.array([13.0, 15.0, 14.0, 18.0, 12.0])


def test_welch_matches_scipy_and_the_textbook_interval() -> None:
    contrast = between_runners(A, B)
    assert contrast is not None
    test = stats.ttest_ind(B, A, equal_var=False)
    assert contrast.p == pytest.approx(test.pvalue)
    assert contrast.difference == pytest.approx(B.mean() - A.mean())
    variance = [x.var(ddof=1) / x.size for x in (A, B)]
    spread = sum(v**2 / (x.size - 1) for v, x in zip(variance, (A, B), strict=True))
    freedom = sum(variance) ** 2 / spread
    half = stats.t.ppf(0.975, freedom) * np.sqrt(sum(variance))
    assert contrast.ci_low == pytest.approx(contrast.difference - half)
    assert contrast.ci_high == pytest.approx(contrast.difference + half)
    assert (contrast.n_a, contrast.n_b) == (6, 5)


def test_hedges_g_by_hand() -> None:
    contrast = between_runners(A, B)
    assert contrast is not None
    pooled = np.sqrt((5 * A.var(ddof=1) + 4 * B.var(ddof=1)) / 9)
    expected = (B.mean() - A.mean()) / pooled * (1 - 3 / (4 * 11 - 9))
    assert contrast.effect_size == pytest.approx(expected)
    assert contrast.effect_low < expected < contrast.effect_high


def test_swapped_groups_turn_every_sign() -> None:
    one, two = between_runners(A, B), between_runners(B, A)
    assert one is not None
    assert two is not None
    assert two.difference == pytest.approx(-one.difference)
    assert (two.ci_low, two.ci_high) == pytest.approx((-one.ci_high, -one.ci_low))
    assert two.effect_size == pytest.approx(-one.effect_size)
    assert two.p == pytest.approx(one.p)


def test_paired_test_matches_scipy_and_keeps_runners_together() -> None:
    after = A + np.array([1.0, 1.2, 0.8, 1.1, 0.9, 1.0])
    contrast = within_runners(A, after)
    assert contrast is not None
    assert contrast.p == pytest.approx(stats.ttest_rel(after, A).pvalue)
    assert contrast.difference == pytest.approx(1.0)
    # g_av: over the root mean square of both spreads, corrected for n - 1
    spread = np.sqrt((A.var(ddof=1) + after.var(ddof=1)) / 2)
    assert contrast.effect_size == pytest.approx(1.0 / spread * (1 - 3 / (4 * 5 - 1)))
    # the same numbers taken for two groups say much less
    groups = between_runners(A, after)
    assert groups is not None
    assert groups.p > 0.1 > contrast.p


def test_too_few_runners_give_nothing() -> None:
    assert between_runners(A[:1], B) is None
    assert within_runners(A[:1], B[:1]) is None
    assert slope_on(A[:2], B[:2]) is None


def test_numbers_that_do_not_vary_have_no_p() -> None:
    contrast = between_runners(np.ones(3), np.ones(4))
    assert contrast is not None
    assert contrast.difference == 0.0
    assert np.isnan(contrast.p)
    assert np.isnan(contrast.effect_size)
    assert slope_on(np.ones(5), B) is None


def test_slope_and_interval_match_scipy() -> None:
    x = np.array([-5.0, 0.0, 3.0, 8.0, 12.0, 15.0])
    y = 2.0 - 0.3 * x + np.array([0.1, -0.2, 0.15, 0.0, -0.1, 0.05])
    slope = slope_on(x, y)
    assert slope is not None
    line = stats.linregress(x, y)
    half = stats.t.ppf(0.975, 4) * line.stderr
    assert slope.slope == pytest.approx(line.slope)
    assert slope.p == pytest.approx(line.pvalue)
    assert (slope.ci_low, slope.ci_high) == pytest.approx((line.slope - half, line.slope + half))


def test_holm_by_hand_and_missing_values_do_not_count() -> None:
    # sorted 0.01, 0.02, 0.04 times 3, 2, 1, never falling
    adjusted = holm([0.04, float("nan"), 0.01, 0.02])
    assert adjusted[[0, 2, 3]] == pytest.approx([0.04, 0.03, 0.04])
    assert np.isnan(adjusted[1])
    assert np.isnan(holm([float("nan")])).all()
