"""A runner checked: their standing trial, the model scaled to it, and every running trial.

Whatever is wrong with one file is told and the others go on.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strikelean.checking.kept import ReadFrom, ScaledFrom, keep_recording, keep_scaling
from strikelean.checking.standing import standing_picture
from strikelean.checking.told import Told, about, of_error, of_line
from strikelean.checking.trial import Run, TrialChecked, check_files, check_trial
from strikelean.config.settings import Settings
from strikelean.errors import StrikeleanError
from strikelean.formats.series import Markers
from strikelean.formats.trc import read_trc
from strikelean.lab.recording import RecordingSettings
from strikelean.lab.static import read_static
from strikelean.layout import RunnerFiles
from strikelean.markersets import MarkerSet, load_markerset
from strikelean.standing import (
    Sizes,
    Standing,
    read_standing,
    scale_to_standing,
    standing_for,
)

Document = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """A row of the table of runners, or as much of it as there is.

    Attributes:
        name: of the runner.
        mass_kg, height_m: None where the table does not say.
        static: standing trial, None where there is no such file.
        marker_set: file, None where there is none.
        generic_osim: generic model to scale, None to leave the model out.
        instead: of a runner without a standing trial, files of the running one taken in its place.
    """

    name: str
    mass_kg: float | None
    height_m: float | None
    static: Path | None
    marker_set: Path | None
    generic_osim: Path | None
    instead: tuple[Path, ...] = ()

    def standing(self, settings: RecordingSettings) -> Standing | None:
        """Return what the runner is scaled from, None where no such file exists."""
        if self.static is None and not self.instead:
            return None
        return standing_for(self.static, self.instead, settings)


@dataclass(frozen=True)
class Codes:
    """Fingerprints of the code that reads and that scales, for what is kept."""

    reading: str = ""
    scaling: str = ""


@dataclass(frozen=True)
class _Stood:
    """What became of a standing trial.

    Attributes:
        static: markers in laboratory axes, None where it cannot be read.
        files: of the scaled model; None where there is none.
        told: what was found.
    """

    static: Markers | None
    files: RunnerFiles | None
    told: list[Told]


def _stand(
    person: Person, marker_set: MarkerSet | None, settings: Settings, scratch: Path
) -> _Stood:
    """Read the standing trial and scale the model to it, as far as both can be had."""
    standing = person.standing(settings.recording)
    if standing is None:
        return _Stood(None, None, [])
    generic, mass_kg, height_m = person.generic_osim, person.mass_kg, person.height_m
    if marker_set is None or generic is None or not mass_kg or not height_m:
        return _stand_unscaled(standing, marker_set)
    assert person.marker_set is not None
    files = RunnerFiles(scratch)
    notes: list[str] = []
    told: list[Told] = []
    try:
        scale_to_standing(
            standing,
            Sizes(person.name, mass_kg, height_m),
            person.marker_set,
            generic,
            files,
            settings.strength,
            notes.append,
        )
    except Exception as error:  # noqa: BLE001 - one file less, not no check
        told = of_error(error, "scale_model")
    prefix = f"{standing.files[0].name}: "
    told += [of_line(note.removeprefix(prefix), "note") for note in notes]
    # what is written first is whole even where scaling stopped later
    static = read_trc(files.static) if files.static.is_file() else None
    if not files.scaling.is_file():
        return _Stood(static, None, told)
    told += [of_line(line) for line in _read_json(files.scaling)["warnings"]]
    return _Stood(static, files, told)


def _stand_unscaled(standing: Standing, marker_set: MarkerSet | None) -> _Stood:
    """Read a standing trial whose model cannot be scaled yet."""
    try:
        if marker_set is not None:
            static = read_standing(standing, marker_set)
        elif standing.file is not None:
            static = read_static(standing.file, standing.axes, standing.floor_height_m)
        else:
            return _Stood(None, None, [])
    except Exception as error:  # noqa: BLE001 - as above
        return _Stood(None, None, of_error(error, "read_static"))
    return _Stood(static, None, [of_line(note, "note") for note in static.notes])


def _read_json(path: Path) -> Document:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _load_set(path: Path | None) -> tuple[MarkerSet | None, list[Told]]:
    if path is None:
        return None, []
    try:
        return load_markerset(path), []
    except (StrikeleanError, KeyError, TypeError, ValueError, AttributeError) as error:
        return None, of_error(error, "load_markerset")


def check_runner(
    person: Person,
    runs: Sequence[Run],
    settings: Settings,
    scratch: Path,
    archive: Path | None = None,
    codes: Codes | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Document:
    """Check all that a runner's rows name.

    Args:
        person: who runs.
        runs: their recordings.
        settings: of the configuration.
        scratch: folder for the scaled model.
        archive: file to keep in what was read and scaled; None keeps nothing.
        codes: with which it was.
        say: told what was read, a line at a time.

    Returns:
        What the page and the table need to know, as JSON holds it: ``told`` of the standing trial,
        ``standing`` to draw, ``scaling`` and ``trials``.
    """
    marker_set, told = _load_set(person.marker_set)
    stood = _stand(person, marker_set, settings, scratch)
    told += about(
        list(person.instead[:1]) if person.static is None else [person.static], stood.told
    )
    document: Document = {
        "subject": person.name,
        "mass_kg": person.mass_kg,
        "height_m": person.height_m,
        "marker_set": marker_set.name if marker_set else "",
        "static": person.static.name if person.static else "",
        "told": [one.document() for one in told],
        "scaling": _read_json(stood.files.scaling) if stood.files else {},
        "standing": _picture(stood, marker_set, told),
        "trials": [],
    }
    say(f"{person.name}: read the standing trial")
    with _Archive(archive) as kept:
        standing = person.standing(settings.recording)
        if stood.files is not None and standing is not None and codes is not None:
            made = ScaledFrom(
                standing,
                person.generic_osim or Path(),
                person.marker_set or Path(),
                Sizes(person.name, person.mass_kg or 0.0, person.height_m or 0.0),
                settings.strength,
            )
            kept.scaling(made.key(codes.scaling), stood.files)
        for run in runs:
            checked = _check_run(run, person, marker_set, stood, settings)
            document["trials"].append(checked.document(run.condition, run.files))
            say(f"{person.name}: read {run.name}")
            if checked.recording is not None and codes is not None:
                source = _source(run, person, stood, scratch, settings)
                kept.recording(source.key(codes.reading), checked)
    return document


def _check_run(
    run: Run,
    person: Person,
    marker_set: MarkerSet | None,
    stood: _Stood,
    settings: Settings,
) -> TrialChecked:
    if stood.static is None or marker_set is None or not person.mass_kg:
        return check_files(run.name, run.files, settings.recording.axes, marker_set)
    model = stood.files.model if stood.files else None
    return check_trial(run, stood.static, marker_set, person.mass_kg, settings, model)


def _source(run: Run, person: Person, stood: _Stood, scratch: Path, settings: Settings) -> ReadFrom:
    assert person.marker_set is not None and person.mass_kg is not None
    return ReadFrom(
        run.files,
        run.start_s,
        run.end_s,
        run.speeds,
        RunnerFiles(scratch).static,
        person.marker_set,
        person.mass_kg,
        settings.recording,
    )


def _picture(stood: _Stood, marker_set: MarkerSet | None, told: list[Told]) -> Document | None:
    """Return what is drawn of the standing runner, None where nothing can be."""
    if stood.static is None or marker_set is None:
        return None
    try:
        return standing_picture(stood.static, marker_set, stood.files)
    except StrikeleanError as error:
        # without the feet nobody can be turned to face forward: told already where it matters
        if not any(one.kind == "fault" for one in told):
            told += of_error(error, "check_runner")
        return None


class _Archive:
    """Where what was read is kept, or nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._zip = None if path is None else zipfile.ZipFile(path, "w")

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *stopped: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def scaling(self, key: str, files: RunnerFiles) -> None:
        if self._zip is not None:
            keep_scaling(self._zip, key, files)

    def recording(self, key: str, checked: TrialChecked) -> None:
        """Keep a recording once, though two rows may name it."""
        known = self._zip is not None and f"{key}.npz" not in self._zip.namelist()
        if self._zip is not None and known and checked.recording is not None:
            keep_recording(self._zip, key, checked.recording)
