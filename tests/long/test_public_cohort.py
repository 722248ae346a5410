"""The public running dataset whole: 14 runners, 26 trials at three speeds, from files to the page.

No trial may be lost, and what a plate reads while nobody touches it is near zero in all of them.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

# what a plate may read untouched, N on any axis (demanded of this dataset)
BASELINE_N = 60.0


def test_no_trial_is_lost(public_results: Path) -> None:
    with (public_results / "quality.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 26
    assert len({row["subject"] for row in rows}) == 14
    excluded = {
        f"{row['subject']} {row['trial']}": row["reason"]
        for row in rows
        if row["included"] != "yes"
    }
    assert not excluded


def test_what_a_plate_reads_untouched_is_near_zero_in_every_trial(public_results: Path) -> None:
    far = {}
    trials = sorted(public_results.glob("RBDS*/run*/recording.json"))
    for path in trials:
        told = json.loads(path.read_text(encoding="utf-8"))
        worst = max(abs(value) for plate in told["baselines"] for value in plate["force_n"])
        if worst > BASELINE_N:
            far[path.parent.relative_to(public_results).as_posix()] = worst
    assert len(trials) == 26
    assert not far


def test_the_page_shows_every_runner(public_results: Path) -> None:
    page = (public_results / "report.html").read_text(encoding="utf-8")
    names = {path.name for path in public_results.glob("RBDS*")}
    assert len(names) == 14
    assert not {name for name in names if name not in page}
