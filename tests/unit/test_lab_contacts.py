"""Contacts, feet, forces and strike of a made-up runner whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lab_runner as runner
from strikelean.errors import RecordingError
from strikelean.formats.series import Wrench
from strikelean.lab.baseline import remove_baseline
from strikelean.lab.contacts import Contact, ContactRules, find_contacts, join_plates
from strikelean.lab.feet import assign_foot, check_alternation
from strikelean.lab.forces import (
    centre_of_pressure,
    filter_feet,
    ground_forces,
    split_feet,
)
from strikelean.lab.strike import foot_strike_angle_deg, standing_foot, strike_index_percent
from strikelean.lab.strike_classes import strike_class
from strikelean.signals import lowpass

RULES = ContactRules()


def found(wrench: Wrench) -> list[Contact]:
    contacts = find_contacts(wrench, 0, runner.MASS_KG, RULES)
    seen = runner.markers()
    return [assign_foot(contact, wrench, seen, runner.MARKERSET) for contact in contacts]


def test_every_contact_is_found_with_its_time_and_foot():
    contacts = found(runner.plate())
    starts = runner.starts_s()
    assert [c.side for c in contacts] == [("right", "left")[i % 2] for i in range(starts.size)]
    assert all(c.valid for c in contacts)
    # the half sine reaches 50 N 1.7 ms after it starts
    np.testing.assert_allclose([c.start_s for c in contacts], starts + 0.0017, atol=0.002)
    np.testing.assert_allclose(
        [c.duration_s for c in contacts], runner.CONTACT_S - 0.0034, atol=0.003
    )
    assert all(c.begin_s <= c.start_s and c.finish_s >= c.end_s for c in contacts)


@settings(max_examples=15, deadline=None)
@given(st.tuples(*[st.floats(-150, 150)] * 3), st.tuples(*[st.floats(-100, 100)] * 3))
def test_whatever_an_unloaded_plate_reads_is_taken_off(force, moment):
    clean = runner.plate(noise_n=5.0)
    offset = replace(clean, force_n=clean.force_n + force, moment_nm=clean.moment_nm + moment)
    wrench, baseline = remove_baseline(offset, RULES.threshold_n)
    np.testing.assert_allclose(baseline.force_n, force, atol=1.0)
    own_point = baseline.moment_nm + np.cross(baseline.point_m, baseline.force_n)
    np.testing.assert_allclose(own_point, moment, atol=1.0)
    assert baseline.noise_n == pytest.approx(5.0, rel=0.15)
    assert len(find_contacts(wrench, 0, runner.MASS_KG, RULES)) == runner.starts_s().size


def test_flicker_at_the_threshold_makes_no_contact():
    wrench = runner.plate(noise_n=9.0)
    force = wrench.force_n.copy()
    for place in (150, 160, 161):
        force[place] += [0.0, 90.0, 0.0]
    start = int((runner.FIRST_S + 0.1) * runner.FORCE_HZ)
    force[start : start + 2] = 0.0
    contacts = find_contacts(replace(wrench, force_n=force), 0, runner.MASS_KG, RULES)
    assert len(contacts) == runner.starts_s().size


def cut(wrench: Wrench, start_s: float, end_s: float) -> Wrench:
    inside = (wrench.time_s >= start_s) & (wrench.time_s <= end_s)
    return Wrench(
        wrench.time_s[inside],
        wrench.force_n[inside],
        wrench.moment_nm[inside],
        wrench.rate_hz,
        wrench.label,
    )


def test_contacts_cut_off_by_the_recording_are_not_valid():
    starts = runner.starts_s()
    contacts = found(cut(runner.plate(), starts[1] + 0.1, starts[5] + 0.1))
    assert [c.valid for c in contacts] == [False, True, True, True, False]
    assert "cut off" in contacts[0].reason
    assert "cut off" in contacts[-1].reason


def test_durations_and_light_contacts_are_judged():
    wrench = runner.plate()
    brief = ContactRules(50.0, 0.25, 0.5)
    long = ContactRules(50.0, 0.1, 0.2)
    assert {c.reason for c in find_contacts(wrench, 0, runner.MASS_KG, brief)} == {
        "shorter than 0.25 s"
    }
    assert all("longer than 0.2" in c.reason for c in find_contacts(wrench, 0, 70.0, long))
    half = replace(wrench, force_n=0.3 * wrench.force_n, moment_nm=0.3 * wrench.moment_nm)
    assert all("beside the plate" in c.reason for c in find_contacts(half, 0, 70.0, RULES))


def test_walking_on_one_plate_is_refused():
    time_s = np.arange(3000) / 600.0
    force = np.zeros((time_s.size, 3))
    force[:, 1] = 700.0 + 150.0 * np.sin(2.0 * np.pi * 1.8 * time_s)
    with pytest.raises(RecordingError, match="both feet on one plate"):
        remove_baseline(Wrench(time_s, force, np.zeros_like(force), 600.0, "plate 1"), 50.0)


def test_a_plate_that_pulls_the_runner_down_is_refused():
    wrench = runner.plate()
    with pytest.raises(RecordingError, match="pushes the runner up"):
        remove_baseline(replace(wrench, force_n=-wrench.force_n), 50.0)


def test_a_foot_across_two_plates_is_one_contact():
    wrench = runner.plate()
    share = np.clip((wrench.time_s % 0.36) / 0.36, 0.0, 1.0)[:, np.newaxis]
    front = replace(wrench, force_n=share * wrench.force_n, moment_nm=share * wrench.moment_nm)
    back = replace(
        wrench, force_n=(1 - share) * wrench.force_n, moment_nm=(1 - share) * wrench.moment_nm
    )
    joined = join_plates((front, back))
    np.testing.assert_allclose(joined.force_n, wrench.force_n)
    assert len(found(joined)) == runner.starts_s().size


def test_a_force_between_the_feet_or_far_from_both_names_no_foot():
    wrench = runner.plate()
    contact = found(wrench)[2]
    beside = replace(wrench, moment_nm=wrench.moment_nm + np.cross([0.0, 0.0, 1.0], wrench.force_n))
    far = assign_foot(replace(contact, side=None), beside, runner.markers(), runner.MARKERSET)
    assert far.side is None
    assert "no foot within" in far.reason
    seen = runner.markers()
    both = seen.positions_m.copy()
    both[:, 4:] = both[:, :4] + [0.0, 0.0, -0.01]
    twins = replace(seen, positions_m=both)
    near = assign_foot(replace(contact, side=None), wrench, twins, runner.MARKERSET)
    assert near.side is None
    assert "equally near" in near.reason
    nobody = replace(seen, positions_m=np.full_like(both, np.nan))
    blind = assign_foot(replace(contact, side=None), wrench, nobody, runner.MARKERSET)
    assert "no foot markers" in blind.reason


def test_one_foot_twice_within_a_stride_is_refused():
    contacts = found(runner.plate())
    wrong = [replace(c, side="right") if i == 5 else c for i, c in enumerate(contacts)]
    checked = check_alternation(wrong)
    assert [i for i, c in enumerate(checked) if not c.valid] == [4, 5, 6]
    assert all(c.valid for c in check_alternation(contacts))


def test_filtered_feet_add_up_to_the_filtered_plate_and_are_zero_in_swing():
    wrench = runner.plate()
    contacts = found(wrench)
    feet = split_feet((wrench,), contacts)
    filtered = filter_feet(feet, contacts, 15.0, 4)
    both = filtered["right"].force_n + filtered["left"].force_n
    whole = lowpass(wrench.force_n, wrench.rate_hz, 15.0)
    stance = np.any(
        [(wrench.time_s >= c.start_s) & (wrench.time_s <= c.end_s) for c in contacts], axis=0
    )
    assert np.abs(both - whole)[stance].max() < 2.0
    for side, own in filtered.items():
        middle = [0.5 * (c.start_s + c.end_s) for c in contacts if c.side != side]
        index = np.searchsorted(wrench.time_s, middle)
        assert not np.any(own.force_n[index])
        # smearing loses nothing: the impulse stays
        assert own.force_n[:, 1].sum() == pytest.approx(feet[side].force_n[:, 1].sum(), rel=2e-3)


def test_a_belt_filters_as_the_road_does():
    wrench = runner.plate()
    contacts = found(wrench)
    belt = split_feet((wrench,), contacts)
    # the same steps seen from the belt: every point of it moves ahead in the laboratory
    ahead = runner.BELT_M_S * wrench.time_s
    road = {}
    for side, foot in belt.items():
        force, moment = foot.force_n, foot.moment_nm.copy()
        moment[:, 1] -= ahead * force[:, 2]
        moment[:, 2] += ahead * force[:, 1]
        road[side] = replace(foot, moment_nm=moment)
    on_belt = filter_feet(belt, contacts, 15.0, 4, ground_speed_m_s=runner.BELT_M_S)
    on_road = filter_feet(road, contacts, 15.0, 4)
    unaware = filter_feet(belt, contacts, 15.0, 4)
    for side, foot in on_belt.items():
        point = np.column_stack([ahead, np.zeros_like(ahead), np.zeros_like(ahead)])
        seen = foot.moment_nm + np.cross(point, foot.force_n)
        np.testing.assert_allclose(seen, on_road[side].moment_nm, atol=1e-6)
        missed = unaware[side].moment_nm + np.cross(point, unaware[side].force_n)
        assert np.abs(missed - on_road[side].moment_nm).max() > 1.0


def test_force_point_and_torque_give_the_wrench_exactly_everywhere():
    wrench = runner.plate(noise_n=5.0)
    contacts = found(wrench)
    feet = filter_feet(split_feet((wrench,), contacts), contacts, 15.0, 4)
    ground = ground_forces(feet, 50.0)
    for side, own in feet.items():
        foot = ground.foot(side)
        np.testing.assert_allclose(foot.force_n, own.force_n, atol=1e-9)
        np.testing.assert_allclose(foot.moment_nm, own.moment_nm, atol=1e-9)
        point, vertical = foot.point_m, foot.force_n[:, 1]
        loaded = np.any(foot.force_n != 0.0, axis=1)
        assert np.all(point[~loaded] == 0.0)
        # the point moves only where the force allows one, and lies on the runner's path there
        weak = loaded & (vertical < 50.0)
        held = np.flatnonzero(weak[1:] & weak[:-1])
        moves = np.abs(np.diff(point, axis=0))[held].max(axis=1)
        assert np.count_nonzero(moves) <= 2 * len(contacts)
        np.testing.assert_allclose(foot.torque_nm[vertical >= 50.0][:, [0, 2]], 0.0, atol=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    st.tuples(st.floats(-300, 300), st.floats(60, 2500), st.floats(-300, 300)),
    st.floats(-30, 30),
)
def test_a_wrench_made_from_a_point_gives_that_point_back(place, force, free_moment):
    point = np.array([[place[0], 0.0, place[1]]])
    vector = np.array([force])
    moment = np.cross(point, vector) + np.array([0.0, free_moment, 0.0])
    np.testing.assert_allclose(centre_of_pressure(vector, moment, 50.0), point, atol=1e-9)
    assert np.isnan(centre_of_pressure(vector, moment, 3000.0)).all()


def test_strike_angle_and_index_are_the_made_up_ones():
    wrench = runner.plate()
    contacts = found(wrench)
    for side in ("right", "left"):
        standing = standing_foot(runner.static(), runner.MARKERSET, side)
        assert standing.angle_deg == pytest.approx(0.0, abs=1e-9)
        assert standing.length_m == pytest.approx(np.hypot(0.20, 0.02))
        own = [c for c in contacts if c.side == side]
        angles = [
            foot_strike_angle_deg(c, runner.markers(), runner.MARKERSET, standing) for c in own
        ]
        # the 0.155 m heel-to-ball line also runs sideways, so it tips less than the foot
        expected = np.degrees(
            np.arctan2(
                0.15 * np.sin(np.radians(12.0)), np.hypot(0.15 * np.cos(np.radians(12.0)), 0.04)
            )
        )
        np.testing.assert_allclose(angles, expected, atol=1.0)
        index = [
            strike_index_percent(c, wrench, runner.markers(), runner.MARKERSET, standing, 50.0)
            for c in own
        ]
        # 0.02 m ahead of the heel at first contact, rolling on at 0.68 m/s
        np.testing.assert_allclose(np.median(index), 100.0 * 0.026 / 0.2, atol=4.0)


@pytest.mark.parametrize(
    ("angle", "expected"),
    [(7.5, "rearfoot"), (7.4, "midfoot"), (-0.8, "midfoot"), (-0.9, "forefoot"), (np.nan, "")],
)
def test_strike_class_by_angle(angle, expected):
    assert strike_class(angle) == expected
