"""Snakemake runs exactly what a change asks for: real dry runs in a copy of the project."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from project_copy import SUBJECTS, TRIALS, Copy

STUDY_RULES = {
    "compare_conditions",
    "compare_studies",
    "judge_claims",
    "regress_steps",
    "test_waveforms",
}
PAGE_RULES = {"write_report", "seal_results"}
COHORT_RULES = {"judge_quality", "collect_cohort"} | PAGE_RULES | STUDY_RULES
SUBJECT_RULES = {"scale_model"}
TRIAL_RULES = {"solve_trial"}
NEW_TRIAL = "anna\trun2\tanna_run2.c3d\tforefoot_lean\t3.5\t\t\t\n"


def expected(where: dict[str, set[str]]) -> Counter[tuple[str, str]]:
    return Counter((rule, place) for place, names in where.items() for rule in names)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("made") / "project")
    copy.make_everything()
    return copy


@pytest.fixture
def project(made: Copy) -> Iterator[Copy]:
    """Give the made copy, and put back whatever the test edits in it."""
    kept = {
        path: path.read_bytes()
        for folder in ("config", "scripts", "models")
        for path in (made.folder / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    times = {path: path.stat() for path in kept}
    yield made
    for path, content in kept.items():
        if path.read_bytes() != content:
            path.write_bytes(content)
            os.utime(path, ns=(times[path].st_atime_ns, times[path].st_mtime_ns))


def test_second_run_has_nothing_to_do(project: Copy) -> None:
    run = project.snakemake("--dry-run")
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout + run.stderr


def test_first_run_makes_every_runner_and_the_cohort(tmp_path: Path) -> None:
    fresh = Copy(tmp_path / "project")
    assert fresh.planned() == expected(
        {
            "rajagopal2016": {"fetch_model"},
            "anna": SUBJECT_RULES,
            "bert": SUBJECT_RULES,
            "anna run1": TRIAL_RULES,
            "bert run1": TRIAL_RULES,
            "own": COHORT_RULES,
        }
    )


def test_new_trial_adds_only_its_own_jobs(project: Copy) -> None:
    project.tables(SUBJECTS, TRIALS + NEW_TRIAL)
    assert project.planned() == expected({"anna run2": TRIAL_RULES, "own": COHORT_RULES})


def test_changed_mass_reruns_one_runner(project: Copy) -> None:
    project.tables(SUBJECTS.replace("\t60\t", "\t61\t"), TRIALS)
    assert project.planned() == expected(
        {"anna": {"scale_model"}, "anna run1": TRIAL_RULES, "own": COHORT_RULES}
    )


def test_changed_condition_reruns_nothing_of_a_runner(project: Copy) -> None:
    project.tables(SUBJECTS, TRIALS.replace("heel_strike", "heel"))
    assert project.planned() == expected({"own": COHORT_RULES})


def test_reordered_and_commented_tables_rerun_nothing_of_a_runner(project: Copy) -> None:
    lines = SUBJECTS.splitlines(keepends=True)
    project.tables("".join(["# noted\n", lines[0], lines[2], lines[1]]), TRIALS)
    assert not project.planned()


def test_reordered_trials_rerun_nothing_at_all(project: Copy) -> None:
    lines = TRIALS.splitlines(keepends=True)
    project.tables(SUBJECTS, "".join([lines[0], lines[2], lines[1]]))
    assert not project.planned()


def test_changed_limit_judges_anew_and_solves_nothing(project: Copy) -> None:
    config = project.folder / "config" / "config.yaml"
    text = config.read_text(encoding="utf-8")
    assert "max_lag_s: 0.020" in text
    config.write_text(text.replace("max_lag_s: 0.020", "max_lag_s: 0.010"), encoding="utf-8")
    assert project.planned() == expected({"own": COHORT_RULES})


@pytest.mark.parametrize(
    ("module", "first"),
    [
        ("strikelean/report/page.py", {"write_report"}),
        ("strikelean/report/seal.py", {"seal_results"}),
        ("strikelean/loads/write_loads.py", {"solve_trial"}),
        ("strikelean/muscles/solve.py", {"solve_trial"}),
    ],
)
def test_edited_library_file_reruns_what_uses_it(
    project: Copy, module: str, first: set[str]
) -> None:
    path = project.folder / "scripts" / module
    path.write_text(path.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")
    planned = {rule for rule, _ in project.planned()}
    order = [
        {"solve_trial"},
        {"judge_quality", "collect_cohort"} | STUDY_RULES,
        {"write_report"},
        {"seal_results"},
    ]
    start = next(index for index, names in enumerate(order) if names & first)
    assert planned == set().union(*order[start:])


def test_edited_marker_set_reruns_who_wears_it(project: Copy) -> None:
    path = project.folder / "models" / "markersets" / "rbds.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# noted\n", encoding="utf-8")
    planned = {rule for rule, _ in project.planned()}
    assert "scale_model" in planned
    assert "fetch_model" not in planned


def test_new_study_reruns_what_reads_studies(project: Copy) -> None:
    folder = project.folder / "config" / "studies"
    text = (folder / "Kulmala2013.yaml").read_text(encoding="utf-8")
    added = folder / "Mine2030.yaml"
    added.write_text(text.replace("study: Kulmala2013", "study: Mine2030"), encoding="utf-8")
    try:
        planned = {rule for rule, _ in project.planned()}
    finally:
        added.unlink()
    assert planned == (STUDY_RULES - {"test_waveforms"}) | PAGE_RULES
