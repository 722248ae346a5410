"""Named, ordered edits of a generic model; a recipe lists them with their reasons."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import opensim as osim

from strikelean.errors import ModelError
from strikelean.model.engine import coordinate_names

Edit = Callable[..., str]


def _muscles(model: osim.Model) -> list[osim.Muscle]:
    muscles = model.updMuscles()
    return [muscles.get(i) for i in range(muscles.getSize())]


def _millard(muscle: osim.Muscle) -> osim.Millard2012EquilibriumMuscle | None:
    return osim.Millard2012EquilibriumMuscle.safeDownCast(muscle)


def _coordinate(model: osim.Model, name: str) -> osim.Coordinate:
    if name not in coordinate_names(model):
        raise ModelError(
            "edit_model",
            f"a coordinate {name}",
            f"a model {model.getName()} without it",
            "Remove the edit from the recipe, or use the model it was written for",
        )
    return model.updCoordinateSet().get(name)


def set_fibre_damping(model: osim.Model, value: float) -> str:
    """Set the fibre damping (dimensionless) of every Millard muscle."""
    changed = [muscle for muscle in map(_millard, _muscles(model)) if muscle is not None]
    for muscle in changed:
        muscle.set_fiber_damping(value)
    return f"fibre damping {value} in {len(changed)} muscles"


def set_body_inertia(model: osim.Model, bodies: list[str], axis: str, value_kg_m2: float) -> str:
    """Set one principal moment of inertia (kg m^2, ``xx``, ``yy`` or ``zz``) of some bodies."""
    slots = {"xx": 0, "yy": 1, "zz": 2}
    if axis not in slots:
        raise ModelError(
            "edit_model",
            f"axis {', '.join(slots)} in set_body_inertia",
            f"'{axis}'",
            "Correct the recipe",
        )
    for name in bodies:
        body = model.updBodySet().get(name)
        inertia = body.get_inertia()
        inertia.set(slots[axis], value_kg_m2)
        body.set_inertia(inertia)
    return f"I{axis} = {value_kg_m2} kg m^2 of {', '.join(bodies)}"


def set_coordinate_range(
    model: osim.Model, coordinates: list[str], minimum_deg: float, maximum_deg: float
) -> str:
    """Set the range (degrees) of rotational coordinates."""
    for name in coordinates:
        coordinate = _coordinate(model, name)
        coordinate.setRangeMin(math.radians(minimum_deg))
        coordinate.setRangeMax(math.radians(maximum_deg))
    return f"range {minimum_deg:g}..{maximum_deg:g} deg of {', '.join(coordinates)}"


def unlock_coordinates(model: osim.Model, coordinates: list[str]) -> str:
    """Unlock coordinates that the model ships locked."""
    for name in coordinates:
        _coordinate(model, name).set_locked(False)
    return f"unlocked {', '.join(coordinates)}"


def lock_coordinates(model: osim.Model, coordinates: list[str]) -> str:
    """Lock coordinates at their default values."""
    for name in coordinates:
        _coordinate(model, name).set_locked(True)
    return f"locked {', '.join(coordinates)}"


def set_max_contraction_velocity(model: osim.Model, value_lengths_per_s: float) -> str:
    """Set the maximum contraction velocity (optimal fibre lengths per second) of all muscles."""
    muscles = _muscles(model)
    for muscle in muscles:
        muscle.set_max_contraction_velocity(value_lengths_per_s)
    return f"maximum contraction velocity {value_lengths_per_s:g}/s in {len(muscles)} muscles"


def set_rigid_tendons(model: osim.Model) -> str:
    """Ignore tendon compliance in every muscle."""
    muscles = _muscles(model)
    for muscle in muscles:
        muscle.set_ignore_tendon_compliance(True)
    return f"rigid tendons in {len(muscles)} muscles"


def set_tendon_strain(model: osim.Model, muscles: list[str], value: float) -> str:
    """Set the strain at maximum isometric force of some muscles' tendons, on every side they have.

    The curve keeps its shape: what is given of it in units of its strain scales along.
    """
    wanted = {f"{name}_{side}": name for name in muscles for side in "rl"}
    found = {muscle.getName(): muscle for muscle in _muscles(model) if muscle.getName() in wanted}
    absent = sorted(set(muscles) - {wanted[name] for name in found})
    if absent:
        raise RuntimeError(f"no muscle {', '.join(absent)}")
    for name, muscle in found.items():
        millard = _millard(muscle)
        if millard is None:
            raise RuntimeError(f"{name} is no Millard muscle")
        curve = osim.TendonForceLengthCurve(value)
        curve.setName(f"{name}_tendon")
        millard.set_TendonForceLengthCurve(curve)
    return f"tendon strain {value:g} at maximum force in {len(found)} muscles"


OPERATIONS: dict[str, Edit] = {
    "set_fibre_damping": set_fibre_damping,
    "set_body_inertia": set_body_inertia,
    "set_coordinate_range": set_coordinate_range,
    "unlock_coordinates": unlock_coordinates,
    "lock_coordinates": lock_coordinates,
    "set_max_contraction_velocity": set_max_contraction_velocity,
    "set_rigid_tendons": set_rigid_tendons,
    "set_tendon_strain": set_tendon_strain,
}


def apply_edits(model: osim.Model, edits: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Apply a recipe's edits in order and return what was done, for provenance.

    Args:
        model: changed in place.
        edits: entries with ``name``, ``operation``, ``arguments`` and ``reason``.

    Returns:
        One ``{name, done, reason}`` per edit.

    Raises:
        ModelError: an unknown operation, or a part the model does not have.
    """
    done = []
    for edit in edits:
        operation = OPERATIONS.get(edit["operation"])
        if operation is None:
            raise ModelError(
                "edit_model",
                f"one of {', '.join(sorted(OPERATIONS))}",
                f"operation '{edit['operation']}' in edit '{edit['name']}'",
                "Correct the recipe",
            )
        try:
            effect = operation(model, **edit.get("arguments", {}))
        except (TypeError, RuntimeError) as error:
            raise ModelError(
                "edit_model",
                f"edit '{edit['name']}' to fit model {model.getName()}",
                str(error).splitlines()[0],
                "Check its arguments in the recipe",
            ) from error
        done.append({"name": edit["name"], "done": effect, "reason": edit["reason"].strip()})
    model.finalizeFromProperties()
    return done
