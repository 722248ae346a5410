"""Evaluate the quantities of a trial over stance, one foot at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from strikelean.formats.contacts import Contacts
from strikelean.formats.ground import GroundForces
from strikelean.formats.hdf5 import Waveform
from strikelean.formats.series import FloatArray, Markers, TimeSeries
from strikelean.loads import metrics_quantities as rows
from strikelean.loads import patellofemoral as pfj
from strikelean.loads.achilles import group_force
from strikelean.loads.steps import Steps
from strikelean.loads.waveforms import derivative, resample
from strikelean.markersets import back_of_pelvis


@dataclass(frozen=True)
class StanceWaveform(Waveform):
    """One quantity over stance, (S, 101): steps by percent of stance, NaN where unknown.

    Attributes:
        kind: ``angle``, ``moment``, ``hinge``, ``power``, ``force``, ``shear``, ``group``,
            ``stress``, ``frontal`` or ``ground``; decides which metrics are taken from it.
    """

    kind: str


def is_torso_observed(body_points: TimeSeries) -> bool:
    """Whether markers were on the trunk; an unstated answer counts as no."""
    return body_points.header.get("torso_observed", "no").strip().lower() == "yes"


@dataclass(frozen=True)
class TrialTables:
    """Everything of one trial that loads are computed from.

    Attributes:
        contacts: of both feet.
        kinematics: joint coordinates.
        body_points: laboratory positions of joints and landmarks, SI.
        moments: generalised forces, N m.
        muscle_forces: tendon forces, N.
        joint_reactions: reactions in the distal body's base frame, N and N m.
        ground: ground forces, N, low-passed for loading rates.
        knee3: kinematics of the knee with three rotations, or None.
        net_moments: of both knees in three planes, N m, or None.
        markers: measured markers, m, or None.
        notes: what could not be had and is blank, one line each, for people.
    """

    contacts: Contacts
    kinematics: TimeSeries
    body_points: TimeSeries
    moments: TimeSeries
    muscle_forces: TimeSeries
    joint_reactions: TimeSeries
    ground: GroundForces
    knee3: TimeSeries | None = None
    net_moments: TimeSeries | None = None
    markers: Markers | None = None
    notes: tuple[str, ...] = ()

    @property
    def torso_observed(self) -> bool:
        """Whether markers were on the trunk."""
        return is_torso_observed(self.body_points)


@dataclass(frozen=True)
class WaveformSettings:
    """What evaluation needs beside the tables.

    Attributes:
        trunk_markers: marker of each trunk role (``c7``, and ``psis_right`` and
            ``psis_left`` or ``sacrum``).
        muscle_groups: members of each group without the side's suffix.
        basis: ``measured``, ``virtual``, or ``predicted`` for a derived trial.
    """

    trunk_markers: Mapping[str, str]
    muscle_groups: Mapping[str, tuple[str, ...]]
    basis: str = "measured"


class _Stance:
    """Columns of a trial's tables over the stances of one foot."""

    def __init__(self, tables: TrialTables, steps: Steps) -> None:
        self.tables = tables
        self.side = steps.side
        self.grid = steps.grid()
        self.known: dict[int, dict[str, FloatArray]] = {}
        self.rates: dict[str, FloatArray] | None = None

    def name(self, pattern: str) -> str:
        return pattern.format(s=self.side[0])

    def missing(self) -> FloatArray:
        return np.full(self.grid.shape, np.nan)

    def resampled(self, table: TimeSeries | None, column: str) -> FloatArray:
        if table is None or column not in table.columns:
            return self.missing()
        if id(table) not in self.known:
            names = self.own_columns(table)
            places = [table.index(name) for name in names]
            values = resample(table.time_s, table.values[:, places], self.grid)
            self.known[id(table)] = dict(zip(names, values, strict=True))
        return self.known[id(table)][column]

    def own_columns(self, table: TimeSeries) -> list[str]:
        """Return the columns of a table that are not of the other foot: one spline for all."""
        other = "l" if self.side == "right" else "r"
        return [name for name in table.columns if other not in name.split("_")]

    def table(self, name: str) -> TimeSeries | None:
        table: TimeSeries | None = getattr(self.tables, name)
        return table

    def angle(self, row: rows.Direct) -> FloatArray:
        table = self.table(row.table)
        values = self.resampled(table, self.name(row.column)) * row.factor(self.side)
        return values if table is None or table.in_degrees else np.degrees(values)

    def velocity(self, coordinate: str) -> FloatArray:
        """Angular velocity of a coordinate, rad/s."""
        table = self.tables.kinematics
        if coordinate not in table.columns:
            return self.missing()
        if self.rates is None:
            names = self.own_columns(table)
            places = [table.index(name) for name in names]
            rates = derivative(table.time_s, table.values[:, places])
            found = resample(table.time_s, rates, self.grid)
            self.rates = dict(zip(names, found, strict=True))
        rate = self.rates[coordinate]
        return np.radians(rate) if table.in_degrees else rate

    def moment(self, column: str) -> FloatArray:
        """Generalised force of a coordinate, with that of the patella coupled to it."""
        values = self.resampled(self.tables.moments, column)
        coordinate = column.removesuffix("_moment")
        # The inverse dynamics tool calls it a force: its coordinate is "coupled".
        for coupled in (f"{coordinate}_beta_force", f"{coordinate}_beta_moment"):
            if coupled in self.tables.moments.columns:
                slope = _coupling_slope(self.tables.kinematics, coordinate)
                patella = slope * self.resampled(self.tables.moments, coupled)
                return np.asarray(values + patella, dtype=np.float64)
        return values

    def reaction(self, row: rows.Reaction) -> FloatArray:
        table = self.tables.joint_reactions
        body = self.name(row.body)
        ending = f"_on_{body}_in_{body}_{row.load}"
        axes = "xyz" if row.axis == "norm" else row.axis
        names = [[c for c in table.columns if c.endswith(ending + axis)] for axis in axes]
        if any(len(found) != 1 for found in names):
            return self.missing()
        parts = np.stack([self.resampled(table, found[0]) for found in names])
        if row.axis == "norm":
            return np.asarray(np.sqrt((parts**2).sum(axis=0)), dtype=np.float64)
        return np.asarray(parts[0] * row.factor(self.side), dtype=np.float64)


def _coupling_slope(kinematics: TimeSeries, coordinate: str) -> float:
    """Return d(beta)/d(knee angle) of the coupled patella, both in radians.

    In the Rajagopal family it is 1; read from the motion, so that another coupling is
    weighted rightly (virtual work). 1 when the motion does not tell.
    """
    beta = f"{coordinate}_beta"
    if beta not in kinematics.columns or coordinate not in kinematics.columns:
        return 1.0
    knee = kinematics.column(coordinate)
    knee = np.radians(knee) if kinematics.in_degrees else knee
    patella = kinematics.column(beta)
    known = np.isfinite(knee) & np.isfinite(patella)
    if known.sum() < 3 or np.ptp(knee[known]) < 1e-3:
        return 1.0
    return float(np.polyfit(knee[known], patella[known], 1)[0])


def torso_lean_deg(torso_axis: FloatArray) -> FloatArray:
    """Return forward lean (T,) in degrees of an axis (T, 3) in the plane of progression."""
    lean = np.degrees(np.arctan2(torso_axis[:, 0], torso_axis[:, 1]))
    return np.asarray(lean, dtype=np.float64)


def _lean_angles(stance: _Stance, settings: WaveformSettings) -> dict[str, FloatArray]:
    """Return both trunk leans over stance; missing where the trunk was not observed."""
    tables = stance.tables
    leans = {rows.TORSO_LEAN: stance.missing(), rows.MARKER_LEAN: stance.missing()}
    axis = [f"torso_axis_{letter}" for letter in "xyz"]
    if tables.torso_observed and all(name in tables.body_points.columns for name in axis):
        lean = torso_lean_deg(tables.body_points.vector("torso_axis_"))
        leans[rows.TORSO_LEAN] = resample(tables.body_points.time_s, lean, stance.grid)
    markers = tables.markers
    back, neck = back_of_pelvis(settings.trunk_markers), settings.trunk_markers.get("c7", "")
    if markers is not None and back and all(name in markers for name in (*back, neck)):
        middle = np.mean([markers.position(name) for name in back], axis=0)
        lean = torso_lean_deg(markers.position(neck) - middle)
        leans[rows.MARKER_LEAN] = resample(markers.time_s, lean, stance.grid)
    return leans


def _muscle_waveforms(stance: _Stance, settings: WaveformSettings) -> dict[str, FloatArray]:
    forces = stance.tables.muscle_forces
    groups = settings.muscle_groups
    sums = {group: group_force(forces, group, stance.side, groups) for group in groups}
    known = {group: total for group, total in sums.items() if total is not None}
    result = {f"{group}_force": stance.missing() for group in groups}
    if known:
        totals = np.stack(list(known.values()), axis=1)
        for group, values in zip(known, resample(forces.time_s, totals, stance.grid), strict=True):
            result[f"{group}_force"] = values
    return result


def _joint_loads(
    stance: _Stance, extension: FloatArray, flexion: FloatArray, quadriceps: FloatArray
) -> dict[str, FloatArray]:
    """Return patellofemoral force by each method, (S, 101) N."""
    from_moment = pfj.quadriceps_force_from_moment(extension, flexion)
    return {
        "net_moment": pfj.joint_force_from_quadriceps(from_moment, flexion),
        # A spline through forces near zero may dip below it; a tendon cannot push.
        "quadriceps_sum": pfj.joint_force_from_quadriceps(np.maximum(quadriceps, 0.0), flexion),
        "joint_reaction": stance.reaction(rows.PATELLOFEMORAL),
    }


def evaluate_waveforms(
    tables: TrialTables, steps: Steps, settings: WaveformSettings
) -> dict[str, StanceWaveform]:
    """Evaluate every quantity over the stances of one foot.

    Args:
        tables: the trial.
        steps: contacts of one foot.
        settings: marker roles, muscle groups and the trial's basis.

    Returns:
        ``{quantity: waveform}``; a quantity that the model or the recording cannot give
        (a coordinate that is not there, an unobserved trunk) is NaN throughout, so the
        set of names never depends on the trial.
    """
    stance = _Stance(tables, steps)
    basis = settings.basis
    with_trunk = basis if tables.torso_observed or basis == "predicted" else "assumed"
    result: dict[str, StanceWaveform] = {}
    for row in rows.ANGLES:
        result[row.name] = StanceWaveform(
            stance.angle(row), "deg", row.sign, rows.GENERAL_FRAME, basis, "angle"
        )
    for name, lean in _lean_angles(stance, settings).items():
        result[name] = StanceWaveform(lean, "deg", rows.LEAN_SIGN, rows.LABORATORY, basis, "angle")
    for row in rows.MOMENTS:
        values = stance.moment(stance.name(row.column)) * row.factor(stance.side)
        own = with_trunk if row.needs_trunk else basis
        result[row.name] = StanceWaveform(
            values, "N m", row.sign, rows.GENERAL_FRAME, own, "moment"
        )
    for row in rows.NET_MOMENTS:
        values = stance.resampled(tables.net_moments, stance.name(row.column))
        frame = stance.name("tibia_{s} base frame")
        result[row.name] = StanceWaveform(
            values * row.factor(stance.side), "N m", row.sign, frame, basis, "moment"
        )
    for load in rows.HINGE_REACTIONS:
        frame = f"{load.body.format(s=stance.side[0])} base frame"
        result[load.name] = StanceWaveform(
            stance.reaction(load), "N m", load.sign, frame, basis, "hinge"
        )
    for name, coordinates in rows.POWERS.items():
        names = [stance.name(coordinate) for coordinate in coordinates]
        power = np.sum([stance.moment(f"{c}_moment") * stance.velocity(c) for c in names], axis=0)
        sign = "generation positive, absorption negative"
        result[name] = StanceWaveform(power, "W", sign, rows.GENERAL_FRAME, basis, "power")
    for load in rows.CONTACT_FORCES:
        frame = f"{load.body.format(s=stance.side[0])} base frame"
        kind = "shear" if load.name.endswith("_shear_force") else "force"
        result[load.name] = StanceWaveform(
            stance.reaction(load), "N", load.sign, frame, basis, kind
        )
    result.update(_muscles_and_patella(stance, settings, result))
    force = resample(tables.ground.time_s, tables.ground.foot(stance.side).force_n, stance.grid)
    for name, (axis, factor, sign) in rows.GROUND.items():
        values = factor * force["xyz".index(axis)]
        result[name] = StanceWaveform(values, "N", sign, rows.LABORATORY, basis, "ground")
    return result


def _muscles_and_patella(
    stance: _Stance, settings: WaveformSettings, known: Mapping[str, StanceWaveform]
) -> dict[str, StanceWaveform]:
    """Return muscle groups, patellofemoral forces and stresses."""
    result = {}
    muscles = _muscle_waveforms(stance, settings)
    for name, values in muscles.items():
        kind = "force" if name == "achilles_force" else "group"
        sign = "tension positive"
        result[name] = StanceWaveform(values, "N", sign, "along the tendons", settings.basis, kind)
    flexion = known["knee_flexion_angle"].values
    quadriceps = muscles.get("quadriceps_force", stance.missing())
    forces = _joint_loads(stance, known["knee_extension_moment"].values, flexion, quadriceps)
    patella = f"patella_{stance.side[0]} base frame"
    for method, force in forces.items():
        frame = patella if method == "joint_reaction" else "sagittal plane, resultant"
        result[f"patellofemoral_force_{method}"] = StanceWaveform(
            force, "N", "compression positive", frame, settings.basis, "force"
        )
        for curve in pfj.AREA_CURVES:
            stress = pfj.stress_mpa(force, flexion, curve)
            result[f"patellofemoral_stress_{method}_{curve.name}"] = StanceWaveform(
                stress, "MPa", "compression positive", frame, settings.basis, "stress"
            )
    return result
