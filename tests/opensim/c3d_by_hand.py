"""A C3D reader written from the format's description (c3d.org) alone, with nothing but numpy.

It shares no code with the project or the library that writes the files.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BLOCK = 512
TEXT = -1


@dataclass(frozen=True)
class ByHand:
    """What a C3D file holds.

    Points (frames, markers, 4), analog (samples, channels) and parameters by group and name.
    """

    points: np.ndarray
    analog: np.ndarray
    parameters: dict[str, Any]


def _value(kind: int, shape: tuple[int, ...], raw: bytes) -> Any:
    if kind == TEXT:
        width = max(shape[0], 1)
        return [raw[i : i + width].decode().strip() for i in range(0, len(raw), width)]
    values = np.frombuffer(raw, {1: "i1", 2: "<i2", 4: "<f4"}[kind])
    return values.reshape(shape, order="F") if shape else float(values[0])


def _parameters(data: bytes, start: int) -> dict[str, Any]:
    names: dict[int, str] = {}
    found: list[tuple[int, str, Any]] = []
    place = start + 4
    while True:
        length, group = struct.unpack_from("<bb", data, place)
        if length == 0:
            break
        name = data[place + 2 : place + 2 + abs(length)].decode()
        at = place + 2 + abs(length)
        (offset,) = struct.unpack_from("<H", data, at)
        if group < 0:
            names[-group] = name
        else:
            kind, dimensions = struct.unpack_from("<bB", data, at + 2)
            shape = tuple(data[at + 4 : at + 4 + dimensions])
            size = abs(kind) * int(np.prod(shape)) if shape else abs(kind)
            first = at + 4 + dimensions
            found.append((group, name, _value(kind, shape, data[first : first + size])))
        if offset == 0:
            break
        place = at + offset
    return {f"{names[group]}:{name}": value for group, name, value in found}


def read_by_hand(path: Path) -> ByHand:
    """Read a C3D file of an Intel processor with 32-bit floats."""
    data = path.read_bytes()
    assert data[1] == 0x50
    assert data[(data[0] - 1) * BLOCK + 3] == 84
    markers, per_frame, first, last = struct.unpack_from("<HHHH", data, 2)
    scale, block, samples = struct.unpack_from("<fHH", data, 12)
    assert scale < 0
    parameters = _parameters(data, (data[0] - 1) * BLOCK)
    frames = last - first + 1
    width = 4 * markers + per_frame
    values = np.frombuffer(data, "<f4", frames * width, (block - 1) * BLOCK).reshape(frames, width)
    channels = per_frame // samples if samples else 0
    analog = values[:, 4 * markers :].reshape(frames * samples, channels)
    return ByHand(values[:, : 4 * markers].reshape(frames, markers, 4), analog, parameters)
