"""Virtual runners as drawn: same seed same runners, another seed others, spread as asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from strikelean.errors import ConfigError
from strikelean.virtual.drawn_runners import (
    CHAIN_M,
    draw_runners,
    draw_scores,
    random_source,
    virtual_tables,
)
from strikelean.virtual.gait_table import read_gait_table
from strikelean.virtual.settings import HABITUAL, VirtualSettings

TOP = Path(__file__).parents[2]
MODEL_M = 1.70


DELIVERED: dict[str, Any] = yaml.safe_load(
    (TOP / "config" / "config.yaml").read_text(encoding="utf-8")
)["virtual"]


@pytest.fixture
def settings() -> VirtualSettings:
    return VirtualSettings.from_config(DELIVERED)


def test_the_same_seed_draws_the_same_runners_and_another_others(settings: VirtualSettings) -> None:
    first, again = draw_runners(settings, MODEL_M), draw_runners(settings, MODEL_M)
    assert first == again
    other = draw_runners(replace(settings, seed=settings.seed + 1), MODEL_M)
    for one, two in zip(first, other, strict=True):
        assert one.sizes.height_m != two.sizes.height_m
    scores = draw_scores(settings, 5)
    for name, row in draw_scores(replace(settings, seed=settings.seed + 1), 5).items():
        assert not np.allclose(row, scores[name])


def test_chance_of_one_purpose_is_none_of_anothers_business() -> None:
    a, b = random_source(1, "lab", "V01", "skin"), random_source(1, "lab", "V02", "skin")
    assert not np.allclose(a.random(5), b.random(5))
    np.testing.assert_array_equal(random_source(1, "x").random(5), random_source(1, "x").random(5))


def test_bodies_stay_within_the_truncated_spread(settings: VirtualSettings) -> None:
    body, limit = settings.body, settings.truncate_sd + 1e-6
    runners = draw_runners(replace(settings, runners=40), MODEL_M)
    assert sorted({runner.sex for runner in runners}) == ["F", "M"]
    for runner in runners:
        mean, spread = body.stature_m[runner.sex]
        height, mass = runner.sizes.height_m, runner.sizes.mass_kg
        assert abs(height - mean) <= limit * spread + 5e-4
        mean, spread = body.bmi_kg_m2[runner.sex]
        assert abs(mass / height**2 - mean) <= limit * spread + 0.05
    heights = [r.sizes.height_m for r in runners if r.sex == "F"]
    assert np.mean(heights) == pytest.approx(body.stature_m["F"][0], abs=0.02)


def test_longer_legs_come_with_a_shorter_trunk(settings: VirtualSettings) -> None:
    for runner in draw_runners(settings, MODEL_M):
        factors = runner.sizes.factors
        legs = sum(length * factors[name] for name, length in CHAIN_M.items())
        trunk = (MODEL_M - sum(CHAIN_M.values())) * factors["torso"]
        assert legs + trunk == pytest.approx(runner.sizes.height_m, abs=1e-9)


def test_styles_have_exactly_the_spread_asked(settings: VirtualSettings) -> None:
    scores = np.stack(list(draw_scores(settings, 5).values()))
    np.testing.assert_allclose(scores.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(scores.std(axis=0, ddof=1), settings.style_spread)
    together = np.corrcoef(scores.T) - np.eye(5)
    np.testing.assert_allclose(together, 0.0, atol=1e-12)


def test_one_runner_is_the_mean_of_all(settings: VirtualSettings) -> None:
    (row,) = draw_scores(replace(settings, runners=1), 5).values()
    np.testing.assert_array_equal(row, 0.0)


def test_tables_name_a_trial_a_condition_and_the_belt(settings: VirtualSettings) -> None:
    marker_set = TOP / "models" / "markersets" / "virtual.yaml"
    subjects, trials = virtual_tables(settings, marker_set, "second")
    assert {row["static_file"].split("/")[1] for row in subjects} == {"second"}
    assert [row["subject"] for row in subjects] == [f"V{i:02d}" for i in range(1, 7)]
    names = settings.trials()
    assert names[HABITUAL] == ""
    conditions = ["heel_strike", "forefoot_upright", "forefoot_lean", "lean", "cadence"]
    assert list(names) == conditions
    assert len(trials) == 6 * len(names)
    assert {row["belt_speed_m_s"] for row in trials} == {settings.speed_m_s}


def test_the_delivered_gait_holds_group_statistics_alone() -> None:
    table = read_gait_table(TOP / DELIVERED["gait"])
    assert table.runners >= 5
    # fewer variations than would single one of them out
    assert table.counts()[0] < table.runners - 1
    mean = table.runner(np.zeros(table.counts()[0]), table.height_m)
    for name, values in mean.items():
        np.testing.assert_allclose(values, table.means[name])
    assert 60.0 < 120.0 / float(mean["cycle_time"][0]) < 220.0


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make templates"):
        read_gait_table(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="Build it anew"):
        read_gait_table(tmp_path / "other.csv")
