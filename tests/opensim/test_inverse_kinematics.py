"""Inverse kinematics on models whose angles are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from known_models import knee_like, pendulum
from strikelean.errors import SolverError
from strikelean.model.engine import open_model
from strikelean.model.forward import follow_couplings, marker_positions, solve_forward
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from test_compiled_tree import random_poses


def _tree(path: Path) -> KinematicTree:
    model = open_model(path)
    model.initSystem()
    return compile_tree(model)


def test_known_swing_is_recovered(tmp_path: Path) -> None:
    tree = _tree(pendulum(tmp_path))
    angles = np.linspace(-0.9, 0.9, 37)[:, None]
    targets = marker_positions(tree, solve_forward(tree, angles))
    solution = solve_inverse_kinematics(tree, targets, np.ones(3))
    np.testing.assert_allclose(solution.coordinates, angles, atol=1e-9)
    assert solution.converged.all()
    assert not solution.at_limit.any()


def test_a_spline_knee_on_a_free_femur_is_recovered(tmp_path: Path) -> None:
    tree = _tree(knee_like(tmp_path))
    poses = follow_couplings(tree, 0.4 * random_poses(tree, 30))
    targets = marker_positions(tree, solve_forward(tree, poses))
    solution = solve_inverse_kinematics(tree, targets, np.ones(len(tree.markers)))
    assert solution.converged.all()
    assert np.nanmax(solution.errors_m) < 1e-8
    np.testing.assert_allclose(solution.coordinates, poses, atol=1e-7)


def test_limits_hold_and_are_reported(tmp_path: Path) -> None:
    tree = _tree(pendulum(tmp_path))
    targets = marker_positions(tree, solve_forward(tree, np.array([[1.3], [0.2]])))
    solution = solve_inverse_kinematics(tree, targets, np.ones(3))
    assert solution.coordinates[0, 0] == pytest.approx(1.0)
    assert solution.at_limit[:, 0].tolist() == [True, False]


def test_unseen_markers_do_not_pull(tmp_path: Path) -> None:
    tree = _tree(pendulum(tmp_path))
    targets = marker_positions(tree, solve_forward(tree, np.array([[0.5], [0.6]])))
    targets[0, 0] = np.nan
    targets[1, 1] = np.nan
    solution = solve_inverse_kinematics(tree, targets, np.ones(3))
    np.testing.assert_allclose(solution.coordinates[:, 0], [0.5, 0.6], atol=1e-9)
    assert np.isnan(solution.errors_m[0, 0])


def test_weight_decides_between_markers_that_disagree(tmp_path: Path) -> None:
    tree = _tree(pendulum(tmp_path))
    true = marker_positions(tree, solve_forward(tree, np.array([[0.3]])))
    false = marker_positions(tree, solve_forward(tree, np.array([[0.6]])))
    mixed = true.copy()
    mixed[:, 0] = false[:, 0]
    angles = [
        solve_inverse_kinematics(tree, mixed, np.array(weights)).coordinates[0, 0]
        for weights in ([1e6, 1, 1], [1, 1, 1], [1e-6, 1, 1])
    ]
    assert angles[0] == pytest.approx(0.6, abs=1e-4)
    assert 0.3 < angles[1] < 0.6
    assert angles[2] == pytest.approx(0.3, abs=1e-4)


def test_nothing_to_solve_for_is_an_error(tmp_path: Path) -> None:
    tree = _tree(pendulum(tmp_path))
    with pytest.raises(SolverError, match="running_weight"):
        solve_inverse_kinematics(tree, np.zeros((1, 3, 3)), np.zeros(3))
