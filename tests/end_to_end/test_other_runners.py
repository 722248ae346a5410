"""The pipeline with a user's own model, and on a runner whose trunk was not recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from delivered import CONFIG, TOP, paths_agree
from strikelean.config.settings import Settings
from strikelean.constants import ASSUMED_LEAN_DEG
from strikelean.counterfactual.write import open_runner
from strikelean.dynamics.rigid_body import inverse_dynamics
from strikelean.dynamics.solve import ground_wrenches, motion_of, read_motion
from strikelean.formats.contacts import read_contacts
from strikelean.formats.ground import read_ground
from strikelean.formats.sto import read_sto
from strikelean.loads.trial_loads import TrialFacts
from strikelean.markersets import load_markerset
from strikelean.model.generic import build_generic_model
from strikelean.model.walk import walk_tree
from strikelean.motion.unseen_trunk import TORSO_COORDINATES
from strikelean.techniques import Technique
from strikelean.verify.prepare_trial import (
    Recorded,
    fullbody_recording,
    markerset_path,
    recorded_files,
    solve_recording,
)


def _peak_body_weights(folder: Path, body: str, mass_kg: float) -> float:
    reactions = read_sto(folder / "joint_reactions.sto")
    stem = next(n[:-2] for n in reactions.columns if n.endswith(f"_in_{body}_fx"))
    size = np.linalg.norm(reactions.vector(stem, ("fx", "fy", "fz")), axis=1)
    return float(np.nanmax(size) / (mass_kg * 9.80665))


def test_a_users_own_model_is_solved_alike(data_folder: Path, tmp_path: Path) -> None:
    own = data_folder / "models" / "RajagopalLaiUhlrich2023.osim"
    build_generic_model(own, tmp_path / "generic.osim", tmp_path / "generic.json")
    runner = replace(fullbody_recording(data_folder), contacts=2)
    solve_recording(tmp_path, TOP, tmp_path / "generic.osim", runner)
    told = json.loads((tmp_path / "muscles.json").read_text(encoding="utf-8"))
    assert told["failed_share"] == 0.0
    assert 4.0 < _peak_body_weights(tmp_path, "tibia_r", runner.mass_kg) < 16.0


@pytest.fixture(scope="module")
def treadmill_runner(
    data_folder: Path, generic_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """RBDS019, two contacts a foot."""
    folder = data_folder / "rbds"
    if not folder.is_dir():
        pytest.skip("no public running dataset beside the full-body recording")
    runner = Recorded(
        (folder / "RBDS019runT35.c3d",), folder / "RBDS019static.c3d", "rbds", 56.85, 1.661, 2
    )
    return solve_recording(tmp_path_factory.mktemp("rbds"), TOP, generic_model, runner)


def test_an_unseen_trunk_keeps_steady_and_says_so(treadmill_runner: Path) -> None:
    told = json.loads((treadmill_runner / "kinematics.json").read_text(encoding="utf-8"))
    assert told["torso_observed"] is False
    assert told["trunk_assumed_lean_deg"] == ASSUMED_LEAN_DEG
    assert {"arm_flex_r", "elbow_flex_l"} <= set(told["held_at_rest"])
    motion = read_motion(treadmill_runner / "scaled.osim", treadmill_runner / "kinematics.mot")
    tree = motion.tree
    torso = walk_tree(tree, motion.coordinates).rotations[tree.bodies.index("torso")]
    lean = np.degrees(np.arctan2(torso[0, 1], torso[1, 1]))
    # filtered after it was set: a few hundredths of a degree
    np.testing.assert_allclose(lean, ASSUMED_LEAN_DEG, atol=0.3)
    points = read_sto(treadmill_runner / "body_points.sto")
    assert points.header["torso_observed"] == "no"
    assert np.isnan(points.vector("trunk_line_", "xyz")).all()


def test_a_steady_trunk_asks_for_less_unfelt_force_than_a_welded_one(
    treadmill_runner: Path, agree
) -> None:
    motion = read_motion(treadmill_runner / "scaled.osim", treadmill_runner / "kinematics.mot")
    tree = motion.tree
    ground = ground_wrenches(read_ground(treadmill_runner / "grf.mot"), motion.time_s)
    welded = motion.coordinates.copy()
    welded[:, [tree.names.index(name) for name in TORSO_COORDINATES]] = 0.0
    sizes = []
    for coordinates in (motion.coordinates, welded):
        moved = motion_of(tree, motion.time_s, coordinates)
        forces = inverse_dynamics(
            tree, moved.coordinates, moved.speeds, moved.accelerations, ground
        )
        sizes.append(np.sqrt(np.mean(forces[:, :6] ** 2, axis=0)))
    agree("root residual with a steady trunk over that with a welded one",
          float((sizes[0] / sizes[1])[[0, 2, 3, 5]].max()), 0.6, "")  # fmt: skip


def test_knee_loads_of_a_real_runner_are_plausible(treadmill_runner: Path) -> None:
    spans = read_contacts(treadmill_runner / "contacts.csv").spans()
    assert {side: len(own) for side, own in spans.items()} == {"right": 2, "left": 2}
    moments = read_sto(treadmill_runner / "moments.sto")
    # wide on purpose: 100-260 N m over published running, 4-16 BW at the tibia
    assert 100.0 < -moments.column("knee_angle_r_moment").min() < 260.0
    assert 4.0 < _peak_body_weights(treadmill_runner, "tibia_r", 56.85) < 16.0
    told = json.loads((treadmill_runner / "dynamics.json").read_text(encoding="utf-8"))
    assert abs(told["lag_s"]) < 0.02


def test_muscle_paths_of_a_real_runner_are_opensims(treadmill_runner: Path, agree) -> None:
    paths_agree(treadmill_runner, "treadmill runner", agree)


@pytest.mark.long
def test_lean_unloads_the_knee_and_loads_the_hip_of_a_runner_without_a_recorded_trunk(
    treadmill_runner: Path,
) -> None:
    folder, markers = treadmill_runner, markerset_path(TOP, "rbds")
    few = CONFIG["counterfactual"] | {"strides": 2, "band_strides": 1, "hip_share": 0.5}
    settings = Settings.from_config(CONFIG | {"counterfactual": few})
    trunk = load_markerset(markers).trunk
    facts = TrialFacts("RBDS019", "runT35", 56.85, 1.661, 3.5, trunk)
    runner = open_runner(recorded_files(folder, markers), settings, facts)
    knees, hips = [], []
    for lean in (-10, 0, 10, 20):
        technique = Technique(lean_deg=lean)
        solved = runner.solve(technique)
        assert not solved.refused, solved.reasons()
        found = solved.figures()
        assert float(found["acceleration_ratio"] or 0.0) <= 1.2
        assert float(found["beyond_limit_deg"] or 0.0) <= 0.01
        table = runner.evaluate(technique, runner.derive(solved))
        # an angle of a trunk that nobody saw is not given
        assert table.loc[table["metric"].str.startswith("trunk_lean"), "value"].isna().all()
        means = table.groupby("metric")["value"].mean()
        knees.append(means["knee_extension_moment_peak"])
        hips.append(means["hip_extension_moment_impulse"])
    print("knee", knees, "hip", hips)
    assert np.all(np.diff(knees) < 0.0)
    assert np.all(np.diff(hips) > 0.0)
