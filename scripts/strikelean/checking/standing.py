"""A runner standing, to be drawn: the scaled model's lines and the markers about them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from strikelean.formats.series import FloatArray, Markers
from strikelean.layout import RunnerFiles
from strikelean.markersets import SIDES, MarkerSet
from strikelean.model.engine import open_model
from strikelean.model.forward import solve_forward
from strikelean.model.landmarks import static_points
from strikelean.model.lines import LINES
from strikelean.model.tree import compile_tree
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from strikelean.motion.scale_model import standing_tree


def _rounded(point: FloatArray, middle: FloatArray) -> list[float]:
    return [round(float(value), 4) for value in point - middle]


def standing_picture(
    static: Markers, marker_set: MarkerSet, files: RunnerFiles | None
) -> dict[str, Any]:
    """Return where markers and joints are, metres forward, up and to the right.

    Args:
        static: standing trial in laboratory axes.
        marker_set: of the trial.
        files: with the scaled model, None where there is none: then there are no lines.

    Returns:
        ``markers`` with their place (3,) about the middle between the feet, ``lines`` with their
        two ends, ``bodies`` by marker.

    Raises:
        RecordingError: a landmark is missing without which nobody faces forward.
    """
    points = static_points(static, marker_set)
    known = marker_set.marker_names() | marker_set.computed_names()
    bodies = {marker.name: marker.body for marker in marker_set.markers}
    shown = {name: point for name, point in points.items() if name in known}
    feet = [points[marker_set.landmark(side, "heel")] for side in SIDES]
    middle = np.mean(feet, axis=0) * (1.0, 0.0, 1.0)
    lines = [] if files is None else _lines(files, marker_set, points)
    return {
        "markers": {name: _rounded(point, middle) for name, point in sorted(shown.items())},
        "computed": sorted(marker_set.computed_names() & set(shown)),
        "bodies": {name: bodies[name] for name in sorted(shown) if name in bodies},
        "lines": [[_rounded(start, middle), _rounded(end, middle)] for start, end in lines],
    }


def _lines(
    files: RunnerFiles, marker_set: MarkerSet, points: dict[str, FloatArray]
) -> list[tuple[FloatArray, FloatArray]]:
    """Return the scaled model's lines in the pose that its markers give."""
    model = open_model(files.model)
    model.initSystem()
    tree = standing_tree(compile_tree(model), marker_set)
    unseen = np.full(3, np.nan)
    targets = np.array([[points.get(name, unseen) for name in tree.markers]])
    start = np.array([coordinate.default for coordinate in tree.coordinates])
    # the markers were put where they are seen in this very pose: it is found again, not fitted
    found = solve_inverse_kinematics(
        tree, targets, np.ones(len(tree.markers)), start=start, fixed=marker_set.neutral
    )
    pose = solve_forward(tree, found.coordinates)
    joints = {
        tree.bodies[joint.child]: pose.origins_m[0, number]
        for number, joint in enumerate(tree.joints)
    }
    return [
        (joints[start], joints[end])
        for line in LINES
        for start, end in pairwise(line)
        if start in joints and end in joints
    ]
