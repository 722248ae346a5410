"""Landing, ankle and the frontal term of kneecap stress, by hand and by what must hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strikelean.loads import patellofemoral as pfj
from strikelean.loads.metrics_ankle import quasi_stiffness
from strikelean.loads.metrics_landing import landed_share
from strikelean.loads.patellofemoral_frontal import held_factor, stress_factor
from strikelean.loads.trial_loads import trial_loads
from unit_runner import made_up_settings, made_up_tables

STANCE = np.linspace(0.0, 1.0, 101)


def metrics(side: str = "right", **points: float) -> dict[str, float]:
    """Return medians of the made-up runner's metrics, some body points moved by so much."""
    tables = made_up_tables()
    values = tables.body_points.values.copy()
    for name, shift in points.items():
        values[:, tables.body_points.index(name)] += shift
    moved = replace(tables, body_points=replace(tables.body_points, values=values))
    own = trial_loads(moved, made_up_settings())[side].metrics
    return {name: float(np.median(metric.values)) for name, metric in own.items()}


def test_the_heel_is_down_when_it_comes_within_five_millimetres() -> None:
    # 20 mm at contact, on the ground at a fifth of stance: within 5 mm from 15 % on
    assert metrics()["heel_contact_time"] == pytest.approx(15.0, abs=1.0)
    # the early share of the sole follows: 10 mm out of 20 at contact, out of 10 at 10 %
    expected = np.mean(0.01 / (0.02 - 0.001 * np.arange(11)))
    assert metrics()["foot_contact_share_early"] == pytest.approx(expected, abs=0.03)


def test_a_higher_foot_is_no_later_foot() -> None:
    raised = metrics(heel_r_y=0.03, mt5_r_y=0.05)
    for name in ("heel_contact_time", "foot_contact_share_early"):
        assert raised[name] == pytest.approx(metrics()[name])


def test_a_foot_set_down_across_the_midline_has_an_index_above_one() -> None:
    assert metrics()["cross_over_index_contact"] == pytest.approx(1.0 - 0.05 / 0.08)
    assert metrics(heel_r_z=-0.05)["cross_over_index_contact"] == pytest.approx(1.0)
    assert metrics(heel_r_z=-0.09)["cross_over_index_contact"] > 1.0
    # outward is to the left for the left foot
    assert metrics("left", heel_l_z=0.09)["cross_over_index_contact"] > 1.0


def test_pressure_outward_of_the_foot_is_positive_on_both_sides() -> None:
    for side in ("right", "left"):
        assert metrics(side)["centre_of_pressure_lateral_contact"] == pytest.approx(0.02)


def test_the_whole_line_lands_when_both_ends_are_near() -> None:
    heel = np.array([0.0, 0.0, 0.02, 0.03, np.nan])
    ball = np.array([0.005, 0.04, 0.0, 0.03, 0.0])
    share = landed_share(heel, ball, 0.01)
    np.testing.assert_allclose(share, [1.0, 0.25, 0.5, 0.0, np.nan])


@given(st.floats(0.0, 0.1), st.floats(0.0, 0.1), st.floats(1e-3, 0.05), st.floats(0.0, 0.02))
def test_lowering_an_end_never_lands_less_of_the_sole(
    heel: float, ball: float, near: float, drop: float
) -> None:
    ends = np.array([heel, max(heel - drop, 0.0)])
    before, after = landed_share(ends, np.full(2, ball), near)
    assert 0.0 <= before <= after + 1e-12 <= 1.0 + 1e-12


def test_stiffness_is_the_slope_of_a_spring_from_lowest_to_highest_dorsiflexion() -> None:
    # the forefoot falls first (after a heel strike), then a spring of 12 N m/deg is loaded
    angle = np.where(STANCE < 0.1, 10.0 - 100.0 * STANCE, 0.0)
    angle = np.where(STANCE >= 0.1, 20.0 * np.sin(np.pi * (STANCE - 0.1) / 0.9), angle)
    moment = np.where(STANCE < 0.1, 5.0, 12.0 * angle + 5.0)
    assert quasi_stiffness(moment[None], angle[None])[0] == pytest.approx(12.0)
    twice = quasi_stiffness(2.0 * moment[None], angle[None] + 7.0)[0]
    assert twice == pytest.approx(24.0)


def test_an_ankle_that_does_not_move_has_no_stiffness() -> None:
    flat = np.full((1, 101), 12.0)
    assert np.isnan(quasi_stiffness(STANCE[None], flat)).all()
    assert np.isnan(quasi_stiffness(np.full((1, 101), np.nan), 20.0 * STANCE[None])).all()


def test_frontal_factor_is_huberti_and_hayes_at_ten_degrees_and_rises_both_ways() -> None:
    np.testing.assert_allclose(stress_factor([-10.0, 0.0, 10.0]), [1.5, 1.0, 1.45])
    np.testing.assert_allclose(stress_factor([20.0]), [1.9])
    np.testing.assert_allclose(held_factor([-30.0, 20.0]), [1.5, 1.45])


@given(st.floats(-40.0, 40.0))
def test_no_shift_of_the_q_angle_ever_lowers_the_estimate(shift: float) -> None:
    assert 1.0 <= float(held_factor(shift)) <= float(stress_factor(shift)) + 1e-12


def test_a_q_angle_beyond_the_data_carries_a_bracket() -> None:
    tables = made_up_tables()
    assert tables.knee3 is not None
    values = tables.knee3.values.copy()
    values[:, tables.knee3.index("knee_adduction_r")] = -20.0
    bent = replace(tables, knee3=replace(tables.knee3, values=values))
    loads = trial_loads(bent, made_up_settings())
    own = loads["right"].metrics["patellofemoral_stress_frontal_powers_peak"]
    classical = loads["right"].metrics["patellofemoral_stress_joint_reaction_powers_peak"]
    assert own.values == pytest.approx(1.45 * classical.values)
    assert own.high == pytest.approx(1.90 * classical.values)
    assert own.low == pytest.approx(own.values)
    within = loads["left"].metrics["patellofemoral_stress_frontal_powers_peak"]
    assert np.isnan(within.low).all()
    assert np.isnan(loads["right"].waveforms["patellofemoral_stress_frontal_powers"].values).all()


def test_without_the_knee_of_three_rotations_there_is_no_frontal_estimate() -> None:
    own = trial_loads(replace(made_up_tables(), knee3=None), made_up_settings())["right"].metrics
    for curve in pfj.AREA_CURVES:
        assert np.isnan(own[f"patellofemoral_stress_frontal_{curve.name}_peak"].values).all()
    assert np.isfinite(own["patellofemoral_stress_joint_reaction_powers_peak"].values).all()
