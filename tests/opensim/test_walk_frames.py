"""The compiled walk: frames know nothing of each other, and a curve is what scipy makes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import PPoly

import tiny_models as tiny
from opensim_twin import compiled
from strikelean.dynamics.rigid_body import inverse_dynamics, move_bodies
from strikelean.dynamics.wrench_sensitivity import follow_motion, wrench_sensitivity
from strikelean.model.functions import Curve
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import body_twists, walk_tree
from test_rigid_body import some_wrenches, violent_motion

Motion = tuple[np.ndarray, ...]


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    return compiled(tiny.joint_zoo(tmp_path_factory.mktemp("zoo") / "zoo.osim"))


def everything(tree: KinematicTree, motion: Motion) -> list[np.ndarray]:
    """Return all that is worked out frame by frame, the frame axis last."""
    pose = walk_tree(tree, motion[0])
    moved = move_bodies(tree, pose, motion[1], motion[2])
    need = wrench_sensitivity(tree, motion, pose)
    found = [*pose.placed, body_twists(tree, pose, len(tree.bodies) - 1)]
    found += [getattr(one, name) for one in moved for name in ("spin", "velocity")]
    found += [getattr(one, name) for one in moved for name in ("angular", "linear")]
    return [*found, need.wrench, np.moveaxis(need.slopes, 0, -1)]


def test_a_frame_is_the_same_alone_and_among_others(zoo):
    motion = follow_motion(zoo, *violent_motion(zoo, 6))
    together = everything(zoo, motion)
    for frame in range(6):
        alone = everything(zoo, tuple(part[frame : frame + 1] for part in motion))
        for one, several in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[..., 0], several[..., frame], rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("kind", [0, 1, 2], ids=["coordinate", "speed", "acceleration"])
def test_a_frame_that_is_not_known_leaves_the_others_alone(zoo, kind):
    motion = follow_motion(zoo, *violent_motion(zoo, 5))
    whole = everything(zoo, motion)
    holed = [part.copy() for part in motion]
    holed[kind][2, 0] = np.nan
    known = np.array([0, 1, 3, 4])
    found = everything(zoo, tuple(holed))
    for before, after in zip(whole, found, strict=True):
        np.testing.assert_array_equal(after[..., known], before[..., known])
    # the root's coordinate: the wrench of the whole is unknown
    assert np.isnan(found[-2][..., 2]).any()
    forces = inverse_dynamics(zoo, *holed, some_wrenches(zoo, 5))
    assert np.isnan(forces[2]).any()
    assert np.isfinite(forces[known]).all()


def test_some_frames_of_a_pose_are_the_pose_of_some_frames(zoo):
    motion = follow_motion(zoo, *violent_motion(zoo, 6))
    part = walk_tree(zoo, motion[0]).part(slice(2, 5))
    for found, expected in zip(part.placed, walk_tree(zoo, motion[0][2:5]).placed, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_wanted_coordinates_are_those_of_all(zoo):
    motion = follow_motion(zoo, *violent_motion(zoo, 4))
    pose = walk_tree(zoo, motion[0])
    followers = {coupling.dependent for coupling in zoo.couplings}
    wanted = np.array([i for i in reversed(range(len(zoo.coordinates))) if i not in followers][::2])
    whole, some = (wrench_sensitivity(zoo, motion, pose, which) for which in (None, wanted))
    np.testing.assert_array_equal(some.wrench, whole.wrench)
    np.testing.assert_array_equal(some.slopes, whole.slopes[..., wanted])
    body = len(zoo.bodies) - 1
    twists = body_twists(zoo, pose, body)
    np.testing.assert_array_equal(body_twists(zoo, pose, body, wanted), twists[:, wanted])


def test_an_axis_moves_as_far_as_its_curve_says(zoo):
    """One axis along a quintic, then along a line, whose coordinate stands at the quintic's
    value: the other curves of the model have lower powers."""
    values = violent_motion(zoo, 4)[0]
    place, joint = next(
        (place, joint)
        for place, joint in enumerate(zoo.joints)
        if any(axis.coordinate >= 0 for axis in joint.rotations)
    )
    driven = next(axis for axis in joint.rotations if axis.coordinate >= 0)
    quintic = PPoly(np.array([[0.3, -0.2, 0.5, 0.1, 0.9, 0.05]]).T, np.array([0.2, 1.2]))

    def with_curve(curve: Curve) -> KinematicTree:
        axes = tuple(replace(a, curve=curve) if a is driven else a for a in joint.rotations)
        joints = list(zoo.joints)
        joints[place] = replace(joint, rotations=axes)
        return replace(zoo, joints=tuple(joints))

    bent = walk_tree(with_curve(Curve(0.0, 0.0, quintic)), values)
    moved = values.copy()
    moved[:, driven.coordinate] = quintic(values[:, driven.coordinate])
    others = [a for j in zoo.joints for a in (*j.rotations, *j.translations) if a is not driven]
    assert driven.coordinate not in {axis.coordinate for axis in others}
    straight = walk_tree(with_curve(Curve.linear(1.0, 0.0)), moved)
    np.testing.assert_allclose(bent.rotations, straight.rotations, atol=1e-13)
    np.testing.assert_allclose(bent.positions_m, straight.positions_m, atol=1e-13)


def test_a_body_that_no_joint_carries_stays_at_the_origin(zoo):
    lone = replace(zoo, bodies=(*zoo.bodies, "lone"))
    pose = walk_tree(lone, violent_motion(zoo, 3)[0])
    np.testing.assert_array_equal(pose.rotations[-1], np.repeat(np.eye(3)[..., None], 3, axis=2))
    np.testing.assert_array_equal(pose.positions_m[-1], np.zeros((3, 3)))
    assert not body_twists(lone, pose, len(zoo.bodies)).any()


def test_a_curve_and_its_derivatives_are_scipys_beyond_its_ends_and_at_its_knots():
    rng = np.random.default_rng(4)
    edges = np.array([-1.5, -0.2, 0.0, 0.7, 2.0])
    pieces = PPoly(rng.normal(size=(4, 4)), edges)
    x = np.concatenate([rng.uniform(-4.0, 4.0, 50), edges, [np.nan]])
    for order, found in enumerate(Curve(0.0, 0.0, pieces).expand(x)):
        np.testing.assert_allclose(found, pieces(x, order), rtol=1e-12, atol=1e-11)
    shaped = Curve(0.0, 0.0, pieces).expand(x.reshape(8, 7).T)[0]
    np.testing.assert_array_equal(shaped, Curve(0.0, 0.0, pieces).value(x).reshape(8, 7).T)
