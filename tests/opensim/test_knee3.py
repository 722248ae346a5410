"""The knee with three rotations: the hinge again when told so, and anatomical signs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from strikelean.model.engine import open_model
from strikelean.model.forward import solve_forward
from strikelean.model.knee3 import build_knee3_model, grood_suntay
from strikelean.model.tree import compile_tree

# medial is towards the other leg: -Z for the right knee, +Z for the left
MEDIAL = {"r": -1.0, "l": 1.0}
SIDE = {"r": "right", "l": "left"}


@pytest.fixture(scope="module")
def both(generic_model, tmp_path_factory):
    """Return the hinge's and the variant's trees."""
    path = tmp_path_factory.mktemp("knee3") / "knee3.osim"
    build_knee3_model(generic_model, path)
    trees = []
    for file in (generic_model, path):
        model = open_model(file)
        model.initSystem()
        trees.append(compile_tree(model, []))
    return tuple(trees)


def hinge_pose(tree, flexion):
    values = np.zeros((len(flexion), len(tree.coordinates)))
    for letter in "rl":
        values[:, tree.coordinate_index(f"knee_angle_{letter}")] = flexion
    return values


def secondary(tree, letter, flexion):
    """Return how far the hinge turns about its second and third axis."""
    joint = next(j for j in tree.joints if tree.bodies[j.child] == f"tibia_{letter}")
    return [axis.curve.value(flexion) for axis in joint.rotations[1:]]


def test_variant_told_the_coupled_rotations_is_the_hinge(both, agree):
    hinge, free = both
    flexion = np.linspace(0.0, 2.0, 21)
    values = hinge_pose(free, flexion)
    zero = hinge_pose(free, np.zeros(1))
    for letter in "rl":
        femur, tibia = (free.body_index(f"{body}_{letter}") for body in ("femur", "tibia"))
        for column, (kind, turned) in enumerate(
            zip(("adduction", "rotation"), secondary(hinge, letter, flexion), strict=True)
        ):
            index = free.coordinate_index(f"knee_angle_{letter}_{kind}")
            # which way the new coordinate turns, found on the model itself
            small = zero.copy()
            small[:, index] = 1e-4
            joint = next(j for j in free.joints if j.child == tibia)
            sign = joint.rotations[column + 1].curve.value(np.ones(1))[0]
            assert abs(sign) == pytest.approx(1.0)
            values[:, index] = sign * turned
            pose = solve_forward(free, small)
            angles = grood_suntay(pose.rotations[:, femur], pose.rotations[:, tibia], SIDE[letter])
            assert angles[0, column + 1] > 0.9e-4
    expected = solve_forward(hinge, hinge_pose(hinge, flexion))
    found = solve_forward(free, values)
    error = max(
        float(np.abs(found.positions_m - expected.positions_m).max()),
        float(np.abs(found.rotations - expected.rotations).max()),
    )
    agree("three-rotation knee told the coupled rotations against the hinge", error, 1e-9, "m")


@pytest.mark.parametrize("letter", ["r", "l"])
def test_adduction_brings_the_ankle_inwards_and_rotation_the_toes(both, letter):
    free = both[1]
    values = hinge_pose(free, np.zeros(3))
    values[1, free.coordinate_index(f"knee_angle_{letter}_adduction")] = 0.1
    values[2, free.coordinate_index(f"knee_angle_{letter}_rotation")] = 0.1
    pose = solve_forward(free, values)
    ankle = pose.positions_m[:, free.body_index(f"talus_{letter}"), 2]
    toes = pose.rotations[:, free.body_index(f"calcn_{letter}"), 2, 0]
    assert (ankle[1] - ankle[0]) * MEDIAL[letter] > 0.02
    assert (toes[2] - toes[0]) * MEDIAL[letter] > 0.08


def test_the_hinge_turns_as_published_with_flexion(both):
    """1.9 deg in the frontal and 11.3 deg in the transverse plane at 45 deg of flexion."""
    adduction, rotation = np.degrees(secondary(both[0], "r", np.radians([45.0])))
    assert abs(adduction[0]) == pytest.approx(1.9, abs=0.1)
    assert abs(rotation[0]) == pytest.approx(11.3, abs=0.1)


def test_angles_do_not_depend_on_where_the_thigh_points():
    rng = np.random.default_rng(2)
    thigh = Rotation.random(20, rng=rng)
    angles = np.column_stack([rng.uniform(0, 2, 20), *rng.uniform(-0.4, 0.4, (2, 20))])
    for side, mirror in (("right", 1.0), ("left", -1.0)):
        turns = angles * [-1.0, mirror, mirror]
        shank = thigh * Rotation.from_euler("ZXY", turns)
        found = grood_suntay(thigh.as_matrix(), shank.as_matrix(), side)
        np.testing.assert_allclose(found, angles, atol=1e-12)


@pytest.mark.parametrize("flexion_deg", [-10.0, 0.0, 60.0, 120.0])
def test_mirror_images_have_the_same_angles(flexion_deg):
    mirror = np.diag([1.0, 1.0, -1.0])
    turns = np.radians([-flexion_deg, 6.0, -12.0])
    right = Rotation.from_euler("ZXY", turns).as_matrix()[None]
    left = mirror @ right @ mirror
    eye = np.eye(3)[None]
    np.testing.assert_allclose(
        grood_suntay(eye, right, "right"), grood_suntay(eye, left, "left"), atol=1e-12
    )
