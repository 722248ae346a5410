"""A runner as points through one stance: what must not change them, and what they must keep."""

from __future__ import annotations

import numpy as np
import pytest

from stance_runner import (
    CONTACTS,
    HEIGHT_M,
    MIRROR,
    body,
    body_points,
    forces_of,
    ground,
    mirrored,
    moved,
    pose,
)
from strikelean.motion.stance_poses import (
    COLUMNS,
    FRAMES,
    PLACES,
    TRUNK_OVER_STATURE,
    SoleShape,
    foot_frame,
    knee_arm_m,
    part,
    pose_of_table,
    pose_table,
    stance_pose,
)


def test_a_pose_has_every_point_at_every_instant() -> None:
    found = pose()
    assert found.shape == (FRAMES, len(COLUMNS))
    assert np.isfinite(found).all()
    assert np.abs(part(found, "com")[:, [0, 2]]).max() < 1e-12


def test_origin_clock_and_treadmill_change_nothing() -> None:
    by_m = np.array([7.0, 0.0, -3.0])
    points, grf = (moved(table, by_m, 100.0, 3.5) for table in (body_points(), ground()))
    span = (CONTACTS["right"][0] + 100.0, CONTACTS["right"][1] + 100.0)
    found = stance_pose(points, forces_of(grf), "right", span, body())
    np.testing.assert_allclose(found, pose(), atol=1e-9)


def test_a_mirrored_runner_is_the_mirrored_pose() -> None:
    found = stance_pose(
        mirrored(body_points()), forces_of(mirrored(ground())), "left", CONTACTS["right"], body()
    )
    np.testing.assert_allclose(found, pose() * np.tile(MIRROR, len(PLACES) + 1), atol=1e-12)


def test_soles_lie_on_the_floor_where_the_foot_is_flat() -> None:
    for side in CONTACTS:
        found = pose(side)
        middle = slice(FRAMES // 2 - 3, FRAMES // 2 + 3)
        for name in ("stance_sole_heel", "stance_sole_toe"):
            assert np.abs(part(found, name)[middle, 1]).max() < 1e-3


def test_a_lifted_heel_leaves_its_sole_square_to_the_foot() -> None:
    found = pose()
    sole = part(found, "stance_sole_toe") - part(found, "stance_sole_heel")
    length = np.linalg.norm(sole, axis=1)
    np.testing.assert_allclose(length, length[0], atol=1e-6)


def test_a_foot_without_its_fifth_metatarsal_has_a_sole() -> None:
    heel, toe = np.array([[0.0, 0.03, 0.1]]), np.array([[0.2, 0.05, 0.12]])
    up = foot_frame(heel, toe, toe)[0] @ np.array([0.0, 1.0, 0.0])
    shape = SoleShape(up, 0.03, 0.05)
    for sole in shape.soles(heel, toe, toe):
        assert sole[0, 1] == pytest.approx(0.0, abs=1e-12)
    raised = heel + np.array([0.05, 0.12, 0.0])
    soles = shape.soles(raised, toe, toe)
    assert np.isfinite(soles).all()
    for sole, landmark, height in zip(soles, (raised, toe), (0.03, 0.05), strict=True):
        assert np.linalg.norm(sole - landmark) == pytest.approx(height)


def test_force_is_in_body_weights_and_the_trunk_has_its_length() -> None:
    found = pose()
    assert part(found, "force")[:, 1].max() == pytest.approx(2.0, abs=0.01)
    hips = 0.5 * (part(found, "stance_hip") + part(found, "other_hip"))
    trunk = part(found, "trunk_top") - hips
    np.testing.assert_allclose(np.linalg.norm(trunk, axis=1), TRUNK_OVER_STATURE * HEIGHT_M)
    np.testing.assert_allclose(np.degrees(np.arctan2(trunk[:, 0], trunk[:, 1])), 10.0)


def test_the_lever_arm_is_that_of_the_cross_product() -> None:
    found = pose()[1:-1]
    push = part(found, "force") * [1.0, 1.0, 0.0]
    arm = part(found, "pressure") - part(found, "stance_knee")
    # about Z, to the right: a force in front of the knee turns it about +Z
    turning = np.cross(arm, push)[:, 2]
    np.testing.assert_allclose(knee_arm_m(found), -turning / np.linalg.norm(push, axis=1))


def test_a_force_behind_the_knee_has_a_positive_arm() -> None:
    found = pose()
    up = np.zeros_like(found)
    for name, place in (
        ("stance_knee", (0.1, 0.5, 0)),
        ("pressure", (0, 0, 0)),
        ("force", (0, 2, 0)),
    ):
        first = COLUMNS.index(f"{name}_x")
        up[:, first : first + 3] = place
    np.testing.assert_allclose(knee_arm_m(up), 0.1)


def test_a_table_keeps_a_pose_whatever_the_order_of_its_rows() -> None:
    table = pose_table(pose()).sample(frac=1.0, random_state=3)
    np.testing.assert_allclose(pose_of_table(table), pose(), atol=5.1e-5)
