"""Writers of TRC and MOT files in the ways that other programs write them; every test's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from strikelean.formats.series import FloatArray, Markers, Wrench

KEYS = (
    "DataRate",
    "CameraRate",
    "NumFrames",
    "NumMarkers",
    "Units",
    "OrigDataRate",
    "OrigDataStartFrame",
    "OrigNumFrames",
)
PER_METRE = {"m": 1.0, "meters": 1.0, "metres": 1.0, "cm": 100.0, "mm": 1000.0, "MM": 1000.0}

LOADED_N = 20.0
"""Vertical force from which a file of forces has a centre of pressure."""


def encoded(text: str, encoding: str, newline: str) -> bytes:
    """Return bytes of a text; ``utf-16-le`` has no byte order mark, ``utf-16`` has one."""
    return text.replace("\n", newline).encode(encoding)


@dataclass(frozen=True)
class Trc:
    """How a TRC file is written.

    Attributes:
        unit: word in the header, decides the scale of the numbers.
        number: format of a coordinate.
        times: format of a time, as ``.4f``.
        blank: what stands for a coordinate of an unseen marker.
        spacing: tabs from one marker's name to the next.
        between: between the values of the header.
        separator: between the cells of a row.
        trailing: at the end of every row.
        prefix: before every marker's name.
        gap: blank lines between header and data.
        extra_frames: added to NumFrames.
        axes_row: whether a row names X1, Y1, Z1.
        encoding: of the file.
        newline: of the file.
        rate_hz: stated, or None for the true one.
        ended: whether the last row ends.
    """

    unit: str = "mm"
    number: str = ".12g"
    times: str = ".6f"
    blank: str = ""
    spacing: int = 3
    between: str = "\t"
    separator: str = "\t"
    trailing: str = ""
    prefix: str = ""
    gap: int = 1
    extra_frames: int = 0
    axes_row: bool = True
    encoding: str = "utf-8"
    newline: str = "\n"
    rate_hz: float | None = None
    ended: bool = True

    def text(self, markers: Markers, rows: Sequence[int] | None = None) -> str:
        """Return the file's text; ``rows`` are the frames that are in it, None for all."""
        count, kept = len(markers.names), range(markers.time_s.size) if rows is None else rows
        rate = f"{markers.rate_hz if self.rate_hz is None else self.rate_hz:g}"
        frames = f"{len(kept) + self.extra_frames}"
        values = (rate, rate, frames, str(count), self.unit, rate, "1", frames)
        names = [self.prefix + name for name in markers.names]
        axes = [f"{axis}{number}" for number in range(1, count + 1) for axis in "XYZ"]
        lines = [
            "PathFileType\t4\t(X/Y/Z)\trun.trc",
            "\t".join(KEYS),
            self.between.join(values),
            "Frame#\tTime\t" + ("\t" * self.spacing).join(names) + "\t" * (self.spacing - 1),
            *(["\t\t" + "\t".join(axes)] if self.axes_row else []),
            *[""] * self.gap,
        ]
        scaled = markers.positions_m.reshape(-1, 3 * count) * PER_METRE[self.unit]
        for frame in kept:
            cells = [str(frame + 1), format(markers.time_s[frame], self.times)]
            cells += [
                format(value, self.number) if np.isfinite(value) else self.blank
                for value in scaled[frame]
            ]
            lines.append(self.separator.join(cells) + self.trailing)
        return "\n".join(lines) + ("\n" if self.ended else "")

    def write(self, path: Path, markers: Markers, rows: Sequence[int] | None = None) -> Path:
        """Write the file and return its path."""
        path.write_bytes(encoded(self.text(markers, rows), self.encoding, self.newline))
        return path


WORDS = {"v": "Force", "p": "CoP", "t": "Moment"}
LETTERS = {"v": "f", "p": "p", "t": "m"}
CHANNELS = {"v": "F", "p": "COP", "t": "M"}
Naming = Callable[[str, str, str], str]


def _part(part: str, torque: str) -> str:
    return torque if part == "t" else part


# owner ("r", "l" or a number), part (v, p, t) and axis to a column's name
FOOT_NAMES: dict[str, Naming] = {
    "opensim": lambda o, p, x: f"ground_{'torque' if p == 't' else 'force'}_{o}_{p.strip('t')}{x}",
    "before": lambda o, p, x: (
        f"{o.upper()}_ground_{'torque' if p == 't' else 'force'}_{p.strip('t')}{x}"
    ),
    "moment of force": lambda o, p, x: f"ground_force_{o}_{_part(p, 'm')}{x}",
    "body": lambda o, p, x: f"ground_force_calcn_{o}_{_part(p, 'm')}{x}",
    "body torque": lambda o, p, x: (
        f"ground_{'torque' if p == 't' else 'force'}_calcn_{o}_{_part(p, 'v')}{x}"
    ),
    "moment": lambda o, p, x: f"ground_{'moment' if p == 't' else 'force'}_{o}_{_part(p, 'm')}{x}",
    "body first": lambda o, p, x: (
        f"calcn_{o}_{'torque' if p == 't' else 'force'}_{p.strip('t')}{x}"
    ),
    "foot": lambda o, p, x: (
        f"{'right' if o == 'r' else 'left'}_foot_"
        f"{'torque' if p == 't' else 'force'}_{p.strip('t')}{x}"
    ),
    "words": lambda o, p, x: f"{'Right' if o == 'r' else 'Left'}.{WORDS[p]}.{x.upper()}",
}
PLATE_NAMES: dict[str, Naming] = {
    "number": FOOT_NAMES["opensim"],
    "number first": FOOT_NAMES["before"],
    "number moment": FOOT_NAMES["moment of force"],
    "moment": FOOT_NAMES["moment"],
    "glued": lambda o, p, x: f"ground_{'torque' if p == 't' else 'force'}{o}_{p.strip('t')}{x}",
    "plate": lambda o, p, x: f"FP{o}_{p}{x}",
    "r data frame": lambda o, p, x: (
        f"X{o}_ground_{'torque' if p == 't' else 'force'}_{p.strip('t')}{x}"
    ),
    "flat c3d": lambda o, p, x: f"{LETTERS[p]}{o}_{'xyz'.index(x) + 1}",
    "channels": lambda o, p, x: f"{CHANNELS[p]}{x}{o}",
    "first bare": lambda o, p, x: (
        ("" if o == "1" else f"{o}_")
        + f"ground_{'torque' if p == 't' else 'force'}_{p.strip('t')}{x}"
    ),
}


@dataclass(frozen=True)
class Mot:
    """How a MOT file is written.

    Attributes:
        number: format of a value.
        times: format of a time.
        blank: what stands for not-a-number.
        separator: between the cells of a row.
        trailing: at the end of every row.
        lead: at the start of every row.
        extra_rows: added to nRows.
        old_header: SIMM's words in place of OpenSim's.
        header: further lines.
        encoding: of the file.
        newline: of the file.
        ended: whether the last row ends.
    """

    number: str = ".12g"
    times: str = ".6f"
    blank: str = "NaN"
    separator: str = "\t"
    trailing: str = ""
    lead: str = ""
    extra_rows: int = 0
    old_header: bool = False
    header: tuple[str, ...] = field(default=())
    encoding: str = "utf-8"
    newline: str = "\n"
    ended: bool = True

    def text(self, time_s: FloatArray, columns: Mapping[str, FloatArray]) -> str:
        """Return the file's text."""
        rows, width = time_s.size + self.extra_rows, len(columns) + 1
        if self.old_header:
            head = ["name f.mot", f"datacolumns {width}", f"datarows {rows}", "range 0 1"]
        else:
            head = ["f.mot", "version=1", f"nRows={rows}", f"nColumns={width}", "inDegrees=yes"]
        lines = [*head, *self.header, "endheader", self.separator.join(["time", *columns])]
        for row, values in zip(time_s, np.column_stack(list(columns.values())), strict=True):
            cells = [format(row, self.times)]
            cells += [
                format(value, self.number) if np.isfinite(value) else self.blank for value in values
            ]
            lines.append(self.lead + self.separator.join(cells) + self.trailing)
        return "\n".join(lines) + ("\n" if self.ended else "")

    def write(self, path: Path, time_s: FloatArray, columns: Mapping[str, FloatArray]) -> Path:
        """Write the file and return its path."""
        path.write_bytes(encoded(self.text(time_s, columns), self.encoding, self.newline))
        return path


def pressure(wrench: Wrench) -> tuple[FloatArray, FloatArray]:
    """Return centre of pressure and free torque, (N, 3) each, zero where hardly loaded."""
    force, moment = wrench.force_n, wrench.moment_nm
    on = force[:, 1] > LOADED_N
    place, torque = np.zeros_like(force), np.zeros_like(force)
    place[on, 0], place[on, 2] = moment[on, 2] / force[on, 1], -moment[on, 0] / force[on, 1]
    torque[on] = moment[on] - np.cross(place[on], force[on])
    return place, torque


def columns(
    wrench: Wrench,
    force: str = "ground_force_1_v{}",
    place: str = "ground_force_1_p{}",
    torque: str = "ground_torque_1_{}",
) -> dict[str, FloatArray]:
    """Return a wrench's columns by name; force is zero where there is no pressure."""
    where, free = pressure(wrench)
    on = (wrench.force_n[:, 1] > LOADED_N)[:, np.newaxis]
    vectors = ((force, wrench.force_n * on), (place, where), (torque, free))
    return {
        pattern.format(axis): values[:, number]
        for pattern, values in vectors
        for number, axis in enumerate("xyz")
    }
