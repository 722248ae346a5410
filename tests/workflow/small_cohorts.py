"""Whole cohorts that several tests look at, each run once in a session (tests/conftest.py)."""

from __future__ import annotations

import csv
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from snakemake.utils import update_config

from project_copy import Copy

SMALL = """
virtual:
  runners: 1
  strides: 3
  techniques: [forefoot]
  derived: []
  trunk_lean_change_deg: [0, 5, 20]
sweep:
  strides: 1
"""
RECORDING = re.compile(r"(?P<subject>RBDS\d+)runT(?P<tenths>\d\d)\.c3d")
SUBJECTS = "subject\tmass_kg\theight_m\tsex\tstatic_file\tmodel\tmarker_set"
TRIALS = "subject\ttrial\tfiles\tcondition\tspeed_m_s\tbelt_speed_m_s\tstart_s\tend_s"


def options(copy: Copy, text: str = SMALL) -> tuple[str, ...]:
    """Return the options of a run that is laid over the delivered configuration."""
    (copy.folder / "small.yaml").write_text(text, encoding="utf-8")
    return ("--configfile", "small.yaml")


def run_settings(results: Path) -> dict[str, Any]:
    """Return what a cohort here was run with: the delivered configuration and what was laid over.

    The workflow names a cohort of virtual runners, and sweeps their own angles where it has none.
    """
    project = results.parents[1]
    [laid_over] = project.glob("*.yaml")
    settings, own = (
        yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in (project / "config/config.yaml", laid_over)
    )
    update_config(settings, own)
    if results.name == "virtual":
        settings["sweep"]["trunk_lean_change_deg"] = settings["virtual"]["trunk_lean_change_deg"]
    return {**settings, "cohort": results.name}


class SmallCohort:
    """One virtual runner with one technique and three angles, run for real."""

    def __init__(self, folder: Path) -> None:
        """Run it in a copy of the project."""
        self.copy = Copy(folder)
        self.copy.empty_tables()
        done = self.snakemake("--cores", "2")
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
        self.results = self.copy.folder / "results" / "virtual"

    def snakemake(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Run Snakemake with the cohort's configuration."""
        return self.copy.snakemake(*more, *options(self.copy))

    def planned(self, text: str) -> Counter[tuple[str, str]]:
        """Return what another configuration would do; what the cohort was run with stays."""
        try:
            return self.copy.planned(*options(self.copy, text))
        finally:
            options(self.copy)


def public_tables(data: Path, folder: Path) -> None:
    """Write both tables of every runner and every speed that the public dataset holds."""
    with (data / "participants.csv").open(encoding="utf-8", newline="") as stream:
        people = list(csv.DictReader(stream))
    subjects = [
        f"{row['file_prefix']}\t{row['mass_kg']}\t{float(row['height_cm']) / 100:.4f}\t{row['sex']}"
        f"\t{row['file_prefix']}static.c3d\t\trbds"
        for row in people
    ]
    found = [RECORDING.fullmatch(path.name) for path in sorted(data.glob("RBDS*run*.c3d"))]
    trials = [
        f"{match['subject']}\trun{match['tenths']}\t{match[0]}\tat{match['tenths']}"
        + f"\t{int(match['tenths']) / 10}" * 2
        + "\t\t"
        for match in found
        if match is not None
    ]
    for name, header, rows in (("subjects", SUBJECTS, subjects), ("trials", TRIALS, trials)):
        (folder / f"{name}.tsv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def run_public(data: Path, folder: Path) -> Path:
    """Run the whole public dataset in a copy of the project; return the folder of results."""
    copy = Copy(folder)
    public_tables(data, copy.folder)
    (copy.folder / "public.yaml").write_text(
        "cohort: public\ntables: {subjects: subjects.tsv, trials: trials.tsv}\n", encoding="utf-8"
    )
    done = copy.snakemake(
        "--cores",
        "2",
        "--workflow-profile",
        "config/profiles/default",
        "--configfile",
        "public.yaml",
        "--config",
        f"data_root={data}",
        timeout_s=2400,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return copy.folder / "results" / "public"
