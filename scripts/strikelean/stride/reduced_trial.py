"""The motion of a recording with its residuals at the root reduced, and what was moved for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.rigid_body import inverse_dynamics
from strikelean.dynamics.segment_masses import MassChange, fit_masses, with_masses
from strikelean.dynamics.solve import (
    ROOT_FORCES,
    ROOT_MOMENTS,
    GroundWrenches,
    Motion,
    ground_wrenches,
    motion_of,
)
from strikelean.errors import SolverError
from strikelean.formats.contacts import Contacts
from strikelean.formats.ground import GroundForces
from strikelean.formats.series import FloatArray, Markers
from strikelean.markersets import MarkerSet
from strikelean.model.forward import (
    follow_couplings,
    marker_positions,
    mass_centre,
    solve_forward,
)
from strikelean.model.tree import KinematicTree
from strikelean.motion.body_points import body_points_table
from strikelean.motion.solve import Kinematics
from strikelean.signals import nearest_rows, time_runs
from strikelean.stride.cut_strides import every_stride
from strikelean.stride.reduce_residuals import (
    ReductionScales,
    StretchResiduals,
    moving_coordinates,
    reduce_stretch,
)

# What is held good of a residual's peak: of the largest ground force, and of it times the height of
# the mass centre (Hicks 2015, doi 10.1115/1.4029304).
GOOD_FORCE_SHARE, GOOD_MOMENT_SHARE = 0.05, 0.01
# How far OpenSim's guide to evaluating simulations lets residual reduction move motion: RMS of less
# than 2 to 5 deg, and 2 cm (simtk-confluence.stanford.edu).
GOOD_TURN_DEG, GOOD_SHIFT_M = 2.0, 0.02
STAGE = "reduce_residuals"


@dataclass(frozen=True)
class Reduced:
    """A recording's kinematics after the reduction.

    Attributes:
        kinematics: as before where there was nothing that could be reduced; its report says which.
        masses: how masses were changed, None where nothing was.
    """

    kinematics: Kinematics
    masses: MassChange | None


def in_strides(motion: Motion, contacts: Contacts) -> NDArray[np.bool_]:
    """Return (T,): which frames lie in a whole stride, all of whose ground forces are measured."""
    found = np.zeros(len(motion.time_s), dtype=bool)
    for run in time_runs(motion.time_s, motion.rate_hz):
        time_s = motion.time_s[run]
        for stride in every_stride(contacts):
            if stride.start_s >= time_s[0] - 1e-9 and stride.end_s <= time_s[-1] + 1e-9:
                found[run] |= (time_s >= stride.start_s) & (time_s <= stride.end_s)
    return found


def _followed(tree: KinematicTree, marker_set: MarkerSet) -> NDArray[np.int64]:
    """Return the markers of the model that pull at it while running."""
    pull = {marker.name for marker in marker_set.markers if marker.running_weight > 0}
    return np.flatnonzero([name in pull for name in tree.markers])


def _ground(wrenches: GroundWrenches) -> FloatArray:
    """Return what the ground gives both feet, (6, T): moment about the origin, force."""
    force, moment = (sum(pair[part] for pair in wrenches.values()) for part in (0, 1))
    return np.concatenate([np.asarray(moment).T, np.asarray(force).T])


def reduce_residuals(
    found: Kinematics,
    grf: GroundForces,
    contacts: Contacts,
    markers: Markers,
    marker_set: MarkerSet,
    scales: ReductionScales | None = None,
) -> Reduced:
    """Return kinematics with less left over at the root in whole strides.

    Masses first, which are the same in all frames, then the motion of every unbroken stretch. A
    recording without two contacts in a row stays as it is, and its report says so: what happens
    before and after a stance alone, nobody has measured.

    Args:
        found: as recorded.
        grf: ground forces, filtered as the motion is.
        contacts: of both feet.
        markers: as recorded.
        marker_set: of the recording.
        scales: one standard deviation of each thing that is weighed.

    Raises:
        SolverError: the solve broke down.
    """
    motion = motion_of(found.tree, found.time_s, found.coordinates)
    balanced = in_strides(motion, contacts)
    if not balanced.any():
        why = "residuals at the root left as recorded: no two selected contacts follow each other"
        report = found.report | {"residual_reduction": {"reduced": False}, "warnings": [why]}
        return Reduced(replace(found, report=report), None)
    wrenches = ground_wrenches(grf, motion.time_s)
    masses = fit_masses(motion, _ground(wrenches), np.flatnonzero(balanced))
    tree = with_masses(found.tree, masses)
    new = replace(motion, tree=tree)
    changed = motion.coordinates.copy()
    followed = _followed(tree, marker_set)
    for run in time_runs(motion.time_s, motion.rate_hz):
        rows = np.arange(run.start, run.stop)
        if balanced[run].any():
            stretch = StretchResiduals(
                new.at(rows),
                _ground(wrenches)[:, rows],
                balanced[run],
                followed,
                scales or ReductionScales(),
            )
            changed[np.ix_(rows, stretch.moving)] += _solved(stretch)
    new = motion_of(tree, motion.time_s, follow_couplings(tree, changed))
    told = _report(_Beside(motion, new, wrenches, balanced), masses)
    told |= _marker_errors(found.tree, followed, markers, motion, new)
    observed = bool(found.report["torso_observed"])
    points = body_points_table(
        tree, marker_set, markers, new.time_s, new.coordinates, markers.rate_hz, observed
    )
    report = found.report | {"residual_reduction": told, "warnings": _warnings(told)}
    return Reduced(
        replace(found, tree=tree, coordinates=new.coordinates, body_points=points, report=report),
        masses,
    )


def _solved(stretch: StretchResiduals) -> FloatArray:
    try:
        return reduce_stretch(stretch)
    except np.linalg.LinAlgError as error:
        raise SolverError(
            STAGE,
            "a motion near the recorded one with smaller residuals",
            f"a solve that broke down ({error})",
            "Set dynamics.reduce_residuals to false for this runner",
        ) from None


@dataclass(frozen=True)
class _Beside:
    """A motion before and after, with what the ground gave.

    Attributes:
        old, new: motions, each with its model.
        wrenches: of the ground.
        balanced: (T,) frames in whole strides.
    """

    old: Motion
    new: Motion
    wrenches: GroundWrenches
    balanced: NDArray[np.bool_]

    def forces(self, motion: Motion) -> FloatArray:
        """Return the generalised forces of a motion in whole strides, (n, Q)."""
        parts = (motion.coordinates, motion.speeds, motion.accelerations)
        return inverse_dynamics(motion.tree, *parts, self.wrenches)[self.balanced]


def _residuals(beside: _Beside, motion: Motion, forces: FloatArray) -> dict[str, float]:
    """Return size and peak of what is left over in whole strides, N, N m and shares."""
    tree = motion.tree
    push, turn = (
        np.linalg.norm(forces[:, [tree.coordinate_index(name) for name in names]], axis=1)
        for names in (ROOT_FORCES, ROOT_MOMENTS)
    )
    ground = np.linalg.norm(np.sum([f for f, _ in beside.wrenches.values()], axis=0), axis=1)
    peak_n = float(ground[beside.balanced].max())
    pose = solve_forward(tree, motion.coordinates[beside.balanced])
    height_m = float(mass_centre(tree, pose)[:, 1].mean())
    return {
        "force_rms_n": float(np.sqrt((push**2).mean())),
        "force_peak_n": float(push.max()),
        "force_peak_share": float(push.max()) / peak_n,
        "moment_rms_nm": float(np.sqrt((turn**2).mean())),
        "moment_peak_nm": float(turn.max()),
        "moment_peak_share": float(turn.max()) / (height_m * peak_n),
    }


def _report(beside: _Beside, masses: MassChange) -> dict[str, object]:
    """Return what was left over before and after, and what moved, in degrees and metres."""
    old, new = beside.old, beside.new
    tree, names = old.tree, old.tree.names
    before, after = beside.forces(old), beside.forces(new)
    change = (new.coordinates - old.coordinates)[beside.balanced]
    turns = np.array([info.rotational for info in tree.coordinates])
    change[:, turns] = np.degrees(change[:, turns])
    moved = {
        names[i]: {
            "rms": float(np.sqrt((change[:, i] ** 2).mean())),
            "max": float(np.abs(change[:, i]).max()),
        }
        for i in moving_coordinates(tree)
    }
    moments = {
        names[i]: {
            "change_rms": float(np.sqrt(((after - before)[:, i] ** 2).mean())),
            "peak_before": float(np.abs(before[:, i]).max()),
            "peak_after": float(np.abs(after[:, i]).max()),
        }
        for i in moving_coordinates(tree)
        if not names[i].startswith("pelvis_")
    }
    return {
        "reduced": True,
        "share_of_frames": float(beside.balanced.mean()),
        "residual_before": _residuals(beside, old, before),
        "residual_after": _residuals(beside, new, after),
        "moved_deg": {n: row for n, row in moved.items() if turns[names.index(n)]},
        "moved_m": {n: row for n, row in moved.items() if not turns[names.index(n)]},
        "mass_changes": dict(masses.shares),
        "trunk_mass_centre_moved_m": masses.trunk_centre_m.tolist(),
        "net_moments_nm": moments,
    }


def _marker_errors(
    tree: KinematicTree,
    followed: NDArray[np.int64],
    markers: Markers,
    old: Motion,
    new: Motion,
) -> dict[str, float]:
    """Return the RMS distance of followed markers from the model, before and after."""
    rows = nearest_rows(markers.time_s, old.time_s)
    seen = np.stack([markers.position(tree.markers[i])[rows] for i in followed], axis=1)
    found = {}
    for name, motion in (("before", old), ("after", new)):
        placed = marker_positions(tree, solve_forward(tree, motion.coordinates))[:, followed]
        size = np.linalg.norm(placed - seen, axis=2)
        found[f"marker_error_{name}_rms_m"] = float(np.sqrt(np.nanmean(size**2)))
    return found


def _largest(rows: Mapping[str, Mapping[str, float]]) -> tuple[str, float]:
    name = max(rows, key=lambda key: rows[key]["rms"])
    return name, rows[name]["rms"]


def _warnings(told: Mapping[str, object]) -> list[str]:
    """Return what was done in one line, and what is beyond what is held good."""
    before, after = told["residual_before"], told["residual_after"]
    turns, shifts = told["moved_deg"], told["moved_m"]
    assert isinstance(before, dict) and isinstance(after, dict)
    assert isinstance(turns, dict) and isinstance(shifts, dict)
    (turned, turn), (shifted, shift) = _largest(turns), _largest(shifts)
    lines = [
        "residuals at the root reduced: peak force from "
        f"{before['force_peak_share']:.1%} to {after['force_peak_share']:.1%} of the largest "
        f"ground force, peak moment from {before['moment_peak_share']:.1%} to "
        f"{after['moment_peak_share']:.1%} of it times the mass centre's height, the largest "
        f"moves {turned} {turn:.1f} deg and {shifted} {1e3 * shift:.0f} mm (RMS)"
    ]
    beyond = [
        text
        for value, limit, text in (
            (after["force_peak_share"], GOOD_FORCE_SHARE, "a peak force over 5 %"),
            (after["moment_peak_share"], GOOD_MOMENT_SHARE, "a peak moment over 1 %"),
            (turn, GOOD_TURN_DEG, "a move over 2 deg"),
            (shift, GOOD_SHIFT_M, "a move over 20 mm"),
        )
        if value > limit
    ]
    if beyond:
        lines.append(f"the reduction of residuals left or took {', '.join(beyond)}")
    return lines
