"""A step of one foot and its mirror image make a stride."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import figures
from strikelean.errors import RecordingError
from strikelean.formats.contacts import Contacts, FootContact
from strikelean.formats.ground import GroundForces
from strikelean.model.walk import walk_tree
from strikelean.stride.cut_strides import LONGEST_FLIGHT_S
from strikelean.stride.lone_steps import (
    find_lone_steps,
    flight_s,
    mirrored_columns,
    same_for_both,
    with_mirrored_step,
)
from strikelean.stride.stride import Stride, root_wrench

WEIGHT_N = 700.0
CONTACT = (0.4, 0.6)


def pushed(mean_n: float) -> GroundForces:
    """Return a force under the right foot between 0.4 and 0.6 s, of a mean."""
    time_s = np.arange(0.0, 1.0, 0.001)
    values = np.zeros((len(time_s), 2, 3, 3))
    phase = (time_s - CONTACT[0]) / (CONTACT[1] - CONTACT[0])
    inside = (phase > 0) & (phase < 1)
    values[inside, 0, 0, 1] = 0.5 * np.pi * mean_n * np.sin(np.pi * phase[inside])
    return GroundForces(time_s, values)


@pytest.mark.parametrize(("mean_n", "flight"), [(700.0, 0.0), (1050.0, 0.1), (1400.0, 0.2)])
def test_a_stance_carries_the_body_over_its_flights(mean_n: float, flight: float) -> None:
    found = flight_s(pushed(mean_n), "right", CONTACT, WEIGHT_N)
    assert found == pytest.approx(flight, abs=1e-3)


def test_a_flight_is_none_or_a_runners() -> None:
    assert flight_s(pushed(300.0), "right", CONTACT, WEIGHT_N) == 0.0
    assert flight_s(pushed(5000.0), "right", CONTACT, WEIGHT_N) == LONGEST_FLIGHT_S


def test_a_step_lies_from_flight_to_flight_and_only_selected_ones_count() -> None:
    contacts = Contacts(
        [
            FootContact(1, "right", *CONTACT, selected=True),
            FootContact(2, "left", 0.7, 0.9, selected=False),
        ]
    )
    (span,) = find_lone_steps(contacts, pushed(1050.0), WEIGHT_N, 5)
    assert (span.numbers, span.sides, span.contacts) == ((1,), ("right",), (CONTACT,))
    assert (span.start_s, span.end_s) == pytest.approx((0.35, 0.65), abs=1e-3)
    assert span.lone


def step_of(stride: Stride) -> Stride:
    """Return the right foot's part of a stride, moved about and turned."""
    names, half = stride.tree.names, len(stride.time_s) // 2
    coordinates = stride.coordinates[:half].copy()
    for name, value in (("pelvis_tz", 0.03), ("hip_flexion_r", 0.4), ("hip_flexion_l", -0.2)):
        coordinates[:, names.index(name)] = value
    right = stride.feet[0]
    own = replace(
        right,
        force_n=right.force_n[:half] + np.array([20.0, 0.0, 15.0]),
        point_m=right.point_m[:half] + np.array([0.02, 0.0, 0.05]),
        torque_nm=right.torque_nm[:half] + np.array([0.0, 3.0, 0.0]),
    )
    return replace(
        stride,
        time_s=stride.time_s[:half],
        period_s=0.5 * stride.period_s,
        coordinates=coordinates,
        speeds=stride.speeds[:half],
        accelerations=stride.accelerations[:half],
        feet=(own,),
        soles=stride.soles[:1],
        drift_m_s=2.0,
    )


def test_the_other_half_is_the_mirror_image_a_step_ahead(tmp_path: Path) -> None:
    stride = figures.standing_stride(tmp_path / "two_links.osim", 0.1)
    step = step_of(stride)
    whole = with_mirrored_step(step, stride.soles)
    half, ahead = len(step.time_s), 2.0 * step.period_s
    assert whole.period_s == 2.0 * step.period_s
    assert [foot.side for foot in whole.feet] == ["right", "left"]
    assert [sole.side for sole in whole.soles] == ["right", "left"]
    pose = walk_tree(whole.tree, whole.coordinates)
    path = 0.03
    for right, left in (("femur_r", "femur_l"), ("calcn_r", "calcn_l"), ("torso", "torso")):
        own = pose.positions_m[whole.tree.body_index(right)][:, :half]
        other = pose.positions_m[whole.tree.body_index(left)][:, half:]
        image = np.stack([own[0] + ahead, own[1], 2.0 * path - own[2]])
        assert other == pytest.approx(image, abs=1e-12)
    pelvis = pose.positions_m[whole.tree.joints[0].child]
    zero = np.zeros((6, len(whole.time_s)))
    left_over = root_wrench(zero, pelvis, whole.feet)
    # moments about axes in the mirror change their sign, and the force across it
    signs = np.array([-1.0, -1.0, 1.0, 1.0, 1.0, -1.0])[:, None]
    assert left_over[:, half:] == pytest.approx(signs * left_over[:, :half], abs=1e-9)


def test_a_model_without_a_mirror_image_is_refused_by_its_coordinate(tmp_path: Path) -> None:
    tree = figures.standing_stride(tmp_path / "two_links.osim").tree
    places, signs = mirrored_columns(tree)
    assert sorted(places) == list(range(len(tree.names)))
    assert set(signs) == {1.0, -1.0}
    odd = replace(tree.coordinates[0], name="tail_bend")
    with pytest.raises(RecordingError, match="tail_bend"):
        mirrored_columns(replace(tree, coordinates=(odd, *tree.coordinates[1:])))


def test_what_one_foot_shows_holds_for_both() -> None:
    assert same_for_both({"right": 8.0, "left": np.nan}) == {"right": 8.0, "left": 8.0}
    assert same_for_both({"right": 8.0, "left": 9.0}) == {"right": 8.0, "left": 9.0}
