"""The compiled model is OpenSim's model: positions, mass centre and derivatives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from known_models import knee_like, pendulum
from strikelean.errors import ModelError
from strikelean.model.engine import open_model, vec3
from strikelean.model.forward import (
    follow_couplings,
    marker_positions,
    mass_centre,
    point_jacobian,
    solve_forward,
)
from strikelean.model.tree import KinematicTree, compile_tree


def random_poses(tree: KinematicTree, count: int) -> np.ndarray:
    """Return poses inside the limits, locked coordinates at rest, couplings followed."""
    rng = np.random.default_rng(1)
    lower = np.array([max(c.lower, -1.5) for c in tree.coordinates])
    upper = np.array([min(c.upper, 1.5) for c in tree.coordinates])
    poses = rng.uniform(lower, upper, (count, len(lower)))
    for index, coordinate in enumerate(tree.coordinates):
        if coordinate.locked:
            poses[:, index] = coordinate.default
    return follow_couplings(tree, poses)


def largest_error(path: Path, count: int) -> float:
    """Return the largest distance (m) of any marker or the mass centre from OpenSim's."""
    model = open_model(path)
    state = model.initSystem()
    tree = compile_tree(model)
    poses = random_poses(tree, count)
    pose = solve_forward(tree, poses)
    placed, centre = marker_positions(tree, pose), mass_centre(tree, pose)
    worst = 0.0
    for frame in range(count):
        for index, coordinate in enumerate(tree.coordinates):
            if not coordinate.locked:
                part = model.getCoordinateSet().get(coordinate.name)
                part.setValue(state, poses[frame, index], False)
        model.realizePosition(state)
        for index, name in enumerate(tree.markers):
            place = vec3(model.getMarkerSet().get(name).getLocationInGround(state))
            worst = max(worst, float(np.abs(place - placed[frame, index]).max()))
        own = vec3(model.calcMassCenterPosition(state))
        worst = max(worst, float(np.abs(own - centre[frame]).max()))
    return worst


@pytest.mark.parametrize("build", [pendulum, knee_like])
def test_markers_and_mass_centre_are_where_opensim_has_them(
    tmp_path: Path, build: Callable[[Path], Path]
) -> None:
    assert largest_error(build(tmp_path), 10) < 1e-9


def test_generic_model_is_where_opensim_has_it(generic_model: Path) -> None:
    assert largest_error(generic_model, 5) < 1e-9


@pytest.mark.parametrize("build", [pendulum, knee_like])
def test_jacobian_is_the_derivative_of_the_markers(
    tmp_path: Path, build: Callable[[Path], Path]
) -> None:
    model = open_model(build(tmp_path))
    model.initSystem()
    tree = compile_tree(model)
    poses = random_poses(tree, 4)
    pose = solve_forward(tree, poses, partials=True)
    points = marker_positions(tree, pose)
    jacobian = point_jacobian(tree, pose, poses, tree.marker_bodies, points)
    dependent = {coupling.dependent for coupling in tree.couplings}
    for index in range(len(tree.coordinates)):
        if index in dependent:
            continue
        change = np.zeros_like(poses)
        change[:, index] = 1e-6
        ahead = marker_positions(tree, solve_forward(tree, poses + change))
        behind = marker_positions(tree, solve_forward(tree, poses - change))
        np.testing.assert_allclose(jacobian[..., index], (ahead - behind) / 2e-6, atol=1e-8)


def test_unknown_marker_is_refused_by_name(tmp_path: Path) -> None:
    model = open_model(pendulum(tmp_path))
    model.initSystem()
    with pytest.raises(ModelError, match="nowhere"):
        compile_tree(model, ["tip", "nowhere"])
