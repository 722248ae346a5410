"""C3D: markers and force plates, in metres, newtons and the runner's own axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import ezc3d
import numpy as np

from strikelean.errors import RecordingError
from strikelean.formats.axes import Axes
from strikelean.formats.files import require_data
from strikelean.formats.series import Markers, Recording, Wrench
from strikelean.formats.trc import blank_zeros

STEP = "read_c3d"
_METRES = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}
_NEWTONS = {"N": 1.0}
_NEWTON_METRES = {"Nm": 1.0, "Nmm": 1e-3}
# A plate whose own centre of pressure we cannot reproduce has a moment we misunderstand.
_COP_TOLERANCE_M = 1e-4
_COP_FORCE_N = 200.0
_FLOOR_TOLERANCE_M = 0.02


def _open(path: Path, forces: bool) -> Any:
    require_data(path, STEP)
    try:
        return ezc3d.c3d(str(path), extract_forceplat_data=forces)
    except (OSError, RuntimeError, ValueError, IndexError, MemoryError) as problem:
        raise RecordingError(
            STEP,
            "a readable C3D file" + (" with force plates of type 1 to 4" if forces else ""),
            f"{path.name}: {' '.join(str(problem).split())[:200]}",
            "Export the recording again",
        ) from None


def _stated_frames(path: Path) -> int | None:
    """Return the frame count of the raw header, None when 16 bits cannot hold it.

    ezc3d reads a file that was cut short without a word and corrects its header, so the
    count has to come from the bytes: words 4 and 5, in the byte order of the processor
    named in the parameter section (C3D user guide, c3d.org).
    """
    with path.open("rb") as stream:
        head = stream.read(10)
        stream.seek((head[0] - 1) * 512 + 3)
        order: Literal["big", "little"] = "big" if stream.read(1) == b"\x56" else "little"
    first, last = int.from_bytes(head[6:8], order), int.from_bytes(head[8:10], order)
    return last - first + 1 if first <= last < 65535 else None


def _factor(units: dict[str, float], unit: str, what: str, path: Path) -> float:
    if unit.strip() not in units:
        raise RecordingError(
            STEP,
            f"{what} in {' or '.join(units)} in {path.name}",
            f"'{unit}'",
            "Export the recording in one of these units",
        )
    return units[unit.strip()]


def _markers(path: Path, file: Any) -> Markers:
    """Return the labelled markers in the file's axes, on a clock that starts at frame 1 = 0 s."""
    point = file["parameters"]["POINT"]
    labels = [
        label
        for key in sorted(key for key in point if key.startswith("LABELS"))
        for label in point[key]["value"]
    ]
    raw = np.asarray(file["data"]["points"], dtype=np.float64)
    # Capture software prefixes the runner's name ("Ann:RASI") and stars what it could not name.
    names = [label.rpartition(":")[2].strip() for label in labels[: raw.shape[1]]]
    kept = [index for index, name in enumerate(names) if name and not name.startswith("*")]
    if not kept or raw.shape[2] == 0:
        raise RecordingError(
            STEP, f"labelled markers in {path.name}", "none", "Label the markers and export again"
        )
    chosen = tuple(names[index] for index in kept)
    if len(set(chosen)) < len(chosen):
        twice = next(name for name in chosen if chosen.count(name) > 1)
        raise RecordingError(
            STEP, f"every marker once in {path.name}", f"'{twice}' twice", "Keep one runner a file"
        )
    positions = raw[:3, kept].transpose(2, 1, 0).copy()
    residuals = np.asarray(file["data"]["meta_points"]["residuals"], dtype=np.float64)
    if residuals.shape[1:] == raw.shape[1:]:
        positions[residuals[0, kept].T < 0.0] = np.nan
    positions = blank_zeros(positions) * _factor(
        _METRES, point["UNITS"]["value"][0], "markers", path
    )
    rate_hz = float(point["RATE"]["value"][0])
    if not rate_hz > 0.0:
        raise RecordingError(STEP, f"a frame rate in {path.name}", f"{rate_hz:g}", "Export again")
    start_s = float(file["header"]["points"]["first_frame"]) / rate_hz
    return Markers(start_s + np.arange(raw.shape[2]) / rate_hz, chosen, positions, rate_hz)


def _wrench(path: Path, plate: Any, label: str, start_s: float, rate_hz: float) -> Wrench:
    """Return one plate's wrench about the laboratory origin, in the file's axes.

    ezc3d gives the ground's action on the runner (upward when loaded) with the moment about
    the middle of the plate's surface, all in laboratory axes. That reading is checked
    on every file: the centre of pressure worked out from the wrench, where the moment's
    components in the surface vanish, must be the one ezc3d states.
    """
    length = _factor(_METRES, plate["unit_position"], f"the position of {label}", path)
    force = np.asarray(plate["force"], float).T * _factor(
        _NEWTONS, plate["unit_force"], f"the force of {label}", path
    )
    moment = np.asarray(plate["moment"], float).T * _factor(
        _NEWTON_METRES, plate["unit_moment"], f"the moment of {label}", path
    )
    if not (np.all(np.isfinite(force)) and np.all(np.isfinite(moment))):
        raise RecordingError(
            STEP, f"numbers from {label} in {path.name}", "not-a-number", "Export again"
        )
    corners = np.asarray(plate["corners"], float).T * length
    middle = corners.mean(axis=0)
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    area = float(np.linalg.norm(normal))
    if area == 0.0:
        raise RecordingError(
            STEP, f"the corners of {label} in {path.name}", "no area", "Set the plate's corners"
        )
    normal /= area
    across = force @ normal
    loaded = np.abs(across) > _COP_FORCE_N
    if np.any(loaded):
        arm = np.cross(normal, moment[loaded]) / across[loaded, np.newaxis]
        stated = np.asarray(plate["center_of_pressure"], float).T[loaded] * length
        error = float(np.max(np.linalg.norm(middle + arm - stated, axis=1)))
        if error > _COP_TOLERANCE_M:
            raise RecordingError(
                STEP,
                f"the centre of pressure of {label} in {path.name} from its own moment",
                f"{1000 * error:.1f} mm beside it",
                "Check the plate's origin and corners in the file",
            )
    time_s = start_s + np.arange(force.shape[0]) / rate_hz
    return Wrench(time_s, force, moment + np.cross(middle, force), rate_hz, label)


def _check_floor(path: Path, plate: Any, label: str, axes: Axes) -> None:
    corners = axes.turn(np.asarray(plate["corners"], float).T) * _METRES[plate["unit_position"]]
    heights = corners[:, 1]
    if float(np.max(np.abs(heights))) > _FLOOR_TOLERANCE_M:
        raise RecordingError(
            STEP,
            f"the surface of {label} at height 0 in {path.name}",
            f"corners {heights.min():.3f} to {heights.max():.3f} m up ({axes.up})",
            "Set recording.axes, or the laboratory's origin on the floor the runner runs on",
        )


def read_c3d(path: Path, axes: Axes, forces: bool = True) -> Recording:
    """Read a C3D file into laboratory axes, metres, newtons and seconds.

    Samples that are not-a-number, exactly (0, 0, 0) or have a negative residual become
    NaN. Times count from the first frame of the capture, so that a trimmed file keeps
    its clock. Plates become wrenches about the laboratory origin.

    Args:
        path: the file.
        axes: how the file's axes map to forward, up and right.
        forces: False leaves the plates alone, as in a static trial.

    Returns:
        The recording; ``feet`` is None for every plate, ``wrenches`` empty when the file
        has no plate or no samples of one.

    Raises:
        RecordingError: unreadable, in unknown units, without labelled markers, with a
            plate ezc3d refuses or whose surface is not the floor.
        ExcludedError: an earlier step excluded the trial.
    """
    file = _open(path, forces)
    stated, read = _stated_frames(path), file["data"]["points"].shape[2]
    if stated is not None and read < stated:
        raise RecordingError(
            STEP,
            f"{stated} frames in {path.name}, as its header states",
            f"{read}: it was cut short",
            "Copy or export the recording again",
        )
    markers = axes.turn_markers(_markers(path, file))
    wrenches: list[Wrench] = []
    if forces and file["data"]["platform"]:
        rate_hz = float(file["parameters"]["ANALOG"]["RATE"]["value"][0])
        for number, plate in enumerate(file["data"]["platform"], start=1):
            if np.asarray(plate["force"]).size == 0:
                continue
            label = f"plate {number}"
            wrench = _wrench(path, plate, label, float(markers.time_s[0]), rate_hz)
            _check_floor(path, plate, label, axes)
            wrenches.append(axes.turn_wrench(wrench))
    return Recording(markers, tuple(wrenches), (None,) * len(wrenches), (path.name,))
