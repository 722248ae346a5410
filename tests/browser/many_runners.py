"""A cohort of many runners out of a finished one: the same results under other names.

For the size and speed of a page alone; what it then says of groups is nobody's result.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from strikelean.formats.hdf5 import read_waveforms, write_waveforms

CONDITIONS = ("heel_strike", "forefoot_upright", "forefoot_lean", "lean", "cadence")
ANGLES = (-10, -5, 0, 5, 10, 15, 20, 25, 30)
ANGLE = "trunk_lean_change_deg"
# files of a trial that figures are drawn from
OF_TRIAL = ("body_points.sto", "grf.mot", "contacts.csv")


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def named(count: int, subjects: list[str]) -> dict[str, str]:
    """Return new names, each with the runner that it stands for."""
    return {f"X{n:02d}": subjects[n % len(subjects)] for n in range(count)}


def trials_of(quality: pd.DataFrame) -> dict[str, str]:
    """Return trials of every condition, each with the recorded one that it repeats."""
    own = list(dict.fromkeys(quality["trial"]))
    return {name: name for name in own} | {
        name: own[n % len(own)] for n, name in enumerate(CONDITIONS) if name not in own
    }


def _under_names(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    own = dict(iter(table.groupby("subject", sort=False)))
    parts = [own[old].assign(subject=new) for new, old in names.items() if old in own]
    return pd.concat(parts, ignore_index=True)


def _under_trials(table: pd.DataFrame, trials: dict[str, str]) -> pd.DataFrame:
    parts = []
    for new, old in trials.items():
        part = table[table["trial"] == old].assign(trial=new)
        if new != old and "condition" in part:
            part["condition"] = new
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _at_angles(table: pd.DataFrame) -> pd.DataFrame:
    known = sorted(set(table[ANGLE]), key=float)
    parts = []
    for angle in ANGLES:
        nearest = min(known, key=lambda one: abs(float(one) - angle))
        parts.append(table[table[ANGLE] == nearest].assign(**{ANGLE: str(angle)}))
    return pd.concat(parts, ignore_index=True)


def _copy_motions(results: Path, into: Path, names: dict[str, str], trials: dict[str, str]) -> None:
    for new, old in names.items():
        (into / new).mkdir()
        static = results / old / "static.trc"
        if static.is_file():
            shutil.copy(static, into / new)
        for trial, repeated in trials.items():
            (into / new / trial).mkdir()
            for name in OF_TRIAL:
                if (results / old / repeated / name).is_file():
                    shutil.copy(results / old / repeated / name, into / new / trial)
        for path in sorted((results / old).glob("*/sweep_poses.csv")):
            swept = _at_angles(_read(path)).assign(subject=new)
            swept.to_csv(into / new / path.parent.name / path.name, index=False)


def repeat(results: Path, into: Path, count: int) -> Path:
    """Write a cohort of so many runners, five conditions and nine angles; return its folder."""
    into.mkdir()
    for path in results.glob("*.csv"):
        shutil.copy(path, into)
    quality = _read(results / "quality.csv")
    names = named(count, list(dict.fromkeys(quality["subject"])))
    trials = trials_of(quality)
    for name in ("quality", "metrics"):
        table = _under_trials(_read(results / f"{name}.csv"), trials)
        _under_names(table, names).to_csv(into / f"{name}.csv", index=False)
    if (results / "sweep.csv").is_file():
        swept = _at_angles(_read(results / "sweep.csv"))
        _under_names(swept, names).to_csv(into / "sweep.csv", index=False)
    if (results / "subjects.tsv").is_file():
        table = pd.read_csv(results / "subjects.tsv", sep="\t", comment="#", dtype=str)
        _under_names(table, names).to_csv(into / "subjects.tsv", sep="\t", index=False)
    waveforms, provenance = read_waveforms(results / "cohort.h5")
    copied = {}
    for new, old in names.items():
        for trial, repeated in trials.items():
            start = f"{old}/{repeated}/"
            for place, waveform in waveforms.items():
                if place.startswith(start):
                    copied[f"{new}/{trial}/{place.removeprefix(start)}"] = waveform
    write_waveforms(into / "cohort.h5", copied, provenance)
    _copy_motions(results, into, names, trials)
    return into
