"""A virtual runner's recording in memory, and what is done to it before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.series import Markers, Wrench
from strikelean.markersets import MarkerSet

MILLIMETRES = 1000.0


@dataclass(frozen=True)
class Made:
    """One virtual runner, as recorded without a file.

    Attributes:
        running, standing: markers.
        plate: the wrench of one plate under both feet, about the laboratory's origin.
        feet: each foot's own wrench, zero while it is off the ground.
        other_standing: another runner's static trial.
        marker_set: of all of them.
        mass_kg, height_m, belt_speed_m_s: of the runner.
    """

    running: Markers
    standing: Markers
    plate: Wrench
    feet: Mapping[str, Wrench]
    other_standing: Markers
    marker_set: MarkerSet
    mass_kg: float
    height_m: float
    belt_speed_m_s: float


@dataclass(frozen=True)
class Files:
    """What a case gives the reader.

    Attributes:
        files: one C3D, or markers and forces.
        standing: static trial, the runner's own where None.
        changes: what else differs from the delivered settings, by name.
    """

    files: tuple[Path, ...]
    standing: Markers | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def resampled_markers(markers: Markers, rate_hz: float) -> Markers:
    """Return markers at another rate; blank where not seen anywhere near."""
    time_s = np.arange(markers.time_s[0], markers.time_s[-1], 1.0 / rate_hz)
    places = np.full((len(time_s), len(markers.names), 3), np.nan)
    for index in range(len(markers.names)):
        seen = np.isfinite(markers.positions_m[:, index, 0])
        if seen.sum() > 3:
            spline = CubicSpline(markers.time_s[seen], markers.positions_m[seen, index])
            places[:, index] = spline(time_s)
    return replace(markers, time_s=time_s, positions_m=places, rate_hz=rate_hz)


def resampled_wrench(wrench: Wrench, rate_hz: float) -> Wrench:
    """Return a wrench at another rate."""
    time_s = np.arange(wrench.time_s[0], wrench.time_s[-1], 1.0 / rate_hz)
    force, moment = (
        CubicSpline(wrench.time_s, values)(time_s) for values in (wrench.force_n, wrench.moment_nm)
    )
    return replace(wrench, time_s=time_s, force_n=force, moment_nm=moment, rate_hz=rate_hz)


def moved(wrench: Wrench, way_m: tuple[float, float, float]) -> Wrench:
    """Return a wrench whose point of action is moved."""
    return replace(wrench, moment_nm=wrench.moment_nm + np.cross(np.array(way_m), wrench.force_n))
