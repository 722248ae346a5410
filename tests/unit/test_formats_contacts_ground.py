"""Contacts and ground forces as types: what is written is read, in whatever order it was made."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strikelean.formats.contacts import Contacts, FootContact, read_contacts, write_contacts
from strikelean.formats.ground import GroundForces, read_ground, write_ground

ROWS = (
    FootContact(1, None, 0.1, 0.3, False, "no foot near the force"),
    FootContact(2, "right", 0.4, 0.62, True, "", True, 12.5, 8.0, "rearfoot"),
    FootContact(3, "left", 0.75, 0.97, True, "", True),
    FootContact(4, "right", 1.1, 1.32, True, "", False, -3.0, 60.0, "forefoot"),
)


@given(st.permutations(ROWS))
def test_contacts_stand_in_time_order_whatever_order_they_come_in(rows) -> None:
    contacts = Contacts(rows)
    assert list(contacts) == list(ROWS)
    assert contacts.spans() == {"right": [(0.4, 0.62)], "left": [(0.75, 0.97)]}


def test_contacts_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    for contacts in (Contacts(ROWS), Contacts()):
        write_contacts(contacts, path)
        back = read_contacts(path)
        assert len(back) == len(contacts)
        for one, meant in zip(back, contacts, strict=True):
            assert astuple(one) == pytest.approx(astuple(meant), nan_ok=True)


@given(st.floats(-100.0, 1e5))
def test_another_clock_keeps_how_long_contacts_last(by_s: float) -> None:
    for one, other in zip(Contacts(ROWS).later(by_s), ROWS, strict=True):
        assert one.start_s - by_s == pytest.approx(other.start_s, abs=1e-9)
        assert one.duration_s == pytest.approx(other.duration_s, abs=1e-9)


def made_up_ground() -> GroundForces:
    """Return forces, points and torques that are all different."""
    values = np.random.default_rng(5).normal(size=(40, 2, 3, 3))
    return GroundForces(0.5 + np.arange(40) / 200.0, values)


def test_ground_forces_come_back_as_they_were_written(tmp_path: Path) -> None:
    ground = made_up_ground()
    write_ground(tmp_path / "grf.mot", ground)
    back = read_ground(tmp_path / "grf.mot")
    np.testing.assert_allclose(back.values, ground.values, rtol=1e-11)
    assert back.rate_hz == pytest.approx(200.0)


@settings(max_examples=20)
@given(st.tuples(*[st.floats(-30.0, 30.0)] * 3))
def test_a_moved_point_of_action_changes_the_moment_by_force_times_way(way_m) -> None:
    ground = made_up_ground()
    moved = GroundForces(ground.time_s, ground.values.copy())
    moved.foot("left").point_m[:] += way_m
    assert (moved.foot("right").moment_nm == ground.foot("right").moment_nm).all()
    expected = ground.wrench("left").moment_nm + np.cross(way_m, ground.foot("left").force_n)
    np.testing.assert_allclose(moved.wrench("left").moment_nm, expected, atol=1e-9)
