"""Bodies that scaling cannot see: what differs, by how much, and what stays."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from strikelean.model.engine import open_model, vec3
from strikelean.model.mismatch import SHIFTED_JOINTS, Mismatch, disturb_model, misshape

SIZES = Mismatch(
    shape_percent=5.0,
    arm_percent=4.0,
    joint_centre_mm=4.0,
    mass_percent=8.0,
    strength_percent=10.0,
    muscle_exponent=3.0,
)
NOTHING = Mismatch(**{field.name: 0.0 for field in fields(Mismatch)})


def centre(model: Any, joint: str) -> np.ndarray:
    import opensim as osim

    frame = model.getJointSet().get(joint).get_frames(0)
    return vec3(osim.PhysicalOffsetFrame.safeDownCast(frame).get_translation())


def figures(model: Any) -> dict[str, Any]:
    muscles, bodies = list(model.getMuscles()), list(model.getBodySet())
    return {
        "mass": np.array([body.getMass() for body in bodies]),
        "strength": {m.getName(): m.get_max_isometric_force() for m in muscles},
        "fibre": np.array([m.get_optimal_fiber_length() for m in muscles]),
        "centre": {f"{n}_{s}": centre(model, f"{n}_{s}") for n in SHIFTED_JOINTS for s in "rl"},
    }


def disturbed(generic: Path, mismatch: Mismatch) -> tuple[dict[str, Any], dict[str, Any]]:
    model = open_model(generic)
    model.initSystem()
    before = figures(model)
    disturb_model(model, mismatch, np.random.default_rng(5))
    model.initSystem()
    return before, figures(model)


def test_no_mismatch_changes_nothing(generic_model: Path) -> None:
    before, after = disturbed(generic_model, NOTHING)
    np.testing.assert_allclose(after["mass"], before["mass"], rtol=1e-12)
    np.testing.assert_allclose(after["fibre"], before["fibre"], rtol=1e-12)
    assert after["strength"] == pytest.approx(before["strength"])


def test_the_whole_mass_stays_and_both_sides_are_alike(generic_model: Path) -> None:
    before, after = disturbed(generic_model, SIZES)
    assert after["mass"].sum() == pytest.approx(before["mass"].sum())
    assert np.abs(after["mass"] / before["mass"] - 1.0).max() > 0.02
    for name, force in after["strength"].items():
        if name.endswith("_r"):
            twin = f"{name[:-2]}_l"
            ratios = force / before["strength"][name], after["strength"][twin]
            assert ratios[0] == pytest.approx(ratios[1] / before["strength"][twin])
    for joint in SHIFTED_JOINTS:
        right, left = (after["centre"][f"{joint}_{s}"] - before["centre"][f"{joint}_{s}"]
                       for s in "rl")  # fmt: skip
        np.testing.assert_allclose(left, right * [1.0, 1.0, -1.0], atol=1e-12)
        assert 0.0005 < np.linalg.norm(right) < 0.02


def test_shapes_differ_across_and_keep_their_length() -> None:
    bodies = ("pelvis", "femur_r", "femur_l", "tibia_r", "tibia_l", "torso", "humerus_r", "hand_l")
    factors = {body: np.full(3, 1.1) for body in bodies}
    found = misshape(factors, SIZES, np.random.default_rng(5))
    np.testing.assert_array_equal(found["femur_r"], found["femur_l"])
    for body in bodies[:6]:
        assert found[body][1] == 1.1
        assert np.all(found[body][[0, 2]] != 1.1)
    assert found["humerus_r"][0] == found["humerus_r"][1] == found["hand_l"][2] != 1.1
    np.testing.assert_array_equal(factors["femur_r"], 1.1)
