"""Muscle forces of both legs in stance, from net moments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strikelean.dynamics.multibody import Multibody
from strikelean.dynamics.solve import Motion, StockFiles
from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, TimeSeries
from strikelean.markersets import SIDES
from strikelean.model.tree import KinematicTree
from strikelean.muscles.leg import (
    Leg,
    LegSolution,
    MuscleSettings,
    read_leg,
    reserve_status,
    solve_leg,
)
from strikelean.muscles.redundancy import CARRIED_BY_RESERVES, FAILED
from strikelean.muscles.stock_muscles import StockInputs, share_by_opensim
from strikelean.muscles.strength import needed_strength

Progress = Callable[[str], None]
Spans = Sequence[tuple[float, float]]
# Frames kept before and after a contact, so that a spline over stance needs no extrapolation.
EDGE_FRAMES = 2


@dataclass(frozen=True)
class TrialMuscles:
    """Both legs of a trial; NaN outside stance.

    Attributes:
        forces: tendon forces, one column a muscle, N.
        activations: activations, ``reserve_<coordinate>`` (N m), ``status_r`` and ``status_l``.
        legs: by side.
        settings: how moments were shared.
        by_tool: whether OpenSim's own tool did it, with its own capacity.
    """

    forces: TimeSeries
    activations: TimeSeries
    legs: Mapping[str, LegSolution]
    settings: MuscleSettings
    by_tool: bool = False

    def report(self) -> dict[str, Any]:
        """Return what there is to say of the solves."""
        told = _report(self.legs)
        if self.by_tool:
            return told | {"capacity": "opensim_tool", "tendon": "rigid"}
        own = self.settings
        return told | {
            "capacity": own.capacity,
            "tendon": own.tendon,
            "strength": own.strength,
            "hip_strength": own.hip_strength,
            "hip_strength_needed": self._needed(),
        }

    def _needed(self) -> float | None:
        """Return the factor that the hip's muscles need, None where none tried is enough."""
        own = self.settings
        demands = [leg.demand for leg in self.legs.values() if len(leg.rows)]
        bounds = (own.activation_min, own.activation_max)
        needed = needed_strength(demands, own.reserve_nm, bounds)
        return round(needed, 4) if np.isfinite(needed) else None


def stance_rows(spans: Spans, time_s: FloatArray) -> NDArray[np.int64]:
    """Return the rows of (T,) times within contacts, edges included."""
    step = float(np.median(np.diff(time_s)))
    inside = np.zeros(len(time_s), dtype=bool)
    for start, end in spans:
        first, last = start - EDGE_FRAMES * step, end + EDGE_FRAMES * step
        inside |= (time_s >= first - 1e-9) & (time_s <= last + 1e-9)
    return np.flatnonzero(inside)


def _spread(values: FloatArray, rows: NDArray[np.int64], frames: int) -> FloatArray:
    full = np.full((frames, values.shape[1]), np.nan)
    full[rows] = values
    return full


def _largest(values: FloatArray) -> FloatArray:
    """Return the largest size in each column of (S, K), 0 without rows."""
    return np.asarray(np.abs(values).max(axis=0, initial=0.0))


def _report(legs: Mapping[str, LegSolution]) -> dict[str, Any]:
    """Return what is to be said of the solves; a side that was never on the ground has no say."""
    legs = {side: leg for side, leg in legs.items() if len(leg.rows)}
    status = np.concatenate([leg.status for leg in legs.values()])
    report: dict[str, Any] = {
        "stance_frames": len(status),
        "failed_share": float(np.mean(status == FAILED)),
        "carried_by_reserves_share": float(np.mean(status == CARRIED_BY_RESERVES)),
        "saturated_share": float(np.mean([leg.clamped_share for leg in legs.values()])),
        "tendon_residual_n": max(float(leg.residual_n.max()) for leg in legs.values()),
        "tendon_strain_peak": max(float(leg.strain.max()) for leg in legs.values()),
    }
    peaks: dict[str, float] = {}
    shares: dict[str, float] = {}
    for leg in legs.values():
        reserve, moment = _largest(leg.reserves_nm), _largest(leg.moments_nm)
        share = np.divide(reserve, moment, out=np.zeros_like(reserve), where=moment > 0.0)
        peaks |= dict(zip(leg.coordinates, reserve.round(3).tolist(), strict=True))
        shares |= dict(zip(leg.coordinates, share.round(4).tolist(), strict=True))
    return report | {
        "reserve_peak_nm": max(peaks.values()),
        "reserve_peak_share": max(shares.values()),
        "reserve_peak_nm_by_coordinate": peaks,
        "reserve_peak_share_by_coordinate": shares,
    }


def read_legs(scaled_osim: Path, tree: KinematicTree, model: Any = None) -> dict[str, Leg]:
    """Read both legs' muscles of a model and its compiled tree; ``model`` where it is open."""
    engine = Multibody(scaled_osim, model)
    return {side: read_leg(engine, tree, side) for side in SIDES}


def solve_muscles(
    legs: Mapping[str, Leg],
    motion: Motion,
    moments: FloatArray,
    spans: Mapping[str, Spans],
    ways: Sequence[MuscleSettings],
    progress: Progress | None = None,
    stock: StockFiles | None = None,
    before: TrialMuscles | None = None,
) -> list[TrialMuscles]:
    """Share the net moments of both legs in stance by static optimisation, once for each way.

    Args:
        legs: muscles by side.
        motion: coordinates and speeds, (T, Q).
        moments: (T, Q) generalised forces, couplings folded.
        spans: selected contacts by side, s.
        ways: capacity, tendons, bounds, reserves, of each way.
        progress: called with a line of text now and then.
        stock: the trial's files, to let OpenSim's static optimisation do it, with its own
            capacity, rigid tendons and without elastic forces.
        before: of the same motion and contacts under other settings, whose muscle paths are
            taken over.

    Raises:
        RecordingError: no contact is selected on either side.
    """
    if not any(spans.values()):
        raise RecordingError(
            "solve_muscles",
            "at least one selected contact",
            "none",
            "Look at the reasons in contacts.csv",
        )
    if stock is not None:
        # the tool knows rigid tendons alone
        ways = [replace(way, tendon="rigid") for way in ways]
    solved: list[dict[str, LegSolution]] = [{} for _ in ways]
    for side, muscles in legs.items():
        paths = None if before is None else before.legs[side].paths
        rows = stance_rows(spans[side], motion.time_s)
        found = solve_leg(muscles, rows, motion, moments, ways, paths, progress)
        for way, own, leg in zip(ways, solved, found, strict=True):
            done = leg if stock is None else _as_opensim(leg, motion, stock, way.reserve_nm)
            own[side] = done
    return [
        _of_trial(motion.time_s, own, way, by_tool=stock is not None)
        for own, way in zip(solved, ways, strict=True)
    ]


def _of_trial(
    time_s: FloatArray, legs: Mapping[str, LegSolution], settings: MuscleSettings, *, by_tool: bool
) -> TrialMuscles:
    """Return both legs' solutions as tables over the trial's (T,) times."""
    forces, active = [], []
    names: tuple[list[str], list[str]] = ([], [])
    for side, leg in legs.items():
        forces.append(_spread(leg.forces_n, leg.rows, len(time_s)))
        both = np.hstack([leg.activations, leg.reserves_nm, leg.status[:, None]])
        active.append(_spread(both, leg.rows, len(time_s)))
        names[0].extend(leg.muscles)
        names[1].extend(leg.muscles)
        names[1].extend(f"reserve_{name}" for name in leg.coordinates)
        names[1].append(f"status_{side[0]}")
    return TrialMuscles(
        TimeSeries(time_s, tuple(names[0]), np.hstack(forces)),
        TimeSeries(time_s, tuple(names[1]), np.hstack(active)),
        legs,
        settings,
        by_tool,
    )


def _as_opensim(
    leg: LegSolution, motion: Motion, files: StockFiles, reserve_nm: float
) -> LegSolution:
    stock = StockInputs(files.scaled_osim, files.kinematics, files.grf, reserve_nm)
    found = share_by_opensim(stock, motion, leg.rows, leg.muscles, leg.coordinates)
    forces, activations, reserves = found
    solved = np.asarray(np.isfinite(activations).all(axis=1))
    status = reserve_status(reserves, leg.moments_nm, solved)
    return replace(
        leg, forces_n=forces, activations=activations, reserves_nm=reserves, status=status
    )
