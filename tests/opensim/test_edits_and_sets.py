"""Every edit on a tiny model, every marker set on the generic one, scaling by unequal factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import opensim as osim
import pytest

from known_models import knee_like, muscled_hinge, pendulum
from strikelean.errors import ConfigError, ModelError, RecordingError
from strikelean.formats.series import Markers
from strikelean.markersets import MarkerDefinition, MarkerSet, ScaleRule, load_markerset
from strikelean.model.edits import OPERATIONS, apply_edits
from strikelean.model.engine import open_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.landmarks import static_points
from strikelean.model.scaling import (
    attach_markers,
    fibre_lengths_m,
    measure_factors,
    scale_bodies,
    scale_strength,
)
from strikelean.model.tree import compile_tree
from strikelean.motion.scale_model import place_markers

SETS = sorted((Path(__file__).parents[2] / "models" / "markersets").glob("*.yaml"))
ELBOW = "hip_flexion_r"

EFFECTS: dict[str, tuple[dict[str, Any], Callable[[osim.Model], object], object]] = {
    "set_fibre_damping": (
        {"value": 0.07},
        lambda model: millard(model).get_fiber_damping(),
        0.07,
    ),
    "set_body_inertia": (
        {"bodies": ["arm_r"], "axis": "zz", "value_kg_m2": 0.021},
        lambda model: model.getBodySet().get("arm_r").get_inertia().get(2),
        0.021,
    ),
    "set_coordinate_range": (
        {"coordinates": [ELBOW], "minimum_deg": -30, "maximum_deg": 60},
        lambda model: np.degrees(model.getCoordinateSet().get(ELBOW).getRangeMax()),
        pytest.approx(60.0),
    ),
    "unlock_coordinates": (
        {"coordinates": [ELBOW]},
        lambda model: model.getCoordinateSet().get(ELBOW).get_locked(),
        False,
    ),
    "lock_coordinates": (
        {"coordinates": [ELBOW]},
        lambda model: model.getCoordinateSet().get(ELBOW).get_locked(),
        True,
    ),
    "set_max_contraction_velocity": (
        {"value_lengths_per_s": 13},
        lambda model: model.getMuscles().get(0).get_max_contraction_velocity(),
        13.0,
    ),
    "set_tendon_strain": (
        {"muscles": ["flexor0"], "value": 0.06},
        lambda model: millard(model).getTendonForceLengthCurve().get_strain_at_one_norm_force(),
        pytest.approx(0.06),
    ),
    "set_rigid_tendons": (
        {},
        lambda model: model.getMuscles().get(0).get_ignore_tendon_compliance(),
        True,
    ),
}


def millard(model: osim.Model) -> osim.Millard2012EquilibriumMuscle:
    """Return the first muscle."""
    return osim.Millard2012EquilibriumMuscle.safeDownCast(model.getMuscles().get(0))


def edit(operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe's entry."""
    return {"name": "mend", "operation": operation, "arguments": arguments, "reason": " why "}


def test_every_edit_has_a_test() -> None:
    assert set(EFFECTS) == set(OPERATIONS)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_an_edit_does_what_it_says_and_survives_the_file(tmp_path: Path, operation: str) -> None:
    arguments, read, expected = EFFECTS[operation]
    model = open_model(muscled_hinge(tmp_path))
    model.getMuscles().get(0).set_ignore_tendon_compliance(False)
    model.updCoordinateSet().get(ELBOW).set_locked(operation == "unlock_coordinates")
    assert read(model) != expected
    (told,) = apply_edits(model, [edit(operation, arguments)])
    assert told["name"] == "mend" and told["reason"] == "why" and told["done"]
    model.printToXML(str(tmp_path / "edited.osim"))
    assert read(open_model(tmp_path / "edited.osim")) == expected


@pytest.mark.parametrize(
    ("operation", "arguments", "named"),
    [
        ("paint", {}, "paint"),
        ("set_body_inertia", {"bodies": ["tail"], "axis": "yy", "value_kg_m2": 1.0}, "tail"),
        ("set_body_inertia", {"bodies": ["arm_r"], "axis": "xy", "value_kg_m2": 1.0}, "'xy'"),
        ("lock_coordinates", {"coordinates": ["tail_angle"]}, "tail_angle"),
        ("set_coordinate_range", {"coordinates": [ELBOW], "minimum_deg": 0}, "maximum_deg"),
        ("set_rigid_tendons", {"value": 1}, "value"),
        ("set_tendon_strain", {"muscles": ["tail"], "value": 0.06}, "tail"),
    ],
)
def test_a_mistaken_edit_is_told_by_what_is_mistaken(
    tmp_path: Path, operation: str, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ModelError, match=named):
        apply_edits(open_model(muscled_hinge(tmp_path)), [edit(operation, arguments)])


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_every_marker_of_a_set_finds_its_place_on_the_generic_model(
    generic_model: Path, path: Path
) -> None:
    chosen = load_markerset(path)
    model = open_model(generic_model)
    own = {marker.getName(): marker for marker in model.getMarkerSet()}
    bodies = {body.getName() for body in model.getBodySet()}
    coordinates = {coordinate.getName() for coordinate in model.getCoordinateSet()}
    names = [marker.name for marker in chosen.markers]
    assert len(set(names)) == len(names)
    for marker in chosen.markers:
        assert marker.body in bodies, marker.name
        assert marker.at is None or marker.at in own, marker.name
        if marker.at is not None:
            frame = own[marker.at].getParentFrame().findBaseFrame().getName()
            assert frame == marker.body, marker.name
        placed = marker.at is not None or marker.location_m is not None
        assert placed or marker.static_weight == 0.0, f"{marker.name} pulls from nowhere"
    known = set(names)
    for rule in chosen.scaling:
        assert set(rule.bodies) <= bodies
        assert {name for pair in rule.pairs for name in pair} <= known
    for roles in (*chosen.landmarks.values(), chosen.trunk):
        assert set(roles.values()) <= known
    assert set(chosen.neutral) | set(chosen.static_ranges_deg) <= coordinates


def femur_and_tibia() -> MarkerSet:
    """Return a marker set for ``knee_like`` that scales its two long bones."""
    markers = tuple(
        MarkerDefinition(f"m_{body}{i}", body, f"{body}{i}", None, 1.0, 1.0)
        for body in ("femur_r", "tibia_r", "foot_r")
        for i in range(3)
    )
    rules = (
        ScaleRule(("femur_r", "patella_r"), "XYZ", (("m_femur_r0", "m_femur_r1"),), "markers"),
        ScaleRule(("tibia_r",), "XYZ", (("m_tibia_r0", "m_tibia_r2"),), "markers"),
        ScaleRule(("foot_r",), "Y", (), "height"),
    )
    return MarkerSet("two", markers, (), rules, {}, {}, 1.7)


def recorded(model: osim.Model) -> dict[str, np.ndarray]:
    """Return a model's markers in its default pose."""
    model.initSystem()
    tree = compile_tree(model)
    pose = np.array([[coordinate.default for coordinate in tree.coordinates]])
    places = marker_positions(tree, solve_forward(tree, pose))[0]
    return dict(zip(tree.markers, places, strict=True))


def test_unequal_factors_of_a_scaled_model_are_measured_back(tmp_path: Path) -> None:
    path, chosen = knee_like(tmp_path), femur_and_tibia()
    truth = {
        "femur_r": np.full(3, 1.2),
        "patella_r": np.full(3, 1.2),
        "tibia_r": np.full(3, 0.9),
        "foot_r": np.array([1.0, 1.05, 1.0]),
    }
    stretched = open_model(path)
    attach_markers(stretched, chosen)
    scale_bodies(stretched, truth, 12.0)
    generic = open_model(path)
    attach_markers(generic, chosen)
    found = measure_factors(generic, chosen, recorded(stretched), 1.05 * 1.7)
    assert set(found) == set(truth)
    for body, values in truth.items():
        np.testing.assert_allclose(found[body], values, rtol=1e-9, err_msg=body)


def test_mass_is_the_runners_and_its_distribution_the_models(tmp_path: Path) -> None:
    model = open_model(knee_like(tmp_path))
    model.initSystem()
    before = np.array([body.getMass() for body in model.getBodySet()])
    scale_bodies(model, {"femur_r": np.full(3, 1.2), "tibia_r": np.full(3, 0.9)}, 61.3)
    after = np.array([body.getMass() for body in model.getBodySet()])
    assert model.getTotalMass(model.initSystem()) == pytest.approx(61.3, abs=1e-12)
    np.testing.assert_allclose(after / 61.3, before / before.sum(), rtol=1e-12)


def test_a_missing_scaling_marker_and_an_absurd_factor_are_refused(tmp_path: Path) -> None:
    chosen = femur_and_tibia()
    model = open_model(knee_like(tmp_path))
    attach_markers(model, chosen)
    points = recorded(model)
    without = {name: place for name, place in points.items() if name != "m_tibia_r2"}
    with pytest.raises(RecordingError, match="m_tibia_r2"):
        measure_factors(model, chosen, without, 1.7)
    with pytest.raises(RecordingError):
        measure_factors(model, chosen, {k: 0.1 * v for k, v in points.items()}, 1.7)


@pytest.mark.parametrize(("body", "at"), [("tail", None), ("bob", "nowhere")])
def test_a_marker_without_a_home_is_refused(tmp_path: Path, body: str, at: str | None) -> None:
    lost = MarkerDefinition("lost", body, at, None, 1.0, 1.0)
    with pytest.raises(ModelError, match=at or body):
        attach_markers(open_model(pendulum(tmp_path)), replace(femur_and_tibia(), markers=(lost,)))


def test_volume_over_length_strengthens_what_did_not_lengthen(tmp_path: Path) -> None:
    model = open_model(muscled_hinge(tmp_path, 2))
    before = fibre_lengths_m(model)
    model.getMuscles().get(1).set_optimal_fiber_length(2.0 * before["flexor1_r"])
    scale_strength(model, before, "handsfield2014", (70.0, 70.0), (1.7, 1.7))
    forces = [model.getMuscles().get(i).get_max_isometric_force() for i in range(2)]
    np.testing.assert_allclose(forces, [1000.0, 500.0], rtol=1e-12)


def test_an_unknown_strength_law_is_refused(tmp_path: Path) -> None:
    model = open_model(muscled_hinge(tmp_path))
    with pytest.raises(ConfigError, match="guess"):
        scale_strength(model, fibre_lengths_m(model), "guess", (70.0, 70.0), (1.7, 1.7))


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_the_static_pose_does_not_know_where_the_runner_faces(
    generic_model: Path, path: Path
) -> None:
    chosen = replace(load_markerset(path), computed=())
    model = open_model(generic_model)
    attach_markers(model, chosen)
    places = recorded(model)
    tree = compile_tree(model)
    found = []
    for heading in np.radians([0.0, 75.0, -160.0]):
        cosine, sine = np.cos(heading), np.sin(heading)
        turn = np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
        stood = np.array([places[name] @ turn.T + [0.4, 0.0, -0.7] for name in tree.markers])
        points = static_points(Markers(np.zeros(1), tree.markers, stood[None], 100.0), chosen)
        found.append(place_markers(tree, chosen, points))
    ground = [i for i, name in enumerate(tree.names) if name in ("pelvis_tx", "pelvis_tz")]
    kept = np.setdiff1d(np.arange(len(tree.names)), ground)
    for other in found[1:]:
        np.testing.assert_allclose(other.coordinates[kept], found[0].coordinates[kept], atol=1e-6)
        for name, location in found[0].locations_m.items():
            np.testing.assert_allclose(other.locations_m[name], location, atol=1e-6)
