"""The public running dataset whole: 14 runners, 26 trials at three speeds, from files to the page.

No trial may be lost, and what a plate reads while nobody touches it is near zero in all of them.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from project_copy import Copy

pytestmark = pytest.mark.long

# what a plate may read untouched, N on any axis (demanded of this dataset)
BASELINE_N = 60.0
SPEED = re.compile(r"(?P<subject>RBDS\d+)runT(?P<tenths>\d\d)\.c3d")
SUBJECTS = "subject\tmass_kg\theight_m\tsex\tstatic_file\tmodel\tmarker_set"
TRIALS = "subject\ttrial\tfiles\tcondition\tspeed_m_s\tbelt_speed_m_s\tstart_s\tend_s"


def write_tables(data: Path, folder: Path) -> None:
    """Write both tables of every runner and every speed that the folder holds."""
    with (data / "participants.csv").open(encoding="utf-8", newline="") as stream:
        people = list(csv.DictReader(stream))
    subjects = [
        f"{row['file_prefix']}\t{row['mass_kg']}\t{float(row['height_cm']) / 100:.4f}\t{row['sex']}"
        f"\t{row['file_prefix']}static.c3d\t\trbds"
        for row in people
    ]
    found = [SPEED.fullmatch(path.name) for path in sorted(data.glob("RBDS*run*.c3d"))]
    trials = [
        f"{match['subject']}\trun{match['tenths']}\t{match[0]}\tat{match['tenths']}"
        + f"\t{int(match['tenths']) / 10}" * 2
        + "\t\t"
        for match in found
        if match is not None
    ]
    for name, header, rows in (("subjects", SUBJECTS, subjects), ("trials", TRIALS, trials)):
        (folder / f"{name}.tsv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def results(
    data_folder: Path, generic_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Results of the whole dataset, in a copy of the project."""
    data = data_folder / "rbds"
    if not (data / "participants.csv").is_file():
        pytest.skip(f"no public running dataset in {data}")
    copy = Copy(tmp_path_factory.mktemp("public") / "project")
    write_tables(data, copy.folder)
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


def test_no_trial_is_lost(results: Path) -> None:
    with (results / "quality.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 26
    assert len({row["subject"] for row in rows}) == 14
    excluded = {
        f"{row['subject']} {row['trial']}": row["reason"]
        for row in rows
        if row["included"] != "yes"
    }
    assert not excluded


def test_what_a_plate_reads_untouched_is_near_zero_in_every_trial(results: Path) -> None:
    far = {}
    trials = sorted(results.glob("RBDS*/run*/recording.json"))
    for path in trials:
        told = json.loads(path.read_text(encoding="utf-8"))
        worst = max(abs(value) for plate in told["baselines"] for value in plate["force_n"])
        if worst > BASELINE_N:
            far[path.parent.relative_to(results).as_posix()] = worst
    assert len(trials) == 26
    assert not far


def test_the_page_shows_every_runner(results: Path) -> None:
    page = (results / "report.html").read_text(encoding="utf-8")
    names = {path.name for path in results.glob("RBDS*")}
    assert len(names) == 14
    assert not {name for name in names if name not in page}
