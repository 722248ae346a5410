"""True trials filtered as recordings are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strikelean.formats.series import FloatArray, TimeSeries, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.forces import filter_feet, foot_wrench, force_table
from strikelean.markersets import SIDES
from strikelean.model.forward import follow_couplings
from strikelean.signals import lowpass
from strikelean.virtual.gait import RATE_HZ
from strikelean.virtual.trial import TrueTrial


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


def smooth_ground(trial: TrueTrial, filtering: Filtering) -> TimeSeries:
    """Return a true trial's ground forces, filtered like a recording's."""
    table = trial.ground
    rate_hz = float(1.0 / np.median(np.diff(table.time_s)))
    feet, contacts = {}, []
    for side in SIDES:
        force, moment = foot_wrench(table, side)
        feet[side] = Wrench(table.time_s, force, moment, rate_hz, side)
    for contact in trial.contacts:
        span = contact.start_s, contact.end_s
        contacts.append(Contact(*span, *span, 0, contact.side))
    smooth = filter_feet(feet, contacts, filtering.cutoff_hz, filtering.order)
    return force_table(smooth, filtering.cop_min_force_n)
