"""The whole road from files to joint reactions, without the workflow around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from strikelean.dynamics.solve import solve_dynamics
from strikelean.formats.trc import write_trc
from strikelean.lab.recording import RecordingSettings, read_recording
from strikelean.lab.static import read_static
from strikelean.lab.summary import write_recording
from strikelean.loads.reactions_solve import compute_joint_reactions
from strikelean.markersets import load_markerset
from strikelean.motion.scale_model import scale_model
from strikelean.motion.solve import SolveSettings, solve_kinematics
from strikelean.muscles.solve import MuscleSettings, solve_muscles

TOP = Path(__file__).parents[2]
CONFIG = yaml.safe_load((TOP / "config" / "config.yaml").read_text(encoding="utf-8"))
FIRST_RIGHT = (0.874, 1.098)


@dataclass(frozen=True)
class Runner:
    """Who is walked down the road."""

    files: tuple[Path, ...]
    static: Path
    marker_set: str
    mass_kg: float
    height_m: float
    contacts: int = 10


def kinematic_settings(engine: str = "fast") -> SolveSettings:
    """Return the delivered settings of the kinematics stage."""
    return SolveSettings(
        engine,
        CONFIG["kinematics"]["accuracy"],
        CONFIG["steps"]["margin_s"],
        CONFIG["filter"]["cutoff_hz"],
        CONFIG["filter"]["order"],
    )


def kinematic_outputs(folder: Path, prefix: str = "") -> dict[str, Path]:
    """Return where the kinematics stage writes."""
    return {
        "kinematics": folder / f"{prefix}kinematics.mot",
        "unfiltered": folder / f"{prefix}kinematics_unfiltered.mot",
        "body_points": folder / f"{prefix}body_points.sto",
        "report": folder / f"{prefix}kinematics.json",
    }


def walk(folder: Path, generic: Path, runner: Runner) -> Path:
    """Run every stage into a folder and return it."""
    recording = RecordingSettings.from_config(
        CONFIG["recording"], CONFIG["steps"], CONFIG["filter"], 0.1
    )
    recording = replace(recording, contacts_per_foot=runner.contacts)
    marker_set = TOP / "models" / "markersets" / f"{runner.marker_set}.yaml"
    static = read_static(runner.static, recording.axes)
    write_trc(folder / "static.trc", static)
    trial = read_recording(
        runner.files, static, load_markerset(marker_set), runner.mass_kg, recording
    )
    names = ("markers.trc", "grf.mot", "grf_unfiltered.mot", "contacts.csv", "recording.json")
    write_recording(trial, *(folder / name for name in names))
    scaled, kinematics = folder / "scaled.osim", folder / "kinematics.mot"
    scale_model(
        generic,
        folder / "static.trc",
        marker_set,
        scaled,
        folder / "scaling.json",
        subject="runner",
        mass_kg=runner.mass_kg,
        height_m=runner.height_m,
        strength=CONFIG["scaling"]["strength"],
    )
    solve_kinematics(
        scaled,
        folder / "markers.trc",
        folder / "contacts.csv",
        marker_set,
        kinematic_outputs(folder),
        kinematic_settings(),
    )
    moments, grf = folder / "moments.sto", folder / "grf.mot"
    solve_dynamics(scaled, kinematics, grf, moments, folder / "dynamics.json")
    solve_muscles(
        scaled,
        kinematics,
        moments,
        folder / "contacts.csv",
        {
            "forces": folder / "muscle_forces.sto",
            "activations": folder / "activations.sto",
            "report": folder / "muscles.json",
        },
        MuscleSettings.from_config(CONFIG["muscles"]),
    )
    compute_joint_reactions(
        scaled, kinematics, grf, folder / "muscle_forces.sto", folder / "joint_reactions.sto"
    )
    return folder


def fullbody_runner(data: Path) -> Runner:
    """Return the full-body recording (mass and stature as distributed with it)."""
    folder = data / "fullbody"
    files = (folder / "motion_capture_run.trc", folder / "grf_run.mot")
    return Runner(files, folder / "static_run.trc", "rajagopal_fullbody", 72.84, 1.80)
