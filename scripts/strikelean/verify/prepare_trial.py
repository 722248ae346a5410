"""The whole road for one trial without the workflow, and a trial made in code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from strikelean.dynamics.solve import solve_dynamics
from strikelean.formats.files import read_yaml, write_text
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.lab.recording import RecordingSettings, read_recording
from strikelean.lab.static import read_static
from strikelean.lab.summary import write_recording
from strikelean.loads.reactions_solve import ReactionInputs, compute_joint_reactions
from strikelean.markersets import load_markerset
from strikelean.model.engine import open_model, save_model
from strikelean.model.forward import follow_couplings, marker_positions, solve_forward
from strikelean.model.generic import build_generic_model
from strikelean.model.scaling import attach_markers, move_markers
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.motion.scale_model import scale_model
from strikelean.motion.solve import SolveSettings, solve_kinematics
from strikelean.muscles.leg import MuscleSettings
from strikelean.muscles.solve import solve_muscles

FULLBODY_MASS_KG, FULLBODY_HEIGHT_M = 72.84, 1.80
# The made trial: one stride of a run that nobody ran, smooth and easy to reach.
MADE_RATE_HZ, MADE_SPAN_S, STRIDE_S, CONTACT_S = 100.0, 1.2, 0.72, 0.24
FIRST_CONTACT_S = {"right": 0.24, "left": 0.60}


@dataclass(frozen=True)
class Runner:
    """Who is walked down the road.

    Attributes:
        files: recording, markers first.
        static: static trial.
        marker_set: name of the marker set.
        mass_kg, height_m: of the runner.
        contacts: contacts a foot.
    """

    files: tuple[Path, ...]
    static: Path
    marker_set: str
    mass_kg: float
    height_m: float
    contacts: int = 10


def read_config(top: Path) -> dict[str, Any]:
    """Return the delivered configuration."""
    config: dict[str, Any] = read_yaml(top / "config" / "config.yaml")
    return config


def markerset_path(top: Path, name: str) -> Path:
    """Return the file of a delivered marker set."""
    return top / "models" / "markersets" / f"{name}.yaml"


def kinematic_settings(config: dict[str, Any], engine: str = "fast") -> SolveSettings:
    """Return the kinematics stage's settings of a configuration."""
    filtering, kinematics = config["filter"], config["kinematics"]
    margin = config["steps"]["margin_s"]
    return SolveSettings(
        engine, kinematics["accuracy"], margin, filtering["cutoff_hz"], filtering["order"]
    )


def kinematic_outputs(folder: Path, prefix: str = "") -> dict[str, Path]:
    """Return where the kinematics stage writes."""
    return {
        "kinematics": folder / f"{prefix}kinematics.mot",
        "unfiltered": folder / f"{prefix}kinematics_unfiltered.mot",
        "body_points": folder / f"{prefix}body_points.sto",
        "report": folder / f"{prefix}kinematics.json",
    }


def solve_stages(folder: Path, config: dict[str, Any], markers: Path, engine: str = "fast") -> None:
    """Run kinematics, dynamics, muscles and joint reactions on a folder's recording."""
    scaled, kinematics = folder / "scaled.osim", folder / "kinematics.mot"
    contacts, moments, grf = (folder / n for n in ("contacts.csv", "moments.sto", "grf.mot"))
    forces, activations = folder / "muscle_forces.sto", folder / "activations.sto"
    outputs = kinematic_outputs(folder)
    settings = kinematic_settings(config, engine)
    solve_kinematics(scaled, folder / "markers.trc", contacts, markers, outputs, settings)
    solve_dynamics(scaled, kinematics, grf, moments, folder / "dynamics.json", engine)
    solved = {"forces": forces, "activations": activations, "report": folder / "muscles.json"}
    sharing = MuscleSettings.from_config(config["muscles"])
    stock = grf if engine == "opensim" else None
    solve_muscles(scaled, kinematics, moments, contacts, solved, sharing, stock)
    inputs = ReactionInputs(scaled, kinematics, grf, forces, activations, moments)
    compute_joint_reactions(inputs, folder / "joint_reactions.sto", engine)


def walk(
    folder: Path, top: Path, generic: Path, runner: Runner, config: dict[str, Any] | None = None
) -> Path:
    """Run every stage from recording to joint reactions into a folder and return it.

    Args:
        folder: written to.
        top: the project's folder.
        generic: edited generic model.
        runner: whose recording.
        config: the configuration, the delivered one by default.
    """
    config = config or read_config(top)
    recording = RecordingSettings.from_config(
        config["recording"],
        config["steps"],
        config["filter"],
        config["quality"]["max_missing_segment_share"],
    )
    recording = replace(recording, contacts_per_foot=runner.contacts)
    markers = markerset_path(top, runner.marker_set)
    static = read_static(runner.static, recording.axes)
    write_trc(folder / "static.trc", static)
    trial = read_recording(runner.files, static, load_markerset(markers), runner.mass_kg, recording)
    names = ("markers.trc", "grf.mot", "grf_unfiltered.mot", "contacts.csv", "recording.json")
    write_recording(trial, *(folder / name for name in names))
    scale_model(
        generic,
        folder / "static.trc",
        markers,
        folder / "scaled.osim",
        folder / "scaling.json",
        subject="runner",
        mass_kg=runner.mass_kg,
        height_m=runner.height_m,
        strength=config["scaling"]["strength"],
    )
    solve_stages(folder, config, markers, config["engine"])
    return folder


def fullbody_runner(data: Path) -> Runner:
    """Return the full-body recording (mass and stature as distributed with it)."""
    folder = data / "fullbody"
    files = (folder / "motion_capture_run.trc", folder / "grf_run.mot")
    static = folder / "static_run.trc"
    return Runner(files, static, "rajagopal_fullbody", FULLBODY_MASS_KG, FULLBODY_HEIGHT_M)


def _made_coordinates(tree: KinematicTree, time_s: FloatArray) -> FloatArray:
    values = np.repeat([[c.default for c in tree.coordinates]], len(time_s), axis=0)
    for side, shift in (("r", 0.0), ("l", 0.5)):
        phase = 2 * np.pi * (time_s / STRIDE_S + shift)
        swings = {
            f"hip_flexion_{side}": 0.35 + 0.35 * np.cos(phase - 2.1),
            f"hip_adduction_{side}": -0.05 * np.cos(phase),
            f"knee_angle_{side}": 0.75 - 0.35 * np.cos(2 * phase - 1.0),
            f"ankle_angle_{side}": 0.05 + 0.25 * np.cos(phase - 3.3),
            f"arm_flex_{side}": -0.4 * np.cos(phase - 2.1),
            f"elbow_flex_{side}": np.full(len(time_s), 1.4),
        }
        for name, path in swings.items():
            values[:, tree.coordinate_index(name)] = path
    values[:, tree.coordinate_index("pelvis_tilt")] = -0.15
    height = 0.92 + 0.03 * np.cos(4 * np.pi * time_s / STRIDE_S)
    values[:, tree.coordinate_index("pelvis_ty")] = height
    return follow_couplings(tree, values)


def _made_forces(folder: Path, tree: KinematicTree, mass_kg: float) -> None:
    time_s: FloatArray = np.arange(0.0, MADE_SPAN_S, 0.001, dtype=np.float64)
    coordinates = _made_coordinates(tree, time_s)
    pose = solve_forward(tree, coordinates)
    names, columns = [], []
    for side, start in FIRST_CONTACT_S.items():
        letter = side[0]
        phase = (time_s - start) / CONTACT_S
        loaded = ((phase > 0) & (phase < 1)).astype(float)
        size = mass_kg * 9.80665 * loaded * np.sin(np.pi * np.clip(phase, 0, 1))
        foot = pose.positions_m[:, tree.body_index(f"calcn_{letter}")]
        force = np.column_stack([-0.2 * size * np.cos(np.pi * phase), 2.4 * size, 0 * size])
        point = loaded[:, None] * np.column_stack([foot[:, 0] + 0.12, 0 * size, foot[:, 2]])
        columns += [force, point, np.zeros_like(force)]
        stem = f"ground_force_{letter}"
        names += [f"{stem}_v{a}" for a in "xyz"] + [f"{stem}_p{a}" for a in "xyz"]
        names += [f"ground_torque_{letter}_{a}" for a in "xyz"]
    write_sto(folder / "grf.mot", TimeSeries(time_s, tuple(names), np.hstack(columns)))


def make_trial(folder: Path, top: Path, generic: Path) -> None:
    """Write a trial made in code on the generic model and solve it.

    Nobody ran it and its forces do not carry its motion: it times solvers and compares engines on
    equal terms, nothing else.
    """
    name = "rajagopal_fullbody"
    marker_set = load_markerset(markerset_path(top, name))
    model = open_model(generic)
    attach_markers(model, marker_set)
    spread = {
        m.name: np.array([0.05, -0.08 * (place % 3), 0.05 - 0.04 * (place % 2)])
        for place, m in enumerate(marker_set.markers)
        if m.at is None
    }
    move_markers(model, spread)
    mass = model.getTotalMass(model.initSystem())
    save_model(model, folder / "scaled.osim")
    tree = compile_tree(model)
    time_s: FloatArray = np.arange(0.0, MADE_SPAN_S, 1.0 / MADE_RATE_HZ, dtype=np.float64)
    placed = marker_positions(tree, solve_forward(tree, _made_coordinates(tree, time_s)))
    write_trc(folder / "markers.trc", Markers(time_s, tree.markers, placed, MADE_RATE_HZ))
    _made_forces(folder, tree, mass)
    rows = [
        f"{number},{side},{start},{start + CONTACT_S},yes,,yes,,,"
        for number, (side, start) in enumerate(FIRST_CONTACT_S.items(), 1)
    ]
    header = (
        "step,side,start_s,end_s,valid,reason,selected,"
        "foot_strike_angle_deg,strike_index_percent,strike_class"
    )
    write_text(folder / "contacts.csv", "\n".join([header, *rows]) + "\n")
    solve_stages(folder, read_config(top), markerset_path(top, name))


def prepare_trial(folder: Path, top: Path, data: Path | None) -> tuple[str, Path]:
    """Solve the full-body recording, or a made trial where there is none.

    Returns:
        What was prepared, and its marker set.
    """
    build_generic_model(
        top / "models" / "rajagopal2016.yaml", folder / "generic.osim", folder / "generic.json"
    )
    if data is not None and (data / "fullbody").is_dir():
        walk(folder, top, folder / "generic.osim", fullbody_runner(data))
        return "full-body recording", markerset_path(top, "rajagopal_fullbody")
    make_trial(folder, top, folder / "generic.osim")
    return "a trial made in code", markerset_path(top, "rajagopal_fullbody")
