"""What the jobs of a run cost: sums by rule, and what grew against an earlier record."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import stage
from strikelean.verify.workflow_costs import (
    costs_by_rule,
    read_costs,
    slower_than,
    workflow_figures,
)


def log(path: Path, wall_s: float, cpu_s: float, end_s: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    told = f"took {wall_s:.2f} s, processor time {cpu_s:.2f} s, memory 300 MB at most"
    path.write_text(f"processor time\nsolved\n{told}\n", encoding="utf-8")
    os.utime(path, (end_s, end_s))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    log(tmp_path / "V01" / "run" / "solve_trial.log", 3.0, 2.0, 1003.0)
    log(tmp_path / "V02" / "run" / "solve_trial.log", 5.0, 4.0, 1005.0)
    log(tmp_path / "write_report.log", 2.0, 1.5, 1007.0)
    return tmp_path


def test_jobs_are_summed_by_rule_the_dearest_first(folder: Path) -> None:
    table = costs_by_rule(read_costs(folder))
    assert table["rule"].tolist() == ["solve_trial", "write_report"]
    assert table["jobs"].tolist() == [2, 1]
    assert table["cpu_s"].tolist() == [6.0, 1.5]


def test_a_run_is_told_in_all_and_by_runner(folder: Path) -> None:
    found = workflow_figures(folder)
    assert found["workflow_jobs"] == 3.0
    assert found["workflow_wall_s"] == pytest.approx(7.0)
    assert found["workflow_runner_cpu_s"] == pytest.approx(3.0)
    assert 0.1 < found["job_start_s"] < 30.0
    starts_s = 3 * found["job_start_s"]
    assert found["workflow_start_share"] == pytest.approx(starts_s / 7.5)
    assert found["workflow_useful_cpu_s"] == pytest.approx(max(7.5 - starts_s, 0.0))
    assert found["workflow_cohort_cpu_s"] == pytest.approx(1.5)
    assert found["workflow_jobs_at_a_time"] == pytest.approx(10.0 / 7.0)


def test_a_job_that_was_killed_before_its_last_line_is_left_out(folder: Path) -> None:
    (folder / "V02" / "run" / "sweep_lean.log").write_text("solved\n", encoding="utf-8")
    assert sorted(read_costs(folder)["rule"]) == ["solve_trial", "solve_trial", "write_report"]


def test_what_a_job_writes_of_itself_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "own.log"
    path.write_text(f"{stage._costs()}\n", encoding="utf-8")
    (job,) = read_costs(tmp_path).itertuples()
    assert job.rule == "own"
    assert job.cpu_s > 0.0
    assert 10.0 < job.memory_mb < 1e5


def test_without_a_run_only_the_start_of_a_job_is_known(tmp_path: Path) -> None:
    assert list(workflow_figures(tmp_path)) == ["job_start_s"]


def test_what_became_slower_is_named_and_what_did_not_is_not() -> None:
    before: dict[str, object] = {"sweep_s": 10.0, "lean_s": 1.0, "trial": "x", "ratio": 280.0}
    now: dict[str, object] = {"sweep_s": 13.0, "lean_s": 1.1, "trial": "y", "ratio": 100.0}
    (line,) = slower_than(before, now)
    assert line == "sweep_s: 13, 1.30 times the 10 before"
