"""How far each marker is from the scaled model while running, from a few frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from strikelean.formats.contacts import Contacts
from strikelean.formats.series import Markers
from strikelean.markersets import MarkerSet
from strikelean.motion.inverse_kinematics import solve_inverse_kinematics
from strikelean.motion.solve import (
    SolveSettings,
    check_heading,
    frame_statistics,
    prepare_frames,
)

FRAMES = 60
"""Frames looked at, spread evenly over the selected contacts with their margin: a trial's marker
errors (RMS) by 60 frames were within 1.5 % of those by all of some 1000 (three trials at 2.5 to
4.5 m/s, doi 10.7717/peerj.3298), in a third of the time."""


@dataclass(frozen=True)
class MarkerErrors:
    """Distances of markers from the model.

    Attributes:
        by_marker_m: root mean square over the frames, of every marker that pulls; the largest
            first.
        report: of those frames, as :func:`strikelean.motion.solve.solve_kinematics` reports all.
    """

    by_marker_m: dict[str, float]
    report: dict[str, object]


def sample_marker_errors(
    scaled_osim: Path,
    recording: Markers,
    contacts: Contacts,
    marker_set: MarkerSet,
    settings: SolveSettings,
    frames: int = FRAMES,
) -> MarkerErrors:
    """Fit the scaled model to a few frames of a running trial.

    Args:
        scaled_osim: runner's model.
        recording: gap-filled markers.
        contacts: frames are taken around those selected.
        marker_set: of the recording.
        settings: margin and filter; the project's own solver is used whatever the engine.
        frames: looked at, at most.

    Raises:
        RecordingError, ModelError, SolverError: as when all frames are solved.
    """
    whole = prepare_frames(scaled_osim, recording, contacts, marker_set, settings)
    count = len(whole.chosen.time_s)
    rows = np.unique(np.linspace(0, count - 1, min(frames, count)).round().astype(int))
    few = replace(
        whole,
        chosen=replace(
            whole.chosen,
            time_s=whole.chosen.time_s[rows],
            positions_m=whole.chosen.positions_m[rows],
        ),
    )
    solution = solve_inverse_kinematics(few.tree, few.chosen.positions_m, few.weights)
    check_heading(few.tree, solution.coordinates)
    errors = {}
    for index, name in enumerate(few.tree.markers):
        own = solution.errors_m[:, index]
        own = own[np.isfinite(own)]
        if own.size:
            errors[name] = float(np.sqrt(np.mean(own**2)))
    ordered = dict(sorted(errors.items(), key=lambda pair: -pair[1]))
    return MarkerErrors(ordered, frame_statistics(few, solution))
