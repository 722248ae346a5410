"""One leg's muscles, and how they share its net moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.solve import Motion
from strikelean.errors import ConfigError, SolverError
from strikelean.formats.series import FloatArray
from strikelean.model.engine import muscle_names
from strikelean.model.tree import KinematicTree
from strikelean.muscles.capacity import (
    CAPACITIES,
    MuscleParameters,
    read_parameters,
)
from strikelean.muscles.compile_paths import compile_paths
from strikelean.muscles.geometry import MusclePaths
from strikelean.muscles.kernel_values import Loaded, Pull
from strikelean.muscles.load import LegLoad, load_leg
from strikelean.muscles.paths import PathMotion, follow_paths, moment_arms
from strikelean.muscles.redundancy import (
    CARRIED_BY_RESERVES,
    FAILED,
    SOLVED,
)
from strikelean.muscles.strength import Demand

Progress = Callable[[str], None]
TENDONS = ("compliant", "rigid")
LEG_COORDINATES = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
)
# A reserve above this share of a coordinate's peak moment (or the floor in N m) is reported:
# OpenSim's guidance for reserve actuators is below 10 % of the peak joint moment.
RESERVE_SHARE, RESERVE_FLOOR_NM = 0.10, 2.0


@dataclass(frozen=True)
class MuscleSettings:
    """What the muscle stage takes from the configuration.

    Attributes:
        capacity: ``pennated`` or ``opensim_tool``.
        passive_force: whether stretched fibres pull.
        activation_min, activation_max: bounds.
        reserve_nm: moment of a reserve actuator that costs as much as one fully active muscle.
        exponent: of the cost of activations.
        strength: factor on every muscle's active force. Not on the passive one, nor on the
            stiffness of tendons: both are as the model's size has them.
        hip_strength: another on that of muscles that cross the hip alone.
        tendon: ``compliant``, stretched by its force, or ``rigid``.
        tendon_strain: factor on every tendon's strain at maximum isometric force.
        volume_weighted: whether a muscle's activation costs in proportion to its volume,
            maximum force times optimal fibre length (project choice: what activating a muscle
            takes grows with its mass).
    """

    capacity: str
    passive_force: bool
    activation_min: float
    activation_max: float
    reserve_nm: float
    exponent: float = 2.0
    strength: float = 1.0
    hip_strength: float = 1.0
    volume_weighted: bool = False
    tendon: str = "rigid"
    tendon_strain: float = 1.0

    @classmethod
    def from_config(cls, section: dict[str, Any]) -> MuscleSettings:
        """Build from the section ``muscles`` of the configuration."""
        if section["capacity"] not in CAPACITIES:
            raise ConfigError(
                "solve_muscles",
                f"muscles.capacity one of {', '.join(CAPACITIES)}",
                f"'{section['capacity']}'",
                "Correct config.yaml",
            )
        return cls(
            section["capacity"],
            bool(section["passive_force"]),
            float(section["activation_min"]),
            float(section["activation_max"]),
            float(section["reserve_nm"]),
            strength=float(section["strength"]),
            hip_strength=float(section["hip_strength"]),
            tendon=section["tendon"],
        )


@dataclass(frozen=True)
class Leg:
    """One leg's muscles, read from the model once.

    Attributes:
        coordinates: the K free coordinates they balance.
        paths, parameters: of its N muscles.
    """

    coordinates: tuple[str, ...]
    paths: MusclePaths
    parameters: MuscleParameters


@dataclass(frozen=True)
class LegSolution:
    """One leg over its stance frames.

    Attributes:
        rows: (S,) rows of the motion.
        muscles, coordinates: names.
        forces_n: (S, N) tendon forces.
        activations: (S, N).
        reserves_nm: (S, K).
        status: (S,) 0 solved, 1 a reserve carries much, 2 failed.
        moments_nm: (S, K) net moments that were shared, OpenSim's sign.
        clamped_share: share of muscle-frames at the upper activation bound.
        paths: of the muscles at those rows.
        strain: (S, N) of the tendons, 0 where they are rigid.
        residual_n: (S,) largest difference between a tendon's force and its fibres'.
        demand: what the frames ask of the muscles.
    """

    rows: NDArray[np.int64]
    muscles: tuple[str, ...]
    coordinates: tuple[str, ...]
    forces_n: FloatArray
    activations: FloatArray
    reserves_nm: FloatArray
    status: NDArray[np.int64]
    moments_nm: FloatArray
    clamped_share: float
    paths: PathMotion
    strain: FloatArray
    residual_n: FloatArray
    demand: Demand


def leg_coordinates(tree: KinematicTree, side: str) -> tuple[str, ...]:
    """Return the free coordinates of a leg that its muscles must balance."""
    locked = {info.name for info in tree.coordinates if info.locked}
    names = [f"{name}_{side[0]}" for name in LEG_COORDINATES]
    return tuple(name for name in names if name in tree.names and name not in locked)


def read_leg(
    engine: Multibody, tree: KinematicTree, side: str, *, engine_defect: bool = False
) -> Leg:
    """Read one leg's muscles.

    Args:
        engine: the runner's model.
        tree: the same, compiled.
        side: ``right`` or ``left``.
        engine_defect: lay paths as OpenSim does, see :func:`compile_paths`.

    Raises:
        SolverError: the model has no muscles on this leg.
    """
    names = leg_coordinates(tree, side)
    muscles = tuple(n for n in muscle_names(engine.model) if n.endswith(f"_{side[0]}"))
    if not muscles or not names:
        raise SolverError(
            "solve_muscles",
            f"muscles and free coordinates ending in _{side[0]}",
            f"{len(muscles)} muscles, {len(names)} coordinates",
            "Use a model with muscles on both legs",
        )
    paths = compile_paths(engine, tree, muscles, engine_defect=engine_defect)
    return Leg(names, paths, read_parameters(engine.model, muscles))


def reserve_limit(moments: FloatArray) -> FloatArray:
    """Return (K,) reserves above which they carry much of (S, K) moments."""
    peaks = np.abs(moments).max(axis=0, initial=0.0)
    return np.asarray(np.maximum(RESERVE_FLOOR_NM, RESERVE_SHARE * peaks))


def reserve_status(
    reserves: FloatArray, moments: FloatArray, converged: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return (S,) 0 solved, 1 a reserve carries much, 2 failed."""
    much = (np.abs(reserves) > reserve_limit(moments)).any(axis=1)
    status = np.where(much, CARRIED_BY_RESERVES, SOLVED)
    return np.where(converged, status, FAILED).astype(np.int64)


def crosses_hip_alone(leg: Leg, arms_m: FloatArray) -> NDArray[np.bool_]:
    """Return whether each muscle (N,) has arms (S, K, N) about the hip alone."""
    beyond = [k for k, name in enumerate(leg.coordinates) if not name.startswith("hip_")]
    return np.asarray((arms_m[:, beyond] == 0.0).all(axis=(0, 1)))


def solve_leg(
    leg: Leg,
    rows: NDArray[np.int64],
    motion: Motion,
    moments: FloatArray,
    ways: Sequence[MuscleSettings],
    paths: PathMotion | None = None,
    progress: Progress | None = None,
) -> list[LegSolution]:
    """Share the net moments of a leg among its muscles, once for each way.

    Args:
        leg: its muscles.
        rows: (S,) stance rows; none of a side that was never on the ground.
        motion: coordinates and speeds.
        moments: (T, Q) generalised forces, couplings folded.
        ways: capacity, tendons, bounds, reserves, of each way.
        paths: of the muscles at those rows, where they were followed before.
        progress: called with a line of text now and then.
    """
    places = [motion.tree.coordinate_index(name) for name in leg.coordinates]
    coordinates, speeds = motion.coordinates[rows], motion.speeds[rows]
    if paths is None:
        paths = follow_paths(leg.paths, coordinates, speeds, progress)
    arms = moment_arms(motion.tree, coordinates, paths, places).transpose(0, 2, 1)
    pull = Pull(paths.lengths_m, paths.speeds_m_s, arms, moments[rows][:, places])
    load = LegLoad(leg.parameters, pull, motion.time_s[rows], crosses_hip_alone(leg, arms))
    return [_solution(leg, load, paths, rows, load_leg(load, way), way) for way in ways]


def _solution(
    leg: Leg,
    load: LegLoad,
    paths: PathMotion,
    rows: NDArray[np.int64],
    loaded: Loaded,
    settings: MuscleSettings,
) -> LegSolution:
    """Return loaded muscles as one leg's solution."""
    pull = load.pull
    status = reserve_status(loaded.reserves_nm, pull.moments_nm, loaded.converged)
    at_most = loaded.activations >= settings.activation_max - 1e-9
    return LegSolution(
        rows=rows,
        muscles=leg.paths.muscles,
        coordinates=leg.coordinates,
        forces_n=loaded.forces_n,
        activations=loaded.activations,
        reserves_nm=loaded.reserves_nm,
        status=status,
        moments_nm=pull.moments_nm,
        clamped_share=float(np.mean(at_most)) if at_most.size else 0.0,
        paths=paths,
        strain=loaded.stretch_m / leg.parameters.slack_length_m,
        residual_n=loaded.residual_n,
        demand=_demand(loaded, pull, load.hip_alone, status, settings),
    )


def _demand(
    loaded: Loaded,
    pull: Pull,
    hip_alone: NDArray[np.bool_],
    status: NDArray[np.int64],
    settings: MuscleSettings,
) -> Demand:
    """Return what solved frames ask of muscles with a hip factor of 1."""
    active = loaded.active_n / np.where(hip_alone, settings.hip_strength, 1.0)
    passive = np.einsum("tkn,tn->tk", pull.arms_m, loaded.passive_n)
    # under a smaller factor the same forces take activations larger in proportion
    busiest = np.where(hip_alone, loaded.activations, 0.0).max(axis=1)
    enough = settings.hip_strength * busiest / settings.activation_max
    return Demand(
        pull.arms_m * active[:, None, :],
        hip_alone,
        pull.moments_nm - passive,
        reserve_limit(pull.moments_nm),
        np.where(status == SOLVED, enough, np.inf),
    )
