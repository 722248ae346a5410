"""Kinematics of frames wherever they lie, and of too few or half-seen ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import standing_runner as runner
from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.sto import read_sto
from strikelean.model.tree import KinematicTree

FAR_M = np.array([8.0, 0.0, -3.5])


@pytest.fixture(scope="module")
def tree(generic_model: Path) -> KinematicTree:
    return runner.marked_tree(generic_model, runner.virtual_set())


@pytest.fixture(scope="module")
def scaled(tree: KinematicTree, generic_model: Path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("scaled")
    points = runner.points_of(tree, runner.pose_of(tree, {}))
    return runner.scale(folder, generic_model, runner.still(points))


@pytest.fixture(scope="module")
def motion(tree: KinematicTree) -> tuple[Markers, FloatArray]:
    return runner.moving(tree)


def without(markers: Markers, *names: str, frames: slice = slice(None)) -> Markers:
    positions = markers.positions_m.copy()
    for name in names:
        positions[frames, markers.names.index(name)] = np.nan
    return replace(markers, positions_m=positions)


def report(outputs: dict[str, Path]) -> dict[str, object]:
    return json.loads(outputs["report"].read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("engine", "spans", "allowed"),
    # OpenSim's solver stops within its accuracy, wherever it started
    [("fast", ((0.1, 0.5),), 1e-6), ("opensim", ((0.1, 0.15),), 0.02)],
)
def test_a_runner_far_from_the_origin_moves_as_one_at_it(
    scaled, motion, tmp_path, engine, spans, allowed, agree
) -> None:
    markers = motion[0]
    settings = replace(runner.SETTINGS, engine=engine)
    found = []
    for name, shift in (("here", np.zeros(3)), ("there", FAR_M)):
        outputs = runner.solve(
            tmp_path / name, scaled, runner.shifted(markers, shift), spans, settings
        )
        assert report(outputs)["marker_rms_m"] < 1e-3
        assert "pelvis_tx" not in report(outputs)["limit_share"]
        found.append({key: read_sto(outputs[key]) for key in ("kinematics", "body_points")})
    here, there = (one["kinematics"] for one in found)
    move = np.zeros(len(here.columns))
    for axis, name in enumerate(("pelvis_tx", "pelvis_ty", "pelvis_tz")):
        move[here.index(name)] = FAR_M[axis]
    apart = np.abs(there.values - here.values - move).max()
    agree(f"coordinates 8 m from the origin, {engine}, deg and m", apart, allowed, "")
    here, there = (one["body_points"] for one in found)
    for column in here.columns:
        stem, axis = column.rsplit("_", 1)
        fixed = stem in ("com_velocity", "torso_axis", "trunk_line")
        move_m = 0.0 if fixed else FAR_M["xyz".index(axis)]
        np.testing.assert_allclose(
            there.column(column), here.column(column) + move_m, atol=allowed, err_msg=column
        )


def test_order_and_clock_of_the_markers_change_nothing(scaled, motion, tmp_path) -> None:
    markers = motion[0]
    order = np.random.default_rng(5).permutation(len(markers.names))
    other = replace(
        markers,
        time_s=markers.time_s + 4000.0,
        names=tuple(markers.names[i] for i in order),
        positions_m=markers.positions_m[:, order],
    )
    first = read_sto(runner.solve(tmp_path / "a", scaled, markers)["kinematics"])
    spans = ((4000.1, 4000.5),)
    second = read_sto(runner.solve(tmp_path / "b", scaled, other, spans)["kinematics"])
    np.testing.assert_allclose(second.values, first.values, atol=1e-7)


def test_a_mirror_image_moves_its_other_leg_alike(scaled, motion, tmp_path) -> None:
    markers = motion[0]
    # without the midline markers of the trunk, which the generic model has beside the midline
    trunk = without(markers, "C7", "CLAV", "T10", "STRN", "RACR", "LACR")
    swap = {"R": "L", "L": "R"}
    mirrored = replace(
        trunk,
        names=tuple(swap.get(name[0], name[0]) + name[1:] for name in trunk.names),
        positions_m=trunk.positions_m * [1.0, 1.0, -1.0],
    )
    one = read_sto(runner.solve(tmp_path / "a", scaled, trunk)["kinematics"])
    other = read_sto(runner.solve(tmp_path / "b", scaled, mirrored)["kinematics"])
    for name in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle"):
        for side, opposite in ("rl", "lr"):
            np.testing.assert_allclose(
                other.column(f"{name}_{side}"), one.column(f"{name}_{opposite}"), atol=1e-5
            )


def test_a_landmark_that_does_not_pull_still_has_its_place(scaled, motion, tmp_path) -> None:
    outputs = runner.solve(tmp_path / "a", scaled, without(motion[0], "RTOE"))
    whole = read_sto(runner.solve(tmp_path / "b", scaled, motion[0])["body_points"])
    points = read_sto(outputs["body_points"])
    toes = [f"toe_r_{axis}" for axis in "xyz"]
    for name in toes:
        np.testing.assert_allclose(points.column(name), whole.column(name), atol=1e-4)


def test_a_segment_that_is_blank_all_through_is_held_and_said(scaled, motion, tmp_path) -> None:
    arm = ("RUA1", "RUA2", "RUA3", "RLEL", "RMEL", "RFAsuperior", "RFAradius", "RFAulna")
    told = report(runner.solve(tmp_path, scaled, without(motion[0], *arm)))
    assert {"arm_flex_r", "elbow_flex_r"} <= set(told["held_at_rest"])
    assert told["marker_rms_m"] < 1e-4


def test_frames_without_any_marker_lie_between_their_neighbours(scaled, motion, tmp_path) -> None:
    blank = without(motion[0], *motion[0].names, frames=slice(20, 23))
    outputs = runner.solve(tmp_path / "a", scaled, blank)
    assert report(outputs)["unconverged_share"] > 0.0
    whole = read_sto(runner.solve(tmp_path / "b", scaled, motion[0])["kinematics"])
    apart = read_sto(outputs["kinematics"]).values - whole.values
    assert np.isfinite(apart).all()
    assert np.abs(apart).max() < 1.0


@pytest.mark.parametrize(
    ("change", "spans", "settings", "words"),
    [
        (lambda m: m, (), runner.SETTINGS, "frames of markers around every selected contact"),
        (lambda m: m, ((5.0, 5.2),), runner.SETTINGS, "frames of markers around"),
        (lambda m: m, ((0.10, 0.11),), replace(runner.SETTINGS, margin_s=0.0), "frames of mark"),
        (
            lambda m: replace(m, time_s=4.0 * m.time_s, rate_hz=25.0),
            ((0.1, 2.0),),
            runner.SETTINGS,
            "more than 30 Hz, twice filter.cutoff_hz",
        ),
        (lambda m: without(m, *m.names), ((0.1, 0.5),), runner.SETTINGS, "only none of them"),
    ],
)
def test_frames_that_cannot_be_solved_are_named(
    scaled, motion, tmp_path, change, spans, settings, words
) -> None:
    with pytest.raises(RecordingError, match=words):
        runner.solve(tmp_path, scaled, change(motion[0]), spans, settings)
