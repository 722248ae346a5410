"""Pages of made-up cohorts, and pages of finished results as today's code writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

import made_page
from many_runners import OF_TRIAL
from strikelean.report import page_files
from strikelean.report.page import write_report
from study_cohorts import ROOT


def one_condition(folder: Path) -> made_page.Cohort:
    """Five heel strikers and nothing to compare them with."""
    runs = [(f"R{n}", "run1", "", 12.0 + n) for n in range(5)]
    return made_page.Cohort(folder, runs)


def no_forefoot(folder: Path) -> made_page.Cohort:
    """Runners in two conditions who land on the heel in both."""
    angles = {"heel_strike": 16.0, "lean": 14.0}
    runs = [(f"R{n}", name, name, angle + n) for n in range(5) for name, angle in angles.items()]
    return made_page.Cohort(folder, runs)


def one_foot(folder: Path) -> made_page.Cohort:
    """Strikers of two classes of whom one foot alone was recorded."""
    made = made_page.Cohort(folder, made_page.classes(4))
    made.metrics = made.metrics[made.metrics["side"] == "right"]
    made.waveforms = {key: one for key, one in made.waveforms.items() if "/right/" in key}
    return made


def two_classes(folder: Path) -> made_page.Cohort:
    """Four runners of each of two strike classes."""
    return made_page.Cohort(folder, made_page.classes(4))


def all_excluded(folder: Path) -> made_page.Cohort:
    """A runner whose only trial is excluded."""
    made = made_page.Cohort(folder, [])
    made.quality = pd.DataFrame(
        [
            {
                "subject": "A",
                "trial": "run1",
                "included": "no",
                "reason": "[A run1] read_recording: expected two feet, found none. Check plates.",
            }
        ],
        columns=["subject", "trial", "included", "reason", "warnings"],
    )
    return made


MADE: dict[str, Callable[[Path], made_page.Cohort]] = {
    "one condition": one_condition,
    "no forefoot strike": no_forefoot,
    "one foot": one_foot,
    "one runner": made_page.alone,
    "two classes": two_classes,
    "all excluded": all_excluded,
}


def drawn(results: Path) -> dict[str, Any]:
    """Return the files that figures of runners are made of, where a run has left them."""
    listed = results / "subjects.tsv"
    if not listed.is_file():
        return {}
    runners = pd.read_csv(listed, sep="\t", comment="#", dtype={"subject": str})
    metrics = pd.read_csv(results / "metrics.csv", usecols=["subject", "trial", "condition"])
    trials = [
        page_files.DrawnTrial(subject, trial, condition, *paths)
        for subject, trial, condition in metrics.drop_duplicates().itertuples(index=False)
        for paths in [[results / subject / trial / name for name in OF_TRIAL]]
        if all(path.is_file() for path in paths)
    ]
    return {
        "drawn_trials": trials,
        "drawn_runners": {
            str(row["subject"]): page_files.DrawnRunner(
                mass_kg=float(row["mass_kg"]),
                height_m=float(row["height_m"]),
                static=results / str(row["subject"]) / "static.trc",
                marker_set=ROOT / "models" / "markersets" / f"{row['marker_set']}.yaml",
            )
            for row in runners.to_dict("records")
        },
        "sweep_poses": sorted(results.glob("*/*/sweep_poses.csv")),
    }


def finished_files(results: Path) -> page_files.PageFiles:
    """Return what a page is made of in a folder of finished results."""
    names = {field.name for field in fields(page_files.PageFiles)}
    found = {name: results / f"{name}.csv" for name in names}
    given = {name: path for name, path in found.items() if path.is_file()}
    if (results / "within_runner_slopes.csv").is_file():
        given["slopes"] = results / "within_runner_slopes.csv"
    techniques = sorted((ROOT / "models" / "techniques").glob("*.yaml"))
    return made_page.page_files(results, **given, **drawn(results), technique_files=techniques)


def render(results: Path, output: Path) -> Path:
    """Write the page of finished results anew and return it."""
    virtual = (results / "recovery.csv").is_file()
    write_report(
        finished_files(results), output, results.name, made_page.settings(), virtual=virtual
    )
    return output
