"""Contacts of the feet from markers alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from force_runner import MARKERSET
from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.contacts import Contact, ContactRules
from strikelean.lab.marker_contacts import find_marker_contacts

STRIDE_S, CONTACT_S, RATE_HZ, STRIDES = 0.72, 0.24, 200.0, 5
FIRST_S = {"right": 0.5, "left": 0.5 + STRIDE_S / 2}
LIFT_M, STEP_M = 0.2, 0.35
PELVIS = ("pelvis0", "pelvis1", "pelvis2", "pelvis3")


def foot_m(time_s: FloatArray, side: str, part: str) -> FloatArray:
    """Return the path (T, 3) of a part of a foot that rests for a time and swings for the rest."""
    ahead, behind = {"Heel": (0.0, 0.0), "MT5": (0.15, 0.02), "Toe": (0.2, 0.02)}[part]
    phase = (time_s - FIRST_S[side] - behind) % STRIDE_S
    swing = np.clip((phase - CONTACT_S) / (STRIDE_S - CONTACT_S), 0.0, 1.0)
    height = 0.03 + LIFT_M * np.sin(np.pi * swing)
    back = np.clip(phase / CONTACT_S, 0.0, 1.0)
    forward = STEP_M * (0.5 - back) + STEP_M * 0.5 * (1.0 - np.cos(np.pi * swing))
    sway = -0.05 * np.sin(2.0 * np.pi * (time_s - FIRST_S[side]) / STRIDE_S)
    across = np.full(time_s.size, 0.06 if side == "right" else -0.06)
    return np.column_stack([ahead + forward + sway, height, across])


def markers(speed_m_s: float = 0.0) -> Markers:
    """Return the feet and pelvis of a runner on a treadmill, or passing by."""
    time_s = np.arange(0.0, FIRST_S["left"] + STRIDES * STRIDE_S, 1.0 / RATE_HZ)
    paths = {
        f"{side[0].upper()}.{part}": foot_m(time_s, side, part)
        for side in FIRST_S
        for part in ("Heel", "MT5", "Toe")
    }
    middle = np.column_stack([0.0 * time_s, 1.0 + 0.0 * time_s, 0.0 * time_s])
    paths |= dict.fromkeys(PELVIS, middle)
    way = np.outer(speed_m_s * time_s, [1.0, 0.0, 0.0])
    places = np.stack([path + way for path in paths.values()], axis=1)
    return Markers(time_s, tuple(paths), places, RATE_HZ)


def found(seen: Markers) -> list[Contact]:
    return find_marker_contacts(seen, MARKERSET, ContactRules())


def times(contacts: list[Contact]) -> FloatArray:
    return np.array([(one.start_s, one.end_s) for one in contacts])


def test_landing_and_leaving_are_those_of_the_feet():
    contacts = found(markers())
    assert len(contacts) >= 2 * STRIDES - 3
    for one in contacts:
        assert one.side is not None
        landing = (one.start_s - FIRST_S[one.side] + 0.1) % STRIDE_S - 0.1
        assert landing == pytest.approx(0.0, abs=0.012)
        # the metatarsals leave 20 ms after they would, were they the heel
        assert one.duration_s == pytest.approx(CONTACT_S + 0.02, abs=0.025)
        assert one.valid


def test_feet_take_turns():
    sides = [one.side for one in found(markers())]
    assert all(a != b for a, b in pairwise(sides))


def test_a_belt_or_a_runway_a_clock_and_an_origin_change_nothing():
    own = times(found(markers()))
    np.testing.assert_allclose(times(found(markers(speed_m_s=3.5))), own, atol=2e-3)
    seen = markers()
    later = replace(seen, time_s=seen.time_s + 1234.5)
    np.testing.assert_allclose(times(found(later)) - 1234.5, own, atol=1e-3)
    moved = replace(seen, positions_m=seen.positions_m + np.array([8.0, 0.4, -3.0]))
    np.testing.assert_allclose(times(found(moved)), own, atol=1e-6)


def test_mirrored_runners_land_at_the_same_times():
    seen = markers()
    swapped = tuple(
        {"R": "L", "L": "R"}.get(name[0], name[0]) + name[1:] if "." in name else name
        for name in seen.names
    )
    mirrored = replace(seen, names=swapped, positions_m=seen.positions_m * [1.0, 1.0, -1.0])
    own, other = found(seen), found(mirrored)
    np.testing.assert_allclose(times(other), times(own), atol=1e-9)
    assert [one.side for one in other] == [
        {"right": "left", "left": "right"}[str(one.side)] for one in own
    ]


def test_a_landing_that_was_not_seen_is_no_contact():
    seen = markers()
    first = found(seen)[2]
    holed = seen.positions_m.copy()
    gap = np.abs(seen.time_s - first.start_s) < 0.06
    holed[gap] = np.nan
    starts = [one.start_s for one in found(replace(seen, positions_m=holed))]
    assert not any(abs(start - first.start_s) < 0.06 for start in starts)


def test_a_foot_or_a_pelvis_without_markers_has_no_contacts():
    seen = markers()
    for lost in (("R.Heel",), PELVIS):
        blank = seen.positions_m.copy()
        blank[:, [seen.names.index(name) for name in lost]] = np.nan
        sides = {one.side for one in found(replace(seen, positions_m=blank))}
        assert "right" not in sides
