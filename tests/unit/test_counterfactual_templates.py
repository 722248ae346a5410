"""Group statistics for a strike: who is in them, who is left out, what is taken from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from strikelean.counterfactual.templates import MIN_RUNNERS, build_template, read_template
from strikelean.errors import ConfigError, RecordingError
from strikelean.stride.mean_cycles import CYCLE, PHASE, SCALARS, UNITS

HEEL_DEG, FORE_DEG = 16.0, -4.0
DELIVERED = Path(__file__).parents[2] / "models" / "techniques" / "forefoot.csv"


def write_cycle(folder: Path, runner: str, angle_deg: float, level: float) -> Path:
    """Write a made-up mean cycle: every wave at one level, single numbers beside."""
    table = pd.DataFrame({"phase_percent": PHASE} | dict.fromkeys(UNITS, level + 0.0 * PHASE))
    table["cop_along"] = np.where(PHASE <= 100, level, np.nan)
    single = {name: [0.25 * level] for name in SCALARS} | {"foot_strike_angle": [angle_deg]}
    first = pd.DataFrame({"phase_percent": [-1]} | single)
    path = folder / runner / "run1" / "cycle.csv"
    path.parent.mkdir(parents=True)
    pd.concat([first, table]).to_csv(path, index=False)
    return path


@pytest.fixture
def cycles(tmp_path: Path) -> list[Path]:
    """Six heel strikers at levels 0 to 5, six others at 10 to 15."""
    heels = [write_cycle(tmp_path, f"H{n}", HEEL_DEG, float(n)) for n in range(6)]
    return heels + [write_cycle(tmp_path, f"F{n}", FORE_DEG, 10.0 + n) for n in range(6)]


def built(cycles: Sequence[Path], tmp_path: Path, excluded: Sequence[str] = ()) -> Path:
    output = tmp_path / "template.csv"
    build_template(cycles, "made up (doi 10.0/none)", output, excluded)
    return output


def test_means_and_spreads_of_groups_come_back(cycles: list[Path], tmp_path: Path) -> None:
    template = read_template(built(cycles, tmp_path))
    assert template.runners == {"rearfoot": 6, "non_rearfoot": 6}
    assert template.source == "made up (doi 10.0/none)"
    np.testing.assert_allclose(template.means["rearfoot"]["knee_angle"], 2.5)
    spread = np.std(np.arange(6.0), ddof=1)
    np.testing.assert_allclose(template.spreads["rearfoot"]["knee_angle"], spread, rtol=1e-4)
    np.testing.assert_allclose(template.difference("knee_angle"), 10.0)


def test_a_runner_who_is_judged_is_left_out(cycles: list[Path], tmp_path: Path) -> None:
    template = read_template(built(cycles, tmp_path, ["H0"]))
    assert template.runners["rearfoot"] == 5
    np.testing.assert_allclose(template.means["rearfoot"]["knee_angle"], 3.0)


def test_few_runners_are_no_group(cycles: list[Path], tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=f"at least {MIN_RUNNERS} runners .* 4 rearfoot"):
        built(cycles, tmp_path, ["H0", "H1"])


def test_dose_counts_group_differences_from_a_foots_own_angle(
    cycles: list[Path], tmp_path: Path
) -> None:
    template = read_template(built(cycles, tmp_path))
    doses = [template.dose(angle) for angle in (HEEL_DEG, 6.0, FORE_DEG, -9.0, 60.0)]
    np.testing.assert_allclose(doses, [1.0, 0.5, 0.0, 0.0, 1.5])


def test_pressure_is_held_where_it_is_noise_and_swing_has_no_force(
    cycles: list[Path], tmp_path: Path
) -> None:
    template = read_template(built(cycles, tmp_path))
    np.testing.assert_allclose(template.at("cop_along", np.array([0.0, 50.0, 150.0])), 10.0)
    forces = template.at("ground_forward_force", np.array([50.0, 150.0]))
    np.testing.assert_allclose(forces, [10.0, 0.0])


def test_a_shifted_knee_takes_the_ankle_along(cycles: list[Path], tmp_path: Path) -> None:
    template = read_template(built(cycles, tmp_path))
    error = np.sqrt(2 * 3.5 / 6)  # variance of 0..5 is 3.5, six runners in each group
    moved = template.shifted(1.0)
    for name in ("knee_angle", "ankle_angle"):
        np.testing.assert_allclose(moved.difference(name), 10.0 + error, rtol=1e-4)
    np.testing.assert_allclose(moved.difference("hip_flexion"), 10.0)
    assert template.shifted(0.0) is template


def test_no_table_and_another_table_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_template(tmp_path / "none.csv")
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="Build it anew"):
        read_template(other)


def test_the_delivered_table_is_of_groups_and_says_whose() -> None:
    template = read_template(DELIVERED)
    assert min(template.runners.values()) >= MIN_RUNNERS
    assert "doi 10.6084/m9.figshare.4543435" in template.source
    assert len(template.difference("knee_angle")) == CYCLE + 1
    # those who land farther forward land with a smaller angle, by definition
    assert template.difference("foot_strike_angle")[0] < 0.0
