"""What goes with running speed: slopes of made runners, and what a technique makes of them."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.counterfactual.retiming import Retiming
from strikelean.counterfactual.speed import (
    SpeedChoice,
    SpeedCycle,
    build_speed,
    rate_beyond,
    read_speed,
    speed_retiming,
)
from strikelean.counterfactual.strike_cycles import NUMBERS, WAVES
from strikelean.errors import ConfigError, RecordingError
from strikelean.techniques import Technique

PHASES = np.arange(201)
RUNNERS = ("a", "b", "c", "d", "e")
SPEEDS = (2.5, 3.5, 4.5)
AS_MEAN = SpeedChoice()


def cycle(path: Path, runner: int, speed: float, turn: float) -> Path:
    """Write a runner's cycles: powers and slopes that are known, the strike another for each."""
    away, angle = log(speed / 3.5), 10.0 + runner + turn * (speed - 3.5)
    numbers = dict.fromkeys(NUMBERS, 1.0 + runner) | {
        "foot_strike_angle": angle,
        "contact_time": (0.22 + 0.01 * runner) * (speed / 3.5) ** -0.5,
        "cycle_time": (0.7 + 0.02 * runner) * (speed / 3.5) ** -0.2,
    }
    rows = [
        pd.DataFrame(
            {
                "side": side,
                "quantity": name,
                "phase_percent": [-1] if name in numbers else PHASES,
                "steps": 10,
                "mean": numbers[name]
                if name in numbers
                else 5.0 * away + 2.0 * (angle - 10.0) + runner + 0.0 * PHASES,
            }
        )
        for side in ("right", "left")
        for name in (*NUMBERS, *WAVES)
    ]
    path.parent.mkdir(parents=True)
    pd.concat(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def cycles(tmp_path: Path) -> list[SpeedCycle]:
    turns = (1.0, -1.0, 0.5, -0.5, 0.0)
    return [
        SpeedCycle(
            name, speed, cycle(tmp_path / name / f"run{speed}" / "cycle.csv", n, speed, turns[n])
        )
        for n, name in enumerate(RUNNERS)
        for speed in SPEEDS
    ]


def test_powers_and_slopes_come_back(cycles: list[SpeedCycle], tmp_path: Path) -> None:
    build_speed(cycles, "made", tmp_path / "speed.csv")
    found = read_speed(tmp_path / "speed.csv")
    assert (found.runners, found.feet, found.source) == (5, 30, "made")
    assert found.power("contact_time") == pytest.approx(-0.5, abs=1e-4)
    assert found.power("cycle_time") == pytest.approx(-0.2, abs=1e-4)
    # turns of the foot cancel over runners; at the same strike each is left out of it anyway
    knee = found.slopes["knee_angle"]
    assert knee.between == pytest.approx(5.0, abs=1e-3)
    assert knee.within == pytest.approx(5.0, abs=1e-3)
    assert knee.between_se[0] > 100.0 * knee.within_se[0]


def test_statistics_of_fewer_than_five_runners_are_refused(
    cycles: list[SpeedCycle], tmp_path: Path
) -> None:
    with pytest.raises(RecordingError, match="at least 5 runners recorded at several speeds"):
        build_speed(cycles, "made", tmp_path / "speed.csv", excluded=["a"])
    alone = [one for one in cycles if one.subject != "a" or one.speed_m_s == SPEEDS[0]]
    with pytest.raises(RecordingError, match="found 4"):
        build_speed(alone, "made", tmp_path / "speed.csv")


def test_a_speed_brings_its_step_rate_and_contact_time(
    cycles: list[SpeedCycle], tmp_path: Path
) -> None:
    build_speed(cycles, "made", tmp_path / "speed.csv")
    slopes = read_speed(tmp_path / "speed.csv")

    def cadence(percent: float) -> Retiming:
        return Retiming(1.0 + percent / 100.0)

    alone = speed_retiming(Technique(speed_percent=20), slopes, cadence, AS_MEAN)
    assert alone.speed == pytest.approx(1.2)
    assert alone.rate == pytest.approx(1.2**0.2, rel=1e-4)
    assert alone.of_contact("left") == pytest.approx(1.2**-0.5, rel=1e-4)
    # a step rate that is asked with it is the change in all
    both = Technique(speed_percent=20, cadence_percent=10)
    assert speed_retiming(both, slopes, cadence, AS_MEAN).rate == pytest.approx(1.1)
    beyond = rate_beyond(both, slopes, AS_MEAN)
    assert beyond == pytest.approx(100.0 * (1.1 / 1.2**0.2 - 1.0), rel=1e-3)
    # what was measured is asked as it was
    measured = Technique(speed_percent=20, cadence_percent=10, contact_percent=-12)
    found = speed_retiming(measured, slopes, cadence, AS_MEAN)
    assert (found.rate, found.of_contact("right")) == (pytest.approx(1.1), pytest.approx(0.88))
    # nothing asked is no change, and needs no table
    assert speed_retiming(Technique(), None, cadence, AS_MEAN).same
    with pytest.raises(ConfigError, match=r"counterfactual\.speed_template"):
        speed_retiming(Technique(speed_percent=20), None, cadence, AS_MEAN)


def test_measured_sizes_have_a_name_that_nobody_can_ask_for() -> None:
    measured = Technique(lean_deg=1.04, cadence_percent=7.9, strike_change_deg=-3.2)
    assert measured.name == "lean+01.0_cadence+07.9_turn-03.2"
    assert measured.parts == ("strike", "lean", "cadence")
    assert measured.landing_deg(10.0, None) == pytest.approx(6.8)
