"""What a real body has that scaling a generic model cannot see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import opensim as osim

from strikelean.formats.series import FloatArray
from strikelean.model.engine import vec3

# Joints whose centres lie elsewhere in the body that carries them; alike on both sides.
SHIFTED_JOINTS = ("hip", "walker_knee", "ankle")
SHAPED = ("pelvis", "femur", "tibia", "torso")


@dataclass(frozen=True)
class Mismatch:
    """Standard deviations of what differs from the scaled generic model.

    Attributes:
        shape_percent: depth and breadth of segments over their length.
        arm_percent: length of the arms over stature.
        joint_centre_mm: hip, knee and ankle centres, each coordinate.
        mass_percent: share of each segment in the body's mass.
        strength_percent: of each muscle.
        muscle_exponent: of the cost by which muscles truly share moments.
    """

    shape_percent: float
    arm_percent: float
    joint_centre_mm: float
    mass_percent: float
    strength_percent: float
    muscle_exponent: float

    @classmethod
    def from_config(cls, section: Mapping[str, Any]) -> Mismatch:
        """Build from the section ``virtual.mismatch`` of the configuration."""
        return cls(**{name: float(value) for name, value in section.items()})


def misshape(
    factors: Mapping[str, FloatArray], mismatch: Mismatch, random: np.random.Generator
) -> dict[str, FloatArray]:
    """Return scale factors (3,) of bodies whose depth and breadth do not go with their length."""
    found = {body: factor.copy() for body, factor in factors.items()}
    for segment in SHAPED:
        across = 1.0 + 0.01 * mismatch.shape_percent * random.standard_normal(2)
        for body in found:
            if body == segment or body.startswith(f"{segment}_"):
                found[body][[0, 2]] *= across
    arm = 1.0 + 0.01 * mismatch.arm_percent * random.standard_normal()
    for body in found:
        if body.startswith(("humerus", "ulna", "radius", "hand")):
            found[body] *= arm
    return found


def disturb_model(model: osim.Model, mismatch: Mismatch, random: np.random.Generator) -> None:
    """Shift joint centres, and share mass and strength otherwise, in place.

    Markers stay on the bones they were on; muscles keep their lines, so that their lever arms
    change with the joint centres, and their fibres and tendons fit the new way. The whole mass
    stays.
    """
    before = _path_lengths_m(model)
    _shift_joints(model, mismatch, random)
    after = _path_lengths_m(model)
    muscles = model.updMuscles()
    for index, ratio in enumerate(after / before):
        muscle = muscles.get(index)
        muscle.set_optimal_fiber_length(muscle.get_optimal_fiber_length() * float(ratio))
        muscle.set_tendon_slack_length(muscle.get_tendon_slack_length() * float(ratio))
    _share_mass(model, mismatch, random)
    strength: dict[str, float] = {}
    for index in range(muscles.getSize()):
        muscle = muscles.get(index)
        key = muscle.getName().removesuffix("_r").removesuffix("_l")
        if key not in strength:
            drawn = 0.01 * mismatch.strength_percent * random.standard_normal()
            strength[key] = float(np.exp(drawn))
        muscle.set_max_isometric_force(muscle.get_max_isometric_force() * strength[key])
    model.finalizeConnections()


def _path_lengths_m(model: osim.Model) -> FloatArray:
    """Return the lengths of all muscles in the default pose."""
    state = model.initSystem()
    model.realizePosition(state)
    muscles = model.getMuscles()
    return np.array([muscles.get(i).getLength(state) for i in range(muscles.getSize())])


def _shift_joints(model: osim.Model, mismatch: Mismatch, random: np.random.Generator) -> None:
    for name in SHIFTED_JOINTS:
        shift = 1e-3 * mismatch.joint_centre_mm * random.standard_normal(3)
        for side, mirror in (("r", 1.0), ("l", -1.0)):
            frame = osim.PhysicalOffsetFrame.safeDownCast(
                model.updJointSet().get(f"{name}_{side}").upd_frames(0)
            )
            place = vec3(frame.get_translation()) + shift * np.array([1.0, 1.0, mirror])
            frame.set_translation(osim.Vec3(*[float(value) for value in place]))
    model.finalizeConnections()


def _share_mass(model: osim.Model, mismatch: Mismatch, random: np.random.Generator) -> None:
    bodies = list(model.updBodySet())
    drawn: dict[str, float] = {}
    masses = np.array([body.getMass() for body in bodies])
    shares = masses.copy()
    for index, body in enumerate(bodies):
        segment = body.getName().removesuffix("_r").removesuffix("_l")
        if segment not in drawn:
            drawn[segment] = 1.0 + 0.01 * mismatch.mass_percent * random.standard_normal()
        shares[index] *= drawn[segment]
    shares *= masses.sum() / shares.sum()
    for body, mass, share in zip(bodies, masses, shares, strict=True):
        inertia = body.get_inertia()
        body.set_mass(float(share))
        scaled = [float(inertia.get(i) * share / mass) for i in range(6)]
        body.set_inertia(osim.Vec6(*scaled))
