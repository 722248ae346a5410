"""A trunk that no marker shows is stood up in the laboratory."""

from __future__ import annotations

import numpy as np

import tiny_models as tiny
from opensim_twin import compiled
from strikelean.model.walk import walk_tree
from strikelean.motion.unseen_trunk import (
    ASSUMED_LEAN_DEG,
    TORSO_COORDINATES,
    can_stand,
    stand_trunk,
)


def test_the_torso_stands_whatever_the_pelvis_does(generic_model):
    tree = compiled(generic_model)
    rng = np.random.default_rng(7)
    coordinates = np.repeat([[c.default for c in tree.coordinates]], 50, axis=0)
    for name in ("pelvis_tilt", "pelvis_list", "pelvis_rotation"):
        coordinates[:, tree.names.index(name)] = rng.uniform(-0.5, 0.5, 50)
    found = stand_trunk(tree, coordinates)
    torso = walk_tree(tree, found).rotations[tree.bodies.index("torso")]
    lean = np.radians(ASSUMED_LEAN_DEG)
    up = np.array([np.sin(lean), np.cos(lean), 0.0])[:, None]
    np.testing.assert_allclose(torso[:, 1], np.repeat(up, 50, axis=1), atol=1e-9)
    np.testing.assert_allclose(torso[2, 2], 1.0, atol=1e-9)
    others = [i for i, name in enumerate(tree.names) if name not in TORSO_COORDINATES]
    np.testing.assert_array_equal(found[:, others], coordinates[:, others])


def test_a_model_without_such_a_torso_is_left_alone(tmp_path):
    tree = compiled(tiny.hinged_legs(tmp_path / "legs.osim"))
    assert not can_stand(tree)
