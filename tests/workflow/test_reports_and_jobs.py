"""Snakemake's report holds results with captions; one job runs outside Snakemake."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from project_copy import Copy
from strikelean.workflow_files import TABLES, VIRTUAL_TABLES

TOP = Path(__file__).parents[2]
RULES = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "rules").glob("*.smk"))
TABLE = "results/virtual/subjects.tsv"
# waveforms for programs, not for people
UNSHOWN = {"cohort.h5"}


@pytest.mark.parametrize("name", sorted({"report.html", *TABLES, *VIRTUAL_TABLES} - UNSHOWN))
def test_what_people_ask_for_is_in_the_report_with_a_caption(name: str) -> None:
    pattern = rf'report\(\s+"results/{{cohort}}/{name}",\s+caption="(captions/\w+\.rst)",'
    marked = re.search(pattern, RULES)
    assert marked is not None
    assert len((TOP / "rules" / marked[1]).read_text(encoding="utf-8")) > 40


def test_every_caption_is_used() -> None:
    used = set(re.findall(r'caption="captions/(\w+)\.rst"', RULES))
    assert {path.stem for path in (TOP / "rules" / "captions").glob("*.rst")} == used


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("made") / "project")
    copy.empty_tables()
    done = copy.snakemake(TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


def test_a_report_of_a_finished_result_holds_it(made: Copy) -> None:
    done = made.snakemake("--report", "out.html", TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (made.folder / "out.html").read_text(encoding="utf-8")
    assert "as a laboratory would list them" in page
    assert "subjects.tsv" in page


def debug(made: Copy, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = made.folder / "scripts" / "debug_job.py"
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=made.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_one_job_runs_outside_snakemake_and_touches_no_result(made: Copy) -> None:
    before = (made.folder / TABLE).read_bytes()
    (made.folder / TABLE).write_text("kept\n", encoding="utf-8")
    done = debug(made, TABLE, "--folder", "looked")
    assert done.returncode == 0, done.stderr
    assert (made.folder / "looked" / "subjects.tsv").read_bytes() == before
    assert (made.folder / TABLE).read_text(encoding="utf-8") == "kept\n"


def test_a_job_without_its_inputs_says_what_makes_them(made: Copy) -> None:
    done = debug(made, "results/virtual/V01/static.trc")
    assert done.returncode == 1
    assert "snakemake --cores 1 results/virtual/V01/recordings/static.c3d" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_no_rule_makes_is_named(made: Copy) -> None:
    done = debug(made, "results/virtual/nothing.csv")
    assert done.returncode == 1
    assert "results/virtual/nothing.csv" in done.stderr
    assert "Traceback" not in done.stderr
