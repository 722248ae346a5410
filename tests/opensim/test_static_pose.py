"""The static pose from made trials: known angles come back, shoes do not tilt the ankle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from strikelean.errors import ConfigError, RecordingError
from strikelean.formats.series import Markers
from strikelean.formats.trc import write_trc
from strikelean.markersets import SIDES, load_markerset
from strikelean.model.engine import open_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.landmarks import hip_centre_harrington2007, static_points
from strikelean.model.scaling import attach_markers
from strikelean.model.tree import compile_tree
from strikelean.motion.scale_model import flatten_feet, place_markers, scale_model

SET = Path(__file__).parents[2] / "models" / "markersets" / "rajagopal_fullbody.yaml"
POSE_DEG = {"hip_flexion_r": 4.0, "hip_adduction_r": -3.0, "knee_angle_r": 5.0}


@pytest.fixture(scope="module")
def standing(generic_model):
    """Return the marker set, the tree and the markers of a pose with flat, level feet."""
    marker_set = load_markerset(SET)
    model = open_model(generic_model)
    attach_markers(model, marker_set)
    model.initSystem()
    tree = compile_tree(model)
    pose = np.array([[coordinate.default for coordinate in tree.coordinates]])
    for name, value in POSE_DEG.items():
        pose[0, tree.coordinate_index(name)] = np.radians(value)
    # the ankle takes up what hip and knee turn, so that the foot stays flat
    lift = POSE_DEG["hip_flexion_r"] - POSE_DEG["knee_angle_r"]
    pose[0, tree.coordinate_index("ankle_angle_r")] = np.radians(-lift)
    places = marker_positions(tree, solve_forward(tree, pose))[0]
    return marker_set, tree, dict(zip(tree.markers, places, strict=True))


def angle(tree, placement, name):
    return float(np.degrees(placement.coordinates[tree.coordinate_index(name)]))


def test_known_standing_angles_come_back(standing):
    marker_set, tree, points = standing
    placement = place_markers(tree, marker_set, points)
    for name, value in POSE_DEG.items():
        assert angle(tree, placement, name) == pytest.approx(value, abs=0.6), name
    assert max(placement.errors_m.values()) < 0.005


def test_marker_sits_where_it_was_seen(standing):
    marker_set, tree, points = standing
    moved = dict(points)
    moved["RTH1"] = points["RTH1"] + [0.03, 0.0, 0.02]  # pulls nothing while standing
    first, second = (place_markers(tree, marker_set, p) for p in (points, moved))
    np.testing.assert_array_equal(first.coordinates, second.coordinates)
    shift = second.locations_m["RTH1"] - first.locations_m["RTH1"]
    assert np.linalg.norm(shift) == pytest.approx(np.hypot(0.03, 0.02), rel=1e-9)


@pytest.mark.parametrize(("heel_m", "toe_m"), [(0.03, 0.0), (0.0, 0.03), (0.04, 0.01)])
def test_height_of_shoe_markers_does_not_tilt_the_ankle(standing, heel_m, toe_m):
    marker_set, tree, points = standing
    bare = place_markers(tree, marker_set, points)
    shod = dict(points)
    roles = marker_set.landmarks["right"]
    shod[roles["heel"]] = points[roles["heel"]] + [0.0, heel_m, 0.0]
    shod[roles["toe"]] = points[roles["toe"]] + [0.0, toe_m, 0.0]
    placed = place_markers(tree, marker_set, shod)
    for name in ("ankle_angle_r", "knee_angle_r"):
        assert angle(tree, placed, name) == pytest.approx(angle(tree, bare, name), abs=0.2), name
    # yet the marker itself stays as high on the foot as it was seen
    lift = placed.locations_m[roles["heel"]] - bare.locations_m[roles["heel"]]
    assert lift[1] == pytest.approx(heel_m, abs=0.003)


def test_flattened_landmarks_stand_as_on_the_model_and_keep_their_place(standing):
    marker_set, tree, points = standing
    rng = np.random.default_rng(0)
    rough = {name: place + rng.normal(0, 0.01, 3) for name, place in points.items()}
    flat = flatten_feet(tree, marker_set, rough, points)
    default = np.array([[coordinate.default for coordinate in tree.coordinates]])
    model = marker_positions(tree, solve_forward(tree, default))[0]
    model_of = dict(zip(tree.markers, model, strict=True))
    feet = set()
    for side in SIDES:
        names = list(marker_set.landmarks[side].values())
        feet |= set(names)
        heights = [flat[name][1] - model_of[name][1] for name in names]
        np.testing.assert_allclose(heights, heights[0], atol=1e-12)
        for name in names:
            np.testing.assert_array_equal(flat[name][[0, 2]], rough[name][[0, 2]])
    for name in set(rough) - feet:
        np.testing.assert_array_equal(flat[name], rough[name])


def test_too_few_landmarks_are_refused(standing):
    marker_set, tree, points = standing
    few = {name: points[name] for name in ("RASI", "LASI", "RCAL", "RTH1")}
    with pytest.raises(RecordingError, match="at least 6 landmarks"):
        place_markers(tree, marker_set, few)


def test_hip_centre_moves_with_the_pelvis(standing):
    front = [standing[2][name] for name in ("RASI", "LASI")]
    points = [*front, np.mean([standing[2][name] for name in ("RPSI", "LPSI")], axis=0)]
    turn = np.array([[0.36, 0.48, -0.8], [-0.8, 0.6, 0.0], [0.48, 0.64, 0.6]])
    for side in SIDES:
        here = hip_centre_harrington2007(*points, side=side)
        there = hip_centre_harrington2007(*[turn @ p + [1.0, -2.0, 3.0] for p in points], side=side)
        np.testing.assert_allclose(there, turn @ here + [1.0, -2.0, 3.0], atol=1e-12)


def scaled(folder, generic, points, strength="none", **dropped):
    kept = {name: place for name, place in points.items() if name not in dropped}
    names = tuple(kept)
    paths = np.tile(np.array(list(kept.values())), (3, 1, 1))
    write_trc(folder / "static.trc", Markers(np.arange(3) / 100.0, names, paths, 100.0))
    scale_model(
        generic,
        folder / "static.trc",
        SET,
        folder / "scaled.osim",
        folder / "scaling.json",
        subject="somebody",
        mass_kg=61.2,
        height_m=1.7,
        strength=strength,
    )
    return open_model(folder / "scaled.osim")


def test_scaled_model_weighs_exactly_the_runners_mass(standing, generic_model, tmp_path):
    model = scaled(tmp_path, generic_model, standing[2])
    # the file carries masses to its own digits
    assert model.getTotalMass(model.initSystem()) == pytest.approx(61.2, abs=1e-9)
    assert model.getName() == "somebody"


def test_marker_the_static_trial_lacks_is_left_off(standing, generic_model, tmp_path):
    model = scaled(tmp_path, generic_model, standing[2], RTB2=None)
    names = {marker.getName() for marker in model.getMarkerSet()}
    assert "RTB1" in names
    assert "RTB2" not in names


def test_scaling_marker_the_static_trial_lacks_is_named(standing, generic_model, tmp_path):
    with pytest.raises(RecordingError, match="LACR"):
        scaled(tmp_path, generic_model, standing[2], LACR=None)
    assert not (tmp_path / "scaled.osim").exists()


def test_unknown_strength_is_refused_before_anything_is_written(standing, generic_model, tmp_path):
    with pytest.raises(ConfigError, match="handsfield2014"):
        scaled(tmp_path, generic_model, standing[2], strength="strong")
    assert not (tmp_path / "scaled.osim").exists()


def test_trial_without_feet_has_no_heading(standing):
    marker_set, _, points = standing
    names = tuple(name for name in points if name != "RTOE")
    paths = np.array([[points[name] for name in names]])
    with pytest.raises(RecordingError, match="RTOE"):
        static_points(Markers(np.zeros(1), names, paths, 100.0), marker_set)
