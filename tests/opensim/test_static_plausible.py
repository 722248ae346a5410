"""Static trials that cannot be of this runner, standing: each is named as what it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import standing_runner as runner
from strikelean.errors import ModelError, RecordingError
from strikelean.formats.series import FloatArray
from strikelean.lab.findings import Finding
from strikelean.markersets import ComputedMarker, MarkerSet, load_markerset
from strikelean.model.engine import open_model
from strikelean.model.landmarks import static_points
from strikelean.model.tree import KinematicTree
from strikelean.motion.check_static import check_pose, check_scaled
from strikelean.motion.scale_model import place_markers

RBDS = runner.VIRTUAL.with_name("rbds.yaml")
# a squat with flat feet: hips and knees bent, the ankles take up the rest
SQUAT = {
    f"{name}_{side}": value
    for side in "rl"
    for name, value in (("hip_flexion", 80.0), ("knee_angle", 90.0), ("ankle_angle", 10.0))
}


@pytest.fixture(scope="module")
def tree(generic_model: Path) -> KinematicTree:
    return runner.marked_tree(generic_model, runner.virtual_set())


@pytest.fixture(scope="module")
def points(tree: KinematicTree) -> dict[str, FloatArray]:
    return runner.points_of(tree, runner.pose_of(tree, {}))


def report(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "scaling.json").read_text(encoding="utf-8"))


def sizes(
    points: dict[str, FloatArray],
    markerset: MarkerSet | None = None,
    mass_kg: float = runner.MASS_KG,
    height_m: float = runner.HEIGHT_M,
    factors: dict[str, FloatArray] | None = None,
) -> list[Finding]:
    """Return what is odd about the sizes in a static trial."""
    own, static = markerset or runner.virtual_set(), runner.still(points)
    one = {"femur_r": np.ones(3)}
    found = check_scaled(static, static_points(static, own), own, factors or one, mass_kg, height_m)
    return [finding for finding in found if finding.level != "plausible"]


def posture(tree: KinematicTree, points: dict[str, FloatArray]) -> list[Finding]:
    """Return what is odd about the posture in a static trial."""
    placement = place_markers(tree, runner.virtual_set(), points)
    found = check_pose(tree, placement.coordinates, placement.errors_m)
    return [finding for finding in found if finding.level != "plausible"]


@pytest.fixture(scope="module")
def scaled(points, generic_model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a runner who stands at the origin."""
    folder = tmp_path_factory.mktemp("standing")
    runner.scale(folder, generic_model, runner.still(points))
    return folder


def test_a_runner_who_stands_is_plausible_in_every_figure(scaled) -> None:
    told = report(scaled)
    assert told["warnings"] == []
    assert len(told["plausibility"]) == 6
    assert told["plausibility"]["standing_posture_excess_deg"] == 0.0


@pytest.mark.parametrize(
    ("height_m", "level"),
    [(1.2, "wrong"), (2.3, "wrong"), (1.45, "doubtful"), (2.05, "doubtful")],
)
def test_a_mistaken_stature_is_told(points, height_m, level) -> None:
    found = sizes(points, height_m=height_m, mass_kg=21.0 * height_m**2)
    assert level in {finding.level for finding in found}
    assert "height_m" in str(found[0])


def test_a_trial_that_cannot_be_this_runners_leaves_no_model(
    points, generic_model, tmp_path
) -> None:
    with pytest.raises(RecordingError, match=r"of the stature above the feet.*height_m"):
        runner.scale(tmp_path, generic_model, runner.still(points), height_m=1.2)
    assert not (tmp_path / "scaled.osim").exists()


@pytest.mark.parametrize("mass_kg", [40.0, 110.0])
def test_a_mass_that_does_not_go_with_the_stature_warns(points, mass_kg) -> None:
    (found,) = sizes(points, mass_kg=mass_kg)
    assert found.level == "doubtful"
    assert "mass_kg" in str(found)


def test_a_segment_no_runner_has_warns(points) -> None:
    (found,) = sizes(points, factors={"calcn_r": np.full(3, 1.45), "tibia_r": np.ones(3)})
    assert found.level == "doubtful"
    assert "calcn_r X 1.45" in str(found)
    assert "tibia_r" not in str(found)


def test_a_squat_is_no_static_trial(tree) -> None:
    squat = runner.points_of(tree, runner.pose_of(tree, SQUAT))
    (found,) = posture(tree, squat)
    assert found.level == "wrong"
    assert "quiet standing" in str(found)


def test_bent_knees_warn_with_their_angles(tree) -> None:
    bent = {name: 0.34 * value for name, value in SQUAT.items()}
    (found,) = posture(tree, runner.points_of(tree, runner.pose_of(tree, bent)))
    assert found.level == "doubtful"
    assert "knee_angle_r 3" in str(found)
    assert "hip_flexion_l 2" in str(found)


def test_landmarks_exchanged_between_the_legs_are_refused(tree, points) -> None:
    wrong = dict(points)
    for name in ("LMAL", "MMAL", "LFC", "MFC", "FIB", "TTU"):
        wrong[f"R{name}"], wrong[f"L{name}"] = points[f"L{name}"], points[f"R{name}"]
    found = posture(tree, wrong)
    assert "landmarks within 60 mm RMS" in str(found[0])
    assert found[0].level == "wrong"


def test_a_sacrum_marker_stands_for_both_psis(points) -> None:
    four = replace(
        runner.virtual_set(),
        computed=(
            ComputedMarker(
                "HIP", "hip_centre_harrington2007", ("RASI", "LASI", "RPSI", "LPSI"), "right"
            ),
        ),
    )
    three = replace(four, computed=(replace(four.computed[0], markers=("RASI", "LASI", "SACR")),))
    known = points | {"SACR": 0.5 * (points["RPSI"] + points["LPSI"])}
    places = [static_points(runner.still(known), own)["HIP"] for own in (four, three)]
    np.testing.assert_allclose(places[0], places[1], atol=1e-12)


@pytest.mark.parametrize(
    ("markers", "side"),
    [(("RASI", "LASI"), "right"), (("RASI", "LASI", "RPSI", "LPSI"), None),
     (("RASI", "LASI", "RPSI", "LPSI", "CLAV"), "left")],
)  # fmt: skip
def test_a_hip_centre_of_another_shape_is_refused_in_words(points, markers, side) -> None:
    rule = ComputedMarker("HIP", "hip_centre_harrington2007", markers, side)
    own = replace(runner.virtual_set(), computed=(rule,))
    with pytest.raises(RecordingError, match=r"right and left ASIS.*sacrum"):
        static_points(runner.still(points), own)


@pytest.fixture(scope="module")
def rbds_points(generic_model: Path) -> dict[str, FloatArray]:
    """Return a standing trial of the public dataset's markers on the generic model."""
    own = load_markerset(RBDS)
    tree = runner.marked_tree(generic_model, own)
    computed = {rule.name for rule in own.computed}
    places = runner.points_of(tree, runner.pose_of(tree, {}))
    return {name: place for name, place in places.items() if name not in computed}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"markers": ("L.ASIS", "R.ASIS", "L.PSIS", "R.PSIS")}, "hip centres below the pelvis"),
        ({"markers": ("R.PSIS", "L.PSIS", "R.ASIS", "L.ASIS")}, "hip centres below the pelvis"),
        ({"side": None}, "the right one on the right"),
    ],
)
def test_hip_centres_of_another_order_or_side_are_refused(rbds_points, changes, words) -> None:
    own = load_markerset(RBDS)
    other = {"right": "left", "left": "right"}
    computed = tuple(
        replace(rule, **(changes if "markers" in changes else {"side": other[str(rule.side)]}))
        if rule.side
        else rule
        for rule in own.computed
    )
    found = sizes(rbds_points, replace(own, computed=computed))
    assert [finding.level for finding in found] == ["wrong"]
    assert words in str(found[0])


def test_a_pair_without_a_place_on_the_model_is_refused(
    rbds_points, generic_model, tmp_path
) -> None:
    document = yaml.safe_load(RBDS.read_text(encoding="utf-8"))
    document["scaling"][4]["pairs"] = [["R.Knee", "MIDDLE"]]
    document["computed"].append(
        {"name": "MIDDLE", "method": "midpoint", "markers": ["R.Ankle", "R.Ankle.Medial"]}
    )
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ModelError, match="MIDDLE at two places on the generic model"):
        runner.scale(tmp_path, generic_model, runner.still(rbds_points), markerset=own)


def test_bodies_and_coordinates_the_model_lacks_are_named(points, generic_model, tmp_path) -> None:
    document = yaml.safe_load(runner.VIRTUAL.read_text(encoding="utf-8"))
    document["neutral"].append("subtaler_angle_r")
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump(document), encoding="utf-8")
    runner.scale(tmp_path, generic_model, runner.still(points), markerset=own)
    (line,) = report(tmp_path)["warnings"]
    assert "no subtaler_angle_r" in line
    document["scaling"][0]["bodies"] = ["pelvis", "femor_r"]
    own.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ModelError, match="no body femor_r to scale: Did you mean 'femur_r'"):
        runner.scale(tmp_path, generic_model, runner.still(points), markerset=own)


def test_a_static_trial_anywhere_in_the_laboratory_scales_alike(
    scaled, points, generic_model, tmp_path
) -> None:
    far = runner.shifted(runner.still(points), np.array([8.0, 0.0, -3.0]))
    runner.scale(tmp_path, generic_model, far)
    here, there = report(scaled), report(tmp_path)
    assert here["scale_factors"] == there["scale_factors"]
    assert here["static_pose_deg"] == there["static_pose_deg"]


def test_the_scaled_bodys_root_may_be_anywhere_and_turns_as_before(scaled, generic_model) -> None:
    model = open_model(scaled / "scaled.osim")
    coordinates = model.getCoordinateSet()
    for name in ("pelvis_tx", "pelvis_ty", "pelvis_tz"):
        assert not coordinates.get(name).get_clamped()
        assert coordinates.get(name).getRangeMax() > 1000.0
    own = open_model(generic_model)
    for name in ("pelvis_tilt", "knee_angle_r"):
        before, after = own.getCoordinateSet().get(name), coordinates.get(name)
        assert after.get_clamped() == before.get_clamped()
        assert after.getRangeMax() == pytest.approx(before.getRangeMax())
