"""`snakemake check`: all faults before a study, which then reads nothing again."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from project_copy import SUBJECTS, TRIALS, Copy, first_rows
from strikelean.model.fetch import cached_model
from strikelean.model.generic import load_recipe

TOP = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "project")


def table(project: Copy, cohort: str = "own") -> list[dict[str, str]]:
    path = project.folder / "results" / cohort / "check.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_check_reads_every_runner_and_solves_nothing(project: Copy) -> None:
    # a runner without a recording is checked too
    project.tables(SUBJECTS, first_rows(TRIALS, 2))
    planned = project.planned("check")
    assert {rule for rule, _ in planned} == {"fetch_model", "check_runner", "check_cohort"}
    assert {about for rule, about in planned if rule == "check_runner"} == {"anna", "bert"}


def test_a_study_asks_for_no_check(project: Copy) -> None:
    assert not {rule for rule, _ in project.planned()} & {"check_runner", "check_cohort"}


def test_mistakes_and_broken_files_are_told_in_one_pass(project: Copy) -> None:
    project.tables(SUBJECTS.replace("\t60\t", "\t\t"), TRIALS.replace("heel_strike", ""))
    run = project.snakemake("check")
    text = run.stdout + run.stderr
    assert run.returncode == 2, text
    assert "Traceback" not in text
    assert "a bug in" not in text
    found = {(row["subject"], row["trial"], row["kind"]) for row in table(project)}
    # the copy's recordings are empty files
    assert found >= {
        ("anna", "", "mistake"),
        ("anna", "run1", "mistake"),
        ("anna", "", "fault"),
        ("bert", "", "fault"),
        ("bert", "run1", "fault"),
    }
    assert "2 mistakes in tables or settings: nothing can run before" in text
    assert text.rstrip().endswith("results/own/check.html")
    assert not (project.folder / "results" / "own" / "anna").exists()
    # what stands there now is not taken for the whole once the mistakes are mended
    project.tables(SUBJECTS, TRIALS)
    planned = project.planned("check")
    assert {("check_runner", "anna"), ("check_runner", "bert"), ("check_cohort", "own")} <= set(
        planned
    )


def test_a_dry_run_with_mistakes_reads_nothing(project: Copy) -> None:
    project.tables(SUBJECTS.replace("\t60\t", "\t\t"), TRIALS)
    run = project.snakemake("--dry-run", "check")
    assert run.returncode == 2
    assert not (project.folder / "results").exists()


def test_without_recordings_there_is_nothing_to_check(project: Copy) -> None:
    project.empty_tables()
    run = project.snakemake("check")
    assert run.returncode == 2
    assert len((run.stdout + run.stderr).strip().splitlines()) == 1
    assert "found no rows" in run.stderr


REAL = "cohort: real\ndata_root: data\nkinematics: {knee3: false}\n"
RUN = ("--cores", "1", "--configfile", "real.yaml")


@pytest.fixture(scope="module")
def checked(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """One public runner, with one trial as recorded and one that is cut short."""
    if cached_model(load_recipe(TOP / "models" / "rajagopal2016.yaml")["source"]) is None:
        pytest.skip("the generic model is not cached: run 'make test' once with a network")
    source = data_folder / "rbds"
    if not (source / "RBDS012runT35.c3d").is_file():
        pytest.skip(f"no public running dataset in {source}")
    copy = Copy(tmp_path_factory.mktemp("checked") / "project")
    data = copy.folder / "data"
    data.mkdir()
    for name in ("RBDS012static.c3d", "RBDS012runT35.c3d"):
        shutil.copy(source / name, data)
    whole = (data / "RBDS012runT35.c3d").read_bytes()
    (data / "short.c3d").write_bytes(whole[: len(whole) // 3])
    header = [first_rows(text, 1) for text in (SUBJECTS, TRIALS)]
    copy.tables(
        f"{header[0]}RBDS012\t75.65\t1.79\tM\tRBDS012static.c3d\t\trbds\n",
        f"{header[1]}RBDS012\trun35\tRBDS012runT35.c3d\theel_strike\t3.5\t3.5\t\t\n"
        "RBDS012\tshort\tshort.c3d\theel_strike\t3.5\t3.5\t\t\n",
    )
    (copy.folder / "real.yaml").write_text(REAL, encoding="utf-8")
    run = copy.snakemake("check", *RUN)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    assert "1 of 2 recordings will be used, 1 excluded" in run.stderr
    assert "RBDS012: read the standing trial and 2 recordings, found 1 fault" in run.stderr
    return copy


@pytest.mark.long
def test_a_real_check_excludes_the_broken_file_alone(checked: Copy) -> None:
    rows = {(row["trial"], row["kind"]): row for row in table(checked, "real")}
    assert rows["short", "fault"]["follows"] == "excluded"
    assert rows["short", "fault"]["file"] == "short.c3d"
    assert not [row for trial, row in rows.items() if trial == ("run35", "fault")]
    page = (checked.folder / "results" / "real" / "check.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "rearfoot" in page


@pytest.mark.long
def test_a_check_is_told_again_and_reads_no_runner_again(checked: Copy) -> None:
    planned = checked.planned("check", "--configfile", "real.yaml")
    assert not {rule for rule, _ in planned}


@pytest.mark.long
def test_the_study_takes_over_what_was_read_and_it_is_the_same(checked: Copy) -> None:
    place = checked.folder / "results" / "real" / "RBDS012"
    wanted = "results/real/RBDS012/run35/quality.json"
    log = checked.folder / "logs" / "real" / "RBDS012" / "run35" / "solve_trial.log"
    made = {}
    for kept in (True, False):
        if not kept:
            (place / "check.zip").unlink()
            shutil.rmtree(place / "run35")
            for path in place.glob("s*.*"):
                path.unlink()
        run = checked.snakemake(wanted, *RUN)
        assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
        assert ("took over the recording" in log.read_text(encoding="utf-8")) == kept
        files = [*place.glob("s*.*"), *(place / "run35").glob("[a-z]*.*")]
        made[kept] = {path.name: path.read_bytes() for path in files}
    assert {"scaled.osim", "grf.mot", "metrics.csv"} <= set(made[True])
    assert made[True] == made[False]
