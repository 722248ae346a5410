"""Published effects beside computed ones: units, signs, sizes, verdicts and their words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.studies.contrasts import BETWEEN, WITHIN, Unanswered
from strikelean.studies.definitions import Effect, Study
from strikelean.studies.estimates import Estimate
from strikelean.studies.inputs import read_cohort, read_definitions
from strikelean.studies.published import (
    STUDY_COLUMNS,
    compare_studies,
    not_testable,
    predicted_verdict,
    same_sign,
    sizes_agree,
    studies_table,
    study_verdict,
)
from strikelean.studies.statistics import holm
from study_cohorts import (
    FOREFOOT,
    KNEE,
    LEANING,
    STRESS,
    cohort,
    inputs,
    pairs,
    predicted,
    strikers,
)

NAN = float("nan")
EFFECT = Effect(
    contrast=FOREFOOT,
    variable="knee moment",
    metrics=(KNEE,),
    direction="decrease",
    effect=-10.0,
    unit="%",
    ci=(-15.0, -5.0),
    groups=None,
    of_size=False,
    evidence_level="abstract",
    note="",
)
STUDY = Study(
    name="Made2030",
    citation="Made 2030",
    source="",
    population="runners",
    n="10",
    speed="",
    design="within_runners",
    family="Made2030",
    note="",
    effects=(EFFECT,),
)
FOUND = Estimate(WITHIN, "%", 8, 8, -12.0, -20.0, -4.0, 0.01, -1.0)


@pytest.mark.parametrize(
    ("change", "p", "verdict"),
    [
        ({}, 0.01, "agrees"),
        ({}, 0.2, "inconclusive (same sign)"),
        ({"value": 12.0, "low": 4.0, "high": 20.0}, 0.01, "disagrees"),
        ({"value": 3.0, "low": -5.0, "high": 11.0}, 0.3, "inconclusive (other sign)"),
        ({"value": -40.0, "low": -50.0, "high": -30.0}, 0.01, "agrees in sign, not in size"),
        ({}, NAN, "inconclusive (same sign)"),
    ],
)
def test_verdicts_on_a_published_decrease(change: dict[str, float], p: float, verdict: str) -> None:
    assert study_verdict(EFFECT, replace(FOUND, **change), p, "within_runners") == verdict


def test_no_difference_is_never_proved_by_few_runners() -> None:
    none = replace(EFFECT, direction="no difference", effect=NAN, ci=None)
    assert study_verdict(none, FOUND, 0.2, "within_runners") == "not contradicted"
    assert study_verdict(none, FOUND, 0.01, "within_runners") == "disagrees: a difference"
    assert same_sign(none, FOUND) == "none published"


def test_other_runners_are_told_from_the_same_ones_changed() -> None:
    groups = replace(FOUND, design=BETWEEN, n_b=6)
    assert "other runners" in study_verdict(EFFECT, groups, 0.01, "within_runners")
    assert "other runners" not in study_verdict(EFFECT, groups, 0.01, "between_runners")


def test_sizes_agree_when_intervals_overlap_or_hold_the_published_size() -> None:
    assert sizes_agree(EFFECT, FOUND) is True
    far = replace(FOUND, low=-40.0, high=-16.0)
    assert sizes_agree(EFFECT, far) is False
    assert sizes_agree(replace(EFFECT, ci=None), replace(FOUND, low=-14.0, high=-11.0)) is False
    assert sizes_agree(replace(EFFECT, effect=NAN, ci=None), FOUND) is None


def test_a_prediction_is_judged_by_its_band() -> None:
    model = replace(FOUND, predicted=True, band=(-14.0, -9.0), agreeing=1.0)
    text = predicted_verdict(EFFECT, model)
    assert text == "the model predicts the same sign (band -14 to -9; published size inside)"
    wide = replace(model, band=(-14.0, 2.0))
    assert predicted_verdict(EFFECT, wide).startswith("the model predicts no clear sign")
    other = replace(model, value=3.0, band=(1.0, 5.0))
    assert predicted_verdict(EFFECT, other).startswith("the model predicts the opposite sign")
    bandless = replace(model, band=(NAN, NAN), agreeing=0.8)
    assert predicted_verdict(EFFECT, bandless).startswith(
        "the model predicts no clear sign (no band"
    )


def test_what_a_technique_makes_is_told_in_one_word() -> None:
    assert not_testable(Unanswered("it sets it", "imposed")) == "not testable here (imposed)"
    assert not_testable(Unanswered("it keeps it", "kept")) == "not testable here (kept)"
    assert not_testable(Unanswered("no plate", "")) == "not testable here (no plate)"


BASE = [200.0, 210.0, 190.0, 220.0, 205.0, 215.0, 198.0]


def test_percent_difference_smd_and_metric_unit_are_each_computed_in_their_own() -> None:
    after = [b * f for b, f in zip(BASE, [0.9, 0.88, 0.93, 0.9, 0.91, 0.86, 0.92], strict=True)]
    own = cohort(pairs(KNEE, BASE, after, ("heel_strike", "forefoot_upright")))
    effects = tuple(
        replace(EFFECT, unit=unit, effect=size, ci=None)
        for unit, size in (("%", -10.0), ("SMD", -2.0), ("N m", -20.0), ("", NAN))
    )
    table = studies_table(own, [replace(STUDY, effects=effects)])
    percent, smd, absolute, direction = (row for _, row in table.iterrows())
    change = np.array(after) - np.array(BASE)
    assert percent["computed"] == pytest.approx(100.0 * (np.mean(after) / np.mean(BASE) - 1.0))
    assert percent["ratio"] == pytest.approx(percent["computed"] / -10.0)
    assert absolute["computed"] == pytest.approx(change.mean())
    assert direction["computed"] == pytest.approx(change.mean())
    assert np.isnan(direction["ratio"])
    assert smd["computed"] < -1.0
    assert (percent["published"], direction["published"]) == ("decrease: -10 %", "decrease")
    for row in (percent, smd, absolute):
        assert row["ci_low"] < row["computed"] < row["ci_high"]
        assert (row["same_sign"], row["n"]) == ("yes", "7")
        assert row["verdict"].startswith("agrees")


def test_less_work_absorbed_is_a_decrease_of_its_size() -> None:
    metric = "knee_sagittal_work_negative_per_kg"
    own = cohort(
        pairs(
            metric,
            [-0.50, -0.61, -0.70, -0.55, -0.65, -0.60],
            [-0.40, -0.50, -0.55, -0.45, -0.50, -0.50],
            ("heel_strike", "forefoot_upright"),
        )
    )
    effect = replace(EFFECT, metrics=(metric,), of_size=True, unit="J/kg", effect=-0.14, ci=None)
    percent = replace(effect, unit="%", effect=-20.0)
    table = studies_table(own, [replace(STUDY, effects=(effect, percent))])
    assert list(table["same_sign"]) == ["yes", "yes"]
    assert table["computed"].iloc[0] == pytest.approx(-0.1183, abs=1e-4)
    assert (table["ratio"] > 0).all()


def test_holm_counts_every_effect_of_a_study() -> None:
    after = [b - 6.0 + 9.0 * (-1) ** i for i, b in enumerate(BASE)]
    both = pd.concat(
        [
            pairs(metric, BASE, after, ("heel_strike", "forefoot_upright"))
            for metric in (KNEE, STRESS)
        ]
    )
    own = cohort(both)
    one = studies_table(own, [STUDY])
    many = studies_table(
        own, [replace(STUDY, effects=(replace(EFFECT, metrics=(KNEE, STRESS)),) * 3)]
    )
    assert len(many) == 6
    # alone neither is sure; six together are surer of nothing
    assert one["verdict"].iloc[0].startswith("inconclusive")
    assert holm([0.02] * 6)[0] == pytest.approx(0.12)
    assert set(many["verdict"]) == {"inconclusive (same sign)"}


def test_delivered_studies_are_answered_or_say_why(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    angles = [15.0, 12.0, 14.0, 10.0, 11.0, -3.0, 2.0, -6.0, -4.0, -2.0]
    values = {
        metric: list(rng.normal(10.0, 1.0, len(angles)))
        for metric in (STRESS, "contact_time", "knee_flexion_angle_contact", "step_rate")
    }
    given = inputs(tmp_path, strikers(values, angles))
    studies, _ = read_definitions(given)
    compare_studies(read_cohort(given), studies, tmp_path / "studies.csv")
    table = pd.read_csv(tmp_path / "studies.csv", keep_default_na=False, na_values=[""])
    assert list(table.columns) == list(STUDY_COLUMNS)
    assert set(table["study"]) == {study.name for study in studies}
    assert table["verdict"].notna().all()
    assert table["evidence_level"].notna().all()
    answered = table[~table["verdict"].str.startswith("not testable here")]
    assert answered["computed"].notna().all()
    assert {"DiMichele2014", "Santos2016", "Xu2021"} <= set(answered["study"])
    assert set(table.loc[table["study"] == "Braun2024", "verdict"].str[:17]) == {
        "not testable here"
    }


@pytest.mark.parametrize("recorded", [False, True])
def test_virtual_runners_get_a_band_and_what_the_model_predicts(recorded: bool) -> None:
    metrics = predicted(KNEE, BASE, -20.0, band=6.0)
    if recorded:
        # a virtual laboratory recorded both conditions; the changed one has a band
        metrics["basis"] = "virtual"
        metrics["trial"] = metrics["trial"].str.replace("~", "_")
    own = cohort(metrics, virtual=True)
    (row,) = (r for _, r in studies_table(own, [STUDY]).iterrows())
    assert row["verdict"].startswith("the model predicts the same sign (band")
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-12.65, -6.82), abs=0.1)
    lean = replace(EFFECT, contrast=LEANING)
    (row,) = (r for _, r in studies_table(own, [replace(STUDY, effects=(lean,))]).iterrows())
    assert row["verdict"].startswith("not testable here (")
