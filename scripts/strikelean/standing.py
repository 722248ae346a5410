"""A standing trial read, and the generic model scaled to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from strikelean.formats.axes import Axes
from strikelean.formats.series import Markers
from strikelean.formats.trc import write_trc
from strikelean.lab.check_standing import check_standing
from strikelean.lab.findings import require_plausible
from strikelean.lab.static import read_static
from strikelean.layout import RunnerFiles
from strikelean.markersets import load_markerset
from strikelean.markersets_recorded import require_recorded
from strikelean.motion.scale_model import scale_model

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Sizes:
    """Who runs.

    Attributes:
        name: of the runner.
        mass_kg, height_m: as measured.
    """

    name: str
    mass_kg: float
    height_m: float


@dataclass(frozen=True)
class Standing:
    """A standing trial, and how it is read.

    Attributes:
        file: C3D or TRC.
        axes: how its axes point.
        floor_height_m: of the floor over the laboratory's zero, None to read it off the plates.
    """

    file: Path
    axes: Axes
    floor_height_m: float | None


def scale_to_standing(
    standing: Standing,
    sizes: Sizes,
    marker_set: Path,
    generic_osim: Path,
    files: RunnerFiles,
    strength: str,
    progress: Progress = lambda line: None,
) -> Markers:
    """Read a standing trial, scale the generic model to it, and write the runner's files.

    Args:
        standing: the trial.
        sizes: name, mass and stature.
        marker_set: file of the marker set.
        generic_osim: edited generic model (:func:`strikelean.model.generic.build_generic_model`).
        files: written.
        strength: how muscles are scaled.
        progress: told what was repaired.

    Returns:
        The stillest second, in laboratory axes.

    Raises:
        RecordingError, ModelError, ConfigError: the static trial or marker set cannot be used.
    """
    worn = load_markerset(marker_set)
    static = read_static(standing.file, standing.axes, standing.floor_height_m, worn.spellings())
    require_recorded(worn, static.names, marker_set.parent)
    found = check_standing(static, worn, standing.axes)
    require_plausible(found, "read_static")
    for note in static.notes:
        progress(f"{standing.file.name}: {note}")
    files.folder.mkdir(parents=True, exist_ok=True)
    write_trc(files.static, static)
    scale_model(
        generic_osim,
        files.static,
        marker_set,
        files.model,
        files.scaling,
        subject=sizes.name,
        mass_kg=sizes.mass_kg,
        height_m=sizes.height_m,
        strength=strength,
        found=found,
    )
    return static
