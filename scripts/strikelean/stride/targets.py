"""What a technique asks of a stride, frame by frame; nothing asked is the stride itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from strikelean.formats.series import FloatArray
from strikelean.model.walk import TreePose, apply
from strikelean.stride.stride import Stride, root_wrench

THORAX = "torso"


@dataclass(frozen=True)
class Targets:
    """Targets for the changes of a stride.

    Attributes:
        root: (6, K) wrench left over at the root, as in the recording: moment about the pelvis,
            force.
        coordinates: (K, Q) template of the changes of the coordinates.
        templated: (Q,) which of them a template of angles names.
        held: (K, Q) one over how far they may leave the template there, beside their own scale.
        thorax: (3, 3, K) target rotation of the thorax, or None without one.
        soles_m: (feet, 3, 3, K) target places of the sole points: foot, axis, point, frame.
        force_n: (feet, 3, K) target change of the ground force.
        pressure_m: (feet, 2, K) target shift of the centre of pressure, forward and sideways,
            relative to the foot that moves.
        pressure_free_m: (feet, 2, K) how far it may leave that for what is not known of it, beside
            its own scale; one standard deviation.
    """

    root: FloatArray
    coordinates: FloatArray
    templated: FloatArray
    held: FloatArray
    thorax: FloatArray | None
    soles_m: FloatArray
    force_n: FloatArray
    pressure_m: FloatArray
    pressure_free_m: FloatArray


def sole_places(stride: Stride, pose: TreePose) -> FloatArray:
    """Return the sole points in a pose, (feet, 3, 3, K): foot, axis, point, frame."""
    return np.stack(
        [
            np.stack(
                [pose.positions_m[s.body] + apply(pose.rotations[s.body], p) for p in s.points_m],
                axis=1,
            )
            for s in stride.soles
        ]
    )


def own_targets(stride: Stride) -> Targets:
    """Return the targets that ask for nothing: the stride as it was recorded."""
    tree, pose = stride.tree, stride.pose
    bodies = tree.bodies
    frames = len(stride.time_s)
    return Targets(
        root=root_wrench(stride.needed, pose.positions_m[tree.joints[0].child], stride.feet),
        coordinates=np.zeros_like(stride.coordinates),
        templated=np.zeros(stride.coordinates.shape[1], dtype=bool),
        held=np.zeros_like(stride.coordinates),
        thorax=pose.rotations[bodies.index(THORAX)] if THORAX in bodies else None,
        soles_m=sole_places(stride, pose),
        force_n=np.zeros((len(stride.feet), 3, frames)),
        pressure_m=np.zeros((len(stride.feet), 2, frames)),
        pressure_free_m=np.zeros((len(stride.feet), 2, frames)),
    )


def join_targets(targets: Sequence[Targets]) -> Targets:
    """Return the targets of strides that were joined; ``templated`` is the first one's."""
    if len(targets) == 1:
        return targets[0]

    def joined(name: str, axis: int = -1) -> FloatArray:
        return np.concatenate([getattr(part, name) for part in targets], axis=axis)

    return replace(
        targets[0],
        root=joined("root"),
        coordinates=joined("coordinates", 0),
        held=joined("held", 0),
        thorax=None if targets[0].thorax is None else joined("thorax"),
        soles_m=joined("soles_m"),
        force_n=joined("force_n"),
        pressure_m=joined("pressure_m"),
        pressure_free_m=joined("pressure_free_m"),
    )


def forward_turn(angle_rad: float) -> FloatArray:
    """Return the rotation (3, 3) that leans what points up forward by an angle.

    The laboratory's Z points right, so forward is a negative turn about it.
    """
    return np.asarray(Rotation.from_rotvec([0.0, 0.0, -angle_rad]).as_matrix())


def ask_lean(
    stride: Stride,
    targets: Targets,
    lean_rad: float,
    hip_share: float,
    root_turns: bool = False,
) -> Targets:
    """Return the targets with the thorax leaning farther forward.

    Args:
        stride: as recorded.
        targets: to add to.
        lean_rad: change of the trunk's lean, forward positive, in the plane of progression.
        hip_share: part of it that comes from the hips (pelvis and trunk turn together on legs that
            stay); the rest comes from the spine.
        root_turns: whether what is left over at the root turns with the thorax, as if it came of
            how the trunk moves, instead of staying as it is in the laboratory.
    """
    template = targets.coordinates.copy()
    names = stride.tree.names
    shares = {"pelvis_tilt": -hip_share, "lumbar_extension": hip_share - 1.0}
    shares |= {f"hip_flexion_{side}": hip_share for side in "rl"}
    for name, share in shares.items():
        template[:, names.index(name)] += share * lean_rad
    thorax, root, turn = targets.thorax, targets.root, forward_turn(lean_rad)
    if thorax is not None:
        thorax = np.einsum("ij,jkt->ikt", turn, thorax)
    if root_turns:
        root = np.concatenate([turn @ root[:3], turn @ root[3:]])
    return replace(targets, root=root, coordinates=template, thorax=thorax)
