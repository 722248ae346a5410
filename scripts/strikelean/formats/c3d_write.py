"""Writing C3D: markers and force plates, so that any reader gets them back.

Nothing in the file depends on when or where it was written: the same content gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ezc3d
import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.series import FloatArray, Markers, Wrench

STEP = "write_c3d"
MILLIMETRES = 1000.0
CHANNELS = ("Fx", "Fy", "Fz", "Mx", "My", "Mz")
# A plate's own axes in the laboratory's (X forward, Y up, Z right): x forward, y right, z down.
PLATE_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True)
class Plate:
    """A force plate of type 2 (six channels) let into the floor.

    Attributes:
        centre_m: (3,) middle of its surface, laboratory.
        length_m, width_m: along X and Z.
        depth_m: how far under the surface its moments are taken.
    """

    centre_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    length_m: float = 2.0
    width_m: float = 1.0
    depth_m: float = 0.04

    def corners_m(self) -> FloatArray:
        """Return the corners (4, 3), as C3D orders them: the plate's +x+y, -x+y, -x-y, +x-y."""
        signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
        half = 0.5 * signs * np.array([self.length_m, self.width_m])
        offset = np.stack([half[:, 0], np.zeros(4), half[:, 1]], axis=1)
        return np.asarray(np.array(self.centre_m) + offset)

    def channels(self, wrench: Wrench) -> FloatArray:
        """Return what the six channels give, (6, N) N and N mm, for what acts on the runner."""
        force = wrench.force_n @ PLATE_AXES
        about = wrench.moment_nm - np.cross(np.array(self.centre_m), wrench.force_n)
        # type 2: the moments' centre lies under the surface, the plate's z points down
        under = np.array([0.0, 0.0, self.depth_m])
        moment = about @ PLATE_AXES - np.cross(under, force)
        return np.asarray(np.hstack([force, MILLIMETRES * moment]).T)


def _set(file: Any, group: str, name: str, value: object) -> None:
    known = file["parameters"].get(group, {})
    if name in known:
        known[name]["value"] = value
    else:
        file.add_parameter(group, name, value)


def _samples(wrench: Wrench, frames: int, rate_hz: float) -> int:
    """Return how many force samples belong to some frames."""
    ratio = wrench.rate_hz / rate_hz
    if abs(ratio - round(ratio)) > 1e-9 or len(wrench.time_s) < frames * round(ratio):
        raise RecordingError(
            STEP,
            f"a whole number of force samples in each of {frames} frames",
            f"{len(wrench.time_s)} samples at {wrench.rate_hz:g} Hz for {rate_hz:g} Hz",
            "Choose rates that divide",
        )
    return frames * round(ratio)


def _put_plates(
    file: Any, plates: Sequence[Plate], wrenches: Sequence[Wrench], frames: int, rate_hz: float
) -> None:
    samples = min(_samples(wrench, frames, rate_hz) for wrench in wrenches)
    count = len(plates)
    numbers = range(1, count + 1)
    labels = [f"{channel}{number}" for number in numbers for channel in CHANNELS]
    file["parameters"]["ANALOG"]["RATE"]["value"] = [wrenches[0].rate_hz]
    file["parameters"]["ANALOG"]["LABELS"]["value"] = labels
    _set(file, "ANALOG", "UNITS", ["N", "N", "N", "Nmm", "Nmm", "Nmm"] * count)
    felt = [plate.channels(own) for plate, own in zip(plates, wrenches, strict=True)]
    file["data"]["analogs"] = np.concatenate(felt)[np.newaxis, :, :samples]
    corners = [(MILLIMETRES * plate.corners_m()).T for plate in plates]
    origins = [np.array([0.0, 0.0, -MILLIMETRES * plate.depth_m]) for plate in plates]
    for name, value in {
        "USED": [count],
        "TYPE": [2] * count,
        "ZERO": [1, 0],
        "CORNERS": np.stack(corners, axis=2),
        "ORIGIN": np.stack(origins, axis=1),
        "CHANNEL": np.arange(1, 6 * count + 1).reshape(count, 6).T,
        "CAL_MATRIX": np.repeat(np.eye(6)[:, :, np.newaxis], count, axis=2),
        "UNITS": ["N", "Nmm"],
    }.items():
        _set(file, "FORCE_PLATFORM", name, value)


def write_c3d(
    path: Path,
    markers: Markers,
    wrench: Wrench | Sequence[Wrench] | None = None,
    plate: Plate | Sequence[Plate] | None = None,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write markers, and what plates give, in laboratory axes, millimetres and newtons.

    Args:
        path: file written.
        markers: evenly sampled from 0 s; not-a-number where not seen.
        wrench: of the ground on the runner about the laboratory origin, on the same clock, a whole
            number of samples a frame; one a plate; None without a plate.
        plate: that measures it, or as many as wrenches.
        notes: texts by name for the group STRIKELEAN.

    Raises:
        RecordingError: rates that do not divide, or too few force samples.
    """
    file = ezc3d.c3d()
    frames = len(markers.time_s)
    seen = np.isfinite(markers.positions_m[..., 0])
    points = np.zeros((4, len(markers.names), frames))
    places = np.where(seen[..., None], markers.positions_m, 0.0)
    points[:3] = MILLIMETRES * places.transpose(2, 1, 0)
    points[3] = 1.0
    file["parameters"]["POINT"]["RATE"]["value"] = [markers.rate_hz]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = list(markers.names)
    file["data"]["points"] = points
    residuals = np.where(seen.T, 0.0, -1.0)[np.newaxis]
    file["data"]["meta_points"]["residuals"] = residuals
    masks = np.zeros((7, len(markers.names), frames), dtype=bool)
    file["data"]["meta_points"]["camera_masks"] = masks
    if wrench is not None:
        wrenches = [wrench] if isinstance(wrench, Wrench) else list(wrench)
        plates = [plate or Plate()] if isinstance(plate, Plate | None) else list(plate)
        _put_plates(file, plates, wrenches, frames, markers.rate_hz)
    for name, text in (notes or {}).items():
        file.add_parameter("STRIKELEAN", name, [text])
    file.write(str(path))
