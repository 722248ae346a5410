"""Points of the static trial that no marker shows: joint centres."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial.transform import Rotation

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, Markers
from strikelean.markersets import (
    HIP_CENTRE,
    HIP_CENTRE_MARKERS,
    ComputedMarker,
    MarkerSet,
    back_of_pelvis,
)


def mean_positions(markers: Markers) -> dict[str, FloatArray]:
    """Return each marker's median position (3,) over a static trial; unseen ones are absent.

    The median ignores the frames in which somebody sways or a marker flickers.
    """
    found = {}
    for index, name in enumerate(markers.names):
        path = markers.positions_m[:, index]
        seen = np.isfinite(path).all(axis=1)
        if seen.any():
            found[name] = np.asarray(np.median(path[seen], axis=0))
    return found


def hip_centre_harrington2007(
    asis_right: FloatArray,
    asis_left: FloatArray,
    sacrum: FloatArray,
    side: str,
) -> FloatArray:
    """Return a hip joint centre, (3,) metres in the frame of the arguments.

    Regression on pelvic depth PD and width PW in millimetres, without leg length:
    x = -0.24 PD - 9.9, y = -0.30 PW - 10.9, z = 0.33 PW + 7.3 (right; -z left) in a
    frame at mid-ASIS with z to the right, y normal to the ASIS-PSIS plane, x forward; depth
    is from there to the sacrum, the middle of the PSIS.

    Source: Harrington 2007, doi 10.1016/j.jbiomech.2006.02.003 (coefficients read in
    secondary sources; adults and children, unimpaired and cerebral palsy; leave-one-out
    errors of a few millimetres on MRI landmarks, larger on skin markers).
    """
    middle = 0.5 * (asis_right + asis_left)
    z_axis = (asis_right - asis_left) / np.linalg.norm(asis_right - asis_left)
    forward = middle - sacrum
    y_axis = np.cross(z_axis, forward)
    y_axis = y_axis / np.linalg.norm(y_axis)
    x_axis = np.cross(y_axis, z_axis)
    width_mm = 1000.0 * float(np.linalg.norm(asis_right - asis_left))
    depth_mm = 1000.0 * float(np.linalg.norm(forward))
    x_mm = -0.24 * depth_mm - 9.9
    y_mm = -0.30 * width_mm - 10.9
    z_mm = 0.33 * width_mm + 7.3
    lateral = z_mm if side == "right" else -z_mm
    return np.asarray(middle + (x_mm * x_axis + y_mm * y_axis + lateral * z_axis) / 1000.0)


def computed_point(rule: ComputedMarker, points: dict[str, FloatArray]) -> FloatArray:
    """Return a point (3,) worked out from others; RecordingError where they are not there."""
    missing = [name for name in rule.markers if name not in points]
    if missing:
        raise RecordingError(
            "scale_model",
            f"{', '.join(rule.markers)} in the static trial to find {rule.name}",
            f"no {', '.join(missing)}",
            "Record a static trial with these markers, or use another marker set",
        )
    places = [points[name] for name in rule.markers]
    if rule.method == "midpoint":
        return np.asarray(np.mean(places, axis=0))
    if rule.method != HIP_CENTRE or len(places) not in HIP_CENTRE_MARKERS or not rule.side:
        raise RecordingError(
            "scale_model",
            f"{rule.name} by midpoint, or by {HIP_CENTRE} with a side, from right and left ASIS "
            "and either right and left PSIS or one sacrum marker",
            f"method {rule.method}, side {rule.side or 'blank'}, {len(places)} markers",
            "Correct it under computed in the marker set",
        )
    right_asis, left_asis, *back = places
    sacrum = np.asarray(np.mean(back, axis=0))
    return hip_centre_harrington2007(right_asis, left_asis, sacrum, rule.side)


def hip_centre_of(markers: Markers, marker_set: MarkerSet, side: str) -> FloatArray | None:
    """Return the path (T, 3) of a hip centre, None where it cannot be had.

    Worked out from the pelvis where the set does so, else as recorded, else worked out all the
    same.
    """
    rules = [r for r in marker_set.computed if r.method == HIP_CENTRE and r.side == side]
    at = f"{side[0].upper()}HJC"
    name = next((m.name for m in marker_set.markers if m.at == at), "")
    if not rules and name in markers and np.isfinite(markers.position(name)).any():
        return markers.position(name)
    front = [marker_set.trunk.get(role, "") for role in ("asis_right", "asis_left")]
    pelvis = (*front, *back_of_pelvis(marker_set.trunk))
    rule = rules[0] if rules else ComputedMarker(name, HIP_CENTRE, pelvis, side)
    if len(rule.markers) not in HIP_CENTRE_MARKERS or not all(n in markers for n in rule.markers):
        return None
    paths = [markers.position(each) for each in rule.markers]
    return np.array(
        [
            computed_point(rule, dict(zip(rule.markers, places, strict=True)))
            for places in zip(*paths, strict=True)
        ]
    )


def heading_rad(points: Mapping[str, FloatArray], marker_set: MarkerSet) -> float:
    """Return how far a standing runner is turned to the left of +X, in radians.

    From the mean heel-to-toe direction of both feet, on the ground plane.

    Raises:
        RecordingError: a foot landmark is missing.
    """
    total = np.zeros(3)
    for side in ("right", "left"):
        ends = [marker_set.landmark(side, role) for role in ("heel", "toe")]
        missing = [name for name in ends if name not in points]
        if missing:
            raise RecordingError(
                "scale_model",
                f"foot markers {', '.join(ends)} in the static trial",
                f"no {', '.join(missing)}",
                "Name the marker set that matches the recording in subjects.tsv",
            )
        foot = points[ends[1]] - points[ends[0]]
        total = total + foot / np.linalg.norm(foot)
    return float(np.arctan2(-total[2], total[0]))


def static_points(markers: Markers, marker_set: MarkerSet) -> dict[str, FloatArray]:
    """Return every measured and computed point of a static trial, (3,) metres each.

    The runner is turned about the vertical to face +X: people stand as they like for a
    static trial, and only the places of markers on their segments are wanted of it.

    Raises:
        RecordingError: a foot landmark, or a marker that a computed point needs, was not
            recorded.
    """
    points = mean_positions(markers)
    turn = Rotation.from_rotvec([0.0, -heading_rad(points, marker_set), 0.0])
    points = {name: np.asarray(turn.apply(point)) for name, point in points.items()}
    for rule in marker_set.computed:
        # a centre that a run showed, in place of the markers of a standing trial
        if rule.name in points and not all(name in points for name in rule.markers):
            continue
        points[rule.name] = computed_point(rule, points)
    return points
