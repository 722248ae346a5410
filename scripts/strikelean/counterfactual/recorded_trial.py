"""The recording that other techniques are worked out from, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path

import numpy as np

from strikelean.dynamics.solve import Motion, read_motion
from strikelean.errors import RecordingError
from strikelean.formats.contacts import Contacts, FootContact, read_contacts
from strikelean.formats.ground import GroundForces, read_ground
from strikelean.formats.series import Markers
from strikelean.formats.trc import read_trc
from strikelean.lab.strike import StandingFoot, standing_foot
from strikelean.layout import RunnerFiles, TrialFiles
from strikelean.markersets import SIDES, MarkerSet, load_markerset
from strikelean.model.engine import open_model
from strikelean.model.tree import KinematicTree, compile_tree
from strikelean.stride.cut_strides import StrideSpan, cut_stride, find_strides, sole_points
from strikelean.stride.stride import Sole, Stride


@dataclass(frozen=True)
class RecordedFiles:
    """Files of a solved recording.

    Attributes:
        runner: of the runner.
        trial: of the recording.
        marker_set: of the recording.
    """

    runner: RunnerFiles
    trial: TrialFiles
    marker_set: Path


@dataclass(frozen=True)
class RecordedTrial:
    """A solved recording.

    Attributes:
        motion: filtered kinematics.
        grf, grf_unfiltered: ground forces.
        markers: recorded, gap-filled.
        marker_set: what they are.
        marker_names: those that are on the model too.
        marker_tree: the model compiled with those.
        standing: each foot in the static trial.
        soles: both feet.
        spans: the strides that can be solved.
        strike_angle_deg: each foot's mean foot-strike angle.
        drift_m_s: mean forward velocity of the pelvis in the laboratory.
        cop_min_force_n: vertical force below which the centre of pressure means nothing.
    """

    motion: Motion
    grf: GroundForces
    grf_unfiltered: GroundForces
    markers: Markers
    marker_set: MarkerSet
    marker_names: tuple[str, ...]
    marker_tree: KinematicTree
    standing: dict[str, StandingFoot]
    soles: tuple[Sole, ...]
    spans: tuple[StrideSpan, ...]
    strike_angle_deg: dict[str, float]
    drift_m_s: float
    cop_min_force_n: float

    def stride(self, span: StrideSpan) -> Stride:
        """Return one stride; RecordingError where the kinematics have a hole in it."""
        return cut_stride(self.motion, self.grf, self.soles, span)


def _mean_strike_deg(contacts: Sequence[FootContact]) -> float:
    """Return the mean foot-strike angle of some contacts, NaN where none is known."""
    angles = [contact.foot_strike_angle_deg for contact in contacts]
    known = [angle for angle in angles if np.isfinite(angle)]
    return fsum(known) / len(known) if known else np.nan


def _selected(contacts: Contacts) -> str:
    """Return how many contacts of each foot are selected, in words."""
    return " and ".join(f"{len(contacts.selected(side))} of the {side} foot" for side in SIDES)


def read_recorded(files: RecordedFiles, strides: int, cop_min_force_n: float) -> RecordedTrial:
    """Read a solved recording.

    Args:
        files: of it.
        strides: how many strides to use, the first ones.
        cop_min_force_n: as for the recording.

    Raises:
        RecordingError: no two contacts in turn, or a foot landmark that was not recorded.
    """
    motion = read_motion(files.runner.model, files.trial.kinematics)
    marker_set = load_markerset(files.marker_set)
    static, markers = read_trc(files.runner.static), read_trc(files.trial.markers)
    model = open_model(files.runner.model)
    model.initSystem()
    on_model = {marker.getName() for marker in model.getMarkerSet()}
    names = tuple(name for name in markers.names if name in on_model)
    contacts = read_contacts(files.trial.contacts)
    spans = tuple(find_strides(contacts, strides))
    if not spans:
        raise RecordingError(
            "solve_counterfactual",
            "selected contacts of both feet, one after the other (a technique needs a whole "
            "stride: both contacts with the flights around them)",
            _selected(contacts),
            "Record a whole stride (two plates, a treadmill); where there is one, look at the "
            "reasons in contacts.csv and at steps.contacts_per_foot",
        )
    forward = motion.coordinates[:, motion.tree.coordinate_index("pelvis_tx")]
    return RecordedTrial(
        motion=motion,
        grf=read_ground(files.trial.grf),
        grf_unfiltered=read_ground(files.trial.grf_unfiltered),
        markers=markers,
        marker_set=marker_set,
        marker_names=names,
        marker_tree=compile_tree(model, list(names)),
        standing={side: standing_foot(static, marker_set, side) for side in SIDES},
        soles=sole_points(motion.tree, marker_set, static),
        spans=spans,
        strike_angle_deg={side: _mean_strike_deg(contacts.selected(side)) for side in SIDES},
        drift_m_s=float(np.polyfit(motion.time_s, forward, 1)[0]),
        cop_min_force_n=cop_min_force_n,
    )
