"""C3D files whose plates say something unusual, or something wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from cases import Right, case
from written import MILLIMETRES, Files, Made

from c3d_made import Made as C3dFile
from c3d_made import MadePlate, laboratory_file, with_parameters
from strikelean.formats.series import FloatArray, Wrench

PLATES = "Force plates in C3D files"
PLATE = MadePlate(half_m=(1.2, 0.6), depth_m=0.04)
AHEAD_M = 3.0
Loads = list[tuple[MadePlate, Wrench]]
Change = Callable[[C3dFile], C3dFile]


def _own(made: Made, plate: MadePlate = PLATE) -> Loads:
    """Return the plate that the runner runs on."""
    return [(plate, made.plate)]


def _unchanged(file: C3dFile) -> C3dFile:
    return file


def _plates(
    name: str,
    before: str,
    right: Right,
    says: str,
    loads: Callable[[Made], Loads] = _own,
    change: Change = _unchanged,
    *,
    moves: bool = False,
    **units: Any,
) -> None:
    @case(PLATES, name, before, right, says, moves=moves)
    def make(made: Made, folder: Path) -> Files:
        file = change(laboratory_file(made.running, loads(made), **units))
        return Files((file.write(folder / "run.c3d"),))


def _place(name: str, change: Callable[[FloatArray], FloatArray]) -> Change:
    """Return a change of one parameter of the plates."""

    def changed(file: C3dFile) -> C3dFile:
        own = file.parameters[f"FORCE_PLATFORM:{name}"]
        return with_parameters(file, **{f"FORCE_PLATFORM__{name}": change(np.array(own))})

    return changed


def _channels(change: Callable[[FloatArray], FloatArray], columns: slice = slice(None)) -> Change:
    """Return a change of what some channels store, (N, C)."""

    def changed(file: C3dFile) -> C3dFile:
        analog = file.analog.copy()
        analog[:, columns] = change(analog[:, columns])
        return replace(file, analog=analog)

    return changed


for _kind, _before in ((1, "refused"), (2, "read"), (3, "read"), (4, "read")):
    _plates(
        f"a plate of type {_kind}",
        _before,
        "read",
        "",
        partial(_own, plate=replace(PLATE, kind=_kind)),
    )

_plates(
    "a plate of type 3 whose depth is written positive",
    "included, pressure mirrored, knee moment x 1.8",
    "read",
    "",
    partial(_own, plate=replace(PLATE, kind=3)),
    _place("ORIGIN", lambda origin: origin * np.array([[1.0], [1.0], [-1.0]])),
)


def _blank(where: slice) -> Change:
    def change(channels: FloatArray) -> FloatArray:
        channels[where] = np.nan
        return channels

    return _channels(change)


_plates(
    "the last 40 ms of the analog channels not a number",
    "refused",
    "warned",
    "end|last",
    change=_blank(slice(-40, None)),
)
_plates(
    "the first 20 ms not a number",
    "refused",
    "warned",
    "begin|first|start",
    change=_blank(slice(0, 20)),
)

SECOND = slice(6, 12)


def _beside(made: Made, height_m: float = 0.0) -> Loads:
    """Return the runner's plate and another ahead of it that nobody touches."""
    force, moment = 0.0 * made.plate.force_n, 0.0 * made.plate.moment_nm
    idle = replace(made.plate, force_n=force, moment_nm=moment)
    return [*_own(made), (replace(PLATE, centre_m=(AHEAD_M, height_m, 0.0)), idle)]


def _noise(channels: FloatArray) -> FloatArray:
    noise = np.random.default_rng(1).normal(0.0, 15.0, channels.T.shape).T
    return noise * np.array([1, 1, 1, 300, 300, 300])


def _no_corners(corners: FloatArray) -> FloatArray:
    corners[:, :, 1] = 0.0
    return corners


for _name, _before, _loads, _change in (
    ("not a number", "refused", _beside, _channels(lambda c: np.nan * c, SECOND)),
    ("without corners", "refused", _beside, _place("CORNERS", _no_corners)),
    ("150 mm high", "refused", partial(_beside, height_m=0.15), _unchanged),
    (
        "saturated at 5000 N",
        "refused",
        _beside,
        _channels(lambda c: c + np.array([0, 0, -5000, 0, 0, 0]), SECOND),
    ),
    (
        "with 15 N of noise, 3 m away",
        "its noise in the moments",
        _beside,
        _channels(_noise, SECOND),
    ),
):
    _plates(
        f"a second plate that nobody touches, {_name}",
        _before,
        "warned",
        "plate 2",
        _loads,
        _change,
    )

for _height_mm, _side in ((-23.0, "below"), (23.0, "above")):
    _plates(
        f"a plate that lies {abs(_height_mm):g} mm {_side} the laboratory's zero",
        "refused",
        "warned",
        "floor|height",
        partial(_own, plate=replace(PLATE, centre_m=(0.0, _height_mm / MILLIMETRES, 0.0))),
        moves=True,
    )

_plates(
    "moments in N m beside points in mm, as stated",
    "included, knee moment x 1.3",
    "read",
    "",
    moment_unit="Nm",
)
_plates(
    "moments in N m beside points in mm, no unit stated",
    "included",
    "warned",
    "moments in N m",
    moment_unit="Nm",
    blank_units=True,
)
_plates(
    "corners listed from the next corner on",
    "included",
    "excluded",
    "horizontal|turned|corner|axes",
    change=_place("CORNERS", lambda corners: np.roll(corners, 1, axis=1)),
)
_plates(
    "corners listed from the opposite corner on",
    "included",
    "excluded",
    "horizontal|turned|corner|pressure|axes",
    change=_place("CORNERS", lambda corners: np.roll(corners, 2, axis=1)),
)

POLYNOMIAL = np.array(
    [
        1e-16,
        -5e-11,
        3.3e-7,
        -9e-12,
        2.8e-6,
        -8.2e-3,
        2e-16,
        -1.8e-11,
        -7.3e-7,
        -3e-11,
        2.6e-6,
        5.4e-2,
    ]
)

_plates(
    "a Kistler plate whose pressure is corrected by a polynomial",
    "refused",
    "warned",
    "polynom|correct|pressure",
    partial(_own, plate=replace(PLATE, kind=3)),
    lambda file: with_parameters(file, FORCE_PLATFORM__FPCOPPOLY=POLYNOMIAL[:, np.newaxis]),
)


def _twice(offset_mm: float) -> Change:
    """Return a file with its first marker once more, so far ahead."""

    def change(file: C3dFile) -> C3dFile:
        again = file.points[:, :1] + np.array([offset_mm, 0.0, 0.0])
        points = np.concatenate([file.points, again], axis=1)
        return replace(file, points=points, labels=(*file.labels, file.labels[0]))

    return change


_plates(
    "a label twice, once never seen", "refused", "warned", "2 labels", change=_twice(float("nan"))
)
_plates(
    "a label of the marker set twice, 30 mm apart",
    "refused",
    "excluded",
    "2 times",
    change=_twice(30.0),
)
