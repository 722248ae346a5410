"""A runner made of formulas through one stance of each foot, for poses and their figures."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.markersets import MarkerSet
from strikelean.motion.stance_poses import Body, sole_shapes, stance_pose

MASS_KG, HEIGHT_M = 70.0, 1.75
RATE_HZ = 200.0
TIME_S = np.arange(200) / RATE_HZ
CONTACTS = {"right": (0.2, 0.45), "left": (0.55, 0.8)}
# a right foot standing, its ankle at the origin of X: heel, fifth metatarsal, toe landmark
STANDING_M = {
    "heel": np.array([-0.05, 0.04, 0.10]),
    "mt5": np.array([0.10, 0.03, 0.16]),
    "toe": np.array([0.13, 0.06, 0.09]),
}
ROLES = {"heel": "heel", "mt5": "fifth_metatarsal", "toe": "toe"}
MIRROR = np.array([1.0, 1.0, -1.0])
MARKER_SET = MarkerSet(
    "made", (), (), (),
    {side: {role: f"{side}.{role}" for role in ROLES.values()} for side in CONTACTS},
    {}, 1.75,
)  # fmt: skip


def static() -> Markers:
    """Return the runner standing flat on the floor."""
    names, places = [], []
    for side, sign in (("right", np.ones(3)), ("left", MIRROR)):
        for name, role in ROLES.items():
            names.append(f"{side}.{role}")
            places.append(STANDING_M[name] * sign)
    positions = np.repeat(np.array(places)[np.newaxis], 5, axis=0)
    return Markers(np.arange(5) / RATE_HZ, tuple(names), positions, RATE_HZ)


def foot(side: str, ankle: FloatArray, pitch: FloatArray) -> dict[str, FloatArray]:
    """Return a foot's landmarks, (T, 3) each, pitched toe up about the ankle's X and the floor."""
    cos, sin = np.cos(pitch), np.sin(pitch)
    found = {}
    for name, place in STANDING_M.items():
        x, y, z = place * (np.ones(3) if side == "right" else MIRROR)
        turned = [x * cos - y * sin, x * sin + y * cos, np.full(len(pitch), z)]
        found[name] = np.stack(turned, axis=1) + ankle * [1.0, 0.0, 0.0]
    return found


def body_points(observed: str = "yes") -> TimeSeries:
    """Return a runner who leans 10 deg, each foot flat in the middle of its contact."""
    swing = 2.0 * np.pi * TIME_S / 0.7
    lean = np.radians(10.0)
    none = np.zeros_like(TIME_S)
    columns = {
        "com": np.stack([0.3 + 0.02 * np.sin(swing), 0.95 + 0.03 * np.cos(swing), none], axis=1),
        "pelvis": np.stack([0.33 + none, 0.9 + none, none], axis=1),
        "torso_axis": np.tile([np.sin(lean), np.cos(lean), 0.0], (len(TIME_S), 1)),
    }
    for side, sign, turn in (("right", 1.0, 0.0), ("left", -1.0, np.pi)):
        start, end = CONTACTS[side]
        middle = TIME_S - 0.5 * (start + end)
        ankle = np.stack([0.3 - 1.5 * middle, 0.1 + none, 0.1 * sign + none], axis=1)
        letter = side[0]
        columns[f"ankle_{letter}"] = ankle
        columns[f"hip_{letter}"] = np.stack([0.28 + none, 0.88 + none, 0.08 * sign + none], axis=1)
        knee = [0.4 + 0.1 * np.sin(swing + turn), 0.5 + none, 0.09 * sign + none]
        columns[f"knee_{letter}"] = np.stack(knee, axis=1)
        for name, place in foot(side, ankle, 2.0 * middle**3).items():
            columns[f"{name}_{letter}"] = place
    names = tuple(f"{name}_{axis}" for name in columns for axis in "xyz")
    values = np.concatenate(list(columns.values()), axis=1)
    return TimeSeries(TIME_S, names, values, False, {"torso_observed": observed})


def ground() -> TimeSeries:
    """Return two body weights at most, from heel to toe, under each foot in its contact."""
    names, blocks = [], []
    for letter, (start, end) in (("r", CONTACTS["right"]), ("l", CONTACTS["left"])):
        share = np.clip((TIME_S - start) / (end - start), 0.0, 1.0)
        up = 2.0 * MASS_KG * 9.80665 * np.sin(np.pi * share)
        sign = 1.0 if letter == "r" else -1.0
        force = np.stack([-0.2 * up * np.cos(np.pi * share), up, 0.05 * up * sign], axis=1)
        place = 0.3 - 1.5 * (TIME_S - 0.5 * (start + end)) + 0.2 * share - 0.05
        point = np.stack([place, np.zeros_like(up), np.full_like(up, 0.1 * sign)], axis=1)
        for part_, values in (("v", force), ("p", point)):
            names += [f"ground_force_{letter}_{part_}{axis}" for axis in "xyz"]
            blocks.append(values)
    return TimeSeries(TIME_S, tuple(names), np.concatenate(blocks, axis=1))


def forces_of(table: TimeSeries) -> GroundForces:
    """Return a table of ground forces as the value it stands for, free moments zero."""
    values = np.zeros((len(table.time_s), 2, 3, 3))
    for side, part_ in product((0, 1), (0, 1)):
        values[:, side, part_] = table.vector(f"ground_force_{'rl'[side]}_{'vp'[part_]}")
    return GroundForces(table.time_s, values)


def body() -> Body:
    return Body(MASS_KG, HEIGHT_M, sole_shapes(static(), MARKER_SET))


def pose(side: str = "right") -> FloatArray:
    return stance_pose(body_points(), forces_of(ground()), side, CONTACTS[side], body())


def mirrored(table: TimeSeries) -> TimeSeries:
    """Return a table of a runner seen in a mirror: sides swapped, Z and what points along it."""
    values = {name: table.column(name) for name in table.columns}
    swap = {"r": "l", "l": "r"}
    out = []
    for name in table.columns:
        words = name.split("_")
        letter = next((n for n, word in enumerate(words) if word in swap), None)
        if letter is not None:
            words[letter] = swap[words[letter]]
        other = values["_".join(words)]
        out.append(-other if name.endswith("z") else other)
    return replace(table, values=np.stack(out, axis=1))


def moved(table: TimeSeries, by_m: FloatArray, later_s: float, speed_m_s: float) -> TimeSeries:
    """Return a table elsewhere, later, over ground that moves: places alone change."""
    values = table.values.copy()
    for n, name in enumerate(table.columns):
        if "torso_axis" in name or name[-2] == "v":
            continue
        axis = "xyz".index(name[-1])
        values[:, n] += by_m[axis] + (speed_m_s * table.time_s if axis == 0 else 0.0)
    return replace(table, time_s=table.time_s + later_s, values=values)
