"""Slopes over a runner's own steps: known ones come back, runners and sides do not leak in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from strikelean.declarations import Declaration
from strikelean.studies.cohort import STRIKE_ANGLE
from strikelean.studies.step_slopes import (
    SLOPE_COLUMNS,
    pooled,
    runner_slopes,
    step_slopes,
    write_step_slopes,
)
from study_cohorts import KNEE, cohort, steps, table

SLOPE = 0.6
"""Percent of a runner's own moment a degree."""


def own_steps(runners: int = 8, count: int = 12, noise: float = 0.5) -> pd.DataFrame:
    """Return runners whose heavier ones land flatter, and whose steps all rise with the angle."""
    rng = np.random.default_rng(21)
    rows = []
    for number in range(runners):
        mean, usual = 150.0 + 20.0 * number, 20.0 - 3.0 * number
        for side in ("right", "left"):
            # the sides differ in both by what no step has to do with
            offset = 5.0 if side == "left" else 0.0
            angle = usual + offset + rng.normal(0.0, 1.5, count)
            percent = SLOPE * (angle - usual - offset) + rng.normal(0.0, noise, count)
            moment = (mean - 10.0 * offset) * (1.0 + percent / 100.0)
            rows += steps(
                f"P{number}", "run1", "heel_strike", {STRIKE_ANGLE: angle, KNEE: moment},
                sides=(side,),
            )  # fmt: skip
    return table(rows)


def wide(metrics: pd.DataFrame) -> pd.DataFrame:
    return metrics.pivot_table(
        index=["subject", "trial", "side", "step"], columns="metric", values="value"
    )


def test_a_slope_within_runners_is_found_where_runners_say_the_opposite() -> None:
    metrics = own_steps()
    found = step_slopes(cohort(metrics), (KNEE,)).set_index("metric").loc[KNEE]
    assert found["unit"] == "%/deg"
    assert found["ci_low"] < SLOPE < found["ci_high"]
    assert found["covariation"] == pytest.approx(SLOPE, abs=0.05)
    assert (found["runners"], found["steps"]) == (8, 192)
    means = wide(metrics).groupby("subject").mean()
    assert np.polyfit(means[STRIKE_ANGLE], means[KNEE], 1)[0] < 0.0


def test_one_runner_alone_is_ordinary_least_squares_with_a_level_a_side() -> None:
    own = wide(own_steps()).loc[["P3"]]
    found = runner_slopes(own, KNEE, share=False).loc["P3"]
    flat = own.reset_index().rename(columns={STRIKE_ANGLE: "x", KNEE: "y"})
    fit = smf.ols("y ~ x + side", flat).fit()
    assert found["slope"] == pytest.approx(fit.params["x"])
    assert found["variance"] == pytest.approx(fit.bse["x"] ** 2)


def test_every_runner_counts_as_one_and_few_have_no_interval() -> None:
    slopes = pd.DataFrame({"slope": [1.0, 2.0, 3.0], "variance": [0.01] * 3, "steps": [20] * 3})
    found = pooled(slopes)
    assert found is not None
    # precise slopes of unlike runners: what is left is the t-test on three numbers
    assert found.slope == pytest.approx(2.0)
    assert (found.high - found.low) / 2.0 == pytest.approx(4.303 / np.sqrt(3.0), rel=1e-3)
    assert pooled(slopes[:2]) is None


def test_covariations_that_are_none_are_seldom_found() -> None:
    rng = np.random.default_rng(22)
    out = 0
    for _ in range(200):
        rows = pd.DataFrame(
            {
                "slope": rng.normal(0.0, 0.3, 8) + rng.normal(0.0, 0.2, 8),
                "variance": 0.04,
                "steps": 20,
            }
        )
        found = pooled(rows)
        assert found is not None
        out += not found.low <= 0.0 <= found.high
    assert out / 200 <= 0.05 + 3.0 * np.sqrt(0.05 * 0.95 / 200)


def with_forefoot(*, virtual: bool = False) -> pd.DataFrame:
    """Return the runners, each also made to land 10 deg flatter with 8 % less moment."""
    metrics = own_steps()
    means = wide(metrics).groupby("subject").mean()
    rows = []
    for subject, row in means.iterrows():
        after = {
            KNEE: 0.92 * row[KNEE],
            STRIKE_ANGLE: row[STRIKE_ANGLE] - 10.0,
            "contact_time": 0.2,
        }
        rows += steps(
            str(subject), "run2" if virtual else "run1~forefoot", "forefoot_upright", after,
            basis="virtual" if virtual else "predicted",
            low={KNEE: 0.90 * row[KNEE]}, high={KNEE: 0.95 * row[KNEE]},
        )  # fmt: skip
    return pd.concat([metrics, table(rows)], ignore_index=True)


@pytest.mark.parametrize("virtual", [False, True])
def test_what_a_model_predicts_stands_beside_in_the_same_unit(virtual: bool) -> None:
    own = cohort(with_forefoot(virtual=virtual), virtual=virtual)
    found = step_slopes(own, (KNEE,)).set_index("metric").loc[KNEE]
    # sides differ in level, so a percent of the mean of both is not quite 8
    assert found["predicted_intervention"] == pytest.approx(0.8, abs=1e-9)
    assert (found["predicted_low"], found["predicted_high"]) == pytest.approx((0.5, 1.0))
    assert (found["predicted_runners"], found["prediction"]) == (8, "free")
    # the steps of virtual runners differ as they were drawn
    assert np.isnan(found["covariation"]) == virtual


def test_what_the_technique_keeps_is_no_prediction() -> None:
    technique = {"forefoot_upright": Declaration("forefoot_upright", ("foot_*",), (KNEE,))}
    found = step_slopes(cohort(with_forefoot(), techniques=technique), (KNEE,))
    row = found.set_index("metric").loc[KNEE]
    assert np.isnan(row["predicted_intervention"])
    assert row["prediction"] == "kept"
    assert np.isfinite(row["covariation"])


def test_an_empty_cohort_gives_a_header(tmp_path: Path) -> None:
    few = own_steps(runners=2)
    write_step_slopes(cohort(few), (KNEE,), tmp_path / "slopes.csv")
    found = pd.read_csv(tmp_path / "slopes.csv")
    assert found.empty
    assert list(found.columns) == list(SLOPE_COLUMNS)
