"""Tiny runners in one made-up stride each, for changes whose outcome is known by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import tiny_models as tiny
from opensim_twin import compiled
from strikelean.model.tree import KinematicTree
from strikelean.model.walk import walk_tree
from strikelean.stride.stride import FootForce, Sole, Stride

PERIOD_S, RATE_HZ = 0.7, 100.0
# the two-link figure: leg of 0.9 m, its centre of mass halfway, trunk's 0.35 m above the hip
LEG_KG, PELVIS_KG, TRUNK_KG, LEG_M, TRUNK_M = 10.0, 12.0, 38.0, 0.9, 0.35
HOPPER_KG, HOPPER_M = 60.0, 0.9
LIGHT = (1e-6, 1e-6, 1e-6)


def two_link_figure(path: Path) -> Path:
    """A trunk hinged at the hip on two parallel rigid legs, hinged on flat feet without mass."""
    model = tiny.new_model("two_links")
    pelvis = tiny.add_body(model, "pelvis", PELVIS_KG, (0, 0, 0), (0.1, 0.1, 0.1))
    tiny.free_root(model, pelvis)
    torso = tiny.add_body(model, "torso", TRUNK_KG, (0, TRUNK_M, 0), (1.0, 0.5, 1.0))
    tiny.join(model, "PinJoint", ("lumbar_extension",), pelvis, torso)
    for letter, side in (("r", 0.1), ("l", -0.1)):
        leg = tiny.add_body(model, f"femur_{letter}", LEG_KG, (0, -LEG_M / 2, 0), (0.5, 0.1, 0.5))
        foot = tiny.add_body(model, f"calcn_{letter}", 1e-4, (0, 0, 0), LIGHT)
        tiny.join(model, "PinJoint", (f"hip_flexion_{letter}",), pelvis, leg, (0, 0, side))
        tiny.join(model, "PinJoint", (f"ankle_angle_{letter}",), leg, foot, (0, -LEG_M, 0))
    return tiny.write(model, path)


def hopper(path: Path) -> Path:
    """A point mass on two legs without mass that may be as long as they like."""
    model = tiny.new_model("hopper")
    pelvis = tiny.add_body(model, "pelvis", HOPPER_KG, (0, 0, 0), LIGHT)
    tiny.free_root(model, pelvis)
    up = (0.0, 0.0, np.pi / 2.0)
    for letter in "rl":
        foot = tiny.add_body(model, f"calcn_{letter}", 1e-9, (0, 0, 0), (1e-12, 1e-12, 1e-12))
        # along Y; the name is one of those that a solve may change
        tiny.join(
            model,
            "SliderJoint",
            (f"knee_angle_{letter}",),
            pelvis,
            foot,
            (0, 0, 0),
            up,
            (0,) * 3,
            up,
        )
    return tiny.write(model, path)


def jointed_figure(path: Path) -> Path:
    """A pelvis on two legs of thigh, shank and foot; knees bend backward, feet are flat at zero."""
    model = tiny.new_model("jointed")
    pelvis = tiny.add_body(model, "pelvis", PELVIS_KG + TRUNK_KG, (0, 0, 0), (1.0, 1.0, 1.0))
    tiny.free_root(model, pelvis)
    half = LEG_M / 2
    back = (np.pi, 0.0, 0.0)
    for letter, side in (("r", 0.1), ("l", -0.1)):
        thigh, shank, foot = (
            tiny.add_body(model, f"{name}_{letter}", mass, (0, -half / 2, 0), (0.1, 0.02, 0.1))
            for name, mass in (("femur", 7.0), ("tibia", 3.0), ("calcn", 1.0))
        )
        tiny.join(model, "PinJoint", (f"hip_flexion_{letter}",), pelvis, thigh, (0, 0, side))
        knee = (f"knee_angle_{letter}",)
        tiny.join(model, "PinJoint", knee, thigh, shank, (0, -half, 0), back, (0,) * 3, back)
        tiny.join(model, "PinJoint", (f"ankle_angle_{letter}",), shank, foot, (0, -half, 0))
    return tiny.write(model, path)


def _soles(tree: KinematicTree, below_m: float) -> tuple[Sole, ...]:
    points = np.array([[-0.05, -below_m, 0.0], [0.1, -below_m, 0.03], [0.15, -below_m, 0.0]])
    return tuple(
        Sole(side, tree.body_index(f"calcn_{side[0]}"), points) for side in ("right", "left")
    )


def _still(
    tree: KinematicTree, time_s: np.ndarray, coordinates: np.ndarray, feet: list[FootForce]
) -> Stride:
    """Return one period in a pose that does not move, on a floor that does not either."""
    still = np.zeros_like(coordinates)
    return Stride(
        tree=tree,
        time_s=time_s,
        start_s=0.0,
        period_s=PERIOD_S,
        coordinates=coordinates,
        speeds=still,
        accelerations=still,
        feet=tuple(feet),
        soles=_soles(tree, 0.0),
        drift_m_s=0.0,
        ground_m_s=0.0,
    )


def standing_stride(path: Path, bent_rad: float = 0.0) -> Stride:
    """The two-link figure standing still on both feet for a stride's time, hip over ankles.

    Args:
        path: where its model is written.
        bent_rad: angle of the trunk forward of upright, about the hip.
    """
    tree = compiled(two_link_figure(path))
    time_s = np.arange(0.0, PERIOD_S, 1.0 / RATE_HZ)
    coordinates = np.zeros((len(time_s), len(tree.coordinates)))
    coordinates[:, tree.names.index("pelvis_ty")] = LEG_M
    coordinates[:, tree.names.index("lumbar_extension")] = -bent_rad
    pose = walk_tree(tree, coordinates)
    mass = float(tree.masses_kg.sum())
    ahead = TRUNK_KG * TRUNK_M * np.sin(bent_rad) / mass
    feet = []
    for side in ("right", "left"):
        point = pose.positions_m[tree.body_index(f"calcn_{side[0]}")].T.copy()
        point[:, 0], point[:, 1] = ahead, 0.0
        force = np.tile([0.0, 0.5 * mass * tiny.GRAVITY, 0.0], (len(time_s), 1))
        feet.append(FootForce(side, 0.01, PERIOD_S - 0.01, force, point, np.zeros_like(force)))
    return _still(tree, time_s, coordinates, feet)


def striding_stride(path: Path) -> Stride:
    """The figure with joints in one pose, its feet pushing in turn with a pressure that rolls."""
    tree = compiled(jointed_figure(path))
    time_s = np.arange(0.0, PERIOD_S, 1.0 / (2.0 * RATE_HZ))
    coordinates = np.zeros((len(time_s), len(tree.coordinates)))
    coordinates[:, tree.names.index("pelvis_ty")] = LEG_M
    pose = walk_tree(tree, coordinates)
    feet = []
    for side, start in (("right", 0.05), ("left", 0.4)):
        phase = np.clip((time_s - start) / 0.25, 0.0, 1.0)
        force = np.zeros((len(time_s), 3))
        force[:, 1] = 1500.0 * np.sin(np.pi * phase)
        point = pose.positions_m[tree.body_index(f"calcn_{side[0]}")].T.copy()
        point[:, 0] += 0.15 * phase - 0.04
        feet.append(FootForce(side, start, start + 0.25, force, point, np.zeros_like(force)))
    return _still(tree, time_s, coordinates, feet)


def hopping_stride(path: Path) -> Stride:
    """The point mass at rest on two feet that push, each in its turn, half a period apart.

    Its own motion is left to the residual: only changes are asked for.
    """
    tree = compiled(hopper(path))
    time_s = np.arange(0.0, PERIOD_S, 1.0 / RATE_HZ)
    coordinates = np.zeros((len(time_s), len(tree.coordinates)))
    coordinates[:, tree.names.index("pelvis_ty")] = HOPPER_M
    for letter in "rl":
        coordinates[:, tree.names.index(f"knee_angle_{letter}")] = -HOPPER_M
    feet = []
    for side, start in (("right", 0.05), ("left", 0.4)):
        phase = (time_s - start) / 0.25
        push = np.where((phase > 0) & (phase < 1), np.sin(np.pi * phase), 0.0)
        force = np.zeros((len(time_s), 3))
        force[:, 1] = 2.2 * HOPPER_KG * tiny.GRAVITY * push
        nothing = np.zeros_like(force)
        feet.append(FootForce(side, start, start + 0.25, force, nothing, nothing))
    return _still(tree, time_s, coordinates, feet)
