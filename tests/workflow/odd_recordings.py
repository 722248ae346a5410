"""Recordings that laboratories do make and nobody wants, made of a virtual runner's good one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from strikelean.formats.axes import Axes
from strikelean.formats.c3d import read_c3d
from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.series import Markers, Wrench
from strikelean.formats.trc import write_trc
from text_files import Mot, columns

Span = tuple[str, float, float]


def loaded_spans(contacts_csv: Path) -> list[Span]:
    """Return side, start and end of a virtual runner's contacts."""
    with contacts_csv.open(encoding="utf-8", newline="") as stream:
        return [
            (side, float(start), float(end)) for side, start, end in list(csv.reader(stream))[1:]
        ]


def only(wrench: Wrench, spans: list[Span]) -> Wrench:
    """Return a wrench that is nothing but in some contacts, as of one plate in a runway."""
    on = np.zeros(len(wrench.time_s), dtype=bool)
    for _, start, end in spans:
        on |= (wrench.time_s >= start - 0.005) & (wrench.time_s <= end + 0.005)
    return replace(
        wrench,
        force_n=np.where(on[:, None], wrench.force_n, 0.0),
        moment_nm=np.where(on[:, None], wrench.moment_nm, 0.0),
    )


def slower(time_s: np.ndarray, values: np.ndarray, rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Sample something anew."""
    new = np.arange(time_s[0], time_s[-1], 1.0 / rate_hz)
    return new, CubicSpline(time_s, values)(new)


def whole(markers: Markers) -> Markers:
    """Return markers without gaps, so that they can be sampled anew."""
    filled = markers.positions_m.copy()
    for index in range(filled.shape[1]):
        known = np.isfinite(filled[:, index, 0])
        filled[:, index] = CubicSpline(markers.time_s[known], filled[known, index])(markers.time_s)
    return replace(markers, positions_m=filled)


def odd_recordings(good: Path, contacts_csv: Path, folder: Path) -> dict[str, str]:
    """Write every kind beside copies of nothing else; return files by name, as tables have them.

    Args:
        good: a virtual runner's recording.
        contacts_csv: when its feet were on the ground.
        folder: where to.
    """
    recording, spans = read_c3d(good, Axes()), loaded_spans(contacts_csv)
    markers, wrench = recording.markers, recording.wrenches[0]
    right = [span for span in spans if span[0] == "right"]
    plates: dict[str, Callable[[], Wrench]] = {
        "one_side": lambda: only(wrench, right),
        "one_step": lambda: only(wrench, right[1:2]),
        "no_step": lambda: only(wrench, []),
    }
    for name, plate in plates.items():
        write_c3d(folder / f"{name}.c3d", markers, plate())
    still = np.repeat(whole(markers).positions_m[:1], len(markers.time_s), axis=0)
    write_c3d(folder / "still.c3d", replace(markers, positions_m=still), wrench)
    (folder / "no_file.c3d").write_text("this is no C3D file\n", encoding="utf-8")
    clock, both = slower(wrench.time_s, np.hstack([wrench.force_n, wrench.moment_nm]), 60.0)
    slow = Wrench(clock, both[:, :3], both[:, 3:], 60.0, wrench.label)
    write_trc(folder / "force_60.trc", markers)
    Mot().write(folder / "force_60.mot", slow.time_s, columns(slow))
    clock, places = slower(markers.time_s, whole(markers).positions_m, 25.0)
    write_trc(folder / "markers_25.trc", Markers(clock, markers.names, places, 25.0))
    Mot().write(folder / "markers_25.mot", wrench.time_s, columns(wrench))
    write_trc(folder / "no_forces.trc", markers)
    names = {name: f"{name}.c3d" for name in (*plates, "still", "no_file")}
    names["no_forces"] = "no_forces.trc"
    return names | {name: f"{name}.trc;{name}.mot" for name in ("force_60", "markers_25")}
