"""Angles of a sweep as derived trials: the recording's values and the sweep's own changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.loads.choices import MUSCLES, TECHNIQUE, collect_choices, named_shifts, read_choices
from strikelean.studies.contrasts import Sample, answer
from strikelean.studies.definitions import Dose
from strikelean.studies.estimates import estimate
from strikelean.studies.inputs import read_cohort
from strikelean.studies.sweep_trials import sweep_trials
from study_cohorts import LEAN, LEANING, STRESS, cohort, inputs, steps, table

ANGLES = (-10, -5, 0, 5, 10, 25)


def recorded() -> pd.DataFrame:
    rows = []
    for number in range(6):
        own = {STRESS: [20.0 + number, 22.0 + number], LEAN: 8.0}
        rows += steps(f"P{number}", "run1", "heel_strike", own)
    return table(rows)


def sweep() -> pd.DataFrame:
    """Return sides that fall by 0.2 a degree forward and rise by 0.1 backward."""
    rows = []
    for number in range(6):
        for angle in ANGLES:
            for side in ("right", "left"):
                fall = -0.2 * angle if angle > 0 else -0.1 * angle
                for metric, value in ((STRESS, 30.0 + number + fall), (LEAN, 8.0 + angle)):
                    stretched = "stretch" if angle > 20 else "solved"
                    rows.append((f"P{number}", "run1", side, angle, metric, value, stretched))
    columns = ["subject", "trial", "side", "trunk_lean_change_deg", "metric", "value", "status"]
    own = pd.DataFrame(rows, columns=columns)
    own[["value_low", "value_high"]] = np.nan
    shift = np.where(own["metric"] == STRESS, 0.01 * own["trunk_lean_change_deg"].abs(), 0.0)
    shift = np.where(own["trunk_lean_change_deg"] == 0, np.nan, shift)
    return own.assign(unit="MPa", **{"technique: hips": shift})


def test_a_change_comes_from_the_same_strides_and_stands_on_the_recording() -> None:
    rows, shifts = sweep_trials(sweep(), recorded())
    assert set(rows["trial"]) == {"run1~lean-10", "run1~lean-05", "run1~lean+05", "run1~lean+10"}
    one = rows[(rows["trial"] == "run1~lean+05") & (rows["metric"] == STRESS)]
    assert one.groupby("subject")["value"].mean().loc["P0"] == pytest.approx(21.0 - 1.0)
    assert set(one["condition"]) == {"lean"}
    assert len(shifts) == len(rows)


def test_a_backward_lean_is_answered_by_backward_leans() -> None:
    rows, shifts = sweep_trials(sweep(), recorded())
    own = cohort(pd.concat([recorded(), rows]), choices=shifts, virtual=True)
    for change, expected, band in ((-4.0, 0.4, 0.04), (6.0, -1.2, 0.06)):
        sample = answer(own, replace(LEANING, dose=Dose(LEAN, change)), STRESS)
        assert isinstance(sample, Sample)
        found = estimate(sample, "")
        assert found is not None
        assert found.value == pytest.approx(expected)
        assert found.band == pytest.approx((expected, expected + band))


def test_a_derived_trial_that_stands_in_the_table_is_not_repeated() -> None:
    both = pd.concat([recorded(), table(steps("P0", "run1~lean+05", "lean", {STRESS: 1.0}))])
    rows, _ = sweep_trials(sweep(), both)
    assert not ((rows["subject"] == "P0") & (rows["trial"] == "run1~lean+05")).any()


def test_a_cohort_reads_its_choices_and_its_sweep(tmp_path: Path) -> None:
    band = pd.DataFrame(
        {"side": ["right", "left"], "metric": STRESS, "below": -1.0, "above": 0.0, "hips": -1.0}
    )
    band.to_csv(tmp_path / "band.csv", index=False)
    changed = table(steps("P0", "run1~forefoot", "forefoot_upright", {STRESS: 1.0}))
    metrics = pd.concat([recorded(), changed.assign(basis="predicted")])
    bands = {("P0", "run1~forefoot"): tmp_path / "band.csv"}
    collect_choices({TECHNIQUE: bands, MUSCLES: {}}, tmp_path / "choices.csv")
    assert list(read_choices(tmp_path / "choices.csv")["technique: hips"]) == [-1.0, -1.0]
    sweep().to_csv(tmp_path / "sweep.csv", index=False)
    given = inputs(
        tmp_path, metrics, choices=tmp_path / "choices.csv", sweep=tmp_path / "sweep.csv"
    )
    own = read_cohort(given)
    shift = own.shifts["technique: hips"][STRESS]
    assert shift["P0", "run1~forefoot"] == pytest.approx(-1.0)
    assert shift["P3", "run1~lean-10"] == pytest.approx(0.1)
    assert shift["P3", "run1"] == 0.0
    # a cohort in which nothing is predicted has a table without rows
    collect_choices({}, tmp_path / "choices.csv")
    alone = read_cohort(inputs(tmp_path, recorded(), choices=tmp_path / "choices.csv"))
    assert alone.shifts == {}
    assert set(named_shifts(band)) == {"side", "metric", "technique: hips"}
