"""The laboratory that records virtual runners: standing and running trials, as C3D files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.c3d_file import read_file
from strikelean.formats.c3d_write import Plate, write_c3d
from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.markersets import SIDES, MarkerSet
from strikelean.model.forward import place_points, solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.stride.stride import Sole
from strikelean.virtual.drawn_runners import random_source
from strikelean.virtual.flaws import lose_markers, misplacements_m, plate_noise, skin_motion_m
from strikelean.virtual.runway import plate_wrenches
from strikelean.virtual.settings import Flaws
from strikelean.virtual.true_trial import RATE_HZ, TrueTrial

STANDING_S = 1.5
SWAY_HZ = 0.5
# Arms a little away from the body.
STANDING_RAD = {f"arm_add_{side}": -0.35 for side in "rl"}
NOTES = {"VIRTUAL": "A virtual runner, made by a model: nothing here was recorded of a person."}
PLATE = Plate()


@dataclass(frozen=True)
class Laboratory:
    """Who records whom, with which flaws.

    Attributes:
        name: of the laboratory.
        runner: name of the runner.
        tree: the runner's compiled model, with the marker set's markers on it.
        soles: of both feet.
        marker_set: of the laboratory.
        flaws: their sizes.
        seed: of all random numbers.
        plates: let into a runway; none where a treadmill's belt is the plate.
    """

    name: str
    runner: str
    tree: KinematicTree
    soles: tuple[Sole, ...]
    marker_set: MarkerSet
    flaws: Flaws
    seed: int
    plates: tuple[Plate, ...] = ()

    def _random(self, *names: str) -> np.random.Generator:
        return random_source(self.seed, self.name, self.runner, *names)

    def places_m(self) -> FloatArray:
        """Return where each marker is stuck, (M, 3) in its body's frame."""
        beside = misplacements_m(self.marker_set, self.flaws, self._random("placement"))
        nothing = np.zeros(3)
        off = np.array([beside.get(name, nothing) for name in self.tree.markers])
        return np.asarray(self.tree.marker_locations_m + off)

    def standing(self) -> Markers:
        """Return the standing trial."""
        tree, random = self.tree, self._random("standing")
        frames = round(STANDING_S * RATE_HZ)
        time_s = np.arange(frames) / RATE_HZ
        pose = standing_pose(tree, self.soles)
        worn = [name not in self.marker_set.computed_names() for name in tree.markers]
        chosen = np.flatnonzero(worn)
        names = tuple(tree.markers[marker] for marker in chosen)
        bodies, places = tree.marker_bodies[chosen], self.places_m()[chosen]
        placed = place_points(solve_forward(tree, pose[None]), bodies, places)
        phase = random.uniform(0.0, 2.0 * np.pi, 2)
        waves = np.sin(2.0 * np.pi * SWAY_HZ * time_s[:, None] + phase)
        height = placed[0, :, 1] / placed[0, :, 1].max()
        sway = np.zeros((frames, len(names), 3))
        sway[..., [0, 2]] = 1e-3 * self.flaws.sway_mm * waves[:, None] * height[None, :, None]
        seen = lose_markers(placed + sway, RATE_HZ, self.flaws, random)
        return Markers(time_s, names, seen, RATE_HZ)

    def running(self, trial: TrueTrial, name: str) -> tuple[Markers, list[Wrench]]:
        """Return the markers of a running trial and what each plate gives."""
        tree, ground = self.tree, trial.ground
        running = [m.name for m in self.marker_set.markers if m.running_weight > 0.0]
        chosen = [tree.markers.index(marker) for marker in running]
        weight = float(tree.masses_kg.sum()) * GRAVITY_M_S2
        push = {
            side[0]: np.interp(trial.time_s, ground.time_s, ground.foot(side).force_n[:, 1])
            / weight
            for side in SIDES
        }
        drives = dict(zip(tree.names, trial.coordinates.T, strict=True))
        skin = skin_motion_m(self.marker_set, self.flaws, drives, push, self._random("skin"))
        pose = solve_forward(tree, trial.coordinates)
        places = self.places_m()[chosen]
        bodies = tree.marker_bodies[chosen]
        placed = place_points(pose, bodies, places)
        slid = np.stack([skin[marker] for marker in running], axis=1)
        placed = placed + np.einsum("tmij,tmj->tmi", pose.rotations[:, bodies], slid)
        seen = lose_markers(placed, RATE_HZ, self.flaws, self._random(name, "markers"))
        wrenches = self._felt(trial)
        # a marker's last frame may begin after the last force sample of it
        frames = min(len(trial.time_s), int(len(ground.time_s) * RATE_HZ / ground.rate_hz))
        markers = Markers(trial.time_s[:frames], tuple(running), seen[:frames], RATE_HZ)
        noise = self._random(name, "plate")
        return markers, [plate_noise(wrench, self.flaws, noise) for wrench in wrenches]

    def _felt(self, trial: TrueTrial) -> list[Wrench]:
        """Return what plates feel of a trial, the belt all of it."""
        if self.plates:
            return plate_wrenches(trial, self.soles, self.plates)
        right, left = (trial.ground.wrench(side) for side in SIDES)
        force, moment = right.force_n + left.force_n, right.moment_nm + left.moment_nm
        return [replace(right, force_n=force, moment_nm=moment, label="plate")]


def standing_pose(tree: KinematicTree, soles: tuple[Sole, ...]) -> FloatArray:
    """Return the coordinates (Q,) of standing upright on flat feet, arms a little away."""
    pose = np.array([coordinate.default for coordinate in tree.coordinates])
    for name, angle in STANDING_RAD.items():
        pose[tree.coordinate_index(name)] = angle
    posed = solve_forward(tree, pose[None])
    lowest = min(
        float(place_points(posed, np.full(3, sole.body), sole.points_m)[0, :, 1].min())
        for sole in soles
    )
    pose[tree.coordinate_index("pelvis_ty")] -= lowest
    return pose


def is_virtual(recording: Path) -> bool:
    """Return whether a recording says of itself that a model made it; only C3D files can.

    Raises:
        RecordingError: the file cannot be read.
    """
    if recording.suffix.lower() != ".c3d":
        return False
    return bool(read_file(recording).texts(f"STRIKELEAN:{next(iter(NOTES))}"))


def record_standing(laboratory: Laboratory, output: Path) -> None:
    """Write the standing trial."""
    write_c3d(output, laboratory.standing(), notes=NOTES | {"LABORATORY": laboratory.name})


def record_running(laboratory: Laboratory, trial: TrueTrial, name: str, output: Path) -> None:
    """Write a running trial.

    Args:
        laboratory: that records.
        trial: what truly happened.
        name: of the trial, for its random numbers.
        output: C3D file written.
    """
    markers, wrenches = laboratory.running(trial, name)
    plates: Sequence[Plate] = laboratory.plates or (PLATE,)
    write_c3d(output, markers, wrenches, plates, NOTES | {"LABORATORY": laboratory.name})
