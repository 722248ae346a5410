"""What several studies published of one contrast, taken together, and the value beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from strikelean.studies.definitions import ContrastSpec, Dose, Effect, Group, Study
from strikelean.studies.pooled import (
    POOLED_COLUMNS,
    Finding,
    Pool,
    by_quantity,
    combined,
    pool,
    published_summary,
    standard_error,
)
from strikelean.studies.reading import read_studies
from study_cohorts import FOREFOOT, KNEE, SCHEMAS, STRESS, STUDY_FILES, cohort, predicted

NAN = float("nan")
EFFECT = Effect(
    FOREFOOT, "moment", (KNEE,), "decrease", -10.0, "%", None, None, False, "abstract", "", p=0.01
)
RATE = ContrastSpec(
    "rate", "more steps", "heel_strike", "cadence", dose=Dose("step_rate", 10.0, relative=True)
)
BASE = [200.0, 210.0, 190.0, 220.0, 205.0, 215.0]


def study(name: str, *effects: Effect, n: str = "20", design: str = "within_runners") -> Study:
    return Study(name, f"{name} 2030", "", "runners", n, "", design, name, "", effects)


def found(
    name: str, effect: float, error: float, dose: float = NAN, runners: float = 20
) -> Finding:
    spec = FOREFOOT if np.isnan(dose) else replace(RATE, dose=Dose("step_rate", dose, True))
    return Finding(name, spec, "%", effect, error, runners)


def test_an_error_comes_from_interval_groups_or_p_whichever_is_least() -> None:
    t = stats.t.ppf(0.975, 19)
    assert standard_error(replace(EFFECT, p=NAN, ci=(-12.0, -8.0)), 20) == pytest.approx(2.0 / t)
    assert standard_error(EFFECT, 20) == pytest.approx(10.0 / stats.t.isf(0.005, 19))
    groups = (Group(2.5, 0.6, 45), Group(2.2, 0.4, 45))
    own = replace(EFFECT, p=NAN, effect=-0.3, groups=groups)
    assert standard_error(own, 45) == pytest.approx(np.hypot(0.6, 0.4) / np.sqrt(45))
    assert standard_error(replace(own, p=1e-9), 45) < 0.05
    assert np.isnan(standard_error(replace(EFFECT, p=NAN), 20))


def test_two_studies_that_agree_have_their_weighted_mean() -> None:
    one = combined([found("A", -10.0, 1.0), found("B", -10.0, 3.0)])
    assert one["pooled"] == pytest.approx(-10.0)
    assert one["tau2"] == pytest.approx(0.0)
    # never surer than Student's interval of the mean with the errors as published
    half = stats.t.ppf(0.975, 1) / np.sqrt(1.0 + 1.0 / 9.0)
    assert one["ci_high"] - one["pooled"] == pytest.approx(half)
    apart = combined([found("A", -5.0, 1.0), found("B", -25.0, 1.0)])
    assert apart["tau2"] > 0.0
    assert apart["i2_percent"] > 90.0
    assert apart["pooled"] == pytest.approx(-15.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-40, 40), st.floats(0.5, 9)), min_size=2, max_size=6))
def test_a_mean_depends_on_no_order_and_mirrors(own: list[tuple[float, float]]) -> None:
    first = combined([found(str(n), *values) for n, values in enumerate(own)])
    turned = combined([found(str(n), *values) for n, values in enumerate(own[::-1])])
    mirrored = combined([found(str(n), -value, error) for n, (value, error) in enumerate(own)])
    assert first["pooled"] == pytest.approx(turned["pooled"], abs=1e-6)
    assert first["pooled"] == pytest.approx(-mirrored["pooled"], abs=1e-6)
    assert first["ci_low"] == pytest.approx(-mirrored["ci_high"], abs=1e-6)
    assert first["ci_low"] <= first["pooled"] <= first["ci_high"]


def test_effects_are_brought_to_one_dose_and_far_ones_left_out() -> None:
    own = [found("A", -10.0, 2.0, 10.0), found("B", -24.0, 4.0, 12.0), found("C", -9.0, 1.0, 30.0)]
    both = pool(own)
    assert isinstance(both, Pool)
    assert both.dose == pytest.approx(12.0)
    assert both.left_out == ("C",)
    assert [one.effect for one in both.findings] == pytest.approx([-12.0, -24.0])
    assert [one.error for one in both.findings] == pytest.approx([2.4, 4.0])
    assert pool([own[0], own[2]]) == "1 study at a comparable dose"


def test_an_unknown_error_is_taken_from_the_others_and_said() -> None:
    both = pool([found("A", -10.0, 2.0, runners=16), found("B", -20.0, NAN, runners=64)])
    assert isinstance(both, Pool)
    assert both.imputed == ("B",)
    assert both.findings[1].error == pytest.approx(2.0 * np.sqrt(16) / np.sqrt(64))
    assert "no study tells" in str(pool([found("A", -10.0, NAN), found("B", -20.0, NAN)]))


def test_one_study_counts_once_and_somebody_elses_account_not_at_all() -> None:
    stress = replace(EFFECT, metrics=(STRESS,), effect=-20.0)
    load = [replace(own, quantity="load") for own in (EFFECT, stress)]
    others = (
        study("B", replace(load[0], evidence_level="secondary")),
        study("C", load[0], design="between_runners"),
        study("D", replace(load[0], effect=NAN, unit="")),
    )
    (together,) = by_quantity([study("A", *load), *others]).values()
    assert list(together.by_study) == ["A"]
    assert list(together.metrics) == [KNEE, STRESS]
    assert together.findings()[0].effect == pytest.approx(-15.0)


def test_the_computed_value_stands_beside_what_was_published() -> None:
    own = cohort(predicted(KNEE, BASE, -20.0, band=6.0), virtual=True)
    studies = [study("A", EFFECT), study("B", replace(EFFECT, effect=-12.0))]
    (row,) = (r for _, r in published_summary(own, studies).iterrows())
    assert (row["k"], row["studies"], row["metric"]) == (2, "A; B", KNEE)
    assert row["computed"] == pytest.approx(100.0 * -20.0 / np.mean(BASE))
    assert row["band_low"] < row["computed"] < row["band_high"]
    assert (row["covered"], row["reason"]) == ("yes", "")
    assert row["ratio"] == pytest.approx(row["computed"] / row["pooled"])
    far = [study(name, replace(EFFECT, effect=-40.0)) for name in "AB"]
    assert published_summary(own, far)["covered"].to_list() == ["no"]
    (row,) = (
        r
        for _, r in published_summary(
            own, [study(n, replace(EFFECT, contrast=RATE)) for n in "AB"]
        ).iterrows()
    )
    assert "not testable here" in row["reason"]
    assert np.isfinite(row["pooled"])


def test_delivered_studies_can_be_taken_together() -> None:
    own = cohort(predicted(KNEE, BASE, -20.0, band=6.0))
    table = published_summary(own, read_studies(STUDY_FILES, SCHEMAS))
    assert list(table.columns) == list(POOLED_COLUMNS)
    load = table[table["quantity"] == "peak load of the knee extensors"]
    by = load.drop_duplicates("contrast").set_index("contrast")
    assert by.loc["cadence against heel_strike", "k"] == 4
    assert by.loc["forefoot_upright against heel_strike", "studies"].count(";") == 2
    assert (pd.to_numeric(by["ci_low"]) < by["pooled"]).all()
