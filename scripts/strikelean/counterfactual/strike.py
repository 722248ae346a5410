"""Landing farther forward: the mean difference of real runners, asked of one who lands on the heel.

Joint angles, the foot's pitch, the path of the centre of pressure and the braking force change as
group means do. The foot turns about the fifth metatarsal and keeps its own clearance over the
ground, rolling contact: pulled down by force it would lower the runner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from strikelean.counterfactual.templates import Template
from strikelean.formats.series import FloatArray
from strikelean.stride.stride import FootForce, Stride
from strikelean.stride.targets import Targets

ANGLES = ("hip_flexion", "knee_angle", "ankle_angle")
HEEL, BALL, TOE = 0, 1, 2
# Length over which sole points share the ground: a shoe's sole gives by millimetres.
SOFT_M = 0.004


def cycle_phase(stride: Stride, foot: FootForce) -> FloatArray:
    """Return the foot's phase, (K,): 0 contact, 100 toe-off, 200 its next contact."""
    stance = foot.end_s - foot.start_s
    since = np.mod(stride.time_s - foot.start_s, stride.period_s)
    swing = (since - stance) / (stride.period_s - stance)
    return np.asarray(100.0 * np.where(since <= stance, since / stance, 1.0 + swing))


def lowest(heights_m: FloatArray) -> FloatArray:
    """Return the soft minimum (K,) of the heights (points, K) of a sole."""
    least = heights_m.min(axis=0)
    return np.asarray(least - SOFT_M * np.log(np.exp((least - heights_m) / SOFT_M).sum(axis=0)))


def roll_foot(points_m: FloatArray, pitch_rad: FloatArray) -> FloatArray:
    """Return sole points (3, 3, K: axis, point, frame) turned about the fifth metatarsal.

    The foot is then lifted or lowered so that its soft lowest point keeps its own height.

    Args:
        points_m: heel, fifth metatarsal, toe.
        pitch_rad: (K,) turn, toe up positive.
    """
    arm = points_m - points_m[:, BALL : BALL + 1]
    cosine, sine = np.cos(pitch_rad), np.sin(pitch_rad)
    turned = points_m.copy()
    turned[0] += cosine * arm[0] - sine * arm[1] - arm[0]
    turned[1] += sine * arm[0] + cosine * arm[1] - arm[1]
    turned[1] += lowest(points_m[1]) - lowest(turned[1])
    return turned


def ask_strike(
    stride: Stride,
    targets: Targets,
    template: Template,
    doses: Mapping[str, float],
    braking: bool = True,
) -> Targets:
    """Return the targets with the feet landing farther forward.

    Args:
        stride: as recorded.
        targets: to add to.
        template: two groups' mean cycles.
        doses: by side, how many group differences to ask; 1 turns the mean heel striker into the
            mean of those who land farther forward.
        braking: whether the braking force changes as the template's does.
    """
    names = stride.tree.names
    template_rad, templated = targets.coordinates.copy(), targets.templated.copy()
    soles, pressure = targets.soles_m.copy(), targets.pressure_m.copy()
    force = targets.force_n.copy()
    for index, foot in enumerate(stride.feet):
        phase, dose = cycle_phase(stride, foot), doses[foot.side]
        for name in ANGLES:
            place = names.index(f"{name}_{foot.side[0]}")
            template_rad[:, place] += dose * np.radians(template.at(name, phase))
            templated[place] = True
        pitch = dose * np.radians(template.at("foot_pitch", phase))
        soles[index] = roll_foot(soles[index], pitch)
        inside = foot.inside(stride.time_s)
        if braking:
            forward = template.at("ground_forward_force", phase)
            force[index, 0] += dose * stride.weight_n * inside * forward
        pressure[index] += dose * inside * _pressure_shift(soles[index], foot, template, phase)
    return replace(
        targets,
        coordinates=template_rad,
        templated=templated,
        soles_m=soles,
        pressure_m=pressure,
        force_n=force,
    )


def _pressure_shift(
    points_m: FloatArray, foot: FootForce, template: Template, phase: FloatArray
) -> FloatArray:
    """Return the shift of the centre of pressure, (2, K) metres forward and sideways."""
    line = (points_m[:, BALL] - points_m[:, HEEL])[[0, 2]]
    length = np.hypot(*line)
    planted = float(np.median(length[foot.load == 1.0]))
    along = line / length
    outward = np.stack([-along[1], along[0]]) * (1.0 if foot.side == "right" else -1.0)
    ahead, aside = (template.at(f"cop_{name}", phase) for name in ("along", "across"))
    return np.asarray(planted * (ahead * along + aside * outward))
