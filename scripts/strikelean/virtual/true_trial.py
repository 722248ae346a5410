"""What truly happened in a trial: as a value, in files, and filtered as recordings are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.formats.files import require_data, write_table
from strikelean.formats.ground import GroundForces, read_ground, write_ground
from strikelean.formats.series import FloatArray
from strikelean.lab.contacts import Contact
from strikelean.lab.forces import filter_feet, ground_forces
from strikelean.markersets import SIDES
from strikelean.model.forward import follow_couplings
from strikelean.model.tree import KinematicTree
from strikelean.motion.coordinates_io import read_coordinates, write_coordinates
from strikelean.signals import lowpass

# Rate of the laboratory's markers, and so of the solve's frames.
RATE_HZ = 200.0
# Horizontal over vertical force that a shoe holds at most; see balance.FRICTION.
FRICTION_LIMIT = 0.78
# A recorded contact begins at this vertical force.
CONTACT_FROM_N = 50.0


@dataclass(frozen=True)
class TrueContact:
    """When a foot is on the ground: from nothing to nothing, s."""

    side: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class TrueTrial:
    """What truly happened.

    Attributes:
        tree: the runner's compiled model.
        time_s: (T,) at the rate of the markers.
        coordinates: (T, Q) rad and m.
        ground: at the rate of the force plate.
        contacts: every whole contact of the strides.
        speed_m_s: belt speed.
    """

    tree: KinematicTree
    time_s: FloatArray
    coordinates: FloatArray
    ground: GroundForces
    contacts: tuple[TrueContact, ...]
    speed_m_s: float


def keep_grip(ground: GroundForces) -> GroundForces:
    """Return ground forces that neither pull nor push beyond friction.

    The solve asks for both softly; what is left over, a few newtons where a contact begins and
    ends, is cut off.
    """
    values = ground.values.copy()
    for place in range(len(SIDES)):
        values[values[:, place, 0, 1] <= 0.0, place] = 0.0
        force = values[:, place, 0]
        flat = np.hypot(force[:, 0], force[:, 2])
        held = np.minimum(FRICTION_LIMIT * force[:, 1] / np.maximum(flat, 1e-12), 1.0)
        for axis in (0, 2):
            force[:, axis] *= held
    return replace(ground, values=values)


def stride_edges(contacts: Sequence[TrueContact]) -> FloatArray:
    """Return starts and ends of strides of two contacts each, in the middles of flights."""
    flights = np.array([b.start_s - a.end_s for a, b in pairwise(contacts)])
    ends = np.array([contact.end_s for contact in contacts])
    inner = ends[1:-1:2] + 0.5 * flights[1::2]
    first, last = contacts[0].start_s - 0.5 * flights[0], ends[-1] + 0.5 * flights[-1]
    return np.concatenate([[first], inner, [last]])


def loaded_span(trial: TrueTrial, contact: TrueContact) -> tuple[float, float]:
    """Return when a contact rises through the force that recordings begin at, and falls back."""
    table_s = trial.ground.time_s
    vertical = trial.ground.foot(contact.side).force_n[:, 1]
    inside = (table_s >= contact.start_s) & (table_s <= contact.end_s)
    rows = np.flatnonzero(inside & (vertical > CONTACT_FROM_N))

    def crossing(below: int, above: int) -> float:
        share = (CONTACT_FROM_N - vertical[below]) / (vertical[above] - vertical[below])
        return float(table_s[below] + share * (table_s[above] - table_s[below]))

    return crossing(rows[0] - 1, rows[0]), crossing(rows[-1] + 1, rows[-1])


@dataclass(frozen=True)
class Filtering:
    """How a recording is filtered, so that truth is filtered alike.

    Attributes:
        cutoff_hz, order: of angles and forces.
        cop_min_force_n: vertical force below which the centre of pressure means nothing.
    """

    cutoff_hz: float
    order: int
    cop_min_force_n: float


def smooth_coordinates(trial: TrueTrial, filtering: Filtering) -> FloatArray:
    """Return a true trial's coordinates (T, Q), filtered like a recording's."""
    smooth = lowpass(trial.coordinates, RATE_HZ, filtering.cutoff_hz, filtering.order)
    return follow_couplings(trial.tree, smooth)


def smooth_ground(trial: TrueTrial, filtering: Filtering) -> GroundForces:
    """Return a true trial's ground forces, filtered like a recording's."""
    feet, contacts = {side: trial.ground.wrench(side) for side in SIDES}, []
    for contact in trial.contacts:
        span = contact.start_s, contact.end_s
        contacts.append(Contact(*span, *span, 0, contact.side))
    smooth = filter_feet(
        feet, contacts, filtering.cutoff_hz, filtering.order, ground_speed_m_s=trial.speed_m_s
    )
    return ground_forces(smooth, filtering.cop_min_force_n)


@dataclass(frozen=True)
class TruthFiles:
    """Files of one true trial.

    Attributes:
        motion: coordinates at the rate of the markers.
        ground: force, point and torque of each foot at the rate of the plate.
        contacts: side, start_s, end_s: from nothing to nothing.
    """

    motion: Path
    ground: Path
    contacts: Path


def write_truth(trial: TrueTrial, files: TruthFiles) -> None:
    """Write a true trial."""
    write_coordinates(files.motion, trial.tree, trial.time_s, trial.coordinates)
    write_ground(files.ground, trial.ground, "True ground forces of a virtual runner")
    rows = [(contact.side, contact.start_s, contact.end_s) for contact in trial.contacts]
    write_table(pd.DataFrame(rows, columns=["side", "start_s", "end_s"]), files.contacts, digits=10)


def read_truth(files: TruthFiles, tree: KinematicTree, speed_m_s: float) -> TrueTrial:
    """Read a true trial.

    Args:
        files: of :func:`write_truth`.
        tree: the true model, compiled.
        speed_m_s: belt speed.

    Raises:
        RecordingError: a file is absent or broken.
        ExcludedError: the runner could not be made; the reason stands in the files.
    """
    require_data(files.contacts, "read_truth")
    time_s, coordinates = read_coordinates(files.motion, tree)
    contacts = tuple(
        TrueContact(str(side), float(start), float(end))
        for side, start, end in pd.read_csv(files.contacts).itertuples(index=False, name=None)
    )
    return TrueTrial(tree, time_s, coordinates, read_ground(files.ground), contacts, speed_m_s)
