"""How the wrench that a whole motion needs changes with coordinates, speeds and accelerations.

The wrench is what the ground must give: the rate of change of momentum less gravity. Moving one
joint axis moves everything beyond it as one rigid whole, so each derivative is a product with what
the axis carries, added up from the leaves (analytical derivatives of the recursive Newton-Euler
method: Carpentier & Mansard 2018, doi 10.15607/RSS.2018.XIV.038; composite matrices: Echeandia &
Wensing 2021, doi 10.1115/1.4051169). A wrench is (6, T): moment, then force, about the laboratory
origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.motion_kernel import Masses, wrench_frames
from strikelean.formats.series import FloatArray
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import TreePose, walk_tree


@dataclass(frozen=True)
class WrenchSensitivity:
    """The wrench a motion needs, and its derivatives.

    Attributes:
        wrench: (6, T) moment (N m) about the laboratory origin, then force (N).
        slopes: (T, 6, 3, C) derivatives by coordinates, by speeds and by accelerations, dependent
            coordinates folded into those they follow.
    """

    wrench: FloatArray
    slopes: FloatArray


def _fold(
    tree: KinematicTree, slopes: FloatArray, columns: dict[int, int], motion: tuple[FloatArray, ...]
) -> None:
    """Carry derivatives by dependent coordinates to those they follow."""
    q, u, a = motion
    for coupling in tree.couplings:
        leader, follower = coupling.independent, coupling.dependent
        if leader not in columns or follower not in columns:
            continue
        _, slope, bend, third = coupling.curve.expand(q[:, leader, None])
        speed, acceleration = u[:, leader, None], a[:, leader, None]
        place, rate, second = slopes[..., columns[follower]].transpose(2, 0, 1).copy()
        slopes[..., columns[follower]] = 0.0
        into = slopes[..., columns[leader]]
        turn = bend * acceleration + third * speed**2
        into[:, :, 0] += place * slope + rate * bend * speed + second * turn
        into[:, :, 1] += rate * slope + 2.0 * second * bend * speed
        into[:, :, 2] += second * slope


def follow_motion(
    tree: KinematicTree, coordinates: FloatArray, speeds: FloatArray, accelerations: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return copies of a motion, (T, Q) each, whose dependent coordinates move as their leaders."""
    q, u, a = (part.copy() for part in (coordinates, speeds, accelerations))
    for coupling in tree.couplings:
        leader, follower = coupling.independent, coupling.dependent
        q[:, follower], slope, bend, _ = coupling.curve.expand(q[:, leader])
        u[:, follower] = slope * u[:, leader]
        a[:, follower] = slope * a[:, leader] + bend * u[:, leader] ** 2
    return q, u, a


def _columns(tree: KinematicTree, wanted: NDArray[np.int64]) -> dict[int, int]:
    """Return the places of the wanted coordinates, then of those that follow them."""
    found = {int(index): column for column, index in enumerate(wanted)}
    for coupling in tree.couplings:
        if coupling.independent in found:
            found.setdefault(coupling.dependent, len(found))
    return found


def wrench_sensitivity(
    tree: KinematicTree,
    motion: tuple[FloatArray, FloatArray, FloatArray],
    pose: TreePose | None = None,
    wanted: NDArray[np.int64] | None = None,
) -> WrenchSensitivity:
    """Return the wrench that a motion needs of the ground, and its derivatives.

    OpenSim's defect is left aside, whatever the tree says of it.

    Args:
        tree: compiled model.
        motion: coordinates, speeds, accelerations, (T, Q) each, rad and m, per s, per s^2;
            dependent coordinates move as their leaders make them.
        pose: of the coordinates, where it is known already.
        wanted: (C,) coordinates whose derivatives are wanted, all otherwise.
    """
    pose = walk_tree(tree, motion[0]) if pose is None else pose
    wanted = np.arange(len(tree.coordinates)) if wanted is None else wanted
    columns = _columns(tree, wanted)
    places = np.full(len(tree.coordinates), -1)
    places[list(columns)] = list(columns.values())
    masses = Masses(tree.masses_kg, tree.mass_centres_m, tree.inertias_kg_m2, tree.gravity_m_s2)
    speeds, accelerations = (np.ascontiguousarray(part.T) for part in motion[1:])
    wrench, slopes = wrench_frames(
        tree.program, pose.placed, masses, speeds, accelerations, places, len(columns)
    )
    _fold(tree, slopes, columns, motion)
    return WrenchSensitivity(wrench, slopes[..., : len(wanted)])
