"""Axes, kind and speed of a recording are found from its markers, whatever they are called."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

import stick_runner as sticks
from strikelean.drafting.motion import Way, find_way, is_walk, kind_of, nearest_axis, pace
from strikelean.formats.axes import Axes
from strikelean.formats.series import FloatArray, Markers


def rotations() -> list[FloatArray]:
    """Return the 24 ways in which a laboratory may name its axes."""
    found = []
    for order, signs in product(permutations(range(3)), product((1.0, -1.0), repeat=3)):
        matrix = np.eye(3)[list(order)] * np.array(signs)[:, np.newaxis]
        if np.linalg.det(matrix) > 0.0:
            found.append(matrix)
    return found


def way_of(markers: Markers) -> Way:
    found = find_way(markers)
    assert found is not None
    return found


@pytest.mark.parametrize("rotation", rotations(), ids=range(24))
def test_axes_are_found_whatever_they_are_called(rotation: FloatArray) -> None:
    found = way_of(sticks.turned(sticks.running(), rotation))
    axes = Axes(*found.names)
    assert np.allclose(axes.rotation() @ rotation, np.eye(3))
    assert found.off_deg < 1.0


@pytest.mark.parametrize(
    ("over_m_s", "duration_s", "belt", "body"),
    [(0.0, 2.8, 3.0, 0.0), (3.0, 2.8, 0.0, 3.0), (3.0, 0.9, 0.0, 3.0), (3.5, 2.8, -0.5, 3.5)],
)
def test_belt_and_body_speeds(over_m_s: float, duration_s: float, belt: float, body: float) -> None:
    markers = sticks.running(duration_s, over_m_s)
    found = pace(markers, way_of(markers))
    assert found.ground_m_s == pytest.approx(belt, abs=0.05)
    assert found.body_m_s == pytest.approx(body, abs=0.05)


def test_start_origin_order_and_gaps_change_nothing() -> None:
    markers = sticks.running()
    positions = markers.positions_m[:, ::-1] + [5.0, 0.3, -2.0]
    positions[100:130, 3] = np.nan
    other = replace(
        markers, time_s=markers.time_s + 7.0, names=markers.names[::-1], positions_m=positions
    )
    found, same = pace(other, way_of(other)), pace(markers, way_of(markers))
    assert way_of(other).names == way_of(markers).names
    assert found.ground_m_s == pytest.approx(same.ground_m_s, abs=0.05)


def test_who_stands_is_told_from_who_runs() -> None:
    assert kind_of(sticks.standing()) == "standing"
    assert kind_of(sticks.running()) == "running"
    assert kind_of(sticks.running(over_m_s=3.0)) == "running"


def test_who_moves_slowly_is_neither() -> None:
    markers = sticks.running()
    slow = replace(markers, time_s=markers.time_s * 4.0, rate_hz=markers.rate_hz / 4.0)
    assert kind_of(slow) == "other"
    slower = replace(markers, time_s=markers.time_s * 2.1, rate_hz=markers.rate_hz / 2.1)
    assert is_walk(pace(slower, way_of(slower)))


def test_a_marker_that_was_hardly_seen_decides_nothing() -> None:
    markers = sticks.running()
    lost = np.full((len(markers.time_s), 1, 3), np.nan)
    lost[::40] = [9.0, 9.0, 9.0]
    positions = np.concatenate([markers.positions_m, lost], axis=1)
    other = replace(markers, names=(*markers.names, "lost"), positions_m=positions)
    assert way_of(other).names == ("+X", "+Y", "+Z")


def test_nearest_axis_has_a_sign() -> None:
    assert nearest_axis(np.array([0.1, -0.9, 0.2])).tolist() == [0.0, -1.0, 0.0]
