"""Whether markers can be a runner's: unit, axes, direction, sides and landmarks.

Each check looks at something that no single setting can change: where the pelvis is above the
feet, which way pelvis, feet and progression point, which side right markers lie on. They come
before anything that reads forces, so that a wrong axis is not told as a wrong plate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from strikelean.formats.axes import Axes
from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.check_landmarks import (
    ROLES,
    check_foot_shape,
    check_seen,
    check_segments_seen,
    check_shared_bodies,
    set_file,
)
from strikelean.lab.facing import (
    FORWARD,
    UP,
    Directions,
    above_feet,
    angle_deg,
    directions,
    foot_bodies,
    usual_offset,
)
from strikelean.lab.findings import Finding, Level
from strikelean.markersets import SIDES, MarkerSet

# Bounds below are this project's; each line gives what was measured over 26 running trials of 14
# runners (Fukuchi 2017, doi 10.7717/peerj.3298) at 2.5 to 4.5 m/s, five trials of two runners
# with whole-body markers (Rajagopal 2016; Hamner & Delp 2013) and 30 trials of virtual runners.
# Height of the pelvis' markers over the feet's: 0.87-1.10 m standing, 0.67-0.96 m running; people
# of 1.2 to 2.3 m would have 0.5 to 1.35 m. Centimetres, inches and feet lie outside.
SIZE_M = (0.4, 1.6)
# From the feet to the pelvis against the vertical: up to 4 deg standing, 17 deg running (the
# swinging foot trails).
TILT_DOUBTFUL_DEG = 10.0
AXIS_WRONG_DEG = 45.0
# Facing against +X: up to 4 deg running.
FACING_DOUBTFUL_DEG = 20.0
# Right markers less left ones, to the runner's right: thighs 0.20 m or more while running, shanks
# 0.12 m, feet 0.05 m (runners put their feet near the midline); ASIS 0.19 m, PSIS 0.08 m.
CROSSED_M = {"foot": -0.03, "other": 0.0}

ARMS = ("humerus", "ulna", "radius", "hand")
_UNITS = {"mm": 0.001, "cm": 0.01, "in": 0.0254, "ft": 0.3048}


def _level(value: float, doubtful: float, wrong: float) -> Level:
    if value > wrong:
        return "wrong"
    return "doubtful" if value > doubtful else "plausible"


def _unit_hint(size_m: float) -> str:
    """Return which unit a size would be plausible in, given that it was read as metres."""
    for name, metres in _UNITS.items():
        if SIZE_M[0] < size_m * metres < SIZE_M[1]:
            return f"The numbers look like {name}, read as m: correct the unit in the file"
        if SIZE_M[0] < size_m / metres < SIZE_M[1]:
            return f"The numbers look like m, read as {name}: correct the unit in the file"
    return "Correct the unit in the file, or name the marker set that matches it"


def check_size(trial: str, above: FloatArray) -> Finding:
    size = float(np.linalg.norm(above))
    figure = f"pelvis_over_feet_{trial}_m"
    if not np.isfinite(size) or SIZE_M[0] <= size <= SIZE_M[1]:
        return Finding(figure, size)
    return Finding(
        figure,
        size,
        "wrong",
        f"a person: {SIZE_M[0]:g} to {SIZE_M[1]:g} m from the feet to the pelvis in the {trial} "
        "trial",
        f"{size:.4g} m",
        _unit_hint(size),
    )


def nearest_axis(vector: FloatArray) -> FloatArray:
    """Return the signed unit axis nearest to a vector (3,)."""
    axis = np.zeros(3)
    place = int(np.argmax(np.abs(vector)))
    axis[place] = np.sign(vector[place])
    return axis


def _named(vector: FloatArray, axes: Axes) -> str:
    """Return what the recording calls a laboratory direction, such as ``-Z``."""
    own = axes.rotation().T @ nearest_axis(vector)
    place = int(np.argmax(np.abs(own)))
    return f"{'+' if own[place] > 0 else '-'}{'XYZ'[place]}"


def hint_of_axes(up: FloatArray, forward: FloatArray, axes: Axes) -> str:
    """Return the setting of all three axes that the markers speak for."""
    up_axis = nearest_axis(up)
    if not np.isfinite(forward).all():
        return f"Set recording.axes.up to {_named(up_axis, axes)}, and the others to match"
    forward_axis = nearest_axis(forward - np.dot(forward, up_axis) * up_axis)
    right_axis = np.asarray(np.cross(forward_axis, up_axis), dtype=np.float64)
    names = [_named(axis, axes) for axis in (forward_axis, up_axis, right_axis)]
    forward_name, up_name, right_name = names
    return (
        f"Set recording.axes to {{forward: {forward_name}, up: {up_name}, right: {right_name}}}, "
        "which is how the markers of this recording stand"
    )


def check_tilt(trial: str, above: FloatArray, hint: str) -> Finding:
    tilt = angle_deg(above, UP)
    # the swinging foot trails far behind a runner's pelvis
    doubtful = TILT_DOUBTFUL_DEG if trial == "standing" else AXIS_WRONG_DEG
    level = _level(tilt, doubtful, AXIS_WRONG_DEG)
    figure = f"pelvis_over_feet_{trial}_tilt_deg"
    if level == "plausible":
        return Finding(figure, tilt)
    if level == "wrong":
        expected = f"the pelvis above the feet (up once the axes are mapped) in the {trial} trial"
        return Finding(figure, tilt, level, expected, f"{tilt:.0f} deg from it", hint)
    return Finding(
        figure,
        tilt,
        level,
        f"a standing runner within {TILT_DOUBTFUL_DEG:g} deg of the vertical",
        f"{tilt:.0f} deg",
        "Look at the calibration of the floor: is up vertical, in both trials alike",
    )


def _facing(found: Directions, up: FloatArray, axes: Axes) -> Finding:
    turn = angle_deg(found.facing, FORWARD)
    level = _level(turn, FACING_DOUBTFUL_DEG, AXIS_WRONG_DEG)
    if level == "plausible":
        return Finding("facing_deg", turn)
    by = ", ".join(name for name in found.votes if name not in found.against)
    if level == "wrong":
        return Finding(
            "facing_deg",
            turn,
            level,
            "a runner who faces forward (+X once the axes are mapped)",
            f"one turned by {turn:.0f} deg (by {by})",
            hint_of_axes(up, found.facing, axes),
        )
    return Finding(
        "facing_deg",
        turn,
        level,
        f"a runner within {FACING_DOUBTFUL_DEG:g} deg of the forward axis",
        f"{turn:.0f} deg (by {by})",
        "Turn the laboratory's axes to the running direction: forward and sideways mix",
    )


def check_against(trial: str, found: Directions, markerset: MarkerSet) -> Finding:
    """Look for parts that point another way than the others."""
    figure = f"directions_against_{trial}"
    odd = found.against
    if not odd:
        return Finding(figure, 0.0)
    causes = []
    if "pelvis" in odd:
        causes.append("ASIS and PSIS are exchanged under trunk")
    feet = [name for name in odd if name.endswith("foot")]
    if feet:
        causes.append(f"heel and toe markers of the {' and '.join(feet)} are exchanged, or another "
                      "foot's are named, under landmarks")  # fmt: skip
    if "progression" in odd:
        causes.append("the feet's markers or the forward axis are mirrored")
    return Finding(
        figure,
        float(len(odd)),
        "wrong",
        f"pelvis, feet and progression to point one way in the {trial} trial",
        f"{' and '.join(odd)} against {', '.join(n for n in found.votes if n not in odd)}",
        f"Correct the labels, or {set_file(markerset)}: it looks as if {'; '.join(causes)}",
    )


def _pairs(markerset: MarkerSet) -> dict[str, tuple[list[str], list[str], str]]:
    """Return right and left markers of each part of the body that has sides."""
    pairs = {}
    for role in ("asis", "psis"):
        sides = [markerset.trunk.get(f"{role}_{side}") for side in SIDES]
        if all(sides):
            right, left = ([str(name)] for name in sides)
            pairs[role.upper()] = (right, left, "other")
    bodies = markerset.bodies()
    feet = foot_bodies(markerset)
    for body, names in bodies.items():
        other = bodies.get(f"{body[:-2]}_l")
        if body.endswith("_r") and other:
            kind = "foot" if body in feet else "other"
            pairs[body[:-2]] = (list(names), list(other), kind)
    landmarks = [list(markerset.landmarks[side].values()) for side in SIDES]
    pairs["foot landmarks"] = (landmarks[0], landmarks[1], "foot")
    return pairs


def right_of_left(markers: Markers, markerset: MarkerSet) -> FloatArray:
    """Return the median way (3,) from left to right markers of hips and legs; NaN where unseen."""
    ways = [
        usual_offset(markers, right, left)
        for part, (right, left, kind) in _pairs(markerset).items()
        if kind == "other" and not part.lower().startswith(ARMS)
    ]
    known = [way for way in ways if np.isfinite(way).all()]
    return np.asarray(np.median(known, axis=0)) if known else np.full(3, np.nan)


def check_sides(trial: str, markers: Markers, facing: FloatArray, markerset: MarkerSet) -> Finding:
    """Look for right markers that lie on the left."""
    figure = f"right_markers_on_the_left_{trial}"
    to_the_right = np.cross(facing, UP)
    crossed: list[str] = []
    straight: list[str] = []
    for part, (right, left, kind) in _pairs(markerset).items():
        # arms cross the body as they swing, and say nothing that the legs do not
        if part.lower().startswith(ARMS):
            continue
        aside = float(np.dot(usual_offset(markers, right, left), to_the_right))
        if np.isfinite(aside):
            (crossed if aside < CROSSED_M[kind] else straight).append(part)
    if not crossed:
        return Finding(figure, 0.0)
    if straight:
        what = f"{', '.join(crossed)} exchanged, {', '.join(straight)} not"
        action = f"Exchange right and left of {', '.join(crossed)} in the labels or in "
    else:
        what = "every right marker on the left"
        action = (
            "Exchange right and left throughout, or take the mirror out of the axes, in the "
            "recording or in "
        )
    return Finding(
        figure,
        float(len(crossed)),
        "wrong",
        f"right markers to the right of left ones in the {trial} trial",
        what,
        f"{action}{set_file(markerset)}",
    )


def _in_both(check: Callable[[str], Finding]) -> list[Finding]:
    """Return what a check finds in both trials; one finding where both are wrong alike."""
    running, standing = check("running"), check("standing")
    if running.level == standing.level == "wrong":
        expected = running.expected.replace("the running trial", "both trials")
        return [replace(running, expected=expected)]
    return [standing, running]


def any_wrong(findings: list[Finding]) -> bool:
    return any(finding.level == "wrong" for finding in findings)


def check_orientation(
    running: Markers, static: Markers, markerset: MarkerSet, axes: Axes
) -> list[Finding]:
    """Return whether both trials are of one person, the right way up and the right way round.

    Where something is wrong the later checks, which would only repeat it in other words, are
    left out: what is seen, then size, then up, then directions, then sides, then the feet.

    Args:
        running: in laboratory axes, metres.
        static: of the same runner.
        markerset: names landmarks and bodies.
        axes: as configured, to name what should stand there instead.

    Raises:
        ConfigError: the marker set names no heel, fifth metatarsal or toe.
    """
    findings = [
        check_shared_bodies(markerset),
        check_seen("standing", static, markerset, tuple(ROLES)),
        check_seen("running", running, markerset, ("heel", "fifth_metatarsal")),
        check_segments_seen(running, markerset),
    ]
    if any_wrong(findings):
        return findings
    trials = {"running": running, "standing": static}
    above = {trial: above_feet(markers, markerset) for trial, markers in trials.items()}
    findings += _in_both(lambda trial: check_size(trial, above[trial]))
    if any_wrong(findings):
        return findings
    hints = _axis_hints(trials, above, markerset, axes)
    findings += _in_both(lambda trial: check_tilt(trial, above[trial], hints[trial]))
    if any_wrong(findings):
        return findings
    ways = {trial: directions(markers, markerset, UP) for trial, markers in trials.items()}
    findings += _in_both(lambda trial: check_against(trial, ways[trial], markerset))
    findings.append(_facing(ways["running"], UP, axes))
    if any_wrong(findings):
        return findings
    findings += _in_both(
        lambda trial: check_sides(trial, trials[trial], ways[trial].facing, markerset)
    )
    if not any_wrong(findings):
        findings += check_foot_shape(static, markerset)
    return findings


def _axis_hints(
    trials: Mapping[str, Markers],
    above: Mapping[str, FloatArray],
    markerset: MarkerSet,
    axes: Axes,
) -> dict[str, str]:
    """Return what to do should the pelvis of a trial not be above its feet."""
    ups = {trial: nearest_axis(np.nan_to_num(vector)) for trial, vector in above.items()}
    hints = {}
    for trial, other in (tuple(trials), tuple(trials)[::-1]):
        if not np.isfinite(above[trial]).all():
            hints[trial] = ""
        elif not np.array_equal(ups[trial], ups[other]) and np.isfinite(above[other]).all():
            hints[trial] = (
                f"Export both trials in the same axes: up is {_named(ups[trial], axes)} in the "
                f"{trial} trial and {_named(ups[other], axes)} in the {other} one"
            )
        else:
            facing = directions(trials["running"], markerset, ups["running"]).facing
            hints[trial] = hint_of_axes(ups[trial], facing, axes)
    return hints
