"""Single stances out of a treadmill recording, as overground laboratories record them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from strikelean.formats.series import FloatArray, Markers, Wrench
from strikelean.lab.forces import centre_of_pressure
from text_files import Mot, Trc

EDGE_S = 0.03
"""Time before and after a contact in which its first and last newtons lie."""


class Span(Protocol):
    """When a contact begins and ends."""

    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


def seen_from_the_road(
    markers: Markers, wrench: Wrench, speed_m_s: float
) -> tuple[Markers, Wrench]:
    """Return the same running with the belt at rest and the runner moving forward."""
    forward = np.array([speed_m_s, 0.0, 0.0])
    first = markers.time_s[0]
    way = (markers.time_s - first)[:, None, None] * forward
    moved = np.cross((wrench.time_s - first)[:, None] * forward, wrench.force_n)
    return (
        replace(markers, positions_m=markers.positions_m + way),
        replace(wrench, moment_nm=wrench.moment_nm + moved),
    )


def single_stance(
    markers: Markers, wrench: Wrench, contact: Span, around_s: float = 0.3
) -> tuple[Markers, Wrench]:
    """Return a stance with some time around it, without the force of any other."""
    first, last = contact.start_s - around_s, contact.end_s + around_s
    frames = (markers.time_s >= first) & (markers.time_s <= last)
    seen = replace(markers, time_s=markers.time_s[frames], positions_m=markers.positions_m[frames])
    samples = (wrench.time_s >= seen.time_s[0] - 1e-9) & (wrench.time_s <= seen.time_s[-1] + 1e-9)
    time_s = wrench.time_s[samples]
    on = (time_s >= contact.start_s - EDGE_S) & (time_s <= contact.end_s + EDGE_S)
    force, moment = (
        np.where(on[:, None], values[samples], 0.0) for values in (wrench.force_n, wrench.moment_nm)
    )
    return seen, replace(wrench, time_s=time_s, force_n=force, moment_nm=moment)


def unloaded(wrench: Wrench) -> Wrench:
    """Return a plate that nobody treads on."""
    return replace(
        wrench, force_n=np.zeros_like(wrench.force_n), moment_nm=np.zeros_like(wrench.moment_nm)
    )


def across(wrench: Wrench) -> tuple[Wrench, Wrench]:
    """Return the same force on two plates, one under the heel and one under the toes."""
    place = centre_of_pressure(wrench.force_n, wrench.moment_nm, 20.0)
    known = np.isfinite(place[:, 0])
    ends = np.min(place[known, 0]) - 0.05, np.max(place[known, 0]) + 0.05
    share = (np.nan_to_num(place[:, 0]) - ends[0]) / (ends[1] - ends[0])
    share = np.where(known, np.clip(share, 0.0, 1.0), 0.5)[:, None]
    heel = np.nan_to_num(place)
    heel[:, 0] = ends[0]
    force = (1.0 - share) * wrench.force_n
    moment = np.cross(heel, force)
    behind = replace(wrench, force_n=force, moment_nm=moment)
    ahead = replace(wrench, force_n=wrench.force_n - force, moment_nm=wrench.moment_nm - moment)
    return behind, ahead


def plate_columns(wrenches: Sequence[Wrench]) -> dict[str, FloatArray]:
    """Return the columns of a MOT file with a plate each; torque carries what has no point."""
    found: dict[str, FloatArray] = {}
    for number, wrench in enumerate(wrenches, start=1):
        place = np.nan_to_num(centre_of_pressure(wrench.force_n, wrench.moment_nm, 10.0))
        torque = wrench.moment_nm - np.cross(place, wrench.force_n)
        parts = (("force", "v", wrench.force_n), ("force", "p", place), ("torque", "", torque))
        for word, part, values in parts:
            for axis, column in zip("xyz", values.T, strict=True):
                found[f"{number}_ground_{word}_{part}{axis}"] = column
    return found


def write_stance(
    folder: Path, name: str, markers: Markers, wrenches: Sequence[Wrench]
) -> list[Path]:
    """Write TRC and MOT of a stance; return their paths."""
    trc = Trc().write(folder / f"{name}.trc", markers)
    mot = Mot().write(folder / f"{name}.mot", wrenches[0].time_s, plate_columns(wrenches))
    return [trc, mot]
