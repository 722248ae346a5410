"""How much force each muscle can make: fibre length and speed under a rigid tendon.

Millard 2013 (doi 10.1115/1.4023390), with the curves of the model itself: fibres of constant
thickness, a tendon of constant length. A rigid tendon is the model's own setting here; it
is fair for short tendons and overstates fibre excursion where the tendon is long and
loaded (triceps surae), where forces were off by 21 % against 9 % with an elastic one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import opensim as osim
from scipy.interpolate import CubicSpline

from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray

CAPACITIES = ("pennated", "opensim_tool")
# Curves are tabulated once; between 1/500 steps of a cubic spline they are exact to 1e-6.
_LENGTH_GRID = np.linspace(0.0, 2.5, 1251)
_SPEED_GRID = np.linspace(-2.0, 2.0, 2001)


@dataclass(frozen=True)
class MuscleParameters:
    """Fixed properties of N muscles (SI).

    Attributes:
        names: N names.
        max_isometric_n: (N,) maximum isometric force.
        optimal_length_m: (N,) optimal fibre length.
        slack_length_m: (N,) tendon slack length.
        pennation_rad: (N,) pennation at optimal length.
        max_velocity: (N,) optimal lengths per second.
        max_pennation_rad: (N,) largest pennation the model lets a fibre reach.
        active, passive, velocity: per muscle, tabulated curves.
        min_length: (N,) shortest normalised fibre length of the model.
    """

    names: tuple[str, ...]
    max_isometric_n: FloatArray
    optimal_length_m: FloatArray
    slack_length_m: FloatArray
    pennation_rad: FloatArray
    max_velocity: FloatArray
    max_pennation_rad: FloatArray
    active: tuple[CubicSpline, ...]
    passive: tuple[CubicSpline, ...]
    velocity: tuple[CubicSpline, ...]
    min_length: FloatArray

    def relative_volume(self) -> FloatArray:
        """Return (N,) volumes of the muscles, their mean 1."""
        volume = self.max_isometric_n * self.optimal_length_m
        return np.asarray(volume / volume.mean())


@dataclass(frozen=True)
class Capacity:
    """What muscles can do at each frame, in force along the tendon.

    Attributes:
        active_n: (T, N) force at full activation.
        passive_n: (T, N) elastic force of stretched fibres.
        fibre_length: (T, N) normalised fibre length.
        fibre_speed: (T, N) normalised fibre speed, lengthening positive.
        cos_pennation: (T, N).
    """

    active_n: FloatArray
    passive_n: FloatArray
    fibre_length: FloatArray
    fibre_speed: FloatArray
    cos_pennation: FloatArray


def _tabulate(curve: osim.Function, grid: FloatArray) -> CubicSpline:
    argument = osim.Vector(1, 0.0)
    values = np.empty_like(grid)
    for index, x in enumerate(grid.tolist()):
        argument.set(0, x)
        values[index] = curve.calcValue(argument)
    return CubicSpline(grid, values)


def read_parameters(model: osim.Model, muscles: Sequence[str]) -> MuscleParameters:
    """Read Millard muscles out of an initialised model.

    Raises:
        ModelError: a muscle of another kind.
    """
    found = []
    for name in muscles:
        muscle = osim.Millard2012EquilibriumMuscle.safeDownCast(model.getMuscles().get(name))
        if muscle is None:
            raise ModelError(
                "solve_muscles",
                f"a Millard2012EquilibriumMuscle for {name}",
                model.getMuscles().get(name).getConcreteClassName(),
                "Convert the model's muscles, or leave the muscle out",
            )
        found.append(muscle)
    tables: dict[str, CubicSpline] = {}

    def table(curve: osim.Function, grid: FloatArray) -> CubicSpline:
        # muscles share few distinct curves; the printed properties tell them apart
        key = curve.getConcreteClassName() + curve.dump().split(">", 1)[-1]
        if key not in tables:
            tables[key] = _tabulate(curve, grid)
        return tables[key]

    active = [muscle.getActiveForceLengthCurve() for muscle in found]
    pennation = np.array([muscle.get_pennation_angle_at_optimal() for muscle in found])
    max_pennation = np.array([muscle.get_maximum_pennation_angle() for muscle in found])
    thinnest = np.sin(pennation) / np.sin(max_pennation)
    shortest = np.array([curve.getMinActiveFiberLength() for curve in active])
    return MuscleParameters(
        names=tuple(muscles),
        max_isometric_n=np.array([muscle.get_max_isometric_force() for muscle in found]),
        optimal_length_m=np.array([muscle.get_optimal_fiber_length() for muscle in found]),
        slack_length_m=np.array([muscle.get_tendon_slack_length() for muscle in found]),
        pennation_rad=pennation,
        max_velocity=np.array([muscle.get_max_contraction_velocity() for muscle in found]),
        max_pennation_rad=max_pennation,
        active=tuple(table(curve, _LENGTH_GRID) for curve in active),
        passive=tuple(table(muscle.getFiberForceLengthCurve(), _LENGTH_GRID) for muscle in found),
        velocity=tuple(table(muscle.getForceVelocityCurve(), _SPEED_GRID) for muscle in found),
        min_length=np.maximum(thinnest, shortest),
    )


def _curve_values(curves: tuple[CubicSpline, ...], x: FloatArray, grid: FloatArray) -> FloatArray:
    clipped = np.clip(x, grid[0], grid[-1])
    result = np.empty_like(clipped)
    # one call per distinct curve, not per muscle
    for curve in dict.fromkeys(curves):
        same = [i for i, other in enumerate(curves) if other is curve]
        result[:, same] = curve(clipped[:, same])
    return result


def evaluate_capacity(
    muscles: MuscleParameters, lengths_m: FloatArray, speeds_m_s: FloatArray, kind: str
) -> Capacity:
    """Return what muscles can do at given path lengths and speeds.

    Args:
        muscles: N muscles.
        lengths_m: (T, N) muscle-tendon lengths.
        speeds_m_s: (T, N) lengthening speeds.
        kind: ``pennated``, the force along the tendon; ``opensim_tool``, without the cosine
            of pennation in the active force, as OpenSim's static optimisation has it.
    """
    thickness = muscles.optimal_length_m * np.sin(muscles.pennation_rad)
    along = lengths_m - muscles.slack_length_m
    shortest = muscles.min_length * muscles.optimal_length_m
    fibre = np.hypot(along, thickness)
    clamped = (along <= 0.0) | (fibre < shortest)
    fibre = np.where(clamped, shortest, fibre)
    cosine = np.sqrt(np.maximum(1.0 - (thickness / fibre) ** 2, 0.0))
    length = fibre / muscles.optimal_length_m
    speed = speeds_m_s * cosine / (muscles.optimal_length_m * muscles.max_velocity)
    speed = np.where(clamped, 0.0, speed)
    force_length = _curve_values(muscles.active, length, _LENGTH_GRID)
    force_velocity = _curve_values(muscles.velocity, speed, _SPEED_GRID)
    passive = muscles.max_isometric_n * _curve_values(muscles.passive, length, _LENGTH_GRID)
    active = muscles.max_isometric_n * force_length * force_velocity
    # at the shortest fibre the tendon is slack and passes nothing on, as in OpenSim
    active = np.where(clamped, 0.0, active)
    if kind == "pennated":
        active = active * cosine
    return Capacity(
        np.maximum(active, 0.0), np.maximum(passive, 0.0) * cosine, length, speed, cosine
    )
