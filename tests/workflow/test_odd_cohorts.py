"""One bad trial costs itself alone: odd recordings beside good ones, every stage for real."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from odd_recordings import odd_recordings
from project_copy import SUBJECTS, TRIALS, Copy
from strikelean.model.fetch import cached_model
from strikelean.model.generic import load_recipe

TOP = Path(__file__).parents[2]
ONE = "virtual: {runners: 1, strides: 3, techniques: [], trunk_lean_change_deg: []}\n"
ODD = """
cohort: odd
data_root: data
kinematics: {knee3: true}
counterfactual: {techniques: [lean+05], strides: 3, band_strides: 1}
sweep: {trunk_lean_change_deg: [0, 5], strides: 1}
"""
# the trials whose runner is asked to lean: each kind of bad base
LEANING = ("good", "one_side", "one_step", "no_step")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A virtual runner's recording, the odd ones made of it, and their tables."""
    if cached_model(load_recipe(TOP / "models" / "rajagopal2016.yaml")["source"]) is None:
        pytest.skip("the generic model is not cached: run 'make test' once with a network")
    copy = Copy(tmp_path_factory.mktemp("odd") / "project")
    copy.tables(SUBJECTS.splitlines(keepends=True)[0], TRIALS.splitlines(keepends=True)[0])
    (copy.folder / "one.yaml").write_text(ONE, encoding="utf-8")
    place = Path("results") / "virtual" / "V01"
    good = place / "recordings" / "heel_strike.c3d"
    run = copy.snakemake(
        "--cores", "2", "--configfile", "one.yaml", "--", str(good), "results/virtual/subjects.tsv"
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    data = copy.folder / "data"
    data.mkdir()
    shutil.copy(copy.folder / good, data / "good.c3d")
    shutil.copy(copy.folder / good.with_name("static.c3d"), data)
    truth = copy.folder / place / "truth" / "heel_strike_contacts.csv"
    files = {"good": "good.c3d"} | odd_recordings(data / "good.c3d", truth, data)
    body = rows_tsv(copy.folder / "results" / "virtual" / "subjects.tsv")[0]
    who = f"V01\t{body['mass_kg']}\t{body['height_m']}\t{body['sex']}\tstatic.c3d\t\tvirtual\n"
    trials = "".join(
        f"V01\t{name}\t{file}\t{'heel_strike' if name in LEANING else name}\t3.5\t3.5\t\t\n"
        for name, file in files.items()
    )
    copy.tables(
        SUBJECTS.splitlines(keepends=True)[0] + who, TRIALS.splitlines(keepends=True)[0] + trials
    )
    (copy.folder / "odd.yaml").write_text(ODD, encoding="utf-8")
    return copy


def rows_tsv(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return list(csv.DictReader(lines, delimiter="\t"))


@pytest.fixture(scope="module")
def results(project: Copy) -> Path:
    run = project.snakemake("--cores", "2", "--keep-going", "--configfile", "odd.yaml")
    told = run.stdout + run.stderr
    assert run.returncode == 0, told[-9000:]
    assert "a bug in" not in told
    return project.folder / "results" / "odd"
