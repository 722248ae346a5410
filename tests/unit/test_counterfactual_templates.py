"""Slopes on foot-strike angle: who is in them, who is left out, what is taken from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.counterfactual.strike_cycles import NUMBERS, WAVES
from strikelean.counterfactual.templates import (
    MIN_RUNNERS,
    Choice,
    Template,
    build_template,
    read_template,
)
from strikelean.errors import ConfigError, RecordingError
from strikelean.stride.mean_cycles import CYCLE, PHASE

DELIVERED = Path(__file__).parents[2] / "models" / "techniques" / "strike.csv"
# over runners everything rises by this per degree, over their steps by that
OVER_RUNNERS, OVER_STEPS = 0.5, -0.25
STEPS, SPREAD, IMPULSES = 10, 14.0, 2e-4
ANGLES = np.array([20.0, 17.0, 14.0, 11.0, 8.0, 5.0, 2.0, -1.0, -2.0, -3.0, -4.0, -5.0])


def write_cycle(folder: Path, runner: str, angle_deg: float, level: float) -> Path:
    """Write a made-up runner: every quantity at one level, numbers and waves alike."""
    tables = []
    for side, away in (("right", 0.5), ("left", -0.5)):
        for name in (*NUMBERS, *WAVES):
            phase = [-1] if name in NUMBERS else PHASE
            # the steps of one runner go another way
            odd = 1.5 if runner == "R00" else 1.0
            mean, moved, pushed = level + OVER_RUNNERS * away, odd * OVER_STEPS * SPREAD, 0.0
            if name == "foot_strike_angle":
                mean, moved = angle_deg + away, SPREAD
            if name == "vertical_impulse":
                moved, pushed = 0.0, IMPULSES
            table = pd.DataFrame({"phase_percent": phase}).assign(
                side=side, quantity=name, steps=STEPS, mean=mean, with_angle=moved
            )
            table["with_impulse"] = pushed
            if name.startswith(("cop_", "ground_")):
                table.loc[table["phase_percent"] > 100, ["mean", "with_angle"]] = np.nan
            tables.append(table)
    path = folder / runner / "run1" / "cycle.csv"
    path.parent.mkdir(parents=True)
    pd.concat(tables).to_csv(path, index=False)
    return path


@pytest.fixture
def cycles(tmp_path: Path) -> list[Path]:
    """Twelve runners on a straight line but the first, who lies a degree off it."""
    levels = 10.0 + OVER_RUNNERS * ANGLES + (np.arange(12) == 0)
    return [
        write_cycle(tmp_path, f"R{number:02d}", angle, level)
        for number, (angle, level) in enumerate(zip(ANGLES, levels, strict=True))
    ]


def built(cycles: Sequence[Path], tmp_path: Path, excluded: Sequence[str] = ()) -> Template:
    output = tmp_path / "template.csv"
    build_template(cycles, "made up (doi 10.0/none)", output, excluded)
    return read_template(output)


def test_both_slopes_come_back_with_errors_and_numbers(cycles: list[Path], tmp_path: Path) -> None:
    template = built(cycles, tmp_path)
    assert (template.runners, template.feet, template.steps) == (12, 24, 240)
    assert template.source == "made up (doi 10.0/none)"
    knee = template.slopes["knee_angle"]
    feet = np.repeat(ANGLES, 2) + np.tile([0.5, -0.5], 12)
    levels = 10.0 + OVER_RUNNERS * feet + (np.repeat(ANGLES, 2) == ANGLES[0])
    expected = np.polyfit(feet, levels, 1)[0]
    np.testing.assert_allclose(knee.between, expected, rtol=1e-4)
    np.testing.assert_allclose(knee.within, OVER_STEPS * (1.0 + 0.5 / 12.0), rtol=1e-4)
    assert 0.0 < knee.within_se[0] < 2.0 * abs(0.5 / 12.0 * OVER_STEPS)
    # without the runner off the line all are on it: the jackknife says how much one runner does
    assert 0.0 < knee.between_se[0] < 2.0 * abs(expected - OVER_RUNNERS)
    assert template.slopes["foot_strike_angle"].between[0] == 1.0


def test_a_runner_who_is_judged_is_left_out(cycles: list[Path], tmp_path: Path) -> None:
    template = built(cycles, tmp_path, ["R00"])
    assert (template.runners, template.feet) == (11, 22)
    np.testing.assert_allclose(template.slopes["knee_angle"].between, OVER_RUNNERS, rtol=1e-4)


def test_the_order_of_runners_and_rows_changes_nothing(cycles: list[Path], tmp_path: Path) -> None:
    output = tmp_path / "template.csv"
    build_template(cycles, "made up", output)
    own = output.read_bytes()
    for path in cycles:
        pd.read_csv(path).sample(frac=1.0, random_state=3).to_csv(path, index=False)
    build_template(cycles[::-1], "made up", output)
    assert output.read_bytes() == own


def test_few_runners_show_a_single_one(cycles: list[Path], tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=f"at least {MIN_RUNNERS} runners, found 4"):
        built(cycles[:5], tmp_path, ["R00"])


def test_the_forefoot_is_where_five_runners_land_on_it(cycles: list[Path], tmp_path: Path) -> None:
    # one foot of the runner at -1 deg, both of the next four
    angles = [-1.5, *(angle + away for angle in (-2, -3, -4, -5) for away in (0.5, -0.5))]
    assert built(cycles, tmp_path).forefoot_deg == pytest.approx(np.mean(angles), abs=0.01)
    assert built(cycles, tmp_path, ["R11"]).forefoot_deg is None


def test_pressure_is_held_where_it_is_noise_and_swing_has_no_force(
    cycles: list[Path], tmp_path: Path
) -> None:
    template = built(cycles, tmp_path)
    slope = template.slopes["cop_along"].between[50]
    pressure = template.at("cop_along", np.array([0.0, 50.0, 150.0]))
    np.testing.assert_allclose(pressure, slope)
    forces = template.at("ground_forward_force", np.array([50.0, 150.0]))
    np.testing.assert_allclose(forces, [slope, 0.0])


def test_choices_shift_by_standard_errors_or_take_other_slopes(
    cycles: list[Path], tmp_path: Path
) -> None:
    template = built(cycles, tmp_path)
    phase, knee = np.array([30.0]), template.slopes["knee_angle"]

    def chosen(**choice: float) -> Template:
        return Template(**{**vars(template), "choice": Choice(**choice)})  # type: ignore[arg-type]

    assert chosen(knee_errors=1.0).at("knee_angle", phase) == knee.between[30] + knee.between_se[30]
    assert chosen(within=True).at("knee_angle", phase) == knee.within[30]
    assert chosen(hip=True).thigh_at(phase) == template.slopes["hip_flexion"].between[30]
    level = float(template.slopes["contact_time"].mean[0])
    slope, error = template.slopes["contact_time"].both()
    assert template.number("contact_time") == pytest.approx(slope / level)
    more = chosen(contact_errors=1.0).number("contact_time") - template.number("contact_time")
    assert more == pytest.approx(error / level)


def test_a_number_weighs_both_slopes_by_their_errors() -> None:
    template = read_template(DELIVERED)
    for name in ("contact_time", "cycle_time", "active_peak"):
        own = template.slopes[name]
        slope, error = own.both()
        low, high = sorted((own.between[0], own.within[0]))
        assert low <= slope <= high
        assert error < min(own.between_se[0], own.within_se[0])
        # both say the same: else no mean of them says anything
        apart = np.hypot(own.between_se[0], own.within_se[0])
        assert high - low < 2.0 * apart


def test_no_table_and_another_table_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_template(tmp_path / "none.csv")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="Build it anew"):
        read_template(other)


def test_the_delivered_table_is_of_a_group_and_says_whose() -> None:
    template = read_template(DELIVERED)
    assert template.runners >= MIN_RUNNERS
    assert "doi 10.6084/m9.figshare.4543435" in template.source
    assert len(template.slopes["knee_angle"].between) == CYCLE + 1
    # what plain forefoot asks for is a forefoot strike, also when it is missed by 2 deg
    assert template.forefoot_deg is not None
    assert template.forefoot_deg < -0.8 - 2.0
