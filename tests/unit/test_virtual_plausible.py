"""Virtual heel strikers beside recorded ones: percentiles, counts, and refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from strikelean.errors import ConfigError, RecordingError
from strikelean.loads.metrics_table import METRIC_COLUMNS
from strikelean.virtual.drawn_runners import draw_runners, draw_scores
from strikelean.virtual.gait_table import read_gait_table
from strikelean.virtual.plausible import (
    QUANTITIES,
    STRIKE_ANGLE,
    build_ranges,
    outside_share,
    plausibility,
    read_ranges,
    spread_ratio,
)
from strikelean.virtual.settings import HABITUAL, VirtualSettings

TOP = Path(__file__).parents[2]
DELIVERED = TOP / "models" / "gaits" / "heel_strike_ranges.csv"


def metrics(values: list[float], trial: str = HABITUAL, steps: int = 4) -> pd.DataFrame:
    """Return runners whose every quantity is a value, give or take a little a step."""
    rows = []
    for number, value in enumerate(values):
        for name in QUANTITIES:
            for step in range(steps):
                found = value + 0.01 * (step - 1.5)
                row = (f"S{number}", trial, trial, "right", step, name, found, "", "", "x", "y")
                rows.append(row)
    return pd.DataFrame(rows, columns=list(METRIC_COLUMNS))


def recorded(tmp_path: Path, values: list[float]) -> pd.DataFrame:
    metrics(values, "run1").to_csv(tmp_path / "metrics.csv", index=False)
    build_ranges(tmp_path / "metrics.csv", "here", tmp_path / "ranges.csv")
    return read_ranges(tmp_path / "ranges.csv")


def test_ranges_are_of_heel_strikers_steps(tmp_path: Path) -> None:
    ranges = recorded(tmp_path, [10.0, 11.0, 12.0, 13.0, 14.0, -5.0])
    row = ranges.loc["knee_flexion_angle_peak"]
    assert (row["runners"], row["steps"]) == (5, 20)
    assert row["mean"] == pytest.approx(12.0)
    assert row["sd_runners"] == pytest.approx(np.std([10, 11, 12, 13, 14], ddof=1), rel=1e-3)
    assert 9.9 < row["p05"] < 10.2
    assert 13.8 < row["p95"] < 14.1


def test_fewer_than_five_heel_strikers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="at least 5 heel strikers"):
        recorded(tmp_path, [10.0, 11.0, 12.0, 13.0, -5.0])


def test_outside_is_counted_and_spread_compared(tmp_path: Path) -> None:
    ranges = recorded(tmp_path, [10.0, 11.0, 12.0, 13.0, 14.0])
    table = plausibility(metrics([11.0, 12.0, 13.0, 20.0]), ranges)
    assert (table["virtual_outside"] == 1).all()
    assert outside_share(table) == pytest.approx(0.25)
    expected = np.std([11, 12, 13, 20], ddof=1) / np.std([10, 11, 12, 13, 14], ddof=1)
    assert spread_ratio(table) == pytest.approx(expected, rel=1e-3)
    # only what virtual runners are used to counts
    assert plausibility(metrics([11.0], "forefoot_upright"), ranges)["virtual_runners"].sum() == 0


def test_the_delivered_ranges_are_of_enough_runners() -> None:
    ranges = read_ranges(DELIVERED)
    assert list(ranges.index) == list(QUANTITIES)
    assert (ranges["runners"] >= 5).all()
    assert (ranges["steps"] >= 50).all()
    assert (ranges["p05"] < ranges["mean"]).all()
    assert (ranges["mean"] < ranges["p95"]).all()
    assert ranges.loc[STRIKE_ANGLE, "mean"] > 7.4


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_ranges(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="make templates"):
        read_ranges(tmp_path / "other.csv")


# quantity of a cycle, the metric's stem, and its sign
CYCLE_ANGLES = (
    ("hip_flexion", "hip_flexion_angle"),
    ("hip_adduction", "hip_adduction_angle"),
    ("knee_angle", "knee_flexion_angle"),
    ("ankle_angle", "ankle_dorsiflexion_angle"),
    ("subtalar_angle", "subtalar_inversion_angle"),
)


def drawn_quantities() -> pd.DataFrame:
    """Return what the delivered runners are drawn to do, runners by metrics."""
    config = yaml.safe_load((TOP / "config" / "config.yaml").read_text(encoding="utf-8"))
    settings, table = (
        VirtualSettings.from_config(config["virtual"]),
        read_gait_table(TOP / config["virtual"]["gait"]),
    )
    scores = draw_scores(settings, table.counts()[0])
    stance = table.phases["knee_angle"] <= 100
    rows = {}
    for runner in draw_runners(settings, 1.70):
        cycle = table.runner(scores[runner.name], runner.sizes.height_m)
        row = {}
        for name, stem in CYCLE_ANGLES:
            row[f"{stem}_contact"] = cycle[name][0]
            row[f"{stem}_peak"] = cycle[name][stance].max()
        row["ground_vertical_force_peak_bw"] = cycle["ground_vertical_force"][stance].max()
        row["ground_braking_force_peak_bw"] = -cycle["ground_forward_force"][stance].min()
        row["ground_propulsive_force_peak_bw"] = cycle["ground_forward_force"][stance].max()
        row[STRIKE_ANGLE] = cycle["foot_strike_angle"][0]
        rows[runner.name] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def test_drawn_heel_strikers_are_like_recorded_ones() -> None:
    """At most 15 % of runner-quantity pairs outside, spread within a factor of two."""
    ranges, drawn = read_ranges(DELIVERED), drawn_quantities()
    known = ranges.loc[drawn.columns]
    outside = (drawn < known["p05"]) | (drawn > known["p95"])
    assert outside.to_numpy().mean() <= 0.15
    ratio = drawn.std() / known["sd_runners"]
    assert 0.5 < np.exp(np.log(ratio).mean()) < 2.0
    assert (ratio < 2.0).all()
