"""Derivatives of the distance between model and recorded markers, against differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from opensim_twin import compiled
from strikelean.model.forward import follow_couplings, marker_positions, solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.motion.marker_fit import fit_markers
from test_rigid_body import violent_motion

FRAMES = 4


@pytest.fixture(scope="module")
def tree(generic_model: Path) -> KinematicTree:
    return compiled(generic_model)


def a_problem(tree: KinematicTree) -> tuple[np.ndarray, ...]:
    """Return coordinates, free ones, recorded markers (3, M, T) and their weights (M, T)."""
    rng = np.random.default_rng(11)
    values = follow_couplings(tree, violent_motion(tree, FRAMES)[0])
    marked = tree.descends()[:, tree.marker_bodies].any(axis=1)
    moving = {
        axis.coordinate
        for joint, some in zip(tree.joints, marked, strict=True)
        for axis in (*joint.rotations, *joint.translations)
        if some
    }
    followers = {coupling.dependent for coupling in tree.couplings}
    free = np.array(sorted(moving - followers - {-1}))
    placed = marker_positions(tree, solve_forward(tree, values)).transpose(2, 1, 0)
    targets = placed + rng.normal(0.0, 0.1, placed.shape)
    return values, free, targets, rng.uniform(0.0, 2.0, targets.shape[1:])


def test_cost_is_the_weighted_distance_and_its_derivatives_are_those_of_differences(tree, agree):
    values, free, targets, weights = a_problem(tree)
    curved = np.ones(FRAMES, dtype=bool)

    def fit(change: np.ndarray):
        moved = values.copy()
        moved[:, free] += change
        return fit_markers(tree, follow_couplings(tree, moved), free, targets, weights, curved)

    here = fit(np.zeros(len(free)))
    placed = marker_positions(tree, solve_forward(tree, values)).transpose(2, 1, 0)
    apart = (weights * ((placed - targets) ** 2).sum(axis=0)).sum(axis=0)
    np.testing.assert_allclose(here.cost_m2, apart, rtol=1e-12)
    worst = np.zeros(2)
    for place in range(len(free)):
        step = np.zeros(len(free))
        step[place] = 1e-6
        ahead, behind = fit(step), fit(-step)
        # half the derivatives
        slope = (ahead.cost_m2 - behind.cost_m2) / 4e-6
        rows = (ahead.gradient - behind.gradient) / 2e-6
        errors = np.abs(slope - here.gradient[:, place]), np.abs(rows - here.hessian[:, place])
        worst = np.maximum(worst, [error.max() for error in errors])
    agree("gradient of the markers' fit against differences", worst[0], 1e-6, "m^2/rad")
    agree("curvature of the markers' fit against differences", worst[1], 1e-6, "m^2/rad^2")


def test_without_curvature_the_second_derivative_is_that_of_a_perfect_fit(tree):
    values, free, targets, weights = a_problem(tree)
    bent, plain = (np.full(FRAMES, curved) for curved in (True, False))
    placed = marker_positions(tree, solve_forward(tree, values)).transpose(2, 1, 0)
    perfect = fit_markers(tree, values, free, placed, weights, bent)
    found = fit_markers(tree, values, free, targets, weights, plain)
    np.testing.assert_allclose(found.hessian, perfect.hessian, atol=1e-11)
    assert np.linalg.eigvalsh(found.hessian).min() > -1e-10


def test_a_frame_that_is_not_known_leaves_the_others_alone(tree):
    values, free, targets, weights = a_problem(tree)
    curved = np.ones(FRAMES, dtype=bool)
    whole = fit_markers(tree, values, free, targets, weights, curved)
    holed = targets.copy()
    holed[:, 0, 1] = np.nan
    found = fit_markers(tree, values, free, holed, weights, curved)
    known = [0, 2, 3]
    assert np.isnan(found.cost_m2[1])
    for name in ("cost_m2", "gradient", "hessian"):
        np.testing.assert_array_equal(getattr(found, name)[known], getattr(whole, name)[known])
