"""The whole road for one trial without the workflow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from strikelean.counterfactual.base import BaseInputs
from strikelean.counterfactual.write import CounterfactualInputs
from strikelean.dynamics.solve import solve_dynamics
from strikelean.formats.files import read_yaml
from strikelean.formats.trc import write_trc
from strikelean.lab.recording import RecordingSettings, read_recording
from strikelean.lab.static import read_static
from strikelean.lab.summary import write_recording
from strikelean.loads.reactions_solve import ReactionInputs, compute_joint_reactions
from strikelean.markersets import load_markerset
from strikelean.motion.scale_model import scale_model
from strikelean.motion.solve import SolveSettings, solve_kinematics
from strikelean.muscles.leg import MuscleSettings
from strikelean.muscles.solve import solve_muscles

FULLBODY_MASS_KG, FULLBODY_HEIGHT_M = 72.84, 1.80


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


def counterfactual_inputs(folder: Path, markers: Path, top: Path) -> CounterfactualInputs:
    """Return the files that another technique is worked out from, of a folder's solved recording.

    Args:
        folder: the solved recording.
        markers: its marker set.
        top: the project's folder, for the delivered template.
    """
    names = ("kinematics.mot", "grf.mot", "grf_unfiltered.mot", "contacts.csv", "markers.trc")
    base = BaseInputs(
        folder / "scaled.osim", folder / "static.trc", markers, *(folder / name for name in names)
    )
    template = top / "models" / "techniques" / "forefoot.csv"
    return CounterfactualInputs(
        base, folder / "recording.json", folder / "kinematics.json", template
    )


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
    marker_set = load_markerset(markers)
    needed = marker_set.marker_names()
    static = read_static(runner.static, recording.axes, recording.floor_height_m, needed)
    write_trc(folder / "static.trc", static)
    trial = read_recording(runner.files, static, marker_set, runner.mass_kg, recording)
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
