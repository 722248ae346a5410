"""A standing trial read, and the generic model scaled to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from strikelean.formats.axes import Axes
from strikelean.formats.series import Markers
from strikelean.formats.trc import write_trc
from strikelean.lab.check_standing import check_standing
from strikelean.lab.contacts import ContactRules
from strikelean.lab.findings import Finding, require_plausible
from strikelean.lab.floor import settle_floor
from strikelean.lab.recording import RecordingSettings, load_files
from strikelean.lab.static import read_static
from strikelean.layout import RunnerFiles
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.markersets_recorded import require_recorded
from strikelean.motion.scale_model import scale_model
from strikelean.motion.standing_from_run import stand_from_run

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
        file: C3D or TRC; None where none was recorded.
        axes: how its axes point.
        floor_height_m: of the floor over the laboratory's zero, None to read it off the plates.
        instead: files of a running trial, taken where there is no standing one.
        rules, max_gap_s: what a contact of that trial is, and which gaps are filled.
    """

    file: Path | None
    axes: Axes
    floor_height_m: float | None
    instead: Sequence[Path] = ()
    rules: ContactRules = field(default_factory=ContactRules)
    max_gap_s: float = 0.1

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read."""
        return tuple(self.instead) if self.file is None else (self.file,)


def standing_of(
    files: Sequence[Path],
    axes: Axes,
    floor_height_m: float | None,
    instead: Mapping[str, float] | None,
) -> Standing:
    """Return a standing trial, or the running one that is taken in its place.

    Args:
        files: of either.
        axes, floor_height_m: of them.
        instead: of a running trial ``min_contact_s``, ``max_contact_s`` and ``max_gap_s``; None
            where the runner stands.
    """
    if instead is None:
        return Standing(files[0], axes, floor_height_m)
    rules = ContactRules(
        min_contact_s=instead["min_contact_s"], max_contact_s=instead["max_contact_s"]
    )
    return Standing(None, axes, floor_height_m, files, rules, instead["max_gap_s"])


def standing_for(
    static: Path | None, instead: Sequence[Path], recording: RecordingSettings
) -> Standing:
    """Return what a runner is scaled from, by the settings that their recordings are read with.

    Args:
        static: standing trial, None where none was recorded.
        instead: files of the running trial that is taken then.
        recording: settings of the reader.
    """
    if static is not None:
        return standing_of([static], recording.axes, recording.floor_height_m, None)
    running = {
        "min_contact_s": recording.contacts.min_contact_s,
        "max_contact_s": recording.contacts.max_contact_s,
        "max_gap_s": recording.max_gap_s,
    }
    return standing_of(instead, recording.axes, recording.floor_height_m, running)


def read_standing(standing: Standing, marker_set: MarkerSet) -> Markers:
    """Return a standing trial's stillest second, or what a running trial says in its place.

    Raises:
        RecordingError: what cannot be used, and why.
    """
    axes, needed = standing.axes, marker_set.spellings()
    if standing.file is not None:
        return read_static(standing.file, axes, standing.floor_height_m, needed)
    run = settle_floor(load_files(standing.instead, axes, needed), standing.floor_height_m)
    name = standing.instead[0].name
    return stand_from_run(run.markers, marker_set, standing.rules, standing.max_gap_s, name)


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
    static = read_standing(standing, worn)
    stood = standing.file is not None
    found: list[Finding] = []
    if stood:
        require_recorded(worn, static.names, marker_set.parent)
        found = check_standing(static, worn, standing.axes)
        require_plausible(found, "read_static")
    for note in static.notes:
        progress(f"{standing.file.name}: {note}" if standing.file else note)
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
        instead="" if stood else static.notes[0],
        found=found,
    )
    return static
