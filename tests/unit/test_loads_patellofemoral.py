"""Patellofemoral force and stress against the tabulated values of their sources."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strikelean.loads import patellofemoral as pfj


def test_lever_arm_gives_the_tabulated_centimetres() -> None:
    arm = pfj.effective_lever_arm([0.0, 20.0, 30.0, 45.0, 60.0])
    assert arm * 100 == pytest.approx([4.62, 4.73, 4.51, 4.00, 3.38], abs=0.005)


def test_force_ratio_gives_the_tabulated_values() -> None:
    ratio = pfj.force_ratio([0.0, 20.0, 30.0, 45.0, 60.0])
    assert ratio == pytest.approx([0.462, 0.650, 0.743, 0.864, 0.947], abs=0.0005)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (pfj.CONNOLLY, {20.0: 7.00, 30.0: 6.79, 40.0: 6.50, 45.0: 6.35}),
        (pfj.POWERS, {20.0: 7.98, 30.0: 7.73, 40.0: 8.30, 45.0: 8.87, 50.0: 9.65}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_stress_per_100_newton_metres_follows_each_curve(
    curve: pfj.AreaCurve, expected: dict[float, float]
) -> None:
    flexion = np.array(list(expected))
    force = pfj.joint_force_from_quadriceps(
        pfj.quadriceps_force_from_moment(100.0, flexion), flexion
    )
    stress = pfj.stress_mpa(force, flexion, curve)
    assert stress == pytest.approx(list(expected.values()), abs=0.006)


def test_a_flexion_moment_gives_no_quadriceps_force() -> None:
    force = pfj.quadriceps_force_from_moment([-50.0, 0.0, 50.0], 40.0)
    assert force[0] == 0.0
    assert force[1] == 0.0
    assert force[2] > 0.0


@given(st.floats(min_value=45.0001, max_value=120.0))
def test_stress_beyond_the_data_is_missing_and_flagged_not_clamped(flexion: float) -> None:
    assert np.isnan(pfj.stress_mpa(1000.0, flexion, pfj.CONNOLLY))
    assert bool(pfj.CONNOLLY.beyond_data(flexion))


def test_area_ends_differ_between_the_curves() -> None:
    assert np.isfinite(pfj.POWERS.area(75.0))
    assert np.isnan(pfj.POWERS.area(75.1))
    assert np.isnan(pfj.CONNOLLY.area(-0.1))


FLEXION = np.array([[20.0, 30.0, 40.0], [30.0, 44.0, 50.0]])
FORCE = np.array([[100.0, 400.0, 200.0], [100.0, 400.0, 900.0]])


def test_within_the_data_held_and_continued_area_give_the_same_stress() -> None:
    held, continued = pfj.bracketing_stresses_mpa(FORCE, FLEXION, pfj.CONNOLLY)
    assert held[0] == pytest.approx(continued[0])
    assert held[0] == pytest.approx(pfj.stress_mpa(FORCE[0], FLEXION[0], pfj.CONNOLLY))


def test_beyond_the_data_the_two_bracket_what_nobody_measured() -> None:
    held, continued = pfj.bracketing_stresses_mpa(FORCE, FLEXION, pfj.CONNOLLY)
    assert held[1, 2] == pytest.approx(900.0 / (0.0781 * 45**2 + 0.6763 * 45 + 151.75))
    assert continued[1, 2] == pytest.approx(900.0 / (0.0781 * 50**2 + 0.6763 * 50 + 151.75))
    assert continued[1, 2] < held[1, 2]


def test_the_share_beyond_the_data_counts_frames() -> None:
    assert pfj.beyond_data_share(FLEXION, pfj.CONNOLLY) == pytest.approx([0.0, 1 / 3])
    assert pfj.beyond_data_share(FLEXION, pfj.POWERS) == pytest.approx([0.0, 0.0])


def test_a_missing_force_stays_missing() -> None:
    force = np.array([[100.0, np.nan, 200.0]])
    for stress in pfj.bracketing_stresses_mpa(force, FLEXION[:1], pfj.POWERS):
        assert np.isnan(stress[0]).tolist() == [False, True, False]
