"""Recipes, edits, scaling, marker sets and the knee with three rotations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from known_models import pendulum
from strikelean.errors import ModelError, RecordingError
from strikelean.formats.series import Markers
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.model.edits import apply_edits
from strikelean.model.engine import open_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.generic import build_generic_model
from strikelean.model.knee3 import build_knee3_model, grood_suntay
from strikelean.model.landmarks import hip_centre_harrington2007, static_points
from strikelean.model.scaling import (
    attach_markers,
    fibre_lengths_m,
    measure_factors,
    scale_bodies,
    scale_strength,
)
from strikelean.model.tree import compile_tree
from strikelean.motion.scale_model import place_markers, standing_tree

SETS = Path(__file__).parents[2] / "models" / "markersets"


def _edit(operation: str, **arguments: object) -> dict[str, object]:
    return {"name": "e", "operation": operation, "arguments": arguments, "reason": "test"}


def test_edits_are_applied_in_order_and_told(generic_model: Path) -> None:
    model = open_model(generic_model)
    done = apply_edits(
        model,
        [
            _edit("lock_coordinates", coordinates=["subtalar_angle_r"]),
            _edit("unlock_coordinates", coordinates=["subtalar_angle_r"]),
            _edit("set_max_contraction_velocity", value_lengths_per_s=12),
            _edit(
                "set_coordinate_range", coordinates=["knee_angle_r"], minimum_deg=0, maximum_deg=90
            ),
            _edit("set_body_inertia", bodies=["toes_r"], axis="yy", value_kg_m2=0.002),
            _edit("set_fibre_damping", value=0.05),
        ],
    )
    assert not model.getCoordinateSet().get("subtalar_angle_r").get_locked()
    assert model.getMuscles().get(0).get_max_contraction_velocity() == 12
    assert model.getCoordinateSet().get("knee_angle_r").getRangeMax() == pytest.approx(np.pi / 2)
    assert model.getBodySet().get("toes_r").get_inertia().get(1) == 0.002
    assert [entry["reason"] for entry in done] == ["test"] * 6


@pytest.mark.parametrize(
    "edit",
    [
        _edit("paint_it"),
        _edit("unlock_coordinates", coordinates=["tail_r"]),
        _edit("set_fibre_damping", strength=3),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(tmp_path: Path, edit: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="recipe"):
        apply_edits(open_model(pendulum(tmp_path)), [edit])


def test_the_recipe_gives_the_published_model(generic_model: Path) -> None:
    model = open_model(generic_model)
    told = json.loads(generic_model.with_suffix(".json").read_text(encoding="utf-8"))
    assert len(told["edits"]) == 7
    assert told["mass_kg"] == pytest.approx(75.337, abs=1e-3)
    muscle = model.getMuscles().get("soleus_r")
    assert muscle.get_max_contraction_velocity() == 15
    assert muscle.get_ignore_tendon_compliance()
    assert not model.getCoordinateSet().get("subtalar_angle_l").get_locked()
    assert model.getCoordinateSet().get("mtp_angle_l").get_locked()
    assert model.getBodySet().get("toes_l").get_inertia().get(1) == 0.0011
    assert model.getCoordinateSet().get("pelvis_rotation").getRangeMax() == pytest.approx(np.pi / 2)


def test_a_users_own_model_needs_no_recipe(tmp_path: Path) -> None:
    build_generic_model(pendulum(tmp_path), tmp_path / "own.osim", tmp_path / "own.json")
    assert open_model(tmp_path / "own.osim").getName() == "pendulum"


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.osim").write_text("hello", encoding="utf-8")
    with pytest.raises(ModelError, match="hello"):
        open_model(tmp_path / "x.osim")


@pytest.fixture(scope="module", params=["rbds", "rajagopal_fullbody"])
def marker_set(request: pytest.FixtureRequest) -> MarkerSet:
    """Each delivered marker set."""
    return load_markerset(SETS / f"{request.param}.yaml")


def _standing(model_path: Path, marker_set: MarkerSet, stretch: float) -> Markers:
    """Return a static trial recorded from the model itself, stretched."""
    model = open_model(model_path)
    attach_markers(model, marker_set)
    model.initSystem()
    tree = compile_tree(model)
    pose = np.array([[coordinate.default for coordinate in tree.coordinates]])
    places = stretch * marker_positions(tree, solve_forward(tree, pose))
    return Markers(np.array([0.0]), tree.markers, places, 100.0)


def test_a_stretched_model_gives_its_stretch_back(
    generic_model: Path, marker_set: MarkerSet
) -> None:
    own = replace(marker_set, computed=())
    points = static_points(_standing(generic_model, own, 1.1), own)
    model = open_model(generic_model)
    attach_markers(model, own)
    factors = measure_factors(model, own, points, 1.1 * own.model_height_m)
    for body, values in factors.items():
        np.testing.assert_allclose(values, 1.1, rtol=1e-6, err_msg=body)
    scale_bodies(model, factors, 63.0)
    assert model.getTotalMass(model.initSystem()) == pytest.approx(63.0)
    tree = compile_tree(model)
    placement = place_markers(tree, own, points)
    assert max(placement.errors_m.values()) < 1e-4
    free = [i for i, c in enumerate(tree.coordinates) if c.name.startswith(("knee_angle", "hip"))]
    np.testing.assert_allclose(placement.coordinates[free], 0.0, atol=2e-3)


def test_where_a_runner_faces_while_standing_does_not_matter(generic_model: Path) -> None:
    own = replace(load_markerset(SETS / "rbds.yaml"), computed=())
    straight = _standing(generic_model, own, 1.0)
    turned = Rotation.from_euler("y", 130, degrees=True).apply(straight.positions_m[0])
    points = static_points(straight, own)
    other = static_points(replace(straight, positions_m=turned[None]), own)
    for a, b in (("R.Knee", "L.Ankle"), ("R.ASIS", "R.MT5")):
        np.testing.assert_allclose(points[a] - points[b], other[a] - other[b], atol=1e-9)


def test_a_mistaken_unit_is_refused(generic_model: Path) -> None:
    own = replace(load_markerset(SETS / "rbds.yaml"), computed=())
    points = static_points(_standing(generic_model, own, 1000.0), own)
    model = open_model(generic_model)
    attach_markers(model, own)
    with pytest.raises(RecordingError, match="units"):
        measure_factors(model, own, points, 1.7)


def test_strength_follows_the_law_asked_for(generic_model: Path) -> None:
    for method, factor in (("none", 1.0), ("mass_two_thirds", 2.0 ** (2.0 / 3.0))):
        model = open_model(generic_model)
        before = model.getMuscles().get(0).get_max_isometric_force()
        median = scale_strength(model, fibre_lengths_m(model), method, (120.0, 60.0), (1.7, 1.7))
        assert median == pytest.approx(factor)
        after = model.getMuscles().get(0).get_max_isometric_force()
        assert after / before == pytest.approx(factor)
    model = open_model(generic_model)
    volume = (47.05 * 70 * 1.8 + 1289.6) / (47.05 * 75 * 1.7 + 1289.6)
    median = scale_strength(
        model, fibre_lengths_m(model), "handsfield2014", (70.0, 75.0), (1.8, 1.7)
    )
    assert median == pytest.approx(volume)


def test_hip_centre_regression_on_a_pelvis_of_round_numbers() -> None:
    front = np.array([0, 1, 0.12]), np.array([0, 1, -0.12])
    sacrum = np.array([-0.15, 1, 0.0])
    right = hip_centre_harrington2007(*front, sacrum, "right")
    left = hip_centre_harrington2007(*front, sacrum, "left")
    expected = np.array([-0.24 * 150 - 9.9, -0.30 * 240 - 10.9, 0.33 * 240 + 7.3]) / 1000
    np.testing.assert_allclose(right - [0, 1, 0], expected, atol=1e-12)
    np.testing.assert_allclose(left - [0, 1, 0], expected * [1, 1, -1], atol=1e-12)


def test_standing_ranges_hold_only_while_standing(generic_model: Path) -> None:
    model = open_model(generic_model)
    model.initSystem()
    tree = compile_tree(model, [])
    own = load_markerset(SETS / "rbds.yaml")
    index = tree.coordinate_index("knee_angle_r")
    assert standing_tree(tree, own).coordinates[index].lower == pytest.approx(np.radians(-15))
    assert tree.coordinates[index].lower == 0.0


@pytest.mark.parametrize(("side", "mirror"), [("right", 1.0), ("left", -1.0)])
def test_grood_suntay_recovers_constructed_angles(side: str, mirror: float) -> None:
    flexion, adduction, rotation = np.radians([40.0, 5.0, 8.0])
    turns = [-flexion, mirror * adduction, mirror * rotation]
    tibia = Rotation.from_euler("ZXY", turns).as_matrix()[None]
    found = grood_suntay(np.eye(3)[None], tibia, side)
    np.testing.assert_allclose(found[0], [flexion, adduction, rotation], atol=1e-12)


def test_three_rotation_knee_turns_alike_on_both_sides(generic_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "knee3.osim"
    build_knee3_model(generic_model, path)
    model = open_model(path)
    model.initSystem()
    tree = compile_tree(model, [])
    for letter, side in (("r", "right"), ("l", "left")):
        pose = np.zeros((3, len(tree.coordinates)))
        for row, kind in ((1, "adduction"), (2, "rotation")):
            pose[row, tree.coordinate_index(f"knee_angle_{letter}_{kind}")] = 0.1
        bodies = [tree.body_index(f"{body}_{letter}") for body in ("femur", "tibia")]
        moved = solve_forward(tree, pose).rotations[:, bodies]
        angles = grood_suntay(moved[:, 0], moved[:, 1], side)
        np.testing.assert_allclose(angles[0], 0.0, atol=1e-12)
        assert angles[1, 1] == pytest.approx(0.1, abs=0.01)
        assert angles[2, 2] == pytest.approx(0.1, abs=0.01)


def test_three_rotation_knee_needs_a_knee(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="knee3"):
        build_knee3_model(pendulum(tmp_path), tmp_path / "out.osim")
