"""Other ways to share moments among muscles: paired over conditions, and asked of every verdict."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from strikelean.loads.choices import MUSCLES, collect_choices, column, read_choices
from strikelean.studies.claim_tests import of_cohorts
from strikelean.studies.claims import judge_claim
from strikelean.studies.cohort import Cohort
from strikelean.studies.compare import comparisons
from strikelean.studies.definitions import Claim, Claims, SmallestEffect
from strikelean.studies.verdicts import DEPENDS, SUPPORTED
from study_cohorts import KNEE, STRESS, claim_test, cohort, pairs

HEEL = [200.0, 210.0, 190.0, 205.0, 215.0, 195.0, 208.0, 199.0]
STRONG = column(MUSCLES, "twice as strong")
SMALLEST = (SmallestEffect("load", ("*",), 5.0, True, "made up"),)


def shifted(metrics: pd.DataFrame, shifts: dict[str, float]) -> Cohort:
    """Return a cohort whose trials of each condition move by so much under stronger muscles."""
    key = ["subject", "trial", "side", "metric", "condition"]
    table = metrics[key].drop_duplicates()
    table[STRONG] = table["condition"].map(shifts)
    return cohort(metrics, choices=table.drop(columns="condition"))


def recorded() -> pd.DataFrame:
    after = [0.85 * value + n for n, value in enumerate(HEEL)]
    return pairs(KNEE, HEEL, after, ("heel_strike", "forefoot_upright"))


def compared(own: Cohort) -> pd.Series:
    """Return the row of the knee moment, runner by runner."""
    return comparisons(own, [KNEE]).set_index(["metric", "design"]).loc[(KNEE, "within_runners")]


def verdict(own: Cohort) -> tuple[str, str]:
    given = Claim(1, "a claim", "somehow", (), "read", primary=(claim_test(KNEE),))
    found = judge_claim(own, Claims((given,), SMALLEST), given, of_cohorts(own.under_muscles()))
    return found.verdict, found.reason


def test_a_shift_of_both_conditions_leaves_their_contrast() -> None:
    alike = shifted(recorded(), {"heel_strike": -40.0, "forefoot_upright": -40.0})
    row = compared(alike)
    assert row["muscles_low"] == pytest.approx(row["difference"])
    assert row["muscles_high"] == pytest.approx(row["difference"])
    # as percent of a smaller load the same difference is larger, and the answer stays
    assert verdict(alike)[0] == SUPPORTED


def test_a_shift_of_one_condition_turns_the_verdict_into_one_of_the_model() -> None:
    apart = shifted(recorded(), {"heel_strike": -40.0, "forefoot_upright": 0.0})
    row = compared(apart)
    assert row["muscles_low"] == pytest.approx(row["difference"])
    assert row["muscles_high"] == pytest.approx(row["difference"] + 40.0)
    found, reason = verdict(apart)
    assert found == DEPENDS
    assert "twice as strong" in reason
    assert "as delivered" in reason


def test_what_no_muscle_carries_is_the_same_under_all() -> None:
    own = shifted(recorded(), {"heel_strike": -40.0, "forefoot_upright": 0.0})
    extra = pairs(STRESS, HEEL, HEEL, ("heel_strike", "forefoot_upright"))
    both = pd.concat([recorded(), extra])
    told = shifted(both, {"heel_strike": -40.0, "forefoot_upright": 0.0})
    means = told.under_muscles()["twice as strong"].means
    assert means[KNEE].equals(own.under_muscles()["twice as strong"].means[KNEE])
    free = both[["subject", "trial", "side", "metric"]].drop_duplicates()
    free = free[free["metric"] == KNEE].assign(**{STRONG: -40.0})
    moved = cohort(both, choices=free).under_muscles()["twice as strong"]
    pd.testing.assert_series_equal(moved.means[STRESS], cohort(both).means[STRESS])
    assert (moved.means[KNEE] == cohort(both).means[KNEE] - 40.0).all()


def test_a_trial_that_was_not_varied_says_nothing_under_other_muscles() -> None:
    table = recorded()[["subject", "trial", "side", "metric"]].drop_duplicates()
    table = table[table["trial"] == "run1"].assign(**{STRONG: -40.0})
    means = cohort(recorded(), choices=table).under_muscles()["twice as strong"].means
    assert means.xs("run1", level="trial")[KNEE].notna().all()
    assert means.xs("run2", level="trial")[KNEE].isna().all()


def test_both_families_stand_in_one_table(tmp_path: Path) -> None:
    sides = {"side": ["right", "left"], "metric": KNEE, "below": -1.0, "above": 0.0}
    pd.DataFrame(sides | {"hips": -1.0}).to_csv(tmp_path / "band.csv", index=False)
    pd.DataFrame(sides | {"strong": 2.0}).to_csv(tmp_path / "muscles.csv", index=False)
    families = {
        "technique": {("P0", "run1~lean+05"): tmp_path / "band.csv"},
        MUSCLES: {
            ("P0", "run1"): tmp_path / "muscles.csv",
            ("P0", "run1~lean+05"): tmp_path / "muscles.csv",
        },
    }
    collect_choices(families, tmp_path / "choices.csv")
    table = read_choices(tmp_path / "choices.csv").set_index(["trial", "side"])
    assert len(table) == 4
    assert table.loc[("run1~lean+05", "left"), "technique: hips"] == -1.0
    assert table["muscles: strong"].tolist() == [2.0] * 4
    assert table.loc["run1", "technique: hips"].isna().all()
