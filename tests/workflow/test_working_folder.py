"""The workflow runs from any working folder: configuration and delivered tables are found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from project_copy import Copy

WAYS = ("--snakefile", "--directory")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = Copy(tmp_path_factory.mktemp("elsewhere") / "project")
    copy.empty_tables()
    return copy


def run(project: Copy, way: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the project's workflow in another working folder, in one of two ways."""
    folder.mkdir(exist_ok=True)
    if way == "--directory":
        return project.snakemake(way, str(folder), *options)
    return project.snakemake(way, str(project.folder / "Snakefile"), *options, folder=folder)


@pytest.mark.parametrize("way", WAYS)
def test_a_job_runs_from_another_folder_and_leaves_its_results_there(
    project: Copy, tmp_path: Path, way: str
) -> None:
    table = "results/second/subjects.tsv"
    done = run(project, way, tmp_path / "runs", table, "--config", "cohort=second")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "results/second/V01" in (tmp_path / "runs" / table).read_text(encoding="utf-8")
    assert not (project.folder / "results").exists()
