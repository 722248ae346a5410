"""Whether a static trial can be of this runner, standing: stature, mass, segments, posture.

What sets a segment's size also sets every moment about its joints, and what sets the standing
posture sets the zero of every angle: both are held against something that was not measured with
markers (stature, mass) or that people share (how they stand).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.facing import above_feet
from strikelean.lab.findings import Finding, Level, Range, level_of
from strikelean.markersets import HIP_CENTRE, MarkerSet
from strikelean.model.tree import KinematicTree

# Bounds below are this project's. Measured in 14 runners (Fukuchi 2017, doi 10.7717/peerj.3298),
# one with whole-body markers (Rajagopal 2016) and 6 virtual ones.
STATURE = "pelvis_height_over_stature"
# Height of the pelvis' markers over the feet's, over stature: 0.534-0.589.
PELVIS_SHARE_USUAL: Range = (0.49, 0.64)
PELVIS_SHARE_POSSIBLE: Range = (0.42, 0.75)
# A segment's scale factor over the runner's stature over the generic model's: 0.88-1.24.
SEGMENT_USUAL: Range = (0.78, 1.35)
# Body mass over squared stature: 18.9-25.0 kg/m2; the plate weighs runners independently.
BMI_USUAL: Range = (15.0, 35.0)
# Weighted landmarks' distance to the model's, root mean square: up to 21 mm.
LANDMARKS_WRONG_M = 0.06
# Standing joint angles, degrees, left and right alike. Measured: pelvis tilt -9 to 7, list -2 to
# 1, rotation -5 to 7; hip flexion -15 to 7, adduction -7 to 0, rotation -8 to 13; knee -11 to 5;
# ankle -4 to 6; trunk, where markers show it, extension 0 to 10, bending and rotation 0 to 2.
POSTURE_DEG: Mapping[str, Range] = {
    "pelvis_tilt": (-20.0, 18.0),
    "pelvis_list": (-8.0, 8.0),
    "pelvis_rotation": (-20.0, 20.0),
    "hip_flexion": (-22.0, 20.0),
    "hip_adduction": (-16.0, 9.0),
    "hip_rotation": (-22.0, 26.0),
    "knee_angle": (-14.0, 18.0),
    "ankle_angle": (-14.0, 18.0),
    "lumbar_extension": (-15.0, 20.0),
    "lumbar_bending": (-12.0, 12.0),
    "lumbar_rotation": (-20.0, 20.0),
}
# Further beyond, nobody stands: a posture of another kind, or markers on other segments.
POSTURE_BEYOND_DEG = 25.0


def _stature(static: Markers, marker_set: MarkerSet, height_m: float) -> Finding:
    height = float(above_feet(static, marker_set)[1])
    share = height / height_m
    figure = STATURE
    if not np.isfinite(share):
        return Finding(figure, share)
    level = level_of(share, PELVIS_SHARE_USUAL, PELVIS_SHARE_POSSIBLE)
    if level == "plausible":
        return Finding(figure, share)
    low, high = PELVIS_SHARE_POSSIBLE if level == "wrong" else PELVIS_SHARE_USUAL
    return Finding(
        figure,
        share,
        level,
        f"the pelvis' markers {low:g} to {high:g} of the stature above the feet's, standing",
        f"{share:.2f} ({height:.3f} m of {height_m:g} m)",
        "Correct height_m in subjects.tsv, the unit of the static trial, or static_file",
    )


def _body_mass(mass_kg: float, height_m: float) -> Finding:
    index = mass_kg / height_m**2
    if level_of(index, BMI_USUAL) == "plausible":
        return Finding("body_mass_index_kg_m2", index)
    return Finding(
        "body_mass_index_kg_m2",
        index,
        "doubtful",
        f"{BMI_USUAL[0]:g} to {BMI_USUAL[1]:g} kg of body mass for each square metre of stature",
        f"{index:.1f} ({mass_kg:g} kg, {height_m:g} m)",
        "Look at mass_kg and height_m in subjects.tsv",
    )


def _segments(factors: Mapping[str, FloatArray], marker_set: MarkerSet, height_m: float) -> Finding:
    """Look for segments of the legs that no runner of this stature has."""
    stature = height_m / marker_set.model_height_m
    measured = {
        body for rule in marker_set.scaling if rule.source != "height" for body in rule.bodies
    }
    shares = {
        f"{body} {'XYZ'[axis]}": float(values[axis] / stature)
        for body, values in factors.items()
        if body in measured
        for axis in range(3)
    }
    odd = {
        name: share
        for name, share in shares.items()
        if level_of(share, SEGMENT_USUAL) != "plausible"
    }
    worst = max(shares.values(), key=lambda share: abs(np.log(share)), default=float("nan"))
    if not odd:
        return Finding("segment_over_stature_worst", worst)
    named = sorted(odd, key=lambda name: -abs(np.log(odd[name])))[:4]
    return Finding(
        "segment_over_stature_worst",
        worst,
        "doubtful",
        f"segments {SEGMENT_USUAL[0]:g} to {SEGMENT_USUAL[1]:g} of the generic model's, once "
        "stature is allowed for",
        ", ".join(f"{name} {odd[name]:.2f}" for name in named),
        "Look at the markers that scale them in the static trial, at height_m, and at static_file",
    )


def _hip_centres(points: Mapping[str, FloatArray], marker_set: MarkerSet) -> Finding:
    """Look for computed hip centres that do not lie below their pelvis, each on its side."""
    rules = [rule for rule in marker_set.computed if rule.method == HIP_CENTRE]
    depths = [
        float(np.mean([points[name][1] for name in rule.markers]) - points[rule.name][1])
        for rule in rules
    ]
    # by the leg that carries it: a rule's own side may be the mistake
    legs = {marker.name: marker.body[-2:] for marker in marker_set.markers}
    sides = {legs.get(rule.name, f"_{rule.side}"[:2]): points[rule.name] for rule in rules}
    apart = float("nan")
    if {"_r", "_l"} <= set(sides):
        apart = float((sides["_r"] - sides["_l"])[2])
    lowest = min(depths, default=float("nan"))
    if not rules or (lowest > 0.0 and not apart <= 0.0):
        return Finding("hip_centre_depth_m", lowest)
    return Finding(
        "hip_centre_depth_m",
        lowest,
        "wrong",
        "hip centres below the pelvis' markers, the right one on the right",
        f"{1000 * lowest:.0f} mm below, {1000 * apart:.0f} mm apart",
        "List right ASIS, left ASIS, right and left PSIS in that order, and the side, under "
        f"computed in models/markersets/{marker_set.name}.yaml",
    )


def _landmark_fit(errors_m: Mapping[str, float]) -> Finding:
    rms = float(np.sqrt(np.mean([error**2 for error in errors_m.values()])))
    if rms <= LANDMARKS_WRONG_M:
        return Finding("static_landmark_rms_m", rms)
    worst = sorted(errors_m, key=lambda name: -errors_m[name])[:4]
    return Finding(
        "static_landmark_rms_m",
        rms,
        "wrong",
        f"the scaled model's landmarks within {1000 * LANDMARKS_WRONG_M:g} mm RMS of the static "
        "trial's",
        f"{1000 * rms:.0f} mm (" + ", ".join(f"{n} {1000 * errors_m[n]:.0f}" for n in worst) + ")",
        "Look at the labels of the static trial, and at body and place of these markers in the "
        "marker set",
    )


def standing_excess_deg(tree: KinematicTree, coordinates: FloatArray) -> dict[str, float]:
    """Return by how much each standing angle lies beyond what people stand at, degrees.

    Args:
        tree: scaled model; joints by other names than the generic model's are not judged.
        coordinates: (Q,) static pose.
    """
    excess = {}
    for name, value in zip(tree.names, np.degrees(coordinates), strict=True):
        limits = POSTURE_DEG.get(name[:-2] if name.endswith(("_r", "_l")) else name)
        if limits is not None:
            excess[name] = max(limits[0] - float(value), float(value) - limits[1], 0.0)
    return excess


def _posture(tree: KinematicTree, coordinates: FloatArray) -> Finding:
    excess = standing_excess_deg(tree, coordinates)
    worst = max(excess.values(), default=float("nan"))
    if not worst > 0.0:
        return Finding("standing_posture_excess_deg", worst)
    values = dict(zip(tree.names, np.degrees(coordinates), strict=True))
    odd = sorted((name for name in excess if excess[name] > 0.0), key=lambda n: -excess[n])
    level: Level = "wrong" if worst > POSTURE_BEYOND_DEG else "doubtful"
    return Finding(
        "standing_posture_excess_deg",
        worst,
        level,
        "a standing runner: joint angles within "
        + ("reach of " if level == "wrong" else "")
        + "what people stand at",
        ", ".join(f"{name} {values[name]:.0f} deg" for name in odd[:6]),
        "Look whether the static trial shows quiet standing, and whether its markers sit where the "
        "marker set says, each on its own side",
    )


def check_scaled(
    static: Markers,
    points: Mapping[str, FloatArray],
    marker_set: MarkerSet,
    factors: Mapping[str, FloatArray],
    mass_kg: float,
    height_m: float,
) -> list[Finding]:
    """Return whether sizes in the static trial fit the runner's stature and mass.

    Args:
        static: in laboratory axes, metres.
        points: measured and computed points, turned to face forward.
        marker_set: which markers scale what.
        factors: (3,) scale factors by body.
        mass_kg, height_m: from the subjects table.
    """
    return [
        _stature(static, marker_set, height_m),
        _body_mass(mass_kg, height_m),
        _segments(factors, marker_set, height_m),
        _hip_centres(points, marker_set),
    ]


OF_STANDING = ("pelvis_height_over_stature", "standing_posture_excess_deg")
"""Figures that say something of a runner who stands."""


def without_standing(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings without those that only a standing runner answers."""
    return [finding for finding in findings if finding.figure not in OF_STANDING]


def check_pose(
    tree: KinematicTree, coordinates: FloatArray, errors_m: Mapping[str, float]
) -> list[Finding]:
    """Return whether the scaled model stands as people do, with its markers where they were.

    Args:
        tree: scaled model.
        coordinates: (Q,) static pose.
        errors_m: distance of the weighted landmarks before the markers were moved.
    """
    return [_landmark_fit(errors_m), _posture(tree, coordinates)]
