"""One model with every joint kind, splines and a coupling, compiled and in OpenSim, in any pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import opensim as osim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_models as tiny
from strikelean.errors import ModelError
from strikelean.model.engine import open_model, rotation_matrix, vec3
from strikelean.model.forward import (
    follow_couplings,
    marker_positions,
    mass_centre,
    point_jacobian,
    solve_forward,
)
from strikelean.model.tree import _sorted_joints, compile_tree

FRAMES = 12


class Compared:
    """A model both ways: compiled, and OpenSim's own put into the same poses."""

    def __init__(self, path):
        self.model = open_model(path)
        for coordinate in self.model.getCoordinateSet():
            coordinate.set_locked(False)
        self.state = self.model.initSystem()
        self.tree = compile_tree(self.model)

    def place(self, values):
        for name, value in zip(self.tree.names, values, strict=True):
            self.model.getCoordinateSet().get(name).setValue(self.state, float(value), False)
        self.model.realizePosition(self.state)

    def random_poses(self, seed, frames=FRAMES, reach=1.2):
        values = np.random.default_rng(seed).uniform(
            -reach, reach, (frames, len(self.tree.coordinates))
        )
        return follow_couplings(self.tree, values)

    def worst_error(self, values):
        """Return the largest error of markers (m), rotations, COM (m) and couplings."""
        pose = solve_forward(self.tree, values)
        placed, com = marker_positions(self.tree, pose), mass_centre(self.tree, pose)
        worst = 0.0
        for frame, row in enumerate(values):
            self.place(row)
            state = self.state
            own = [vec3(m.getLocationInGround(state)) for m in self.model.getMarkerSet()]
            turns = [
                rotation_matrix(b.getTransformInGround(state).R()) for b in self.model.getBodySet()
            ]
            differences = [
                np.asarray(own) - placed[frame],
                np.asarray(turns) - pose.rotations[frame],
                vec3(self.model.calcMassCenterPosition(state)) - com[frame],
                state.getQErr().to_numpy(),
            ]
            worst = max(worst, *(float(np.abs(d).max(initial=0.0)) for d in differences))
        return worst


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    return Compared(tiny.joint_zoo(tmp_path_factory.mktemp("zoo") / "zoo.osim"))


def jacobian_error(compared, values, step=1e-6):
    tree = compared.tree
    pose = solve_forward(tree, values, partials=True)
    points = marker_positions(tree, pose)
    jacobian = point_jacobian(tree, pose, values, tree.marker_bodies, points)
    followers = {coupling.dependent for coupling in tree.couplings}
    worst = 0.0
    for index in range(len(tree.coordinates)):
        shift = np.zeros_like(values)
        shift[:, index] = step
        ahead = marker_positions(tree, solve_forward(tree, values + shift))
        behind = marker_positions(tree, solve_forward(tree, values - shift))
        expected = (ahead - behind) / (2.0 * step)
        if index in followers:
            assert not jacobian[..., index].any()
            assert not expected.any()
        worst = max(worst, float(np.abs(expected - jacobian[..., index]).max()))
    return worst


def test_every_joint_stands_where_opensim_puts_it(zoo, agree):
    error = zoo.worst_error(zoo.random_poses(0, 25, 2.0))
    agree("compiled tree, all joint kinds, against OpenSim", error, 1e-9, "m")


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_pose_stands_where_opensim_puts_it(zoo, data):
    count = len(zoo.tree.coordinates)
    # beyond the last knots too, where splines go on with their outer polynomials
    angle = st.floats(-3.0, 3.0, allow_nan=False, width=64)
    values = data.draw(st.lists(angle, min_size=count, max_size=count))
    assert zoo.worst_error(follow_couplings(zoo.tree, np.array([values]))) < 1e-9


def test_jacobian_is_the_derivative_of_the_points(zoo, agree):
    error = jacobian_error(zoo, zoo.random_poses(1))
    agree("compiled Jacobian, all joint kinds, against finite differences", error, 1e-7, "m/rad")


def test_follower_is_set_from_its_leader(zoo):
    values = zoo.random_poses(3)
    knee, cap = zoo.tree.coordinate_index("knee"), zoo.tree.coordinate_index("cap_slide")
    coupler = osim.CoordinateCouplerConstraint.safeDownCast(zoo.model.getConstraintSet().get(0))
    expected = [
        1.25 * coupler.getFunction().calcValue(osim.Vector(1, float(x))) for x in values[:, knee]
    ]
    np.testing.assert_allclose(values[:, cap], expected, atol=1e-12)


def test_markers_come_in_the_order_asked_for(zoo):
    tree = compile_tree(zoo.model, ["foot_1", "trunk_0"])
    assert tree.markers == ("foot_1", "trunk_0")
    assert [tree.bodies[b] for b in tree.marker_bodies] == ["foot", "trunk"]
    later = zoo.tree.with_markers(["foot_1", "trunk_0"])
    assert later.markers == tree.markers
    np.testing.assert_array_equal(later.marker_bodies, tree.marker_bodies)
    np.testing.assert_array_equal(later.marker_locations_m, tree.marker_locations_m)
    with pytest.raises(ModelError, match="markers hat on the model"):
        zoo.tree.with_markers(["foot_1", "hat"])


def test_closed_loop_of_joints_is_refused(zoo):
    turned = [replace(joint, parent=joint.child) for joint in zoo.tree.joints[:1]]
    with pytest.raises(ModelError, match="loop"):
        _sorted_joints(turned)
