"""How much force each muscle can make at the length and speed of its fibres.

Millard 2013 (doi 10.1115/1.4023390), with the curves of the model itself: fibres of constant
thickness. Lengths and speeds are those of muscle and tendon less what the tendon has stretched
(:mod:`strikelean.muscles.tendons`): nothing where it is taken as rigid, which is fair for short
tendons and overstates the fibres' excursion where the tendon is long and loaded (triceps surae);
against biological muscle forces were off by 21 % of maximum force, by 9 % with an elastic one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import opensim as osim
from numpy.typing import NDArray

from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray
from strikelean.muscles.curves import CurveTable

CAPACITIES = ("pennated", "opensim_tool")
# Curves are tabulated once; between 1/500 steps of a cubic spline they are exact to 1e-6.
_LENGTH_GRID = np.linspace(0.0, 2.5, 1251)
_SPEED_GRID = np.linspace(-2.0, 2.0, 2001)
# Of a tendon: strain in units of that at maximum isometric force, to four times its stretch there.
_STRAIN_GRID = np.linspace(0.0, 4.0, 2001)


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
        active, passive, velocity: curves of the fibres: force over normalised length and speed.
        min_length: (N,) shortest normalised fibre length of the model.
        tendon: curves of the tendons: force over strain, both in units of those at maximum
            isometric force.
        tendon_strain: (N,) strain of the tendon at maximum isometric force.
    """

    names: tuple[str, ...]
    max_isometric_n: FloatArray
    optimal_length_m: FloatArray
    slack_length_m: FloatArray
    pennation_rad: FloatArray
    max_velocity: FloatArray
    max_pennation_rad: FloatArray
    active: CurveTable
    passive: CurveTable
    velocity: CurveTable
    min_length: FloatArray
    tendon: CurveTable
    tendon_strain: FloatArray

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


class _Curves:
    """Gives the same function for curves of OpenSim with the same printed properties.

    Muscles share few distinct curves; those of a kind are tabulated once.
    """

    def __init__(self) -> None:
        self._known: dict[str, Callable[[float], float]] = {}

    def of(self, curve: osim.Function) -> Callable[[float], float]:
        """Return a curve as a function of one number."""
        key = curve.getConcreteClassName() + curve.dump().split(">", 1)[-1]
        argument = osim.Vector(1, 0.0)

        def value(x: float) -> float:
            argument.set(0, x)
            return float(curve.calcValue(argument))

        return self._known.setdefault(key, value)

    def of_tendon(
        self, curve: osim.TendonForceLengthCurve
    ) -> tuple[Callable[[float], float], float]:
        """Return a tendon's curve over relative strain, and its strain at maximum force."""
        strain = float(curve.getStrainAtOneNormForce())
        whole = self.of(curve)

        def value(x: float) -> float:
            return whole(1.0 + x * strain)

        key = f"tendon {strain} {curve.dump().split('>', 1)[-1]}"
        return self._known.setdefault(key, value), strain


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
    curves = _Curves()
    active = [muscle.getActiveForceLengthCurve() for muscle in found]
    passive = [curves.of(muscle.getFiberForceLengthCurve()) for muscle in found]
    velocity = [curves.of(muscle.getForceVelocityCurve()) for muscle in found]
    tendons = [curves.of_tendon(muscle.getTendonForceLengthCurve()) for muscle in found]
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
        active=CurveTable(_LENGTH_GRID, [curves.of(curve) for curve in active]),
        passive=CurveTable(_LENGTH_GRID, passive),
        velocity=CurveTable(_SPEED_GRID, velocity),
        min_length=np.maximum(thinnest, shortest),
        tendon=CurveTable(_STRAIN_GRID, [curve for curve, _ in tendons]),
        tendon_strain=np.array([strain for _, strain in tendons]),
    )


@dataclass(frozen=True)
class _Fibres:
    """Fibres of (T, N) muscles.

    Attributes:
        metres, length, speed: length; length and lengthening speed normalised.
        cosine: of pennation.
        clamped: whether a fibre is at its shortest: the tendon is slack and passes nothing on.
    """

    metres: FloatArray
    length: FloatArray
    speed: FloatArray
    cosine: FloatArray
    clamped: NDArray[np.bool_]


def _fibres(muscles: MuscleParameters, lengths_m: FloatArray, speeds_m_s: FloatArray) -> _Fibres:
    thickness = muscles.optimal_length_m * np.sin(muscles.pennation_rad)
    along = lengths_m - muscles.slack_length_m
    shortest = muscles.min_length * muscles.optimal_length_m
    fibre = np.hypot(along, thickness)
    clamped = (along <= 0.0) | (fibre < shortest)
    fibre = np.where(clamped, shortest, fibre)
    cosine = np.sqrt(np.maximum(1.0 - (thickness / fibre) ** 2, 0.0))
    speed = speeds_m_s * cosine / (muscles.optimal_length_m * muscles.max_velocity)
    return _Fibres(
        fibre,
        fibre / muscles.optimal_length_m,
        np.where(clamped, 0.0, speed),
        cosine,
        clamped,
    )


def evaluate_capacity(
    muscles: MuscleParameters, lengths_m: FloatArray, speeds_m_s: FloatArray, kind: str
) -> Capacity:
    """Return what muscles can do at given path lengths and speeds.

    Args:
        muscles: N muscles.
        lengths_m: (T, N) muscle-tendon lengths, less what tendons have stretched.
        speeds_m_s: (T, N) lengthening speeds of the same.
        kind: ``pennated``, the force along the tendon; ``opensim_tool``, without the cosine
            of pennation in the active force, as OpenSim's static optimisation has it.
    """
    fibres = _fibres(muscles, lengths_m, speeds_m_s)
    passive = muscles.max_isometric_n * muscles.passive.values(fibres.length)
    active = muscles.max_isometric_n * muscles.active.values(fibres.length)
    active = active * muscles.velocity.values(fibres.speed)
    # at the shortest fibre the tendon is slack and passes nothing on, as in OpenSim
    active = np.where(fibres.clamped, 0.0, active)
    if kind == "pennated":
        active = active * fibres.cosine
    return Capacity(
        np.maximum(active, 0.0),
        np.maximum(passive, 0.0) * fibres.cosine,
        fibres.length,
        fibres.speed,
        fibres.cosine,
    )
