"""A made-up runner with a body: forces obey Newton's law, every step lands a little elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

import strikelean.lab.recording as stage
from lab_runner import SETTINGS, shake_n
from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.series import FloatArray, Markers, Recording, Wrench
from strikelean.lab.check_belt import Speeds
from strikelean.lab.recording import TrialRecording, read_recording
from strikelean.markersets import MarkerDefinition, MarkerSet

MASS_KG = 70.0
SPEED_M_S = 3.0
STEP_S = 0.36
CONTACT_S = 0.22
FIRST_S = 0.40
FORCE_HZ = 600.0
MARKER_HZ = 150.0
TRACK_M = 0.06
# of the foot's mass on each side, as the checks weigh it
FOOT_SHARE = 0.0137

# Forward, up and outwards from the heel.
_FOOT = {
    "Heel": (0.0, 0.03, 0.0),
    "MT5": (0.15, 0.03, 0.04),
    "Toe": (0.20, 0.03, -0.02),
    "Side": (0.05, 0.06, 0.03),
}
_BODY = {
    "pelvis": [(0.1, 0.0, 0.1), (0.1, 0.0, -0.1), (-0.1, 0.0, 0.1), (-0.1, 0.0, -0.1)],
    "torso": [(0.1, 0.4, 0.15), (0.1, 0.4, -0.15), (-0.1, 0.4, 0.15), (-0.1, 0.4, -0.15)],
}

MARKERSET = MarkerSet(
    name="made_up_body",
    markers=tuple(
        MarkerDefinition(f"{letter}.{name}", f"calcn_{letter.lower()}", None, None, 1.0, 1.0)
        for letter in "RL"
        for name in _FOOT
    )
    + tuple(
        MarkerDefinition(f"{body}{number}", body, None, None, 1.0, 1.0)
        for body, places in _BODY.items()
        for number in range(len(places))
    ),
    computed=(),
    scaling=(),
    landmarks={
        side: {"heel": f"{s}.Heel", "fifth_metatarsal": f"{s}.MT5", "toe": f"{s}.Toe"}
        for side, s in (("right", "R"), ("left", "L"))
    },
    trunk={},
    model_height_m=1.7,
)


@dataclass(frozen=True)
class Running:
    """A recording, what the runner stood like before it, and its belt.

    Attributes:
        recording: as a reader gives it.
        static: standing.
        feet: wrench of each foot, {side: wrench}.
        belt_m_s: None overground.
    """

    recording: Recording
    static: Markers
    feet: dict[str, Wrench]
    belt_m_s: float | None

    def changed(self, change) -> Running:
        """Return the same with every wrench changed."""
        wrenches = tuple(change(wrench) for wrench in self.recording.wrenches)
        return replace(self, recording=replace(self.recording, wrenches=wrenches))

    def named(self, right: str = "right", left: str = "left") -> Running:
        """Return the same from a file that names the feet, rightly or wrongly."""
        wrenches = (self.feet[right], self.feet[left])
        recording = replace(self.recording, wrenches=wrenches, feet=("right", "left"))
        return replace(self, recording=recording)

    def read(self, speeds: Speeds | None = None, settings=SETTINGS, **window) -> TrialRecording:
        """Read it as the workflow does."""
        told = speeds or Speeds(SPEED_M_S, self.belt_m_s)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stage, "load_files", lambda files, axes, needed: self.recording)
            return read_recording(
                [], self.static, MARKERSET, MASS_KG, settings, speeds=told, **window
            )


def _steps(time_s: FloatArray, side: str, count: int, places: FloatArray) -> list[tuple]:
    """Return number, share of contact (T,) and (x, z) offset of each step of one foot."""
    own = range(0 if side == "right" else 1, count, 2)
    return [(n, (time_s - FIRST_S - n * STEP_S) / CONTACT_S, places[n]) for n in own]


def _heel(time_s: FloatArray, side: str, count: int, places: FloatArray) -> FloatArray:
    """Return the heel's path (T, 3): with the belt in stance, over and forward in swing."""
    stride, reach = 2.0 * STEP_S, 0.5 * SPEED_M_S * CONTACT_S
    first = FIRST_S + (0.0 if side == "right" else STEP_S)
    turn = np.floor((time_s - first) / stride)
    phase = time_s - first - turn * stride
    swing = np.clip((phase - CONTACT_S) / (stride - CONTACT_S), 0.0, 1.0)
    numbers = 2 * turn.astype(int) + (0 if side == "right" else 1)
    here = places[np.clip(numbers, 0, count + 1)]
    there = places[np.clip(numbers + 2, 0, count + 1)]
    smooth = swing - np.sin(2.0 * math.pi * swing) / (2.0 * math.pi)
    offset = here + smooth[:, np.newaxis] * (there - here)
    x = np.where(phase < CONTACT_S, reach - SPEED_M_S * phase, -reach * np.cos(math.pi * swing))
    z = TRACK_M if side == "right" else -TRACK_M
    return np.column_stack([x + offset[:, 0], 0.3 * np.sin(math.pi * swing) ** 2, z + offset[:, 1]])


def _foot_wrench(time_s: FloatArray, side: str, count: int, places: FloatArray) -> Wrench:
    force, moment = np.zeros((time_s.size, 3)), np.zeros((time_s.size, 3))
    outwards = 1.0 if side == "right" else -1.0
    peak = MASS_KG * GRAVITY_M_S2 * STEP_S * math.pi / (2.0 * CONTACT_S)
    for _, share, offset in _steps(time_s, side, count, places):
        inside = (share > 0.0) & (share < 1.0)
        s = share[inside]
        vertical = (peak + shake_n(s)) * np.sin(math.pi * s)
        force[inside] = np.column_stack(
            [-0.14 * vertical * np.cos(math.pi * s), vertical, -0.04 * outwards * vertical]
        )
        heel = SPEED_M_S * CONTACT_S * (0.5 - s) + offset[0]
        pressure = np.column_stack(
            [heel + 0.02 + 0.22 * s, 0.0 * s, outwards * (TRACK_M + 0.035) + offset[1] + 0.0 * s]
        )
        moment[inside] = np.cross(pressure, force[inside])
        moment[inside, 1] += 0.003 * vertical
    return Wrench(time_s, force, moment, FORCE_HZ, side)


def _integral(values: FloatArray, step_s: float) -> FloatArray:
    """Return the running integral (N, 3) without mean or drift."""
    rest = values - values.mean(axis=0)
    total = (np.cumsum(rest, axis=0) - 0.5 * rest) * step_s
    return total - total.mean(axis=0)


def running(
    steps: int = 16, spread_m: float = 0.02, overground: bool = False, noise_n: float = 0.0
) -> Running:
    """Return a runner on a belt, or passing by over plates.

    Args:
        steps: contacts, right first.
        spread_m: standard deviation of where steps land.
        overground: the ground rests and the runner moves.
        noise_n: of the plate.
    """
    random = np.random.default_rng(5)
    places = spread_m * random.standard_normal((steps + 2, 2))
    duration = FIRST_S + steps * STEP_S + 0.2
    clock = np.arange(round(duration * FORCE_HZ)) / FORCE_HZ
    feet = {side: _foot_wrench(clock, side, steps, places) for side in ("right", "left")}
    force = feet["right"].force_n + feet["left"].force_n
    weight = np.array([0.0, MASS_KG * GRAVITY_M_S2, 0.0])
    # the body before the first step and after the last moves as if there were more of them
    body = np.zeros_like(force)
    for number in range(-2, steps + 3):
        share = (clock - FIRST_S - number * STEP_S) / CONTACT_S
        side = "right" if number % 2 == 0 else "left"
        body += np.where(
            ((share > 0.0) & (share < 1.0))[:, np.newaxis],
            _foot_wrench(FIRST_S + share * CONTACT_S, "right", 1, np.zeros((3, 2))).force_n
            * [1.0, 1.0, 1.0 if side == "right" else -1.0],
            0.0,
        )
    velocity = _integral((body - weight) / MASS_KG, 1.0 / FORCE_HZ)
    centre = _integral(velocity, 1.0 / FORCE_HZ) + np.array([0.13, 1.0, 0.0])
    time_s = np.arange(round(duration * MARKER_HZ)) / MARKER_HZ
    moved = np.column_stack([np.interp(time_s, clock, centre[:, axis]) for axis in range(3)])
    heels = {
        "R": _heel(time_s, "right", steps, places),
        "L": _heel(time_s, "left", steps, places),
    }
    names, paths = [], []
    for letter, outwards in (("R", 1.0), ("L", -1.0)):
        for name, (ahead, up, out) in _FOOT.items():
            names.append(f"{letter}.{name}")
            paths.append(heels[letter] + [ahead, up, outwards * out])
    rest = (moved - FOOT_SHARE * (heels["R"] + heels["L"])) / (1.0 - 2.0 * FOOT_SHARE)
    for part, corners in _BODY.items():
        for number, corner in enumerate(corners):
            names.append(f"{part}{number}")
            paths.append(rest + np.array([0.018 + corner[0], *corner[1:]]))
    markers = Markers(time_s, tuple(names), np.stack(paths, axis=1), MARKER_HZ)
    # a plate's moments vary by some decimetres times its forces
    plate = Wrench(
        clock,
        force + noise_n * random.standard_normal(force.shape),
        feet["right"].moment_nm
        + feet["left"].moment_nm
        + 0.3 * noise_n * random.standard_normal(force.shape),
        FORCE_HZ,
        "plate 1",
    )
    made = Running(
        Recording(markers, (plate,), (None,), ("made up",)), _standing(names), feet, SPEED_M_S
    )
    return _passing(made) if overground else made


def _standing(names: list[str]) -> Markers:
    places = []
    for name in names:
        letter, _, part = name.partition(".")
        if part:
            ahead, up, out = _FOOT[part]
            outwards = 1.0 if letter == "R" else -1.0
            places.append([ahead, up, outwards * (0.1 + out)])
        else:
            corner = _BODY[name[:-1]][int(name[-1])]
            places.append([corner[0], 0.9 + corner[1], corner[2]])
    time_s = np.arange(150) / MARKER_HZ
    return Markers(time_s, tuple(names), np.tile(np.array(places), (150, 1, 1)), MARKER_HZ)


def _passing(made: Running) -> Running:
    """Return the same runner seen from the ground: all moves ahead with the belt's speed."""

    def along(wrench: Wrench) -> Wrench:
        forward = np.column_stack(
            [SPEED_M_S * wrench.time_s, 0.0 * wrench.time_s, 0.0 * wrench.time_s]
        )
        return replace(wrench, moment_nm=wrench.moment_nm + np.cross(forward, wrench.force_n))

    markers = made.recording.markers
    positions = markers.positions_m.copy()
    positions[..., 0] += SPEED_M_S * markers.time_s[:, np.newaxis]
    recording = replace(made.recording, markers=replace(markers, positions_m=positions))
    passing = replace(
        made,
        recording=recording,
        feet={side: along(wrench) for side, wrench in made.feet.items()},
        belt_m_s=None,
    )
    return passing.changed(along)
