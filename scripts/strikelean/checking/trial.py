"""One running trial checked: what the reader finds, its contacts, and its marker errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from strikelean.checking.told import Told, about, of_error, of_finding, of_line
from strikelean.config.settings import Settings
from strikelean.constants import GRAVITY_M_S2
from strikelean.formats.axes import Axes
from strikelean.formats.mot import read_forces
from strikelean.formats.series import Markers
from strikelean.formats.trc import read_trc
from strikelean.lab.check_belt import Speeds
from strikelean.lab.examined import Examined
from strikelean.lab.facing import seen_names
from strikelean.lab.recording import TrialRecording, load_files, read_recording
from strikelean.markersets import SIDES, MarkerSet
from strikelean.motion.marker_errors import MarkerErrors, sample_marker_errors
from strikelean.quality import stage_figures

SHOWN_S = 6.0
"""How much of the vertical force is drawn, from the first contact on: some eight strides."""
SHOWN_HZ = 150.0


@dataclass(frozen=True)
class Run:
    """A row of the table of recordings.

    Attributes:
        name, condition: of the trial.
        files: markers first.
        start_s, end_s: window, None for the recording's own.
        speeds: of runner and belt, None where the table does not say.
    """

    name: str
    condition: str
    files: tuple[Path, ...]
    start_s: float | None = None
    end_s: float | None = None
    speeds: Speeds | None = None


@dataclass(frozen=True)
class TrialChecked:
    """What was found in a running trial.

    Attributes:
        name: of the trial.
        told: what there is to say.
        figures: of quality.csv, as far as they are known without the loads.
        force: vertical force to draw: ``time_s`` and ``weights`` (body weights), or nothing.
        contacts: to shade, as JSON holds them.
        errors_m: marker errors while running (RMS), largest first.
        steps: by side, as in recording.json.
        recording: for the study, None where it cannot be used.
    """

    name: str
    told: list[Told]
    figures: dict[str, Any] = field(default_factory=dict)
    force: dict[str, list[float]] = field(default_factory=dict)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    errors_m: dict[str, float] = field(default_factory=dict)
    steps: dict[str, Any] = field(default_factory=dict)
    recording: TrialRecording | None = None

    def document(self, condition: str, files: Sequence[Path]) -> dict[str, Any]:
        """Return what is written of it."""
        return {
            "trial": self.name,
            "condition": condition,
            "files": [path.name for path in files],
            "told": [one.document() for one in self.told],
            "figures": self.figures,
            "force": self.force,
            "contacts": self.contacts,
            "errors_mm": {name: round(1000.0 * e, 1) for name, e in self.errors_m.items()},
            "steps": self.steps,
        }


def check_files(
    name: str, files: Sequence[Path], axes: Axes, marker_set: MarkerSet | None
) -> TrialChecked:
    """Look whether a trial's files can be read, where no more can be told.

    Args:
        name: of the trial.
        files: markers first.
        axes: as configured.
        marker_set: of the runner, None where that is not known.
    """
    needed = marker_set.spellings() if marker_set else None
    try:
        loaded = load_files(files, axes, needed)
    except Exception as error:  # noqa: BLE001 - one file less, not no check
        return TrialChecked(name, about(files, _each_file(files, axes, needed, error)))
    told = [of_line(note, "note") for note in loaded.notes]
    if marker_set is not None and not seen_names(loaded.markers, marker_set.spellings()):
        names = ", ".join(loaded.markers.names[:6])
        found = f"{names}, ... (expected markers of the set {marker_set.name})"
        told.append(Told("fault", found, "Name the marker set that matches in subjects.tsv."))
    return TrialChecked(name, about(files, told))


def _each_file(files: Sequence[Path], axes: Axes, needed: Any, error: Exception) -> list[Told]:
    """Return what is wrong with each of two files, of which the reader told the first alone."""
    told = of_error(error, "read_recording")
    if len(files) != 2:
        return told
    readers: dict[str, Callable[[Path], object]] = {
        ".trc": lambda path: read_trc(path, foreign=True, needed=needed),
        ".mot": lambda path: read_forces(path, axes),
        ".sto": lambda path: read_forces(path, axes),
    }
    for path in files:
        reader = readers.get(path.suffix.lower())
        if reader is None:
            continue
        try:
            reader(path)
        except Exception as other:  # noqa: BLE001 - as above
            told += [one for one in of_error(other, "read_recording") if one not in told]
    return told


def _force(examined: Examined, mass_kg: float) -> dict[str, list[float]]:
    """Return some seconds of the vertical force on all plates together, nothing without any."""
    if not examined.wrenches:
        return {}
    wrench = examined.wrenches[0]
    total = np.sum([one.force_n[:, 1] for one in examined.wrenches], axis=0)
    first = min((c.start_s for c in examined.contacts), default=float(wrench.time_s[0])) - 0.2
    chosen = (wrench.time_s >= first) & (wrench.time_s <= first + SHOWN_S)
    time_s, force = wrench.time_s[chosen], total[chosen]
    every = max(1, math.floor(wrench.rate_hz / SHOWN_HZ))
    return {
        "time_s": [round(float(value), 3) for value in time_s[::every]],
        "weights": [round(float(value) / (mass_kg * GRAVITY_M_S2), 3) for value in force[::every]],
        "recorded_s": [float(wrench.time_s[0]), float(wrench.time_s[-1])],
    }


def _contacts(examined: Examined, recording: TrialRecording | None) -> list[dict[str, Any]]:
    if recording is None:
        return [
            {"start_s": c.start_s, "end_s": c.end_s, "side": c.side or "", "valid": c.valid,
             "reason": c.reason, "selected": False, "angle_deg": None}
            for c in examined.contacts
        ]  # fmt: skip
    return [
        {
            "start_s": c.start_s,
            "end_s": c.end_s,
            "side": c.side or "",
            "valid": bool(c.valid),
            "reason": c.reason,
            "selected": bool(c.selected),
            "angle_deg": _known(c.foot_strike_angle_deg),
        }
        for c in recording.contacts
    ]


def _known(value: float) -> float | None:
    return round(float(value), 2) if math.isfinite(value) else None


def _figures(recording: TrialRecording, errors: MarkerErrors | None) -> dict[str, Any]:
    documents: dict[str, Any] = {"recording": recording.summary}
    documents |= {} if errors is None else {"kinematics": errors.report}
    figures: dict[str, Any] = {k: v for k, v in stage_figures(documents).items() if v is not None}
    for side in SIDES:
        valid = sum(contact.valid for contact in recording.contacts if contact.side == side)
        figures[f"valid_steps_{side}"] = valid
    # what they say is told one by one
    figures["stage_warnings"] = ""
    return figures


def check_trial(
    run: Run,
    static: Markers,
    marker_set: MarkerSet,
    mass_kg: float,
    settings: Settings,
    scaled_osim: Path | None,
) -> TrialChecked:
    """Read a running trial as the study does, and look how well its markers fit the model.

    Args:
        run: the trial.
        static: of the runner, in laboratory axes.
        marker_set: of the recordings.
        mass_kg: of the runner.
        settings: of the configuration.
        scaled_osim: the runner's model, None where there is none.
    """
    seen: list[Examined] = []
    try:
        recording: TrialRecording | None = read_recording(
            run.files,
            static,
            marker_set,
            mass_kg,
            settings.recording,
            run.start_s,
            run.end_s,
            run.speeds,
            seen.append,
        )
        assert recording is not None
        notes = set(seen[-1].notes)
        told = [
            of_line(line, "note" if line in notes else "warning")
            for line in recording.summary["warnings"]
        ]
    except Exception as error:  # noqa: BLE001 - one file less, not no check
        recording, told = None, of_error(error, "read_recording")
        if not seen:
            needed = marker_set.spellings()
            told = _each_file(run.files, settings.recording.axes, needed, error)
        else:
            told += [of_finding(f) for f in seen[-1].findings if f.level == "doubtful"]
            told += [of_line(note, "note") for note in seen[-1].notes]
    errors = None
    if recording is not None and scaled_osim is not None:
        try:
            errors = sample_marker_errors(
                scaled_osim, recording.markers, recording.contacts, marker_set, settings.kinematics
            )
        except Exception as error:  # noqa: BLE001 - as above
            told += of_error(error, "solve_kinematics")
    last: Examined | None = seen[-1] if seen else None
    return TrialChecked(
        run.name,
        about(run.files, told),
        _figures(recording, errors) if recording else {},
        _force(last, mass_kg) if last and last.wrenches else {},
        _contacts(last, recording) if last else [],
        errors.by_marker_m if errors else {},
        recording.summary["steps"] if recording else {},
        recording,
    )
