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
from strikelean.stride.cut_strides import (
    StrideSpan,
    cut_stride,
    duty_of,
    find_strides,
    sole_points,
)
from strikelean.stride.lone_steps import (
    body_weight_n,
    find_lone_steps,
    same_for_both,
    with_mirrored_step,
)
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

    @property
    def model(self) -> Path:
        """The model that the recording was solved with."""
        return self.trial.model(self.runner)


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
        contacts: of both feet.
        spans: the strides that can be solved; where there is none, the steps around contacts alone.
        strike_angle_deg: each foot's mean foot-strike angle in those.
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
    contacts: Contacts
    spans: tuple[StrideSpan, ...]
    strike_angle_deg: dict[str, float]
    drift_m_s: float
    cop_min_force_n: float

    def stride(self, span: StrideSpan) -> Stride:
        """Return one stride; RecordingError where the kinematics have a hole in it."""
        stride = cut_stride(self.motion, self.grf, self.soles, span)
        return with_mirrored_step(stride, self.soles) if span.lone else stride

    @property
    def duty(self) -> dict[str, float]:
        """Contact time over the strides' period by side, mean over them; none of lone steps."""
        return {} if self.lone else duty_of(self.spans)

    @property
    def lone(self) -> bool:
        """Whether contacts alone are solved, as no two of them follow each other."""
        return any(span.lone for span in self.spans)


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
        RecordingError: no contact, or a foot landmark that was not recorded.
    """
    motion = read_motion(files.model, files.trial.kinematics)
    marker_set = load_markerset(files.marker_set)
    static, markers = read_trc(files.runner.static), read_trc(files.trial.markers)
    model = open_model(files.model)
    model.initSystem()
    on_model = {marker.getName() for marker in model.getMarkerSet()}
    names = tuple(name for name in markers.names if name in on_model)
    contacts = read_contacts(files.trial.contacts)
    grf = read_ground(files.trial.grf)
    spans = find_strides(contacts, strides)
    if not spans:
        spans = find_lone_steps(contacts, grf, body_weight_n(motion.tree), strides)
    if not spans:
        raise RecordingError(
            "solve_counterfactual",
            "a selected contact, with the flights around it",
            _selected(contacts),
            "Look at the reasons in contacts.csv and at steps.contacts_per_foot",
        )
    used = {number for span in spans for number in span.numbers}
    solved = [contact for contact in contacts if contact.step in used]
    angles = {side: _mean_strike_deg([c for c in solved if c.side == side]) for side in SIDES}
    forward = motion.coordinates[:, motion.tree.coordinate_index("pelvis_tx")]
    return RecordedTrial(
        motion=motion,
        grf=grf,
        grf_unfiltered=read_ground(files.trial.grf_unfiltered),
        markers=markers,
        marker_set=marker_set,
        marker_names=names,
        marker_tree=compile_tree(model, list(names)),
        standing={side: standing_foot(static, marker_set, side) for side in SIDES},
        soles=sole_points(motion.tree, marker_set, static),
        contacts=contacts,
        spans=tuple(spans),
        strike_angle_deg=same_for_both(angles) if spans[0].lone else angles,
        drift_m_s=float(np.polyfit(motion.time_s, forward, 1)[0]),
        cop_min_force_n=cop_min_force_n,
    )
