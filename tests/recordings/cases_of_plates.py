"""C3D files whose plates say something unusual, or something wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from cases import Right, case
from plates import CORNERS_MM, FAR_MM, PlateFile, put, type_1, type_2, type_3, type_4, write_plates
from written import MILLIMETRES, Files, Made

PLATES = "Force plates in C3D files"


def _plates(
    name: str,
    before: str,
    right: Right,
    says: str,
    plates: Callable[[Made], list[PlateFile]],
    change: Callable[[Any], None] | None = None,
) -> None:
    @case(PLATES, name, before, right, says)
    def make(made: Made, folder: Path) -> Files:
        return Files((write_plates(folder / "run.c3d", made, plates(made), change),))


for _kind, _before, _plate in (
    (1, "refused", type_1),
    (2, "read", type_2),
    (3, "read", type_3),
    (4, "read", type_4),
):
    _plates(f"a plate of type {_kind}", _before, "read", "", lambda made, p=_plate: [p(made.plate)])

_plates(
    "a plate of type 3 whose depth is written positive",
    "included, pressure mirrored, knee moment x 1.8",
    "read",
    "",
    lambda made: [type_3(made.plate, sign=1.0)],
)


def _blank(where: slice) -> Callable[[Made], list[PlateFile]]:
    def plates(made: Made) -> list[PlateFile]:
        plate = type_2(made.plate)
        channels = plate.channels.copy()
        channels[:, where] = np.nan
        return [replace(plate, channels=channels)]

    return plates


_plates(
    "the last 40 ms of the analog channels not a number",
    "refused",
    "warned",
    "end|last",
    _blank(slice(-40, None)),
)
_plates(
    "the first 20 ms not a number", "refused", "warned", "begin|first|start", _blank(slice(0, 20))
)


def _beside(change: Callable[[PlateFile], PlateFile]) -> Callable[[Made], list[PlateFile]]:
    def plates(made: Made) -> list[PlateFile]:
        idle = type_2(
            replace(
                made.plate, force_n=0.0 * made.plate.force_n, moment_nm=0.0 * made.plate.moment_nm
            )
        )
        return [type_2(made.plate), change(replace(idle, corners_mm=CORNERS_MM + FAR_MM))]

    return plates


def _noise(plate: PlateFile) -> PlateFile:
    noise = np.random.default_rng(1).normal(0.0, 15.0, plate.channels.shape)
    return replace(plate, channels=noise * np.array([1, 1, 1, 300, 300, 300])[:, np.newaxis])


for _name, _before, _change in (
    ("not a number", "refused", lambda p: replace(p, channels=np.nan * p.channels)),
    ("without corners", "refused", lambda p: replace(p, corners_mm=0.0 * p.corners_mm)),
    (
        "150 mm high",
        "refused",
        lambda p: replace(p, corners_mm=p.corners_mm + np.array([0.0, 150.0, 0.0])),
    ),
    (
        "saturated at 5000 N",
        "refused",
        lambda p: replace(p, channels=p.channels + np.array([0, 0, -5000, 0, 0, 0])[:, np.newaxis]),
    ),
    ("with 15 N of noise, 3 m away", "its noise in the moments", _noise),
):
    _plates(
        f"a second plate that nobody touches, {_name}",
        _before,
        "warned",
        "plate 2",
        _beside(_change),
    )


def _height(height_mm: float) -> None:
    side = "above" if height_mm > 0.0 else "below"
    name = f"a plate that lies {abs(height_mm):g} mm {side} the laboratory's zero"

    def plates(made: Made) -> list[PlateFile]:
        way = (0.0, height_mm / MILLIMETRES, 0.0)
        plate = type_2(made.plate, centre_m=way)
        return [replace(plate, corners_mm=CORNERS_MM + np.array([0.0, height_mm, 0.0]))]

    @case(
        PLATES,
        name,
        "refused",
        "warned",
        "floor|height",
        moves=True,
    )
    def make(made: Made, folder: Path) -> Files:
        return Files((write_plates(folder / "run.c3d", made, plates(made)),))


_height(-23.0)
_height(23.0)


def _in_newton_metres(made: Made) -> list[PlateFile]:
    plate = type_2(made.plate)
    channels = np.vstack([plate.channels[:3], plate.channels[3:] / MILLIMETRES])
    return [replace(plate, channels=channels, units=["N"] * 3 + ["Nm"] * 3)]


_plates(
    "moments in N m beside points in mm, as stated",
    "included, knee moment x 1.3",
    "read",
    "",
    _in_newton_metres,
)


def _unstated(file: Any) -> None:
    put(file, "ANALOG", "UNITS", [""] * 6)


_plates(
    "moments in N m beside points in mm, no unit stated",
    "included",
    "warned",
    "moments in N m",
    _in_newton_metres,
    _unstated,
)


def _turned(places: int) -> Callable[[Made], list[PlateFile]]:
    return lambda made: [
        replace(type_2(made.plate), corners_mm=np.roll(CORNERS_MM, places, axis=0))
    ]


_plates(
    "corners listed from the next corner on",
    "included",
    "excluded",
    "horizontal|turned|corner|axes",
    _turned(1),
)
_plates(
    "corners listed from the opposite corner on",
    "included",
    "excluded",
    "horizontal|turned|corner|pressure|axes",
    _turned(2),
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


def _corrected(file: Any) -> None:
    put(file, "FORCE_PLATFORM", "FPCOPPOLY", POLYNOMIAL[:, np.newaxis])


_plates(
    "a Kistler plate whose pressure is corrected by a polynomial",
    "refused",
    "warned",
    "polynom|correct|pressure",
    lambda made: [type_3(made.plate)],
    _corrected,
)


def _twice(seen: bool) -> Callable[[Made, Path], Files]:
    def make(made: Made, folder: Path) -> Files:
        path = write_plates(folder / "run.c3d", made, [type_2(made.plate)])

        import ezc3d

        file = ezc3d.c3d(str(path))
        points = file["data"]["points"]
        again = points[:, :1] + (np.array([30.0, 0, 0, 0])[:, None, None] if seen else 0.0)
        if not seen:
            again = again * np.nan
        file["data"]["points"] = np.concatenate([points, again], axis=1)
        meta = file["data"]["meta_points"]
        sign = meta["residuals"][:, :1]
        meta["residuals"] = np.concatenate(
            [meta["residuals"], sign if seen else sign * 0 - 1], axis=1
        )
        meta["camera_masks"] = np.concatenate(
            [meta["camera_masks"], meta["camera_masks"][:, :1]], axis=1
        )
        labels = file["parameters"]["POINT"]["LABELS"]["value"]
        file["parameters"]["POINT"]["LABELS"]["value"] = [*labels, labels[0]]
        descriptions = file["parameters"]["POINT"].get("DESCRIPTIONS", {"value": []})["value"]
        put(file, "POINT", "DESCRIPTIONS", [*descriptions, ""])
        file.write(str(path))
        return Files((path,))

    return make


case(PLATES, "a label twice, once never seen", "refused", "warned", "2 labels")(_twice(False))
case(PLATES, "a label of the marker set twice, 30 mm apart", "refused", "excluded", "2 times")(
    _twice(True)
)
