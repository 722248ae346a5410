"""Comparisons on made-up cohorts: who is compared with whom, and on which side of zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from strikelean.errors import ConfigError
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.trial import METRIC_COLUMNS
from strikelean.studies.compare import (
    COMPARISON_COLUMNS,
    NON_REARFOOT,
    REARFOOT,
    REGRESSION_COLUMNS,
    STRIKE_ANGLE,
    CompareOutputs,
    CompareSettings,
    bracketed_shares,
    compare_conditions,
    comparisons,
    regressions,
    runner_means,
)
from strikelean.studies.published import (
    SIGN_COLUMNS,
    PublishedEffect,
    check_metrics,
    read_published,
    same_sign,
)
from unit_runner import METRICS_LIST

STUDIES = Path(__file__).parents[2] / "config" / "studies"
STUDY_FILES = [STUDIES / "foot_strike.yaml"]
KNEE = "knee_extension_moment_peak"
PRIMARY = CompareSettings((KNEE,))


def rows(
    subject: str,
    metric: str,
    values: dict[str, list[float]],
    *,
    condition: str = "habitual",
    trial: str = "run1",
    basis: str = "measured",
) -> list[dict[str, object]]:
    """Return table rows, one a step, from ``{side: values}``."""
    return [
        {
            "subject": subject,
            "trial": trial,
            "condition": condition,
            "side": side,
            "step": step,
            "metric": metric,
            "value": value,
            "value_low": np.nan,
            "value_high": np.nan,
            "unit": "deg" if metric == STRIKE_ANGLE else "N m",
            "basis": basis,
        }
        for side, own in values.items()
        for step, value in enumerate(own)
    ]


def cohort(angles: list[float], moments: list[float]) -> pd.DataFrame:
    """Return a cohort of one runner per angle."""
    table = []
    for number, (angle, moment) in enumerate(zip(angles, moments, strict=True)):
        both = {"right": [angle], "left": [angle]}
        table += rows(f"P{number}", STRIKE_ANGLE, both)
        table += rows(f"P{number}", KNEE, {"right": [moment + 1], "left": [moment - 1]})
    return pd.DataFrame(table, columns=list(METRIC_COLUMNS))


ANGLES = [15.0, 12.0, 14.0, 10.0, -3.0, 2.0, -6.0]
MOMENTS = [220.0, 210.0, 230.0, 215.0, 190.0, 200.0, 180.0]


def test_the_runner_is_the_unit_however_many_steps_a_side_has() -> None:
    table = pd.DataFrame(rows("P1", KNEE, {"right": [100.0] * 9, "left": [200.0]}))
    assert runner_means(table).loc[("P1", "habitual"), KNEE] == pytest.approx(150.0)
    assert runner_means(table, "right").loc[("P1", "habitual"), KNEE] == pytest.approx(100.0)


def test_groups_by_angle_compare_non_rearfoot_with_rearfoot() -> None:
    result = comparisons(cohort(ANGLES, MOMENTS), PRIMARY).set_index("metric").loc[KNEE]
    assert (result["condition_a"], result["condition_b"]) == (REARFOOT, NON_REARFOOT)
    assert (result["n_a"], result["n_b"]) == (4, 3)
    assert result["difference"] == pytest.approx(190.0 - 218.75)
    assert result["effect_size"] < 0
    assert result["p_raw"] == pytest.approx(
        stats.ttest_ind(MOMENTS[:4], MOMENTS[4:], equal_var=False).pvalue
    )
    assert result["design"] == "between_runners (small n)"


def test_the_label_does_not_decide_the_group_the_angle_does() -> None:
    table = cohort(ANGLES, MOMENTS)
    renamed = table.assign(condition=np.where(table["subject"] < "P3", "forefoot", "heel_strike"))
    one, two = comparisons(table, PRIMARY), comparisons(renamed, PRIMARY)
    pd.testing.assert_frame_equal(one, two)


def test_conditions_within_runners_are_compared_in_pairs() -> None:
    table = []
    for number, change in enumerate([-10.0, -12.0, -8.0]):
        for condition, extra in (("forefoot_lean", change), ("heel_strike", 0.0)):
            value = 200.0 + 30.0 * number + extra
            table += rows(f"P{number}", KNEE, {"right": [value]}, condition=condition)
    result = comparisons(pd.DataFrame(table), PRIMARY)
    assert len(result) == 1
    row = result.iloc[0]
    assert (row["condition_a"], row["condition_b"]) == ("heel_strike", "forefoot_lean")
    assert row["difference"] == pytest.approx(-10.0)
    assert row["design"].startswith("within_runners")
    assert row["p_raw"] == pytest.approx(stats.ttest_1samp([-10, -12, -8], 0).pvalue)


def test_assumed_values_are_not_compared() -> None:
    table = cohort(ANGLES, MOMENTS).assign(basis="assumed")
    assert comparisons(table, PRIMARY).empty
    assert regressions(table, PRIMARY).empty


def test_regression_on_the_angle_is_per_degree() -> None:
    moments = [200.0 + 2.0 * angle for angle in ANGLES]
    row = regressions(cohort(ANGLES, moments), PRIMARY).set_index("metric").loc[KNEE]
    assert row["slope"] == pytest.approx(2.0)
    assert (row["unit"], row["predictor"], row["n"]) == ("N m/deg", STRIKE_ANGLE, 7)


def test_reversed_data_turn_the_sign() -> None:
    one = comparisons(cohort(ANGLES, MOMENTS), PRIMARY).set_index("metric").loc[KNEE]
    turned = cohort(ANGLES, [-m for m in MOMENTS])
    two = comparisons(turned, PRIMARY).set_index("metric").loc[KNEE]
    assert two["difference"] == pytest.approx(-one["difference"])
    assert two["effect_size"] == pytest.approx(-one["effect_size"])


def test_holm_corrects_primary_and_exploratory_families_apart() -> None:
    table = cohort(ANGLES, MOMENTS)
    others = [table[table["metric"] == KNEE].assign(metric=f"other_{n}") for n in range(5)]
    both = pd.concat([table, *others], ignore_index=True)
    result = comparisons(both, PRIMARY).set_index("metric")
    assert result.loc[KNEE, "p_holm"] == pytest.approx(result.loc[KNEE, "p_raw"])
    other = result.loc["other_0"]
    assert other["p_holm"] == pytest.approx(min(1.0, 5 * other["p_raw"]))
    # the angle made the groups: its difference is shown, not tested
    angle = result.loc[STRIKE_ANGLE]
    assert np.isfinite(angle["difference"])
    assert np.isnan(angle["p_raw"])


def test_one_group_alone_gives_an_empty_table_with_its_header() -> None:
    result = comparisons(cohort([15.0, 14.0, 12.0], [1.0, 2.0, 3.0]), PRIMARY)
    assert result.empty
    assert set(COMPARISON_COLUMNS) <= set(result.columns)


@pytest.mark.parametrize(
    ("direction", "computed", "low", "high", "of_size", "expected"),
    [
        ("decrease", -5.0, -8.0, -2.0, False, "yes"),
        ("decrease", 5.0, 2.0, 8.0, False, "no"),
        ("decrease", -5.0, -12.0, 2.0, False, "yes (interval includes 0)"),
        ("increase", -5.0, -12.0, 2.0, False, "no (interval includes 0)"),
        # less work absorbed: the negative number rises
        ("decrease", 5.0, 2.0, 8.0, True, "yes"),
        ("no difference", -5.0, -12.0, 2.0, False, "not contradicted (interval includes 0)"),
        ("no difference", -5.0, -8.0, -2.0, False, "no"),
        ("decrease", float("nan"), float("nan"), float("nan"), False, "unknown"),
    ],
)
def test_signs_beside_published_ones(
    direction: str, computed: float, low: float, high: float, of_size: bool, expected: str
) -> None:
    assert same_sign(direction, computed, low, high, of_size=of_size) == expected


def effects() -> list[PublishedEffect]:
    return [effect for path in STUDY_FILES for effect in read_published(path)]


def test_published_effects_name_listed_metrics_and_no_unverified_figure() -> None:
    known = list(read_metrics_list(METRICS_LIST))
    found = effects()
    assert len(found) >= 10
    check_metrics(found, known, STUDIES / "foot_strike.yaml")
    assert "unverified" not in {effect.evidence_level for effect in found}
    directions = {e.direction for e in found if e.variable == "knee flexion at contact"}
    assert directions == {"increase", "decrease"}  # a known conflict, both shown


def test_an_unverified_or_misspelt_effect_is_refused(tmp_path: Path) -> None:
    text = (STUDIES / "foot_strike.yaml").read_text(encoding="utf-8")
    path = tmp_path / "study.yaml"
    for wrong in (
        text.replace("evidence_level: abstract", "evidence_level: unverified", 1),
        text.replace("direction: decrease", "direction: down", 1),
        text.replace("    variable:", "    variabel:", 1),
    ):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(ConfigError):
            read_published(path)
    with pytest.raises(ConfigError):
        check_metrics(effects(), ["contact_time"], path)


def test_compare_conditions_writes_three_tables(tmp_path: Path) -> None:
    table = cohort(ANGLES, MOMENTS)
    table.to_csv(tmp_path / "metrics.csv", index=False)
    paths = [tmp_path / f"{name}.csv" for name in ("comparisons", "regressions", "signs")]
    compare_conditions(tmp_path / "metrics.csv", METRICS_LIST, STUDY_FILES, CompareOutputs(*paths))
    compared, regressed, signs = (pd.read_csv(path) for path in paths)
    assert list(compared.columns) == list(COMPARISON_COLUMNS)
    assert list(regressed.columns) == list(REGRESSION_COLUMNS)
    assert list(signs.columns) == list(SIGN_COLUMNS)
    own = signs[signs["metric"] == KNEE].iloc[0]
    assert own["same_sign"] == "yes"
    assert own["slope_same_sign"] == "yes"
    assert (own["n_a"], own["n_b"], own["slope_n"]) == (4, 3, 7)
    missing = signs[signs["metric"] == "contact_time"].iloc[0]
    assert missing["same_sign"] == "unknown"


def test_a_cohort_without_included_trials_gives_headers(tmp_path: Path) -> None:
    pd.DataFrame(columns=list(METRIC_COLUMNS)).to_csv(tmp_path / "metrics.csv", index=False)
    paths = [tmp_path / f"{name}.csv" for name in ("comparisons", "regressions", "signs")]
    compare_conditions(tmp_path / "metrics.csv", METRICS_LIST, STUDY_FILES, CompareOutputs(*paths))
    assert pd.read_csv(paths[0]).empty
    assert pd.read_csv(paths[1]).empty
    assert set(pd.read_csv(paths[2])["same_sign"]) == {"unknown"}


def test_a_metric_known_in_few_of_the_steps_is_left_out() -> None:
    nan = float("nan")
    table = pd.DataFrame(
        rows("P1", KNEE, {"right": [100.0, nan, nan], "left": [200.0, 220.0, nan]})
    )
    assert runner_means(table).loc[("P1", "habitual"), KNEE] == pytest.approx(210.0)


def test_shares_of_bracketed_values_are_told() -> None:
    table = pd.DataFrame(rows("P1", KNEE, {"right": [100.0, 110.0, 120.0, 130.0]}))
    table.loc[0, "value_high"] = 105.0
    assert bracketed_shares(table) == {KNEE: 0.25}
