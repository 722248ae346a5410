"""Points and axes of the moving body that the per-step metrics read, without OpenSim."""

from __future__ import annotations

import numpy as np

from strikelean.derivatives import differentiate
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.markersets import FOOT_POINTS, SIDES, MarkerSet, back_of_pelvis
from strikelean.model.forward import Pose, marker_positions, mass_centre, solve_forward
from strikelean.model.tree import KinematicTree

JOINT_CENTRES = {"hip": "femur", "knee": "tibia", "ankle": "talus"}


def joint_centre(tree: KinematicTree, pose: Pose, body: str) -> FloatArray:
    """Return the centre of the joint that carries a body, (T, 3) metres."""
    child = tree.body_index(body)
    joint = next(i for i, joint in enumerate(tree.joints) if joint.child == child)
    return pose.origins_m[:, joint]


def trunk_line(markers: Markers, marker_set: MarkerSet, time_s: FloatArray) -> FloatArray:
    """Return the unit vector from mid-PSIS (or sacrum) to C7, (T, 3); NaN where not recorded."""
    back, neck = back_of_pelvis(marker_set.trunk), marker_set.trunk.get("c7", "")
    if not back or not all(name in markers for name in (*back, neck)):
        return np.full((len(time_s), 3), np.nan)
    middle = np.mean([markers.position(name) for name in back], axis=0)
    line = markers.position(neck) - middle
    line = line / np.linalg.norm(line, axis=1, keepdims=True)
    rows = np.clip(np.searchsorted(markers.time_s, time_s - 1e-6), 0, len(line) - 1)
    return np.asarray(line[rows])


def body_points_table(
    tree: KinematicTree,
    marker_set: MarkerSet,
    markers: Markers,
    time_s: FloatArray,
    coordinates: FloatArray,
    rate_hz: float,
    torso_observed: bool,
) -> TimeSeries:
    """Return centre of mass, joint centres, foot landmarks and trunk axes (SI, laboratory).

    Args:
        tree: the scaled model with the tracked markers.
        marker_set: landmark roles.
        markers: the recording, for the trunk line drawn by its markers.
        time_s: (T,) times.
        coordinates: (T, Q) filtered.
        rate_hz: sampling rate.
        torso_observed: whether markers fix the trunk; otherwise the centre of mass and
            the torso axis stand on an assumed trunk, and the header says so.
    """
    pose = solve_forward(tree, coordinates)
    placed = marker_positions(tree, pose)
    com = mass_centre(tree, pose)
    columns: dict[str, FloatArray] = {
        "com": com,
        "com_velocity": differentiate(time_s, com, rate_hz)[0],
        "pelvis": pose.positions_m[:, tree.body_index("pelvis")],
    }
    for side in SIDES:
        letter = side[0]
        for name, body in JOINT_CENTRES.items():
            columns[f"{name}_{letter}"] = joint_centre(tree, pose, f"{body}_{letter}")
        for name, role in FOOT_POINTS.items():
            marker = marker_set.landmark(side, role)
            if marker in tree.markers:
                columns[f"{name}_{letter}"] = placed[:, tree.markers.index(marker)]
    if "torso" in tree.bodies:
        columns["torso_axis"] = pose.rotations[:, tree.body_index("torso"), :, 1]
    columns["trunk_line"] = trunk_line(markers, marker_set, time_s)
    names = tuple(f"{name}_{axis}" for name in columns for axis in "xyz")
    header = {"torso_observed": "yes" if torso_observed else "no", "units": "m, m/s, 1"}
    values = np.concatenate(list(columns.values()), axis=1)
    return TimeSeries(time_s, names, values, False, header)
