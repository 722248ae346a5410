"""The bytes of a C3D file: header, parameters, points and analog samples, in its own units.

Written from the format's description (C3D user guide, c3d.org): every count is checked against the
bytes that are there before anything is read, so that a damaged file is refused and nothing else.
The library that writes these files dies of a segmentation fault on some damaged ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from strikelean.errors import RecordingError
from strikelean.formats.files import require_data
from strikelean.formats.series import FloatArray

STEP = "read_c3d"
BLOCK = 512
KEY = 0x50
# Fourth byte of the parameter section: the processor whose numbers the file holds.
INTEL, DEC, MIPS = 84, 85, 86
TEXT, BYTE, INTEGER, REAL = -1, 1, 2, 4
# A 16-bit frame count that has run out.
FULL = 65535

Value = list[str] | FloatArray


@dataclass(frozen=True)
class C3DFile:
    """What a C3D file holds.

    Attributes:
        name: of the file.
        parameters: by ``GROUP:NAME``: texts, or numbers in the shape they are stated in.
        first_frame: number of the first frame in the capture, from 1.
        rate_hz: frames a second.
        points: (T, M, 3) in POINT:UNITS; NaN where the file says that it is no measurement.
        analog: (N, C) scaled, in ANALOG:UNITS.
        samples: analog samples a frame; N is T times it.
    """

    name: str
    parameters: dict[str, Value]
    first_frame: int
    rate_hz: float
    points: FloatArray
    analog: FloatArray
    samples: int

    def texts(self, name: str) -> list[str]:
        """Return a list of texts with its continuations (LABELS, LABELS2, ...), [] when absent."""
        return _texts(self.parameters, name)

    def numbers(self, name: str) -> FloatArray:
        """Return the numbers of a parameter in their shape, empty when absent or text."""
        return _numbers(self.parameters, name)


def damaged(name: str, expected: str, found: str) -> NoReturn:
    """Refuse a file whose bytes contradict each other."""
    raise RecordingError(
        STEP,
        f"{expected} in the C3D file {name}",
        found,
        "The file is damaged or no C3D file: copy or export the recording again",
    )


def _continued(parameters: dict[str, Value], name: str) -> list[Value]:
    """Return a parameter and its numbered continuations, which hold what is beyond the 255th."""
    found = [(1, parameters[name])] if name in parameters else []
    pattern = re.compile(re.escape(name) + r"(\d+)$")
    for key, value in parameters.items():
        match = pattern.match(key)
        if match:
            found.append((int(match[1]), value))
    return [value for _, value in sorted(found, key=lambda item: item[0])]


def _texts(parameters: dict[str, Value], name: str) -> list[str]:
    parts = _continued(parameters, name)
    return [text for part in parts if isinstance(part, list) for text in part]


def _numbers(parameters: dict[str, Value], name: str) -> FloatArray:
    value = parameters.get(name)
    return np.zeros(0) if value is None or isinstance(value, list) else value


def _number(parameters: dict[str, Value], name: str, default: float = float("nan")) -> float:
    values = _numbers(parameters, name).ravel()
    return float(values[0]) if values.size else default


class _Bytes:
    """The file's bytes, read in the byte order and number format of its processor."""

    def __init__(self, data: bytes, processor: int) -> None:
        self.data = data
        self.processor = processor
        self.order = ">" if processor == MIPS else "<"

    def integers(self, start: int, count: int, kind: str = "i2") -> NDArray[np.int64]:
        return np.frombuffer(self.data, self.order + kind, count, start).astype(np.int64)

    def reals(self, start: int, count: int) -> NDArray[np.float32]:
        if self.processor != DEC:
            return np.frombuffer(self.data, self.order + "f4", count, start).astype(np.float32)
        # a VAX F number has its two words exchanged and its exponent two higher than IEEE's
        words = np.frombuffer(self.data, "<u2", 2 * count, start).reshape(-1, 2)[:, ::-1]
        with np.errstate(all="ignore"):
            ieee = np.ascontiguousarray(words).view("<f4").ravel()
            return np.asarray(ieee / 4.0, dtype=np.float32)


def _value(source: _Bytes, kind: int, shape: tuple[int, ...], start: int) -> Value:
    count = int(np.prod(shape, dtype=np.int64))
    if kind == TEXT:
        width = shape[0] if shape else 1
        raw = source.data[start : start + count]
        if width == 0:
            return []
        parts = [raw[i : i + width] for i in range(0, len(raw), width)]
        return [_decode(part) for part in parts]
    if kind == REAL:
        values = source.reals(start, count).astype(np.float64)
    else:
        values = source.integers(start, count, "i1" if kind == BYTE else "i2").astype(np.float64)
    return np.reshape(values, shape, order="F")


def _decode(raw: bytes) -> str:
    """Return a text without its padding; what cannot be printed becomes a question mark."""
    raw = raw.strip(b" \0\t\r\n")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _parameters(source: _Bytes, start: int, name: str) -> dict[str, Value]:
    """Return every parameter. Groups may come after the parameters that belong to them."""
    data = source.data
    groups: dict[int, str] = {}
    found: list[tuple[int, str, Value]] = []
    place = start + 4
    while place + 2 <= len(data):
        length, group = np.frombuffer(data, "i1", 2, place).astype(int).tolist()
        if length == 0 or group == 0:
            break
        at = place + 2 + abs(length)
        if at + 2 > len(data):
            damaged(name, "a whole parameter section", f"a record that leaves it at byte {place}")
        title = _decode(data[place + 2 : at]).upper()
        offset = int(source.integers(at, 1, "u2")[0])
        if group < 0:
            groups[-group] = title
        else:
            found.append((group, title, _parameter(source, at + 2, name)))
        if offset == 0:
            break
        # an offset counts from its own first byte; a record is at least as long as its pointer
        if offset < 2:
            damaged(name, "a whole parameter section", f"a record without length at byte {place}")
        place = at + offset
    named: dict[str, Value] = {}
    for group, title, value in found:
        if group in groups:
            named.setdefault(f"{groups[group]}:{title}", value)
    return named


def _parameter(source: _Bytes, at: int, name: str) -> Value:
    data = source.data
    head = data[at : at + 2]
    dimensions = head[1] if len(head) == 2 else FULL
    kind = int(np.frombuffer(head, "i1")[0]) if head else 0
    shape = tuple(data[at + 2 : at + 2 + dimensions])
    size = abs(kind) * int(np.prod(np.array(shape, dtype=np.float64)))
    first = at + 2 + dimensions
    if kind not in (TEXT, BYTE, INTEGER, REAL) or dimensions > 7 or first + size > len(data):
        damaged(name, f"a parameter of a known type and size at byte {at}", f"type {kind}")
    return _value(source, kind, shape, first)


def _frame_counts(parameters: dict[str, Value], first: int, last: int) -> list[int]:
    """Return the frame counts that the file states, the most trustworthy first.

    The header's and POINT:FRAMES' 16 bits end at 65535; longer files state their length in
    POINT:LONG_FRAMES or in two 16-bit halves in the group TRIAL (c3d.org, "The C3D frame count").
    """
    frames = _number(parameters, "POINT:FRAMES", 0.0)
    # a negative 16-bit count is one above 32767
    frames = frames + 65536.0 if -32768.0 <= frames < 0.0 else frames
    if frames == last - first + 1 and frames != FULL:
        return [int(frames)]
    counts = [_number(parameters, "POINT:LONG_FRAMES", 0.0)]
    ends = [_numbers(parameters, f"TRIAL:ACTUAL_{end}_FIELD").ravel() for end in ("START", "END")]
    if all(end.size == 2 for end in ends):
        low, high = ([float(end[0] % 65536), float(end[1] % 65536)] for end in ends)
        counts.append(high[0] - low[0] + 65536.0 * (high[1] - low[1]) + 1.0)
    counts += [frames, last - first + 1.0]
    usable = [int(count) for count in counts if np.isfinite(count) and 0.0 < count < 2.0**31]
    return [count for count in usable if count != FULL] or usable


def _first_frame(parameters: dict[str, Value], first: int, last: int) -> int:
    """Return the first frame's number in the capture: 16 bits may not hold it."""
    halves = _numbers(parameters, "TRIAL:ACTUAL_START_FIELD").ravel()
    if last == FULL and halves.size == 2 and np.isfinite(halves).all():
        first = int(halves[0] % 65536 + 65536 * (halves[1] % 65536))
    return max(first, 1)


def _frames(counts: list[int], available: int, name: str) -> int:
    """Return how many frames to read: the first stated count that the bytes can hold."""
    if not counts:
        damaged(name, "a number of frames", "none stated")
    if counts == [FULL] * len(counts):
        return available if available >= FULL else _cut_short(FULL, available, name)
    fitting = [count for count in counts if count <= available]
    return fitting[0] if fitting else _cut_short(counts[0], available, name)


def _cut_short(stated: int, available: int, name: str) -> NoReturn:
    raise RecordingError(
        STEP,
        f"{stated} frames in {name}, as it states",
        f"{available}: it was cut short",
        "Copy or export the recording again",
    )


def _analog(
    parameters: dict[str, Value], raw: NDArray[Any], channels: int, floating: bool
) -> FloatArray:
    """Return analog samples (N, C): (stored - OFFSET) x SCALE x GEN_SCALE, floating or not."""

    def channelwise(name: str, default: float) -> FloatArray:
        parts = _continued(parameters, f"ANALOG:{name}")
        given = [np.ravel(part) for part in parts if not isinstance(part, list)]
        values: FloatArray = np.concatenate([*given, np.full(channels, default)])
        return values[:channels]

    offset = channelwise("OFFSET", 0.0)
    with np.errstate(all="ignore"):
        values = np.asarray(raw, dtype=np.float64)
    if [text.upper() for text in _texts(parameters, "ANALOG:FORMAT")[:1]] == ["UNSIGNED"]:
        offset = np.where(offset < 0.0, offset + 65536.0, offset)
        if not floating:
            values = np.where(values < 0.0, values + 65536.0, values)
    scale = channelwise("SCALE", 1.0) * _number(parameters, "ANALOG:GEN_SCALE", 1.0)
    with np.errstate(all="ignore"):
        return np.asarray((values - offset) * scale)


def _rate_hz(parameters: dict[str, Value], header_hz: float, name: str) -> float:
    for rate_hz in (_number(parameters, "POINT:RATE"), header_hz):
        if np.isfinite(rate_hz) and 0.0 < rate_hz < 1e6:
            return rate_hz
    raise RecordingError(STEP, f"a frame rate in {name}", f"{header_hz:g}", "Export again")


def read_file(path: Path) -> C3DFile:
    """Read a C3D file of any processor, with integers or floating-point numbers.

    Raises:
        RecordingError: absent, no C3D file, damaged, or cut short.
        ExcludedError: an earlier step excluded the trial.
    """
    require_data(path, STEP)
    data, name = path.read_bytes(), path.name
    if len(data) < 2 * BLOCK or data[1] != KEY or data[0] == 0:
        damaged(name, "the key of a header (byte 2 is 80)", f"{len(data)} bytes without it")
    start = (data[0] - 1) * BLOCK
    processor = data[start + 3] if start + 4 <= len(data) else 0
    if processor not in (INTEL, DEC, MIPS):
        damaged(name, "a processor type 84, 85 or 86", f"{processor}")
    source = _Bytes(data, processor)
    words = (source.integers(0, 10, "u2")).tolist()
    markers, per_frame, first, last = words[1:5]
    block, samples = words[8:10]
    scale, header_hz = (float(source.reals(place, 1)[0]) for place in (12, 20))
    parameters = _parameters(source, start, name)
    if not np.isfinite(scale) or scale == 0.0:
        scale = _number(parameters, "POINT:SCALE", 0.0)
    if not np.isfinite(scale) or scale == 0.0:
        damaged(name, "a scale of the points", f"{scale:g}")
    if samples and per_frame % samples:
        damaged(name, "whole analog channels", f"{per_frame} values in {samples} samples")
    floating = scale < 0.0
    width = 4 * markers + per_frame
    begin, size = (block - 1) * BLOCK, (4 if floating else 2)
    if width == 0 or begin < BLOCK or begin > len(data):
        damaged(name, "points and their place", f"{markers} points from block {block} on")
    counts = _frame_counts(parameters, first, last)
    frames = _frames(counts, (len(data) - begin) // (size * width), name)
    raw: NDArray[Any]
    count = frames * width
    raw = source.reals(begin, count) if floating else source.integers(begin, count)
    table = raw.reshape(frames, width)
    with np.errstate(all="ignore"):
        points = table[:, : 4 * markers].reshape(frames, markers, 4).astype(np.float64)
    positions = points[..., :3] * (1.0 if floating else scale)
    # the fourth word is negative where the point was not measured
    positions[points[..., 3] < 0.0] = np.nan
    channels = per_frame // samples if samples else 0
    analog = table[:, 4 * markers : 4 * markers + channels * samples]
    stacked = analog.reshape(frames * samples if channels else 0, channels)
    return C3DFile(
        name,
        parameters,
        _first_frame(parameters, first, last),
        _rate_hz(parameters, header_hz, name),
        positions,
        _analog(parameters, stacked, channels, floating),
        samples if channels else 0,
    )
