"""C3D files put together byte by byte, and what plates of every type would have stored.

Written from the format's description (C3D user guide, c3d.org) alone, with nothing but numpy: it
shares no code with the reader, nor with the library that writes C3D files.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from strikelean.formats.series import FloatArray, Markers, Wrench

INTEL, DEC, MIPS = 84, 85, 86
BLOCK = 512
Parameter = list[str] | np.ndarray


def _floats(values: np.ndarray, processor: int) -> bytes:
    if processor == MIPS:
        return np.asarray(values, ">f4").tobytes()
    if processor == INTEL:
        return np.asarray(values, "<f4").tobytes()
    words = (4.0 * np.asarray(values, np.float64)).astype("<f4").tobytes()
    return np.frombuffer(words, "<u2").reshape(-1, 2)[:, ::-1].tobytes()


def _integers(values: np.ndarray, processor: int) -> bytes:
    wrapped = np.asarray(values).astype(np.int64) % 65536
    return wrapped.astype(">u2" if processor == MIPS else "<u2").tobytes()


def _record(name: str, group: int, body: bytes, processor: int) -> bytes:
    order = ">" if processor == MIPS else "<"
    head = struct.pack("bb", len(name), group) + name.encode()
    return head + struct.pack(order + "H", len(body) + 2) + body


def _parameter(name: str, group: int, value: Parameter, processor: int) -> bytes:
    if isinstance(value, list):
        width = max((len(text.encode()) for text in value), default=0)
        kind, shape = -1, (width, len(value))
        raw = b"".join(text.encode().ljust(width) for text in value)
    else:
        shape = value.shape
        flat = value.ravel(order="F")
        real = value.dtype.kind == "f"
        kind, raw = (4, _floats(flat, processor)) if real else (2, _integers(flat, processor))
    body = struct.pack("bB", kind, len(shape)) + bytes(shape) + raw + b"\0"
    return _record(name, group, body, processor)


def _section(parameters: Mapping[str, Parameter], processor: int) -> bytes:
    groups = list(dict.fromkeys(key.split(":")[0] for key in parameters))
    out = b"".join(_record(name, -1 - i, b"\0", processor) for i, name in enumerate(groups))
    for key, value in parameters.items():
        group, name = key.split(":")
        out += _parameter(name, 1 + groups.index(group), value, processor)
    blocks = (4 + len(out) + 2) // BLOCK + 1
    return (bytes([1, 80, blocks, processor]) + out).ljust(blocks * BLOCK, b"\0")


@dataclass(frozen=True)
class Made:
    """What a file is to hold.

    Attributes:
        points: (T, M, 3) in the unit of the file, NaN where not measured.
        rate_hz: frames a second.
        labels: of the points.
        analog: (N, C) as stored.
        parameters: further ones, or other values, by ``GROUP:NAME``; None takes one away.
        processor: whose numbers.
        scale: of stored integers; negative: floating-point numbers.
        first: number of the first frame.
        header_frames: last minus first plus 1 in the header, None: as many as there are.
    """

    points: FloatArray
    rate_hz: float
    labels: tuple[str, ...]
    analog: FloatArray
    parameters: dict[str, Parameter | None] = field(default_factory=dict)
    processor: int = INTEL
    scale: float = -1.0
    first: int = 1
    header_frames: int | None = None

    def write(self, path: Path) -> Path:
        """Write the file."""
        frames, markers = self.points.shape[:2]
        samples = self.analog.shape[0] // frames
        channels = self.analog.shape[1] if samples else 0
        parameters: dict[str, Parameter | None] = {
            "POINT:USED": np.array(markers),
            "POINT:FRAMES": np.array(min(frames, 65535)),
            "POINT:RATE": np.array(self.rate_hz, float),
            "POINT:SCALE": np.array(self.scale, float),
            "POINT:UNITS": ["mm"],
            "POINT:LABELS": list(self.labels),
            "ANALOG:USED": np.array(channels),
            "ANALOG:RATE": np.array(samples * self.rate_hz, float),
            "ANALOG:GEN_SCALE": np.array(1.0),
            "ANALOG:SCALE": np.ones(channels),
            "ANALOG:OFFSET": np.zeros(channels, int),
            "ANALOG:LABELS": [f"C{number}" for number in range(1, channels + 1)],
        }
        known = {k: v for k, v in (parameters | self.parameters).items() if v is not None}
        section = _section(known, self.processor)
        start = 2 + len(section) // BLOCK
        last = self.first + (self.header_frames or frames) - 1
        words = [markers, samples * channels, self.first, min(last, 65535), 10]
        header = bytes([2, 80]) + _integers(np.array(words), self.processor)
        header += _floats(np.array([self.scale]), self.processor)
        header += _integers(np.array([start, samples]), self.processor)
        header += _floats(np.array([self.rate_hz]), self.processor)
        path.write_bytes(header.ljust(BLOCK, b"\0") + section + self._data(samples, channels))
        return path

    def _data(self, samples: int, channels: int) -> bytes:
        frames, markers = self.points.shape[:2]
        seen = np.isfinite(self.points).all(axis=2)
        quads = np.zeros((frames, markers, 4))
        quads[..., :3] = np.where(seen[..., None], self.points, 0.0)
        quads[..., 3] = np.where(seen, 0.0, -1.0)
        floating = self.scale < 0.0
        if not floating:
            quads[..., :3] = np.round(quads[..., :3] / self.scale)
        rows = self.analog[: frames * samples].reshape(frames, samples * channels)
        table = np.hstack([quads.reshape(frames, -1), rows]).ravel()
        raw = (_floats if floating else _integers)(table, self.processor)
        return raw.ljust(-(-len(raw) // BLOCK) * BLOCK, b"\0")


@dataclass(frozen=True)
class MadePlate:
    """A plate in a laboratory with X forward, Y up, Z right, and what it says of a wrench.

    Attributes:
        kind: 1 to 4.
        centre_m: (3,) middle of its surface.
        half_m: half its length along its own x and y.
        turned: by how many quarter turns its x is turned from forward to the right.
        depth_m: of its sensors under the surface.
        aside_m: where its sensors' origin lies beside the middle, types 2 and 4.
    """

    kind: int = 2
    centre_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    half_m: tuple[float, float] = (1.0, 0.5)
    turned: int = 0
    depth_m: float = 0.05
    aside_m: tuple[float, float] = (0.0, 0.0)

    def axes(self) -> FloatArray:
        """Return the plate's axes as columns: x forward, y right, z down, then turned."""
        turn = self.turned * np.pi / 2.0
        x = np.array([np.cos(turn), 0.0, np.sin(turn)]).round(12)
        down = np.array([0.0, -1.0, 0.0])
        return np.column_stack([x, np.cross(down, x), down])

    def corners_m(self) -> FloatArray:
        """Return the corners (4, 3) in the order +x+y, -x+y, -x-y, +x-y."""
        signs = np.array([[1, 1, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 0]])
        return np.array(self.centre_m) + (signs * [*self.half_m, 0.0]) @ self.axes().T

    def origin_m(self) -> FloatArray:
        """Return ORIGIN: from the sensors to the surface, or their distances (type 3)."""
        if self.kind == 1:
            return np.zeros(3)
        if self.kind == 3:
            return np.array([0.7 * self.half_m[0], 0.8 * self.half_m[1], -self.depth_m])
        return np.array([*self.aside_m, -self.depth_m])

    def matrix(self) -> FloatArray:
        """Return a calibration matrix with crosstalk, N and N m from volts."""
        matrix = np.diag([500.0, 480.0, 1000.0, 800.0, 400.0, 350.0])
        matrix[0, 1], matrix[2, 0], matrix[3, 4] = 3.0, -5.0, 9.0
        return matrix

    def channels(self, wrench: Wrench) -> FloatArray:
        """Return what the channels store (N, C), in N, m and N m, or volts."""
        force = wrench.force_n @ self.axes()
        about = wrench.moment_nm - np.cross(np.array(self.centre_m), wrench.force_n)
        middle = about @ self.axes()
        origin = self.origin_m()
        if self.kind == 1:
            return self._pressure(force, middle)
        if self.kind == 3:
            return self._sensors(force, middle)
        # the surface lies at ORIGIN from the point that the moments are about
        both = np.hstack([force, middle + np.cross(origin, force)])
        return np.linalg.solve(self.matrix(), both.T).T if self.kind == 4 else both

    def _pressure(self, force: FloatArray, middle: FloatArray) -> FloatArray:
        safe = np.where(force[:, 2] == 0.0, 1.0, force[:, 2])
        x, y = -middle[:, 1] / safe, middle[:, 0] / safe
        free = middle[:, 2] - (x * force[:, 1] - y * force[:, 0])
        return np.column_stack([force, x, y, free])

    def _sensors(self, force: FloatArray, middle: FloatArray) -> FloatArray:
        a, b, z = self.origin_m()
        moment = middle + np.cross(np.array([0.0, 0.0, z]), force)
        along, across = moment[:, 0] / b, moment[:, 1] / a
        quarter = force[:, 2] / 4.0
        vertical = [
            quarter + (along - across) / 4.0,
            quarter + (along + across) / 4.0,
            quarter + (across - along) / 4.0,
            quarter - (along + across) / 4.0,
        ]
        x, y = moment[:, 2] / (4.0 * b), moment[:, 2] / (4.0 * a)
        pairs = [force[:, 0] / 2 - x, force[:, 0] / 2 + x, force[:, 1] / 2 + y, force[:, 1] / 2 - y]
        return np.column_stack([*pairs, *vertical])


def scaled(plate: MadePlate, channels: FloatArray, length: float, moment: float) -> FloatArray:
    """Return channels in other units: how many of them are in a metre, and in a newton metre."""
    factors = {1: [1, 1, 1, length, length, moment], 2: [1, 1, 1, moment, moment, moment]}
    return channels * np.array(factors.get(plate.kind, [1.0]), float)


def laboratory_file(
    markers: Markers,
    loads: list[tuple[MadePlate, Wrench]],
    unit: str = "mm",
    moment_unit: str | None = None,
    turn: FloatArray | None = None,
    blank_units: bool = False,
) -> Made:
    """Return a file of markers and plates with what acts on each.

    Args:
        markers: in laboratory axes, from 0 s.
        loads: plates with wrenches about the laboratory origin, sampled alike.
        unit: of lengths.
        moment_unit: of stored moments, by default newtons times that unit.
        turn: (3, 3) laboratory to file axes, by default the laboratory's.
        blank_units: leave ANALOG:UNITS blank.
    """
    turn = np.eye(3) if turn is None else turn
    length = {"mm": 1000.0, "cm": 100.0, "m": 1.0}[unit]
    moment_unit = moment_unit or f"N{unit}"
    moment = {"Nm": 1.0, "Ncm": 100.0, "Nmm": 1000.0}[moment_unit]
    columns, units, places = [], [], []
    for plate, wrench in loads:
        stored = scaled(plate, plate.channels(wrench), length, moment)
        first = 1 + len(units)
        places.append([first + i if i < stored.shape[1] else 0 for i in range(8)])
        names = {1: ["N"] * 3 + [unit] * 2 + [moment_unit], 2: ["N"] * 3 + [moment_unit] * 3}
        units += names.get(plate.kind, ["N" if plate.kind == 3 else "V"] * stored.shape[1])
        columns.append(stored)
    if not loads:
        positions = length * markers.positions_m @ turn.T
        return Made(positions, markers.rate_hz, markers.names, np.zeros((0, 0)))
    matrices = [np.diag([1.0] * 3 + [moment] * 3) @ plate.matrix() for plate, _ in loads]
    parameters: dict[str, Parameter | None] = {
        "POINT:UNITS": [unit],
        "ANALOG:UNITS": ["" if blank_units else text for text in units],
        "FORCE_PLATFORM:USED": np.array(len(loads)),
        "FORCE_PLATFORM:TYPE": np.array([plate.kind for plate, _ in loads]),
        "FORCE_PLATFORM:ZERO": np.array([1, 0]),
        "FORCE_PLATFORM:CORNERS": np.stack(
            [length * turn @ plate.corners_m().T for plate, _ in loads], axis=2
        ),
        "FORCE_PLATFORM:ORIGIN": np.stack(
            [length * plate.origin_m() for plate, _ in loads], axis=1
        ),
        "FORCE_PLATFORM:CHANNEL": np.array(places).T,
        "FORCE_PLATFORM:CAL_MATRIX": np.stack(matrices, axis=2),
    }
    return Made(
        length * markers.positions_m @ turn.T,
        markers.rate_hz,
        markers.names,
        np.hstack(columns),
        parameters,
    )


def with_parameters(made: Made, **values: Parameter | None) -> Made:
    """Return a file with other parameters; a double underscore in a name stands for the colon."""
    changed = {name.replace("__", ":"): value for name, value in values.items()}
    return replace(made, parameters=made.parameters | changed)
