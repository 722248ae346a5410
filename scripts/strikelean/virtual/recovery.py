"""What the main road recovered of a virtual runner, beside what was true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from strikelean.counterfactual.base import BaseTrial
from strikelean.counterfactual.derive import DerivedTrial
from strikelean.counterfactual.evaluate import Evaluation, derived_loads
from strikelean.counterfactual.stride import Sole
from strikelean.dynamics.solve import motion_of
from strikelean.formats.series import FloatArray, Markers, TimeSeries, Wrench
from strikelean.lab.contacts import Contact
from strikelean.lab.forces import filter_feet, foot_wrench, force_table
from strikelean.loads.metrics_list import read_metrics_list
from strikelean.loads.trial_loads import LoadSettings, SideLoads
from strikelean.markersets import SIDES, MarkerSet
from strikelean.model.forward import follow_couplings, marker_positions, solve_forward
from strikelean.model.tree import KinematicTree
from strikelean.muscles.leg import Leg, MuscleSettings
from strikelean.signals import lowpass
from strikelean.virtual.gait import RATE_HZ
from strikelean.virtual.trial import TrueTrial

COLUMNS = ("subject", "trial", "laboratory", "quantity", "unit", "rms", "max", "relative_error")
# Peaks and other single numbers a step that a reader looks for first.
METRICS = (
    "contact_time",
    "foot_strike_angle_contact",
    "knee_extension_moment_peak",
    "ankle_plantarflexion_moment_peak",
    "patellofemoral_force_joint_reaction_peak",
    "patellofemoral_stress_joint_reaction_powers_peak",
    "tibiofemoral_contact_force_peak",
    "achilles_force_peak",
)


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


@dataclass(frozen=True)
class TrueRunner:
    """A runner as he truly is.

    Attributes:
        tree: compiled model, with the marker set's markers where they belong.
        soles: of both feet.
        legs: muscles by side.
        muscles: how they truly share moments.
    """

    tree: KinematicTree
    soles: tuple[Sole, ...]
    legs: Mapping[str, Leg]
    muscles: MuscleSettings


def _filtered_ground(trial: TrueTrial, filtering: Filtering) -> TimeSeries:
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


def true_loads(
    runner: TrueRunner,
    trial: TrueTrial,
    marker_set: MarkerSet,
    contacts: pd.DataFrame,
    loads: LoadSettings,
    filtering: Filtering,
) -> dict[str, SideLoads]:
    """Return every quantity of a trial's steps as it truly was, filtered like a recording.

    Args:
        runner: who ran.
        trial: what truly happened.
        marker_set: its landmarks.
        contacts: the recovered contacts.csv as text, so that both are compared at the same times.
        loads: what metrics need to know.
        filtering: of the recording.
    """
    tree = runner.tree
    smooth = lowpass(trial.coordinates, RATE_HZ, filtering.cutoff_hz, filtering.order)
    smooth = follow_couplings(tree, smooth)
    placed = marker_positions(tree, solve_forward(tree, trial.coordinates))
    markers = Markers(trial.time_s, tree.markers, placed, RATE_HZ)
    ground = _filtered_ground(trial, filtering)
    base = BaseTrial(
        motion=motion_of(tree, trial.time_s, smooth),
        grf=ground,
        grf_unfiltered=trial.ground,
        markers=markers,
        marker_set=marker_set,
        marker_names=tree.markers,
        marker_tree=tree,
        standing={},
        soles=runner.soles,
        spans=(),
        strike_angle_deg={},
        drift_m_s=0.0,
        cop_min_force_n=filtering.cop_min_force_n,
    )
    true = DerivedTrial(trial.time_s, smooth, ground, trial.ground, markers, contacts)
    how = Evaluation(
        runner.legs, runner.muscles, loads, read_metrics_list(loads.metrics_list), True
    )
    return derived_loads(base, true, how)


def _row(quantity: str, unit: str, found: FloatArray, true: FloatArray) -> dict[str, object] | None:
    """Return error figures of a quantity over all its steps, None where nothing is known."""
    known = np.isfinite(found) & np.isfinite(true)
    if not known.any():
        return None
    error = found[known] - true[known]
    rms, peak = float(np.sqrt(np.mean(error**2))), float(np.abs(true[known]).max())
    return {
        "quantity": quantity,
        "unit": unit,
        "rms": rms,
        "max": float(np.abs(error).max()),
        "relative_error": rms / peak if peak > 0.0 else np.nan,
    }


def compare_loads(
    found: Mapping[str, SideLoads], true: Mapping[str, SideLoads], units: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yield one row a quantity: waveforms over stance, then single numbers of steps.

    Args:
        found: as the main road has it.
        true: as it was, at the same steps.
        units: of metrics.
    """
    sides = [side for side in SIDES if side in found and side in true]
    first = found[sides[0]]
    for name, waveform in first.waveforms.items():
        if name not in true[sides[0]].waveforms:
            continue
        values = [
            np.concatenate([loads[side].waveforms[name].values.ravel() for side in sides])
            for loads in (found, true)
        ]
        row = _row(name, waveform.unit, *values)
        if row is not None:
            yield row
    for name in METRICS:
        values = [
            np.concatenate([loads[side].metrics[name].values for side in sides])
            for loads in (found, true)
        ]
        row = _row(name, units[name], *values)
        if row is not None:
            yield row
