"""A run that is killed at work: make says the way on, and what comes out then is the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import strikelean
from page_examples import PAGE, examples
from project_copy import TOP, Copy, make

pytestmark = pytest.mark.long

SMALL = {
    "runners": "1",
    "strides": "3",
    "techniques": "[]",
    "derived": "[]",
    "trunk_lean_change_deg": "[]",
}


def small_project(folder: Path) -> Copy:
    """Return a copy whose main job is one virtual runner with one trial."""
    copy = Copy(folder)
    copy.empty_tables()
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(TOP / name, folder)
    path = folder / "config" / "config.yaml"
    before, mark, after = path.read_text(encoding="utf-8").partition("\nvirtual:")
    lines = [
        next((f"  {k}: {v}  # small" for k, v in SMALL.items() if line.startswith(f"  {k}:")), line)
        for line in after.splitlines()
    ]
    path.write_text(before + mark + "\n".join(lines) + "\n", encoding="utf-8")
    return copy


# the environment of the tests, which holds all packages
OPTIONS = (f"VENV={sys.prefix}", "CORES=2")


def kill_at_work(copy: Copy, awaited: Path) -> None:
    """Start the main job and kill it with all its jobs once a file is there."""
    command = ["make", "reproduce", *OPTIONS, f"PYTHON={sys.executable}"]
    with (copy.folder / "killed.log").open("wb") as log:
        run = subprocess.Popen(
            command, cwd=copy.folder, stdout=log, stderr=log, start_new_session=True
        )
    for _ in range(6000):
        if awaited.exists() or run.poll() is not None:
            break
        time.sleep(0.1)
    assert run.poll() is None, (copy.folder / "killed.log").read_text(encoding="utf-8")
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def make_here(copy: Copy, target: str) -> subprocess.CompletedProcess[str]:
    return make(copy.folder, target, *OPTIONS, timeout_s=1800)


def tables(copy: Copy) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in copy.folder.glob("results/virtual/*.csv")}


def test_after_a_kill_make_says_the_way_on_and_the_results_are_the_same(
    tmp_path: Path, generic_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = small_project(tmp_path / "killed")
    kill_at_work(copy, copy.folder / "results/virtual/V01/heel_strike/markers.trc")
    again = make_here(copy, "reproduce")
    told = again.stdout + again.stderr
    assert again.returncode != 0
    assert "Traceback" not in told
    assert "If none is running (one was killed): make unlock, and run again." in told
    assert make_here(copy, "unlock").returncode == 0
    finished = make_here(copy, "reproduce")
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    # nothing half-made was kept
    whole = small_project(tmp_path / "whole")
    straight = make_here(whole, "reproduce")
    assert straight.returncode == 0, straight.stdout[-3000:] + straight.stderr[-3000:]
    found = tables(copy)
    assert len(found) > 8
    assert found == tables(whole)
    # what docs/python.md reads of a finished run is there to be read
    monkeypatch.chdir(whole.folder)
    names: dict[str, object] = {"sl": strikelean}
    for code in examples("example: results"):
        exec(compile(code, str(PAGE), "exec"), names)
    assert {"quality", "metrics"} <= set(dir(names["results"]))
    assert names["curve"].shape[0] == 101
