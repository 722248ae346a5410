"""What recordings gave back of a virtual runner, beside what was true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.interpolate import make_interp_spline

from strikelean.dynamics.solve import ground_wrenches, motion_of
from strikelean.formats.contacts import Contacts, read_contacts
from strikelean.formats.files import require_data
from strikelean.formats.hdf5 import Waveform, read_waveforms
from strikelean.formats.series import FloatArray, Markers
from strikelean.lab.strike import foot_angle_deg
from strikelean.loads.trial_loads import LoadSettings, SideLoads
from strikelean.markersets import SIDES, MarkerSet
from strikelean.model.forward import marker_positions, solve_forward
from strikelean.motion.body_points import body_points_table
from strikelean.muscles.leg import MuscleSettings
from strikelean.pipeline import RunnerModel, Trial, solve_loads
from strikelean.stride.stride import Sole
from strikelean.virtual.laboratory import standing_pose
from strikelean.virtual.true_trial import (
    RATE_HZ,
    Filtering,
    TrueTrial,
    loaded_span,
    smooth_coordinates,
    smooth_ground,
)

# Peaks of every joint that a technique is judged by; waveforms come before them, contacts after.
METRICS = (
    "knee_extension_moment_peak",
    "knee_net_abduction_moment_peak",
    "hip_extension_moment_peak",
    "ankle_plantarflexion_moment_peak",
    "lumbar_extension_moment_peak",
    "patellofemoral_force_net_moment_peak",
    "patellofemoral_force_joint_reaction_peak",
    "patellofemoral_stress_net_moment_powers_peak",
    "patellofemoral_stress_joint_reaction_powers_peak",
    "tibiofemoral_contact_force_peak",
    "hip_contact_force_peak",
    "ankle_contact_force_peak",
    "achilles_force_peak",
    "hamstrings_force_peak",
    "ground_vertical_force_peak",
)

# A recovered contact that begins farther from a true one is another.
NEAR_S = 0.05


@dataclass(frozen=True)
class TrueRunner:
    """A runner as they truly are.

    Attributes:
        model: compiled, with the marker set's markers where they belong.
        soles: of both feet.
        muscles: how they truly share moments.
    """

    model: RunnerModel
    soles: tuple[Sole, ...]
    muscles: MuscleSettings


def filtered_truth(
    runner: TrueRunner, trial: TrueTrial, marker_set: MarkerSet, filtering: Filtering
) -> Trial:
    """Return a true trial as the pipeline has one, filtered like a recording, without contacts.

    Args:
        runner: who ran.
        trial: what truly happened.
        marker_set: its landmarks.
        filtering: of the recording.
    """
    tree = runner.model.tree
    smooth = smooth_coordinates(trial, filtering)
    placed = marker_positions(tree, solve_forward(tree, trial.coordinates))
    markers = Markers(trial.time_s, tree.markers, placed, RATE_HZ)
    motion = motion_of(tree, trial.time_s, smooth)
    points = body_points_table(
        tree, marker_set, markers, trial.time_s, smooth, motion.rate_hz, True
    )
    grf = smooth_ground(trial, filtering)
    return Trial(
        model=runner.model,
        motion=motion,
        wrenches=ground_wrenches(grf, motion.time_s),
        grf=grf,
        grf_unfiltered=trial.ground,
        contacts=Contacts(),
        body_points=points,
        markers=markers,
    )


def true_loads(
    runner: TrueRunner, truth: Trial, contacts: Contacts, loads: LoadSettings
) -> Mapping[str, SideLoads]:
    """Return every quantity of a trial's steps as it truly was.

    Args:
        runner: who ran.
        truth: of :func:`filtered_truth`.
        contacts: the recovered contacts, so that both are compared at the same times.
        loads: what metrics need to know.
    """
    return solve_loads(replace(truth, contacts=contacts), runner.muscles, loads).loads or {}


def _rows(
    quantity: str, unit: str, found: FloatArray, true: FloatArray
) -> Iterator[dict[str, object]]:
    """Yield error figures of a quantity over all its steps, nothing where nothing is known."""
    known = np.isfinite(found) & np.isfinite(true)
    if not known.any():
        return
    error = found[known] - true[known]
    rms, peak = float(np.sqrt(np.mean(error**2))), float(np.abs(true[known]).max())
    yield {
        "quantity": quantity,
        "unit": unit,
        "rms": rms,
        "max": float(np.abs(error).max()),
        "relative_error": rms / peak if peak > 0.0 else np.nan,
        "true_mean": float(true[known].mean()),
        "recovered_mean": float(found[known].mean()),
    }


@dataclass(frozen=True)
class Recovered:
    """What recordings gave back of a trial.

    Attributes:
        waveforms: ``{side: {quantity: waveform}}`` over stance.
        metrics: ``{side: {metric: (steps,)}}``.
        contacts: of both feet.
    """

    waveforms: Mapping[str, Mapping[str, Waveform]]
    metrics: Mapping[str, Mapping[str, FloatArray]]
    contacts: Contacts


def recovered_loads(loads: Mapping[str, SideLoads], contacts: Contacts) -> Recovered:
    """Return loads in memory as :class:`Recovered`."""
    return Recovered(
        {side: own.waveforms for side, own in loads.items()},
        {side: {n: m.values for n, m in own.metrics.items()} for side, own in loads.items()},
        contacts,
    )


def read_recovered(loads_h5: Path, metrics_csv: Path, contacts_csv: Path) -> Recovered:
    """Read what the workflow wrote of a trial.

    Raises:
        RecordingError: a file is absent or broken.
        ExcludedError: the trial was excluded.
    """
    places, _ = read_waveforms(loads_h5)
    require_data(metrics_csv, "read_recovered")
    waveforms: dict[str, dict[str, Waveform]] = {}
    for place, waveform in places.items():
        side, _, quantity = place.partition("/")
        waveforms.setdefault(side, {})[quantity] = waveform
    table = pd.read_csv(metrics_csv)
    table = table[table["metric"].isin(METRICS)]
    metrics = {
        str(side): {
            str(name): part["value"].to_numpy(dtype=np.float64)
            for name, part in own.sort_values("step").groupby("metric")
        }
        for side, own in table.groupby("side")
    }
    return Recovered(waveforms, metrics, read_contacts(contacts_csv))


def compare_loads(
    found: Recovered, true: Recovered, units: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yield one row a quantity: waveforms over stance, then peaks of steps.

    Args:
        found: as recordings gave it back.
        true: as it was, at the same steps.
        units: of metrics.
    """
    sides = [side for side in SIDES if side in found.waveforms and side in true.waveforms]
    if not sides:
        return
    first = true.waveforms[sides[0]]
    for name, waveform in first.items():
        if name not in found.waveforms[sides[0]]:
            continue
        values = [
            np.concatenate([loads.waveforms[side][name].values.ravel() for side in sides])
            for loads in (found, true)
        ]
        yield from _rows(name, waveform.unit, *values)
    for name in METRICS:
        # a marker set without a trunk has no moment of the back
        if not all(name in loads.metrics[side] for loads in (found, true) for side in sides):
            continue
        values = [
            np.concatenate([loads.metrics[side][name] for side in sides]) for loads in (found, true)
        ]
        yield from _rows(name, units[name], *values)


def compare_contacts(
    found: Contacts, trial: TrueTrial, runner: TrueRunner, marker_set: MarkerSet
) -> Iterator[dict[str, object]]:
    """Yield rows of contact time and foot-strike angle.

    Args:
        found: as recordings gave them back.
        trial: what truly happened.
        runner: who ran.
        marker_set: names the landmarks.
    """
    pairs: dict[str, list[tuple[float, float]]] = {"contact_time": [], "strike": []}
    spans = [loaded_span(trial, contact) for contact in trial.contacts]
    angles = true_strike_angles_deg(trial, runner, marker_set, [start for start, _ in spans])
    for contact, (start, end), angle in zip(trial.contacts, spans, angles, strict=True):
        near = [own for own in found.selected(contact.side) if abs(own.start_s - start) < NEAR_S]
        if near:
            pairs["contact_time"].append((near[0].duration_s, end - start))
            pairs["strike"].append((near[0].foot_strike_angle_deg, float(angle)))
    for name, unit, key in (
        ("contact_time", "s", "contact_time"),
        ("foot_strike_angle_contact", "deg", "strike"),
    ):
        values = np.array(pairs[key]).reshape(-1, 2)
        yield from _rows(name, unit, values[:, 0], values[:, 1])


def true_strike_angles_deg(
    trial: TrueTrial, runner: TrueRunner, marker_set: MarkerSet, starts_s: Sequence[float]
) -> FloatArray:
    """Return each contact's true foot angle at its start less standing, (contacts,), toe up."""
    tree, poses = runner.model.tree, [standing_pose(runner.model.tree, runner.soles)]
    for start in starts_s:
        near = np.abs(trial.time_s - start) < 0.05
        poses.append(make_interp_spline(trial.time_s[near], trial.coordinates[near], k=5)(start))
    placed = marker_positions(tree, solve_forward(tree, np.stack(poses)))
    angles = {
        side: foot_angle_deg(
            *(
                placed[:, tree.markers.index(marker_set.landmark(side, role))]
                for role in ("heel", "fifth_metatarsal")
            )
        )
        for side in SIDES
    }
    return np.array(
        [
            angles[contact.side][1 + number] - angles[contact.side][0]
            for number, contact in enumerate(trial.contacts)
        ]
    )
