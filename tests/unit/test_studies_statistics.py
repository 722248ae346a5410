"""Statistics against scipy, statsmodels and values worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from strikelean.studies.exact import groups_shifts, limits, paired_shifts
from strikelean.studies.mixed import mixed_effect
from strikelean.studies.statistics import (
    SMALL_GROUP,
    between_runners,
    detectable_effect,
    holm,
    slope_on,
    within_runners,
)

A = np.array([10.0, 12.0, 11.0, 13.0, 9.0, 11.0])
B = np.array([13.0, 15.0, 14.0, 18.0, 12.0])


def test_welch_matches_scipy_and_the_textbook_interval() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(11.0, 1.0, SMALL_GROUP), rng.normal(14.0, 2.0, SMALL_GROUP + 3)
    contrast = between_runners(a, b)
    assert contrast is not None
    test = stats.ttest_ind(b, a, equal_var=False)
    assert contrast.p == pytest.approx(test.pvalue)
    assert contrast.difference == pytest.approx(b.mean() - a.mean())
    variance = [x.var(ddof=1) / x.size for x in (a, b)]
    spread = sum(v**2 / (x.size - 1) for v, x in zip(variance, (a, b), strict=True))
    freedom = sum(variance) ** 2 / spread
    half = stats.t.ppf(0.975, freedom) * np.sqrt(sum(variance))
    assert contrast.ci_low == pytest.approx(contrast.difference - half)
    assert contrast.ci_high == pytest.approx(contrast.difference + half)
    assert (contrast.n_a, contrast.n_b) == (SMALL_GROUP, SMALL_GROUP + 3)


def test_few_runners_get_exact_intervals_and_very_few_those_of_t() -> None:
    groups, pairs = between_runners(A, B), within_runners(A, A + np.arange(6.0))
    assert groups is not None
    assert pairs is not None
    assert (groups.ci_low, groups.ci_high) == limits(groups_shifts(A, B))
    assert (pairs.ci_low, pairs.ci_high) == limits(paired_shifts(np.arange(6.0)))
    # three against three have 20 permutations: no 95 % interval among them
    three = between_runners(A[:3], B[:3])
    assert three is not None
    welch = stats.ttest_ind(B[:3], A[:3], equal_var=False).confidence_interval(0.95)
    assert (three.ci_low, three.ci_high) == pytest.approx((welch.low, welch.high))


def test_p_of_the_interval_is_small_where_the_interval_leaves_out_no_difference() -> None:
    rng = np.random.default_rng(6)
    for size in (3, 5, 7, SMALL_GROUP):
        for _ in range(20):
            a, b = rng.normal(0.0, 1.0, size), rng.normal(0.7, 1.0, size)
            for found in (between_runners(a, b), within_runners(a, b)):
                assert found is not None
                outside = not found.ci_low <= 0.0 <= found.ci_high
                assert (found.p_interval <= 0.05) == outside


def test_an_interval_may_have_another_confidence() -> None:
    for compare in (between_runners, within_runners):
        usual, narrow = (compare(A, A**1.1 + np.arange(6.0), level) for level in (0.95, 0.9))
        assert usual is not None
        assert narrow is not None
        assert usual.ci_low <= narrow.ci_low < narrow.ci_high <= usual.ci_high
        assert usual.p_interval == narrow.p_interval


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


def test_a_covariate_takes_its_share_of_a_slope() -> None:
    rng = np.random.default_rng(2)
    mass = rng.normal(70.0, 10.0, 30)
    angle = 0.4 * (mass - 70.0) + rng.normal(0.0, 3.0, 30)
    moment = 3.0 * mass + 0.5 * angle + rng.normal(0.0, 0.5, 30)
    alone, held = slope_on(angle, moment), slope_on(angle, moment, mass[:, None])
    assert alone is not None
    assert held is not None
    assert alone.slope > 2.0  # mostly mass
    assert held.slope == pytest.approx(0.5, abs=0.1)
    assert held.ci_low < 0.5 < held.ci_high
    assert slope_on(angle[:4], moment[:4], np.ones((4, 2))) is None


def step_table(effects: list[float], steps_of: list[int], noise: float) -> pd.DataFrame:
    """Return steps of runners whose own effect of b is given, with so many steps of b each."""
    rng = np.random.default_rng(3)
    rows = []
    for number, (effect, count) in enumerate(zip(effects, steps_of, strict=True)):
        base = rng.normal(200.0, 20.0)
        for condition, shift, n in (("a", 0.0, 10), ("b", effect, count)):
            for step in range(n):
                side = ("right", "left")[step % 2]
                value = base + shift + rng.normal(0.0, noise)
                rows.append((f"P{number}", side, condition, value))
    return pd.DataFrame(rows, columns=["subject", "side", "condition", "value"])


EFFECTS = [-10.0, -4.0, -16.0, -7.0, -12.0, 2.0, -9.0]


def test_mixed_model_with_as_many_steps_everywhere_is_the_paired_test() -> None:
    table = step_table(EFFECTS, [10] * 7, 5.0)
    found = mixed_effect(table, "a", "b")
    assert found is not None
    wide = table.pivot_table(index="subject", columns="condition", values="value")
    paired = stats.ttest_rel(wide["b"], wide["a"])
    assert found.difference == pytest.approx((wide["b"] - wide["a"]).mean(), rel=1e-3)
    assert found.p == pytest.approx(paired.pvalue, rel=0.05)
    assert found.ci_low < found.difference < found.ci_high


def test_mixed_model_is_not_fooled_by_many_steps_of_few_runners() -> None:
    # two runners up, two down, by far more than their steps vary: no effect of the condition
    found = mixed_effect(step_table([20.0, -20.0, 18.0, -19.0], [40] * 4, 2.0), "a", "b")
    assert found is not None
    assert found.p > 0.5


def test_mixed_model_scales_with_the_unit_and_turns_with_the_conditions() -> None:
    table = step_table(EFFECTS, [10, 4, 10, 6, 10, 3, 10], 5.0)
    one, other = mixed_effect(table, "a", "b"), mixed_effect(table, "b", "a")
    small = mixed_effect(table.assign(value=table["value"] / 1000.0), "a", "b")
    assert one is not None
    assert other is not None
    assert small is not None
    assert other.difference == pytest.approx(-one.difference, rel=1e-3)
    assert small.difference == pytest.approx(one.difference / 1000.0, rel=1e-3)
    assert small.p == pytest.approx(one.p, rel=1e-2)


def test_mixed_model_needs_three_runners_with_both_conditions() -> None:
    table = step_table(EFFECTS[:3], [10] * 3, 5.0)
    assert mixed_effect(table, "a", "b") is not None
    alone = table[(table["subject"] != "P2") | (table["condition"] == "a")]
    assert mixed_effect(alone, "a", "b") is None
    assert mixed_effect(table.assign(value=1.0), "a", "b") is None


def test_detectable_effect_is_the_textbook_one() -> None:
    # Cohen 1988, table 2.4.1: 17 a group for d = 1 at 5 % and power 0.8 (two-sided)
    assert detectable_effect("between_runners", 17, 17) == pytest.approx(1.0, abs=0.01)
    assert detectable_effect("within_runners", 34, 34) == pytest.approx(0.5, abs=0.01)
    assert detectable_effect("between_runners", 8, 6) == pytest.approx(1.65, abs=0.01)
    assert np.isnan(detectable_effect("between_runners", 1, 6))
