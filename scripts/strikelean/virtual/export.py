"""Recordings of virtual runners in a folder of their own, as any laboratory hands them over.

For trying the project, or another one, on files whose truth is known: any marker set, on a
treadmill or a runway, as C3D or as text (TRC, and MOT with the plates), with or without forces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from strikelean.formats.c3d_write import write_c3d
from strikelean.formats.series import FloatArray, Markers, TimeSeries, Wrench
from strikelean.formats.sto import write_sto
from strikelean.formats.trc import write_trc
from strikelean.lab.forces import centre_of_pressure
from strikelean.virtual.drawn_runners import write_tables
from strikelean.virtual.laboratory import NOTES, PLATE, Laboratory
from strikelean.virtual.runner import (
    VirtualStudy,
    compile_body,
    happened,
    laboratory_of,
    make_body,
    run_habitual,
    run_techniques,
)
from strikelean.virtual.settings import HABITUAL
from strikelean.virtual.true_trial import TrueTrial, TruthFiles, write_truth

Progress = Callable[[str], None]
# A plate's pressure is written from this force on.
PRESSED_N = 20.0


@dataclass(frozen=True)
class FileKind:
    """What is written.

    Attributes:
        text: TRC and MOT files; else C3D.
        forces: whether plates were recorded.
    """

    text: bool = False
    forces: bool = True

    def names(self, name: str) -> list[str]:
        """Return the files of a recording."""
        if not self.text:
            return [f"{name}.c3d"]
        return [f"{name}.trc", *([f"{name}.mot"] if self.forces else [])]


def plate_table(wrenches: Sequence[Wrench]) -> TimeSeries:
    """Return what plates felt as the columns of a MOT file, numbered by plate.

    Where a plate is not pressed its pressure stands at the laboratory's origin.
    """
    columns: dict[str, FloatArray] = {}
    for number, wrench in enumerate(wrenches, start=1):
        place = centre_of_pressure(wrench.force_n, wrench.moment_nm, PRESSED_N)
        place = np.nan_to_num(place)
        torque = wrench.moment_nm - np.cross(place, wrench.force_n)
        parts = (("force_v", wrench.force_n), ("force_p", place), ("torque_", torque))
        for part, values in parts:
            for axis, column in zip("xyz", values.T, strict=True):
                columns[f"{number}_ground_{part}{axis}"] = column
    values = np.column_stack(list(columns.values()))
    return TimeSeries(wrenches[0].time_s, tuple(columns), values)


def write_files(
    folder: Path,
    name: str,
    markers: Markers,
    wrenches: Sequence[Wrench],
    laboratory: Laboratory,
    kind: FileKind,
) -> None:
    """Write one recording.

    Args:
        folder: written to.
        name: of the files.
        markers: seen.
        wrenches: of each plate, none of a standing trial.
        laboratory: that recorded it.
        kind: what is written.
    """
    felt = list(wrenches) if kind.forces else []
    if not kind.text:
        plates = laboratory.plates or (PLATE,)
        notes = NOTES | {"LABORATORY": laboratory.name}
        write_c3d(folder / f"{name}.c3d", markers, felt or None, plates if felt else None, notes)
        return
    write_trc(folder / f"{name}.trc", markers)
    if felt:
        write_sto(folder / f"{name}.mot", plate_table(felt), next(iter(NOTES.values())))


def _true_trials(
    study: VirtualStudy, runner: str, osim: Path, laboratory: str, progress: Progress
) -> tuple[Laboratory, dict[str, TrueTrial]]:
    """Return a runner's laboratory and true trials, on a belt; what cannot be run is absent."""
    drawn = study.runner(runner)
    make_body(study, drawn, laboratory, osim)
    tree = compile_body(study, osim)
    habitual = run_habitual(study, drawn, tree, progress).trial
    trials = {HABITUAL: habitual}
    asked = {name: own for name, own in study.settings.trials().items() if own}
    runs = run_techniques(study, drawn, habitual, list(asked.values()), progress)
    for name, run in zip(asked, runs, strict=True):
        if isinstance(run, Exception):
            progress(f"{name}: left out, {run}")
        else:
            trials[name] = run.trial
    return laboratory_of(study, drawn, tree, laboratory), trials


def export_recordings(
    study: VirtualStudy,
    runners: Sequence[str],
    laboratory: str,
    folder: Path,
    kind: FileKind,
    progress: Progress = lambda line: None,
) -> None:
    """Write recordings, both tables and what was true of some virtual runners into a folder.

    Args:
        study: what runners are made from.
        runners: names, such as ``V01``.
        laboratory: that records them.
        folder: written to: ``subjects.tsv``, ``trials.tsv``, a folder a runner and, for nobody who
            tries, ``truth/``.
        kind: what is written.
        progress: called with a line of text now and then.

    Raises:
        ConfigError: a runner that is not among those drawn.
        SolverError: a runner cannot be made.
    """
    for name in runners:
        study.runner(name)
    subjects: list[Mapping[str, Any]] = []
    rows: list[Mapping[str, Any]] = []
    for name in runners:
        own, truth = folder / name, folder / "truth" / name
        truth.mkdir(parents=True, exist_ok=True)
        own.mkdir(parents=True, exist_ok=True)
        osim = truth / "true_model.osim"
        records, trials = _true_trials(study, name, osim, laboratory, progress)
        static = replace(kind, forces=False)
        write_files(own, "static", records.standing(), [], records, static)
        subjects.append(_subject(study, name, static))
        for condition, true in trials.items():
            for recording, trial in happened(study, study.runner(name), condition, true).items():
                markers, wrenches = records.running(trial, recording)
                write_files(own, recording, markers, wrenches, records, kind)
                parts = ("motion.mot", "ground.mot", "contacts.csv")
                places = (truth / f"{recording}_{part}" for part in parts)
                write_truth(trial, TruthFiles(*places))
                rows.append(_trial(study, name, recording, condition, kind))
                progress(f"{name}, {recording}: written")
    write_tables(subjects, rows, folder / "subjects.tsv", folder / "trials.tsv", "this file")


def _subject(study: VirtualStudy, name: str, static: FileKind) -> dict[str, Any]:
    runner = study.runner(name)
    (file,) = static.names("static")
    return {
        "subject": name,
        "mass_kg": runner.sizes.mass_kg,
        "height_m": runner.sizes.height_m,
        "sex": runner.sex,
        "static_file": f"{name}/{file}",
        "marker_set": study.settings.marker_set,
    }


def _trial(
    study: VirtualStudy, name: str, recording: str, condition: str, kind: FileKind
) -> dict[str, Any]:
    return {
        "subject": name,
        "trial": recording,
        "files": ";".join(f"{name}/{file}" for file in kind.names(recording)),
        "condition": condition,
        "speed_m_s": study.settings.speed_m_s,
        "belt_speed_m_s": study.settings.belt_speed_m_s,
    }
