"""Pelvis, thighs and shanks above the feet of ``lab_runner``, for checks of whole markers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import lab_runner as runner
from strikelean.formats.series import FloatArray, Markers
from strikelean.markersets import MarkerDefinition, MarkerSet

# Right side, metres: forward of the pelvis' middle, height, to the right. Left is its mirror.
_PLACES = {
    "pelvis": {"ASIS": (0.09, 0.95, 0.12), "PSIS": (-0.09, 0.97, 0.05)},
    "femur": {
        "Thigh1": (0.05, 0.75, 0.14),
        "Thigh2": (-0.03, 0.70, 0.16),
        "Thigh3": (0.04, 0.60, 0.15),
        "Thigh4": (-0.02, 0.55, 0.13),
    },
    "tibia": {
        "Shank1": (0.03, 0.40, 0.10),
        "Shank2": (-0.03, 0.35, 0.12),
        "Shank3": (0.02, 0.25, 0.11),
        "Shank4": (-0.02, 0.20, 0.09),
    },
}


def _above() -> dict[str, tuple[str, FloatArray]]:
    """Return body and place of every marker above the feet."""
    found = {}
    for body, places in _PLACES.items():
        for letter, sign in (("R", 1.0), ("L", -1.0)):
            for name, place in places.items():
                own = body if body == "pelvis" else f"{body}_{letter.lower()}"
                found[f"{letter}.{name}"] = own, np.array(place) * [1.0, 1.0, sign]
    return found


MARKERSET: MarkerSet = replace(
    runner.MARKERSET,
    markers=runner.MARKERSET.markers
    + tuple(
        MarkerDefinition(name, body, None, None, 1.0, 1.0) for name, (body, _) in _above().items()
    ),
    trunk={
        f"{role}_{side}": f"{side[0].upper()}.{role.upper()}"
        for role in ("asis", "psis")
        for side in ("right", "left")
    },
)


def _with_body(feet: Markers, sway: FloatArray) -> Markers:
    names, places = zip(*[(name, place) for name, (_, place) in _above().items()], strict=True)
    body = np.array(places)[np.newaxis] + sway[:, np.newaxis]
    return replace(
        feet,
        names=feet.names + names,
        positions_m=np.concatenate([feet.positions_m, body], axis=1),
    )


def running(duration_s: float = 3.0) -> Markers:
    """Return a treadmill runner from feet to pelvis; the body bobs by 3 cm."""
    feet = runner.markers(duration_s)
    sway = np.zeros((feet.time_s.size, 3))
    sway[:, 1] = 0.03 * np.sin(2.0 * np.pi * feet.time_s / runner.STEP_S)
    return _with_body(feet, sway)


def standing() -> Markers:
    """Return the same runner standing still, knees straight."""
    feet = runner.static()
    return _with_body(feet, np.zeros((feet.time_s.size, 3)))


def renamed(markers: Markers, pairs: dict[str, str]) -> Markers:
    """Return the markers with labels exchanged, both ways."""
    both = pairs | {new: old for old, new in pairs.items()}
    return replace(markers, names=tuple(both.get(name, name) for name in markers.names))


def blanked(markers: Markers, *names: str, frames: slice = slice(None)) -> Markers:
    """Return the markers with some of them not seen in some frames."""
    positions = markers.positions_m.copy()
    for name in names:
        positions[frames, markers.names.index(name)] = np.nan
    return replace(markers, positions_m=positions)


def moved(markers: Markers, name: str, by_m: tuple[float, float, float]) -> Markers:
    """Return the markers with one of them displaced throughout."""
    positions = markers.positions_m.copy()
    positions[:, markers.names.index(name)] += by_m
    return replace(markers, positions_m=positions)


def mapped(markers: Markers, turn: FloatArray, shift_m: FloatArray | float = 0.0) -> Markers:
    """Return the markers turned (or scaled, mirrored) by (3, 3) and moved."""
    return replace(markers, positions_m=markers.positions_m @ np.asarray(turn).T + shift_m)
