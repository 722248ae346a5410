"""`make` fills an environment of its own and leaves every other one as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from project_copy import TOP, make

MARKER = "made-by-strikelean"
# what a Python does that holds no package, and one that holds all of them
LACKS = "#!/bin/sh\nprintf '%s\\n' numpy==2.3.5 scipy==1.17.1\n"
HOLDS = "#!/bin/sh\nexit 0\n"
BREAKS = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that needs no packages, so that nothing is fetched."""
    folder = tmp_path / "checkout"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(TOP / "Makefile", folder)
    for name in ("make_environment.py", "check_machine.py"):
        shutil.copy(TOP / "scripts" / name, folder / "scripts")
    (folder / "requirements.txt").write_text("# nothing\n", encoding="utf-8")
    return folder


def write_environment(folder: Path, python: str = LACKS) -> Path:
    """Write an environment by hand, with something in it that nobody can replace."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_text(python, encoding="utf-8")
    (folder / "bin" / "python").chmod(0o755)
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")
    return folder


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def assert_refused(run: subprocess.CompletedProcess[str], *words: str) -> None:
    assert run.returncode == 2
    told = [line for line in run.stderr.splitlines() if line.startswith("strikelean: ")]
    assert len(told) == 1, run.stdout + run.stderr
    assert not [word for word in words if word not in told[0]], told
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("python", [LACKS, BREAKS])
@pytest.mark.parametrize("target", ["env", "lint", "test", "reproduce"])
def test_a_linked_environment_is_left_as_it_is(
    checkout: Path, tmp_path: Path, python: str, target: str
) -> None:
    theirs = write_environment(tmp_path / "theirs", python)
    (checkout / ".venv").symlink_to(theirs, target_is_directory=True)
    before = snapshot(theirs)
    run = make(checkout, target)
    assert_refused(run, "a link to", str(theirs), "make VENV=folder")
    assert snapshot(theirs) == before


def test_a_link_to_what_another_checkout_left_unfinished_is_refused(
    checkout: Path, tmp_path: Path
) -> None:
    theirs = write_environment(tmp_path / "theirs")
    (theirs / MARKER).write_text("unfinished\n", encoding="utf-8")
    (checkout / ".venv").symlink_to(theirs, target_is_directory=True)
    before = snapshot(theirs)
    assert_refused(make(checkout, "env"), "a link to")
    assert snapshot(theirs) == before


def test_a_link_into_nothing_makes_nothing(checkout: Path, tmp_path: Path) -> None:
    (checkout / ".venv").symlink_to(tmp_path / "nowhere")
    assert_refused(make(checkout, "env"), "a link to")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_or_file_of_somebody_else_is_left_as_it_is(checkout: Path) -> None:
    theirs = write_environment(checkout / ".venv")
    before = snapshot(theirs)
    assert_refused(make(checkout, "env"), "did not make", "numpy==2.3.5 and 1 more")
    assert snapshot(theirs) == before
    (checkout / "notes").write_text("mine", encoding="utf-8")
    assert_refused(make(checkout, "env", "VENV=notes"), "found a file")
    assert (checkout / "notes").read_text(encoding="utf-8") == "mine"


def test_an_environment_that_holds_everything_is_used_whoever_made_it(
    checkout: Path, tmp_path: Path
) -> None:
    theirs = write_environment(tmp_path / "theirs", HOLDS)
    (checkout / ".venv").symlink_to(theirs, target_is_directory=True)
    before = snapshot(theirs)
    run = make(checkout, "env")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert snapshot(theirs) == before


def test_an_interrupted_environment_is_made_anew_and_links_in_it_are_not_followed(
    checkout: Path, tmp_path: Path
) -> None:
    theirs = write_environment(tmp_path / "theirs")
    before = snapshot(theirs)
    half = write_environment(checkout / ".venv", BREAKS)
    (half / MARKER).write_text("unfinished\n", encoding="utf-8")
    (half / "linked").symlink_to(theirs, target_is_directory=True)
    run = make(checkout, "env")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "making .venv" in run.stderr
    assert snapshot(theirs) == before
    assert not (half / "thesis.txt").exists()
    assert not os.path.lexists(half / "linked")
    assert (half / MARKER).read_text(encoding="utf-8") == "complete\n"
    again = make(checkout, "env")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.long
def test_a_failed_installation_is_said_and_the_environment_stays_unfinished(
    checkout: Path,
) -> None:
    (checkout / "requirements.txt").write_text("-r absent.txt\n", encoding="utf-8")
    run = make(checkout, "env")
    assert run.returncode == 2
    assert "found that pip failed" in run.stderr
    assert "Traceback" not in run.stderr
    marker = checkout / ".venv" / MARKER
    assert marker.read_text(encoding="utf-8") == "unfinished\n"
