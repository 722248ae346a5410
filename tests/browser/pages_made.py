"""Pages of made-up cohorts, and pages of finished results as today's code writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pandas as pd

import made_page
from strikelean.report.page import write_report
from strikelean.report.page_files import PageFiles


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
    "two classes": two_classes,
    "all excluded": all_excluded,
}


def finished_files(results: Path) -> PageFiles:
    """Return what a page is made of in a folder of finished results."""
    names = {field.name for field in fields(PageFiles)}
    found = {name: results / f"{name}.csv" for name in names}
    given = {name: path for name, path in found.items() if path.is_file()}
    if (results / "within_runner_slopes.csv").is_file():
        given["slopes"] = results / "within_runner_slopes.csv"
    return made_page.page_files(results, **given)


def render(results: Path, output: Path) -> Path:
    """Write the page of finished results anew and return it."""
    virtual = (results / "recovery.csv").is_file()
    write_report(
        finished_files(results), output, results.name, made_page.settings(), virtual=virtual
    )
    return output
