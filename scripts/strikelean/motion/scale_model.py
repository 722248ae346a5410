"""From a static trial to a runner's own model: size, mass, strength and marker places."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, Markers
from strikelean.formats.trc import read_trc
from strikelean.lab.findings import Finding, doubts, figures, require_plausible
from strikelean.markersets import SIDES, MarkerSet, load_markerset
from strikelean.markersets_known import thin_segments
from strikelean.markersets_recorded import hints, unrecorded
from strikelean.markersets_symmetry import asymmetries
from strikelean.model.engine import open_model, save_model
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.model.landmarks import static_points
from strikelean.model.scaling import (
    attach_markers,
    fibre_lengths_m,
    free_root,
    measure_factors,
    move_markers,
    scale_bodies,
    scale_strength,
    strength_by_size,
)
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.motion.check_static import STATURE, check_pose, check_scaled, without_standing
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from strikelean.motion.standing_from_run import by_stature

# The feet's height settles to well under a millimetre in this many fits.
FLAT_FOOT_PASSES = 6


@dataclass(frozen=True)
class Placement:
    """The static pose and where it puts the markers.

    Attributes:
        locations_m: place of each recorded marker in its body's frame.
        coordinates: (Q,) static pose.
        errors_m: distance of the weighted landmarks before the markers were moved.
    """

    locations_m: dict[str, FloatArray]
    coordinates: FloatArray
    errors_m: dict[str, float]


def flatten_feet(
    tree: KinematicTree,
    marker_set: MarkerSet,
    points: dict[str, FloatArray],
    fitted: dict[str, FloatArray],
) -> dict[str, FloatArray]:
    """Return the static points with each foot's landmarks where a flat foot would have them.

    How high a marker sits on a shoe, and how thick its sole is, is not how high the generic
    landmark sits on the bone; taken at face value it tilts the ankle's zero by some 10 deg.
    A standing foot is flat: only where its landmarks are on the ground plane is taken from
    the recording, their mean height from the current fit.

    Args:
        tree: scaled model.
        marker_set: names the landmarks.
        points: recorded points, (3,) metres.
        fitted: the model's markers in the current fit.
    """
    default = np.array([[coordinate.default for coordinate in tree.coordinates]])
    model = dict(
        zip(tree.markers, marker_positions(tree, solve_forward(tree, default))[0], strict=True)
    )
    levelled = dict(points)
    for side in SIDES:
        names = [n for n in marker_set.landmarks[side].values() if n in points and n in model]
        if not names:
            continue
        height = np.mean([fitted[name][1] for name in names])
        standing = np.mean([model[name][1] for name in names])
        for name in names:
            level = height + model[name][1] - standing
            levelled[name] = np.array([points[name][0], level, points[name][2]])
    return levelled


def standing_tree(tree: KinematicTree, marker_set: MarkerSet) -> KinematicTree:
    """Return the tree with the ranges that the marker set allows in the static pose."""
    ranges = marker_set.static_ranges_deg
    coordinates = tuple(
        replace(
            coordinate,
            lower=float(np.radians(ranges[coordinate.name][0])),
            upper=float(np.radians(ranges[coordinate.name][1])),
        )
        if coordinate.name in ranges
        else coordinate
        for coordinate in tree.coordinates
    )
    return replace(tree, coordinates=coordinates)


def place_markers(
    tree: KinematicTree, marker_set: MarkerSet, points: dict[str, FloatArray]
) -> Placement:
    """Fit the scaled model to the static trial and fix every marker where it was seen.

    Args:
        tree: the scaled model with the marker set's markers.
        marker_set: static weights.
        points: measured and computed points of the static trial, (3,) metres.

    Raises:
        RecordingError: too few landmarks to fix a pose.
    """
    tree = standing_tree(tree, marker_set)
    weight_of = {m.name: m.static_weight for m in marker_set.markers}
    unseen = np.full(3, np.nan)
    targets = np.array([points.get(name, unseen) for name in tree.markers])
    weights = np.array([weight_of[name] for name in tree.markers])
    seen = np.isfinite(targets).all(axis=1)
    if int(np.count_nonzero(seen & (weights > 0))) < 6:
        raise RecordingError(
            "scale_model",
            "at least 6 landmarks of the marker set in the static trial",
            f"{int(np.count_nonzero(seen & (weights > 0)))}",
            "Name the marker set that matches the recording in subjects.tsv",
        )
    start = np.array([coordinate.default for coordinate in tree.coordinates])
    fitted = targets
    for _ in range(FLAT_FOOT_PASSES):
        solution = solve_inverse_kinematics(
            tree, fitted[None], weights, start=start, fixed=marker_set.neutral
        )
        pose = solve_forward(tree, solution.coordinates)
        placed = marker_positions(tree, pose)[0]
        levelled = flatten_feet(
            tree, marker_set, points, dict(zip(tree.markers, placed, strict=True))
        )
        fitted = np.array([levelled.get(name, unseen) for name in tree.markers])
    locations = {}
    for index, name in enumerate(tree.markers):
        if seen[index]:
            body = tree.marker_bodies[index]
            arm = targets[index] - pose.positions_m[0, body]
            locations[name] = np.asarray(pose.rotations[0, body].T @ arm)
    errors = {
        name: float(np.linalg.norm(placed[i] - fitted[i]))
        for i, name in enumerate(tree.markers)
        if seen[i] and weights[i] > 0
    }
    return Placement(locations, solution.coordinates[0], errors)


def _unknown_coordinates(tree: KinematicTree, marker_set: MarkerSet) -> list[str]:
    """Return one line on coordinates that the marker set speaks of and the model has not."""
    named = {*marker_set.neutral, *marker_set.static_ranges_deg}
    absent = sorted(named - set(tree.names))
    where = f"models/markersets/{marker_set.name}.yaml"
    return [f"the model has no {', '.join(absent)}, named in {where}"] if absent else []


def _thin(marker_set: MarkerSet) -> list[str]:
    """Return one line on segments that fewer than three markers track."""
    thin = [f"{body} ({', '.join(names)})" for body, names in thin_segments(marker_set).items()]
    if not thin:
        return []
    return [
        f"fewer than three markers track {'; '.join(thin)}: the model's joints make up for what "
        "they leave open, and their errors go into the angles whole (docs/markersets.md)"
    ]


def _unscaled(marker_set: MarkerSet) -> list[str]:
    """Return one line on bodies with markers of which no rule scales some axis."""
    scaled = {
        (body, axis) for rule in marker_set.scaling for body in rule.bodies for axis in rule.axes
    }
    axes = {
        body: "".join(axis for axis in "XYZ" if (body, axis) not in scaled)
        for body in dict.fromkeys(marker.body for marker in marker_set.markers)
    }
    left = [f"{body} along {missing}" for body, missing in axes.items() if missing]
    return (
        [f"as large as on the generic model, for want of a rule: {', '.join(left)}"] if left else []
    )


def _unrecorded(static: Markers, marker_set: MarkerSet, trial: str) -> list[str]:
    """Return one line on markers of the set that the static trial has not, with what is near."""
    absent = unrecorded(marker_set, static.names)
    told = list(hints(marker_set, absent, static.names))
    return [f"not in the {trial} trial: {', '.join(told)}"] if told else []


def scale_model(
    generic_osim: Path,
    static_trc: Path,
    markerset_path: Path,
    output_osim: Path,
    output_json: Path,
    *,
    subject: str,
    mass_kg: float,
    height_m: float,
    strength: str,
    instead: str = "",
    found: Sequence[Finding] = (),
) -> None:
    """Write a runner's scaled model and how it was scaled.

    Args:
        generic_osim: edited generic model.
        static_trc: static trial, laboratory frame.
        markerset_path: marker set of the recording.
        output_osim: scaled model with markers where the static trial shows them.
        output_json: factors, static marker errors (m), strength, warnings.
        subject: runner's name, given to the model.
        mass_kg: runner's mass; the model's total becomes exactly this.
        height_m: runner's stature.
        strength: method of :func:`scale_strength`.
        instead: what stands in for a standing trial, where none was recorded; then nothing is
            asked that a runner answers only by standing.
        found: what was seen of the static trial before, to be reported with the rest.

    Raises:
        RecordingError, ModelError, ConfigError: with what to do about it.
    """
    marker_set = load_markerset(markerset_path)
    static = read_trc(static_trc)
    marker_set = by_stature(marker_set, static) if instead else marker_set
    points = static_points(static, marker_set)
    model = open_model(generic_osim)
    generic_mass = model.getTotalMass(model.initSystem())
    attach_markers(model, marker_set)
    factors = measure_factors(model, marker_set, points, height_m)
    findings = check_scaled(static, points, marker_set, factors, mass_kg, height_m)
    findings = without_standing(findings) if instead else findings
    # a pelvis too low for the stature may be that of bent knees, which the pose shows
    require_plausible([found for found in findings if found.figure != STATURE], "scale_model")
    lengths = fibre_lengths_m(model)
    scale_bodies(model, factors, mass_kg)
    heights = (height_m, marker_set.model_height_m)
    strength_factor = scale_strength(model, lengths, strength, (mass_kg, generic_mass), heights)
    model.setName(subject)
    free_root(model)
    model.initSystem()
    tree = compile_tree(model)
    placement = place_markers(tree, marker_set, points)
    posed = check_pose(tree, placement.coordinates, placement.errors_m)
    posed = without_standing(posed) if instead else posed
    require_plausible(posed, "scale_model")
    findings += posed
    require_plausible(findings, "scale_model")
    move_markers(model, placement.locations_m)
    unplaced = [m.name for m in marker_set.markers if m.name not in placement.locations_m]
    for name in unplaced:
        # a marker the static trial does not show has no known place and cannot pull
        model.updMarkerSet().remove(model.updMarkerSet().get(name))
    state = model.initSystem()
    more = [instead] if instead else []
    more += [*_unknown_coordinates(tree, marker_set), *_thin(marker_set), *_unscaled(marker_set)]
    trial = "running" if instead else "static"
    more += [*_unrecorded(static, marker_set, trial), *asymmetries(marker_set)]
    errors = np.array(list(placement.errors_m.values()))
    worst = max(placement.errors_m, key=lambda name: placement.errors_m[name])
    report = {
        "subject": subject,
        "mass_kg": model.getTotalMass(state),
        "height_m": height_m,
        "scale_factors": {body: [round(float(v), 6) for v in f] for body, f in factors.items()},
        "strength_method": strength,
        "strength_factor_median": strength_factor,
        "strength_by_size": strength_by_size((mass_kg, generic_mass), heights),
        "static_marker_rms_m": float(np.sqrt(np.mean(errors**2))),
        "static_marker_max_m": float(errors.max()),
        "static_marker_worst": worst,
        "static_marker_errors_m": {
            name: round(error, 6) for name, error in placement.errors_m.items()
        },
        "static_pose_deg": {
            name: round(float(np.degrees(value)), 2)
            for name, value, info in zip(
                tree.names, placement.coordinates, tree.coordinates, strict=True
            )
            if info.rotational and not info.locked
        },
        "markers_without_place": unplaced,
        "by_stature": [b for r in marker_set.scaling if r.source == "height" for b in r.bodies],
        "plausibility": figures([*found, *findings]),
        "warnings": [*doubts([*found, *findings]), *more],
    }
    save_model(model, output_osim)
    output_json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
