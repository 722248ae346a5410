"""A trunk that no marker shows: steady in the laboratory, not carried along by the pelvis.

Runners keep the thorax steadier than the pelvis. With a trunk welded to the pelvis, the pelvis'
own turns swing half of the body's mass, and the root needs forces that nobody felt.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from strikelean.constants import ASSUMED_LEAN_DEG
from strikelean.errors import SolverError
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import body_twists, walk_tree

TORSO = "torso"
TORSO_COORDINATES = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
ITERATIONS, TOLERANCE_RAD = 20, 1e-10


def can_stand(tree: KinematicTree) -> bool:
    """Whether a model has a torso on three rotations of its own."""
    return TORSO in tree.bodies and set(TORSO_COORDINATES) <= set(tree.names)


def stand_trunk(tree: KinematicTree, coordinates: FloatArray) -> FloatArray:
    """Return coordinates (T, Q) with the torso leaning forward steadily, facing forward.

    Args:
        tree: a model that :func:`can_stand`.
        coordinates: (T, Q); those between pelvis and torso are worked out anew.

    Raises:
        SolverError: no angles between pelvis and torso that do it.
    """
    body = tree.bodies.index(TORSO)
    columns: NDArray[np.int64] = np.array([tree.names.index(name) for name in TORSO_COORDINATES])
    # the laboratory's Z points right: forward is a negative turn about it
    target = Rotation.from_rotvec([0.0, 0.0, -np.radians(ASSUMED_LEAN_DEG)])
    result = coordinates.copy()
    result[:, columns] = 0.0
    for _ in range(ITERATIONS):
        pose = walk_tree(tree, result)
        found = Rotation.from_matrix(pose.rotations[body].transpose(2, 0, 1))
        missing = (target * found.inv()).as_rotvec()
        if np.abs(missing).max() < TOLERANCE_RAD:
            return result
        turns = body_twists(tree, pose, body)[:3, columns].transpose(2, 0, 1)
        result[:, columns] += np.linalg.solve(turns, missing[:, :, None])[:, :, 0]
    raise SolverError(
        "solve_kinematics",
        f"angles that let the unseen trunk lean {ASSUMED_LEAN_DEG} deg forward",
        "none",
        "Look at the pelvis' markers, or put markers on the trunk",
    )
