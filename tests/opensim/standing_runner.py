"""A standing and a moving runner made of the generic model itself, with every angle known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from strikelean.formats.contacts import Contacts, FootContact
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.trc import write_trc
from strikelean.layout import TrialFiles
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.model.engine import open_model
from strikelean.model.forward import follow_couplings, marker_positions, solve_forward
from strikelean.model.scaling import attach_markers
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.motion.coordinates_io import write_coordinates
from strikelean.motion.scale_model import scale_model
from strikelean.motion.solve import SolveSettings, solve_kinematics, write_kinematics

TOP = Path(__file__).parents[2]
VIRTUAL = TOP / "models" / "markersets" / "virtual.yaml"
HEIGHT_M, MASS_KG = 1.70, 61.2
RATE_HZ = 100.0
SETTINGS = SolveSettings("fast", 1e-7, 0.05, 15.0, 4)


def marked_tree(generic: Path, marker_set: MarkerSet) -> KinematicTree:
    """Return the unscaled generic model with a marker set's markers."""
    model = open_model(generic)
    attach_markers(model, marker_set)
    model.initSystem()
    return compile_tree(model)


def pose_of(tree: KinematicTree, degrees: dict[str, float]) -> FloatArray:
    """Return (Q,) the default pose with some angles set."""
    pose = np.array([coordinate.default for coordinate in tree.coordinates])
    for name, value in degrees.items():
        pose[tree.coordinate_index(name)] = np.radians(value)
    return np.asarray(follow_couplings(tree, pose[None])[0])


def points_of(tree: KinematicTree, pose: FloatArray) -> dict[str, FloatArray]:
    """Return the markers of a pose by name, (3,) metres."""
    places = marker_positions(tree, solve_forward(tree, pose[None]))[0]
    return dict(zip(tree.markers, places, strict=True))


def still(points: dict[str, FloatArray], frames: int = 3) -> Markers:
    """Return a static trial of some points."""
    paths = np.tile(np.array(list(points.values())), (frames, 1, 1))
    return Markers(np.arange(frames) / RATE_HZ, tuple(points), paths, RATE_HZ)


def moving(tree: KinematicTree, frames: int = 60) -> tuple[Markers, FloatArray]:
    """Return a runner in the air, all joints turning, and their coordinates (T, Q)."""
    time_s = np.arange(frames) / RATE_HZ
    wave = np.sin(2.0 * np.pi * 1.4 * time_s)
    values = np.tile(pose_of(tree, {}), (frames, 1))
    swings = {"hip_flexion_r": 25.0, "hip_flexion_l": -25.0, "pelvis_rotation": 8.0,
              "ankle_angle_r": 12.0, "lumbar_rotation": -9.0, "arm_flex_l": 20.0}  # fmt: skip
    for name, swing in swings.items():
        values[:, tree.coordinate_index(name)] += np.radians(swing) * wave
    for name in ("knee_angle_r", "knee_angle_l"):
        values[:, tree.coordinate_index(name)] = np.radians(40.0 + 20.0 * wave)
    values[:, tree.coordinate_index("pelvis_tx")] += 0.3 * time_s
    values = follow_couplings(tree, values)
    places = marker_positions(tree, solve_forward(tree, values))
    return Markers(time_s, tree.markers, places, RATE_HZ), values


def shifted(markers: Markers, by_m: FloatArray) -> Markers:
    """Return the markers moved as a whole."""
    return replace(markers, positions_m=markers.positions_m + by_m)


def scale(folder: Path, generic: Path, static: Markers, **changes: object) -> Path:
    """Write ``scaled.osim`` and ``scaling.json`` of a static trial; return the model."""
    markerset = Path(str(changes.get("markerset", VIRTUAL)))
    write_trc(folder / "static.trc", static)
    scale_model(
        generic,
        folder / "static.trc",
        markerset,
        folder / "scaled.osim",
        folder / "scaling.json",
        subject="somebody",
        mass_kg=float(str(changes.get("mass_kg", MASS_KG))),
        height_m=float(str(changes.get("height_m", HEIGHT_M))),
        strength="none",
    )
    return folder / "scaled.osim"


def contacts_of(*spans_s: tuple[float, float]) -> Contacts:
    """Return right contacts, all selected."""
    return Contacts([FootContact(1, "right", *span, selected=True) for span in spans_s])


def solve(
    folder: Path,
    scaled: Path,
    markers: Markers,
    spans_s: tuple[tuple[float, float], ...] = ((0.1, 0.5),),
    settings: SolveSettings = SETTINGS,
    markerset: Path = VIRTUAL,
) -> dict[str, Path]:
    """Solve the windows around some contacts and return the files."""
    folder.mkdir(exist_ok=True)
    files = TrialFiles(folder)
    found = solve_kinematics(
        scaled, markers, contacts_of(*spans_s), load_markerset(markerset), settings
    )
    write_kinematics(found, files)
    unfiltered = folder / "kinematics_unfiltered.mot"
    write_coordinates(unfiltered, found.tree, found.time_s, found.unfiltered)
    return {
        "kinematics": files.kinematics,
        "unfiltered": unfiltered,
        "body_points": files.body_points,
        "report": files.kinematics_report,
    }


def virtual_set() -> MarkerSet:
    """Return the marker set of the virtual laboratory."""
    return load_markerset(VIRTUAL)
