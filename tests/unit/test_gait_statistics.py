"""Statistics of a group of runners never hold enough to draw one of its runners again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from strikelean.virtual.gait_statistics import (
    BETWEEN,
    NUMBERS,
    QUANTITIES,
    StepCycles,
    build_gait,
    variations_between,
)
from strikelean.virtual.gait_table import read_gait_table


def _runner(seed: int) -> StepCycles:
    """Return a made-up heel striker: noise about curves of their own, six steps in a row."""
    chance = np.random.default_rng(seed)
    own = {name: chance.standard_normal(201) for name in QUANTITIES}
    waves = {name: wave + 0.1 * chance.standard_normal((6, 201)) for name, wave in own.items()}
    numbers = {
        "contact_time": 0.25 + 0.01 * chance.standard_normal(6),
        "cycle_time": 0.70 + 0.01 * chance.standard_normal(6),
        "foot_strike_angle": 15.0 + chance.standard_normal(6),
    }
    assert set(numbers) == set(NUMBERS)
    return StepCycles(waves, numbers, np.arange(-1, 5), 1.6 + 0.02 * seed)


@pytest.mark.parametrize("count", [5, 6, 7, 12])
def test_a_group_of_any_size_shows_none_of_its_runners(count: int, tmp_path: Path) -> None:
    runners = [_runner(seed) for seed in range(count)]
    build_gait(runners, "made up", tmp_path / "gait.csv")
    table = read_gait_table(tmp_path / "gait.csv")
    kept = table.counts()[0]
    assert kept == variations_between(count) == min(BETWEEN, count - 2)
    shares = next(
        line.split(": ")[1].split(", ")
        for line in (tmp_path / "gait.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith("# shares of variance, runners")
    )
    assert len(shares) == kept and sum(map(float, shares)) < 1.0
    # no score brings a recorded runner's cycles back
    axes = np.hstack([table.between[name] for name in QUANTITIES]).T
    for runner in runners:
        own = np.concatenate(
            [
                runner.waves[name].mean(axis=0)[table.phases[name].astype(int)] - table.means[name]
                for name in QUANTITIES
            ]
        )
        score = np.linalg.lstsq(axes, own, rcond=None)[0]
        assert np.linalg.norm(own - axes @ score) > 0.01 * np.linalg.norm(own)
