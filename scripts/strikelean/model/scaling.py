"""Scaling the generic model to a runner: size from a static trial, mass, strength."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import opensim as osim

from strikelean.errors import ConfigError, ModelError, RecordingError
from strikelean.formats.series import FloatArray
from strikelean.markersets import MarkerSet
from strikelean.markersets_on_model import name_mistakes, order_mistakes
from strikelean.model.engine import open_model, save_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.tree import KinematicTree, compile_tree

# Outside this range a factor is a mistaken marker or unit, not a runner: adult statures
# lie within 1.4-2.1 m of a 1.70 m model; segments may differ somewhat more.
PLAUSIBLE_FACTOR = (0.6, 1.6)

# A range that an unclamped coordinate is shown with; no laboratory is this large.
ANYWHERE_M = 1e4

STRENGTH_METHODS = ("mass_two_thirds", "handsfield2014", "none")


def attach_markers(model: osim.Model, marker_set: MarkerSet) -> None:
    """Replace the model's markers by those of a marker set, under the recording's names.

    Markers with ``at`` start at that marker of the generic model, with ``location_m`` at
    that place, others at their body's origin until the static trial places them.

    Raises:
        ModelError: bodies or ``at`` markers that the model does not have, all of them at once.
    """
    own = {marker.getName(): marker for marker in model.getMarkerSet()}
    bodies = {body.getName() for body in model.getBodySet()}
    carried = {name: marker.getParentFrameName().rpartition("/")[2] for name, marker in own.items()}
    _require(list(name_mistakes(marker_set, bodies, carried)), model, marker_set)
    fresh = []
    for definition in marker_set.markers:
        location = osim.Vec3(0.0)
        if definition.at is not None:
            location = own[definition.at].get_location()
        elif definition.location_m is not None:
            location = osim.Vec3(*definition.location_m)
        body = model.getBodySet().get(definition.body)
        fresh.append(osim.Marker(definition.name, body, osim.Vec3(location)))
    markers = model.updMarkerSet()
    markers.clearAndDestroy()
    for marker in fresh:
        # not Model.addMarker, which goes over the whole model each time
        markers.adoptAndAppend(marker)
    model.finalizeFromProperties()
    model.finalizeConnections()


def _require(mistakes: list[str], model: osim.Model, marker_set: MarkerSet) -> None:
    """Refuse a marker set with mistakes that the model shows."""
    if mistakes:
        raise ModelError(
            "scale_model",
            f"a marker set that fits model {model.getName()}",
            "; ".join(mistakes),
            f"Correct it in models/markersets/{marker_set.name}.yaml",
        )


def _ratio(
    points: Mapping[str, FloatArray],
    places: Mapping[str, FloatArray],
    pair: tuple[str, str],
    marker_set: MarkerSet,
) -> float:
    """Return the measured distance of a pair of markers over the unscaled model's."""
    first, second = pair
    known = first in places and second in places
    apart = float(np.linalg.norm(places[first] - places[second])) if known else 0.0
    if not apart > 0.0:
        raise ModelError(
            "scale_model",
            f"{first} and {second} at two places on the generic model, to scale by",
            "one place" if known else "no place on the model",
            f"List both under markers with at or location_m in models/markersets/"
            f"{marker_set.name}.yaml, or scale by another pair",
        )
    return float(np.linalg.norm(points[first] - points[second])) / apart


def measure_factors(
    model: osim.Model, marker_set: MarkerSet, points: Mapping[str, FloatArray], height_m: float
) -> dict[str, FloatArray]:
    """Return (3,) scale factors of every body that a rule names.

    A factor is the mean over a rule's pairs of measured distance over the distance on the
    unscaled model in its default pose.

    Raises:
        RecordingError: a marker of a pair is missing, or a factor is implausible.
        ModelError: a body or a pair's place that the model does not have.
    """
    state = model.initSystem()
    assert state is not None
    tree = compile_tree(model)
    default = np.array([[coordinate.default for coordinate in tree.coordinates]])
    places = dict(
        zip(tree.markers, marker_positions(tree, solve_forward(tree, default))[0], strict=True)
    )
    _require(list(order_mistakes(marker_set, places)), model, marker_set)
    factors: dict[str, FloatArray] = {}
    for rule in marker_set.scaling:
        if rule.source == "height":
            ratios = [height_m / marker_set.model_height_m]
        else:
            absent = sorted({name for pair in rule.pairs for name in pair if name not in points})
            if absent:
                raise RecordingError(
                    "scale_model",
                    f"markers {', '.join(absent)} in the static trial",
                    "none",
                    f"Record them, or change the scaling of {', '.join(rule.bodies)} in "
                    f"models/markersets/{marker_set.name}.yaml",
                )
            ratios = [_ratio(points, places, pair, marker_set) for pair in rule.pairs]
        factor = float(np.mean(ratios))
        if not PLAUSIBLE_FACTOR[0] < factor < PLAUSIBLE_FACTOR[1]:
            raise RecordingError(
                "scale_model",
                f"a scale factor of {rule.bodies[0]} between {PLAUSIBLE_FACTOR[0]} and "
                f"{PLAUSIBLE_FACTOR[1]}",
                f"{factor:.2f}",
                "Check the units and the marker names of the static trial",
            )
        for body in rule.bodies:
            values = factors.setdefault(body, np.ones(3))
            for axis in rule.axes:
                values["XYZ".index(axis)] = factor
    return factors


def scale_bodies(model: osim.Model, factors: Mapping[str, FloatArray], mass_kg: float) -> None:
    """Scale bodies, joints, paths and masses; the whole mass becomes the runner's.

    The generic model's mass distribution over segments is kept.
    """
    state = model.initSystem()
    scales = osim.ScaleSet()
    for body, values in factors.items():
        scale = osim.Scale()
        scale.setSegmentName(body)
        scale.setScaleFactors(osim.Vec3(*[float(value) for value in values]))
        scale.setApply(True)
        scales.cloneAndAppend(scale)
    if not model.scale(state, scales, True, mass_kg):
        raise ModelError(
            "scale_model", "OpenSim to scale the model", "a refusal", "Check the generic model"
        )


def _lower_limb_volume_cm3(mass_kg: float, height_m: float) -> float:
    """Return lower-limb muscle volume, 47.05 m h + 1289.6 (Handsfield 2014,
    doi 10.1016/j.jbiomech.2013.12.002; coefficients as in the generic model authors' script)."""
    return 47.05 * mass_kg * height_m + 1289.6


def strength_by_size(
    masses_kg: tuple[float, float], heights_m: tuple[float, float]
) -> dict[str, float]:
    """Return the factor on muscle force that a runner's size tells, by method.

    Args:
        masses_kg, heights_m: runner's, generic model's.
    """
    volumes = [
        _lower_limb_volume_cm3(mass, height)
        for mass, height in zip(masses_kg, heights_m, strict=True)
    ]
    return {
        "mass_two_thirds": (masses_kg[0] / masses_kg[1]) ** (2.0 / 3.0),
        "handsfield2014": volumes[0] / volumes[1],
    }


def scale_strength(
    model: osim.Model,
    generic_fibre_lengths_m: Mapping[str, float],
    method: str,
    masses_kg: tuple[float, float],
    heights_m: tuple[float, float],
) -> float:
    """Scale maximum isometric forces; return the median factor.

    Args:
        model: already scaled in size.
        generic_fibre_lengths_m: optimal fibre lengths before scaling.
        method: ``mass_two_thirds``, force grows with mass^(2/3) (Jaric 2002,
            doi 10.2165/00007256-200232100-00002); ``handsfield2014``, muscle volume over
            fibre length; ``none``.
        masses_kg: runner's, generic model's.
        heights_m: runner's, generic model's.

    Raises:
        ConfigError: an unknown method.
    """
    if method not in STRENGTH_METHODS:
        raise ConfigError(
            "scale_model",
            f"scaling.strength one of {', '.join(STRENGTH_METHODS)}",
            f"'{method}'",
            "Correct config.yaml",
        )
    by_size = strength_by_size(masses_kg, heights_m)
    factors = []
    muscles = model.updMuscles()
    for i in range(muscles.getSize()):
        muscle = muscles.get(i)
        factor = 1.0
        if method == "mass_two_thirds":
            factor = by_size[method]
        elif method == "handsfield2014":
            before = generic_fibre_lengths_m[muscle.getName()]
            factor = by_size[method] * before / muscle.get_optimal_fiber_length()
        muscle.set_max_isometric_force(muscle.get_max_isometric_force() * factor)
        factors.append(factor)
    return float(np.median(factors)) if factors else 1.0


def fibre_lengths_m(model: osim.Model) -> dict[str, float]:
    """Return optimal fibre lengths by muscle, metres."""
    muscles = model.getMuscles()
    return {
        muscles.get(i).getName(): muscles.get(i).get_optimal_fiber_length()
        for i in range(muscles.getSize())
    }


def free_root(model: osim.Model) -> None:
    """Let the body be anywhere: take the limits off the root's translations.

    A generic model keeps its pelvis within 5 m ahead of and 3 m beside the origin. That is a
    limit of a viewer, not of a body: where a laboratory puts its origin means nothing.
    """
    joints = model.updJointSet()
    for i in range(joints.getSize()):
        joint = joints.get(i)
        if joint.getParentFrame().findBaseFrame().getName() != "ground":
            continue
        for j in range(joint.numCoordinates()):
            coordinate = joint.upd_coordinates(j)
            if coordinate.getMotionType() == osim.Coordinate.Translational:
                coordinate.set_clamped(False)
                coordinate.setRangeMin(-ANYWHERE_M)
                coordinate.setRangeMax(ANYWHERE_M)


def move_markers(model: osim.Model, locations_m: Mapping[str, FloatArray]) -> None:
    """Put markers at new places in their bodies' frames."""
    for name, location in locations_m.items():
        marker = model.updMarkerSet().get(name)
        marker.set_location(osim.Vec3(*[float(value) for value in location]))


def write_inertias(model_osim: Path, tree: KinematicTree, output: Path) -> None:
    """Write a model anew with the masses, mass centres and inertias of a compiled one.

    Args:
        model_osim: the model.
        tree: the same model compiled, other masses in it.
        output: written.
    """
    model = open_model(model_osim)
    for body in model.updBodySet():
        index = tree.body_index(body.getName())
        inertia = tree.inertias_kg_m2[index]
        body.set_mass(float(tree.masses_kg[index]))
        body.set_mass_center(osim.Vec3(*tree.mass_centres_m[index].tolist()))
        diagonal, products = np.diag(inertia), inertia[[0, 0, 1], [1, 2, 2]]
        body.set_inertia(osim.Vec6(*diagonal.tolist(), *products.tolist()))
    model.finalizeConnections()
    save_model(model, output)
