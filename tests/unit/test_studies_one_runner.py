"""One runner compared with themself: the interval over steps, and the smallest change it shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from strikelean.studies.cohort import build_cohort
from strikelean.studies.compare import comparisons
from strikelean.studies.one_runner import NO_TEST, ONE_RUNNER, FootSteps, foot_steps, steps_interval
from study_cohorts import KNEE, choices_of, predicted, steps, table

RNG = np.random.default_rng(11)
FIRST, SECOND = (list(RNG.normal(mean, 5.0, 10)) for mean in (100.0, 90.0))


def rows(values: dict[str, list[float]], subject: str = "A", **told: Any) -> list[dict[str, Any]]:
    """Return the steps of one foot by condition."""
    told = {"sides": ("right",)} | told
    return [
        row
        for name, own in values.items()
        for row in steps(subject, name, name, {KNEE: own}, **told)
    ]


def compared(*own: list[dict[str, Any]]) -> pd.Series[Any]:
    found = comparisons(build_cohort(table([row for part in own for row in part])), [KNEE])
    return found.set_index("metric").loc[KNEE]


def test_one_runners_conditions_are_compared_over_steps_as_welch_would() -> None:
    row = compared(rows({"usual": FIRST, "other": SECOND}))
    # conditions by name: the other one comes first
    welch = stats.ttest_ind(FIRST, SECOND, equal_var=False).confidence_interval()
    assert (row["condition_a"], row["condition_b"]) == ("other", "usual")
    assert row["difference"] == pytest.approx(np.mean(FIRST) - np.mean(SECOND))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((welch.low, welch.high))
    assert (row["n_a"], row["n_b"]) == (1, 1)
    assert (row["steps_a"], row["steps_b"]) == (10, 10)
    error = np.sqrt(np.var(FIRST, ddof=1) / 10 + np.var(SECOND, ddof=1) / 10)
    assert row["smallest_detectable"] == pytest.approx(1.959964 * error)
    assert row["design"] == ONE_RUNNER
    assert row["reason"] == NO_TEST
    assert np.isnan(row["p_raw"]) and np.isnan(row["effect_size"])


def test_feet_weigh_alike_and_both_add_to_the_interval() -> None:
    both = compared(
        rows({"usual": FIRST, "other": SECOND}),
        rows({"usual": SECOND, "other": FIRST}, sides=("left",)),
    )
    assert both["difference"] == pytest.approx(0.0, abs=1e-9)
    one = compared(rows({"usual": FIRST, "other": SECOND}))
    # half of each foot's mean: the variance of the difference is half of one foot's
    assert both["smallest_detectable"] == pytest.approx(one["smallest_detectable"] / np.sqrt(2.0))


def test_a_second_runner_takes_the_interval_over_steps_away() -> None:
    own = {"usual": FIRST, "other": SECOND}
    row = compared(rows(own), rows(own, subject="B"))
    assert row["design"] == "within_runners"
    assert np.isnan(row["smallest_detectable"])


def test_single_steps_have_a_difference_and_no_interval() -> None:
    row = compared(rows({"usual": [100.0], "other": [90.0]}))
    assert row["difference"] == pytest.approx(10.0)
    assert np.isnan(row["ci_low"]) and np.isnan(row["smallest_detectable"])
    assert np.isnan(steps_interval(FootSteps((1, 5), (np.nan, 4.0)), FootSteps((5,), (4.0,))).half)


def test_a_prediction_of_one_runner_has_the_models_band_and_no_interval() -> None:
    made = predicted(KNEE, [100.0], -10.0, band=3.0)
    row = (
        comparisons(build_cohort(made, choices=choices_of(made)), [KNEE])
        .set_index("metric")
        .loc[KNEE]
    )
    assert row["predicted"] and row["design"] == ONE_RUNNER
    assert row["difference"] == pytest.approx(-10.0)
    assert (row["band_low"], row["band_high"]) == pytest.approx((-13.0, -7.0))
    assert np.isnan(row["ci_low"]) and np.isnan(row["smallest_detectable"])


def test_order_of_rows_and_unit_of_values_do_not_matter() -> None:
    made = rows({"usual": FIRST, "other": SECOND})
    plain, turned = compared(made), compared(made[::-1])
    larger = compared([one | {"value": 1000.0 * one["value"]} for one in made])
    for name in ("difference", "ci_low", "ci_high", "smallest_detectable", "sd_a"):
        assert turned[name] == pytest.approx(plain[name])
        assert larger[name] == pytest.approx(1000.0 * plain[name])


def test_a_foot_that_stands_for_nothing_is_not_counted() -> None:
    nan = float("nan")
    made = steps("A", "run1", "", {KNEE: [100.0, nan, nan]}, sides=("right",))
    made += steps("A", "run1", "", {KNEE: [200.0, 220.0, nan]}, sides=("left",))
    found = foot_steps(build_cohort(table(made)).steps)["run1", KNEE]
    assert found.counts == (2,)
    assert found.sd == pytest.approx(np.std([200.0, 220.0], ddof=1))
